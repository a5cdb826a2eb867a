"""Room: gradsheet. What stands at the head of a sheet, and tells it from all others of the course."""

from __future__ import annotations

from exercises.specification import Specification
from gradsheet.roster import Student
from templates.render import Header


def header_of(specification: Specification, student: Student | None, attempt: int = 1) -> Header:
    """What stands at the head of a sheet; a student's has an answer form beside it, whose name it tells."""
    return Header(
        title=specification.title or specification.name,
        course=specification.course,
        date=specification.date,
        note=specification.note,
        student=student.name or student.id if student else "",
        sheet=sheet_name(specification, attempt, student.id if student else ""),
        form=form_name(student.id) if student else "",
    )


def form_name(student: str) -> str:
    """The file with a student's answer form, which the sheet tells to fill in."""
    return f"{student}.csv"


def sheet_name(specification: Specification, attempt: int, student: str = "") -> str:
    """What tells a sheet from all others of the course; it stands on the sheet and on its feedback."""
    return f"{specification.name}-{attempt}" + (f"-{student}" if student else "")
