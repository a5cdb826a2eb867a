"""Room: gradsheet. The result of one hand-in, and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from exercises.planted import FIRST_WRONG, RIGHT_VALUE
from exercises.specification import Exercise
from grader.marking import Verdict
from grader.messages import UNREADABLE
from grader.resolution import Ignored
from grader.scripts import CellResult, ScriptResult, exact_sum
from gradsheet.examination import Call, Write, alternatives, called_in, filled, whole
from gradsheet.examination import as_json as examination_json
from gradsheet.papers import notation_of, places_of

SIGNS = {
    Verdict.CORRECT: "✓",
    Verdict.CARRIED: "↪",
    Verdict.WRONG: "✗",
    Verdict.UNREADABLE: "?",
    Verdict.MISSING: "–",
}


@dataclass(frozen=True, slots=True)
class HandInResult:
    """All exercises of one hand-in, and the answers whose ids fit no cell; ``scripts`` are in the exercises' order."""

    exercises: tuple[Exercise, ...]
    scripts: tuple[ScriptResult, ...]
    ignored: tuple[Ignored, ...] = ()

    @property
    def score(self) -> Fraction:
        return exact_sum(script.score for script in self.scripts)

    @property
    def out_of(self) -> Fraction:
        return exact_sum(script.out_of for script in self.scripts)

    @property
    def cells(self) -> tuple[CellResult, ...]:
        return tuple(cell for script in self.scripts for cell in script.cells)

    def id_of(self, cell: CellResult) -> str:
        """The id; with the exercise's number before it where there are several exercises."""
        return f"{cell.exercise}:{cell.cell}" if len(self.scripts) > 1 else cell.cell


SAID = {FIRST_WRONG: "the first wrong line", RIGHT_VALUE: "its right value"}
"""What stands in the place of a symbol for an answer that is no cell."""


def expected_text(exercise: Exercise, cell: CellResult) -> str:
    """What was expected, to the places asked; empty where nothing can be said."""
    if cell.shown is not None:
        return cell.shown
    return "" if cell.expected is None else places_of(exercise).of(cell.cell).text(cell.expected)


def as_json(result: HandInResult) -> dict[str, Any]:
    """The contract of ``check --json``: exact fractions as text, each beside a number."""
    return scores_json(result.score, result.out_of) | {
        "cells": [cell_json(result.id_of(cell), cell) for cell in result.cells],
        "explanations": _explanations_json(result),
        "ignored": ignored_json(result.ignored),
    }


def scores_json(score: Fraction, out_of: Fraction) -> dict[str, Any]:
    """The marks of all cells, and the full mark."""
    return {
        "score": str(score),
        "score_number": float(score),
        "out_of": str(out_of),
        "out_of_number": float(out_of),
    }


def ignored_json(answers: Iterable[Ignored]) -> list[dict[str, Any]]:
    """Answers whose ids fit no cell."""
    return [
        {"id": ignored.id_text, "place": ignored.place, "nearest": ignored.nearest, "given": ignored.given}
        for ignored in answers
    ]


def _explanations_json(result: HandInResult) -> list[dict[str, Any]]:
    found = []
    before = alternatives(result.scripts)
    for exercise, script, first in zip(result.exercises, result.scripts, before, strict=True):
        prefix = f"{exercise.number}:" if len(result.scripts) > 1 else ""
        notation = notation_of(exercise)
        found += examination_json(script, notation.text, prefix, first, called_in(notation))
    return found


def cell_json(name: str, cell: CellResult) -> dict[str, Any]:
    """One cell, called ``name``."""
    marks, worth = cell.marks, cell.worth
    told = {
        "id": name,
        "text": cell.text,
        "value": cell.value,
        "key": cell.key if math.isfinite(cell.key) else None,
        "expected": cell.expected,
        "allowed": cell.allowed,
        "verdict": _NAMES[cell.verdict],
        "marks": None if marks is None else _exact(marks),
        "marks_number": None if marks is None else marks.numerator / marks.denominator,
        "asked": marks is not None,
        "worth": None if marks is None else _exact(worth),
        "note": note_on(cell),
    }
    if cell.shown is not None:
        told["shown"] = cell.shown
    return told


_NAMES = tuple(verdict.name.lower() for verdict in Verdict)


def _exact(marks: Fraction) -> str:
    return str(marks.numerator) if marks.denominator == 1 else str(marks)


class Remark(NamedTuple):
    """One sentence about a cell, with a place for a quantity, and a person's words after it."""

    sentence: str
    quantity: str = ""
    words: str = ""


UNDECIDABLE = "After rounding, a divisor here may be 0, so this cell can't be decided; it counts as right."
OVERRIDDEN = "Decided by your teacher:"
SHORT = "Right as far as it goes, but {places} are asked."
PAID = "The same mistake as in {quantity}, where it has been charged; here it costs nothing."


def remark_on(cell: CellResult) -> Remark | None:
    """What a cell needs said about it: why it can't be read or decided, why it costs nothing, what it lacks."""
    if cell.trouble is not None:
        return Remark(UNREADABLE[cell.trouble.code])
    if cell.undecidable:
        return Remark(UNDECIDABLE)
    if cell.overridden is not None:
        return Remark(OVERRIDDEN, words=cell.overridden or "no reason given")
    if cell.paid_at is not None:
        return Remark(PAID, cell.paid_at)
    if cell.short:
        return Remark(SHORT.format(places=cell.short))
    return None


def remarks_on(cells: Iterable[CellResult]) -> dict[Remark, list[CellResult]]:
    """Each remark once, with all the cells that it is about."""
    found: dict[Remark, list[CellResult]] = {}
    for cell in cells:
        if (remark := remark_on(cell)) is not None:
            found.setdefault(remark, []).append(cell)
    return found


MOST_LISTED = 6
"""Cells listed one by one; of more their number is said."""


def listed(names: Sequence[str]) -> str:
    """Names of cells in a row, the first few where there are many."""
    more = len(names) - MOST_LISTED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:MOST_LISTED])} and {more} more"


def said(remark: Remark, symbol: Write = str, escaped: Write = str, cell: str = "", call: Call = whole) -> str:
    """A remark's sentence, a person's words left out; ``cell`` is the first that it is about."""
    return filled(remark.sentence, {"quantity": call(remark.quantity, cell)}, symbol, escaped)


def note_on(cell: CellResult) -> str:
    """One sentence about a cell that needs one; else empty."""
    remark = remark_on(cell)
    return "" if remark is None else f"{said(remark)} {remark.words}".rstrip()
