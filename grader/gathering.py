"""Room: grader. What is to be explained put on a pile, every mistake replayed on it: what each explains, what speaks
against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array, Mask
from grader.evidence import Evidence, Pile, Scripts, quantity_of
from grader.judging import Entries, Judged, Task, Verdict, only
from grader.replays import Replay


def pile_of(
    task: Task,
    given: Mapping[str, Array],
    entries: Entries,
    judged: Mapping[str, Judged],
    *,
    some: Scripts,
    but_for: Mapping[str, Mask] | None = None,
) -> Pile:
    """The wrong cells of some scripts, in the program's order; without those that follow from the student's own numbers
    and only earn nothing, because these leave nothing to work out, and without those of ``but_for`` (V,) by cell.
    """
    wrong = {
        cell: mask
        for cell, values in ((cell, entries.values[cell][some]) for cell in task.lines.root if cell in entries.values)
        for mask in (_breaks_a_rule(judged[cell][some], values),)
        for mask in (mask & ~but_for[cell][some] if but_for and cell in but_for else mask,)
        if mask.any()
    }
    masks = np.stack(list(wrong.values())) if wrong else np.zeros((0, len(some)), dtype=bool)
    picked = {cell: one[some] for cell, one in judged.items()}
    return Pile(task, only(given, some), entries[some], picked, tuple(wrong), masks)


def _breaks_a_rule(judged: Judged, written: Array) -> Mask:
    with np.errstate(invalid="ignore"):
        follows = np.abs(written - judged.expected) <= judged.allowed
    return np.asarray((judged.verdict == Verdict.WRONG) & ~follows)


Least = Callable[[Replay], NDArray[np.intp] | int]
"""How many cells a replay has to explain, in each script or in all, for anybody to be interested."""


def gather(
    pile: Pile, replays: Sequence[Replay], least: Least = lambda replay: 1, *, split_up: bool = False
) -> Evidence:
    """Replay everything on all scripts of the pile; where fewer than ``least`` cells can be explained, nothing is."""
    explained = np.zeros((len(replays), len(pile.cells), pile.count), dtype=bool)
    contradicted = np.zeros((len(replays), pile.count), dtype=np.int32)
    split = np.zeros_like(explained[: len(replays) if split_up else 0])
    open_cells = set(pile.cells)
    for row, replay in enumerate(replays):
        order = replay.route(pile.blank, pile.shown)
        if open_cells.isdisjoint(order):
            continue
        values = pile.values(replay, order)
        some = np.flatnonzero(pile.near(values) >= least(replay))
        if not len(some):
            continue
        against = pile.contradicted(values)
        for mask in against.values():
            contradicted[row] += mask
        for cell, hits in pile.hits(replay, order, some).items():
            place = pile.cells.index(cell)
            explained[row, place, some] = hits
            for sibling, mask in against.items():
                if split_up and hits.any() and quantity_of(sibling) == quantity_of(cell):
                    split[row, place] |= mask
    return Evidence(pile.cells, explained, contradicted, split)
