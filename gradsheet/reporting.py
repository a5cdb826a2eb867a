"""Room: gradsheet. From a graded set to its figures, worked out once for page, CSV and JSON."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from exercises.components import by_cell, componentwise
from exercises.operations.row import Array
from exercises.plan import flatten
from grader.attention import Concern, Work, to_talk_to
from grader.gradebook import harmless, number
from grader.gradebook_exports import Assignment, Grade
from grader.identity import Answers, LookAlike, look_alikes
from grader.statistics import (
    Spread,
    Tally,
    Told,
    bar_edges,
    commonest_by_cell,
    difficulty,
    discrimination,
    histogram,
    spread_of,
    tallies,
)
from gradsheet.graded import VERDICTS, GradedClass
from gradsheet.papers import places_of

KINDS = VERDICTS
"""Verdicts in the order of columns and strips."""


@dataclass(frozen=True, slots=True)
class Item:
    """One asked cell over the class; NaN where a figure can't be told."""

    exercise: int
    cell: str
    id: str
    worth: float
    difficulty: float
    discrimination: float
    verdicts: Mapping[str, float]
    mistakes: tuple[str, ...]
    """Those that explain it most often, several where they do so equally often, in ``mistaken`` hand-ins each."""
    mistaken: int


@dataclass(frozen=True)
class ClassFigures:
    """Everything that a report tells, each worked out when it is first asked for."""

    graded: GradedClass

    @property
    def told(self) -> Iterator[tuple[Told, ...]]:
        """What is said of each hand-in that was graded."""
        return (student.told for student in self.graded.graded)

    @cached_property
    def scores(self) -> Array:
        graded = self.graded.graded
        return np.fromiter((float(student.final) for student in graded), np.float64, len(graded))

    @property
    def out_of(self) -> Fraction:
        return self.graded.out_of

    @cached_property
    def spread(self) -> Spread | None:
        return spread_of(self.scores)

    @cached_property
    def bars(self) -> list[tuple[Fraction, Fraction, int]]:
        """The histogram: from, to, and how many."""
        edges = bar_edges(self.out_of)
        counts = histogram([student.final for student in self.graded.graded], edges)
        return list(zip(edges[:-1], edges[1:], counts, strict=True))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        marks, worth = self.graded.marks, self.graded.worth
        shares = self.graded.verdicts / max(len(self.graded.graded), 1)
        common = commonest_by_cell((student.told, frozenset(student.wrong)) for student in self.graded.graded)
        easy, telling = difficulty(marks, worth), discrimination(marks)
        found = []
        for place, (exercise, cell) in enumerate(self.graded.items):
            name = self.graded.id_of(exercise, cell)
            verdicts = dict(zip(KINDS, map(float, shares[place]), strict=True))
            figures = float(worth[place]), float(easy[place]), float(telling[place])
            found.append(Item(exercise, cell, name, *figures, verdicts, *common.get(name, ((), 0))))
        return tuple(found)

    @cached_property
    def mistakes(self) -> list[Tally]:
        return tallies(self.told)

    @cached_property
    def concerns(self) -> list[Concern]:
        return to_talk_to(
            Work(each.id, float(each.score / self.out_of) if self.out_of else 0.0, each.wrong, each.told)
            for each in self.graded.graded
        )

    @cached_property
    def alike(self) -> list[LookAlike]:
        """Students by their place in the set."""
        return look_alikes([_answers(self.graded, place) for place in range(len(self.graded.course.exercises))])

    def cell_alike(self, cell: tuple[int, str]) -> str:
        """The id of a cell of a look-alike."""
        return self.graded.id_of(self.graded.course.exercises[cell[0]].number, cell[1])


def _answers(graded: GradedClass, place: int) -> Answers:
    """The numbers handed in for one exercise, one column a cell, one place a student of the set."""
    exercise = graded.course.exercises[place]
    program = componentwise(exercise.program)
    ids = {graded.id_of(exercise.number, step.name): step.name for step in program.steps}
    columns = {ids[name]: values for name, values in graded.values.items() if name in ids}
    given = by_cell(exercise.program.shapes, graded.course.numbers[exercise.number])
    return Answers(flatten(program), places_of(exercise), given, columns)


def assignment_of(graded: GradedClass) -> tuple[Assignment, list[Grade]]:
    """What other platforms import: the assignment, and a grade for each student."""
    grades = [Grade(each.id, each.name, each.final if each.graded else None) for each in graded.students]
    return Assignment(graded.title, graded.out_of), grades


COLUMNS = ("item", "worth", "difficulty", "discrimination", *KINDS, "commonest misconception", "hand-ins with it")


def report_csv(figures: ClassFigures) -> str:
    """One row an item; a blank where a figure can't be told."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in figures.items:
        numbers = [item.difficulty, item.discrimination, *item.verdicts.values()]
        writer.writerow(
            [
                harmless(item.id),
                number(Fraction(item.worth)),
                *("" if math.isnan(value) else f"{value:.4f}" for value in numbers),
                harmless("; ".join(item.mistakes)),
                item.mistaken or "",
            ]
        )
    return lines.getvalue()


def as_json(figures: ClassFigures) -> dict[str, Any]:
    """The report for programs; null where a figure can't be told."""
    graded = figures.graded
    spread = figures.spread
    ledger = graded.ledger
    return {
        "set": graded.course.specification.name,
        "ledger": {name: getattr(ledger, name) for name in ("roster", "graded", "missing", "rejected")},
        "out_of": str(figures.out_of),
        "scores": None if spread is None else {name: getattr(spread, name) for name in Spread.__slots__},
        "histogram": [{"from": float(low), "to": float(high), "hand_ins": count} for low, high, count in figures.bars],
        "items": [_item_json(item) for item in figures.items],
        "misconceptions": [
            {
                "code": each.code,
                "kind": each.kind,
                "sentence": each.sentence,
                "hand_ins": each.students,
                "sure": each.sure,
                "began": [{"site": site, "hand_ins": count} for site, count in each.began],
            }
            for each in figures.mistakes
        ],
        "to_talk_to": [
            {
                "student": concern.work.student,
                "share": concern.work.share,
                "reasons": [reason.value for reason in concern.reasons],
                "wrong": len(concern.work.wrong),
                "unexplained": concern.work.unexplained,
            }
            for concern in figures.concerns
        ],
        "look_alikes": [
            {
                "student": graded.students[each.student].id,
                "other": graded.students[each.other].id,
                "cells": [figures.cell_alike(cell) for cell in each.cells],
                "missing_own": each.missing_own,
                "chance": each.chance,
            }
            for each in figures.alike
        ],
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "worth": item.worth,
        "difficulty": _told(item.difficulty),
        "discrimination": _told(item.discrimination),
        "verdicts": dict(item.verdicts),
        "misconception": item.mistakes[0] if item.mistakes else None,
        "misconceptions": list(item.mistakes),
        "hand_ins": item.mistaken,
    }


def _told(value: float) -> float | None:
    return None if math.isnan(value) else value
