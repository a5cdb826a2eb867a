"""Room: gradsheet. A set held against its own record: every key worked out anew, every file looked at again.

What lies in the folder is compared with what the record (``teacher/set.json`` and ``students.jsonl``) leads to, a batch
of students at a time. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from exercises.differences import TOLERANCE, Checked, Off, differences_of
from exercises.errors import InputError
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.specification import Exercise
from gradsheet.course_set import NUMBERS, TEACHER, CourseSet, read_record
from gradsheet.orders import Order, sheets
from gradsheet.papers import places_of
from gradsheet.secret import fingerprint
from gradsheet.verified_files import Finding, SetFolder, StudentPaper
from templates.environment import Templates
from templates.planted import right_answers

TOGETHER = 256
"""Students looked at in one go: worth a run's overhead, and memory stays small."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and all that does not agree.

    ``undecided`` counts derivatives of which differences say nothing (a kink is too near), ``unread`` the files on
    paper, which can't be read back.
    """

    students: int
    files: int
    values: int
    gradients: int
    undecided: int
    unread: int
    drawn_again: bool
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.remark)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.remark)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How closely to look: ``quick`` leaves out the texts around the numbers; with a ``secret`` the numbers are drawn
    again; ``templates`` are a teacher's own, with which the texts were made."""

    quick: bool = False
    secret: bytes | None = None
    templates: Templates | None = None


def verify(
    course: CourseSet, wishes: Wishes | None = None, progress: Callable[[int], None] = lambda looked: None
) -> Verified:
    """Look at everything; ``progress`` is told of every student.

    InputError where the secret isn't the one that the set was drawn from.
    """
    wishes = wishes or Wishes()
    if wishes.secret is not None:
        _require_same_secret(course, wishes.secret)
    found: list[Finding] = []
    gradients = _Gradients(course)
    folder = SetFolder(course, wishes.quick, wishes.templates)
    for start in range(0, len(course.students), TOGETHER):
        some = range(start, min(start + TOGETHER, len(course.students)))
        worked = [_worked(course, exercise, some) for exercise in course.exercises]
        for one in worked:
            gradients.add(one, differences_of(one.exercise.program).check(one.values))
        if wishes.secret is not None:
            found += _drawn_again(course, wishes.secret, some)
        for place in some:
            found += folder.look_at(course.students[place], [one.of(place) for one in worked])
            progress(1)
    return Verified(
        students=len(course.students),
        files=folder.looked_at,
        values=folder.values,
        gradients=gradients.compared,
        undecided=gradients.undecided,
        unread=folder.unread(),
        drawn_again=wishes.secret is not None,
        findings=(*gradients.findings(), *found, *folder.strangers()),
    )


@dataclass(frozen=True, slots=True)
class _Worked:
    """One exercise for a batch of students, worked out anew; ``rows`` are the flat places of the asked cells."""

    exercise: Exercise
    some: range
    given: Mapping[str, Array]
    values: Mapping[str, Array]
    mistakes: Sequence[str]
    rows: Mapping[str, tuple[str, int]]

    def of(self, student: int) -> StudentPaper:
        """The paper of the student at that place of the roster."""
        place = student - self.some.start
        given = {name: np.array(array[..., place : place + 1]) for name, array in self.given.items()}
        filled = self.exercise.filled(given, places_of(self.exercise))
        if self.exercise.finding:
            filled = replace(filled, mistake=self.mistakes[place])
            return StudentPaper(filled, right_answers(filled))
        return StudentPaper(filled, {cell: self._text(cell, place) for cell in self.exercise.asked})

    def _text(self, cell: str, place: int) -> str:
        quantity, row = self.rows[cell]
        values = self.values[quantity]
        value = float(values.reshape(-1, values.shape[-1])[row, place])
        return places_of(self.exercise).of(cell).text(value) if np.isfinite(value) else "no number"


def _worked(course: CourseSet, exercise: Exercise, some: range) -> _Worked:
    part = slice(some.start, some.stop)
    given = {name: array[..., part] for name, array in course.numbers[exercise.number].items()}
    values = {**given, **flatten(exercise.program).run(given)}
    asked = frozenset(exercise.asked)
    rows = {
        cell: (name, row)
        for name, shape in exercise.program.shapes.items()
        for row, cell in enumerate(cell_ids(name, shape))
        if cell in asked
    }
    return _Worked(exercise, some, given, values, course.mistakes[exercise.number][part], rows)


