"""Room: gradsheet. A graded set read back: results/results.json as data, beside the set that it is of.

Only what a report needs is asked for; whatever else stands there is let be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from exercises.errors import InputError
from exercises.operations.row import Array
from grader.gradebook import Ledger
from grader.statistics import Told
from gradsheet.course_set import RESULTS, CourseSet, read_set

FILE = "results.json"

GRADED = "graded"

Exact = Annotated[str, msgspec.Meta(pattern=r"^-?\d+(/[1-9]\d*)?$")]
"""A fraction as text."""


class CellRecord(msgspec.Struct, frozen=True):
    """One cell of one hand-in; ``marks`` and ``worth`` are exact fractions, None for a cell that wasn't asked."""

    id: str
    verdict: Literal["correct", "carried", "wrong", "unreadable", "missing"]
    value: float | None = None
    marks: Exact | None = None
    worth: Exact | None = None


class ExplanationRecord(msgspec.Struct, frozen=True):
    """One explanation of one hand-in, as ``check --json`` has it."""

    code: str
    sentence: str = ""
    kind: str = "mistake"
    sites: list[str] = []
    cells: list[str] = []
    alternative: int = 0
    tentative: bool = False


class StudentRecord(msgspec.Struct, frozen=True):
    """One student; cells and scores only where the hand-in was graded."""

    id: str
    name: str
    status: str
    remark: str = ""
    score: Exact = "0"
    final_score: Exact | None = None
    out_of: Exact = "0"
    cells: list[CellRecord] = []
    explanations: list[ExplanationRecord] = []

    @property
    def graded(self) -> bool:
        return self.status == GRADED

    @property
    def final(self) -> Fraction:
        """The score that counts, lateness and rounding included."""
        return Fraction(self.score if self.final_score is None else self.final_score)

    @property
    def told(self) -> tuple[Told, ...]:
        """What is said of the hand-in; explanations with the same alternative are rivals."""
        several = [one.alternative for one in self.explanations]
        return tuple(
            Told(
                one.code,
                one.kind,
                one.sentence,
                tuple(one.sites),
                tuple(one.cells),
                one.tentative,
                several.count(one.alternative) > 1,
            )
            for one in self.explanations
        )


class LedgerRecord(msgspec.Struct, frozen=True):
    """The ledger as grade wrote it down."""

    roster: int
    graded: int
    missing: int
    rejected: int
    strays: list[str] = []
    quarantined: int = 0


class ResultsRecord(msgspec.Struct, frozen=True):
    """``results/results.json``."""

    ledger: LedgerRecord
    students: list[StudentRecord]


@dataclass(frozen=True)
class GradedClass:
    """A set and its results; students in the set's order."""

    course: CourseSet
    ledger: Ledger
    students: tuple[StudentRecord, ...]

    @property
    def title(self) -> str:
        return self.course.specification.title or self.course.specification.name

    @cached_property
    def graded(self) -> tuple[StudentRecord, ...]:
        return tuple(student for student in self.students if student.graded)

    @property
    def several(self) -> bool:
        """Whether ids have their exercise's number before them."""
        return len(self.course.exercises) > 1

    def id_of(self, exercise: int, cell: str) -> str:
        return f"{exercise}:{cell}" if self.several else cell

    @cached_property
    def items(self) -> list[tuple[int, str]]:
        """The asked cells in the sheet's order, each with its exercise's number."""
        return [(exercise.number, cell) for exercise in self.course.exercises for cell in exercise.answers]

    @cached_property
    def out_of(self) -> Fraction:
        """The full mark: that of the first hand-in graded, a mark a cell where there is none."""
        first = next(iter(self.graded), None)
        return Fraction(len(self.items)) if first is None else Fraction(first.out_of)


def read_graded(folder: Path) -> GradedClass:
    """Read a set and what grade wrote of it; InputError where it hasn't been graded, or the two don't go together."""
    course = read_set(folder)
    path = folder / RESULTS / FILE
    if not path.is_file():
        raise InputError(
            f"not graded yet (no {RESULTS}/{FILE}); run gradsheet grade {folder} SUBMISSIONS first", where=str(folder)
        )
    try:
        record = msgspec.json.decode(path.read_bytes(), type=ResultsRecord)
        _check(record, course)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"expected what gradsheet grade wrote of this set, found something else ({error}); grade it again",
            where=str(path),
        ) from error
    ledger = record.ledger
    strays = tuple(ledger.strays)
    counted = Ledger(ledger.roster, ledger.graded, ledger.missing, ledger.rejected, strays, ledger.quarantined)
    return GradedClass(course, counted, tuple(record.students))


def _check(record: ResultsRecord, course: CourseSet) -> None:
    """ValueError where the results are of other students or other cells."""
    if [student.id for student in record.students] != [student.id for student in course.students]:
        raise ValueError("its students aren't those of the set")
    several = len(course.exercises) > 1
    asked = {f"{each.number}:{cell}" if several else cell for each in course.exercises for cell in each.answers}
    for student in record.students:
        if student.graded:
            marked = {cell.id for cell in student.cells if cell.marks is not None}
            if not asked <= marked:
                raise ValueError(f"the cells of {student.id} aren't those of the set")


def marks_of(graded: GradedClass) -> tuple[Array, Array]:
    """The marks (students, items) of those graded, and the items' full marks (items,)."""
    ids = [graded.id_of(*item) for item in graded.items]
    rows = [{cell.id: cell for cell in student.cells} for student in graded.graded]
    marks = np.array([[_number(row[name].marks) for name in ids] for row in rows]).reshape(len(rows), len(ids))
    worth = [_number(rows[0][name].worth) if rows else 1.0 for name in ids]
    return marks, np.array(worth)


@lru_cache(maxsize=1000)  # a class has few different marks, and many of each
def _number(text: str | None) -> float:
    return 1.0 if text is None else float(Fraction(text))


def verdicts_of(graded: GradedClass, kinds: Sequence[str]) -> Array:
    """The share of each verdict: (items, kinds); all 0 where nobody was graded."""
    ids = {graded.id_of(*item): place for place, item in enumerate(graded.items)}
    counts = np.zeros((len(ids), len(kinds)))
    places = {kind: place for place, kind in enumerate(kinds)}
    for student in graded.graded:
        for cell in student.cells:
            if cell.id in ids:
                counts[ids[cell.id], places[cell.verdict]] += 1
    return counts / max(len(graded.graded), 1)
