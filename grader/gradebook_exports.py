"""Room: grader. Scores as other platforms take them: one flavour a platform over one writer.

A student's id goes where the platform keeps ids, or, where it is an e-mail address, where it keeps those. Whoever has
no score (nothing handed in, or a hand-in that can't be read) has a blank there: platforms leave such a student alone,
and nobody gets a zero unnoticed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.gradebook import harmless, number


@dataclass(frozen=True, slots=True)
class Grade:
    """One student's score; None where there is none."""

    student: str
    name: str
    score: Fraction | None

    @property
    def number(self) -> str:
        return "" if self.score is None else number(self.score)

    @property
    def by_id(self) -> str:
        return "" if "@" in self.student else harmless(self.student)

    @property
    def by_email(self) -> str:
        return harmless(self.student) if "@" in self.student else ""

    @property
    def shown(self) -> str:
        return harmless(self.name or self.student)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the scores are of, and its full mark."""

    title: str
    out_of: Fraction


Table = Callable[[Assignment, Sequence[Grade]], list[list[str]]]


def _moodle(assignment: Assignment, grades: Sequence[Grade]) -> list[list[str]]:
    """Grades > Import > CSV file; map from "ID number" (or "Email address"), and the last column to the grade item."""
    head = ["ID number", "Email address", "Full name", harmless(assignment.title)]
    return [head, *([grade.by_id, grade.by_email, grade.shown, grade.number] for grade in grades)]


def _canvas(assignment: Assignment, grades: Sequence[Grade]) -> list[list[str]]:
    """Gradebook > Import; a title that no assignment of the course has makes a new one."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", _without_number(assignment.title)]
    points = ["Points Possible", "", "", "", "", number(assignment.out_of)]
    rows = ([grade.shown, "", grade.by_id, grade.by_email, "", grade.number] for grade in grades)
    return [head, points, *rows]


def _without_number(title: str) -> str:
    """Canvas takes a number in parentheses at the end for its own number of the assignment."""
    return harmless(re.sub(r"\((\d+)\)\s*$", r"[\1]", title))


def _gradescope(assignment: Assignment, grades: Sequence[Grade]) -> list[list[str]]:
    """The columns of Gradescope's own download of one assignment's scores, for whatever reads those."""
    head = ["Name", "SID", "Email", "Total Score", "Max Points", "Status"]
    full = number(assignment.out_of)
    return [
        head,
        *(
            [grade.shown, grade.by_id, grade.by_email, grade.number, full, "Graded" if grade.number else "Missing"]
            for grade in grades
        ),
    ]


PLATFORMS: Mapping[str, Table] = {"moodle": _moodle, "canvas": _canvas, "gradescope": _gradescope}


def exported(platform: str, assignment: Assignment, grades: Sequence[Grade]) -> str:
    """The CSV that a platform of ``PLATFORMS`` imports; texts that a spreadsheet would work out are made harmless."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(PLATFORMS[platform](assignment, grades))
    return lines.getvalue()
