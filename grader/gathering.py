"""Room: grader. Every mistake replayed on a pile of scripts: what each explains, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.evidence import Evidence, Pile, quantity_of
from grader.replays import Replay

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
