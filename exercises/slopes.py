"""Room: exercises. Slopes as intervals: how a value moves with what it depends on, whatever errors are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exercises.expression import Constant, Expression
from exercises.lines import enclose
from exercises.operations import intervals
from exercises.operations.row import Array, Interval

Scripts = NDArray[np.intp]


class Slope(NamedTuple):
    """How a value moves with a cell it depends on: the least and the largest slope, and the sums of what rises and of
    what falls over all the places where the cell is read. Arrays (V,) or (1,).
    """

    low: Array
    high: Array
    rising: Array
    falling: Array

    @classmethod
    def of(cls, low: Array, high: Array) -> Slope:
        """The slope at one place."""
        return cls(low, high, np.maximum(high, 0.0), np.maximum(-low, 0.0))

    def only(self, scripts: Scripts) -> Slope:
        return Slope(*(pick(part, scripts) for part in self))

    def spread(self, scripts: Scripts, variants: int) -> Slope:
        """The slope for all scripts: 0 where it isn't one of ``scripts``."""
        return Slope(*(scattered(part, scripts, variants) for part in self))


def pick(array: NDArray[Any], scripts: Scripts) -> NDArray[Any]:
    return array[scripts] if array.shape[0] > 1 else array


def scattered(array: Array, scripts: Scripts, variants: int) -> Array:
    if len(scripts) == variants:
        return array
    whole = np.zeros(variants)
    whole[scripts] = array
    return whole


def gather(slopes: dict[str, Slope], name: str, slope: Slope) -> None:
    """Add a slope to what is known of a cell."""
    before = slopes.get(name)
    slopes[name] = slope if before is None else Slope(*(a + b for a, b in zip(before, slope, strict=True)))


def through(outer: Slope, inner: Slope) -> Slope:
    """How a value moves with what a line reads, given how it moves with the line."""
    low, high = times((outer.low, outer.high), (inner.low, inner.high))
    up, down = np.maximum(outer.high, 0.0), np.maximum(-outer.low, 0.0)
    rising = np.maximum(product(up, inner.rising), product(down, inner.falling))
    falling = np.maximum(product(up, inner.falling), product(down, inner.rising))
    return Slope(low, high, rising, falling)


def along(slope: Interval, partial: Expression, inside: Mapping[str, Interval]) -> Interval:
    """A slope handed on to an argument: times the operation's local derivative by it."""
    if isinstance(partial, Constant):
        factor = float(partial.value)
        return (factor * slope[0], factor * slope[1]) if factor >= 0 else (factor * slope[1], factor * slope[0])
    return times(slope, enclose(partial, inside))


def times(x: Interval, y: Interval) -> Interval:
    """The product of two intervals, in which 0 times whatever is 0: what doesn't depend on a number doesn't mind it."""
    if x[0] is x[1]:
        x, y = y, x
    if y[0] is y[1]:
        one, other = x[0] * y[0], x[1] * y[0]
        low, high = np.minimum(one, other), np.maximum(one, other)
    else:
        low, high = intervals.multiply(x, y)
    if not np.isfinite(low.sum()):
        nothing = ((x[0] == 0) & (x[1] == 0)) | ((y[0] == 0) & (y[1] == 0))
        low, high = np.where(nothing, 0.0, low), np.where(nothing, 0.0, high)
    return low, high


def product(weight: Array, width: Array) -> Array:
    """``weight · width`` for what is never negative, with 0 times infinity as 0."""
    whole: Array = weight * width
    if np.isfinite(whole.sum()):
        return whole
    return np.where((weight == 0) | (width == 0), 0.0, whole)


def magnitude(low: Array, high: Array) -> Array:
    """The largest absolute value in an interval."""
    return np.maximum(np.abs(low), np.abs(high))
