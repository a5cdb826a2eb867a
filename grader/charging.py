"""Room: grader. What a mistake costs: one mistake repeated in several quantities is paid for in the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from exercises.names import parse_cell
from grader.diagnosis import Explanation
from grader.judging import Verdict

FULL, NONE = Fraction(1), Fraction(0)

EARNS = {Verdict.CORRECT: FULL, Verdict.CARRIED: FULL}
"""The mark of a verdict; all others earn nothing."""

Repeat = Literal["once", "each"]
"""Whether a mistake that is made again costs again."""


def paid_already(asked: Sequence[str], explanations: Sequence[Explanation], repeat: Repeat = "once") -> dict[str, str]:
    """The wrong cells that cost nothing, each with the quantity at which its mistake has been paid for.

    ``asked`` are the cells that can cost something, in the program's order. A mistake counts where it is told for sure;
    rival readings of the same cells are one mistake. A slip of the pen is paid for each time.
    """
    if repeat == "each":
        return {}
    free: dict[str, str] = {}
    for explanation in explanations:
        if explanation.tentative or explanation.slip or explanation.cancels:
            continue
        touched = [cell for cell in asked if cell in explanation.cells]
        quantities = list(dict.fromkeys(parse_cell(cell).quantity for cell in touched))
        free |= {cell: quantities[0] for cell in touched if parse_cell(cell).quantity != quantities[0]}
    return free


def mark_of(verdict: Verdict, *, paid: bool = False) -> Fraction:
    """The mark of an asked cell; ``paid`` where its mistake has been charged before."""
    return FULL if paid and verdict is Verdict.WRONG else EARNS.get(verdict, NONE)
