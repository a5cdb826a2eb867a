"""Room: exercises. Whether a sheet's numbers show which rule went wrong: the catalogue's mistakes made on them.

A mistake is seen where an asked value differs from what would be right from the student's own numbers; two mistakes are
told apart where they give different asked values; both by more than rounding can do, in two values where there are two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import Reading
from exercises.components import componentwise
from exercises.lines import Lines, lines_of
from exercises.misconceptions import mistakes
from exercises.mistaken import Mistake
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.plan import Plan, flatten
from exercises.precision import Precision
from exercises.program import Program

if TYPE_CHECKING:
    from exercises.batches import Batch

WITNESSES = 2
"""Asked values in which a mistake has to show before it is more than a guess."""

SAME = 1e-9
"""Relative difference below which two values are the same by rule: double noise is a millionth of it."""

NOISE = 1e-12
"""What is left of differences that cancel."""

WIDE = 4_000
"""Columns worked out in one go: candidates times mistakes."""

Asked = Sequence[tuple[str, str, int]]
Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Indistinct:
    """What no numbers can show on this exercise, in the asked values: mistakes that leave them all right, and pairs of
    mistakes that give the same. Labels are codes, with the steps concerned where a code alone wouldn't do.
    """

    unseen: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Apart:
    """The mistakes of one exercise made ready for trying on candidates."""

    program: Program
    asked: Asked

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        return mistakes(self.program)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        codes = [mistake.row.code for mistake in self.mistakes]
        return tuple(
            code if codes.count(code) == 1 else f"{code} ({', '.join(mistake.sites)})"
            for code, mistake in zip(codes, self.mistakes, strict=True)
        )

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Mistakes with different names; variants of one mistake are told in the same words."""
        numbered = combinations(range(len(self.mistakes)), 2)
        return tuple((i, j) for i, j in numbered if self.mistakes[i].row.code != self.mistakes[j].row.code)

    @cached_property
    def _partners(self) -> tuple[tuple[int, Counts, Counts], ...]:
        """For each mistake the pairs in which it comes first, by their rows, and the other one of each."""
        found = []
        for first in sorted({i for i, _ in self.pairs}):
            rows = np.array([row for row, (i, _) in enumerate(self.pairs) if i == first])
            found.append((first, rows, np.array([self.pairs[row][1] for row in rows])))
        return tuple(found)

    @cached_property
    def _plans(self) -> tuple[Plan, ...]:
        return tuple(flatten(self.program, mistake.replaced) for mistake in self.mistakes)

    @cached_property
    def _lines(self) -> Lines:
        return lines_of(componentwise(self.program))

    def learnt(self, batch: Batch) -> Required:
        """In how many values mistakes can be seen and pairs told apart at all: the most that any candidate shows by
        values without rounding, and no more than is wanted. A mistake that can't be seen is in no pair.
        """
        wrong, right, _ = self._tried(batch, rounding=False)
        seen = np.minimum(_differ(wrong, right).sum(axis=1).max(axis=-1), WITNESSES)
        told = np.zeros(len(self.pairs), dtype=np.intp)
        for row, (i, j) in enumerate(self.pairs):
            if seen[i] and seen[j]:
                told[row] = min(_differ(wrong[i], wrong[j]).sum(axis=0).max(), WITNESSES)
        return Required(seen, told)

    def indistinct(self, required: Required) -> Indistinct:
        """What is required nowhere, in words for the teacher."""
        seen = {mistake.row.code for mistake, count in zip(self.mistakes, required.seen, strict=True) if count}
        unseen = [
            self.labels[i] if self.mistakes[i].row.code in seen else self.mistakes[i].row.code
            for i in np.flatnonzero(required.seen == 0)
        ]
        alike = [
            (self.labels[i], self.labels[j])
            for (i, j), count in zip(self.pairs, required.told, strict=True)
            if not count and required.seen[i] and required.seen[j]
        ]
        return Indistinct(tuple(dict.fromkeys(unseen)), tuple(dict.fromkeys(alike)))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """What ``met`` has rows for: the mistakes, then the pairs."""
        return (*self.labels, *(f"{self.labels[i]} / {self.labels[j]}" for i, j in self.pairs))

    def met(self, batch: Batch, required: Required) -> NDArray[np.bool_]:
        """Which candidates show each mistake, and each pair, as clearly as required; shape (places, V). A pair of which
        one isn't shown is passed over: of that one alone is to be told.
        """
        seen, told = self.shown(batch)
        clear, apart = seen >= required.seen[:, None], told >= required.told[:, None]
        first, second = np.array(self.pairs, dtype=np.intp).reshape(-1, 2).T
        return np.concatenate([clear, apart | ~clear[first] | ~clear[second]])

    def missed(self, batch: Batch, required: Required) -> Counts:
        """How much each candidate (V,) leaves in the dark: a mistake that is marked right weighs more than all that are
        seen once only, and each of these more than all pairs.
        """
        seen, told = self.shown(batch)
        unseen = ((seen == 0) & (required.seen[:, None] > 0)).sum(axis=0)
        once = (seen < required.seen[:, None]).sum(axis=0)
        mixed = (told < required.told[:, None]).sum(axis=0)
        return np.asarray((unseen * (len(seen) + 1) + once) * (len(told) + 1) + mixed)

    def shown(self, batch: Batch) -> tuple[Counts, Counts]:
        """For each candidate in how many asked values each mistake (mistakes, V) is seen, and each pair (pairs, V) told
        apart, beyond rounding.
        """
        count = batch.rows.shape[1]
        seen = np.zeros((len(self.mistakes), count), dtype=np.intp)
        told = np.zeros((len(self.pairs), count), dtype=np.intp)
        step = max(1, WIDE // max(1, len(self.mistakes)))
        for start in range(0, count, step):
            part = np.arange(start, min(start + step, count))
            wrong, right, allowed = self._tried(batch.only(part))
            with np.errstate(invalid="ignore"):
                seen[:, part] = (np.abs(wrong - right) > 2 * allowed).sum(axis=1)
                for i, rows, others in self._partners:
                    apart = np.abs(wrong[others] - wrong[i]) > allowed[others] + allowed[i]
                    told[rows, start : start + len(part)] = apart.sum(axis=1)
        return seen, told

    def _tried(self, batch: Batch, *, rounding: bool = True) -> tuple[Array, Array, Array]:
        """Asked values with each mistake made (mistakes, cells, V); what would be right from these numbers; and how far
        rounding may carry that.
        """
        count, size = batch.rows.shape[1], len(self.mistakes)
        given = {one.name: batch.values[one.name] for one in self.program.givens}
        wanted = {quantity for _, quantity, _ in self.asked}
        wrong = np.empty((size, len(self.asked), count))
        for number, plan in enumerate(self._plans):
            values = plan.run(given, wanted=wanted)
            for row, (_, quantity, index) in enumerate(self.asked):
                wrong[number, row] = values[quantity].reshape(-1, values[quantity].shape[-1])[index]
        reading = Reading.start(self._lines, _by_cell(given, size), _Unit(batch.frame.precision))
        rows = {cell: row for row, (cell, _, _) in enumerate(self.asked)}
        right, allowed = np.empty_like(wrong), np.empty_like(wrong)
        nothing = np.full(size * count, np.nan)
        for cell in self._lines.root:
            expected = reading.work(cell)
            value = wrong[:, rows[cell]].reshape(-1) if cell in rows else nothing
            if cell in rows:
                width = reading.half_unit(cell, expected) + (reading.reach(cell) if rounding else 0.0)
                right[:, rows[cell]] = np.broadcast_to(expected, nothing.shape).reshape(size, count)
                allowed[:, rows[cell]] = np.broadcast_to(width, nothing.shape).reshape(size, count)
            reading.carry(cell, value, np.isfinite(value))
        return wrong, right, allowed


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """In how many asked values each mistake has to be seen and each pair told apart; 0 where no numbers do it."""

    seen: Counts
    told: Counts


@dataclass(frozen=True, slots=True)
class _Unit:
    precision: Precision

    def __call__(self, cell: str, values: Array) -> Array:
        return self.precision.of(cell).unit(values)


def _differ(one: Array, other: Array) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) > SAME * (np.abs(one) + np.abs(other)) + NOISE)


def _by_cell(given: Mapping[str, Array], times: int) -> dict[str, Array]:
    """Every given number as an array (times · V,), the candidates side by side for each mistake."""
    cells: dict[str, Array] = {}
    for name, array in given.items():
        rows = array.reshape(-1, array.shape[-1])
        repeated = (np.tile(row, times) if len(row) > 1 else row for row in rows)
        cells |= dict(zip(cell_ids(name, array.shape[:-1]), repeated, strict=True))
    return cells
