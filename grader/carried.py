"""Room: grader. Scripts with a slip: what follows from a wrong number is marked as if it were right.

Below a wrong cell count: what was written there, what should have been, and the key. What should have been below two
wrong cells is either worked out from the first as it should have been, or from the first as it was written. After an
unreadable cell, what should have been or the key; a blank is a skipped step. Where a line reads several wrong cells,
one of them may have been used otherwise than the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import SUMS, Reading
from exercises.operations.row import Array, Mask
from exercises.slopes import magnitude
from grader.judging import Cell, Entries, Judged, Task, Verdict, only, plausible
from grader.references import AsWritten, Reference, Trial, anywhere
from grader.repeated import SAME_DIGITS, repeated
from grader.rounding import NOISE, SLACK, Tolerance
from grader.unrounded import Unrounded

NOTHING_LEFT_UNITS, NOTHING_LEFT_PART = 0.01, 0.001
"""A carried value is as good as 0 where it is this small in units and beside the key: the unit is dead or saturated.
An honest small number is larger in one or the other.
"""

COPY_UNITS = 1e-6
"""Difference, in units, below which a value is a mere copy of an operand: nothing a person could write."""

NEXT_TO_NOTHING_UNITS, NEXT_TO_NOTHING_PART = (1.0, 5.0), 0.25
"""A wrong number of so few units, and so small beside a key that isn't 0, is as good as 0 for what can't be told from 0
then: the larger one where a script has several. A point that slips by one place leaves 2 units of the 20 that numbers
asked for have at least.
"""

SEVERAL, UNITS_SLACK = 3, 1e-6
LARGEST = "maximum"

IDLE = 1e-9
"""By which a number may miss ±1 and still leave a product as it is."""

KEY_UNITS = 1.0
"""Half-width, in units, of a key's number that a student used but wrote down otherwise: own rounding and that before
it.
"""


class Slipped:
    """The judge of some scripts, ``own`` and ``found`` being what the first pass made of them."""

    def __init__(
        self,
        task: Task,
        given: Mapping[str, Array],
        rule: Tolerance,
        own: Reading,
        scripts: NDArray[np.intp],
        found: Mapping[str, Judged],
    ) -> None:
        self.task, self.given, self.rule, self.variants = task, given, rule, len(scripts)
        self.key = {cell: judged.key for cell, judged in found.items()}
        everyone = np.arange(len(scripts))
        self.written = AsWritten(own, scripts, found)
        self.mended = Reference(self._reading(), everyone)
        self.by_key = Reference(self._reading(), everyone)
        self.in_its_line = Reference(self._reading(), everyone)
        self.unrounded, self.bare = Unrounded(task.lines, given), Unrounded(task.lines, given)
        self.torn: dict[str, Mask] = {}
        self.repeated = np.full(self.variants, np.nan)
        self.few_units = np.full(self.variants, NEXT_TO_NOTHING_UNITS[0])
        self.amiss: dict[str, Mask] = {}

    def _reading(self) -> Reading:
        return Reading.start(self.task.lines, self.given, self.task.unit)

    @property
    def references(self) -> tuple[Reference, ...]:
        return self.written, self.mended, self.by_key, self.in_its_line

    def judge(self, entries: Entries) -> dict[str, Judged]:
        self.repeated = repeated(self.task, entries, self.key, self.variants)
        self._count_next_to_nothing(entries)
        return {cell: self._cell(Cell.read(cell, entries, self.variants)) for cell in self.task.lines.root}

    def _cell(self, cell: Cell) -> Judged:
        trial = Trial.of(cell, self.variants)
        self.unrounded.work(cell.name)
        self.bare.work(cell.name)
        values = [reference.expected(cell.name) for reference in self.references]
        if cell.handed_in:
            self._try_each(trial, values)
            self._try_key(trial)
            self._try_mixtures(trial)
            trial.settle_for(self.key[cell.name], self._half_of_key(cell.name))
        # Whoever left it blank is told what follows from their own numbers, whether or not others handed it in.
        trial.expected[:] = np.where(cell.entered, trial.expected, values[0])
        accepted = trial.accepted & (trial.correct | ~self._proves_nothing(trial))
        self._carry_on(cell, accepted, trial.correct)
        verdict = np.where(trial.correct, Verdict.CORRECT, np.where(accepted, Verdict.CARRIED, Verdict.WRONG))
        return cell.judged(verdict, trial.expected, trial.allowed, self.key[cell.name])

    def _try_each(self, trial: Trial, values: Sequence[Array]) -> None:
        """A reference that strays and can't decide has no say while another one can: nobody earns marks below a divisor
        that was entered as 0.
        """
        name = trial.cell.name
        widths = [
            reference.allowed(name, value, self.rule) for reference, value in zip(self.references, values, strict=True)
        ]
        undecided = reduce(np.logical_and, [np.isinf(width) for width in widths])
        for reference, value, width in zip(self.references, values, widths, strict=True):
            strays = reference.strays(name)
            silent = np.isinf(width) & strays & ~undecided
            fits = self.rule.fits(trial.cell.value, value, width) & ~silent
            if np.isinf(width).any():
                possible = plausible(reference.reading, name, trial.cell.value, self.key[name], reference.scripts)
                fits = fits & (np.isfinite(width) | possible)
            trial.against(slice(None), value, np.where(silent, np.nan, width), fits, strays)

    def _try_key(self, trial: Trial) -> None:
        """The key's own number, rounded, is right whatever stands before it. And where a line reads a number that is
        off, but by no more than rounding is, what follows from the key's counts too: miscopied by one unit costs no
        more than by ten.
        """
        name = trial.cell.name
        width, nowhere, reads = self._half_of_key(name), self.written.nowhere, self.task.lines.reads[name]
        trial.against(slice(None), self.key[name], width, self._is_key(trial.cell), nowhere)
        left = trial.cell.entered & ~trial.accepted & anywhere(self.amiss, reads, nowhere)
        if not left.any():
            return
        some = np.flatnonzero(left)
        reading = Reading.start(self.task.lines, only(self.given, some), self.task.unit)
        for operand in reads:
            if operand in self.amiss:
                reading.borrow(operand, self.by_key.reading, some)
                meant = self.key[operand][some]
                within = 2 * KEY_UNITS * reading.half_unit(operand, meant)
                reading.pin(operand, meant, within, self.amiss[operand][some])
        value = reading.work(name)
        width = self.rule.allowed(reading, name, value)
        fits = self.rule.fits(trial.cell.value[some], value, width) & np.isfinite(width)
        trial.against(some, value, width, fits, np.zeros(len(some), dtype=bool))

    def _try_mixtures(self, trial: Trial) -> None:
        """Of several wrong cells that a line reads, take one from one reference and the others from another."""
        name = trial.cell.name
        operands = [operand for operand in self.task.lines.reads[name] if self._is_torn(operand)]
        if len(operands) < 2:
            return
        count = np.sum([self.torn[operand] for operand in operands], axis=0)
        for chosen in operands[: None if len(operands) > 2 else 1]:
            for one, rest in permutations((self.written, self.mended, self.by_key), 2):
                left = trial.cell.entered & ~trial.accepted & (count > 1) & self.torn[chosen]
                if not left.any():
                    break
                some = np.flatnonzero(left)
                sources = {operand: one if operand == chosen else rest for operand in self.torn}
                self._try_mixture(trial, sources, some)

    def _is_torn(self, operand: str) -> bool:
        return operand in self.torn and bool(self.torn[operand].any())

    def _try_mixture(self, trial: Trial, sources: Mapping[str, Reference], some: NDArray[np.intp]) -> None:
        name = trial.cell.name
        reading = Reading.start(self.task.lines, only(self.given, some), self.task.unit)
        strays = np.zeros(len(some), dtype=bool)
        for operand in self.task.lines.reads[name]:
            if operand in sources:
                source = sources[operand]
                reading.borrow(operand, source.reading, source.scripts[some])
                strays |= source.off[operand][some]
        value = reading.work(name)
        width = self.rule.allowed(reading, name, value)
        fits = self.rule.fits(trial.cell.value[some], value, width)
        if (undecided := np.isinf(width)).any():
            possible = plausible(reading, name, trial.cell.value[some], self.key[name][some])
            fits = fits & ~(undecided & (strays | ~possible))
        trial.against(some, value, width, fits, strays)

    def _carry_on(self, cell: Cell, accepted: Mask, correct: Mask) -> None:
        nowhere, key = self.written.nowhere, self.key[cell.name]
        self.torn[cell.name] = np.where(
            cell.entered, ~accepted, anywhere(self.torn, self.task.lines.reads[cell.name], nowhere)
        )
        self.written.carry(cell.name, cell.value, cell.entered, ~correct)
        self.amiss[cell.name] = cell.entered & correct & ~self._is_key(cell)
        self.unrounded.carry(cell.name, cell.value, cell.entered & ~accepted)
        bare = np.where(self._next_to_nothing(cell.name, cell.value, self.few_units), 0.0, cell.value)
        self.bare.carry(cell.name, bare, cell.entered & ~accepted)
        self.mended.carry(cell.name, cell.value, cell.entered & accepted, ~correct)
        self._carry_in_its_line(cell, accepted, correct)
        instead = (cell.entered & ~correct) | cell.unreadable
        reading, entered = self.by_key.reading, cell.entered | instead
        value = np.where(instead, key, cell.value)
        size = np.where(entered, value, magnitude(*reading.inside[self.task.lines.root[cell.name]]))
        half = np.where(instead, 2 * KEY_UNITS, 1.0) * reading.half_unit(cell.name, size)
        self.by_key.carry(cell.name, value, entered, nowhere, half)

    def _half_of_key(self, cell: str) -> Array:
        key = self.key[cell]
        return self.written.reading.half_unit(cell, key) * (1 + 2 * SLACK) + NOISE * np.abs(key)

    def _is_key(self, cell: Cell) -> Mask:
        with np.errstate(invalid="ignore"):
            return np.asarray(np.abs(cell.value - self.key[cell.name]) <= self._half_of_key(cell.name))

    def _carry_in_its_line(self, cell: Cell, accepted: Mask, correct: Mask) -> None:
        """A second slip below a first, in the fair copy alone: its line was worked out from the first as it stands."""
        again = cell.entered & ~accepted & self.written.strays(cell.name)
        reading, entered = self.in_its_line.reading, (cell.entered & accepted) | again
        value = np.where(again, self.written.found[cell.name].expected, cell.value)
        size = np.where(entered, value, magnitude(*reading.inside[self.task.lines.root[cell.name]]))
        half = np.where(again, 2 * KEY_UNITS, 1.0) * reading.half_unit(cell.name, size)
        self.in_its_line.carry(cell.name, value, entered, again | ~correct, half)

    def _count_next_to_nothing(self, entries: Entries) -> None:
        few, several = NEXT_TO_NOTHING_UNITS
        count = np.zeros(self.variants, dtype=int)
        for name, values in entries.values.items():
            wrong = self.written.found[name].verdict == Verdict.WRONG
            count += wrong & self._next_to_nothing(name, values, several)
        self.few_units = np.where(count >= SEVERAL, several, few)

    def _next_to_nothing(self, cell: str, value: Array, units: float | Array) -> Mask:
        key = self.key[cell]
        unit = 2 * self.mended.reading.half_unit(cell, key)
        with np.errstate(invalid="ignore"):
            size = np.abs(value) - UNITS_SLACK * unit
            beside = (size <= NEXT_TO_NOTHING_PART * np.abs(key)) | (np.abs(key) <= unit / 2)
            return np.asarray((size <= units * unit) & beside)

    def _proves_nothing(self, trial: Trial) -> Mask:
        """Where there was nothing to work out; where the same number stands nearly everywhere; or where nothing would
        be left to work out if the wrong numbers that are next to nothing were 0, and what is expected can't be told
        from what there would be then.
        """
        name = trial.cell.name
        bare = self.bare.values[self.task.lines.root[name]]
        with np.errstate(invalid="ignore", over="ignore"):
            alike = ~(np.abs(trial.expected - bare) > trial.allowed)
            again = np.round(np.abs(trial.cell.value), SAME_DIGITS) == self.repeated
        return np.asarray(again | self._made_easy(name, self.unrounded) | (alike & self._made_easy(name, self.bare)))

    def _made_easy(self, cell: str, worked: Unrounded) -> Mask:
        """Where a wrong number leaves nothing to work out (0, or a copy of an operand) and the key leaves something.

        Judged on numbers not rounded since that slip, so that an honest 0.000 is not taken for an easy one. A unit that
        is dead in the key and wakes by a slip is more work, not less.
        """
        lines, values = self.task.lines, worked.values
        root, key = lines.root[cell], self.key[cell]
        value, half = values[root], self.mended.reading.half_unit(cell, key)
        sum_of = lines.nodes[root].arguments if lines.nodes[root].operation in SUMS else (root,)
        with np.errstate(invalid="ignore"):
            least = np.minimum(NOTHING_LEFT_UNITS * 2 * half, NOTHING_LEFT_PART * np.abs(key))
            largest = reduce(np.maximum, [np.abs(values[term]) for term in sum_of])
            easy = ~np.isfinite(value) | (value == 0) | (largest <= least)  # terms may well cancel by chance
            easy = easy | self._copies_made_easy(cell, values, half)
        return np.asarray(easy & (np.abs(key) > half))

    def _copies_made_easy(self, cell: str, values: Sequence[Array], half: Array) -> Mask:
        """Where a value is a mere copy of an operand since another one is 0 or ±1, as it shouldn't be. The largest of
        some numbers is always one of them, and two numbers may be the same by chance.
        """
        lines, key, value = self.task.lines, self.key[cell], values[self.task.lines.root[cell]]
        copied, idle = self.written.nowhere, list[Mask]()
        if lines.nodes[lines.root[cell]].operation == LARGEST:
            return copied
        operands = [self._operand(name, values) for name in lines.reads[cell]]
        for operand, meant in operands:
            size = np.abs(operand)
            idle.append(((size == 0) | (np.abs(size - 1) <= IDLE)) & (np.abs(operand - meant) > IDLE))
        for place, (operand, meant) in enumerate(operands):
            others = [mask for other, mask in enumerate(idle) if other != place]
            if others:
                copies = (_apart(value, operand) <= COPY_UNITS * 2 * half) & (_apart(key, meant) > half)
                copied = copied | (copies & reduce(np.logical_or, others))
        return np.asarray(copied)

    def _operand(self, name: str, values: Sequence[Array]) -> tuple[Array, Array]:
        """A number that a line reads, not rounded since a slip, and the key's."""
        if name in self.key:
            return values[self.task.lines.carried[name]], self.key[name]
        return self.given[name], self.given[name]


def _apart(value: Array, operand: Array) -> Array:
    return np.asarray(np.abs(np.abs(value) - np.abs(operand)))
