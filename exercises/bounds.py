"""Room: exercises. How far rounding by hand may carry a number: mean-value bounds over the lines of a program.

A line is what a person writes for one cell. Working it out by hand adds errors at known *sites*: the rounding of each
operation that leaves the decimal grid (a product, a square, a function value), and the digits of every value that
enters, which may be carried on as written or as the calculator holds it. With all errors inside their boxes, the mean
value theorem gives

    |value by hand − value from the entered numbers|  ≤  Σ over sites  sup |∂value/∂site| · half-width of the site

where the suprema are taken over enclosures of every value that can occur. To first order that is the exact worst
case; the remainder, and both slopes where a kink is straddled, are inside the suprema. A jump (the slope of a ReLU at
its kink) is a site as wide as the jump. A divisor whose enclosure holds 0 makes the sum infinite: nothing can be said,
and readers must say so.

A value that enters in several places may be taken as written in one and with further digits in another: the forward
pass from the calculator and the backward pass from the paper, or 1 − a rounded, which is 1 minus a rounded. It is one
error all the same, here present and there absent, so the worst is its half-width times the larger of the sums of the
positive and of the negative slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from exercises.lines import OUT, Lines, Node, lines_of
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Interval, Mask
from exercises.slopes import Slope, along, gather, magnitude, pick, product, through

__all__ = ["Lines", "Reading", "Unit", "lines_of"]

SUMS = frozenset({"add", "subtract"})
PASSING = frozenset({"negate", "identity", "maximum", "relu"})
"""Operations for which rounding afterwards is rounding before."""

ON_GRID = 1e-12
"""Part of itself by which a number may miss the decimal grid and still be on it: above double noise, below a digit."""

MOST_UNITS = 1e9
"""Beyond it double noise reaches the grid, and whether a number is on it can't be told."""

CANCELLED = 1e-14
"""Part of its terms below which a sum is 0: what double arithmetic leaves of 0.3 − 0.1 − 0.2."""

SMALLEST = 1e-300
"""Stands for 0 where a number's size decides its unit, so that an exact 0 in significant figures has next to none."""

Unit = Callable[[str, Array], Array]
"""Unit of the last place asked of a cell, for values it takes."""

_ZERO, _ONE = np.zeros(1), np.ones(1)
_NO, _YES = np.zeros(1, dtype=bool), np.ones(1, dtype=bool)


class _Effects(NamedTuple):
    """What moves a line's value: the cells it reads, and the errors made inside the line."""

    slopes: Mapping[str, Slope]
    error: Array


