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
_NOTHING, _NOBODY, _EVERYBODY = np.array([np.nan]), np.array([False]), np.array([True])


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
    reading, found = Reading.start(task.lines, given, task.unit), {}
    for cell in task.lines.root:
        value = reading.work(cell)
        if cell in cells:
            found[cell] = Reach(value, _ROUNDING.allowed(reading, cell, value))
        reading.carry(cell, _NOTHING, _NOBODY)
    return found


def wrong_answers(examiner: Examiner, given: Mapping[str, Array], cells: Sequence[str]) -> dict[str, list[Outcome]]:
    """What each mistake of the catalogue makes of each cell, made everywhere it can be or at one step alone.

    Half-widths are handed on from line to line, which takes them for independent: a little wider than need be, where
    following every path of every mistake would take minutes.
    """
    right = Reading.start(examiner.task.lines, given, examiner.task.unit)
    for cell in examiner.task.lines.root:
        _handed_on(right, cell)
    everything = frozenset(examiner.task.lines.root)
    found: dict[str, list[Outcome]] = {cell: [] for cell in cells}
    for replay in (*examiner.replays.singles, *examiner.replays.parts([everything])):
        anew = replay.route(everything, everything)
        for cell, outcome in _outcomes(replay, _extended(right, replay.lines), anew):
            if cell in found:
                found[cell].append(outcome)
    return found


def _handed_on(reading: Reading, cell: str) -> Reach:
    """Work a line out from the lines before it, and hand on how far it may be off."""
    value = reading.work(cell)
    reach = Reach(value, _ROUNDING.allowed(reading, cell, value))
    reading.carry(cell, value, _EVERYBODY, reach.allowed)
    return reach


def _extended(right: Reading, lines: Lines) -> Reading:
    """The reading of the right lines, with room for the wrong ones behind them."""
    more = len(lines.nodes) - len(right.nominal)
    return Reading(
        lines,
        right.unit,
        [*right.nominal, *[_NOTHING] * more],
        [*right.inside, *[(_NOTHING, _NOTHING)] * more],
        [*right.site, *[None] * more],
        [*right.settled, *[_NOBODY] * more],
        [*right.loose, *[np.zeros(1)] * more],
        dict(right.entered),
        dict(right.half),
    )


def _outcomes(replay: Replay, reading: Reading, anew: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    (made,) = replay.made
    row = made.mistake.row
    for cell in anew:
        reach = _handed_on(reading, cell)
        # Where it is made at several steps, it is told of the cell's own, or of the first.
        own = cell.partition("[")[0]
        places = made.mistake.sites[own if own in made.sites else made.sites[0]].places
        yield cell, Outcome(row.code, row.kind, row.sentence, places, reach, cell not in replay.changed)


def differs(one: Array, other: Array) -> Array:
    """Where two values are not the same by rule; (V,) of bool."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) > SAME * (np.abs(one) + np.abs(other)))
