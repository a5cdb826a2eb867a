"""Room: exercises. Interval rules: the bounds column of the scalar rows.

An interval that holds a point where the operation isn't defined comes out infinite or NaN, which readers take as "can't be
decided". Rounding of the arithmetic itself (1e-16) is left to the named slack of whoever compares.
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
    return np.where(undefined, -np.inf, 1 / x[1]), np.where(undefined, np.inf, 1 / x[0])


def divide(x: Interval, y: Interval) -> Interval:
    return multiply(x, reciprocal(y))


def square(x: Interval) -> Interval:
    low, high = _hull(x[0] * x[0], x[1] * x[1])
    return np.where(straddles(x), 0.0, low), high


def power(x: Interval, n: Interval) -> Interval:
    """Corners, which bound it for positive bases; whole fixed exponents also for bases of any sign."""
    low, high = _hull(x[0] ** n[0], x[0] ** n[1], x[1] ** n[0], x[1] ** n[1])
    around_zero = straddles(x)
    low = np.where(around_zero, np.minimum(low, np.where(n[0] > 0, 0.0, -np.inf)), low)
    high = np.where(around_zero & (n[0] <= 0), np.inf, high)
    varying_exponent = (x[0] <= 0) & (n[0] != n[1])
    return np.where(varying_exponent, np.nan, low), np.where(varying_exponent, np.nan, high)


def maximum(x: Interval, y: Interval) -> Interval:
    return np.maximum(x[0], y[0]), np.maximum(x[1], y[1])


def cosine(x: Interval) -> Interval:
    low, high = _hull(np.cos(x[0]), np.cos(x[1]))
    top = _holds_multiple(x, 0.0)
    bottom = _holds_multiple(x, np.pi)
    return np.where(bottom, -1.0, low), np.where(top, 1.0, high)


def sine(x: Interval) -> Interval:
    quarter = np.pi / 2
    return cosine((x[0] - quarter, x[1] - quarter))


def _holds_multiple(x: Interval, offset: float) -> NDArrayBool:
    """Where the interval holds ``offset`` plus a whole number of turns."""
    turn = 2 * np.pi
    return np.asarray(np.floor((x[1] - offset) / turn) >= np.ceil((x[0] - offset) / turn))


def by_sign(x: Interval, above: float, below: float, at_zero: float) -> Interval:
    low, high = np.where(x[0] > 0, above, np.nan), np.where(x[0] > 0, above, np.nan)
    low, high = np.where(x[1] < 0, below, low), np.where(x[1] < 0, below, high)
    pinned_at_zero = (x[0] == 0) & (x[1] == 0)
    either = straddles(x) & ~pinned_at_zero
    low, high = np.where(pinned_at_zero, at_zero, low), np.where(pinned_at_zero, at_zero, high)
    return np.where(either, min(above, below), low), np.where(either, max(above, below), high)


NDArrayBool = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
