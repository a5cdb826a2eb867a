"""Room: gradsheet. Which numbers of a student's files are accounted for, and which of the others give an answer away.

Arrays carry the variants axis last, here a shard's students.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from exercises.components import by_cell
from exercises.given import read_array
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.planted import RIGHT_VALUE, found_in, planted
from exercises.precision import Precision
from exercises.program import Given
from exercises.shown import shortest
from exercises.specification import Exercise
from exercises.stream import candidates
from exercises.variants import draw, practice_seed
from gradsheet.roster import Student
from gradsheet.shards import Job, Sheet, student_files
from gradsheet.shown_text import plain, shown_text, tokens

CANDIDATES = 64
"""Random numbers among which there is a set for which everything has a value."""

TELLING = 10
"""Units of its last place that an answer has at least, for a number to give it away: 1, 2, 3 stand anywhere."""

SLACK = 1e-9
"""Of half a unit; a number in full may end right at it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of one student's numbers: texts of the given ones, answers that may not be seen, by id, and values
    that the sheet's own working shows; each value with half a unit of its last place."""

    given: frozenset[str]
    answers: tuple[tuple[str, float, float], ...]
    shown: tuple[tuple[float, float], ...]


class Accounts:
    """A set's sheets, made for nobody with numbers of nobody's, tell what stands on every sheet."""

    def __init__(self, job: Job) -> None:
        self.exercises = job.specification.exercises
        self._plans = [flatten(exercise.program) for exercise in self.exercises]
        pages = [_pages(job, turn) for turn in (1, 2)]
        self._everywhere = {kind: pages[0][kind] & pages[1][kind] for kind in pages[0]}

    def of(self, lines: str) -> Iterator[Held]:
        """What is known of each student of a shard, from its lines of the record."""
        rows = [msgspec.json.decode(line) for line in lines.splitlines()]
        by_exercise = [self._of_exercise(place, rows) for place in range(len(self.exercises))]
        for held in zip(*by_exercise, strict=True):
            yield Held(
                frozenset().union(*(one.given for one in held)),
                tuple(answer for one in held for answer in one.answers),
                tuple(value for one in held for value in one.shown),
            )

    def betrayed(self, kind: str, text: str, held: Held, words: Sequence[str]) -> str:
        """The id of an answer that a text gives away, or nothing; ``words`` are the student's own id and name."""
        unknown = tokens(text) - self._everywhere.get(kind, frozenset())
        if not unknown:
            return ""
        known = held.given | {plain(token) for word in words for token in tokens(word)}
        values = [float(token) for token in unknown if plain(token) not in known]
        for cell, answer, half in held.answers:
            for value in values:
                if abs(value - answer) <= half and not any(abs(value - one) <= near for one, near in held.shown):
                    return cell
        return ""

    def _of_exercise(self, place: int, rows: Sequence[Mapping[str, Any]]) -> list[Held]:
        exercise = self.exercises[place]
        number = str(exercise.number)
        given = {
            one.name: _arrays(one, [row["given"][number][one.name] for row in rows]) for one in exercise.program.givens
        }
        texts = _texts(exercise, given)
        if exercise.finding:
            own = [{name: array[..., at : at + 1] for name, array in given.items()} for at in range(len(rows))]
            return [
                _finding(replace(exercise, mistake=row["mistakes"][number]), numbers, told)
                for row, numbers, told in zip(rows, own, texts, strict=True)
            ]
        cells = by_cell(exercise.program.shapes, {**given, **self._plans[place].run(given)})
        secret = _sizes(exercise, {cell: cells[cell] for cell in exercise.asked}, len(rows))
        open_cells = cells.keys() - set(exercise.asked) if exercise.fade is not None else ()
        shown = _sizes(exercise, {cell: cells[cell] for cell in open_cells}, len(rows))
        return [
            Held(told, _telling(sizes), tuple((size, half) for _, size, half in others))
            for told, sizes, others in zip(texts, secret, shown, strict=True)
        ]


