"""Room: gradsheet. A graded set read back: results/results.json as data, beside the set that it is of.

Only what a report needs is asked for; whatever else stands there is let be. Students are read one at a time; of each
numbers are kept in arrays, and what is said of the hand-in, which many have in common.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from exercises.operations.row import Array
from grader.gradebook import Ledger
from grader.statistics import Told
from gradsheet.course_set import CourseSet, read_set
from gradsheet.results_stream import FILE as FILE
from gradsheet.results_stream import not_results, results_file

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


@dataclass(frozen=True, slots=True)
class Student:
    """What is kept of a student: ``wrong`` are the cells that are, ``told`` what is said of the hand-in."""

    id: str
    name: str
    status: str
    remark: str
    score: Fraction
    final: Fraction
    """The score that counts, lateness and rounding included."""
    wrong: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def graded(self) -> bool:
        return self.status == GRADED


def _told(explanations: Sequence[ExplanationRecord]) -> tuple[Told, ...]:
    """What is said of a hand-in; explanations with the same alternative are rivals."""
    several = [one.alternative for one in explanations]
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
        for one in explanations
    )


class LedgerRecord(msgspec.Struct, frozen=True):
    """The ledger as grade wrote it down."""

    roster: int
    graded: int
    missing: int
    rejected: int
    strays: list[str] = []
    quarantined: int = 0


VERDICTS = ("correct", "carried", "wrong", "unreadable", "missing")


@dataclass(frozen=True)
class GradedClass:
    """A set and its results; students in the set's order, ``graded`` those of them who were.

    ``marks`` (graded, items), ``worth`` (items,) their full marks; ``verdicts`` counts them: (items, ``VERDICTS``).
    ``values`` are the numbers handed in, by cell, one a student of the set, NaN where there is none.
    """

    course: CourseSet
    ledger: Ledger
    students: tuple[Student, ...]
    out_of: Fraction
    """The full mark: that of the first hand-in graded, a mark a cell where there is none."""
    marks: Array
    worth: Array
    verdicts: Array
    values: Mapping[str, Array]

    @property
    def title(self) -> str:
        return self.course.specification.title or self.course.specification.name

    @cached_property
    def graded(self) -> tuple[Student, ...]:
        return tuple(student for student in self.students if student.graded)

    def id_of(self, exercise: int, cell: str) -> str:
        return id_of(self.course, exercise, cell)

    @property
    def several(self) -> bool:
        """Whether ids have their exercise's number before them."""
        return len(self.course.exercises) > 1

    @cached_property
    def items(self) -> list[tuple[int, str]]:
        """The asked cells in the sheet's order, each with its exercise's number."""
        return items_of(self.course)


def items_of(course: CourseSet) -> list[tuple[int, str]]:
    """The asked cells in the sheet's order, each with its exercise's number."""
    return [(exercise.number, cell) for exercise in course.exercises for cell in exercise.answers]


def id_of(course: CourseSet, exercise: int, cell: str) -> str:
    """A cell's id in the results."""
    return f"{exercise}:{cell}" if len(course.exercises) > 1 else cell


def read_graded(folder: Path) -> GradedClass:
    """Read a set and what grade wrote of it; InputError where it hasn't been graded, or the two don't go together."""
    course = read_set(folder)
    file = results_file(folder)
    try:
        ledger = msgspec.convert(file.rest.get("ledger"), LedgerRecord)
        reading = _Reading(course)
        for line in file.students():
            reading.add(line)
        reading.check_complete()
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise not_results(file.path, error) from error
    strays = tuple(ledger.strays)
    counted = Ledger(ledger.roster, ledger.graded, ledger.missing, ledger.rejected, strays, ledger.quarantined)
    return reading.finished(counted)


class _Reading:
    """Students as they come; ValueError where the results are of other students or other cells."""

    def __init__(self, course: CourseSet) -> None:
        self.course = course
        self.decoder = msgspec.json.Decoder(StudentRecord)
        self.items = {id_of(course, *item): at for at, item in enumerate(items_of(course))}
        self.students: list[Student] = []
        self.marks, self.graded = np.zeros((len(course.students), len(self.items))), 0
        self.worth: list[float] = []
        self.out_of: Fraction | None = None
        self.verdicts = np.zeros((len(self.items), len(VERDICTS)), dtype=np.int64)
        self.values: dict[str, Array] = {}
        self.known: dict[bytes, tuple[Told, ...]] = {}

    def add(self, line: bytes) -> None:
        one = self.decoder.decode(line)
        place = len(self.students)
        if place >= len(self.course.students) or one.id != self.course.students[place].id:
            raise ValueError("its students aren't those of the set")
        told: tuple[Told, ...] = ()
        if one.status == GRADED:
            self._add_cells(place, one)
            told = self._shared(one)
        wrong = tuple(sys.intern(cell.id) for cell in one.cells if cell.verdict == "wrong")
        student, score = self.course.students[place], _fraction(one.score)
        final = score if one.final_score is None else _fraction(one.final_score)
        self.students.append(Student(student.id, one.name, one.status, one.remark, score, final, wrong, told))

    def _shared(self, one: StudentRecord) -> tuple[Told, ...]:
        if not one.explanations:
            return ()
        key = msgspec.msgpack.encode(one.explanations)
        if key not in self.known:
            self.known[key] = _told(one.explanations)
        return self.known[key]

    def _add_cells(self, place: int, one: StudentRecord) -> None:
        row, found = self.marks[self.graded], 0
        worth = [1.0] * len(self.items)
        for cell in one.cells:
            at = self.items.get(cell.id)
            if at is not None:
                self.verdicts[at, _PLACES[cell.verdict]] += 1
                if cell.marks is not None:
                    row[at], worth[at], found = _number(cell.marks), _number(cell.worth), found + 1
            if cell.value is not None:
                if cell.id not in self.values:
                    self.values[cell.id] = np.full(len(self.course.students), np.nan)
                self.values[cell.id][place] = cell.value
        if found != len(self.items):
            raise ValueError(f"the cells of {one.id} aren't those of the set")
        if self.out_of is None:
            self.out_of, self.worth = _fraction(one.out_of), worth
        self.graded += 1

    def check_complete(self) -> None:
        if len(self.students) != len(self.course.students):
            raise ValueError("its students aren't those of the set")

    def finished(self, ledger: Ledger) -> GradedClass:
        count = len(self.items)
        return GradedClass(
            self.course,
            ledger,
            tuple(self.students),
            Fraction(count) if self.out_of is None else self.out_of,
            self.marks[: self.graded],
            np.array(self.worth or [1.0] * count),
            self.verdicts.astype(np.float64),
            self.values,
        )


_PLACES = {verdict: place for place, verdict in enumerate(VERDICTS)}


@lru_cache(maxsize=1000)  # a class has few different marks, and many of each
def _number(text: str | None) -> float:
    return 1.0 if text is None else float(Fraction(text))


@lru_cache(maxsize=10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)
