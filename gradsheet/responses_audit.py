"""Room: gradsheet. A platform's responses marked again with carried marks, and what that changes, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from exercises.specification import Exercise
from grader.gradebook import csv_field, harmless, number
from grader.policy import EXAM, Policy
from grader.resolution import resolve
from grader.scripts import CellResult, ScriptResult, exact_sum
from grader.submissions import Submission
from grader.submissions.answers import Answer
from gradsheet.cell_readings import sentences_about
from gradsheet.papers import mark_exercise, notation_of, papers_of
from gradsheet.responses import Exported, Response, Taken, named
from templates.export.item import ItemSet

HEADING = (
    "student",
    "id",
    "attempt",
    "sheet",
    "cell",
    "answer",
    "platform",
    "gradsheet",
    "change",
    "verdict",
    "remark",
)

MOST_STUDENTS = 30
"""Attempts listed one by one on the terminal."""


@dataclass(frozen=True, slots=True)
class AuditCell:
    """One number of one attempt: the platform's share of its mark (None where it tells none), and ours."""

    sheet: str
    cell: str
    answer: str
    platform: Fraction | None
    ours: Fraction
    worth: Fraction
    verdict: str
    remark: str

    @property
    def change(self) -> Fraction | None:
        return None if self.platform is None else self.ours - self.platform


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One attempt."""

    taken: Taken
    cells: tuple[AuditCell, ...]

    @property
    def ours(self) -> Fraction:
        return exact_sum(cell.ours for cell in self.cells)

    @property
    def out_of(self) -> Fraction:
        return exact_sum(cell.worth for cell in self.cells)

    @property
    def platform(self) -> Fraction:
        """By the platform's marks of the single cells."""
        return exact_sum(cell.platform or Fraction(0) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Audit:
    """A file marked again."""

    exported: Exported
    rows: tuple[AuditRow, ...]


def audited(
    exported: Exported, items: ItemSet, exercises: Sequence[Sequence[Exercise]], policy: Policy = EXAM
) -> Audit:
    """Mark every attempt; ``exercises`` are those that the items were made of, in the items' order."""
    variants = [variant for each in exercises for variant in each]
    cells: dict[int, list[AuditCell]] = {place: [] for place in range(len(exported.taken))}
    answered = sorted(
        ((response, place) for place, taken in enumerate(exported.taken) for response in taken.responses),
        key=lambda pair: variants[pair[0].item].number,
    )
    for _, group in groupby(answered, key=lambda pair: variants[pair[0].item].number):
        some = list(group)
        scripts = _marked([variants[response.item] for response, _ in some], [each for each, _ in some], policy)
        for (response, place), script in zip(some, scripts, strict=True):
            exercise = variants[response.item]
            sheet = named(items.items[response.item], items.several)
            cells[place] += _cells(exercise, response, script, sheet, several=items.several)
    return Audit(exported, tuple(AuditRow(taken, tuple(cells[at])) for at, taken in enumerate(exported.taken)))


def _marked(variants: Sequence[Exercise], responses: Sequence[Response], policy: Policy) -> list[ScriptResult]:
    """All responses to one exercise at once: their numbers differ, their lines are the same."""
    first = variants[0]
    (paper,) = papers_of([first])
    given = {name: np.concatenate([exercise.given[name] for exercise in variants], axis=-1) for name in first.given}
    texts = []
    for response in responses:
        answers = tuple(Answer(cell, text, "") for cell, text in response.texts.items())
        texts.append(resolve(Submission(answers), (paper,)).texts[paper.number])
    return mark_exercise(first, paper, given, texts, policy=policy)


def _cells(
    exercise: Exercise, response: Response, script: ScriptResult, sheet: str, *, several: bool
) -> Iterator[AuditCell]:
    for cell in script.cells:
        if cell.marks is None:
            continue
        name = f"{exercise.number}:{cell.cell}" if several else cell.cell
        share = response.marks.get(cell.cell)
        platform = None if share is None else share * cell.worth
        remark = sentences_about(script, cell.cell, notation_of(exercise))
        yield AuditCell(
            sheet,
            name,
            response.texts.get(cell.cell, ""),
            platform,
            cell.marks,
            cell.worth,
            _verdict(cell),
            remark,
        )


def _verdict(cell: CellResult) -> str:
    return cell.verdict.name.lower()


def as_csv(audit: Audit) -> str:
    """A line a number: what the platform gave, what it earns here, and why."""
    lines = [",".join(HEADING)]
    for row in audit.rows:
        taken = row.taken
        for cell in row.cells:
            platform = "" if cell.platform is None else number(cell.platform)
            change = "" if cell.change is None else number(cell.change)
            fields = [taken.shown, next(iter(taken.ids), ""), taken.attempt, cell.sheet, cell.cell, cell.answer]
            fields = [*map(harmless, fields), platform, number(cell.ours), change, cell.verdict, cell.remark]
            lines.append(",".join(map(csv_field, fields)))
    return "\n".join(lines) + "\n"


def as_json(audit: Audit) -> dict[str, Any]:
    """The same for programs: exact fractions as text, each beside a number."""
    return {
        "platform": audit.exported.platform,
        "attempts": [
            {
                "student": row.taken.shown,
                "ids": list(row.taken.ids),
                "attempt": row.taken.attempt,
                **_exact("platform", row.platform),
                **_exact("reported", _reported(row)),
                **_exact("score", row.ours),
                **_exact("out_of", row.out_of),
                "cells": [_cell_json(cell) for cell in row.cells],
            }
            for row in audit.rows
        ],
        "set_aside": list(audit.exported.aside),
        "other_questions": audit.exported.foreign,
    }


def _cell_json(cell: AuditCell) -> dict[str, Any]:
    return {
        "id": cell.cell,
        "sheet": cell.sheet,
        "text": cell.answer,
        "verdict": cell.verdict,
        **_exact("platform", cell.platform),
        **_exact("marks", cell.ours),
        "remark": cell.remark,
    }


def _exact(name: str, value: Fraction | None) -> Mapping[str, Any]:
    return {name: None if value is None else str(value), f"{name}_number": None if value is None else float(value)}


def _reported(row: AuditRow) -> Fraction | None:
    """The platform's grade for the attempt, as marks of ours; None where it tells none."""
    return None if row.taken.reported is None else row.taken.reported * row.out_of


def summary(audit: Audit) -> Iterator[str]:
    """What a teacher reads on the terminal: the attempts, then the changes by reason, then what isn't marked."""
    cells = [cell for row in audit.rows for cell in row.cells]
    yield f"{audit.exported.platform}: {_many(len(audit.rows), 'attempt')}, {_many(len(cells), 'number')} marked again."
    widest = max((len(row.taken.shown) for row in audit.rows), default=0)
    for row in audit.rows[:MOST_STUDENTS]:
        change = row.ours - row.platform
        signed = f"{'+' if change > 0 else ''}{number(change)}" if change else "the same"
        yield (
            f"  {row.taken.shown:<{min(widest, 30)}}  platform {number(row.platform)}, "
            f"here {number(row.ours)} of {number(row.out_of)}: {signed}"
        )
    if len(audit.rows) > MOST_STUDENTS:
        yield f"  … and {len(audit.rows) - MOST_STUDENTS} more"
    yield from _changes(cells)
    yield from _disagreements(audit)
    for why in audit.exported.aside:
        yield f"Set aside: {why}"
    if audit.exported.foreign:
        yield f"{_many(audit.exported.foreign, 'question')} of the file without a code of ours, not marked."


def _changes(cells: Sequence[AuditCell]) -> Iterator[str]:
    changed = [cell for cell in cells if cell.change]
    if not changed:
        yield "Nothing changes."
        return
    for word, some in (
        ("more", [cell for cell in changed if (cell.change or 0) > 0]),
        ("less", [cell for cell in changed if (cell.change or 0) < 0]),
    ):
        if some:
            verdicts = sorted({cell.verdict for cell in some})
            counted = ", ".join(f"{sum(cell.verdict == verdict for cell in some)} {verdict}" for verdict in verdicts)
            yield f"{_many(len(some), 'number')} {'earns' if len(some) == 1 else 'earn'} {word} here: {counted}."


def _disagreements(audit: Audit) -> Iterator[str]:
    """Attempts whose grade on the platform isn't what its own marks of these cells come to."""
    for row in audit.rows:
        reported = _reported(row)
        # Platforms round grades to a few decimals.
        if reported is not None and abs(reported - row.platform) > Fraction(1, 100) * max(row.out_of, Fraction(1)):
            yield (
                f"{row.taken.shown}: the platform's grade comes to {number(reported)} of {number(row.out_of)}, its "
                f"marks of these numbers to {number(row.platform)}; it may hold other questions, or decisions by hand."
            )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
