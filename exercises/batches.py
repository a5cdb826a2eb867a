"""Room: exercises. Candidates in batches: worked out together, judged together, sorted out condition by condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exercises.apart import Apart, Required
from exercises.operations.row import Array
from exercises.plan import Plan
from exercises.precision import Precision
from exercises.program import Program

Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What is the same for all candidates of an exercise.

    ``asked`` are cells with their quantity and flat index; ``kinks`` quantities that must keep off zero, and what to
    call their entries; ``varied`` the rows of ``asked`` whose values aren't always the same, ``copies`` which two of
    these may be equal by rule; ``noughts`` the fewest exact zeros among asked values that the exercise allows.
    ``inner`` are gradients in which a slope that depends on the numbers is a factor, each with what it is a factor to.
    ``descent`` are the loss of each round and, last, what it is after the last update, which ``after`` works out; empty
    where nothing is updated.
    ``apart`` tries the catalogue's mistakes, ``required`` is what they have to show (None: nothing is asked of them).
    """

    program: Program
    precision: Precision
    asked: tuple[tuple[str, str, int], ...]
    kinks: Mapping[str, tuple[str, ...]]
    within: Mapping[str, tuple[float, float]]
    negative: Mapping[str, int]
    varied: tuple[int, ...] = ()
    copies: Truths = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    noughts: int = 0
    inner: tuple[tuple[str, str], ...] = ()
    descent: tuple[str, ...] = ()
    after: Plan | None = None
    apart: Apart | None = None
    required: Required | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Candidates worked out: every quantity with the variants axis last, and the asked cells as rows (cells, V).

    ``units`` is one unit of the last place of each asked value, ``figures`` whether it is asked in significant figures.
    """

    frame: Frame
    values: Mapping[str, Array]
    rows: Array
    units: Array
    figures: Truths

    @classmethod
    def of(cls, frame: Frame, values: Mapping[str, Array], count: int) -> Batch:
        """``values`` holds givens, steps and kinks; arrays may have a variants axis of 1."""
        rows = np.empty((len(frame.asked), count))
        for row, (_, quantity, index) in enumerate(frame.asked):
            rows[row] = values[quantity].reshape(-1, values[quantity].shape[-1])[index]
        places = [frame.precision.of(cell) for cell, _, _ in frame.asked]
        units = np.array([[10.0**-place.digits] for place in places])
        figures = np.array([[place.significant] for place in places], dtype=bool)
        if figures.any():
            units = np.where(
                figures, np.stack([place.unit(row) for place, row in zip(places, rows, strict=True)]), units
            )
        return cls(frame, values, rows, units, figures)

    def only(self, chosen: NDArray[np.intp]) -> Batch:
        """The candidates at these places of the variants axis."""
        values = {name: array[..., chosen] if array.shape[-1] > 1 else array for name, array in self.values.items()}
        units = self.units[:, chosen] if self.units.shape[-1] > 1 else self.units
        return replace(self, values=values, rows=self.rows[:, chosen], units=units)

    def rounded_to(self, precision: Precision) -> Batch:
        """The same numbers asked to other places."""
        return Batch.of(replace(self.frame, precision=precision), self.values, self.rows.shape[1])


class Judged(NamedTuple):
    """Where a condition looks (names of cells), and whether it is met there: shape (places, V)."""

    places: tuple[str, ...]
    met: Truths


@dataclass(frozen=True, slots=True)
class Condition:
    """A goal: its code, what the teacher is told where it isn't met, and how a batch is judged.

    ``stricter`` is the code of a condition that asks for more of the same and so is unmet wherever this one is. A
    ``dear`` condition is asked of the few candidates only that meet all others.
    """

    code: str
    sentence: str
    look: Callable[[Batch], Judged]
    stricter: str | None = None
    dear: bool = False

    def judge(self, batch: Batch) -> Truths:
        """Which candidates meet it; shape (V,)."""
        met = self._judged(batch).met
        return np.broadcast_to(met.all(axis=0), batch.rows.shape[1:])

    def _judged(self, batch: Batch) -> Judged:
        with np.errstate(invalid="ignore", over="ignore"):  # what has no value is a condition of its own
            return self.look(batch)

    def failing(self, batch: Batch) -> tuple[str, ...]:
        """Where the only candidate of a batch doesn't meet it."""
        judged = self._judged(batch)
        return tuple(place for place, met in zip(judged.places, judged.met[:, 0], strict=True) if not met)


def meeting_all(conditions: Sequence[Condition], batch: Batch) -> NDArray[np.intp]:
    """The candidates that meet every condition, in order."""
    alive = np.arange(batch.rows.shape[1])
    for condition in conditions:
        if not len(alive):
            break
        met = condition.judge(batch)
        if not met.all():
            alive, batch = alive[met], batch.only(np.flatnonzero(met))
    return alive


def settle(conditions: Sequence[Condition], batch: Batch) -> tuple[NDArray[np.intp], tuple[Condition, ...]]:
    """The candidates left when each condition in turn keeps those that meet it, and the conditions that none met."""
    alive = np.arange(batch.rows.shape[1])
    let_go = []
    for condition in conditions:
        met = condition.judge(batch)
        if not met.any():
            let_go.append(condition)
        elif not met.all():
            alive, batch = alive[met], batch.only(np.flatnonzero(met))
    return alive, tuple(let_go)
