"""Room: grader. Answers that fit another student's variant and not one's own, with the chance that it is coincidence.

Evidence for a person, never a deduction. The chance is an upper estimate, so made:

- Only numbers that miss the student's own key count. Each is looked up among all keys of the class at once (sorted, so
  that the work grows with the class and not with its square).
- The numbers of a sheet hang together: who has another's z has the a that follows from it. So the numbers that match
  are taken one after the other, and each counts only for what is new in it: how far it can still move when the drawn
  numbers move and all numbers counted before it stay where they are. To first order, around the other's variant.
- A number that much of the class has counts for no less than the part of the class that has it; and where drawn
  numbers are often the same for two students, the chance of that is reckoned with.
- The product is multiplied by the ways to choose so many out of the student's numbers that miss, and by the number of
  other variants. What is reported happens by chance in fewer than one class in a hundred (``RATE``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb, exp, log, pi, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array, Mask
from exercises.plan import Plan
from exercises.precision import Precision

RATE = 0.01
"""Expected false reports in a whole class."""

DRIFT = 2.5
"""Units of the last place within which a number fits a key: rounding every line moves right ones by up to 2.3."""

MOST_FITTING = 200
"""Variants that one number may point to; one that fits more says little about whose it is. Keeps the work linear."""

FEWEST_CELLS = 2
"""Numbers that must point to the same variant before it is looked at closely."""

TOGETHER = 5_000
"""Students whose pairs are held in memory at a time; a large class has millions of them."""

BLOCK = 256
"""Pairs at a time whose slopes are held in memory."""

STEP = 1e-4
"""Part of a drawn number's spread by which it is moved to see what moves with it."""

