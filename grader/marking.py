"""Room: grader. Marks carried forward: compare each number with what follows from the student's own, then carry it on.

Nothing is authored per question: what follows is read off the program. Arrays hold one number a script, shape (V,);
scripts on the same exercise are marked together, whatever each has handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import Lines, Reading, lines_of
from exercises.components import componentwise
from exercises.operations.row import Array, Mask
from exercises.plan import Plan, flatten
from exercises.precision import Precision
from exercises.program import Program
from grader.rounding import ByRounding, Tolerance

BLOCK = 2_000
"""Scripts at a time; their numbers stay in cache."""

SAME = 1e-12
"""Relative difference below which a product is a mere copy of its operand: double noise, nothing a person writes."""

KEY_UNITS = 1.0
"""Half-width, in units, of a key's number that a student used but wrote down otherwise: own rounding and that before
it.
"""


Scripts = slice | NDArray[np.intp]


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


def mark(
    task: Task, given: Mapping[str, Array], entries: Entries, *, tolerance: Tolerance | None = None
) -> dict[str, Judged]:
    """Judge every cell of the program that is handed in, in all scripts.

    ``given`` maps cells to (V,) or (1,) arrays. Cells nobody handed in are judged ABSENT, with their expected value.
    """
    rule = tolerance or ByRounding()
    variants = max((array.shape[0] for array in (*given.values(), *entries.values.values())), default=1)
    results = {cell: _blank(variants) for cell in task.lines.root}
    for start in range(0, variants, BLOCK):
        part = slice(start, min(start + BLOCK, variants))
        numbers = {name: array[part] if array.shape[0] > 1 else array for name, array in given.items()}
        for cell, judged in _mark_block(task, numbers, entries[part], rule, part.stop - start).items():
            _write(results[cell], part, judged)
    return results


def _blank(variants: int) -> Judged:
    numbers = [np.full(variants, np.nan) for _ in range(3)]
    return Judged(np.zeros(variants, dtype=np.int8), *numbers)


def _write(into: Judged, part: Scripts, judged: Judged) -> None:
    into.verdict[part] = judged.verdict
    into.expected[part], into.allowed[part], into.key[part] = judged.expected, judged.allowed, judged.key


def _mark_block(
    task: Task, given: Mapping[str, Array], entries: Entries, rule: Tolerance, variants: int
) -> dict[str, Judged]:
    """First everybody by their own numbers; then those with a slip once more, with what a slip allows."""
    key = task.plan.run(given)
    results: dict[str, Judged] = {}
    slipped = np.zeros(variants, dtype=bool)
    own = Reading.start(task.lines, given, task.unit)
    for cell in task.lines.root:
        judged = _Cell.read(cell, entries, variants).by_own_numbers(own, rule, key[cell])
        slipped |= (judged.verdict == Verdict.WRONG) | (judged.verdict == Verdict.UNREADABLE)
        results[cell] = judged
    if slipped.any():
        some = np.flatnonzero(slipped)
        numbers = {name: array[some] if array.shape[0] > 1 else array for name, array in given.items()}
        keys = {name: np.broadcast_to(array, (variants,))[some] for name, array in key.items()}
        for cell, judged in _Slipped(task, numbers, keys, rule, len(some)).judge(entries[some]).items():
            _write(results[cell], some, judged)
    return results


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of all scripts: its value, where there is one, and where there is only a text."""

    name: str
    value: Array
    entered: Mask
    unreadable: Mask
    handed_in: bool

    @classmethod
    def read(cls, name: str, entries: Entries, variants: int) -> _Cell:
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
        own.carry(self.name, self.value, self.entered)
        return self.judged(np.where(fits, Verdict.CORRECT, Verdict.WRONG), expected, allowed, key)

    def judged(self, verdict: Array, expected: Array, allowed: Array, key: Array) -> Judged:
        """Verdicts where there is a number; UNREADABLE where there is only a text, ABSENT where there is nothing."""
        codes = np.where(self.entered, verdict, np.where(self.unreadable, Verdict.UNREADABLE, Verdict.ABSENT))
        shape = self.value.shape
        return Judged(
            codes.astype(np.int8), *(np.broadcast_to(array, shape).copy() for array in (expected, allowed, key))
        )


