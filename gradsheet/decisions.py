"""Room: gradsheet. What a teacher decides by hand: marks on appeal, and who was late. Both survive a second grading.

overrides.csv   student,cell,marks,reason      read from DIR/overrides.csv where it is there
late.csv        student,days                   named with --late
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from exercises.errors import InputError, unknown
from grader.policy import fraction_of
from grader.resolution import Paper
from grader.scripts import ScriptResult
from grader.submissions.decoding import decoded
from gradsheet.roster import Student, same_student

OVERRIDES = "overrides.csv"

MOST_DAYS = 3660
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Override:
    """A teacher's marks for one cell of one student, and why."""

    exercise: int
    cell: str
    marks: Fraction
    reason: str


Overrides = Mapping[str, Sequence[Override]]
"""By student's id as the roster has it."""


def read_overrides(path: Path, students: Sequence[Student], papers: Sequence[Paper]) -> Overrides:
    """The decisions of a table; InputError with its line for a student, cell or number that isn't one."""
    found: dict[str, list[Override]] = {}
    seen: dict[tuple[str, int, str], int] = {}
    for line, row in _rows(path, ("student", "cell", "marks", "reason")):
        where = f"{path}, line {line}"
        student = _student(row["student"], students, where)
        paper, cell = _cell(row["cell"], papers, where)
        marks = fraction_of(row["marks"].replace(",", "."), where)
        if marks < 0:
            raise InputError(f"expected marks from 0 on, found {row['marks']}", where=where)
        before = seen.setdefault((student, paper.number, cell), line)
        if before != line:
            raise InputError(f"{student} and {cell} stand in line {before} already; keep one of the two", where=where)
        found.setdefault(student, []).append(Override(paper.number, cell, marks, row["reason"][:LONGEST_REASON]))
    return found


def read_late(path: Path, students: Sequence[Student]) -> Mapping[str, Fraction]:
    """How many days late each student was; InputError with the line for what is no number of days."""
    days: dict[str, Fraction] = {}
    for line, row in _rows(path, ("student", "days")):
        where = f"{path}, line {line}"
        number = fraction_of(row["days"].replace(",", "."), where)
        if not 0 <= number <= MOST_DAYS:
            raise InputError(f"expected 0 to {MOST_DAYS} days, found {row['days']}", where=where)
        days[_student(row["student"], students, where)] = number
    return days


def decided(scripts: Sequence[ScriptResult], overrides: Sequence[Override]) -> tuple[ScriptResult, ...]:
    """The scripts with a teacher's marks in the place of ours; asked cells only, since others earn nothing."""
    by_cell = {(one.exercise, one.cell): one for one in overrides}
    return tuple(
        replace(
            script,
            cells=tuple(
                replace(cell, marks=override.marks, overridden=override.reason, paid_at=None)
                if cell.marks is not None and (override := by_cell.get((cell.exercise, cell.cell)))
                else cell
                for cell in script.cells
            ),
        )
        for script in scripts
    )


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_text(path)), strict=True)
    try:
        header = [title.strip().lower() for title in next(reader, [])]
        for wanted in columns:
            if wanted not in header:
                found = ", ".join(header) or "nothing"
                raise InputError(f'no column "{wanted}" (found {found})', where=f"{path}, line 1")
        for row in reader:
            if any(cell.strip() for cell in row):
                padded = [*row, *[""] * len(header)]
                yield reader.line_num, {name: padded[header.index(name)].strip() for name in columns}
    except csv.Error as error:
        raise InputError(f"this is no CSV ({error})", where=f"{path}, line {reader.line_num}") from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return decoded(content) if content else ""
    except InputError as error:
        raise InputError("this is no text; save the table as a CSV in UTF-8", where=str(path)) from error


def _student(text: str, students: Sequence[Student], where: str) -> str:
    for student in students:
        if same_student(student.id) == same_student(text):
            return student.id
    raise InputError(unknown("student", text, [student.id for student in students][:1000]), where=where)


def _cell(text: str, papers: Sequence[Paper], where: str) -> tuple[Paper, str]:
    head, colon, rest = text.partition(":")
    number = int(head) if colon and head.strip().isdecimal() and len(head) < 8 else papers[0].number
    for paper in papers:
        cell = paper.cell_named(rest if colon else text) if paper.number == number else None
        if cell is not None and cell in paper.asked:
            return paper, cell
    raise InputError(unknown("asked cell", text, [cell for paper in papers for cell in paper.asked]), where=where)
