"""Room: gradsheet. A generated set on disk: what it holds, where, and how it is read back.

DIR/students/   ID.md, ID.csv              sheets and answer forms: may be handed over as a folder
DIR/teacher/    set.json, students.jsonl   the record, from which all can be marked without the secret
                sheets/ID.toml             each student's sheet with all its numbers
                keys/ID.md, notes.md       keys, and what the teacher should know
DIR/results/    written by grade
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from exercises.errors import InputError
from exercises.given import as_written, read_array
from exercises.operations.row import Array
from exercises.planted import plantable
from exercises.precision import Precision, parse_precision, written
from exercises.specification import Exercise, Specification, parse_specification
from gradsheet.drawn_numbers import Key, NumberLines
from gradsheet.roster import Student, same_student, unsafe_because

STUDENTS, TEACHER, RESULTS = "students", "teacher", "results"
RECORD, NUMBERS = "set.json", "students.jsonl"
MARKER = f"{TEACHER}/{RECORD}"

TOGETHER = 1_000
"""Students whose numbers are put into arrays at a time; single ones take a hundred times the room."""

VERSION = 1
"""Of the record's form; another one is refused, not guessed at."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``teacher/set.json``: the specification as the teacher wrote it, and the places settled for each exercise.

    ``drawn_from`` tells the secret from others, without giving it away.
    """

    version: int
    name: str
    specification: str
    source: str
    attempt: int
    drawn_from: str
    places: list[Any]
    students: int


@dataclass(frozen=True)
class CourseSet:
    """A set read back: the settled exercises (places fixed, numbers open), the students, and each one's numbers."""

    folder: Path
    attempt: int
    specification: Specification
    exercises: tuple[Exercise, ...]
    students: tuple[Student, ...]
    numbers: Mapping[int, Mapping[str, Array]]
    """By exercise: quantity -> array of its shape and one variant a student."""
    mistakes: Mapping[int, tuple[str, ...]]
    """By exercise: the mistake planted for each student; empty where none is to be found."""

    def part(self, start: int, stop: int) -> CourseSet:
        """The same set with a slice of its students; arrays are views."""
        return replace(
            self,
            students=self.students[start:stop],
            numbers={
                exercise: {name: array[..., start:stop] for name, array in quantities.items()}
                for exercise, quantities in self.numbers.items()
            },
            mistakes={exercise: labels[start:stop] for exercise, labels in self.mistakes.items()},
        )


def record_text(record: Record) -> str:
    """The text of ``set.json``."""
    return json.dumps(msgspec.to_builtins(record), ensure_ascii=False, indent=1) + "\n"


def record_of(
    specification: Specification,
    text: str,
    precisions: Sequence[Precision],
    attempt: int,
    drawn_from: str,
    students: int,
) -> Record:
    """What is written down of a set when it is made."""
    places = [written(precision) for precision in precisions]
    # The file's name alone: where it lay is nobody's business, and differs from one machine to the next.
    source = Path(specification.where).name
    return Record(VERSION, specification.name, text, source, attempt, drawn_from, places, students)


def numbers_line(student: Student, exercises: Sequence[Exercise]) -> str:
    """A student's line of ``students.jsonl``: the numbers of every exercise, as a teacher would write them."""
    numbers = {
        str(exercise.number): {
            given.name: as_written(given, exercise.given[given.name]) for given in exercise.program.givens
        }
        for exercise in exercises
    }
    row: dict[str, Any] = {"id": student.id, "name": student.name, "given": numbers}
    if planted := {str(exercise.number): exercise.mistake for exercise in exercises if exercise.finding}:
        row["mistakes"] = planted
    return json.dumps(row, ensure_ascii=False) + "\n"


def read_set(folder: Path) -> CourseSet:
    """Read a generated set back; InputError where it isn't one, or its record is damaged."""
    record = read_record(folder)
    specification, exercises = _settled(folder, record)
    students, numbers, mistakes = _read_numbers(folder / TEACHER / NUMBERS, exercises, record.students)
    return CourseSet(folder, record.attempt, specification, exercises, students, numbers, mistakes)


def read_exercises(folder: Path) -> tuple[Exercise, ...]:
    """The settled exercises of a set, without its students; InputError as ``read_set``."""
    return _settled(folder, read_record(folder))[1]