@dataclass(slots=True)
class _Gradients:
    """What finite differences found, told once for each cell: a wrong rule is wrong for the whole class."""

    course: CourseSet
    compared: int = 0
    undecided: int = 0
    wrong: dict[tuple[int, str], list[tuple[str, Off]]] = field(default_factory=dict)

    def add(self, one: _Worked, checked: Checked) -> None:
        self.compared += checked.compared
        self.undecided += checked.undecided
        for off in checked.off:
            student = self.course.students[one.some.start + off.variant].id
            self.wrong.setdefault((one.exercise.number, off.cell), []).append((student, off))

    def findings(self) -> Iterator[Finding]:
        for (number, cell), found in self.wrong.items():
            student, off = found[0]
            where = f"exercise {number}, {cell}"
            expected = f"{off.found:.9g} by finite differences (within {TOLERANCE:g})"
            yield Finding("gradient", student, where, f"{off.derived:.9g}", expected, len(found))


def _require_same_secret(course: CourseSet, secret: bytes) -> None:
    if read_record(course.folder).drawn_from != fingerprint(secret):
        raise InputError(
            "this set was drawn from another course secret; name the right one with --secret", where=str(course.folder)
        )


def _drawn_again(course: CourseSet, secret: bytes, some: range) -> Iterator[Finding]:
    """Which numbers of the record the secret doesn't give."""
    specification = replace(course.specification, exercises=course.exercises)
    students = course.students[some.start : some.stop]
    order = Order(specification, "", students, secret, course.attempt)
    for place, sheet in zip(some, sheets(order), strict=True):
        for exercise in sheet.exercises:
            where = f"{TEACHER}/{NUMBERS}"
            for name, array in exercise.given.items():
                recorded = course.numbers[exercise.number][name][..., place : place + 1]
                if not np.array_equal(recorded, array):
                    numbers = str(recorded[..., 0].tolist()), str(array[..., 0].tolist())
                    yield Finding("drawn", where, f"{sheet.student.id}, exercise {exercise.number}, {name}", *numbers)
            planted = course.mistakes[exercise.number][place] if exercise.finding else ""
            if exercise.finding and planted != exercise.mistake:
                at = f"{sheet.student.id}, exercise {exercise.number}, mistake"
                yield Finding("drawn", where, at, planted, exercise.mistake)


def as_json(verified: Verified) -> dict[str, Any]:
    """For programs: what was looked at, ``agrees``, and every finding."""
    told = {name: getattr(verified, name) for name in ("students", "files", "values", "gradients", "undecided")}
    told |= {"unread": verified.unread, "drawn_again": verified.drawn_again, "agrees": not verified.wrong}
    findings = [
        {
            "kind": one.kind,
            "where": one.where,
            "place": one.place,
            "found": one.found,
            "expected": one.expected or None,
            "students": one.students,
        }
        for one in verified.wrong
    ]
    remarks = [f"{one}" for one in verified.remarks]
    return {**told, "findings": findings, "remarks": remarks}


MOST_SHOWN = 20
"""Findings listed one by one on a terminal; ``--json`` has all."""


def summary(verified: Verified) -> str:
    """What a teacher reads: what does not agree, then what was looked at."""
    lines = [str(one) for one in verified.wrong[:MOST_SHOWN]]
    if len(verified.wrong) > MOST_SHOWN:
        lines.append(f"… and {len(verified.wrong) - MOST_SHOWN} more; --json prints all")
    lines += [f"(remark) {one}" for one in verified.remarks[:MOST_SHOWN]]
    lines += [""] if lines else []
    drawn = "; all numbers drawn again from the secret" if verified.drawn_again else ""
    lines.append(
        f"Looked at {verified.students:,} students: {verified.files:,} files, {verified.values:,} values of keys, "
        f"{verified.gradients:,} derivatives by finite differences{drawn}."
    )
    if verified.undecided:
        lines.append(f"{verified.undecided:,} derivatives stand at a kink, where differences say nothing.")
    if verified.unread:
        lines.append(f"{verified.unread:,} PDF files can't be read back; their numbers are those of the record.")
    count = len(verified.wrong)
    told = "1 thing doesn't agree." if count == 1 else f"{count:,} things don't agree."
    lines.append(told if count else "Everything agrees.")
    return "\n".join(lines)
