"""Room: grader. A mistake that only shows through numbers that are handed in and right has not been made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.evidence import Evidence, Pile, quantity_of
from grader.replays import Replay


def acquit(pile: Pile, evidence: Evidence, replays: Sequence[Replay]) -> None:
    """Take out of the evidence what a mistake could explain only through a quantity of which every number is right.

    Asked of scripts that are replayed from what was given, where such numbers aren't looked at.
    """
    quantity = {cell: quantity_of(cell) for cell in pile.task.lines.root}
    right = pile.innocent
    names = list(right)
    known: dict[tuple[bytes, int], frozenset[str]] = {}
    for script in np.flatnonzero(evidence.explained.any(axis=(0, 1))).tolist():
        shut = np.array([right[name][script] for name in names])
        for row, place in _explained(evidence, script):
            key = shut.tobytes(), place
            if key not in known:
                innocent = {name for name, is_shut in zip(names, shut, strict=True) if is_shut}
                open_cells = {cell for cell, name in quantity.items() if name not in innocent}
                known[key] = _reaching(pile.task.lines.reads, pile.cells[place], open_cells)
            if known[key].isdisjoint(replays[row].changed):
                evidence.explained[row, place, script] = False


def _explained(evidence: Evidence, script: int) -> Iterator[tuple[int, int]]:
    rows, places = np.nonzero(evidence.explained[:, :, script])
    yield from zip(rows.tolist(), places.tolist(), strict=True)


def _reaching(reads: Mapping[str, Sequence[str]], cell: str, open_cells: set[str]) -> frozenset[str]:
    """A cell, and the open cells that it can be reached from through open ones."""
    found, waiting = {cell}, [cell]
    while waiting:
        fresh = [name for name in reads[waiting.pop()] if name in open_cells and name not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)
