"""Room: gradsheet. A graded set read back: results/results.json as data, beside the set that it is of.

Students are read one at a time; of each numbers are kept in arrays, and what is said of the hand-in, which many have in
common.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array
from grader.gradebook import Ledger
from grader.statistics import Told
from gradsheet.course_set import CourseSet, read_set
from gradsheet.result_records import EXACT, CellRecord, ExplanationRecord, LedgerRecord, StudentRecord
from gradsheet.results_stream import FILE as FILE
from gradsheet.results_stream import not_results, results_file

GRADED = "graded"


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


TOGETHER = 1_000
"""Students whose numbers are put into arrays at a time."""

MOST_OUTCOMES = 2_000
"""Outcomes that are remembered: which cells have which verdict and marks; most of a class share a few."""

_Outcome = tuple[tuple[str, ...], tuple[str, ...], tuple[str | None, ...], tuple[str | None, ...]]
"""Of all cells the ids, verdicts, marks and full marks."""


class _Marked(NamedTuple):
    """What an outcome comes to: ``marks`` and ``worth`` (items,), and how often each has which verdict."""

    marks: Array
    worth: Array
    verdicts: NDArray[np.int16]
    wrong: tuple[str, ...]
    found: int
    """Cells of the set that have marks."""


class _Reading:
    """Students as they come; ValueError where the results are of other students or other cells."""

    def __init__(self, course: CourseSet) -> None:
        self.course = course
        self.decoder = msgspec.json.Decoder(StudentRecord)
        self.items = {id_of(course, *item): at for at, item in enumerate(items_of(course))}
        self.students: list[Student] = []
        self.marks, self.graded = np.zeros((len(course.students), len(self.items))), 0
        self.worth: Array | None = None
        self.out_of: Fraction | None = None
        self.verdicts = np.zeros((len(self.items), len(VERDICTS)), dtype=np.int64)
        self.values: dict[str, Array] = {}
        self.waiting: dict[tuple[str, ...], tuple[list[int], list[list[float | None]]]] = {}
        self.complete: set[tuple[str, ...]] = set()
        self.known: dict[bytes, tuple[Told, ...]] = {}
        self.outcomes: dict[_Outcome, _Marked] = {}

    def add(self, line: bytes) -> None:
        one = self.decoder.decode(line)
        place = len(self.students)
        if place >= len(self.course.students) or one.id != self.course.students[place].id:
            raise ValueError("its students aren't those of the set")
        told: tuple[Told, ...] = ()
        wrong: tuple[str, ...] = ()
        if one.status == GRADED:
            wrong = self._add_cells(place, one)
            told = self._shared(one)
        student, score = self.course.students[place], _fraction(one.score)
        name = student.name if one.name == student.name else one.name
        final = score if one.final_score is None else _fraction(one.final_score)
        self.students.append(Student(student.id, name, sys.intern(one.status), one.remark, score, final, wrong, told))

    def _shared(self, one: StudentRecord) -> tuple[Told, ...]:
        if not one.explanations:
            return ()
        key = msgspec.msgpack.encode(one.explanations)
        if key not in self.known:
            self.known[key] = _told(one.explanations)
        return self.known[key]

    def _add_cells(self, place: int, one: StudentRecord) -> tuple[str, ...]:
        """Keep the numbers of a hand-in; give the cells that are wrong."""
        cells = one.cells
        ids = tuple([cell.id for cell in cells])
        marks, worth = tuple([cell.marks for cell in cells]), tuple([cell.worth for cell in cells])
        outcome = ids, tuple([cell.verdict for cell in cells]), marks, worth
        marked = self.outcomes.get(outcome)
        if marked is None:
            marked = self._marked(cells)
            if len(self.outcomes) < MOST_OUTCOMES:
                self.outcomes[outcome] = marked
        if marked.found != len(self.items):
            raise ValueError(f"the cells of {one.id} aren't those of the set")
        self.marks[self.graded] = marked.marks
        self.verdicts += marked.verdicts
        self._wait(place, ids, [cell.value for cell in cells])
        if self.out_of is None:
            self.out_of, self.worth = _fraction(one.out_of), marked.worth
        self.graded += 1
        return marked.wrong

    def _marked(self, cells: Sequence[CellRecord]) -> _Marked:
        marks, worth, found = np.zeros(len(self.items)), np.ones(len(self.items)), 0
        verdicts = np.zeros(self.verdicts.shape, dtype=np.int16)
        for cell in cells:
            at, own, full = self.items.get(cell.id), _number(cell.marks), _number(cell.worth)
            if at is not None:
                verdicts[at, _PLACES[cell.verdict]] += 1
                if cell.marks is not None:
                    marks[at], worth[at], found = own, full, found + 1
        wrong = tuple(sys.intern(cell.id) for cell in cells if cell.verdict == "wrong")
        return _Marked(marks, worth, verdicts, wrong, found)

    def _wait(self, place: int, ids: tuple[str, ...], values: list[float | None]) -> None:
        """Numbers are put into their columns many students at a time."""
        if ids not in self.complete:  # columns are in the order in which their first numbers come
            for cell, value in zip(ids, values, strict=True):
                if value is not None and cell not in self.values:
                    self.values[sys.intern(cell)] = np.full(len(self.course.students), np.nan)
            if all(cell in self.values for cell in ids):
                self.complete.add(ids)
        places, rows = self.waiting.setdefault(ids, ([], []))
        places.append(place)
        rows.append(values)
        if self.graded % TOGETHER == TOGETHER - 1:
            self._settle()

    def _settle(self) -> None:
        for ids, (places, rows) in self.waiting.items():
            students = np.array(places)
            for cell, column in zip(ids, np.array(rows, dtype=np.float64).T, strict=True):
                if cell in self.values:
                    there = ~np.isnan(column)
                    self.values[cell][students[there]] = column[there]
        self.waiting.clear()

    def check_complete(self) -> None:
        if len(self.students) != len(self.course.students):
            raise ValueError("its students aren't those of the set")

    def finished(self, ledger: Ledger) -> GradedClass:
        self._settle()
        count = len(self.items)
        return GradedClass(
            self.course,
            ledger,
            tuple(self.students),
            Fraction(count) if self.out_of is None else self.out_of,
            self.marks[: self.graded],
            np.ones(count) if self.worth is None else self.worth,
            self.verdicts.astype(np.float64),
            self.values,
        )


_PLACES = {verdict: place for place, verdict in enumerate(VERDICTS)}


@lru_cache(maxsize=1000)  # a class has few different marks, and many of each
def _number(text: str | None) -> float:
    if text is None:
        return 1.0
    if not re.search(EXACT, text):
        raise ValueError(f'expected a fraction such as "3/2", found "{text}"')
    return float(Fraction(text))


@lru_cache(maxsize=10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)
