"""Room: grader. A pile of marked scripts as columns; objects are made only of the scripts that somebody asks for.

In each cell a script has an outcome: verdict, marks, and what has to be said. A pile has few different ones, so they
are numbered, and an outcome's number is all that is kept for a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite, lcm

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array
from grader.charging import UNKNOWN, Standing, standings
from grader.diagnosis import Diagnosis
from grader.judging import Judged, Verdict
from grader.numbers import Unreadable
from grader.policy import NONE, Policy
from grader.resolution import Paper
from grader.script_results import CellResult, ScriptResult
from grader.written import Written

NOTHING = Diagnosis(())
"""What is said of a script without a wrong cell, and of one that nobody understands."""

UNDECIDABLE = len(Verdict)
"""Added to a verdict's code where the cell can't be decided; outcomes from twice this on are single ones."""

_VERDICTS = tuple(Verdict.MISSING if verdict is Verdict.ABSENT else verdict for verdict in Verdict)
"""By code; what was asked and isn't there is missing."""


@dataclass(frozen=True)
class Column:
    """One cell of all scripts: what is written, what marking makes of it, and the outcome of each script by number.

    ``outcomes`` are results without text and numbers; None where the cell was neither asked nor handed in.
    """

    cell: str
    asked: bool
    written: Written | None
    judged: Judged
    codes: NDArray[np.intp]
    outcomes: tuple[CellResult | None, ...]

    @cached_property
    def _rows(self) -> tuple[Sequence[str | None], list[float], list[float], list[float], list[float], list[int]]:
        """Plain lists: a script's row is read off them without an array's overhead for each number."""
        count = len(self.codes)
        texts, values = (self.written.texts, self.written.values) if self.written else ([None] * count, _nan(count))
        judged = self.judged
        columns = values, judged.key, judged.expected, judged.allowed
        return texts, *(column.tolist() for column in columns), self.codes.tolist()

    def result(self, script: int) -> CellResult | None:
        """The cell of one script."""
        texts, values, key, expected, allowed, codes = self._rows
        outcome = self.outcomes[codes[script]]
        if outcome is None:
            return None
        return CellResult(
            exercise=outcome.exercise,
            cell=self.cell,
            text=texts[script] or "",
            value=_finite(values[script]),
            key=key[script],
            expected=_finite(expected[script]),
            allowed=_finite(allowed[script]),
            verdict=outcome.verdict,
            marks=outcome.marks,
            trouble=outcome.trouble,
            undecidable=outcome.undecidable,
            paid_at=outcome.paid_at,
            worth=outcome.worth,
            short=outcome.short,
        )


def _nan(count: int) -> Array:
    return np.full(count, np.nan)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


