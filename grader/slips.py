"""Room: grader. Slips of the pen held against the wrong cells: is the written number a right one, written down
wrong?
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exercises.misconceptions.slips import SLIPS, Slip, neighbours
from exercises.operations.row import Array, Mask
from grader.evidence import Evidence, Pile

EQUAL = 1e-9
"""Units within which a copied number is the same number."""


def slip_evidence(pile: Pile) -> Evidence:
    """One row for each slip, as ``gather`` has one for each replay; slips contradict nothing."""
    beside = neighbours([cell for cell in pile.task.lines.root if cell in pile.shown])
    explained = np.zeros((len(SLIPS), len(pile.cells), pile.count), dtype=bool)
    for place, (cell, mask) in enumerate(zip(pile.cells, pile.open, strict=True)):
        if mask.any():
            some = np.flatnonzero(mask)
            for row, slip in enumerate(SLIPS):
                explained[row, place, some] = _hits(pile, slip, cell, beside.get(cell, ()), some)
    return Evidence(pile.cells, explained, np.zeros((len(SLIPS), pile.count), dtype=np.int32))


def _hits(pile: Pile, slip: Slip, cell: str, beside: tuple[str, ...], some: NDArray[np.intp]) -> Mask:
    judged, written = pile.judged[cell][some], pile.written[cell][some]
    unit = pile.task.unit(cell, judged.expected)
    with np.errstate(invalid="ignore"):
        if slip.of_neighbour:
            return _same_as_beside(written, unit, [pile.written[other][some] for other in beside])
        fits = (np.abs(slip.meant(written, unit) - judged.expected) <= judged.allowed).any(axis=0)
    return np.asarray(fits & np.isfinite(judged.allowed))


def _same_as_beside(written: Array, unit: Array, beside: list[Array]) -> Mask:
    same = np.zeros(written.shape, dtype=bool)
    for other in beside:
        same |= np.abs(written - other) <= EQUAL * unit
    return same
