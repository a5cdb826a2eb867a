"""Room: exercises. Rows of the operations that move places about: chosen rows, joins, other layouts, windows."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod
from typing import cast

import numpy as np

from exercises.expression import Constant, Expression, Parameters, Shape, apply
from exercises.operations.row import BY_COMPONENTS, Array, At, Operation, Pullback
from exercises.operations.tensor import (
    Arguments,
    Index,
    add_up,
    index_parameter,
)
from exercises.writing import Function, Same


def _gather_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,), rows = shapes, index_parameter(parameters[0])
    if not shape or not all(0 <= row < shape[0] for row in rows):
        raise ValueError(f"rows {rows} are not all in shape {shape}")
    return (len(rows), *shape[1:])


def _scatter_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,), rows, size = shapes, index_parameter(parameters[0]), cast(int, parameters[1])
    if not shape or len(rows) != shape[0] or not all(0 <= row < size for row in rows):
        raise ValueError(f"shape {shape} can't be added into the rows {rows} of {size}")
    return (size, *shape[1:])


def _scatter(g: Array, rows: object, size: int) -> Array:
    out = np.zeros((size, *g.shape[1:]))
    for place, row in enumerate(index_parameter(rows)):
        out[row] += g[place]
    return out


def _scatter_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    (g,), rows = arguments, index_parameter(parameters[0])
    hits = [at(g, (place, *index[1:])) for place, row in enumerate(rows) if row == index[0]]
    return add_up(hits) if hits else Constant(Fraction(0))


def _concatenate_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    if not all(shapes) or len({shape[1:] for shape in shapes}) != 1:
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
    (shape,) = shapes
    if prod(shape) != prod(index_parameter(parameters[0])):
        raise ValueError(f"shape {shape} can't be laid out as {parameters[0]}")
    return index_parameter(parameters[0])


def _reshape_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    place = int(np.ravel_multi_index(index, index_parameter(parameters[0]))) if index else 0
    return at(arguments[0], tuple(int(k) for k in np.unravel_index(place, arguments[0].shape)))


def _cut(x: Expression, ranges: tuple[Index, ...]) -> Expression:
    return apply("slice", x, parameters=(ranges,))


def _ranges(parameter: object) -> list[range]:
    return [range(*bounds) for bounds in cast(tuple[Index, ...], parameter)]


def _slice_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    (shape,), ranges = shapes, _ranges(parameters[0])
    if len(ranges) != len(shape) or not all(map(_lies_within, ranges, shape)):
        raise ValueError(f"{', '.join(map(str, ranges))} can't be cut from shape {shape}")
    return tuple(len(places) for places in ranges)


def _lies_within(places: range, size: int) -> bool:
    return places.step > 0 and len(places) > 0 and places.start >= 0 and places.stop <= size


def _pad_shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
    around = index_parameter(parameters[1])
    if _slice_shape((around,), parameters) != shapes[0]:
        raise ValueError(f"shape {shapes[0]} doesn't fill what is cut from shape {around}")
    return around


def _slices(ranges: object) -> tuple[slice, ...]:
    return tuple(slice(*bounds) for bounds in cast(tuple[Index, ...], ranges))


def _slice_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    return at(arguments[0], tuple(places[k] for places, k in zip(_ranges(parameters[0]), index, strict=True)))


def _pad(g: Array, ranges: object, shape: object) -> Array:
    out = np.zeros((*index_parameter(shape), g.shape[-1]))
    out[_slices(ranges)] = g
    return out


def _pad_expand(index: Index, at: At, arguments: Arguments, parameters: Parameters) -> Expression:
    places = _ranges(parameters[0])
    if all(k in inside for k, inside in zip(index, places, strict=True)):
        return at(arguments[0], tuple(inside.index(k) for k, inside in zip(index, places, strict=True)))
    return Constant(Fraction(0))


REARRANGING_ROWS = (
    Operation(
        "gather",
        _gather_shape,
        lambda x, rows: x[list(rows)],
        Pullback(lambda g, out, x, rows: (apply("scatter", g, parameters=(rows, x.shape[0])),)),
        BY_COMPONENTS,
        Function("rows", "the chosen rows of"),
        lambda index, at, arguments, parameters: at(
            arguments[0], (index_parameter(parameters[0])[index[0]], *index[1:])
        ),
    ),
    Operation(
        "scatter",
        _scatter_shape,
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
        _pad_shape,
        _pad,
        Pullback(lambda g, out, x, ranges, shape: (_cut(g, ranges),)),
        BY_COMPONENTS,
        Same(),
        _pad_expand,
    ),
)
