"""Room: grader. What marking says of one script: a result for each cell, and which rules went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from grader.diagnosis import Explanation
from grader.marking import Verdict
from grader.numbers import Unreadable
from grader.policy import NONE


@dataclass(frozen=True, slots=True)
class CellResult:
    """One cell of one script.

    ``expected`` is recomputed from the student's own earlier values, ``allowed`` the half-width of what is accepted:
    None where nothing was handed in or nothing can be said. ``marks`` is None for a cell that wasn't asked.
    ``worth`` is its full mark. ``paid_at`` is the quantity at which this cell's mistake has been charged, where that
    costs nothing here; ``overridden`` the teacher's reason for marks of their own. ``shown`` is what was expected as a
    text, where ``cell`` is no cell but an answer in words (``first-wrong``). ``short``: the places asked, where nothing
    is wrong with the number but that it has fewer; else empty.
    """

    exercise: int
    cell: str
    text: str
    value: float | None
    key: float
    expected: float | None
    allowed: float | None
    verdict: Verdict
    marks: Fraction | None
    trouble: Unreadable | None = None
    undecidable: bool = False
    paid_at: str | None = None
    worth: Fraction = NONE
    overridden: str | None = None
    shown: str | None = None
    short: str = ""


@dataclass(frozen=True)
class ScriptResult:
    """All cells of one script that were asked or handed in, in the program's order; and which rules went wrong.

    ``advice`` is the further cell that would tell rival explanations apart.
    """

    cells: tuple[CellResult, ...]
    explanations: tuple[Explanation, ...] = ()
    advice: str | None = None

    @cached_property
    def score(self) -> Fraction:
        return exact_sum(cell.marks for cell in self.cells if cell.marks is not None)

    @cached_property
    def out_of(self) -> Fraction:
        return exact_sum(cell.worth for cell in self.cells if cell.marks is not None)


def exact_sum(marks: Iterable[Fraction]) -> Fraction:
    """The sum; whole marks, which nearly all are, are added as whole numbers, which is ten times as fast."""
    whole, rest = 0, NONE
    for each in marks:
        if each.denominator == 1:
            whole += each.numerator
        else:
            rest += each
    return whole + rest
