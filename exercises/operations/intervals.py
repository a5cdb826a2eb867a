"""Room: exercises. Interval rules: the bounds column of the scalar rows.

An interval that holds a point where the operation isn't defined comes out NaN, and NaN it stays through whatever
follows: readers take it, like an infinite one, as "can't be decided". Rounding of the arithmetic itself (1e-16) is left
to the named slack of whoever compares.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exercises.operations.row import Array, Interval


def increasing(value: Callable[..., Array]) -> Callable[..., Interval]:
    """The rule of a function that never falls."""

    def bounds(x: Interval, *parameters: object) -> Interval:
        return value(x[0], *parameters), value(x[1], *parameters)

    return bounds


def log(x: Interval) -> Interval:
    defined = x[0] > 0  # at 0 itself there is no logarithm, not an infinite one
    return np.where(defined, np.log(x[0]), np.nan), np.where(defined, np.log(x[1]), np.nan)


def log10(x: Interval) -> Interval:
    low, high = log(x)
    return low / np.log(10), high / np.log(10)


def sqrt(x: Interval) -> Interval:
    defined = x[0] >= 0
    return np.where(defined, np.sqrt(x[0]), np.nan), np.where(defined, np.sqrt(x[1]), np.nan)


def add(*terms: Interval) -> Interval:
    low, high = terms[0]
    for term in terms[1:]:
        low, high = low + term[0], high + term[1]
    return low, high


def subtract(x: Interval, y: Interval) -> Interval:
    return x[0] - y[1], x[1] - y[0]


def negate(x: Interval) -> Interval:
    return -x[1], -x[0]


def _hull(*corners: Array) -> Interval:
    low = high = corners[0]
    for corner in corners[1:]:
        low, high = np.minimum(low, corner), np.maximum(high, corner)
    return low, high


def multiply(x: Interval, y: Interval) -> Interval:
    return _hull(x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1])


def straddles(x: Interval) -> NDArrayBool:
    """Where the interval holds zero."""
    return (x[0] <= 0) & (x[1] >= 0)


def reciprocal(x: Interval) -> Interval:
    undefined = straddles(x)
    return np.where(undefined, np.nan, 1 / x[1]), np.where(undefined, np.nan, 1 / x[0])


def divide(x: Interval, y: Interval) -> Interval:
    return multiply(x, reciprocal(y))


def square(x: Interval) -> Interval:
    low, high = _hull(x[0] * x[0], x[1] * x[1])
    return np.where(straddles(x), 0.0, low), high


def power(x: Interval, n: Interval) -> Interval:
    """Corners, which bound it for positive bases; whole fixed exponents also for bases of any sign."""
    low, high = _hull(x[0] ** n[0], x[0] ** n[1], x[1] ** n[0], x[1] ** n[1])
    around_zero = straddles(x)
    low = np.where(around_zero, np.minimum(low, 0.0), low)  # an even power turns at 0
    undefined = (x[0] <= 0) & (n[0] != n[1]) | around_zero & (n[0] < 0)
    undefined |= np.isnan(x[0] + x[1] + n[0] + n[1])  # or else 1 to the power of NaN were 1
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def maximum(x: Interval, y: Interval) -> Interval:
    return np.maximum(x[0], y[0]), np.maximum(x[1], y[1])


def cosine(x: Interval) -> Interval:
    return _wave(x, np.cos(x[0]), np.cos(x[1]), top=0.0)


def sine(x: Interval) -> Interval:
    return _wave(x, np.sin(x[0]), np.sin(x[1]), top=np.pi / 2)


def cosine_of_degrees(x: Interval) -> Interval:
    return cosine((np.deg2rad(x[0]), np.deg2rad(x[1])))


def sine_of_degrees(x: Interval) -> Interval:
    return sine((np.deg2rad(x[0]), np.deg2rad(x[1])))


def _wave(x: Interval, first: Array, last: Array, *, top: float) -> Interval:
    """Between the values at both ends, and up to ±1 where a crest (at ``top``) or a trough lies between them."""
    low, high = _hull(first, last)
    return np.where(_holds_turn(x, top + np.pi), -1.0, low), np.where(_holds_turn(x, top), 1.0, high)


def _holds_turn(x: Interval, offset: float) -> NDArrayBool:
    """Where the interval holds ``offset`` plus a whole number of turns."""
    turn = 2 * np.pi
    return np.asarray(np.floor((x[1] - offset) / turn) >= np.ceil((x[0] - offset) / turn))


def by_sign(x: Interval, above: float, below: float, at_zero: float) -> Interval:
    """Every slope that a straddled kink may show; NaN where the sign of x isn't known."""
    possible = ((x[0] < 0, below), (straddles(x), at_zero), (x[1] > 0, above))
    low, _ = _hull(*(np.where(can_be, level, np.inf) for can_be, level in possible))
    _, high = _hull(*(np.where(can_be, level, -np.inf) for can_be, level in possible))
    unknown = np.isnan(x[0]) | np.isnan(x[1])
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


NDArrayBool = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
