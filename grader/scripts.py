"""Room: grader. Hand-ins to results: texts to numbers, numbers to verdicts, verdicts to marks, all scripts at a
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite

import numpy as np

from exercises.operations.row import Array
from grader.charging import UNKNOWN, standings
from grader.diagnosis import Diagnosis, Explanation
from grader.marking import Entries, Judged, Verdict, mark
from grader.numbers import Unreadable, read_number
from grader.policy import EXAM, NONE, Policy
from grader.resolution import Paper
from grader.rounding import Tolerance


@dataclass(frozen=True, slots=True)
class CellResult:
    """One cell of one script.

    ``expected`` is recomputed from the student's own earlier values, ``allowed`` the half-width of what is accepted:
    None where nothing was handed in or nothing can be said. ``marks`` is None for a cell that wasn't asked.
    ``worth`` is its full mark. ``paid_at`` is the quantity at which this cell's mistake has been charged, where that
    costs nothing here; ``overridden`` the teacher's reason for marks of their own. ``shown`` is what was expected as a
    text, where ``cell`` is no cell but an answer in words (``first-wrong``).
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


def mark_scripts(
    paper: Paper,
    given: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    *,
    tolerance: Tolerance | None = None,
    policy: Policy = EXAM,
) -> list[ScriptResult]:
    """The results of many scripts on one exercise; ``given`` maps cells to (V,) or (1,) arrays, ``texts`` has V
    entries. What verdicts earn is the policy's to say.
    """
    readings, entries = _entries(texts)
    judged = mark(paper.task, given, entries, tolerance=tolerance)
    told = paper.examiner.diagnose(given, entries, judged) if paper.examiner is not None else {}
    asked = frozenset(paper.asked)
    cells = [cell for cell in paper.task.lines.root if cell in asked or cell in entries.values]
    columns = {cell: _columns(judged[cell]) for cell in cells}
    worths = {cell: policy.weight(cell) for cell in cells}
    return [
        _script(
            paper,
            asked,
            cells,
            columns,
            script,
            readings[script],
            texts[script],
            told.get(script, NOTHING),
            policy,
            worths,
        )
        for script in range(len(texts))
    ]


NOTHING = Diagnosis(())
"""What is said of a script without a wrong cell, and of one that nobody understands."""


Read = Mapping[str, float | Unreadable]


def _entries(texts: Sequence[Mapping[str, str]]) -> tuple[list[Read], Entries]:
    """What each text says, and the same as arrays for marking."""
    readings: list[Read] = [{cell: read_number(text) for cell, text in script.items()} for script in texts]
    values: dict[str, Array] = {}
    unreadable: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for place, script in enumerate(readings):
        for cell, number in script.items():
            if cell not in values:
                values[cell] = np.full(len(texts), np.nan)
                unreadable[cell] = np.zeros(len(texts), dtype=bool)
            if isinstance(number, Unreadable):
                unreadable[cell][place] = True
            else:
                values[cell][place] = number
    return readings, Entries(values, unreadable)


_Columns = tuple[list[int], list[float], list[float], list[float]]


def _columns(judged: Judged) -> _Columns:
    """Plain lists: a script's row is read off them without an array's overhead for each number."""
    return judged.verdict.tolist(), judged.expected.tolist(), judged.allowed.tolist(), judged.key.tolist()


def _script(
    paper: Paper,
    asked: frozenset[str],
    cells: Sequence[str],
    columns: Mapping[str, _Columns],
    script: int,
    numbers: Read,
    texts: Mapping[str, str],
    diagnosis: Diagnosis,
    policy: Policy,
    worths: Mapping[str, Fraction],
) -> ScriptResult:
    results = []
    known = standings(paper.asked, diagnosis.explanations) if diagnosis.explanations else {}
    for cell in cells:
        if cell not in asked and cell not in texts:
            continue
        verdicts, expected, allowed, key = columns[cell]
        verdict = _VERDICTS[verdicts[script]]
        number, standing, worth = numbers.get(cell), known.get(cell, UNKNOWN), worths[cell]
        credit = policy.credit(
            verdict,
            recognised=standing.recognised,
            convention=standing.convention,
            paid=standing.paid_at is not None,
        )
        held = verdict in (Verdict.CORRECT, Verdict.CARRIED, Verdict.WRONG)
        results.append(
            CellResult(
                exercise=paper.number,
                cell=cell,
                text=texts.get(cell, ""),
                value=number if isinstance(number, float) else None,
                key=key[script],
                expected=_finite(expected[script]),
                allowed=_finite(allowed[script]) if held else None,
                verdict=verdict,
                marks=(worth if credit == 1 else worth * credit) if cell in asked else None,
                trouble=number if isinstance(number, Unreadable) else None,
                undecidable=held and allowed[script] == np.inf,
                paid_at=standing.paid_at if verdict is Verdict.WRONG and policy.repeat == "once" else None,
                worth=worth if cell in asked else NONE,
            )
        )
    return ScriptResult(tuple(results), diagnosis.explanations, diagnosis.advice)


_VERDICTS = tuple(Verdict.MISSING if verdict is Verdict.ABSENT else verdict for verdict in Verdict)
"""By code; what was asked and isn't there is missing."""


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
