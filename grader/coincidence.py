"""Room: grader. The chance that one variant, drawn at random, fits numbers that were worked out for another.

The numbers of a sheet hang together: who has another's z has the a that follows from it. So numbers are taken one after
the other, and each counts only for what is new in it: how far it can still move when the drawn numbers move and all
numbers counted before it stay where they are. To first order, around the other's variant. A number that much of the
class has counts for no less than the part of the class that has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log, pi, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array, Mask
from exercises.plan import Plan
from grader.key_index import Answers

STEP = 1e-4
"""Part of a drawn number's spread by which it is moved to see what moves with it."""

DENSEST = 1 / sqrt(2 * pi)
"""The highest density of a bell curve of spread 1; that of even spreading is lower."""

ROUNDED = 1e-6
"""By which the least logarithm of a chance is set lower: far more than what rounding can turn it by."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Numbers of a student that fit another's variant, (numbers,).

    ``share``: the part of the class whose variants each fits too; ``window``: how wide it is, with all that fits it;
    ``slopes`` (numbers, drawn): how far what it fits moves with each drawn number.
    """

    share: Array
    window: Array
    slopes: Array


def log_chance(matched: Matched) -> float:
    """The logarithm of the chance that one variant drawn at random fits these numbers."""
    share, window, slopes = matched.share, matched.window, matched.slopes
    left, total = list(range(len(share))), 0.0
    while left:
        free = np.linalg.norm(slopes[left], axis=1)
        likely = _likely(share[left], window[left], free)
        next_one = int(np.argmin(likely))
        if likely[next_one] >= 1:
            break
        total += log(likely[next_one])
        chosen = left.pop(next_one)
        direction = slopes[chosen] / free[next_one]
        slopes = slopes - np.outer(slopes @ direction, direction)
    return total


def _likely(share: Array, window: Array, free: Array) -> Array:
    """The chance that a number fits that is free to move so far; all arrays of the same shape."""
    likely = np.divide(DENSEST * window, free, out=np.ones(free.shape), where=free > 0)
    return np.asarray(np.minimum(np.maximum(likely, share), 1.0))


def least_log_chances(matched: Matched, fits: Mask) -> Array:
    """Below what ``log_chance`` gives, and sooner: as if each number said something of its own. (students,).

    Of many students at once: ``matched`` and ``fits``, which tells the numbers that do, are (students, numbers ...).
    """
    likely = _likely(matched.share, matched.window, np.linalg.norm(matched.slopes, axis=2))
    return np.asarray(np.sum(np.log(likely), axis=1, where=fits) - ROUNDED)


def log_chance_by_sameness(matched: Matched, log_same: Array) -> float:
    """The same, where drawn numbers come from a grid so coarse that two students often have the same one.

    Whatever set of drawn numbers happens to be the same, the rest must still fit: each set gives a chance, and the
    highest counts. Sets grow by the numbers that move most for the price of being the same.
    """
    best = log_chance(matched)
    if not len(matched.share):
        return best
    moved = np.abs(matched.slopes / matched.window[:, None]).max(axis=0)
    order = [place for place in np.argsort(-np.log(moved + 1e-300) - log_same) if moved[place] > 0]
    same, cost = matched.slopes.copy(), 0.0
    for place in order:
        same[:, place] = 0.0
        cost += float(log_same[place])
        best = max(best, cost + log_chance(replace(matched, slopes=same)))
    return best


@dataclass(frozen=True)
class Moves:
    """How the cells of an exercise move when its drawn numbers do."""

    plan: Plan
    given: Mapping[str, Array]
    spread: Mapping[str, float]
    cells: tuple[str, ...]

    @cached_property
    def log_same(self) -> Array:
        """For each drawn number the logarithm of the chance that two students have the same, from the class's pairs."""
        return np.array([_log_same(self.given[name]) for name in self.spread] or [0.0])

    @classmethod
    def of(cls, exercise: Answers, cells: Sequence[str]) -> Moves:
        spread = {name: float(array.std(ddof=1)) for name, array in exercise.given.items() if len(array) > 1}
        drawn = {name: deviation for name, deviation in spread.items() if deviation > 0}
        return cls(exercise.plan, exercise.given, drawn, tuple(cells))

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
