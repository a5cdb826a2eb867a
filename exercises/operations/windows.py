"""Room: exercises. Rows of the operations that go window by window: a kernel laid on an input, and the way back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import numpy as np

from exercises.expression import Constant, Expression, Parameters, Shape, apply
from exercises.operations.row import BY_COMPONENTS, Array, At, Operation, Pullback
from exercises.operations.tensor import Arguments, Index, add_up, index_parameter
from exercises.writing import Function

Spacing = tuple[int, int, int]
"""How far windows are apart (stride), how many zeros stand around the input (padding), and how far the places within a
window are apart (dilation)."""


def convolve(x: Expression, kernel: Expression, stride: int = 1, padding: int = 0) -> Expression:
    """Σ kernel[a] · x[i·stride + a − padding] for each window i, as deep learning defines it: no kernel is flipped."""
    shape = tuple((n + 2 * padding - k) // stride + 1 for n, k in zip(x.shape, kernel.shape, strict=True))
    return apply("convolve", x, kernel, parameters=((stride, padding, 1), shape))


def _read(parameters: Parameters) -> tuple[Spacing, Shape]:
    return cast(Spacing, parameters[0]), index_parameter(parameters[1])


def _fits(inputs: Shape, kernel: Shape, windows: Shape, spacing: Spacing) -> bool:
    stride, padding, dilation = spacing
    if not len(inputs) == len(kernel) == len(windows) or min((stride, dilation, *windows, *kernel), default=0) < 1:
        return False
    return all(
        stride * (count - 1) + dilation * (size - 1) + 1 <= whole + 2 * padding
        for whole, size, count in zip(inputs, kernel, windows, strict=True)
    )


def _convolve_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (inputs, kernel), (spacing, windows) = shapes, _read(parameters)
    if not _fits(inputs, kernel, windows, spacing):
        raise ValueError(f"windows {windows} of a kernel {kernel} don't fit an input {inputs}, spaced {spacing}")
    return windows


def _spread_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (windows, kernel), (spacing, inputs) = shapes, _read(parameters)
    if not _fits(inputs, kernel, windows, spacing):
        raise ValueError(f"windows {windows} of a kernel {kernel} don't come from {inputs}, spaced {spacing}")
    return inputs


def _places(kernel: Shape) -> Iterator[Index]:
    return itertools.product(*(range(size) for size in kernel))


def _under(place: Index, windows: Shape, spacing: Spacing) -> tuple[slice, ...]:
    """Where one place of the kernel lies, for all windows at once, in an input with its padding."""
    stride, _, dilation = spacing
    return tuple(
        slice(a * dilation, a * dilation + stride * (count - 1) + 1, stride)
        for a, count in zip(place, windows, strict=True)
    )


def _padded(x: Array, padding: int) -> Array:
    return np.pad(x, [(padding, padding)] * (x.ndim - 1) + [(0, 0)]) if padding else x


def _convolve(x: Array, kernel: Array, spacing: object, windows: object) -> Array:
    space, counts = cast(Spacing, spacing), index_parameter(windows)
    padded = _padded(x, space[1])
    out = np.zeros((*counts, max(x.shape[-1], kernel.shape[-1])))
    for place in _places(kernel.shape[:-1]):
        out += kernel[place] * padded[_under(place, counts, space)]
    return out


def _spread(g: Array, kernel: Array, spacing: object, inputs: object) -> Array:
    space, whole = cast(Spacing, spacing), index_parameter(inputs)
    padding = space[1]
    out = np.zeros((*(size + 2 * padding for size in whole), max(g.shape[-1], kernel.shape[-1])))
    for place in _places(kernel.shape[:-1]):
        out[_under(place, g.shape[:-1], space)] += kernel[place] * g
    return out[tuple(slice(padding, padding + size) for size in whole)]


def _convolve_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x, kernel), (spacing, _) = arguments, _read(parameters)
    stride, padding, dilation = spacing
    terms = []
    for place in _places(kernel.shape):
        under = tuple(i * stride + a * dilation - padding for i, a in zip(index, place, strict=True))
        if all(0 <= k < size for k, size in zip(under, x.shape, strict=True)):  # around it are zeros
            terms.append(at(kernel, place) * at(x, under))
    return add_up(terms) if terms else Constant(Fraction(0))


def _spread_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (g, kernel), (spacing, _) = arguments, _read(parameters)
    stride, padding, dilation = spacing
    terms = []
    for place in _places(kernel.shape):
        steps = [divmod(j + padding - a * dilation, stride) for j, a in zip(index, place, strict=True)]
        window = tuple(i for i, _ in steps)
        if not any(rest for _, rest in steps) and all(0 <= i < n for i, n in zip(window, g.shape, strict=True)):
            terms.append(at(g, window) * at(kernel, place))
    return add_up(terms) if terms else Constant(Fraction(0))


def _by_input(g: Expression, x: Expression, kernel: Expression, spacing: Spacing) -> Expression:
    return apply("spread_windows", g, kernel, parameters=(spacing, x.shape))


def _by_kernel(g: Expression, x: Expression, kernel: Expression, spacing: Spacing) -> Expression:
    """The gradients are laid on the input as a kernel would be, their places as far apart as the windows were."""
    stride, padding, dilation = spacing
    return apply("convolve", x, g, parameters=((dilation, padding, stride), kernel.shape))


WINDOW_ROWS = (
    Operation(
        "convolve",
        _convolve_shape,
        _convolve,
        Pullback(lambda g, out, x, k, spacing, windows: (_by_input(g, x, k, spacing), _by_kernel(g, x, k, spacing))),
        BY_COMPONENTS,
        Function("conv", "the convolution of"),
        _convolve_expand,
    ),
    Operation(
        "spread_windows",
        _spread_shape,
        _spread,
        Pullback(
            lambda g, out, d, k, spacing, inputs: (
                apply("convolve", g, k, parameters=(spacing, d.shape)),
                _by_kernel(d, g, k, spacing),
            )
        ),
        BY_COMPONENTS,
        Function("spread", "the spread over windows of"),
        _spread_expand,
    ),
)
