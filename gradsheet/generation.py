"""Room: gradsheet. A class's sheets made: numbers drawn, files rendered, the folder put in place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from exercises.errors import InputError
from exercises.ground import indistinct
from exercises.specification import Exercise, Specification, to_toml
from exercises.stream import seed
from exercises.variants import Variant, draw, draw_many, practice_seed
from gradsheet.course_set import (
    MARKER,
    NUMBERS,
    RECORD,
    STUDENTS,
    TEACHER,
    numbers_line,
    read_record,
    record_of,
    record_text,
)
from gradsheet.files import private_folder, staged_folder, write_atomically
from gradsheet.roster import Student
from gradsheet.secret import fingerprint
from templates.environment import Templates, templates_in
from templates.html import key_html, sheet_html
from templates.render import Header, Notes, key_files, render_answer_form, render_notes, sheet_files

if TYPE_CHECKING:
    from gradsheet.printing import Press

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
    booklet: bool = False
    templates: Path | None = None
    fonts: Path | None = None


@dataclass(frozen=True)
class Sheet:
    """One student's exercises with all their numbers, and what had to be loosened to find them."""

    student: Student
    exercises: tuple[Exercise, ...]
    variants: tuple[Variant, ...]


def settled_places(specification: Specification) -> Specification:
    """The same set with the places of every exercise fixed, which don't depend on the roster: a late student's sheet
    has the same digits as everybody's."""
    try:
        return replace(specification, exercises=tuple(map(_settled, specification.exercises)))
    except InputError as error:
        raise error.at(specification.where) from error


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
        return draw_many(exercise, [_seed(order, exercise, student) for student in students], thorough=True)
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
    """Write the whole set into ``folder``: all of it, or nothing.

    InputError where no numbers can be found, and where something else lies in the folder: files that aren't ours, or
    another set, whose sheets may be in students' hands.
    """
    refuse_other_set(order, folder)
    templates = templates_in(order.templates)
    press = _press(order, templates)
    order = replace(order, specification=settled_places(order.specification))
    with staged_folder(folder, marker=MARKER) as place:
        students, teacher = place / STUDENTS, private_folder(place / TEACHER)
        for made in (students, teacher / "sheets", teacher / "keys"):
            made.mkdir()
        notes = []
        with (teacher / NUMBERS).open("w", encoding="utf-8", newline="\n") as numbers:
            for count, sheet in enumerate(sheets(order), start=1):
                numbers.write(numbers_line(sheet.student, sheet.exercises))
                _write_sheet(order, sheet, students, teacher, templates)
                if press is not None:
                    header = header_of(order.specification, sheet.student, order.attempt)
                    press.print(sheet.student.id, header, sheet.exercises, students, teacher)
                notes.append((sheet.student.id, [variant.notes for variant in sheet.variants]))
                progress(count)
        if press is not None:
            press.finish(teacher)
        write_atomically(teacher / RECORD, _record(order))
        write_atomically(teacher / "notes.md", _notes(order, notes, templates))


def _notes(order: Order, notes: Notes, templates: Templates | None) -> str:
    """What the teacher should know of the sheets, and of what no numbers could show."""
    return render_notes(order.specification, notes, templates, list(map(indistinct, order.specification.exercises)))


def _press(order: Order, templates: Templates) -> Press | None:
    """What prints PDF, where that is wished; InputError where the set's logo can't be printed."""
    if "pdf" not in order.formats and not order.booklet:
        return None
    from gradsheet.printing import Press, layout_of  # Typst is a large library, and Markdown needs none of it

    layout = layout_of(order.specification, templates, order.fonts)
    return Press(layout, single="pdf" in order.formats, booklet=order.booklet)


def _record(order: Order) -> str:
    specification = order.specification
    precisions = [exercise.precision for exercise in specification.exercises if exercise.precision]
    drawn_from = fingerprint(order.secret)
    return record_text(record_of(specification, order.text, precisions, order.attempt, drawn_from, len(order.students)))


def refuse_other_set(order: Order, folder: Path) -> None:
    """InputError where the folder holds a set that this order wouldn't make again: another one, another attempt, or
    one drawn from another secret."""
    if not (folder / MARKER).is_file():
        return
    found = read_record(folder)
    if (found.name, found.attempt) != (order.specification.name, order.attempt):
        what = f'the set "{found.name}", attempt {found.attempt}, is here'
    elif found.drawn_from != fingerprint(order.secret):
        what = "this set is here already, drawn from another course secret"
    else:
        return
    raise InputError(
        f"{what}, and its sheets may be in use; name another folder with --out, or move it away", where=str(folder)
    )


def _write_sheet(order: Order, sheet: Sheet, students: Path, teacher: Path, templates: Templates) -> None:
    name = sheet.student.id
    header = header_of(order.specification, sheet.student, order.attempt)
    own = replace(order.specification, exercises=sheet.exercises)
    write_atomically(students / f"{name}.csv", render_answer_form(sheet.exercises))
    write_atomically(teacher / "sheets" / f"{name}.toml", to_toml(own))
    if "md" in order.formats:
        _write_all(students, sheet_files(header, sheet.exercises, name, templates))
        _write_all(teacher / "keys", key_files(header, sheet.exercises, name, templates))
    if "html" in order.formats:
        write_atomically(students / f"{name}.html", sheet_html(header, sheet.exercises, templates))
        write_atomically(teacher / "keys" / f"{name}.html", key_html(header, sheet.exercises, templates))


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    for file, text in files.items():
        write_atomically(folder / file, text)


def header_of(specification: Specification, student: Student | None, attempt: int = 1) -> Header:
    """What stands at the head of a sheet."""
    return Header(
        title=specification.title or specification.name,
        course=specification.course,
        date=specification.date,
        note=specification.note,
        student=student.name or student.id if student else "",
        sheet=sheet_name(specification, attempt, student.id if student else ""),
    )


def sheet_name(specification: Specification, attempt: int, student: str = "") -> str:
    """What tells a sheet from all others of the course; it stands on the sheet and on its feedback."""
    return f"{specification.name}-{attempt}" + (f"-{student}" if student else "")
