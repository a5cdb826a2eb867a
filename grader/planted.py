"""Room: grader. "Find the mistake" marked: the line that was named, and the number that should stand there.

The right value is worked out again from the lines before it as they are printed, and rounding is forgiven as far as it
reaches; each of the two answers earns its mark without the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from exercises.errors import InputError
from exercises.names import parse_cell
from exercises.operations.row import Array
from exercises.planted import FIRST_WRONG, RIGHT_VALUE, Found, Planted, found_in
from grader.marking import Verdict
from grader.numbers import Unreadable, read_number
from grader.policy import EXAM, NONE, Policy
from grader.resolution import Paper
from grader.rounding import ByRounding, Tolerance
from grader.scripts import CellResult, ScriptResult


def mark_planted(
    paper: Paper,
    given: Mapping[str, Array],
    planted: Sequence[Planted],
    texts: Sequence[Mapping[str, str]],
    *,
    tolerance: Tolerance | None = None,
    policy: Policy = EXAM,
) -> list[ScriptResult]:
    """The results of many scripts; ``given`` are quantities of their shape + (V,) or (1,), ``planted`` and ``texts``
    have V entries. Scripts with the same mistake are worked out together.

    InputError where a mistake doesn't show in a script's numbers, which no sheet of ours has.
    """
    results: dict[int, ScriptResult] = {}
    for one in dict.fromkeys(planted):
        places = [place for place, own in enumerate(planted) if own is one]
        numbers = {name: array[..., places] if array.shape[-1] > 1 else array for name, array in given.items()}
        desk = _Desk(paper, one, found_in(one, numbers, paper.task.precision), tolerance or ByRounding(), policy)
        for number, place in enumerate(places):
            try:
                results[place] = desk.script(number if len(desk.found.line) > 1 else 0, texts[place])
            except InputError as error:
                raise error.at(f"hand-in {place + 1} of {len(texts)}, exercise {paper.number}") from error
    return [results[place] for place in range(len(texts))]


class _Desk:
    """One mistake, and all scripts that have it."""

    def __init__(self, paper: Paper, one: Planted, found: Found, tolerance: Tolerance, policy: Policy) -> None:
        self.paper, self.one, self.found, self.tolerance, self.policy = paper, one, found, tolerance, policy

    def script(self, place: int, texts: Mapping[str, str]) -> ScriptResult:
        line = self.found.line[place]
        if line < 0:
            raise InputError(
                f'the planted mistake "{self.one.label}" doesn\'t show in these numbers, so one of the two has been '
                "changed; generate the set again with the same secret"
            )
        cells = self.one.printed[line]
        return ScriptResult((self._line(cells, texts), self._value(cells[0], place, texts)))

    def _line(self, cells: Sequence[str], texts: Mapping[str, str]) -> CellResult:
        text = texts.get(FIRST_WRONG, "")
        blank = self._answer(FIRST_WRONG, text, shown=cells[0])
        if not text:
            return blank
        named = self._named(text)
        if named is None:
            return replace(blank, verdict=Verdict.UNREADABLE, trouble=Unreadable("no-line", 0))
        whole = {parse_cell(cell).quantity for cell in cells}
        return self._judged(blank, named in cells or named in whole)

    def _named(self, text: str) -> str | None:
        """The cell or the whole quantity that is meant; None where it is none of the printed lines'."""
        plain = text.strip(" \t\r\n`$")
        cell = self.paper.line_named(plain)
        if cell is not None:
            return cell
        try:
            quantity = str(parse_cell(plain))
        except InputError:
            return None
        return quantity if quantity in self.one.program.by_name else None

    def _value(self, cell: str, place: int, texts: Mapping[str, str]) -> CellResult:
        expected = self.found.expected[cell]
        allowed = float(np.broadcast_to(self._allowed(cell, expected), expected.shape)[place])
        right = float(expected[place])
        text = texts.get(RIGHT_VALUE, "")
        shown = self.paper.task.precision.of(cell).text(right)
        blank = replace(self._answer(RIGHT_VALUE, text, shown=shown), key=right, expected=right)
        if not text:
            return blank
        number = read_number(text)
        if isinstance(number, Unreadable):
            return replace(blank, verdict=Verdict.UNREADABLE, trouble=number)
        fits = self.tolerance.fits(np.array([number]), np.array([right]), np.array([allowed]))
        return replace(self._judged(blank, bool(fits[0])), value=number, allowed=allowed)

    def _allowed(self, cell: str, expected: Array) -> Array:
        return self.tolerance.allowed(self.found.reading, cell, expected)

    def _answer(self, name: str, text: str, *, shown: str) -> CellResult:
        return CellResult(
            exercise=self.paper.number,
            cell=name,
            text=text,
            value=None,
            key=float("nan"),
            expected=None,
            allowed=None,
            verdict=Verdict.MISSING,
            marks=NONE,
            worth=self.policy.weight(name, self.paper.number),
            shown=shown,
        )

    def _judged(self, blank: CellResult, right: bool) -> CellResult:
        verdict = Verdict.CORRECT if right else Verdict.WRONG
        return replace(blank, verdict=verdict, marks=blank.worth * self.policy.credit(verdict))
