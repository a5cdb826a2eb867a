"""Room: gradsheet. A class's sheets made: numbers drawn, files rendered, the folder put in place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exercises.difficulty import effort
from exercises.errors import InputError
from exercises.specification import Exercise, Specification, to_toml
from exercises.stream import seed
from exercises.variants import Variant, draw, draw_many, practice_seed
from gradsheet.course_set import MARKER, NUMBERS, RECORD, STUDENTS, TEACHER, numbers_line, record_of
from gradsheet.files import private_folder, staged_folder, write_atomically
from gradsheet.roster import Student
from templates.render import Header, render_answer_form, render_key, render_notes, render_sheet

TOGETHER = 64
"""Sheets drawn in one go; a batch of candidates is then worth its overhead, and memory stays small."""


@dataclass(frozen=True)
class Order:
    """What is to be made: the set, for whom, and from which secret."""

    specification: Specification
    text: str
    students: Sequence[Student]
    secret: bytes
    attempt: int = 1
    formats: tuple[str, ...] = ("md",)


@dataclass(frozen=True)
class Sheet:
    """One student's exercises with all their numbers, and what had to be loosened to find them."""

    student: Student
    exercises: tuple[Exercise, ...]
    variants: tuple[Variant, ...]


def settled_places(specification: Specification) -> Specification:
    """The same set with the places of every exercise fixed, which don't depend on the roster: a late student's sheet
    has the same digits as everybody's."""
    return replace(specification, exercises=tuple(map(_settled, specification.exercises)))


def _settled(exercise: Exercise) -> Exercise:
    return replace(exercise, precision=draw(exercise, practice_seed("", exercise.number)).precision)


def sheets(order: Order) -> Iterator[Sheet]:
    """Every student's sheet in the roster's order; the same secret gives the same sheets for ever."""
    for start in range(0, len(order.students), TOGETHER):
        some = order.students[start : start + TOGETHER]
        drawn = [_draw_for(order, exercise, some) for exercise in order.specification.exercises]
        for student, variants in zip(some, zip(*drawn, strict=True), strict=True):
            yield Sheet(student, tuple(variant.exercise for variant in variants), variants)


def _draw_for(order: Order, exercise: Exercise, students: Sequence[Student]) -> list[Variant]:
    try:
        return draw_many(exercise, [_seed(order, exercise, student) for student in students])
    except InputError as error:
        raise error.at(order.specification.where) from error


def _seed(order: Order, exercise: Exercise, student: Student) -> bytes:
    return seed(
        order.secret,
        set_name=order.specification.name,
        exercise=exercise.number,
        student=student.id,
        attempt=order.attempt,
    )


def generate(order: Order, folder: Path, *, progress: Callable[[int], None] = lambda made: None) -> None:
    """Write the whole set into ``folder``: all of it, or nothing."""
    order = replace(order, specification=settled_places(order.specification))
    with staged_folder(folder, marker=MARKER) as place:
        students, teacher = place / STUDENTS, private_folder(place / TEACHER)
        for made in (students, teacher / "sheets", teacher / "keys"):
            made.mkdir()
        notes = []
        with (teacher / NUMBERS).open("w", encoding="utf-8", newline="\n") as numbers:
            for count, sheet in enumerate(sheets(order), start=1):
                numbers.write(numbers_line(sheet.student, sheet.exercises))
                _write_sheet(order, sheet, students, teacher)
                notes.append((sheet.student.id, [variant.notes for variant in sheet.variants]))
                progress(count)
        precisions = [exercise.precision for exercise in order.specification.exercises if exercise.precision]
        record = record_of(order.specification, order.text, precisions, order.attempt, len(order.students))
        write_atomically(teacher / RECORD, record)
        write_atomically(teacher / "notes.md", render_notes(order.specification, notes))


def _write_sheet(order: Order, sheet: Sheet, students: Path, teacher: Path) -> None:
    name = sheet.student.id
    header = header_of(order.specification, sheet.student, order.attempt)
    own = replace(order.specification, exercises=sheet.exercises)
    write_atomically(students / f"{name}.md", render_sheet(header, sheet.exercises))
    write_atomically(students / f"{name}.csv", render_answer_form(sheet.exercises))
    write_atomically(teacher / "sheets" / f"{name}.toml", to_toml(own))
    write_atomically(teacher / "keys" / f"{name}.md", render_key(header, sheet.exercises))


def header_of(specification: Specification, student: Student | None, attempt: int = 1) -> Header:
    """What stands at the head of a sheet."""
    sheet_id = f"{specification.name}-{attempt}" + (f"-{student.id}" if student else "")
    return Header(
        title=specification.title or specification.name,
        course=specification.course,
        date=specification.date,
        note=specification.note,
        student=student.name or student.id if student else "",
        sheet=sheet_id,
    )


def preview(order: Order, folder: Path) -> str:
    """What ``generate`` would make, in words; nothing is written."""
    order = replace(order, specification=settled_places(order.specification))
    first = next(sheets(order))
    lines = [
        f"{order.specification.title or order.specification.name}: {_count(len(order.students), 'sheet')} in {folder}"
    ]
    for exercise, variant in zip(order.specification.exercises, first.variants, strict=True):
        work = effort(exercise.program, exercise.asked)
        places = exercise.precision.default if exercise.precision else ""
        lines.append(
            f"  exercise {exercise.number} ({exercise.family.name}): {_count(len(exercise.asked), 'cell')} asked to "
            f"{places}, {_count(work.count, 'operation')} by hand, about {_count(work.minutes, 'minute')}"
        )
        lines += [f"    note: {note}" for note in variant.notes]
    lines.append(f"  first sheet: {first.student.id}")
    return "\n".join([*lines, "Nothing was written (--dry-run)."])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
