"""Room: exercises. Rows of the operations in which places compete: softmax and the largest."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import cast

import numpy as np

from exercises.expression import Constant, Expression, Parameters, Shape, apply
from exercises.operations.row import BY_COMPONENTS, Array, At, Jacobian, Operation, Pullback
from exercises.operations.scalar import by_sign
from exercises.operations.tensor import (
    Arguments,
    Index,
    add_up,
    checked_axes,
    index_parameter,
    indexes,
    merged,
    reduced_shape,
    spread,
    total,
    without,
)
from exercises.writing import Function


def _softmax_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,) = shapes
    checked_axes(shape, (cast(int, parameters[0]),))
    return shape


def _is_largest_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    reduced_shape(shapes, parameters)
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


def _places(x: Expression, index: Index, axes: Index) -> list[Index]:
    return [merged(index, axes, extra) for extra in indexes([x.shape[axis] for axis in axes])]


def _largest_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (x,), axes = arguments, index_parameter(parameters[0])
    return _largest_of([at(x, place) for place in _places(x, index, axes)])


def _largest_of(terms: Sequence[Expression]) -> Expression:
    return reduce(lambda a, b: apply("maximum", a, b), terms)


def _is_largest(x: Array, axes: object) -> Array:
    """1 at the first of the largest places along ``axes``, 0 elsewhere; NaN where one of them is."""
    over = index_parameter(axes)
    top = x.max(axis=over, keepdims=True)
    found = np.zeros_like(top)
    marks = np.empty_like(x)
    for extra in indexes([x.shape[axis] for axis in over]):
        place = tuple(slice(None) for _ in x.shape)
        for axis, k in zip(over, extra, strict=True):
            place = (*place[:axis], slice(k, k + 1), *place[axis + 1 :])
        marks[place] = np.where(np.isnan(top), np.nan, (x[place] == top) & (found == 0))
        found = found + marks[place]
    return marks


def _is_largest_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    """Larger than every place before, and no smaller than any after."""
    (x,), axes = arguments, index_parameter(parameters[0])
    places = _places(x, without(index, axes), axes)
    here = places.index(index)
    marks = [
        by_sign(at(x, index) - _largest_of([at(x, place) for place in others]), 1, 0, tie)
        for others, tie in ((places[:here], 0), (places[here + 1 :], 1))
        if others
    ]
    return reduce(lambda a, b: a * b, marks) if marks else Constant(Fraction(1))


def _largest_pullback(g: Expression, out: Expression, x: Expression, axes: Index) -> Arguments:
    mask = apply("is_largest", x, parameters=(axes,))
    return (spread(g, axes, tuple(x.shape[axis] for axis in axes)) * mask,)


CHOOSING_ROWS = (
    Operation(
        "softmax",
        _softmax_shape,
        _softmax,
        Jacobian(_softmax_jacobian, _softmax_pullback),
        BY_COMPONENTS,
        Function("softmax", "softmax"),
        _softmax_expand,
    ),
    Operation(
        "largest",
        reduced_shape,
        lambda x, axes: x.max(axis=axes),
        Pullback(_largest_pullback),
        BY_COMPONENTS,
        Function("max", "the largest of"),
        _largest_expand,
    ),
    Operation(
        "is_largest",
        _is_largest_shape,
        _is_largest,
        Pullback(lambda g, out, x, axes: (Constant(Fraction(0), x.shape),)),
        BY_COMPONENTS,
        Function("argmax", "marks of the largest of"),
        _is_largest_expand,
    ),
)
