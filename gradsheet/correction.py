"""Room: gradsheet. A set whose exercises were wrong: the same students and numbers, by a corrected specification.

What can be corrected is what is worked out from the numbers (loss, activation, what is asked, the places) and the
numbers that the specification gives. Numbers drawn for a student stay: they are on the sheet that the student has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from exercises.errors import InputError
from exercises.operations.row import Array
from exercises.precision import written
from exercises.specification import Exercise, Specification, to_toml
from gradsheet.course_set import (
    NUMBERS,
    RECORD,
    TEACHER,
    CourseSet,
    Record,
    numbers_line,
    read_record,
    record_text,
)
from gradsheet.files import staged_folder, write_atomically
from gradsheet.heads import header_of
from gradsheet.layouts import layout_of
from gradsheet.papers import places_of
from templates.html import key_html
from templates.layout import Layout
from templates.render import key_files


@dataclass(frozen=True, slots=True)
class Correction:
    """The set as it should have been, and its record."""

    course: CourseSet
    record: Record


def corrected(course: CourseSet, specification: Specification, text: str) -> Correction:
    """The set by another specification; InputError where that isn't one of the same exercises."""
    if specification.name != course.specification.name:
        raise InputError(
            f'this is the set "{specification.name}", and "{course.specification.name}" is to be corrected; '
            f'write name = "{course.specification.name}"',
            where=specification.where,
        )
    if len(specification.exercises) != len(course.exercises):
        raise InputError(
            f"expected {len(course.exercises)} exercises as in the set, found {len(specification.exercises)}",
            where=specification.where,
        )
    pairs = list(zip(course.exercises, specification.exercises, strict=True))
    for old, new in pairs:
        _require_same_givens(old, new, specification.where)
    exercises = tuple(replace(new, precision=new.precision or places_of(old)) for old, new in pairs)
    numbers = {new.number: _numbers(course, new) for new in exercises}
    fixed = replace(course, specification=specification, exercises=exercises, numbers=numbers)
    record = msgspec.structs.replace(
        read_record(course.folder),
        specification=text,
        places=[written(places_of(exercise)) for exercise in exercises],
    )
    return Correction(fixed, record)


def _require_same_givens(old: Exercise, new: Exercise, where: str) -> None:
    place = f"{where}, exercise {new.number}"
    if old.finding or new.finding:
        raise InputError("a mistake to be found was planted by the old exercise; it can't be corrected", where=place)
    theirs = {given.name: given.shape for given in old.program.givens}
    ours = {given.name: given.shape for given in new.program.givens}
    missing = {name: shape for name, shape in ours.items() if theirs.get(name) != shape and name not in new.given}
    if missing:
        names = ", ".join(missing)
        raise InputError(
            f"{names} isn't on the students' sheets in this shape; correct what is worked out from the numbers, "
            "or give it",
            where=place,
        )


def _numbers(course: CourseSet, exercise: Exercise) -> dict[str, Array]:
    """What the specification gives, for everybody; else what each student has."""
    recorded, count = course.numbers[exercise.number], len(course.students)
    return {
        given.name: np.repeat(exercise.given[given.name], count, axis=-1)
        if given.name in exercise.given
        else recorded[given.name]
        for given in exercise.program.givens
    }


def write_corrected(correction: Correction) -> None:
    """Put record, sheets' numbers and keys into DIR/teacher, all of them or none; what students have is left alone."""
    course = correction.course
    teacher = course.folder / TEACHER
    endings = {path.suffix for path in (teacher / "keys").iterdir() if path.is_file()}
    layout = layout_of(course.specification) if ".html" in endings else Layout()
    with staged_folder(teacher, marker=RECORD) as place:
        for name in ("sheets", "keys"):
            (place / name).mkdir()
        lines = []
        for at, exercises in enumerate(_filled(course)):
            student = course.students[at]
            lines.append(numbers_line(student, exercises))
            header = header_of(course.specification, student, course.attempt)
            own = replace(course.specification, exercises=exercises)
            write_atomically(place / "sheets" / f"{student.id}.toml", to_toml(own))
            files = key_files(header, exercises, student.id) if ".md" in endings else {}
            if ".html" in endings:
                files[f"{student.id}.html"] = key_html(header, exercises, layout=layout)
            for file, text in files.items():
                write_atomically(place / "keys" / file, text)
        write_atomically(place / NUMBERS, "".join(lines))
        write_atomically(place / RECORD, record_text(correction.record))


def _filled(course: CourseSet) -> Iterator[tuple[Exercise, ...]]:
    for at in range(len(course.students)):
        yield tuple(
            exercise.filled(
                {name: np.array(array[..., at : at + 1]) for name, array in course.numbers[exercise.number].items()},
                places_of(exercise),
            )
            for exercise in course.exercises
        )
