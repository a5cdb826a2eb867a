"""Room: exercises. Gradients held against finite differences: the forward steps run again with one number moved.

Nothing is worked out by a second formula. What a backward step claims is read off its chain: the derivative of one
quantity by another, through everything (a gradient) or through one step alone (a path, a local derivative). For the
latter the one step reads a copy of the quantity, and the copy moves. Arrays carry the variants axis last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from exercises.expression import Symbol, substitute
from exercises.names import cell_ids
from exercises.operations.row import Array, Mask
from exercises.plan import Plan, Values, flatten
from exercises.program import Given, Part, Program, Role, Step

STEPS = (3e-4, 2.3e-5)
"""By how much a number is moved, times its size where that is above 1. The second is taken where the first finds
something, so that a kink just outside the reach of one isn't taken for a mistake. No multiple of each other."""

TOLERANCE = 1e-6
"""Of 1 + |derivative|. Richardson's central difference errs by STEP**4 / 480 times the fifth derivative, and rounding
adds 1e-15 / STEP: both are below 1e-9 for what sheets hold. A rule wrong by 0.05 % is off by 500 times as much."""

UNSTEADY = 1e-3
"""Of 1 + |derivative|: where halving the step changes the difference by more, it says nothing."""

KINKED = 0.75
"""The slopes to the left and to the right come nearer to each other by half as the step is halved, unless there is a
kink: then the ratio stays near 1."""

COPY = "′"
"""What the name of a copy ends in; no quantity's own name does."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A backward step says: I am ∂of/∂by, by way of the step ``within`` alone, or (empty) of all."""

    step: str
    of: str
    by: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Off:
    """A derivative that isn't what differences find: the cell, the variant, and both numbers."""

    step: str
    cell: str
    variant: int
    derived: float
    found: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it: how many numbers were compared, those that are off, and those of which nothing can be said
    (a kink lies within the step, or the function has no value beside the number)."""

    compared: int
    off: tuple[Off, ...]
    undecided: int


@lru_cache(maxsize=64)
def differences_of(program: Program) -> Differences:
    """The check of a program, made ready once."""
    return Differences(program)


@dataclass(frozen=True)
class Differences:
    """The forward part of a program, ready to be run with moved numbers."""

    program: Program

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What each backward step claims to be, in the program's order."""
        return tuple(_claims(self.program))

    @cached_property
    def forward(self) -> Program:
        """The forward steps of all rounds; what they read of updates is given."""
        steps = tuple(step for step in self.program.steps if step.part in (Part.FORWARD, Part.LOSS))
        known = {*(given.name for given in self.program.givens), *(step.name for step in steps)}
        read = dict.fromkeys(name for step in steps for name in step.reads if name not in known)
        more = tuple(Given(name, self.program.shapes[name], Role.VARIABLE) for name in read)
        return replace(self.program, givens=(*self.program.givens, *more), steps=steps)

    @cached_property
    def _plans(self) -> dict[tuple[str, str], Plan]:
        return {}

    def _plan(self, claim: Claim) -> Plan:
        place = (claim.by, claim.within) if claim.within else ("", "")
        if place not in self._plans:
            self._plans[place] = flatten(self._copied(*place) if claim.within else self.forward)
        return self._plans[place]

    def _copied(self, name: str, within: str) -> Program:
        """The forward part in which one step alone reads a copy of a quantity."""
        shape = self.program.shapes[name]
        copy = Symbol(name + COPY, shape)
        steps = tuple(
            replace(step, expression=substitute(step.expression, {name: copy})) if step.name == within else step
            for step in self.forward.steps
        )
        return replace(self.forward, givens=(*self.forward.givens, Given(copy.name, shape, Role.VARIABLE)), steps=steps)

    def check(self, values: Values) -> Checked:
        """Hold every claim against differences; ``values`` are all quantities, of their shape + (V,) or (1,)."""
        compared, undecided, off = 0, 0, []
        for claim in self.claims:
            derived = values[claim.step]
            wrong, unsure, found = self._judged(claim, values, STEPS[0])
            if wrong.any() or unsure.any():
                wrong, unsure, found = self._judged(claim, values, STEPS[1])
            cells = cell_ids(claim.step, derived.shape[:-1])
            flat = np.broadcast_to(derived, found.shape).reshape(len(cells), -1)
            slopes = found.reshape(flat.shape)
            for row, variant in np.argwhere(wrong.reshape(flat.shape)).tolist():
                numbers = float(flat[row, variant]), float(slopes[row, variant])
                off.append(Off(claim.step, cells[row], variant, *numbers))
            compared += wrong.size - int(unsure.sum())
            undecided += int(unsure.sum())
        return Checked(compared, tuple(off), undecided)

    def _judged(self, claim: Claim, values: Values, step: float) -> tuple[Mask, Mask, Array]:
        """Where the derived numbers are wrong, where nothing can be said, and what differences find."""
        slope, steady = self._slopes(claim, values, step)
        found = _as_claimed(slope, self.program.shapes, claim)
        sure = _as_claimed(steady, self.program.shapes, claim) > 0
        derived = np.broadcast_to(values[claim.step], found.shape)
        with np.errstate(invalid="ignore"):
            near = np.abs(derived - found) <= TOLERANCE * (1 + np.abs(found))
        broken = ~np.isfinite(derived)
        return (sure & ~near) | broken, ~sure & ~broken, found

    def _slopes(self, claim: Claim, values: Values, step: float) -> tuple[Array, Array]:
        """∂of/∂by as an array (cells of ``of``, cells of ``by``, V), and 1 where it can be relied on, else 0."""
        plan = self._plan(claim)
        base = values[claim.by]
        variants = max(array.shape[-1] for array in values.values())
        size = base.reshape(-1, base.shape[-1]).shape[0]
        start = np.broadcast_to(base, (*base.shape[:-1], variants)).reshape(size, variants)
        reach = step * np.maximum(1.0, np.abs(start))
        moved = np.broadcast_to(start[:, None, None, :], (size, size, len(_MOVES), variants)).copy()
        own = np.arange(size)
        moved[own, own] += _MOVES[None, :, None] * reach[:, None, :]
        moves = moved.reshape(*base.shape[:-1], -1)
        at = _run(plan, claim, values, moves, size * len(_MOVES), variants)
        return _richardson(at.reshape(-1, size, len(_MOVES), variants), reach)


