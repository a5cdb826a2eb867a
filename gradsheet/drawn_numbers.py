"""Room: gradsheet. Lines of students.jsonl read into arrays, those of a large class at the cost of decoding them.

Lines as `course_set.numbers_line` writes them fit a type made of the exercises' shapes. Where one doesn't (written in
another of a teacher's ways, or damaged), the lines are left to the ordinary reader, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
import numpy as np

from exercises.given import as_written
from exercises.operations.row import Array
from exercises.program import Given, Role
from exercises.specification import Exercise

Key = tuple[int, str]
"""An exercise's number, and the name of a quantity."""


class NumberLines:
    """Reads lines of the students of some exercises."""

    def __init__(self, exercises: Sequence[Exercise]) -> None:
        self._keys = [(exercise.number, given) for exercise in exercises for given in exercise.program.givens]
        fields = [
            (f"exercise{exercise.number}", _numbers_type(exercise)) for exercise in exercises if exercise.program.givens
        ]
        names = {f"exercise{exercise.number}": str(exercise.number) for exercise in exercises}
        given = msgspec.defstruct("Exercises", fields, rename=names, gc=False)
        line: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            ("id", str),
            ("name", str),
            ("given", given),
            ("mistakes", dict[str, Any], {}),
        ]
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Line", line))

    def rows(self, lines: Sequence[bytes]) -> list[Any] | None:
        """The lines, or None where one isn't as ``numbers_line`` writes it; each has ``id``, ``name``, ``mistakes``."""
        try:
            return list(map(self._decoder.decode, lines))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def arrays(self, rows: Sequence[Any]) -> dict[Key, Array]:
        """The numbers of some lines, each of its quantity's shape and a variant a line."""
        found: dict[Key, Array] = {}
        for at, (number, given) in enumerate(self._keys):
            whose, what = attrgetter(f"given.exercise{number}"), attrgetter(_place(self._keys, at))
            written = np.moveaxis(np.array([what(whose(row)) for row in rows], dtype=np.float64), 0, -1)
            found[number, given.name] = np.ascontiguousarray(written.swapaxes(0, 1) if _turned(given) else written)
        return found


def _place(keys: Sequence[tuple[int, Given]], at: int) -> str:
    """A field's name: how many quantities of the exercise come before it."""
    number = keys[at][0]
    return f"given{sum(key[0] == number for key in keys[:at])}"


def _numbers_type(exercise: Exercise) -> type[msgspec.Struct]:
    givens = exercise.program.givens
    fields = [(f"given{at}", _type_of(given)) for at, given in enumerate(givens)]
    names = {f"given{at}": given.name for at, given in enumerate(givens)}
    return msgspec.defstruct("Numbers", fields, rename=names, gc=False)


def _written_shape(given: Given) -> tuple[int, ...]:
    """How lists of the quantity nest on paper: the shape, or its turn where examples are listed one by one."""
    return np.shape(as_written(given, np.zeros((*given.shape, 1))))


def _turned(given: Given) -> bool:
    marked = np.zeros((*given.shape, 1))
    marked[..., 0].flat[1:2] = 1.0
    return len(given.shape) == 2 and not np.array_equal(as_written(given, marked), marked[..., 0])


def _type_of(given: Given) -> Any:
    number = Annotated[float, msgspec.Meta(gt=0)] if given.role is Role.RATE else float
    found: Any = number
    for length in reversed(_written_shape(given)):
        found = Annotated[list[found], msgspec.Meta(min_length=length, max_length=length)]
    return found
