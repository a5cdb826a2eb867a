"""Room: grader. Hand-ins to results: texts to numbers, numbers to verdicts, verdicts to marks, all scripts at a
time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exercises.operations.row import Array
from grader.marking import Entries, Judged, Verdict, mark
from grader.numbers import Unreadable, read_number
from grader.resolution import Paper
from grader.rounding import Tolerance

FULL, NONE = Fraction(1), Fraction(0)

EARNS = {Verdict.CORRECT: FULL, Verdict.CARRIED: FULL}
"""The mark of a verdict; all others earn nothing."""


@dataclass(frozen=True, slots=True)
class CellResult:
    """One cell of one script.

    ``expected`` is recomputed from the student's own earlier values, ``allowed`` the half-width of what is accepted:
    None where nothing was handed in or nothing can be said. ``marks`` is None for a cell that wasn't asked.
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


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """All cells of one script that were asked or handed in, in the program's order."""

    cells: tuple[CellResult, ...]

    @property
    def score(self) -> Fraction:
        return sum((cell.marks for cell in self.cells if cell.marks is not None), NONE)

    @property
    def out_of(self) -> Fraction:
        return sum((FULL for cell in self.cells if cell.marks is not None), NONE)


def mark_scripts(
    paper: Paper, given: Mapping[str, Array], texts: Sequence[Mapping[str, str]], *, tolerance: Tolerance | None = None
) -> list[ScriptResult]:
    """The results of many scripts on one exercise; ``given`` maps cells to (V,) or (1,) arrays, ``texts`` has V
    entries.
    """
    readings, entries = _entries(texts)
    judged = mark(paper.task, given, entries, tolerance=tolerance)
    asked = frozenset(paper.asked)
    cells = [cell for cell in paper.task.lines.root if cell in asked or cell in entries.values]
    columns = {cell: _columns(judged[cell]) for cell in cells}
    return [
        _script(paper, asked, cells, columns, script, readings[script], texts[script]) for script in range(len(texts))
    ]


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
) -> ScriptResult:
    results = []
    for cell in cells:
        if cell not in asked and cell not in texts:
            continue
        verdicts, expected, allowed, key = columns[cell]
        verdict = Verdict(verdicts[script])
        verdict = Verdict.MISSING if verdict is Verdict.ABSENT else verdict
        number = numbers.get(cell)
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
                marks=EARNS.get(verdict, NONE) if cell in asked else None,
                trouble=number if isinstance(number, Unreadable) else None,
                undecidable=held and allowed[script] == np.inf,
            )
        )
    return ScriptResult(tuple(results))


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
