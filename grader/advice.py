"""Room: grader. For a practice hand-in: the one further cell that would tell rival readings of the same cells apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from exercises.bounds import Reading
from grader.evidence import Pile
from grader.replays import Replay
from grader.rounding import ByRounding
from grader.search import Found


def separating_cell(pile: Pile, script: int, found: Found) -> str | None:
    """The blank cell at which most of the rival replays differ by more than both bounds; the clearest of them.

    None where nothing more could be written down that would tell.
    """
    one = pile.only(np.array([script]), from_own_numbers=not found.whole)
    everything = frozenset(one.task.lines.root)
    blank = [cell for cell, mask in one.entered.items() if not mask[0]]
    readings = [
        one.reading(replay, replay.route(one.blank, everything), np.arange(1))
        for replay in found.readings
        if isinstance(replay, Replay)
    ]
    best: tuple[int, float] = (0, 1.0)
    chosen = None
    for cell in blank:
        apart = [_apart(first, second, cell) for first, second in combinations(readings, 2)]
        separated = sum(ratio > 1 for ratio in apart), max(apart, default=0.0)
        if separated[0] and separated > best:
            best, chosen = separated, cell
    return chosen


def _apart(one: Reading, other: Reading, cell: str) -> float:
    """The distance of two replays at a cell, in sums of their bounds."""
    values, widths = [], []
    for reading in (one, other):
        value = reading.nominal[reading.lines.root[cell]]
        values.append(float(value[0]))
        widths.append(float(ByRounding().allowed(reading, cell, value)[0]))
    distance = abs(values[0] - values[1]) / sum(widths)
    return distance if np.isfinite(distance) else 0.0
