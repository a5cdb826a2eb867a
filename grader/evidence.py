"""Room: grader. What replays say of many scripts at once: which wrong cells each reproduces from the students' own
numbers, and how many right cells it speaks against.

Everything that no mistake touches is worked out once. A replay is then worked out by its values alone; only where these
come near a wrong number is it asked how far rounding may carry them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from exercises.bounds import Reading
from exercises.lines import Lines
from exercises.names import parse_cell
from exercises.operations.row import Array, Mask
from exercises.slopes import pick
from grader.judging import Entries, Judged, Task, Verdict, only
from grader.replays import Replay, zone
from grader.rounding import ByRounding
from grader.unrounded import operated

NEAR = 3.0
"""Allowed half-widths within which a replay is looked at closely: a wrong line's own bound is hardly ever wider."""

NEAR_UNITS = 4.0

SAME_UNITS = 1.0
"""Units by which a replay must differ from the right value to say anything about a cell that is right."""

VAGUE_UNITS, VAGUE_PART = 4.0, 0.2
"""A replay that rounding may carry further than both, in units and beside the value, says nothing when a number fits:
nearly any would. Where few places are asked, a width of a few units is a large part of a small value all the same.
"""

Scripts = NDArray[np.intp]
_ROUNDING = ByRounding()
_NOTHING = np.zeros(1)


@dataclass(frozen=True)
class Evidence:
    """For each replay (rows) what it says of each script (columns).

    ``explained`` (rows, cells, V) where it reproduces a cell, ``contradicted`` (rows, V) in how many right cells it
    would have shown; ``split`` (rows, cells, V) where that is so within the very quantity it explains a cell of (no
    rows where nobody asked).
    """

    cells: tuple[str, ...]
    explained: NDArray[np.bool_]
    contradicted: NDArray[np.int32]
    split: NDArray[np.bool_]

    def only(self, some: Scripts) -> Evidence:
        """The same rows on some scripts."""
        return Evidence(self.cells, self.explained[:, :, some], self.contradicted[:, some], self.split[:, :, some])


