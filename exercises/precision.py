"""Room: exercises. To how many places each quantity is asked, and how a number is written to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from exercises.errors import InputError
from exercises.names import matches, parse_cell
from exercises.operations.row import Array

FEWEST, MOST = 0, 12

NOISE_DIGITS = 14
"""Significant digits that survive double arithmetic; what lies beyond must not decide a tie (0.32724049999999993)."""

HUGE, HUGE_DIGITS = 1e14, 6
"""From here on, places after the point are beyond a double's digits, and so many digits of a number are shown."""

_WORDS = re.compile(r"\s*([0-9]{1,2})\s*(decimals?|significant)?\s*")


@dataclass(frozen=True, slots=True)
class Places:
    """``digits`` after the point, or significant ones."""

    digits: int
    significant: bool = False

    def __str__(self) -> str:
        if self.significant:
            return f"{self.digits} significant figures"
        return f"{self.digits} decimal place" + ("s" if self.digits != 1 else "")

    def unit(self, values: Array) -> Array:
        """One unit of the last place that counts, for each value; same shape."""
        if not self.significant:
            return np.full(np.shape(values), 10.0**-self.digits)
        with np.errstate(divide="ignore", invalid="ignore"):
            exponent = np.floor(np.log10(np.abs(values)))
        exponent = np.where(np.isfinite(exponent), exponent, 0.0)
        return np.asarray(10.0 ** (exponent - (self.digits - 1)))

    def text(self, value: float) -> str:
        """The value to these places, ties away from zero, no minus before a zero; an exponent only from HUGE on."""
        if abs(value) >= HUGE:  # nothing that a sheet asks for, but what follows from a telephone number in a cell
            return f"{value:.{HUGE_DIGITS}g}"
        if not self.significant and _off_ties(abs(value) * 10.0**self.digits):
            text = f"{value:.{self.digits}f}"
            return text if text[0] != "-" or text.strip("-0.") else text[1:]
        exact = Decimal(f"{value:.{NOISE_DIGITS}g}")
        if self.significant:
            return _significant(exact, self.digits)
        rounded = exact.quantize(Decimal(1).scaleb(-self.digits), rounding=ROUND_HALF_UP)
        return f"{rounded or abs(rounded):f}"  # no minus before a zero


TIE, SURE = 1e-6, 1e6
"""Units around a tie, and units in all, within which noise in the last of 14 digits can't turn a value's rounding."""


def _off_ties(units: float) -> bool:
    """Whether plain rounding does: no tie is near. Not so for what isn't finite."""
    return units < SURE and abs(units % 1.0 - 0.5) > TIE


def _significant(exact: Decimal, digits: int) -> str:
    if not exact:
        return "0"
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), rounding=ROUND_HALF_UP)
    if rounded.adjusted() > exact.adjusted():  # 9.996 to three figures is 10.0
        rounded = exact.quantize(Decimal(1).scaleb(rounded.adjusted() - digits + 1), rounding=ROUND_HALF_UP)
    return f"{rounded:f}"


@dataclass(frozen=True, slots=True)
class Precision:
    """The places of every quantity: ``default``, unless the quantity or its stem has its own."""

    default: Places
    own: Mapping[str, Places] = field(default_factory=dict)

    def of(self, cell: str) -> Places:
        """The places of a cell or quantity."""
        if not self.own:
            return self.default
        quantity = parse_cell(cell).quantity
        if quantity in self.own:
            return self.own[quantity]
        fitting = (places for asked, places in self.own.items() if matches(asked, quantity))
        return next(fitting, self.default)


def parse_places(value: object, where: str) -> Places:
    """``3``, ``"3 decimals"`` or ``"3 significant"``; InputError names what was found."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    match = _WORDS.fullmatch(text)
    if match is None:
        raise InputError(f'expected a number of places such as 3 or "3 significant", found {value!r}', where=where)
    places = Places(int(match[1]), match[2] == "significant")
    lowest = 1 if places.significant else FEWEST
    if not lowest <= places.digits <= MOST:
        raise InputError(f"expected {lowest} to {MOST} places, found {places.digits}", where=where)
    return places


def written(precision: Precision) -> int | str | dict[str, int | str]:
    """The value of ``decimals`` that says the same."""
    default = _places_written(precision.default)
    if not precision.own:
        return default
    return {"default": default} | {name: _places_written(places) for name, places in precision.own.items()}


def _places_written(places: Places) -> int | str:
    return f"{places.digits} significant" if places.significant else places.digits


def parse_precision(value: object, where: str) -> Precision:
    """Read what ``written`` wrote; InputError names what was found."""
    if not isinstance(value, dict):
        return Precision(parse_places(value, where))
    own = {name: parse_places(places, f"{where}, {name}") for name, places in value.items() if name != "default"}
    return Precision(parse_places(value.get("default"), f"{where}, default"), own)
