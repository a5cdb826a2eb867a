"""Room: exercises. Rows of the operations that combine the places of a tensor: products, sums, repetitions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import cast

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Shape, apply
from exercises.operations.row import BY_COMPONENTS, Array, At, Operation, Pullback
from exercises.writing import Function, MatrixProduct, OuterProduct, Repeated, Total, Transposed

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


def index_parameter(parameter: object) -> Index:
    return cast(Index, parameter)


def checked_axes(shape: Sequence[int], axes: Index) -> Index:
    if len(set(axes)) < len(axes) or not all(0 <= axis < len(shape) for axis in axes):
        raise ValueError(f"axes {axes} are not all different axes of shape {tuple(shape)}")
    return axes


def indexes(shape: Sequence[int]) -> Iterable[Index]:
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


def _matmul(A: Array, B: Array, out: Array | None = None) -> Array:
    """Contract A's last axis (before the variants) with B's first.

    One pass without arrays in between: half the time of a product and a sum for each step of the contraction.
    """
    return cast(Array, np.einsum(_SUBSCRIPTS[A.ndim - 1, B.ndim - 1], A, B, out=out))


_SUBSCRIPTS = {(1, 1): "kv,kv->v", (2, 1): "ikv,kv->iv", (1, 2): "kv,kjv->jv", (2, 2): "ikv,kjv->ijv"}


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
    left, right = shapes
    if len(left) != 1 or len(right) != 1:
        raise ValueError(f"an outer product takes two vectors, not shapes {left} and {right}")
    return left + right


def _transpose_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,) = shapes
    if len(shape) != 2:
        raise ValueError(f"only a matrix can be transposed, not shape {shape}")
    return shape[::-1]


def _diagonal_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,) = shapes
    if len(shape) != 1:
        raise ValueError(f"a diagonal is made of a vector, not of shape {shape}")
    return shape * 2


def _diagonal_of_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,) = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"only a square matrix has a diagonal here, not shape {shape}")
    return shape[:1]


def _diagonal(v: Array) -> Array:
    return np.eye(v.shape[0])[:, :, None] * v[:, None, :]


def _diagonal_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], index[:1]) if index[0] == index[1] else Constant(Fraction(0))


# --- sums and repetitions -----------------------------------------------------------------------------------------


def reduced_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,) = shapes
    return without(shape, checked_axes(shape, index_parameter(parameters[0])))


def without(shape: Sequence[int], axes: Index) -> Shape:
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def merged(index: Index, axes: Index, extra: Index) -> Index:
    """The index with ``extra`` put in at ``axes``."""
    rest, more = iter(index), dict(zip(axes, extra, strict=True))
    return tuple(more[axis] if axis in more else next(rest) for axis in range(len(index) + len(axes)))


def _sum(x: Array, axes: Index, out: Array | None = None) -> Array:
    return cast(Array, np.add.reduce(x, axis=axes, out=out))


def _sum_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x,), axes = arguments, index_parameter(parameters[0])
    return add_up([at(x, merged(index, axes, extra)) for extra in indexes([x.shape[axis] for axis in axes])])


def _spread_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,), axes, sizes = shapes, index_parameter(parameters[0]), index_parameter(parameters[1])
    if len(axes) != len(sizes):
        raise ValueError(f"{len(axes)} new axes can't have {len(sizes)} sizes")
    return merged(shape, checked_axes((*shape, *sizes), axes), sizes)


def _spread(x: Array, axes: object, sizes: object) -> Array:
    shape = merged(x.shape[:-1], index_parameter(axes), index_parameter(sizes))
    return np.broadcast_to(np.expand_dims(x, index_parameter(axes)), (*shape, x.shape[-1]))


def _spread_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], without(index, index_parameter(parameters[0])))


TENSOR_ROWS = (
    Operation(
        "matmul",
        _matmul_shape,
        _matmul,
        Pullback(_matmul_pullback),
        BY_COMPONENTS,
        MatrixProduct(),
        _matmul_expand,
        fills=True,
    ),
    Operation(
        "outer",
        _outer_shape,
        lambda u, v, out=None: np.multiply(u[:, None, :], v[None, :, :], out=out),
        Pullback(lambda g, out, u, v: (g @ v, g.T @ u)),
        BY_COMPONENTS,
        OuterProduct(),
        lambda index, at, arguments, parameters: at(arguments[0], index[:1]) * at(arguments[1], index[1:]),
        fills=True,
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
        _diagonal_of_shape,
        lambda A: np.stack([A[k, k] for k in range(A.shape[0])]),
        Pullback(lambda g, out, A: (apply("diagonal", g),)),
        BY_COMPONENTS,
        Function("diag", "the diagonal of"),
        lambda index, at, arguments, parameters: at(arguments[0], index * 2),
    ),
    Operation(
        "sum",
        reduced_shape,
        _sum,
        Pullback(lambda g, out, x, axes: (spread(g, axes, tuple(x.shape[axis] for axis in axes)),)),
        BY_COMPONENTS,
        Total(),
        _sum_expand,
        fills=True,
    ),
    Operation(
        "spread",
        _spread_shape,
        _spread,
        Pullback(lambda g, out, x, axes, sizes: (total(g, axes),)),
        BY_COMPONENTS,
        Repeated(),
        _spread_expand,
    ),
)