def _settled(folder: Path, record: Record) -> tuple[Specification, tuple[Exercise, ...]]:
    path = folder / TEACHER / RECORD
    specification = parse_specification(record.specification, record.source)
    if len(record.places) != len(specification.exercises):
        found = f"places for {len(record.places)} of {len(specification.exercises)} exercises"
        raise _damaged(found, str(path))
    exercises = tuple(
        replace(exercise, precision=parse_precision(places, f"{path}, places"))
        for exercise, places in zip(specification.exercises, record.places, strict=True)
    )
    return specification, exercises


def read_record(folder: Path) -> Record:
    """What is written down of the set in a folder; InputError where there is none, or it is damaged."""
    path = folder / TEACHER / RECORD
    if not path.is_file():
        raise InputError(
            f"no generated set here (no {MARKER}); name the folder that gradsheet generate wrote", where=str(folder)
        )
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(str(error), str(path)) from error
    if record.version != VERSION:
        raise InputError(f"expected a record of version {VERSION}, found {record.version}", where=str(path))
    return record


def _damaged(why: str, where: str) -> InputError:
    return InputError(
        f"the record is damaged ({why}); move the folder away and generate the set again with the same secret",
        where=where,
    )


def _read_numbers(
    path: Path, exercises: Sequence[Exercise], count: int
) -> tuple[tuple[Student, ...], dict[int, dict[str, Array]], dict[int, tuple[str, ...]]]:
    students: list[Student] = []
    mistakes: dict[int, list[str]] = {exercise.number: [] for exercise in exercises}
    pieces: list[Mapping[Key, Array]] = []
    reader, first = NumberLines(exercises), 1
    with path.open("rb") as lines:
        while some := list(islice(lines, TOGETHER)):
            rows = reader.rows(some)
            if rows is None:
                arrays, rows = _one_by_one(some, exercises, path, first)
            else:
                arrays = reader.arrays(rows)
            pieces.append(arrays)
            for number, row in enumerate(rows, start=first):
                try:
                    students.append(_student(row.id, row.name))
                    for exercise in exercises:
                        mistakes[exercise.number].append(_mistake(exercise, row.mistakes))
                except (KeyError, TypeError, InputError) as error:
                    raise _damaged(_what_failed(error), f"{path}, line {number}") from error
            first += len(some)
    if len({same_student(student.id) for student in students}) != count or len(students) != count:
        raise _damaged(f"expected {count} students, found {len(students)}", str(path))
    numbers: dict[int, dict[str, Array]] = {exercise.number: {} for exercise in exercises}
    for exercise_number, name in pieces[0] if pieces else ():
        key = exercise_number, name
        numbers[exercise_number][name] = np.concatenate([piece[key] for piece in pieces], axis=-1)
    return tuple(students), numbers, {number: tuple(labels) for number, labels in mistakes.items()}


class _Row(NamedTuple):
    """A line in which anything may stand."""

    id: Any
    name: Any
    mistakes: Any


def _one_by_one(
    some: Sequence[bytes], exercises: Sequence[Exercise], path: Path, first: int
) -> tuple[dict[Key, Array], list[_Row]]:
    """The numbers of some lines, each read with all the liberties a teacher has."""
    pieces: dict[Key, list[Array]] = {}
    rows = []
    for number, line in enumerate(some, start=first):
        try:
            row = msgspec.json.decode(line)
            rows.append(_Row(row["id"], row["name"], row.get("mistakes", {})))
            for exercise in exercises:
                values = row["given"][str(exercise.number)]
                for given in exercise.program.givens:
                    array = read_array(given, values[given.name])
                    pieces.setdefault((exercise.number, given.name), []).append(array)
        except (KeyError, TypeError, AttributeError, InputError, msgspec.DecodeError) as error:
            raise _damaged(_what_failed(error), f"{path}, line {number}") from error
    return {key: np.concatenate(arrays, axis=-1) for key, arrays in pieces.items()}, rows


def _mistake(exercise: Exercise, mistakes: Any) -> str:
    """The label of the mistake planted for a student, which must be one of the exercise's."""
    if not exercise.finding:
        return ""
    label = mistakes[str(exercise.number)]
    if label not in plantable(exercise.program):
        raise InputError("a mistake can't be made in its exercise")
    return str(label)


def _student(identity: Any, name: Any) -> Student:
    """The student of a line; the id names files, so it is looked at as closely as a roster's."""
    if not isinstance(identity, str) or not isinstance(name, str) or unsafe_because(identity):
        raise InputError("a student's id or name can't be one")
    return Student(identity, name)


def _what_failed(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)
