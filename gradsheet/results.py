"""Room: gradsheet. The result of one hand-in, as JSON for programs and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exercises.precision import Precision
from grader.marking import Verdict
from grader.messages import UNREADABLE
from grader.resolution import Ignored
from grader.scripts import CellResult, ScriptResult

SIGNS = {
    Verdict.CORRECT: "✓",
    Verdict.CARRIED: "↪",
    Verdict.WRONG: "✗",
    Verdict.UNREADABLE: "?",
    Verdict.MISSING: "–",
}


@dataclass(frozen=True, slots=True)
class HandInResult:
    """All exercises of one hand-in, and the answers whose ids fit no cell."""

    scripts: tuple[ScriptResult, ...]
    precisions: tuple[Precision, ...]
    ignored: tuple[Ignored, ...] = ()

    @property
    def score(self) -> Fraction:
        return sum((script.score for script in self.scripts), Fraction(0))

    @property
    def out_of(self) -> Fraction:
        return sum((script.out_of for script in self.scripts), Fraction(0))

    @property
    def cells(self) -> tuple[CellResult, ...]:
        return tuple(cell for script in self.scripts for cell in script.cells)

    def id_of(self, cell: CellResult) -> str:
        """The id; with the exercise's number before it where there are several exercises."""
        return f"{cell.exercise}:{cell.cell}" if len(self.scripts) > 1 else cell.cell

    def precision_of(self, cell: CellResult) -> Precision:
        return next(
            precision for script, precision in zip(self.scripts, self.precisions, strict=True) if cell in script.cells
        )


def as_json(result: HandInResult) -> dict[str, Any]:
    """The contract of ``check --json``: exact fractions as text, each beside a number."""
    return {
        "score": str(result.score),
        "score_number": float(result.score),
        "out_of": str(result.out_of),
        "out_of_number": float(result.out_of),
        "cells": [_cell_json(result, cell) for cell in result.cells],
        "explanations": [],
        "ignored": [{"id": ignored.id_text, "nearest": ignored.nearest} for ignored in result.ignored],
    }


def _cell_json(result: HandInResult, cell: CellResult) -> dict[str, Any]:
    marks = cell.marks
    return {
        "id": result.id_of(cell),
        "text": cell.text,
        "value": cell.value,
        "key": cell.key,
        "expected": cell.expected,
        "allowed": cell.allowed,
        "verdict": cell.verdict.name.lower(),
        "marks": None if marks is None else str(marks),
        "marks_number": None if marks is None else float(marks),
        "asked": marks is not None,
        "note": note_on(cell),
    }


def note_on(cell: CellResult) -> str:
    """One sentence about a cell that needs one: why it can't be read or decided; else empty."""
    if cell.trouble is not None:
        return UNREADABLE[cell.trouble.code]
    if cell.undecidable:
        return "After rounding, a divisor here may be 0, so this cell can't be decided; it counts as right."
    return ""


def as_text(result: HandInResult) -> str:
    """A table for the terminal: what was written, what was expected, what it earns."""
    rows = [("", "cell", "yours", "expected", "marks")]
    rows += [_row(result, cell) for cell in result.cells]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [_line(row, widths) for row in rows]
    lines[1:1] = ["  ".join("─" * width for width in widths)]
    notes = [f"{result.id_of(cell)}: {note}" for cell in result.cells if (note := note_on(cell))]
    return "\n".join([*lines, "", *notes, *_ignored(result.ignored), _total(result)])


def _row(result: HandInResult, cell: CellResult) -> tuple[str, str, str, str, str]:
    expected = "" if cell.expected is None else result.precision_of(cell).of(cell.cell).text(cell.expected)
    text = cell.text if len(cell.text) <= 16 else cell.text[:15] + "…"
    printable = "".join(char if char.isprintable() else "�" for char in text)
    marks = "" if cell.marks is None else str(cell.marks)
    return SIGNS[cell.verdict], result.id_of(cell), printable, expected, marks


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    sign, name, text, expected, marks = (part for part in row)
    parts = [sign.ljust(widths[0]), name.ljust(widths[1]), text.rjust(widths[2]), expected.rjust(widths[3])]
    return "  ".join([*parts, marks.rjust(widths[4])]).rstrip()


def _ignored(ignored: Sequence[Ignored]) -> list[str]:
    return [
        f'ignored: {answer.place}: no cell "{answer.id_text}"'
        + (f"; did you mean {answer.nearest}?" if answer.nearest else "")
        for answer in ignored
    ]


def _total(result: HandInResult) -> str:
    counts = [
        f"{sum(cell.verdict is verdict for cell in result.cells)} {SIGNS[verdict]} {verdict.name.lower()}"
        for verdict in SIGNS
        if any(cell.verdict is verdict for cell in result.cells)
    ]
    return f"{result.score} of {result.out_of} marks ({', '.join(counts)})"