_MOVES = np.array([1.0, -1.0, 0.5, -0.5, 0.0])


def _run(plan: Plan, claim: Claim, values: Values, moves: Array, times: int, variants: int) -> Array:
    """The quantity of the claim, run with what it is derived by moved; the rest is repeated for every move."""

    def repeated(array: Array) -> Array:
        return array if array.shape[-1] == 1 else np.tile(array, times)

    mover = claim.by + COPY if claim.within else claim.by
    given = {name: moves if name == mover else repeated(values[name]) for name in plan.inputs if name != mover}
    if mover in plan.inputs:
        given[mover] = moves
    pinned = {} if mover in plan.inputs else {mover: moves}
    found = plan.run(given, pinned=pinned, wanted=[claim.of])[claim.of]
    return np.broadcast_to(found, (*found.shape[:-1], times * variants))


def _richardson(at: Array, reach: Array) -> tuple[Array, Array]:
    """From values at the moves (of, by, moves, V) to slopes, and 1 where they can be relied on."""
    with np.errstate(all="ignore"):
        coarse = (at[:, :, 0] - at[:, :, 1]) / (2 * reach)
        fine = (at[:, :, 2] - at[:, :, 3]) / reach
        slope = (4 * fine - coarse) / 3
        jump = np.abs(at[:, :, 0] - 2 * at[:, :, 4] + at[:, :, 1]) / reach
        half = np.abs(at[:, :, 2] - 2 * at[:, :, 4] + at[:, :, 3]) / (reach / 2)
        size = 1 + np.abs(slope)
        unsteady = np.abs(fine - coarse) > UNSTEADY * size
        kinked = (half > KINKED * jump) & (half > UNSTEADY * size)
        steady = np.isfinite(slope) & ~unsteady & ~kinked
    return slope, steady.astype(np.float64)


def _as_claimed(table: Array, shapes: Mapping[str, tuple[int, ...]], claim: Claim) -> Array:
    """A table (cells of ``of``, cells of ``by``, V) in the shape of the step that claims to be it."""
    shape, variants = shapes[claim.step], table.shape[-1]
    of, by = shapes[claim.of], shapes[claim.by]
    if shape == (*of, *by):
        return table.reshape(*shape, variants)
    if shape == of == by:  # place by place: each depends on its own only
        own = np.arange(len(table))
        return table[own, own].reshape(*shape, variants)
    raise ValueError(f"{claim.step} has shape {shape}, which is no derivative of {of} by {by}")


def _claims(program: Program) -> Iterator[Claim]:
    for step in program.steps:
        if step.role is Role.GRADIENT:
            of, by = (step.chain[0].top, step.chain[-1].bottom) if step.chain else _nothing(program, step)
            yield Claim(step.name, of, by)
        elif step.role is Role.PATH:
            yield Claim(step.name, step.chain[0].top, step.chain[-1].bottom, step.through)
        elif step.role is Role.LOCAL:
            yield Claim(step.name, step.chain[0].top, step.chain[0].bottom, step.chain[0].top)


def _nothing(program: Program, step: Step) -> tuple[str, str]:
    """A gradient that no path leads to, of the first round: it is 0, and stands without a chain."""
    return program.output, step.name.removeprefix(f"d{program.output}/d")