DENSEST = 1 / sqrt(2 * pi)
"""The highest density of a bell curve of spread 1; that of even spreading is lower."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One exercise of a class: each student's numbers, and what was handed in; arrays (students,), NaN for no answer.

    ``given`` holds the given cells, (students,) or (1,) where they are the same for all. ``answers`` may lack cells.
    """

    plan: Plan
    precision: Precision
    given: Mapping[str, Array]
    answers: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A student (by place) some of whose numbers fit another's variant: (exercise, cell) by place in what was given.

    ``missing_own``: how many numbers miss the student's own key. ``chance``: an upper estimate that any other variant
    of the class fits so well by coincidence.
    """

    student: int
    other: int
    cells: tuple[tuple[int, str], ...]
    missing_own: int
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """One cell over the class, its keys sorted for looking up."""

    exercise: int
    cell: str
    value: Array
    key: Array
    reach: Array
    astray: Mask
    order: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]

    def fits(self, students: NDArray[np.intp], others: NDArray[np.intp]) -> Mask:
        near = np.abs(self.value[students] - self.key[others]) <= self.reach[students]
        return np.asarray(self.astray[students] & near)

    def share(self, student: int) -> float:
        """The part of the class, without the student and the one it points to, whose key the number fits too."""
        count = int(self.last[student] - self.first[student]) - 1
        return count / max(len(self.key) - 2, 1)


def look_alikes(exercises: Sequence[Answers], *, rate: float = RATE) -> list[LookAlike]:
    """Students whose numbers fit another's variant too well for coincidence, the least likely first.

    ``rate`` is how many false reports are expected in a whole class, at most.
    """
    columns = [column for place, exercise in enumerate(exercises) for column in _columns(place, exercise)]
    if not columns or len(columns[0].value) < 2:
        return []
    astray = np.sum([column.astray for column in columns], axis=0)
    students, others, fits = (np.concatenate(parts) for parts in zip(*_best_of_all(columns, len(astray)), strict=True))
    if not len(students):
        return []
    return _told(exercises, columns, students, others, fits, rate / np.count_nonzero(astray))


def _best_of_all(columns: Sequence[_Column], size: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Mask]]:
    """For each student to whom numbers of others point the likeliest other, and which numbers fit."""
    for start in range(0, size, TOGETHER):
        students, others = _candidates(columns, size, slice(start, start + TOGETHER))
        fits = np.stack([column.fits(students, others) for column in columns], axis=1)
        best = _best(columns, students, others, fits)
        yield students[best], others[best], fits[best]


def _told(
    exercises: Sequence[Answers],
    columns: Sequence[_Column],
    students: NDArray[np.intp],
    others: NDArray[np.intp],
    fits: Mask,
    least: float,
) -> list[LookAlike]:
    """The pairs whose chance is below ``least``; their slopes are worked out a block of pairs at a time."""
    astray = np.sum([column.astray for column in columns], axis=0)
    by_exercise = [[column for column in columns if column.exercise == place] for place in range(len(exercises))]
    moves = [_Moves.of(exercise, some) for exercise, some in zip(exercises, by_exercise, strict=True)]
    found = []
    for start in range(0, len(students), BLOCK):
        slopes = [each.slopes(others[start : start + BLOCK]) for each in moves]
        for row in range(min(BLOCK, len(students) - start)):
            student, other, fit = int(students[start + row]), int(others[start + row]), fits[start + row]
            matched = [column for column, there in zip(columns, fit, strict=True) if there]
            ways = log(comb(int(astray[student]), len(matched))) + log(len(astray) - 1)
            picked = [[place for place, column in enumerate(some) if column in matched] for some in by_exercise]
            parts = [
                ([some[place] for place in places], moved[row, places])
                for some, moved, places in zip(by_exercise, slopes, picked, strict=True)
            ]
            exponent = ways + sum(_log_chance(chosen, moved, student) for chosen, moved in parts)
            if exponent < log(least):  # worth a closer look, which can only raise it
                exponent = ways + sum(
                    _log_chance_by_sameness(chosen, moved, student, each.log_same)
                    for (chosen, moved), each in zip(parts, moves, strict=True)
                )
            if exponent < log(least):
                cells = tuple((column.exercise, column.cell) for column in matched)
                found.append(LookAlike(student, other, cells, int(astray[student]), exp(min(exponent, 0.0))))
    return sorted(found, key=lambda each: (each.chance, each.student))


def _columns(place: int, exercise: Answers) -> Iterator[_Column]:
    keys = exercise.plan.run(exercise.given)
    for cell, value in exercise.answers.items():
        key = np.ascontiguousarray(np.broadcast_to(keys[cell], value.shape))
        reach = DRIFT * exercise.precision.of(cell).unit(value) * (1 + 1e-9)
        with np.errstate(invalid="ignore"):
            astray = np.isfinite(value) & ~(np.abs(value - key) <= reach)
        order = np.argsort(key, kind="stable")
        ranked = key[order]
        first = np.searchsorted(ranked, value - reach, side="left")
        last = np.searchsorted(ranked, value + reach, side="right")
        yield _Column(place, cell, value, key, reach, astray, order, first, np.maximum(last, first))


def _candidates(columns: Sequence[_Column], size: int, some: slice) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs (student, other), for some of the students, to which at least ``FEWEST_CELLS`` numbers point."""
    pointed = [_pointed(column, size, some) for column in columns]
    pairs, counts = np.unique(np.concatenate(pointed), return_counts=True)
    pairs = pairs[counts >= FEWEST_CELLS]
    return pairs // size, pairs % size


def _pointed(column: _Column, size: int, some: slice) -> NDArray[np.intp]:
    """The pairs that one cell points to, as student · size + other."""
    first = column.first[some]
    width = np.where(column.astray[some], column.last[some] - first, 0)
    width[width > MOST_FITTING] = 0
    students = np.repeat(np.arange(some.start, some.start + len(first)), width)
    start = np.repeat(first - np.concatenate([[0], np.cumsum(width)[:-1]]), width)
    return students * size + column.order[start + np.arange(len(students))]


def _best(
    columns: Sequence[_Column], students: NDArray[np.intp], others: NDArray[np.intp], fits: Mask
) -> NDArray[np.intp]:
    """For each student the pair with most evidence, were all numbers independent: rare ones count for more."""
    size = len(columns[0].key)
    rarity = np.stack([-np.log(np.maximum(column.last - column.first, 1) / size) for column in columns], axis=1)
    evidence = np.sum(np.where(fits, rarity[students] + 1e-3, 0.0), axis=1)
    order = np.lexsort((others, -evidence, students))
    _, first = np.unique(students[order], return_index=True)
    return np.asarray(order[first])


