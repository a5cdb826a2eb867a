"""Room: gradsheet. A class's hand-ins marked together: one bad hand-in costs one student, and nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from exercises.errors import InputError
from grader.gradebook import Ledger, Row, Status, ledger_of
from grader.numbers import is_blank
from grader.policy import EXAM, Policy
from grader.resolution import Ignored, Paper, Resolved, fits_a_cell, resolve
from grader.rounding import Tolerance
from grader.scripts import ScriptResult
from grader.submissions import Rejected, Submission, read_folder, read_submission, read_wide_csv
from gradsheet.course_set import NUMBERS, TEACHER, CourseSet
from gradsheet.decisions import OVERRIDES, Overrides, decided, read_late, read_overrides
from gradsheet.papers import mark_exercise, papers_of
from gradsheet.roster import same_student


@dataclass(frozen=True)
class MarkedClass:
    """All rows of the roster in its order, the papers they were marked on, and what fits nowhere."""

    course: CourseSet
    papers: tuple[Paper, ...]
    policy: Policy
    rows: tuple[Row, ...]
    ignored: Mapping[str, tuple[Ignored, ...]]
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Rules:
    """How a class is marked: tolerance (that of rounding by hand where None), policy, and who was late (a CSV)."""

    tolerance: Tolerance | None = None
    policy: Policy = EXAM
    late: Path | None = None


@dataclass(frozen=True, slots=True)
class _Decisions:
    """What the teacher has decided by hand."""

    policy: Policy
    overrides: Overrides
    days_late: Mapping[str, Fraction]

    @classmethod
    def read(cls, course: CourseSet, papers: tuple[Paper, ...], rules: Rules) -> _Decisions:
        table = course.folder / OVERRIDES
        overrides = read_overrides(table, course.students, papers) if table.is_file() else {}
        return cls(rules.policy, overrides, read_late(rules.late, course.students) if rules.late else {})


@dataclass(frozen=True, slots=True)
class _Collected:
    """The hand-ins by their student's place on the roster: those that can be marked, those that can't, and the rest."""

    resolved: Mapping[int, Resolved]
    rejected: Mapping[int, str]
    strays: Sequence[str]


def grade_class(course: CourseSet, submissions: Path, rules: Rules | None = None) -> MarkedClass:
    """Mark every hand-in; InputError only where the submissions as a whole can't be read."""
    papers = papers_of(course.exercises)
    collected = _collect(course, papers, submissions)
    rules = rules or Rules()
    decisions = _Decisions.read(course, papers, rules)
    results = _mark(course, papers, collected.resolved, rules)
    rows = tuple(
        _row(course, place, results.get(place), collected.rejected.get(place, ""), decisions)
        for place in range(len(course.students))
    )
    ignored = {
        course.students[place].id: hand_in.ignored for place, hand_in in collected.resolved.items() if hand_in.ignored
    }
    return MarkedClass(course, papers, rules.policy, rows, ignored, ledger_of(rows, sorted(collected.strays)))


def _collect(course: CourseSet, papers: tuple[Paper, ...], submissions: Path) -> _Collected:
    places = {same_student(student.id): place for place, student in enumerate(course.students)}
    names: dict[int, str] = {}
    resolved: dict[int, Resolved] = {}
    rejected: dict[int, str] = {}
    strays: list[str] = []
    for name, outcome in _hand_ins(submissions, papers):
        place = places.get(same_student(name))
        if place is None:
            strays.append(name)
        elif place in names:
            resolved.pop(place, None)
            rejected[place] = f'two hand-ins, as "{names[place]}" and as "{name}"; keep one'
        else:
            names[place] = name
            try:
                resolved[place] = resolve(_readable(outcome), papers)
            except Rejected as error:
                rejected[place] = str(error)
    return _Collected(resolved, rejected, strays)


def _hand_ins(submissions: Path, papers: tuple[Paper, ...]) -> Iterator[tuple[str, Submission | Rejected]]:
    """Every hand-in by the student's id, or why it can't be read."""
    if submissions.is_file() and submissions.suffix.lower() in (".csv", ".tsv"):
        yield from _of_table(submissions, papers)
        return
    if not submissions.exists():
        raise InputError("no such file or folder; name what holds the hand-ins", where=str(submissions))
    for student, name, data in read_folder(submissions):
        try:
            yield student, data if isinstance(data, Rejected) else read_submission(name, data)
        except Rejected as error:
            yield student, error


def _of_table(table: Path, papers: tuple[Paper, ...]) -> Iterator[tuple[str, Submission | Rejected]]:
    """The rows of one table; one that is blank throughout is the row of a student who has handed nothing in."""
    rows = read_wide_csv(table.name, table.read_bytes())
    heading = next((row for row in rows.values() if isinstance(row, Submission)), None)
    if heading and not any(fits_a_cell(answer.id_text, papers) for answer in heading.answers):
        shown = ", ".join(f'"{answer.id_text}"' for answer in heading.answers[:MOST_SHOWN])
        number, asked = next((paper.number, paper.asked[0]) for paper in papers if paper.asked)
        cell = f"{number}:{asked}" if len(papers) > 1 else asked
        raise InputError(
            f"expected a row a student and a column a cell, such as {cell}; found the columns {shown}, "
            "none of which is a cell of this set; single hand-ins go in a folder",
            where=f"{table}, line 1",
        )
    for student, row in rows.items():
        if isinstance(row, Rejected) or not all(is_blank(answer.text) for answer in row.answers):
            yield student, row


MOST_SHOWN = 4
"""Columns of a table that are named in a complaint."""


def _readable(outcome: Submission | Rejected) -> Submission:
    if isinstance(outcome, Rejected):
        raise outcome
    return outcome


def _mark(
    course: CourseSet, papers: tuple[Paper, ...], resolved: Mapping[int, Resolved], rules: Rules
) -> dict[int, list[ScriptResult]]:
    """Each exercise for all scripts at once: their numbers differ, their lines are the same."""
    handed_in = sorted(resolved)
    results: dict[int, list[ScriptResult]] = {place: [] for place in handed_in}
    if not handed_in:
        return results
    some = np.array(handed_in, dtype=np.intp)
    for exercise, paper in zip(course.exercises, papers, strict=True):
        numbers = {name: array[..., some] for name, array in course.numbers[exercise.number].items()}
        texts = [resolved[place].texts[paper.number] for place in handed_in]
        labels = [course.mistakes[exercise.number][place] for place in handed_in]
        try:
            scripts = mark_exercise(
                exercise, paper, numbers, texts, labels, tolerance=rules.tolerance, policy=rules.policy
            )
        except InputError as error:
            raise error.at(str(course.folder / TEACHER / NUMBERS)) from error
        for place, script in zip(handed_in, scripts, strict=True):
            results[place].append(script)
    return results


def _row(course: CourseSet, place: int, scripts: list[ScriptResult] | None, trouble: str, decisions: _Decisions) -> Row:
    student = course.students[place]
    if trouble:
        return Row(student.id, student.name, Status.REJECTED, remark=trouble)
    if scripts is None:
        return Row(student.id, student.name, Status.MISSING)
    marked = decided(scripts, decisions.overrides.get(student.id, ()))
    days, policy = decisions.days_late.get(student.id, Fraction(0)), decisions.policy
    kept = policy.late.keeps(days)
    return Row(student.id, student.name, Status.GRADED, marked, days_late=days, keeps=kept, total=policy.total)
