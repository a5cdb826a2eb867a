"""Room: templates. Numbers as platforms read them: plain ASCII, no exponent, exactly the decimal they stand for."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from templates.export.item import Accepted

FIGURES = 3
"""Significant figures of a half-width; rounded up, so it is at most 1 % wider than it need be."""


def written(value: Decimal) -> str:
    """``-0.0042``: no exponent, no noughts at the end, no minus before nought."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def accepted(value: float, half_width: float) -> Accepted:
    """The doubles as decimals of sensible length, whose interval holds that of the doubles."""
    wide, centre = Decimal(half_width), Decimal(value)
    quantum = Decimal(1).scaleb(wide.adjusted() - FIGURES + 1)
    middle = centre.quantize(quantum, rounding=ROUND_HALF_EVEN)
    width = (wide + abs(centre - middle)).quantize(quantum, rounding=ROUND_CEILING)
    return Accepted(middle, width)
