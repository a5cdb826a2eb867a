"""Room: gradsheet. Feedback for some students of a class that was graded without: from what results.json has of them.

The results hold what each student wrote and by which rules it was marked; a student is marked once more from that, and
the outcome must be the one that stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from exercises.errors import InputError, unknown
from grader.gradebook import AttemptTaken, Row, Status, ledger_of
from grader.policy import Policy
from grader.resolution import Ignored, Paper
from gradsheet.class_marking import MarkedClass, Rules
from gradsheet.class_parts import feedback_files
from gradsheet.class_rows import student_json
from gradsheet.course_set import RESULTS, CourseSet, read_set
from gradsheet.decisions import OVERRIDES, Overrides, decided, read_overrides
from gradsheet.feedback import Reveal
from gradsheet.files import private_folder, write_atomically
from gradsheet.marking_record import rules_of
from gradsheet.papers import mark_exercise, papers_of
from gradsheet.roster import same_student

RECORD, FEEDBACK = "results.json", "feedback"

HINTED = 1_000
"""Ids among which the nearest to an unknown one is looked for."""


def write_feedback(folder: Path, ids: Sequence[str], formats: Sequence[str], reveal: Reveal) -> list[Path]:
    """Write DIR/results/feedback/ID.md (or .html, .pdf) for these students; return the files.

    InputError for a class that wasn't graded, a student who isn't on the roster or has nothing graded, and where the
    results are no longer those of the set.
    """
    course = read_set(folder)
    places = [_place(course, identity) for identity in ids]
    record = folder / RESULTS / RECORD
    if not record.is_file():
        raise InputError(
            f"not graded yet (no {RESULTS}/{RECORD}); run gradsheet grade {folder} SUBMISSIONS first", where=str(folder)
        )
    desk = _Desk.of(course, record)
    written = []
    told = desk.told({course.students[place].id for place in places})
    for place in places:
        marked = desk.marked(place, told[course.students[place].id])
        target = private_folder(folder / RESULTS) / FEEDBACK
        target.mkdir(exist_ok=True)
        for name, data in feedback_files(marked, formats, reveal):
            write_atomically(target / name, data)
            written.append(target / name)
    return written


def _place(course: CourseSet, identity: str) -> int:
    key = same_student(identity)
    found = next((place for place, student in enumerate(course.students) if same_student(student.id) == key), None)
    if found is None:
        raise InputError(unknown("student", identity, [student.id for student in course.students[:HINTED]]))
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """A set, its results, and what marks depend on besides them."""

    course: CourseSet
    record: Path
    papers: tuple[Paper, ...]
    rules: Rules
    overrides: Overrides

    @classmethod
    def of(cls, course: CourseSet, record: Path) -> _Desk:
        papers = papers_of(course.exercises)
        table = course.folder / OVERRIDES
        overrides = read_overrides(table, course.students, papers) if table.is_file() else {}
        return cls(course, record, papers, _rules(record), overrides)

    def told(self, ids: set[str]) -> dict[str, Any]:
        """What the results have of these students."""
        found = {}
        for line in _lines(self.record):
            student = _decoded(line, self.record)
            if student.get("id") in ids:
                found[student["id"]] = student
        missing = sorted(ids - found.keys())
        if missing:
            raise InputError(f"{missing[0]} isn't in it; grade the class again", where=str(self.record))
        return found

    def marked(self, place: int, told: Mapping[str, Any]) -> MarkedClass:
        """One student marked once more; InputError where that comes out otherwise than the results say."""
        course = self.course.part(place, place + 1)
        (student,) = course.students
        if told["status"] != Status.GRADED.value:
            because = f": {told['remark']}" if told["remark"] else ""
            raise InputError(f"{student.id} has no feedback, since the hand-in is {told['status']}{because}")
        several = len(self.papers) > 1
        scripts = []
        for exercise, paper in zip(course.exercises, self.papers, strict=True):
            texts = _texts(told, f"{paper.number}:" if several else "")
            numbers, labels = course.numbers[exercise.number], course.mistakes[exercise.number]
            tolerance, policy = self.rules.tolerance, self.rules.policy
            scripts += mark_exercise(exercise, paper, numbers, [texts], labels, tolerance=tolerance, policy=policy)
        row = _row(told, decided(scripts, self.overrides.get(student.id, ())), self.rules.policy)
        ignored = {student.id: _ignored(told)} if told["ignored"] else {}
        ledger = ledger_of([row], ())
        marked = MarkedClass(course, self.papers, self.rules.policy, (row,), ignored, ledger, self.rules)
        if msgspec.json.decode(msgspec.json.encode(student_json(marked, row))) != told:
            raise InputError(
                f"{student.id} comes out otherwise than these results say: numbers, decisions on appeal or the program "
                "have changed since; grade the class again",
                where=str(self.record),
            )
        return marked


def _rules(record: Path) -> Rules:
    with record.open("rb") as lines:
        head = b"".join(next(lines, b"") for _ in range(2)).rstrip().rstrip(b",") + b"}"
    return rules_of(_decoded(head, record).get("rules"), str(record))


def _lines(record: Path) -> Iterator[bytes]:
    """The lines of the students, one each."""
    with record.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"id":'):
                yield line.rstrip().rstrip(b",")


def _decoded(line: bytes, record: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"expected what gradsheet grade wrote ({error}); grade again", where=str(record)) from error
    if not isinstance(found, dict):
        raise InputError("expected what gradsheet grade wrote; grade again", where=str(record))
    return found


def _texts(told: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        cell["id"].removeprefix(prefix): cell["text"]
        for cell in told["cells"]
        if cell["text"] and cell["id"].startswith(prefix)
    }


def _row(told: Mapping[str, Any], scripts: Any, policy: Policy) -> Row:
    days = Fraction(told["days_late"])
    attempts = tuple(
        AttemptTaken(each["file"], each["counts"], Fraction(each["score"]) if "score" in each else None)
        for each in told.get("attempts", ())
    )
    return Row(
        told["id"],
        told["name"],
        Status.GRADED,
        scripts,
        days_late=days,
        keeps=policy.late.keeps(days),
        total=policy.total,
        told_late=told.get("told_late", ""),
        attempts=attempts,
    )


def _ignored(told: Mapping[str, Any]) -> tuple[Ignored, ...]:
    return tuple(Ignored(each["id"], each["place"], each["nearest"], each["given"]) for each in told["ignored"])
