"""Room: grader. The numbers of a class looked up among all its keys, cell by cell: whose variant does each one fit?

Keys are sorted once, so the work grows with the class and not with its square. What is kept of everybody takes 12 bytes
a cell beside the number itself; what is kept of a number that misses its own key, 12 more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array, Mask
from exercises.plan import Plan
from exercises.precision import Places, Precision

DRIFT = 2.5
"""Units of the last place within which a number fits a key: rounding every line moves right ones by up to 2.3."""

MOST_FITTING = 200
"""Variants that one number may point to; one that fits more says little about whose it is. Keeps the work linear."""

FEWEST_CELLS = 2
"""Numbers that must point to the same variant before it is looked at closely."""

TOGETHER = 200_000
"""Numbers, and variants that they point to, that are held in memory at a time; a large class has millions of them."""

Students = NDArray[np.intp]
Short = NDArray[np.int32]
"""Students or places of a class; no class has so many that they wouldn't go into half the room."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One exercise of a class: each student's numbers, and what was handed in; arrays (students,), NaN for no answer.

    ``given`` holds the given cells, (students,) or (1,) where they are the same for all. ``answers`` may lack cells.
    """

    plan: Plan
    precision: Precision
    given: Mapping[str, Array]
    answers: Mapping[str, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One cell over the class: ``key[order]`` ascends.

    ``astray`` are the students whose number misses their own key, in ascending order; of each of them the number fits
    the keys of ``order[first:last]``.
    """

    exercise: int
    cell: str
    value: Array
    key: Array
    places: Places
    order: Short
    astray: Short
    first: Short
    last: Short

    def among(self, start: int, stop: int) -> slice:
        """Which of the ``astray`` are of the students from ``start`` to ``stop``."""
        return slice(*np.searchsorted(self.astray, (start, stop)).tolist())

    def reach(self, students: Students | slice) -> Array:
        """How far from the number of each student a key may be that it fits."""
        return _reach(self.places, self.value[students])

    def fitted(self, students: Students) -> Short:
        """How many variants the number of each student fits; 1 where it doesn't miss the student's own key."""
        if not len(self.astray):
            return np.ones(len(students), dtype=np.int32)
        at = np.minimum(np.searchsorted(self.astray, students), len(self.astray) - 1)
        return np.where(self.astray[at] == students, self.last[at] - self.first[at], np.int32(1))

    def share(self, students: Students) -> Array:
        """The part of the class, without the student and the one it points to, whose key the number fits too."""
        return np.asarray((self.fitted(students) - 1) / max(len(self.key) - 2, 1))


def _reach(places: Places, value: Array) -> Array:
    return DRIFT * places.unit(value) * (1 + 1e-9)


def columns_of(place: int, exercise: Answers) -> Iterator[Column]:
    """The cells of an exercise, which stands at a place among others."""
    keys = exercise.plan.run(exercise.given, wanted=tuple(exercise.answers))
    for cell, value in exercise.answers.items():
        key = np.ascontiguousarray(np.broadcast_to(keys[cell], value.shape))
        places = exercise.precision.of(cell)
        reach = _reach(places, value)
        with np.errstate(invalid="ignore"):
            astray = np.flatnonzero(np.isfinite(value) & ~(np.abs(value - key) <= reach))
        order = np.argsort(key, kind="stable").astype(np.int32)
        ranked, own, near = key[order], value[astray], reach[astray]
        first = np.searchsorted(ranked, own - near, side="left")
        last = np.maximum(np.searchsorted(ranked, own + near, side="right"), first)
        yield Column(place, cell, value, key, places, order, *(each.astype(np.int32) for each in (astray, first, last)))


def missing_own(columns: Sequence[Column], size: int) -> Short:
    """How many numbers of each student miss the student's own key."""
    counts = np.zeros(size, dtype=np.int32)
    for column in columns:
        counts[column.astray] += 1
    return counts


def likeliest(columns: Sequence[Column], size: int) -> tuple[Students, Students, Mask]:
    """Those whose numbers point to others, in their order, for each the likeliest other, and which numbers fit.

    Arrays (pairs,), the last one (pairs, cells).
    """
    found = [_likeliest_of(columns, size, start, stop) for start, stop in _blocks(columns, size)]
    students, others, fits = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return students, others, fits


def _blocks(columns: Sequence[Column], size: int) -> Iterator[tuple[int, int]]:
    """Students, from and to, with ``TOGETHER`` numbers at most, or one student."""
    held = np.full(size, len(columns))
    for column in columns:
        held[column.astray] += _width(column, slice(None))
    until, start = np.cumsum(held), 0
    while start < size:
        done = int(until[start - 1]) if start else 0
        stop = max(int(np.searchsorted(until, done + TOGETHER, side="right")), start + 1)
        yield start, stop
        start = stop


def _width(column: Column, some: slice) -> Short:
    """To how many variants each number points."""
    width = column.last[some] - column.first[some]
    width[width > MOST_FITTING] = 0
    return width


def _likeliest_of(columns: Sequence[Column], size: int, start: int, stop: int) -> tuple[Students, Students, Mask]:
    students, others = _candidates(columns, size, start, stop)
    fits = np.empty((len(students), len(columns)), dtype=np.bool_)
    rarity = np.empty((stop - start, len(columns)))
    for place, column in enumerate(columns):
        fits[:, place] = _fits(column, students, others, start, stop)
        rarity[:, place] = -np.log(np.maximum(column.fitted(np.arange(start, stop)), 1) / size)
    best = _best(rarity[students - start], students, others, fits)
    return students[best], others[best], fits[best]


def _candidates(columns: Sequence[Column], size: int, start: int, stop: int) -> tuple[Students, Students]:
    """Pairs (student, other), for some of the students, to which at least ``FEWEST_CELLS`` numbers point."""
    pointed = np.concatenate([_pointed(column, size, column.among(start, stop)) for column in columns])
    pairs, counts = np.unique(pointed, return_counts=True)
    pairs = pairs[counts >= FEWEST_CELLS]
    return pairs // size, pairs % size


def _pointed(column: Column, size: int, some: slice) -> NDArray[np.intp]:
    """The pairs that one cell points to, as student · size + other."""
    width = _width(column, some)
    students = np.repeat(column.astray[some].astype(np.intp), width)
    start = np.repeat(column.first[some] - (np.cumsum(width) - width), width)
    return np.asarray(students * size + column.order[start + np.arange(len(students))])


def _fits(column: Column, students: Students, others: Students, start: int, stop: int) -> Mask:
    """Whether the numbers of students, all from ``start`` to ``stop``, miss their own key and fit others'."""
    astray = np.zeros(stop - start, dtype=np.bool_)
    astray[column.astray[column.among(start, stop)] - start] = True
    at = students - start
    near = np.abs(column.value[students] - column.key[others]) <= column.reach(slice(start, stop))[at]
    return np.asarray(astray[at] & near)


def _best(rarity: Array, students: Students, others: Students, fits: Mask) -> Students:
    """For each student the pair with most evidence, were all numbers independent: rare ones count for more."""
    evidence = np.sum(np.where(fits, rarity + 1e-3, 0.0), axis=1)
    order = np.lexsort((others, -evidence, students))
    _, first = np.unique(students[order], return_index=True)
    return np.asarray(order[first])