@dataclass(frozen=True)
class Pile:
    """Some scripts on one exercise, arrays (V,) by cell, and how they are read.

    ``cells`` are those to be explained, ``open`` (cells, V) in which scripts. Where not ``from_own_numbers``, replays
    start from what was given, as somebody works who writes other numbers into the table than on the rough sheet.
    """

    task: Task
    given: Mapping[str, Array]
    entries: Entries
    judged: Mapping[str, Judged]
    cells: tuple[str, ...]
    open: NDArray[np.bool_]
    from_own_numbers: bool = True

    @property
    def count(self) -> int:
        return int(self.open.shape[1])

    def only(self, some: Scripts, *, from_own_numbers: bool = True) -> Pile:
        judged = {cell: one[some] for cell, one in self.judged.items()}
        return Pile(
            self.task,
            only(self.given, some),
            self.entries[some],
            judged,
            self.cells,
            self.open[:, some],
            from_own_numbers and self.from_own_numbers,
        )

    @cached_property
    def shown(self) -> frozenset[str]:
        """Cells that somebody handed in a number for."""
        return frozenset(cell for cell, mask in self.entered.items() if mask.any())

    @cached_property
    def blank(self) -> frozenset[str]:
        """Cells that are not pinned in every script."""
        if not self.from_own_numbers:
            return frozenset(self.task.lines.root)
        return frozenset(cell for cell, mask in self.entered.items() if not mask.all())

    @cached_property
    def entered(self) -> dict[str, Mask]:
        nothing = np.zeros(self.count, dtype=bool)
        values = self.entries.values
        return {cell: ~np.isnan(values[cell]) if cell in values else nothing for cell in self.task.lines.root}

    @cached_property
    def pinned(self) -> dict[str, Mask]:
        nothing = np.zeros(self.count, dtype=bool)
        return self.entered if self.from_own_numbers else dict.fromkeys(self.entered, nothing)

    @cached_property
    def written(self) -> dict[str, Array]:
        nothing = np.full(self.count, np.nan)
        return {cell: self.entries.values.get(cell, nothing) for cell in self.task.lines.root}

    @cached_property
    def right(self) -> dict[str, Mask]:
        return {
            cell: (verdict == Verdict.CORRECT) | (verdict == Verdict.CARRIED)
            for cell in self.task.lines.root  # not in the order of a set, which changes from run to run
            if cell in self.shown
            for verdict in (self.judged[cell].verdict,)
        }

    @cached_property
    def innocent(self) -> dict[str, Mask]:
        """By quantity, the scripts in which each of its numbers is handed in and right."""
        found: dict[str, Mask] = {}
        for cell in self.task.lines.root:
            right = self.right.get(cell, np.zeros(self.count, dtype=bool))
            quantity = quantity_of(cell)
            found[quantity] = found[quantity] & right if quantity in found else right
        return found

    @cached_property
    def zones(self) -> tuple[frozenset[str], ...]:
        """For each cell to be explained, what its number was worked out through."""
        return tuple(zone(self.task.lines, cell, self.blank) for cell in self.cells)

    @cached_property
    def base(self) -> Reading:
        """Everything by the right rules, each line from the student's own numbers."""
        reading = Reading.start(self.task.lines, self.given, self.task.unit)
        for cell in self.task.lines.root:
            reading.work(cell)
            reading.carry(cell, self.written[cell], self.pinned[cell])
        return reading

    @cached_property
    def _near(self) -> dict[str, tuple[Array, Array]]:
        """For each cell to be explained, the interval in which a replay is worth a closer look; NaN elsewhere."""
        found = {}
        with np.errstate(invalid="ignore"):
            for cell, mask in zip(self.cells, self.open, strict=True):
                written = np.where(mask, self.written[cell], np.nan)
                width = NEAR * self.judged[cell].allowed + NEAR_UNITS * self.task.unit(cell, written)
                found[cell] = written - width, written + width
        return found

    @cached_property
    def _far(self) -> dict[str, tuple[Array, Array]]:
        """For each cell that is right, the interval outside of which a replay speaks against it; NaN elsewhere."""
        found = {}
        with np.errstate(invalid="ignore"):
            for cell, mask in self.right.items():
                judged = self.judged[cell]
                expected = np.where(mask, judged.expected, np.nan)
                width = 2 * judged.allowed + SAME_UNITS * self.task.unit(cell, expected)
                found[cell] = expected - width, expected + width
        return found

    # --- one replay -------------------------------------------------------------------------------------------------

    def values(self, replay: Replay, order: Sequence[str]) -> dict[str, Array]:
        """The values of the cells in ``order``, unrounded, with the replay's wrong lines."""
        lines, base = replay.lines, self.base
        numbers = list(base.nominal) + [_NOTHING] * (len(lines.nodes) - len(base.nominal))
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for cell in order:
                for place in lines.span[cell]:
                    node = lines.nodes[place]
                    if node.is_line:
                        arguments = [numbers[k] for k in node.arguments]
                        numbers[place] = operated(node, arguments)
                    else:
                        numbers[place] = np.array([node.constant])
                value = found[cell] = numbers[lines.root[cell]]
                if cell in self.blank:
                    numbers[lines.carried[cell]] = np.where(self.pinned[cell], self.written[cell], value)
        return found

    def near(self, values: Mapping[str, Array]) -> NDArray[np.int32]:
        """In how many cells to be explained each script comes near the replay's value."""
        near = np.zeros(self.count, dtype=np.int32)
        with np.errstate(invalid="ignore"):
            for cell, (low, high) in self._near.items():
                if cell in values:
                    near += (values[cell] >= low) & (values[cell] <= high)
        return near

    def contradicted(self, values: Mapping[str, Array]) -> dict[str, Mask]:
        """The right cells that the mistake would have changed by more than rounding can."""
        with np.errstate(invalid="ignore"):
            return {
                cell: (values[cell] < low) | (values[cell] > high)
                for cell, (low, high) in self._far.items()
                if cell in values
            }

    def reading(self, replay: Replay, order: Sequence[str], some: Scripts) -> Reading:
        """The replay's lines of the cells in ``order``, worked out for some scripts with all that rounding can do."""
        base, lines = self.base, replay.lines
        more = len(lines.nodes) - len(base.nominal)
        reading = Reading(
            lines,
            self.task.unit,
            [*base.nominal, *[_NOTHING] * more],
            [*base.inside, *[(_NOTHING, _NOTHING)] * more],
            [*base.site, *[None] * more],
            [*base.settled, *[np.zeros(1, dtype=bool)] * more],
            [*base.loose, *[_NOTHING] * more],
            dict(base.entered),
            dict(base.half),
        )
        for cell in self._before(lines, order):
            self._hand_over(reading, cell, some)
        for name, place in lines.givens.items():
            reading.nominal[place] = pick(self.given[name], some)
            reading.inside[place] = reading.nominal[place], reading.nominal[place]
        for cell in order:
            reading.work(cell)
            reading.carry(cell, self.written[cell][some], self.pinned[cell][some])
        return reading

    def _before(self, lines: Lines, order: Sequence[str]) -> set[str]:
        """The cells that the lines of ``order`` read, directly or through blanks, before they are worked out there."""
        inside, found = set(order), set[str]()
        waiting = list(order)
        while waiting:
            for name in lines.reads[waiting.pop()]:
                known = name in lines.carried and (name not in inside or name not in self.blank)
                if known and name not in found:
                    found.add(name)
                    waiting += [name] if name in self.blank else []
        return found

    def _hand_over(self, reading: Reading, cell: str, some: Scripts) -> None:
        """Take over from what is worked out for everybody: a pinned cell's leaf, a blank one's whole line."""
        base = self.base
        line = self.task.lines.span[cell] if cell in self.blank else ()
        for place in (*line, self.task.lines.carried[cell]):
            low, high = base.inside[place]
            site = base.site[place]
            reading.nominal[place], reading.inside[place] = (
                pick(base.nominal[place], some),
                (pick(low, some), pick(high, some)),
            )
            reading.site[place] = None if site is None else pick(site, some)
            reading.settled[place], reading.loose[place] = (
                pick(base.settled[place], some),
                pick(base.loose[place], some),
            )
        reading.entered[cell], reading.half[cell] = pick(base.entered[cell], some), pick(base.half[cell], some)

    def hits(self, replay: Replay, order: Sequence[str], some: Scripts) -> dict[str, Mask]:
        """Where some students' numbers are the replay's, within what rounding of the wrong lines allows."""
        reading = self.reading(replay, order, some)
        hits = {}
        for row, cell in enumerate(self.cells):
            if cell in order and (mask := self.open[row, some]).any():
                expected = reading.nominal[reading.lines.root[cell]]
                allowed = _ROUNDING.allowed(reading, cell, expected)
                with np.errstate(invalid="ignore"):
                    fits = np.abs(self.written[cell][some] - expected) <= allowed
                    least = np.maximum(VAGUE_UNITS * self.task.unit(cell, expected), VAGUE_PART * np.abs(expected))
                hits[cell] = fits & (allowed <= least) & mask
        return hits


@lru_cache(maxsize=8192)
def quantity_of(cell: str) -> str:
    """The quantity that a cell is a number of."""
    return parse_cell(cell).quantity