def _arrays(given: Given, values: Sequence[Any]) -> Array:
    """A quantity's numbers of all students, of the record that was just written; read at once where they lie in it as
    they do in an array.
    """
    first = read_array(given, values[0])
    together = np.moveaxis(np.array(values, dtype=np.float64), 0, -1)
    alike = together.shape == (*given.shape, len(values)) and np.array_equal(together[..., :1], first)
    if alike and not (len(set(given.shape)) < len(given.shape) and np.array_equal(first, np.swapaxes(first, 0, 1))):
        return together  # and the first one, were it turned over, would not be alike
    return np.concatenate([read_array(given, value) for value in values], axis=-1)


def _texts(exercise: Exercise, given: Mapping[str, Array]) -> list[frozenset[str]]:
    """For each student the given numbers as they are written, without signs."""
    cells = by_cell(exercise.program.shapes, given)
    columns = zip(*(np.abs(array).tolist() for array in cells.values()), strict=True)
    return [frozenset(plain(shortest(value)) for value in column) for column in columns]


Sizes = list[tuple[str, float, float]]
"""Cells, their values without signs, and half a unit of the last place."""


def _sizes(exercise: Exercise, cells: Mapping[str, Array], students: int) -> list[Sizes]:
    """For each student the cells that have a value."""
    sizes: list[Sizes] = [[] for _ in range(students)]
    for cell, array in cells.items():
        values = np.abs(np.broadcast_to(array, (students,)))
        halves = _places(exercise).of(cell).unit(values) / 2 * (1 + SLACK)
        for own, value, half in zip(sizes, values.tolist(), halves.tolist(), strict=True):
            if np.isfinite(value):
                own.append((cell, value, half))
    return sizes


def _telling(sizes: Sizes) -> tuple[tuple[str, float, float], ...]:
    return tuple(one for one in sizes if one[1] >= 2 * TELLING * one[2])


def _finding(exercise: Exercise, given: Mapping[str, Array], told: frozenset[str]) -> Held:
    """Where a mistake is to be found, the working is shown, and the right value of the wrong line is the answer."""
    one = planted(exercise)
    found = found_in(one, given, _places(exercise))
    cell = one.printed[found.line[0]][0]
    (right,) = _sizes(exercise, {cell: found.expected[cell]}, 1)
    (shown,) = _sizes(exercise, by_cell(one.program.shapes, one.values(given)), 1)
    answers = tuple((RIGHT_VALUE, value, half) for _, value, half in _telling(right))
    return Held(told, answers, tuple((value, half) for _, value, half in shown))


def _places(exercise: Exercise) -> Precision:
    if exercise.precision is None:
        raise ValueError(f"the places of exercise {exercise.number} are still open")
    return exercise.precision


def _pages(job: Job, turn: int) -> dict[str, frozenset[str]]:
    """The numbers on a sheet of nobody's, by kind of file."""
    exercises = tuple(_of_nobody(exercise, turn) for exercise in job.specification.exercises)
    sheet = Sheet(Student("nobody", ""), exercises, ())
    found: dict[str, frozenset[str]] = {}
    for name, content in student_files(job, sheet):
        kind = name.rpartition(".")[2]
        found[kind] = found.get(kind, frozenset()) | tokens(shown_text(name, content))
    return found


def _of_nobody(exercise: Exercise, turn: int) -> Exercise:
    """The exercise with all its numbers drawn anew, the given ones too; they needn't make a good sheet."""
    seed = practice_seed("nobody", exercise.number, turn)
    if exercise.finding:
        return draw(exercise, seed).exercise
    everything_open = msgspec.structs.replace(exercise.options, given={})
    drawn = exercise.family.draws(everything_open, exercise.program)
    numbers = candidates(seed, drawn.slots, 0, CANDIDATES)
    for name, classes in drawn.one_hot.items():
        choice = numbers[name]
        numbers[name] = (choice == np.arange(classes).reshape(-1, *[1] * choice.ndim)).astype(np.float64)
    given = {**exercise.given, **numbers}
    values = flatten(exercise.program).run(given)
    fine = np.all([np.isfinite(array).reshape(-1, array.shape[-1]).all(axis=0) for array in values.values()], axis=0)
    taken = int(np.argmax(fine))
    one = {name: array[..., [min(taken, array.shape[-1] - 1)]] for name, array in given.items()}
    return exercise.filled(one, _places(exercise))
