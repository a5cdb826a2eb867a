"""Room: grader. How far a number may be from what it should be: the four tolerances a teacher can choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from exercises.bounds import Reading
from exercises.operations.row import Array, Mask
from exercises.precision import Places

SLACK = 1e-9
"""Units of the last place added to every half-width: decimals have no exact binary form, so honest ties miss by
1e-13.
"""

NOISE = 1e-13
"""Part of the value added besides, for what double arithmetic leaves of numbers that are large beside their unit."""


class Tolerance(Protocol):
    """``allowed`` is the half-width around ``expected``; ``fits`` whether a value lies within. Arrays (V,)."""

    def allowed(self, reading: Reading, cell: str, expected: Array) -> Array: ...

    def fits(self, value: Array, expected: Array, allowed: Array) -> Mask: ...


def _within(value: Array, expected: Array, allowed: Array) -> Mask:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray((np.abs(value - expected) <= allowed) | ((allowed == np.inf) & np.isfinite(value)))


@dataclass(frozen=True, slots=True)
class ByRounding:
    """What rounding by hand can do and no more: half a unit for the value itself, and the reach of everything before
    it.

    Infinite where a divisor's enclosure holds 0, or nothing can be expected at all (the logarithm of a negative
    number): such a cell can't be decided, and is not marked wrong.
    """

    def allowed(self, reading: Reading, cell: str, expected: Array) -> Array:
        reach = reading.reach(cell)
        half = reading.half_unit(cell, np.abs(expected) + reach)
        allowed = half + reach + 2 * SLACK * half + NOISE * np.abs(expected)
        return np.where(np.isnan(allowed), np.inf, allowed)

    def fits(self, value: Array, expected: Array, allowed: Array) -> Mask:
        return _within(value, expected, allowed)


@dataclass(frozen=True, slots=True)
class ByDistance:
    """Fits when |v − e| ≤ max(atol, rtol·|e|); but zero or the wrong sign never stands for a number that isn't 0."""

    atol: float = 0.0
    rtol: float = 0.0

    def allowed(self, reading: Reading, cell: str, expected: Array) -> Array:
        return np.maximum(self.atol, self.rtol * np.abs(expected))

    def fits(self, value: Array, expected: Array, allowed: Array) -> Mask:
        same_sign = (expected == 0) | (np.sign(value) == np.sign(expected))
        return np.asarray(_within(value, expected, allowed) & same_sign)


@dataclass(frozen=True, slots=True)
class ByPlaces:
    """Fits when it agrees to so many decimals or significant figures: within half a unit of that place."""

    places: Places

    def allowed(self, reading: Reading, cell: str, expected: Array) -> Array:
        return self.places.unit(expected) * (0.5 + SLACK)

    def fits(self, value: Array, expected: Array, allowed: Array) -> Mask:
        return _within(value, expected, allowed)
