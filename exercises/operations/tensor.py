"""Room: exercises. Rows of the operations that combine or rearrange the places of a tensor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from math import prod
from typing import cast

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Shape, apply
from exercises.operations.row import BY_COMPONENTS, Array, At, Jacobian, Operation, Pullback
from exercises.operations.scalar import by_sign
from exercises.writing import Function, MatrixProduct, OuterProduct, Same, Total, Transposed

Index = tuple[int, ...]
Arguments = tuple[Expression, ...]


def total(x: Expression, axes: Index | None = None) -> Expression:
    """Σ over ``axes`` (over all where not given)."""
    return apply("sum", x, parameters=(tuple(range(len(x.shape))) if axes is None else axes,))


def mean(x: Expression, axes: Index | None = None) -> Expression:
    """The mean over ``axes``: their sum divided by how many places they have."""
    over = tuple(range(len(x.shape))) if axes is None else axes
    return Constant(Fraction(1, prod(x.shape[axis] for axis in over))) * total(x, over)


def spread(x: Expression, axes: Index, sizes: Index) -> Expression:
    """x repeated along new axes, which stand at ``axes`` in the result: what ``total`` undoes."""
    return apply("spread", x, parameters=(axes, sizes))


def _ints(parameter: object) -> Index:
    return cast(Index, parameter)


def indexes(shape: Shape) -> Iterable[Index]:
    """Every index of a shape, row by row."""
    return itertools.product(*(range(size) for size in shape))


def add_up(terms: Sequence[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else apply("add", *terms)


# --- products -----------------------------------------------------------------------------------------------------


def _matmul_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    left, right = shapes
    if not left or not right or left[-1] != right[0] or len(left) > 2 or len(right) > 2:
        raise ValueError(f"a product of shapes {left} and {right} doesn't fit")
    return left[:-1] + right[1:]


def _matmul(A: Array, B: Array) -> Array:
    """Contract A's last axis (before the variants) with B's first, one step of the contraction after another."""
    tail = (slice(None),) * (B.ndim - 2)
    gap = (None,) * (B.ndim - 2)
    out = A[..., 0, :][(..., *gap, slice(None))] * B[(0, *tail)]
    for k in range(1, B.shape[0]):
        out = out + A[..., k, :][(..., *gap, slice(None))] * B[(k, *tail)]
    return cast(Array, out)


def _matmul_pullback(g: Expression, out: Expression, A: Expression, B: Expression) -> Arguments:
    if len(A.shape) == 1:
        return (g * B, g * A) if len(B.shape) == 1 else (B @ g, apply("outer", A, g))
    to_left = apply("outer", g, B) if len(B.shape) == 1 else g @ B.T
    return to_left, A.T @ g


def _matmul_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    A, B = arguments
    row, column = index[: len(A.shape) - 1], index[len(A.shape) - 1 :]
    products = [(at(A, (*row, k)), at(B, (k, *column))) for k in range(B.shape[0])]
    if isinstance(A, Apply) and A.operation == "transpose":  # Wᵀδ: the gradient first, as in the chain it stands for
        products = [(right, left) for left, right in products]
    return add_up([left * right for left, right in products])


def _outer_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if any(len(shape) != 1 for shape in shapes):
        raise ValueError(f"an outer product takes two vectors, not shapes {shapes[0]} and {shapes[1]}")
    return shapes[0] + shapes[1]


def _transpose_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if len(shapes[0]) != 2:
        raise ValueError(f"only a matrix can be transposed, not shape {shapes[0]}")
    return shapes[0][::-1]


def _diagonal_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if len(shapes[0]) != 1:
        raise ValueError(f"a diagonal is made of a vector, not of shape {shapes[0]}")
    return shapes[0] * 2


def _diagonal(v: Array) -> Array:
    return np.eye(v.shape[0])[:, :, None] * v[:, None, :]


def _diagonal_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], index[:1]) if index[0] == index[1] else Constant(Fraction(0))


# --- sums and repetitions -----------------------------------------------------------------------------------------


def _without(shape: Sequence[int], axes: Index) -> Shape:
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def _merged(index: Index, axes: Index, extra: Index) -> Index:
    """The index with ``extra`` put in at ``axes``."""
    rest, more = iter(index), dict(zip(axes, extra, strict=True))
    return tuple(more[axis] if axis in more else next(rest) for axis in range(len(index) + len(axes)))


def _sum_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x,), axes = arguments, _ints(parameters[0])
    return add_up([at(x, _merged(index, axes, extra)) for extra in indexes([x.shape[axis] for axis in axes])])


def _spread_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    return _merged(shapes[0], _ints(parameters[0]), _ints(parameters[1]))


def _spread(x: Array, axes: object, sizes: object) -> Array:
    shape = _merged(x.shape[:-1], _ints(axes), _ints(sizes))
    return np.broadcast_to(np.expand_dims(x, _ints(axes)), (*shape, x.shape[-1]))


def _spread_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], _without(index, _ints(parameters[0])))


# --- softmax and maxima -------------------------------------------------------------------------------------------


def _same_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    return shapes[0]


def _softmax(z: Array, axis: int) -> Array:
    grown = np.exp(z - z.max(axis=axis, keepdims=True))  # shifted so that nothing overflows
    return cast(Array, grown / grown.sum(axis=axis, keepdims=True))


def _softmax_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (z,), axis = arguments, cast(int, parameters[0])
    grown = [apply("exp", at(z, (*index[:axis], k, *index[axis + 1 :]))) for k in range(z.shape[axis])]
    return grown[index[axis]] / add_up(grown)


def _softmax_pullback(g: Expression, a: Expression, z: Expression, axis: int) -> Arguments:
    overlap = total(g * a, (axis,))
    return (a * (g - spread(overlap, (axis,), (z.shape[axis],))),)


def _softmax_jacobian(a: Expression) -> Expression:
    return apply("diagonal", a) - apply("outer", a, a)


def _along(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    return _without(shapes[0], _ints(parameters[0]))


def _places(x: Expression, index: Index, axes: Index) -> list[Index]:
    return [_merged(index, axes, extra) for extra in indexes([x.shape[axis] for axis in axes])]


def _largest_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x,), axes = arguments, _ints(parameters[0])
    return reduce(lambda a, b: apply("maximum", a, b), [at(x, place) for place in _places(x, index, axes)])


def _is_largest(x: Array, axes: object) -> Array:
    return np.asarray(x >= x.max(axis=_ints(axes), keepdims=True), dtype=np.float64)


def _is_largest_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x,), axes = arguments, _ints(parameters[0])
    others = [place for place in _places(x, _without(index, axes), axes) if place != index]
    if not others:
        return Constant(Fraction(1))
    rival = reduce(lambda a, b: apply("maximum", a, b), [at(x, place) for place in others])
    return by_sign(at(x, index) - rival, 1, 0, 1)


def _largest_pullback(g: Expression, out: Expression, x: Expression, axes: Index) -> Arguments:
    mask = apply("is_largest", x, parameters=(axes,))
    return (spread(g, axes, tuple(x.shape[axis] for axis in axes)) * mask,)


# --- rearrangements -----------------------------------------------------------------------------------------------


def _gather_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    return (len(_ints(parameters[0])), *shapes[0][1:])


def _scatter(g: Array, rows: object, size: int) -> Array:
    out = np.zeros((size, *g.shape[1:]))
    for place, row in enumerate(_ints(rows)):
        out[row] += g[place]
    return out


def _scatter_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (g,), rows = arguments, _ints(parameters[0])
    hits = [at(g, (place, *index[1:])) for place, row in enumerate(rows) if row == index[0]]
    return add_up(hits) if hits else Constant(Fraction(0))


def _concatenate_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if len({shape[1:] for shape in shapes}) > 1:
        raise ValueError(f"shapes {', '.join(map(str, shapes))} can't be joined along their first axis")
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


def _concatenate(*parts: Array) -> Array:
    variants = max(part.shape[-1] for part in parts)
    return np.concatenate([np.broadcast_to(part, (*part.shape[:-1], variants)) for part in parts])


def _concatenate_pullback(g: Expression, out: Expression, *parts: Expression) -> Arguments:
    ends = list(itertools.accumulate(part.shape[0] for part in parts))
    return tuple(
        _cut(g, ((end - part.shape[0], end, 1), *((0, size, 1) for size in g.shape[1:])))
        for part, end in zip(parts, ends, strict=True)
    )


def _concatenate_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    row = index[0]
    for part in arguments:
        if row < part.shape[0]:
            return at(part, (row, *index[1:]))
        row -= part.shape[0]
    raise IndexError(index)


def _reshape_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if prod(shapes[0]) != prod(_ints(parameters[0])):
        raise ValueError(f"shape {shapes[0]} can't be laid out as {parameters[0]}")
    return _ints(parameters[0])


def _reshape_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    place = int(np.ravel_multi_index(index, _ints(parameters[0]))) if index else 0
    return at(arguments[0], tuple(int(k) for k in np.unravel_index(place, arguments[0].shape)))


def _cut(x: Expression, ranges: tuple[Index, ...]) -> Expression:
    return apply("slice", x, parameters=(ranges,))


def _ranges(parameter: object) -> list[range]:
    return [range(*bounds) for bounds in cast(tuple[Index, ...], parameter)]


def _slice_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    return tuple(len(places) for places in _ranges(parameters[0]))


def _slices(ranges: object) -> tuple[slice, ...]:
    return tuple(slice(*bounds) for bounds in cast(tuple[Index, ...], ranges))


def _slice_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], tuple(places[k] for places, k in zip(_ranges(parameters[0]), index, strict=True)))


def _pad(g: Array, ranges: object, shape: object) -> Array:
    out = np.zeros((*_ints(shape), g.shape[-1]))
    out[_slices(ranges)] = g
    return out


def _pad_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    places = _ranges(parameters[0])
    if all(k in inside for k, inside in zip(index, places, strict=True)):
        return at(arguments[0], tuple(inside.index(k) for k, inside in zip(index, places, strict=True)))
    return Constant(Fraction(0))


TENSOR_ROWS = (
    Operation(
        "matmul", _matmul_shape, _matmul, Pullback(_matmul_pullback), BY_COMPONENTS, MatrixProduct(), _matmul_expand
    ),
    Operation(
        "outer",
        _outer_shape,
        lambda u, v: u[:, None, :] * v[None, :, :],
        Pullback(lambda g, out, u, v: (g @ v, g.T @ u)),
        BY_COMPONENTS,
        OuterProduct(),
        lambda index, at, arguments, parameters: at(arguments[0], index[:1]) * at(arguments[1], index[1:]),
    ),
    Operation(
        "transpose",
        _transpose_shape,
        lambda A: A.swapaxes(0, 1),
        Pullback(lambda g, out, A: (g.T,)),
        BY_COMPONENTS,
        Transposed(),
        lambda index, at, arguments, parameters: at(arguments[0], index[::-1]),
    ),
    Operation(
        "diagonal",
        _diagonal_shape,
        _diagonal,
        Pullback(lambda g, out, v: (apply("diagonal_of", g),)),
        BY_COMPONENTS,
        Function("diag", "the diagonal matrix of"),
        _diagonal_expand,
    ),
    Operation(
        "diagonal_of",
        lambda shapes, parameters: shapes[0][:1],
        lambda A: np.stack([A[k, k] for k in range(A.shape[0])]),
        Pullback(lambda g, out, A: (apply("diagonal", g),)),
        BY_COMPONENTS,
        Function("diag", "the diagonal of"),
        lambda index, at, arguments, parameters: at(arguments[0], index * 2),
    ),
    Operation(
        "sum",
        lambda shapes, parameters: _without(shapes[0], _ints(parameters[0])),
        lambda x, axes: x.sum(axis=axes),
        Pullback(lambda g, out, x, axes: (spread(g, axes, tuple(x.shape[axis] for axis in axes)),)),
        BY_COMPONENTS,
        Total(),
        _sum_expand,
    ),
    Operation(
        "spread",
        _spread_shape,
        _spread,
        Pullback(lambda g, out, x, axes, sizes: (total(g, axes),)),
        BY_COMPONENTS,
        Same(),
        _spread_expand,
    ),
    Operation(
        "softmax",
        _same_shape,
        _softmax,
        Jacobian(_softmax_jacobian, _softmax_pullback),
        BY_COMPONENTS,
        Function("softmax", "softmax"),
        _softmax_expand,
    ),
    Operation(
        "largest",
        _along,
        lambda x, axes: x.max(axis=axes),
        Pullback(_largest_pullback),
        BY_COMPONENTS,
        Function("max", "the largest of"),
        _largest_expand,
    ),
    Operation(
        "is_largest",
        _same_shape,
        _is_largest,
        Pullback(lambda g, out, x, axes: (Constant(Fraction(0), x.shape),)),
        BY_COMPONENTS,
        Function("argmax", "marks of the largest of"),
        _is_largest_expand,
    ),
    Operation(
        "gather",
        _gather_shape,
        lambda x, rows: x[list(rows)],
        Pullback(lambda g, out, x, rows: (apply("scatter", g, parameters=(rows, x.shape[0])),)),
        BY_COMPONENTS,
        Function("rows", "the chosen rows of"),
        lambda index, at, arguments, parameters: at(arguments[0], (_ints(parameters[0])[index[0]], *index[1:])),
    ),
    Operation(
        "scatter",
        lambda shapes, parameters: (cast(int, parameters[1]), *shapes[0][1:]),
        _scatter,
        Pullback(lambda g, out, x, rows, size: (apply("gather", g, parameters=(rows,)),)),
        BY_COMPONENTS,
        Function("into rows", "added into the rows of"),
        _scatter_expand,
    ),
    Operation(
        "concatenate",
        _concatenate_shape,
        _concatenate,
        Pullback(_concatenate_pullback),
        BY_COMPONENTS,
        Function("join", "joined"),
        _concatenate_expand,
    ),
    Operation(
        "reshape",
        _reshape_shape,
        lambda x, shape: x.reshape(*shape, x.shape[-1]),
        Pullback(lambda g, out, x, shape: (apply("reshape", g, parameters=(x.shape,)),)),
        BY_COMPONENTS,
        Same(),
        _reshape_expand,
    ),
    Operation(
        "slice",
        _slice_shape,
        lambda x, ranges: x[_slices(ranges)],
        Pullback(lambda g, out, x, ranges: (apply("pad", g, parameters=(ranges, x.shape)),)),
        BY_COMPONENTS,
        Same(),
        _slice_expand,
    ),
    Operation(
        "pad",
        lambda shapes, parameters: _ints(parameters[1]),
        _pad,
        Pullback(lambda g, out, x, ranges, shape: (_cut(g, ranges),)),
        BY_COMPONENTS,
        Same(),
        _pad_expand,
    ),
)