def _log_chance(matched: Sequence[_Column], slopes: Array, student: int) -> float:
    """The logarithm of the chance that one variant drawn at random fits these numbers; ``slopes`` (numbers, drawn)."""
    share = np.array([column.share(student) for column in matched])
    window = np.array([2 * column.reach[student] for column in matched])
    left, total = list(range(len(matched))), 0.0
    while left:
        free = np.linalg.norm(slopes[left], axis=1)
        likely = np.divide(DENSEST * window[left], free, out=np.ones(len(left)), where=free > 0)
        likely = np.minimum(np.maximum(likely, share[left]), 1.0)
        next_one = int(np.argmin(likely))
        if likely[next_one] >= 1:
            break
        total += log(likely[next_one])
        chosen = left.pop(next_one)
        direction = slopes[chosen] / free[next_one]
        slopes = slopes - np.outer(slopes @ direction, direction)
    return total


def _log_chance_by_sameness(matched: Sequence[_Column], slopes: Array, student: int, log_same: Array) -> float:
    """The same, where drawn numbers come from a grid so coarse that two students often have the same one.

    Whatever set of drawn numbers happens to be the same, the rest must still fit: each set gives a chance, and the
    highest counts. Sets grow by the numbers that move most for the price of being the same.
    """
    best = _log_chance(matched, slopes, student)
    if not matched:
        return best
    window = np.array([2 * column.reach[student] for column in matched])
    moved = np.abs(slopes / window[:, None]).max(axis=0)
    order = [place for place in np.argsort(-np.log(moved + 1e-300) - log_same) if moved[place] > 0]
    same, cost = slopes.copy(), 0.0
    for place in order:
        same[:, place] = 0.0
        cost += float(log_same[place])
        best = max(best, cost + _log_chance(matched, same, student))
    return best


@dataclass(frozen=True, slots=True)
class _Moves:
    """How the cells of an exercise move when its drawn numbers do."""

    plan: Plan
    given: Mapping[str, Array]
    spread: Mapping[str, float]
    cells: tuple[str, ...]

    @property
    def log_same(self) -> Array:
        """For each drawn number the logarithm of the chance that two students have the same, from the class's pairs."""
        return np.array([_log_same(self.given[name]) for name in self.spread] or [0.0])

    @classmethod
    def of(cls, exercise: Answers, columns: Sequence[_Column]) -> _Moves:
        spread = {name: float(array.std(ddof=1)) for name, array in exercise.given.items() if len(array) > 1}
        drawn = {name: deviation for name, deviation in spread.items() if deviation > 0}
        return cls(exercise.plan, exercise.given, drawn, tuple(column.cell for column in columns))

    def slopes(self, variants: NDArray[np.intp]) -> Array:
        """How far each cell moves when each drawn number moves by its spread over the class, around some variants:
        (variants, cells, drawn numbers).
        """
        if not self.spread or not self.cells:
            return np.zeros((len(variants), len(self.cells), 1))
        # Along the last axis: every variant with each drawn number moved up, then with each moved down.
        shape = (2, len(self.spread), len(variants))
        moved = {
            name: np.array(np.broadcast_to(array[variants] if len(array) > 1 else array, shape))
            for name, array in self.given.items()
        }
        for place, (name, deviation) in enumerate(self.spread.items()):
            moved[name][0, place] += STEP * deviation
            moved[name][1, place] -= STEP * deviation
        values = self.plan.run({name: array.reshape(-1) for name, array in moved.items()}, wanted=self.cells)
        rows = np.stack([np.broadcast_to(values[cell], prod(shape)).reshape(shape) for cell in self.cells])
        return np.asarray(((rows[:, 0] - rows[:, 1]) / (2 * STEP)).transpose(2, 0, 1))


def _log_same(numbers: Array) -> float:
    """Never none: in a small class that no two are the same says little."""
    counts = np.unique(numbers, return_counts=True)[1].astype(float)
    pairs, same = len(numbers) * (len(numbers) - 1) / 2, float((counts * (counts - 1) / 2).sum())
    return log((same + 1) / (pairs + 1))
