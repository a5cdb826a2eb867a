"""Room: grader. What a student may have worked on with below a wrong number, and a cell held against each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import Reading
from exercises.operations.row import Array, Mask
from grader.judging import Cell, Judged, Scripts
from grader.rounding import Tolerance


class Reference:
    """One of the things a student may have worked on with, below a wrong cell; ``off`` where it strays from the
    key. ``scripts`` are the places in ``reading`` of the scripts concerned.
    """

    def __init__(self, reading: Reading, scripts: NDArray[np.intp]) -> None:
        self.reading, self.scripts = reading, scripts
        self.off: dict[str, Mask] = {}
        self.nowhere = np.zeros(len(scripts), dtype=bool)

    def strays(self, cell: str) -> Mask:
        """Whether anything that the cell reads strays."""
        return anywhere(self.off, self.reading.lines.reads[cell], self.nowhere)

    def expected(self, cell: str) -> Array:
        return self.reading.work(cell)

    def allowed(self, cell: str, expected: Array, rule: Tolerance) -> Array:
        return rule.allowed(self.reading, cell, expected)

    def carry(self, cell: str, value: Array, entered: Mask, off: Mask, half: Array | None = None) -> None:
        """Carry ``value`` on where ``entered``, the reference's own elsewhere."""
        self.off[cell] = np.where(entered, off, self.strays(cell))
        self.reading.carry(cell, value, entered, half)


class AsWritten(Reference):
    """Everything as it was written: what the first pass has found already."""

    def __init__(self, reading: Reading, scripts: NDArray[np.intp], found: Mapping[str, Judged]) -> None:
        super().__init__(reading, scripts)
        self.found = found

    def expected(self, cell: str) -> Array:
        return self.found[cell].expected

    def allowed(self, cell: str, expected: Array, rule: Tolerance) -> Array:
        return self.found[cell].allowed

    def carry(self, cell: str, value: Array, entered: Mask, off: Mask, half: Array | None = None) -> None:
        self.off[cell] = np.where(entered, off, self.strays(cell))


def anywhere(masks: Mapping[str, Mask], names: Sequence[str], nowhere: Mask) -> Mask:
    """Where any of the named masks is set."""
    found = nowhere
    for name in names:
        found = found | masks.get(name, nowhere)
    return found


@dataclass
class Trial:
    """A cell held against one reference after the other; the first that fits is shown, else the first there is."""

    cell: Cell
    expected: Array
    allowed: Array
    accepted: Mask
    correct: Mask

    @classmethod
    def of(cls, cell: Cell, variants: int) -> Trial:
        numbers, masks = np.full((2, variants), np.nan), np.zeros((2, variants), dtype=bool)
        return cls(cell, numbers[0], numbers[1], masks[0], masks[1])

    def against(self, scripts: Scripts, value: Array, width: Array, fits: Mask, strays: Mask) -> None:
        """Take one reference's word for some scripts."""
        fits = fits & self.cell.entered[scripts]
        shown = (fits & ~self.accepted[scripts]) | np.isnan(self.allowed[scripts])
        self.expected[scripts] = np.where(shown, value, self.expected[scripts])
        self.allowed[scripts] = np.where(shown, width, self.allowed[scripts])
        self.accepted[scripts] |= fits
        self.correct[scripts] |= fits & ~strays

    def settle_for(self, key: Array, half: Array) -> None:
        """A number that is out of the question, though none could be expected, is told the key's."""
        refused = self.cell.entered & ~self.accepted & np.isinf(self.allowed)
        self.expected[refused], self.allowed[refused] = key[refused], np.broadcast_to(half, key.shape)[refused]
