"""Room: grader. One number written nearly everywhere: it shows no work wherever it happens to follow from itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exercises.operations.row import Array, Mask
from grader.judging import Entries, Task

TIMES, PART = 4, 2 / 3
"""How often a number must stand, and in what part of the cells whose number isn't the key's."""

SAME_DIGITS = 9
"""Decimals to which numbers that are the same agree."""

OFF_UNITS = 1.0
"""Units from the key from which on a number isn't the key's."""


def repeated(task: Task, entries: Entries, key: Mapping[str, Array], count: int) -> Array:
    """The size (V,) of the number that is written nearly wherever the key has another one; NaN where there is none.

    Not so where the key has few different numbers there, as where a gradient is handed on unchanged; nor for 0, which
    an honest slip may leave behind everywhere.
    """
    found = np.full(count, np.nan)
    cells = list(entries.values)
    if len(cells) < TIMES:
        return found
    keys = np.stack([np.broadcast_to(key[cell], (count,)) for cell in cells])
    units = np.stack([np.broadcast_to(task.unit(cell, key[cell]), (count,)) for cell in cells])
    written = np.stack([entries.values[cell] for cell in cells])
    with np.errstate(invalid="ignore", over="ignore"):
        off: Mask = np.abs(written - keys) > OFF_UNITS * units
        sizes = np.asarray(np.round(np.where(off, np.abs(written), np.nan), SAME_DIGITS), dtype=np.float64)
    middle = _middle(sizes)
    with np.errstate(invalid="ignore"):
        same = sizes == middle
    many = (same.sum(axis=0) >= TIMES) & (same.sum(axis=0) >= PART * off.sum(axis=0)) & (middle != 0)
    for script in np.flatnonzero(many):
        here = same[:, script]
        different = np.unique(np.rint(np.abs(keys[here, script]) / units[here, script]))
        if 2 * len(different) >= here.sum():
            found[script] = middle[script]
    return found


def _middle(sizes: Array) -> Array:
    """The middle one of the numbers of each script, which is whatever stands in more than half of them."""
    ordered = np.sort(sizes, axis=0)  # NaN last
    middle = np.maximum(np.sum(~np.isnan(sizes), axis=0) - 1, 0) // 2
    return np.asarray(ordered[middle, np.arange(sizes.shape[1])])