@dataclass
class Reading:
    """One way to read scripts: which numbers are carried from line to line, and how uncertain each is.

    Arrays are one number a script, shape (V,) or (1,). Lines are worked in program order: ``work`` a cell, then
    ``carry`` what counts for it further down. For each node: the value from the carried numbers, an interval that holds
    whatever a flawless student has there, the half-width of its rounding (None where nothing is rounded), where it is
    ``settled`` (has the same exact value for everybody), and how ``loose`` it is: 0 on the decimal grid, or rounded
    where it isn't; 1 one cell with perhaps further digits; 2 anything else.
    """

    lines: Lines
    unit: Unit
    nominal: list[Array] = field(default_factory=list)
    inside: list[Interval] = field(default_factory=list)
    site: list[Array | None] = field(default_factory=list)
    settled: list[Mask] = field(default_factory=list)
    loose: list[Array] = field(default_factory=list)
    entered: dict[str, Mask] = field(default_factory=dict)
    half: dict[str, Array] = field(default_factory=dict)
    _effects: dict[str, _Effects] = field(default_factory=dict)
    _units: dict[str, Array | None] = field(default_factory=dict)

    @classmethod
    def start(cls, lines: Lines, given: Mapping[str, Array], unit: Unit) -> Reading:
        """Before the first line: givens are exact. ``given`` maps cells to (V,) or (1,) arrays."""
        size = len(lines.nodes)
        reading = cls(lines, unit, [_ZERO] * size, [(_ZERO, _ZERO)] * size, [None] * size, [_NO] * size, [_ZERO] * size)
        for name, node in lines.givens.items():
            reading.nominal[node], reading.inside[node] = given[name], (given[name], given[name])
            reading.settled[node] = _YES
        return reading

    def half_unit(self, cell: str, size: Array) -> Array:
        """Half a unit of the last place asked of a cell, for values up to ``size``."""
        unit = self._fixed_unit(cell)
        return (self.unit(cell, np.maximum(np.abs(size), SMALLEST)) if unit is None else unit) / 2

    def _half_within(self, cell: str, low: Array, high: Array) -> Array:
        fixed = self._fixed_unit(cell)
        return self.half_unit(cell, magnitude(low, high)) if fixed is None else fixed / 2

    def _fixed_unit(self, cell: str) -> Array | None:
        """The unit of a cell that is asked to so many decimals; None where it floats with the value."""
        if cell not in self._units:
            units = self.unit(cell, np.array([1e-3, 1e3]))
            self._units[cell] = units[:1] if units[0] == units[1] else None
        return self._units[cell]

    # --- the value of a line, and where it is rounded ---------------------------------------------------------------

    def work(self, cell: str) -> Array:
        """Work out a cell's line from what is carried; the value, not yet rounded."""
        nodes = self.lines.nodes
        with np.errstate(all="ignore"):
            for place in self.lines.span[cell]:
                if nodes[place].is_line:
                    self._operate(place, nodes[place], cell)
                else:
                    self._set_constant(place, nodes[place], cell)
        return self.nominal[self.lines.root[cell]]

    def _set_constant(self, place: int, node: Node, cell: str) -> None:
        """A number of the rule is exact; but a third is worked with as 0.333."""
        point = np.array([node.constant])
        half = self.half_unit(cell, point)
        rounds = not node.fixed and bool(_off_grid(point, 2 * half)[0])
        self.nominal[place] = point
        self.inside[place] = (point - half, point + half) if rounds else (point, point)
        self.site[place], self.settled[place] = (half, _NO) if rounds else (None, _YES)

    def _operate(self, place: int, node: Node, cell: str) -> None:
        row, arguments = OPERATIONS[node.operation], node.arguments
        nominal = row.value(*(self.nominal[k] for k in arguments), *node.parameters)
        if node.operation in SUMS:
            terms = [np.abs(self.nominal[k]) for k in arguments]
            nominal = np.where(np.abs(nominal) <= CANCELLED * reduce(np.maximum, terms), 0.0, nominal)
        low, high = row.bounds(*(self.inside[k] for k in arguments), *node.parameters)  # type: ignore[operator]
        if node.operation == "multiply":
            nothing = reduce(np.logical_or, [self.settled[k] & (self.nominal[k] == 0) for k in arguments])
            if nothing.any():  # 0 · log a is left out by everybody, also where a is written 0.00
                nominal, low, high = (np.where(nothing, 0.0, array) for array in (nominal, low, high))
        half = self._half_within(cell, low, high)
        settled = low == high  # whatever is done with what enters
        if settled.any():
            settled = settled & ~_off_grid(nominal, 2 * half)
        rounds, loose = self._rounds(node, cell, half)
        rounds = rounds & ~settled
        self.nominal[place], self.inside[place] = nominal, (low, high)
        everywhere, somewhere = rounds.all(), rounds.any()
        self.settled[place] = settled
        self.loose[place] = _ZERO if everywhere else np.where(rounds, 0.0, loose) if somewhere else loose
        site = half if everywhere else np.where(rounds, half, 0.0) if somewhere else None
        if place == self.lines.root[cell]:
            site = None  # the line's own rounding is whoever compares
        if node.operation == "by_sign":
            jump = np.maximum(high - nominal, nominal - low)
            self.site[place] = jump if site is None else jump + site
        else:
            self.site[place] = site
        if site is not None:
            self.inside[place] = low - site, high + site

    def _rounds(self, node: Node, cell: str, half: Array) -> tuple[Mask, Array]:
        """Where an operation's result may be rounded at a cost that is not yet paid below; and how loose it is where
        it isn't.
        """
        floating = self._fixed_unit(cell) is None
        if node.operation == "by_sign":
            levels = np.array([float(cast(Fraction, level)) for level in node.parameters])
            return np.array([_off_grid(levels, 2 * half[:1]).any()]), _ZERO
        if node.operation in SUMS:
            loose = sum((self._looseness(k, cell, half) for k in node.arguments), _ZERO)
            return (_YES, loose) if floating else (loose >= 2, loose)
        if node.operation in PASSING:
            loose = _ZERO
            for k in node.arguments:
                loose = np.maximum(loose, self._looseness(k, cell, half))
            return loose >= 2, loose
        if node.operation == "multiply" and not floating:
            left, right = node.arguments
            return ~(self._keeps_grid(left, right, cell, half) | self._keeps_grid(right, left, cell, half)), _ZERO
        return _YES, _ZERO

    def _keeps_grid(self, whole: int, other: int, cell: str, half: Array) -> Mask:
        """Where a settled whole number times a number on the grid needs no rounding; 0 times anything doesn't."""
        settled = self.settled[whole]
        if not settled.any():
            return settled
        factor = self.nominal[whole]
        tight = self._looseness(other, cell, half) == 0
        return np.asarray(settled & ((factor == 0) | ((factor == np.round(factor)) & tight)))

    def _looseness(self, place: int, cell: str, half: Array) -> Array:
        """How loose an argument is for a line: givens by their digits, cells by what the calculator may hold."""
        node = self.lines.nodes[place]
        if node.is_line:
            return self.loose[place]
        source = self.lines.cell_of.get(place)
        if source is None:
            off = _off_grid(self.nominal[place], 2 * half) & self.settled[place]
            return np.where(off, 2, 0) if off.any() and not node.fixed else _ZERO
        unit, own = self._fixed_unit(cell), self._fixed_unit(source)
        if unit is None or own is None or unit != own:
            return np.array([2])
        return np.where(self.settled[place], 0, 1 if source in self.lines.never_ties else 2)

    def carry(self, cell: str, value: Array, entered: Mask, half: Array | None = None) -> None:
        """What later lines read: ``value`` where ``entered`` (give or take ``half``, half a unit where not said), the
        line's own value elsewhere (a skipped step, which may have been rounded too).
        """
        place, root = self.lines.carried[cell], self.lines.root[cell]
        low, high = self.inside[root]
        with np.errstate(all="ignore"):
            nominal = np.where(entered, value, self.nominal[root])
            low, high = np.where(entered, value, low), np.where(entered, value, high)
            width = self._half_within(cell, low, high) if half is None else half
            settled = self.settled[root]
            if settled.any():
                settled = settled & (np.abs(nominal - self.nominal[root]) <= ON_GRID * np.abs(nominal))
                width = np.where(settled, 0.0, width)
            self.inside[place] = low - width, high + width
        self.nominal[place], self.settled[place] = nominal, settled
        self.entered[cell], self.half[cell] = entered, width

    def borrow(self, cell: str, other: Reading, scripts: NDArray[np.intp]) -> None:
        """Carry what another reading carries for a cell in some of its scripts, and all that is uncertain in it."""
        place, blank = self.lines.carried[cell], ~other.entered[cell]
        width = other.half[cell] + (np.where(blank, other.reach(cell), 0.0) if blank.any() else 0.0)
        self.nominal[place], self.settled[place], self.half[cell] = (
            pick(array, scripts) for array in (other.nominal[place], other.settled[place], width)
        )
        low, high = other.inside[place]
        self.inside[place], self.entered[cell] = (pick(low, scripts), pick(high, scripts)), _YES

    def pin(self, cell: str, value: Array, half: Array, where: Mask) -> None:
        """Carry ``value``, give or take ``half``, instead of what is carried ``where``."""
        place, (low, high) = self.lines.carried[cell], self.inside[self.lines.carried[cell]]
        self.nominal[place] = np.where(where, value, self.nominal[place])
        self.inside[place] = np.where(where, value - half, low), np.where(where, value + half, high)
        self.settled[place] = self.settled[place] & ~where
        self.half[cell] = np.where(where, half, self.half[cell])

    # --- how far errors reach ---------------------------------------------------------------------------------------

    def reach(self, cell: str) -> Array:
        """How far the errors of everything that enters a line can move its value; the own rounding is not in it."""
        with np.errstate(all="ignore"):
            effects = self._effects_on(cell)
            total, blank = effects.error, _NO
            for name, slope in effects.slopes.items():
                total = total + product(np.maximum(slope.rising, slope.falling), self.half[name])
                if not self.entered[name].all():
                    blank = blank | self._left_blank(slope, self.entered[name])
            if blank.any():
                scripts = np.flatnonzero(blank)
                total = np.broadcast_to(total, np.broadcast_shapes(total.shape, blank.shape)).copy()
                total[scripts] = self._reach_past_blanks(cell, scripts)
        return np.where(np.isnan(total), np.inf, total)

    def _left_blank(self, slope: Slope, entered: Mask) -> Mask:
        return np.asarray(~entered & ((slope.low != 0) | (slope.high != 0)))

    def _reach_past_blanks(self, cell: str, scripts: NDArray[np.intp]) -> Array:
        """Where a cell was left blank, the errors made in its line count as well, and so does what that line reads."""
        effects = self._effects_on(cell)
        total = np.zeros(len(scripts)) + pick(effects.error, scripts)
        waiting = {name: slope.only(scripts) for name, slope in effects.slopes.items()}
        while waiting:
            name = max(waiting, key=self.lines.carried.__getitem__)
            slope = waiting.pop(name)
            total = total + product(np.maximum(slope.rising, slope.falling), pick(self.half[name], scripts))
            blank = np.flatnonzero(self._left_blank(slope, pick(self.entered[name], scripts)))
            if len(blank):
                total[blank] += self._through(name, slope.only(blank), scripts, blank, waiting)
        return np.asarray(total)

    def _through(
        self, name: str, slope: Slope, scripts: NDArray[np.intp], blank: NDArray[np.intp], waiting: dict[str, Slope]
    ) -> Array:
        """Hand a slope on to what a blank line reads; the errors made in it. ``blank`` are places in ``scripts``."""
        effects, some = self._effects_on(name), scripts[blank]
        for operand, inner in effects.slopes.items():
            gather(waiting, operand, through(slope, inner.only(some)).spread(blank, len(scripts)))
        return product(magnitude(slope.low, slope.high), pick(effects.error, some))

    def _effects_on(self, cell: str) -> _Effects:
        if cell not in self._effects:
            self._effects[cell] = self._work_back(cell)
        return self._effects[cell]

    def _work_back(self, cell: str) -> _Effects:
        """Go back through a line, from its value to what it reads."""
        slopes: dict[int, Interval] = {self.lines.root[cell]: (_ONE, _ONE)}
        found: dict[str, Slope] = {}
        error = _ZERO
        for place in reversed(self.lines.span[cell]):
            if place not in slopes:
                continue  # nothing moves with it
            slope, site = slopes.pop(place), self.site[place]
            if site is not None:
                error = error + product(magnitude(*slope), site)
            for argument, flow in self._flows(place, slope):
                source = self.lines.cell_of.get(argument)
                if source is None:
                    slopes[argument] = flow
                else:
                    gather(found, source, Slope.of(*flow))
        return _Effects(found, error)

    def _flows(self, place: int, slope: Interval) -> list[tuple[int, Interval]]:
        """A node's slope handed on to each of its arguments that an error can come from."""
        node = self.lines.nodes[place]
        if not node.is_line:
            return []
        inside = {str(k): self.inside[argument] for k, argument in enumerate(node.arguments)}
        inside[OUT] = self.inside[place]
        pairs = zip(node.arguments, node.partials, strict=True)
        return [(k, along(slope, partial, inside)) for k, partial in pairs if not self._exact(k)]

    def _exact(self, place: int) -> bool:
        """A number handed out, or one of the rule that nobody rounds."""
        is_leaf = not self.lines.nodes[place].is_line and place not in self.lines.cell_of
        return is_leaf and self.site[place] is None


def _off_grid(values: Array, unit: Array) -> Mask:
    units = values / unit
    size = np.abs(units)
    return np.asarray((np.abs(units - np.round(units)) > ON_GRID * size) | ~(size < MOST_UNITS))
