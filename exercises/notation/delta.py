"""Room: exercises. Notation `delta`: as `layered`, with δ⁽²⁾ for ∂J/∂z⁽²⁾, as Nielsen and Ng write."""

from __future__ import annotations

from dataclasses import replace

from exercises.notation import layered
from exercises.notation.glyphs import Derivative, Sign
from exercises.notation.style import Style


def derivative(written: Derivative) -> Sign:
    """The error of a unit has a letter of its own; all else stays a partial derivative."""
    if written.top.base == "J" and written.bottom.base == "z":
        return replace(written.bottom, base="δ")
    return written


STYLE = Style("delta", "δ⁽²⁾ for ∂J/∂z⁽²⁾, else as layered", layered.quantity, derivative, layered.told)
