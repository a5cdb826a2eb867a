"""Room: grader. What a mistake costs: one mistake repeated in several quantities is paid for in the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exercises.mistaken import Kind
from exercises.names import parse_cell
from grader.diagnosis import Explanation


@dataclass(frozen=True, slots=True)
class Standing:
    """What the explanations of a script say of a wrong cell's marks.

    ``recognised``: its mistake is told for sure; ``convention``: that mistake is a convention; ``paid_at``: the
    quantity at which the same mistake has been charged; ``short``: nothing is wrong but that it has too few places.
    """

    recognised: bool = False
    convention: bool = False
    paid_at: str | None = None
    short: bool = False


UNKNOWN = Standing()
SHORT = Standing(recognised=True, short=True)


def standings(
    asked: Sequence[str], explanations: Sequence[Explanation], short: Iterable[str] = ()
) -> dict[str, Standing]:
    """The standing of every cell that an explanation told for sure accounts for, and of those short of places."""
    paid = paid_already(asked, explanations)
    sure = [explanation for explanation in explanations if not explanation.tentative]
    conventions = {cell for one in sure if one.kind is Kind.CONVENTION for cell in one.cells}
    return dict.fromkeys(short, SHORT) | {
        cell: Standing(True, cell in conventions, paid.get(cell)) for explanation in sure for cell in explanation.cells
    }


def paid_already(asked: Sequence[str], explanations: Sequence[Explanation]) -> dict[str, str]:
    """The wrong cells that cost nothing, each with the quantity at which its mistake has been paid for.

    ``asked`` are the cells that can cost something, in the program's order. A mistake counts where it is told for sure;
    rival readings of the same cells are one mistake. A slip of the pen is paid for each time.
    """
    free: dict[str, str] = {}
    for explanation in explanations:
        if explanation.tentative or explanation.slip or explanation.cancels:
            continue
        touched = [cell for cell in asked if cell in explanation.cells]
        quantities = list(dict.fromkeys(parse_cell(cell).quantity for cell in touched))
        free |= {cell: quantities[0] for cell in touched if parse_cell(cell).quantity != quantities[0]}
    return free
