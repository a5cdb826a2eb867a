"""Room: exercises. Slips of the pen: the right number, written down wrong.

They are no wrong rules but changes of the number itself, and read both ways: ``readings`` says what a slip makes of a
right value, ``meant`` which right values a written number may come from. Marking asks ``meant``: the result can be held
against the expected value within the very bound that rounding allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from exercises.operations.row import Array

SHIFTS = (10.0, 0.1, 100.0, 0.01)
"""Factors by which a decimal point slips: one place, or two."""

MOST_DIGITS = 15
"""Digits that a double holds."""

SLACK = 1e-9
"""Units added before digits are cut off: 0.3 / 0.1 is a little less than 3."""

Readings = Callable[[Array, Array], Array]
"""Values and units of their last place, both of shape S -> candidates of shape (k, *S), NaN where there is none."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One way to write a right number down wrong.

    ``readings(right, unit)`` are the numbers a slip makes of it, ``meant(written, unit)`` the right numbers a written
    one may come from. With ``of_neighbour`` the right number is that of another cell (see ``neighbours``). The only
    place of ``sentence`` is ``{cell}``.
    """

    code: str
    sentence: str
    readings: Readings
    meant: Readings
    seen_at: str
    of_neighbour: bool = False


def neighbours(cells: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The cells that stand before and after each in the table of answers; ``cells`` come in its order."""
    places = range(len(cells))
    return {
        cells[here]: tuple(cells[there] for there in (here - 1, here + 1) if 0 <= there < len(cells)) for here in places
    }


def _rounded(values: Array, unit: Array) -> Array:
    return np.asarray(np.copysign(np.floor(np.abs(values) / unit + 0.5 + SLACK) * unit, values))


def _point_moved(values: Array, unit: Array) -> Array:
    right = _rounded(values, unit)
    return np.stack([np.where(right == 0, np.nan, right * factor) for factor in SHIFTS])


def _point_moved_back(values: Array, unit: Array) -> Array:
    with np.errstate(over="ignore"):  # of 1e308 there is no larger one that it could have been
        return np.stack([np.where(values == 0, np.nan, values / factor) for factor in SHIFTS])


def _neighbouring_digits_swapped(values: Array, unit: Array) -> Array:
    """Of the digits written from the first decimal on, or from the first digit that isn't 0 before the point."""
    whole = np.floor(np.abs(values) / unit + 0.5 + SLACK)
    length = _digits(whole, unit)
    widest = int(min(np.max(np.where(np.isfinite(length), length, 1), initial=1), MOST_DIGITS))
    swapped = [_swapped_at(place, whole, unit) for place in range(widest - 1)] or [np.full_like(whole, np.nan)]
    return np.copysign(np.stack(swapped) * unit, values)


def _digits(whole: Array, unit: Array) -> Array:
    """How many digits a number of so many units is written with; a nought before the point doesn't count."""
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.where(whole > 0, np.floor(np.log10(whole) + SLACK) + 1, 1)
    return np.maximum(length, np.rint(-np.log10(unit)))


def _swapped_at(place: int, whole: Array, unit: Array) -> Array:
    low, high = 10.0**place, 10.0 ** (place + 1)
    first, second = np.floor(whole / low) % 10, np.floor(whole / high) % 10
    result = whole + (second - first) * (low - high)
    as_long = _digits(result, unit) == _digits(whole, unit)  # nobody writes 05 for 50
    return np.where((first != second) & as_long & (place + 1 < _digits(whole, unit)), result, np.nan)


def _cut_off(values: Array, unit: Array) -> Array:
    cut = np.copysign(np.floor(np.abs(values) / unit + SLACK) * unit, values)
    differs = np.abs(cut - _rounded(values, unit)) > unit / 2
    return np.where(differs, cut, np.nan)[None]


def _before_cutting(values: Array, unit: Array) -> Array:
    """The middle of what is cut to the written number; below and above an written 0."""
    away = values + np.where(values < 0, -unit, unit) / 2
    return np.stack([away, np.where(values == 0, -unit / 2, np.nan)])


def _negative(values: Array, unit: Array) -> Array:
    return np.where(values == 0, np.nan, -values)[None]


def _same(values: Array, unit: Array) -> Array:
    return values[None]


SLIPS: tuple[Slip, ...] = (
    Slip(
        code="sign-slip",
        sentence="{cell} has the right digits; only its sign is the other one.",
        readings=lambda values, unit: _negative(_rounded(values, unit), unit),
        meant=_negative,
        seen_at="Minus signs get lost between two lines; the derivative of cosine, taken as +sine, is among the wrong "
        "answers noted for log(2 + cos x).",
    ),
    Slip(
        code="decimal-point",
        sentence="{cell} has the right digits; its decimal point has slipped.",
        readings=_point_moved,
        meant=_point_moved_back,
        seen_at="Numbers such as 0.0351 written as 0.351: zeros behind the point are easily lost.",
    ),
    Slip(
        code="digits-swapped",
        sentence="Two neighbouring digits of {cell} have changed places.",
        readings=_neighbouring_digits_swapped,
        meant=_neighbouring_digits_swapped,
        seen_at="The commonest slip of copying and typing numbers next to a single wrong digit, and what check digits "
        "are made to catch.",
    ),
    Slip(
        code="truncated",
        sentence="{cell} has been cut off, not rounded: its last digit would have gone up.",
        readings=_cut_off,
        meant=_before_cutting,
        seen_at="The 3-3-1 tutorial prints 0.8354 for 0.835456; so do calculators that show fewer digits than they "
        "hold.",
    ),
    Slip(
        code="copied-neighbour",
        sentence="{cell} holds the number of the cell next to it.",
        readings=lambda values, unit: _same(_rounded(values, unit), unit),
        meant=_same,
        seen_at="A line of the table is skipped or written twice when results are copied from the rough sheet.",
        of_neighbour=True,
    ),
)
