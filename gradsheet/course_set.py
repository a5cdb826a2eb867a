"""Room: gradsheet. A generated set on disk: what it holds, where, and how it is read back.

DIR/students/   ID.md, ID.csv              sheets and answer forms: may be handed over as a folder
DIR/teacher/    set.json, students.jsonl   the record, from which all can be marked without the secret
                sheets/ID.toml             each student's sheet with all its numbers
                keys/ID.md, notes.md       keys, and what the teacher should know
DIR/results/    written by grade
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from exercises.errors import InputError
from exercises.given import as_written, read_array
from exercises.operations.row import Array
from exercises.precision import Precision, parse_precision, written
from exercises.specification import Exercise, Specification, parse_specification
from gradsheet.roster import Student

STUDENTS, TEACHER, RESULTS = "students", "teacher", "results"
RECORD, NUMBERS = "set.json", "students.jsonl"
MARKER = f"{TEACHER}/{RECORD}"

VERSION = 1
"""Of the record's form; another one is refused, not guessed at."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``teacher/set.json``: the specification as the teacher wrote it, and the places settled for each exercise."""

    version: int
    name: str
    specification: str
    source: str
    attempt: int
    places: list[Any]
    students: int


@dataclass(frozen=True)
class CourseSet:
    """A set read back: the settled exercises (places fixed, numbers open), the students, and each one's numbers."""

    folder: Path
    specification: Specification
    exercises: tuple[Exercise, ...]
    students: tuple[Student, ...]
    numbers: Mapping[int, Mapping[str, Array]]
    """By exercise: quantity -> array of its shape and one variant a student."""


def record_of(
    specification: Specification, text: str, precisions: Sequence[Precision], attempt: int, students: int
) -> str:
    """The text of ``set.json``."""
    record = Record(
        VERSION,
        specification.name,
        text,
        specification.where,
        attempt,
        [written(precision) for precision in precisions],
        students,
    )
    return json.dumps(msgspec.to_builtins(record), ensure_ascii=False, indent=1) + "\n"


def numbers_line(student: Student, exercises: Sequence[Exercise]) -> str:
    """A student's line of ``students.jsonl``: the numbers of every exercise, as a teacher would write them."""
    numbers = {
        str(exercise.number): {
            given.name: as_written(given, exercise.given[given.name]) for given in exercise.program.givens
        }
        for exercise in exercises
    }
    return json.dumps({"id": student.id, "name": student.name, "given": numbers}, ensure_ascii=False) + "\n"


def read_set(folder: Path) -> CourseSet:
    """Read a generated set back; InputError where it isn't one, or its record is damaged."""
    path = folder / TEACHER / RECORD
    if not path.is_file():
        raise InputError(
            f"no generated set here (no {MARKER}); name the folder that gradsheet generate wrote", where=str(folder)
        )
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the record is damaged ({error}); generate the set again", where=str(path)) from error
    if record.version != VERSION:
        raise InputError(f"expected a record of version {VERSION}, found {record.version}", where=str(path))
    specification = parse_specification(record.specification, record.source)
    exercises = tuple(
        replace(exercise, precision=parse_precision(places, f"{path}, places"))
        for exercise, places in zip(specification.exercises, record.places, strict=True)
    )
    students, numbers = _read_numbers(folder / TEACHER / NUMBERS, exercises, record.students)
    return CourseSet(folder, specification, exercises, students, numbers)


def _read_numbers(
    path: Path, exercises: Sequence[Exercise], count: int
) -> tuple[tuple[Student, ...], dict[int, dict[str, Array]]]:
    students: list[Student] = []
    columns: dict[int, dict[str, list[Array]]] = {
        exercise.number: {given.name: [] for given in exercise.program.givens} for exercise in exercises
    }
    for number, row in enumerate(_rows(path), start=1):
        try:
            students.append(Student(row["id"], row["name"]))
            for exercise in exercises:
                values = row["given"][str(exercise.number)]
                for given in exercise.program.givens:
                    columns[exercise.number][given.name].append(read_array(given, values[given.name]))
        except (KeyError, TypeError, InputError) as error:
            raise InputError(
                f"the record is damaged ({error}); generate the set again", where=f"{path}, line {number}"
            ) from error
    if len(students) != count:
        raise InputError(f"expected {count} students, found {len(students)}; generate the set again", where=str(path))
    numbers = {
        number: {name: np.concatenate(arrays, axis=-1) for name, arrays in quantities.items()}
        for number, quantities in columns.items()
    }
    return tuple(students), numbers


def _rows(path: Path) -> Iterator[Any]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield msgspec.json.decode(line)
            except msgspec.DecodeError as error:
                raise InputError(f"the record is damaged ({error})", where=f"{path}, line {number}") from error