class _Reference:
    """One of the three things a student may have worked on with, below a wrong cell; ``off`` where it strays from the
    key.
    """

    def __init__(self, task: Task, given: Mapping[str, Array], variants: int) -> None:
        self.reading = Reading.start(task.lines, given, task.unit)
        self.reads = task.lines.reads
        self.off: dict[str, Mask] = {}
        self.nowhere = np.zeros(variants, dtype=bool)

    def strays(self, cell: str) -> Mask:
        """Whether anything that the cell reads strays."""
        strays = self.nowhere
        for name in self.reads[cell]:
            strays = strays | self.off.get(name, self.nowhere)
        return strays

    def carry(self, cell: str, value: Array, entered: Mask, off: Mask, half: Array | None = None) -> None:
        """Carry ``value`` on where ``entered``, the reference's own elsewhere."""
        self.off[cell] = np.where(entered, off, self.strays(cell))
        self.reading.carry(cell, value, entered, half)


class _Slipped:
    """Scripts with a slip. Below a wrong cell count: what was written there, what should have been, and the key.

    After an unreadable cell, what should have been or the key; a blank is a skipped step.
    """

    def __init__(
        self, task: Task, given: Mapping[str, Array], key: Mapping[str, Array], rule: Tolerance, variants: int
    ) -> None:
        self.task, self.given, self.key, self.rule, self.variants = task, given, key, rule, variants
        self.written = _Reference(task, given, variants)
        self.mended = _Reference(task, given, variants)
        self.by_key = _Reference(task, given, variants)
        self.unrounded = Reading.start(task.lines, given, task.unit)

    def judge(self, entries: Entries) -> dict[str, Judged]:
        return {cell: self._cell(_Cell.read(cell, entries, self.variants)) for cell in self.task.lines.root}

    def _cell(self, cell: _Cell) -> Judged:
        expected, allowed = np.full(self.variants, np.nan), np.full(self.variants, np.nan)
        accepted, correct = self.written.nowhere, self.written.nowhere
        self.unrounded.work(cell.name)
        for reference in (self.written, self.mended, self.by_key):
            value = reference.reading.work(cell.name)
            if not cell.handed_in:
                expected = np.where(np.isnan(expected), value, expected)
                continue
            width = self.rule.allowed(reference.reading, cell.name, value)
            fits = self.rule.fits(cell.value, value, width) & cell.entered
            shown = (fits & ~accepted) | (reference is self.written)
            expected, allowed = np.where(shown, value, expected), np.where(shown, width, allowed)
            accepted, correct = accepted | fits, correct | (fits & ~reference.strays(cell.name))
        accepted = accepted & (correct | ~self._made_easy(cell.name))
        self._carry_on(cell, accepted, correct)
        verdict = np.where(correct, Verdict.CORRECT, np.where(accepted, Verdict.CARRIED, Verdict.WRONG))
        return cell.judged(verdict, expected, allowed, self.key[cell.name])

    def _carry_on(self, cell: _Cell, accepted: Mask, correct: Mask) -> None:
        nowhere, key = self.written.nowhere, self.key[cell.name]
        half = self.task.unit(cell.name, key) / 2
        self.written.carry(cell.name, cell.value, cell.entered, ~correct)
        self.unrounded.carry(cell.name, cell.value, cell.entered & ~accepted)
        self.mended.carry(cell.name, cell.value, cell.entered & accepted, ~correct)
        instead = (cell.entered & ~correct) | cell.unreadable
        value = np.where(instead, key, cell.value)
        width = np.where(instead, 2 * half * KEY_UNITS, half)
        self.by_key.carry(cell.name, value, cell.entered | instead, nowhere, width)

    def _made_easy(self, cell: str) -> Mask:
        """Where a wrong number leaves nothing to work out (0, or a copy of an operand) and the key leaves something.

        Judged on numbers not rounded since that slip, so that an honest 0.000 is not taken for an easy one.
        """
        reading, lines = self.unrounded, self.task.lines
        value, key = reading.nominal[lines.root[cell]], self.key[cell]
        easy = (value == 0) & (key != 0)
        for name in lines.reads[cell]:
            leaf = lines.carried.get(name, lines.givens.get(name, 0))
            operand = reading.nominal[leaf]
            key_operand = self.key[name] if name in self.key else self.given[name]
            easy = easy | (_copies(value, operand) & ~_copies(key, key_operand))
        return np.asarray(easy)


def _copies(value: Array, operand: Array) -> Mask:
    return np.asarray(np.abs(np.abs(value) - np.abs(operand)) <= SAME * np.abs(value))