@dataclass(frozen=True)
class MarkedPile:
    """All scripts on one exercise, in which only what was handed in, the verdicts and what was told are kept."""

    paper: Paper
    policy: Policy
    count: int
    written: Mapping[str, Written]
    judged: Mapping[str, Judged]
    told: Mapping[int, Diagnosis]

    def script(self, at: int) -> ScriptResult:
        """One script as an object."""
        found = (column.result(at) for column in self.columns)
        diagnosis = self.told.get(at, NOTHING)
        cells = tuple(cell for cell in found if cell is not None)
        return ScriptResult(cells, diagnosis.explanations, diagnosis.advice)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The cells that were asked or that somebody handed in, in the program's order."""
        asked = frozenset(self.paper.asked)
        return tuple(
            self._column(cell, cell in asked)
            for cell in self.paper.task.lines.root
            if cell in asked or cell in self.written
        )

    @cached_property
    def out_of(self) -> Fraction:
        """The full mark of each script."""
        return sum((self.policy.weight(cell, self.paper.number) for cell in self.paper.asked), NONE)

    @cached_property
    def earned(self) -> tuple[NDArray[np.int64], int]:
        """The marks of each script, before lateness and rounding, in parts of which so many are one mark."""
        marks = [outcome.marks for column in self.columns for outcome in column.outcomes if outcome and outcome.marks]
        parts = lcm(*(each.denominator for each in marks))
        total = np.zeros(self.count, dtype=np.int64)
        for column in self.columns:
            if column.asked:
                worth = [int(outcome.marks * parts) if outcome and outcome.marks else 0 for outcome in column.outcomes]
                total += np.array(worth, dtype=np.int64)[column.codes]
        return total, parts

    @cached_property
    def counts(self) -> Mapping[Verdict, NDArray[np.int64]]:
        """How many cells of each script came to each verdict."""
        found = {verdict: np.zeros(self.count, dtype=np.int64) for verdict in Verdict}
        for column in self.columns:
            verdicts = [outcome.verdict if outcome else Verdict.ABSENT for outcome in column.outcomes]
            codes = np.array(verdicts, dtype=np.int8)[column.codes]
            for verdict in set(verdicts):
                found[verdict] += codes == verdict
        return found

    def _column(self, cell: str, asked: bool) -> Column:
        judged, here = self.judged[cell], self.written.get(cell)
        codes = judged.verdict.astype(np.intp) + UNDECIDABLE * np.isposinf(judged.allowed)
        numbers: dict[tuple[Verdict, bool, Standing, Unreadable | None], int] = {}
        for script, *outcome in self._single(cell, here):
            codes[script] = numbers.setdefault(tuple(outcome), 2 * UNDECIDABLE + len(numbers))  # type: ignore[arg-type]
        usual = [
            self._outcome(cell, asked, _VERDICTS[verdict], undecidable, UNKNOWN, None)
            if asked or verdict is not Verdict.ABSENT
            else None
            for undecidable in (False, True)
            for verdict in Verdict
        ]
        single = [self._outcome(cell, asked, *outcome) for outcome in numbers]
        return Column(cell, asked, here, judged, codes, (*usual, *single))

    def _single(
        self, cell: str, here: Written | None
    ) -> Iterator[tuple[int, Verdict, bool, Standing, Unreadable | None]]:
        """The scripts of whose cell something is to be said: why it is no number, what is known of the mistake."""
        for script, trouble in here.troubles.items() if here else ():
            yield script, Verdict.UNREADABLE, False, UNKNOWN, trouble
        verdicts, allowed = self.judged[cell].verdict, self.judged[cell].allowed
        for script, standing in self._standings.get(cell, ()):
            if verdicts[script] == Verdict.WRONG:  # of a cell that is right an explanation changes nothing
                yield script, Verdict.WRONG, bool(allowed[script] == np.inf), standing, None

    @cached_property
    def _standings(self) -> Mapping[str, list[tuple[int, Standing]]]:
        """By cell the scripts with an explanation of it; scripts that are told the same share the object."""
        known: dict[tuple[int, frozenset[str]], Mapping[str, Standing]] = {}
        found: dict[str, list[tuple[int, Standing]]] = {}
        for script, diagnosis in self.told.items():
            same = id(diagnosis.explanations), diagnosis.short
            if same not in known:
                known[same] = standings(self.paper.asked, diagnosis.explanations, diagnosis.short)
            for cell, standing in known[same].items():
                found.setdefault(cell, []).append((script, standing))
        return found

    def _outcome(
        self,
        cell: str,
        asked: bool,
        verdict: Verdict,
        undecidable: bool,
        standing: Standing,
        trouble: Unreadable | None,
    ) -> CellResult:
        policy, worth = self.policy, self.policy.weight(cell, self.paper.number)
        credit = policy.credit(
            verdict,
            recognised=standing.recognised,
            convention=standing.convention,
            paid=standing.paid_at is not None,
        )
        return CellResult(
            exercise=self.paper.number,
            cell=cell,
            text="",
            value=None,
            key=float("nan"),
            expected=None,
            allowed=None,
            verdict=verdict,
            marks=(worth if credit == 1 else worth * credit) if asked else None,
            trouble=trouble,
            undecidable=undecidable,
            paid_at=standing.paid_at if verdict is Verdict.WRONG and policy.repeat == "once" else None,
            worth=worth if asked else NONE,
            short=str(self.paper.task.precision.of(cell)) if standing.short else "",
        )
