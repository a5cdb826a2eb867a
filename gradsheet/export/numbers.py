"""Room: gradsheet. What a platform may accept without a student's earlier numbers, and what known mistakes lead to.

Nothing is pinned: every line is worked from the line before, with all that rounding by hand can do from the first line
on. So whoever rounds every line and makes no mistake is always accepted. Arrays hold one number a variant, (V,).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exercises.bounds import Reading
from exercises.lines import Lines
from exercises.misconceptions import Kind
from exercises.operations.row import Array
from grader.diagnosis import Examiner
from grader.judging import Task
from grader.replays import Replay
from grader.rounding import ByRounding

SAME = 1e-9
"""Part of a value by which a mistake must change it to count as changing it."""

_ROUNDING = ByRounding()
_NOTHING, _NOBODY = np.array([np.nan]), np.array([False])


@dataclass(frozen=True, slots=True)
class Reach:
    """A cell's value in every variant, and how far rounding from the first line on may carry it."""

    value: Array
    allowed: Array


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mistake leads to in one cell.

    ``sentence`` has places that ``places`` fill with ids. ``follows``: the cell's own rule was kept.
    """

    code: str
    kind: Kind
    sentence: str
    places: Mapping[str, str]
    reach: Reach
    follows: bool


def right_answers(task: Task, given: Mapping[str, Array], cells: Sequence[str]) -> dict[str, Reach]:
    """Value and half-width of each cell; the half-width is infinite where rounding may do anything."""
    return _worked(task, task.lines, given, tuple(task.lines.root), cells)


def wrong_answers(examiner: Examiner, given: Mapping[str, Array], cells: Sequence[str]) -> dict[str, list[Outcome]]:
    """What each mistake of the catalogue makes of each cell, made everywhere it can be or at one step alone."""
    lines = examiner.task.lines
    everything = frozenset(lines.root)
    found: dict[str, list[Outcome]] = {cell: [] for cell in cells}
    for replay in (*examiner.replays.singles, *examiner.replays.parts([everything])):
        anew = replay.route(everything, everything)
        touched = [cell for cell in cells if cell in anew]
        if touched:
            for cell, outcome in _outcomes(examiner.task, replay, given, anew, touched):
                found[cell].append(outcome)
    return found


def _outcomes(
    task: Task, replay: Replay, given: Mapping[str, Array], anew: Sequence[str], touched: Sequence[str]
) -> Iterator[tuple[str, Outcome]]:
    (made,) = replay.made
    row = made.mistake.row
    before = [cell for cell in task.lines.root if cell not in set(anew)]
    reached = _worked(task, replay.lines, given, (*before, *anew), touched)
    for cell, reach in reached.items():
        # Where it is made at several steps, it is told of the one nearest to the cell's own.
        own = cell.partition("[")[0]
        site = own if own in made.sites else made.sites[0]
        places = made.mistake.sites[site].places
        yield cell, Outcome(row.code, row.kind, row.sentence, places, reach, cell not in replay.changed)


def _worked(
    task: Task, lines: Lines, given: Mapping[str, Array], order: Sequence[str], cells: Sequence[str]
) -> dict[str, Reach]:
    """Every line in order, each from the values before it, with none handed in."""
    reading = Reading.start(lines, given, task.unit)
    wanted, found = frozenset(cells), {}
    for cell in order:
        value = reading.work(cell)
        if cell in wanted:
            found[cell] = Reach(value, _ROUNDING.allowed(reading, cell, value))
        reading.carry(cell, _NOTHING, _NOBODY)
    return {cell: found[cell] for cell in cells}


def differs(one: Array, other: Array) -> Array:
    """Where two values are not the same by rule; (V,) of bool."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) > SAME * (np.abs(one) + np.abs(other)))
