"""Room: grader. Slips of the pen held against the wrong cells: is the written number a right one, written down
wrong?
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exercises.misconceptions.slips import SLIPS, Slip, neighbours
from exercises.operations.row import Mask
from grader.evidence import Evidence, Pile, Scripts

FIRST_DIGITS = 5.0
"""Allowed half-widths that a value has at least for a slip to be told from any other number."""

EQUAL = 1e-9
"""Units within which a copied number is the same number."""


def slip_evidence(pile: Pile) -> Evidence:
    """One row for each slip, as ``gather`` has one for each replay; slips contradict nothing."""
    beside = neighbours([cell for cell in pile.task.lines.root if cell in pile.shown])
    explained = np.zeros((len(SLIPS), len(pile.cells), pile.count), dtype=bool)
    for place, (cell, mask) in enumerate(zip(pile.cells, pile.open, strict=True)):
        some = np.flatnonzero(mask)
        for row, slip in enumerate(SLIPS if len(some) else ()):
            hits = _copied(pile, cell, beside, some) if slip.of_neighbour else _miswritten(pile, slip, cell, some)
            explained[row, place, some] = hits
    nothing = np.zeros((len(SLIPS), pile.count), dtype=np.int32)
    return Evidence(pile.cells, explained, nothing, explained[:0])


def _miswritten(pile: Pile, slip: Slip, cell: str, some: Scripts) -> Mask:
    """Whether the number may be the expected one, changed by the slip; its first digits must still be there."""
    judged, written = pile.judged[cell][some], pile.written[cell][some]
    unit = pile.task.unit(cell, judged.expected)
    with np.errstate(invalid="ignore", over="ignore"):
        fits = (np.abs(slip.meant(written, unit) - judged.expected) <= judged.allowed).any(axis=0)
        visible = np.abs(judged.expected) >= FIRST_DIGITS * judged.allowed
    return np.asarray(fits & visible & np.isfinite(judged.allowed))


def _copied(pile: Pile, cell: str, beside: Mapping[str, tuple[str, ...]], some: Scripts) -> Mask:
    """Whether the number is that of a neighbour which is right, and has another value in the key."""
    written, key = pile.written[cell][some], pile.judged[cell].key[some]
    unit = pile.task.unit(cell, key)
    same = np.zeros(written.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        for other in beside[cell]:
            differ = np.abs(pile.judged[other].key[some] - key) > unit
            same |= pile.right[other][some] & differ & (np.abs(written - pile.written[other][some]) <= EQUAL * unit)
    return same
