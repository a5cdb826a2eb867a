"""Room: grader. What marking takes and gives: an exercise made ready, what was handed in, and verdicts on it.

Arrays hold one number a script, shape (V,); scripts on the same exercise are marked together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import SUMS, Lines, Reading, lines_of
from exercises.components import componentwise
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Mask
from exercises.plan import Plan, flatten
from exercises.precision import Precision
from exercises.program import Program
from exercises.slopes import pick
from grader.rounding import Tolerance

Scripts = slice | NDArray[np.intp]

PLAUSIBLE = 4.0
"""How many times as large as it should be, or as what it is a sum of, a number may be that nobody can decide about."""


class Verdict(IntEnum):
    """What becomes of a cell; the names in lower case are those of the JSON."""

    ABSENT = 0
    CORRECT = 1
    CARRIED = 2
    WRONG = 3
    UNREADABLE = 4
    MISSING = 5


@dataclass(frozen=True)
class Task:
    """An exercise made ready for marking: its lines, and to how many places each cell is asked."""

    cells: Program
    lines: Lines
    plan: Plan
    precision: Precision

    def unit(self, cell: str, values: Array) -> Array:
        return self.precision.of(cell).unit(values)


def task_of(program: Program, precision: Precision) -> Task:
    """Spell a program out for marking; do it once for all scripts on the exercise."""
    cells = componentwise(program)
    return Task(cells, lines_of(cells), flatten(cells), precision)


@dataclass(frozen=True, slots=True)
class Entries:
    """What was handed in: ``values`` NaN where there is no readable number, ``unreadable`` where there is a text
    without one.

    Only cells that at least one script holds need be there.
    """

    values: Mapping[str, Array]
    unreadable: Mapping[str, Mask] = field(default_factory=dict)

    def __getitem__(self, scripts: Scripts) -> Entries:
        values = {cell: array[scripts] for cell, array in self.values.items()}
        return Entries(values, {cell: mask[scripts] for cell, mask in self.unreadable.items()})


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell of all scripts: verdict codes, the value expected from the student's own numbers, what is allowed, the
    key.
    """

    verdict: NDArray[np.int8]
    expected: Array
    allowed: Array
    key: Array

    def __getitem__(self, scripts: Scripts) -> Judged:
        return Judged(self.verdict[scripts], self.expected[scripts], self.allowed[scripts], self.key[scripts])


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of all scripts: its value, where there is one, and where there is only a text."""

    name: str
    value: Array
    entered: Mask
    unreadable: Mask
    handed_in: bool

    @classmethod
    def read(cls, name: str, entries: Entries, variants: int) -> Cell:
        value = entries.values.get(name)
        unreadable = entries.unreadable.get(name)
        handed_in = value is not None or unreadable is not None
        value = np.full(variants, np.nan) if value is None else value
        mask = np.zeros(variants, dtype=bool) if unreadable is None else unreadable
        return cls(name, value, ~np.isnan(value), mask, handed_in)

    def by_own_numbers(self, own: Reading, rule: Tolerance, key: Array) -> Judged:
        """Right or wrong by the student's own earlier numbers alone."""
        expected = own.work(self.name)
        allowed = rule.allowed(own, self.name, expected) if self.handed_in else np.full(1, np.nan)
        fits = rule.fits(self.value, expected, allowed)
        if (undecided := np.isinf(allowed)).any():
            fits = fits & (~undecided | plausible(own, self.name, self.value, key))
        own.carry(self.name, self.value, self.entered)
        return self.judged(np.where(fits, Verdict.CORRECT, Verdict.WRONG), expected, allowed, key)

    def judged(self, verdict: Array, expected: Array, allowed: Array, key: Array) -> Judged:
        """Verdicts where there is a number; UNREADABLE where there is only a text, ABSENT where there is nothing."""
        codes = np.where(self.entered, verdict, np.where(self.unreadable, Verdict.UNREADABLE, Verdict.ABSENT))
        allowed = np.where(self.entered, allowed, np.nan)
        shape = self.value.shape
        return Judged(
            codes.astype(np.int8), *(np.broadcast_to(array, shape).copy() for array in (expected, allowed, key))
        )


def only(arrays: Mapping[str, Array], scripts: NDArray[np.intp]) -> dict[str, Array]:
    """The numbers of some scripts; what is the same for all stays as it is."""
    return {name: array[scripts] if array.shape[0] > 1 else array for name, array in arrays.items()}


def plausible(reading: Reading, cell: str, value: Array, key: Array, scripts: NDArray[np.intp] | None = None) -> Mask:
    """Whether a number that can't be decided about may come of some rounding of what is shown: it lies where such
    numbers can lie, and is about as large as what follows without further rounding, with every step rounded, or in the
    key.

    ``scripts`` are the places in ``reading`` of those concerned.
    """
    lines, root = reading.lines, reading.lines.root[cell]
    (low, high), nominal = reading.inside[root], reading.nominal
    terms = lines.nodes[root].arguments if lines.nodes[root].operation in SUMS else ()
    least = reduce(np.minimum, [np.abs(nominal[term]) for term in terms]) if terms else np.zeros(1)
    paper = _on_paper(reading, cell, {})
    low, high, expected, paper, least = (
        array if scripts is None else pick(array, scripts) for array in (low, high, nominal[root], paper, least)
    )
    half = reading.half_unit(cell, value)
    with np.errstate(all="ignore"):
        outside = (value < low - half) | (value > high + half)
        near = _comparable(value, expected) | _comparable(value, paper)
        near = near | (np.abs(value - key) <= PLAUSIBLE * np.maximum(np.abs(key), least) + half)
    return np.asarray((near | ~np.isfinite(key)) & ~outside)


def _comparable(value: Array, other: Array) -> Mask:
    ratio = value / other
    return np.asarray((ratio >= 1 / PLAUSIBLE) & (ratio <= PLAUSIBLE) & np.isfinite(other))


def _on_paper(reading: Reading, cell: str, known: dict[str, Array]) -> Array:
    """A cell's value where each blank before it has been worked out and rounded to its places; ``known`` are these."""
    lines = reading.lines
    numbers = list(reading.nominal)
    for name in lines.reads[cell]:
        if name in lines.carried and not reading.entered[name].all():
            if name not in known:
                worked = _on_paper(reading, name, known)
                unit = 2 * reading.half_unit(name, worked)
                with np.errstate(all="ignore"):
                    rounded = np.round(worked / unit) * unit
                known[name] = np.where(reading.entered[name], numbers[lines.carried[name]], rounded)
            numbers[lines.carried[name]] = known[name]
    with np.errstate(all="ignore"):
        for place in lines.span[cell]:
            if (node := lines.nodes[place]).is_line:
                numbers[place] = OPERATIONS[node.operation].value(
                    *(numbers[k] for k in node.arguments), *node.parameters
                )
    return np.asarray(numbers[lines.root[cell]])
