"""Room: exercises. How far rounding by hand may carry a number: mean-value bounds over the lines of a program.

A line is what a person writes for one cell. Working it out by hand adds errors at known *sites*: the own rounding of
every value that enters, and the rounding of each operation that leaves the decimal grid (a product, a square, a
function value). With all errors inside their boxes, the mean value theorem gives

    |value by hand − value from the entered numbers|  ≤  Σ over sites  sup |∂value/∂site| · half-width of the site

where the suprema are taken over enclosures of every value that can occur. To first order that is the exact worst
case; the remainder, and both slopes where a kink is straddled, are inside the suprema. A divisor whose enclosure
holds 0 makes the sum infinite: nothing can be said, and readers must say so.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Symbol
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, ByComponents, Interval, Mask, Partials
from exercises.program import Program
from exercises.tidy import tidy

EXACT_ON_A_GRID = frozenset({"add", "subtract", "negate", "identity", "maximum", "by_sign", "relu"})
"""Operations that take numbers of d decimals to numbers of d decimals, so that there is nothing to round."""

ON_GRID = 1e-6
"""Units by which a given number may miss the decimal grid and still be on it: far above double noise, far below a
digit.
"""

OUT = "out"


class Node(NamedTuple):
    """One operation of a line, or a leaf: a constant, a given, or a cell worked out by an earlier line."""

    operation: str
    arguments: tuple[int, ...]
    parameters: Parameters
    partials: tuple[Expression, ...]
    leaf: str = ""
    constant: float = 0.0

    @property
    def is_line(self) -> bool:
        return bool(self.operation)


@dataclass(frozen=True)
class Lines:
    """A program of scalar steps as one list of nodes, arguments first; no node is shared between lines.

    ``carried`` is the leaf that stands for a cell in later lines, ``root`` the last operation of its own line,
    ``span`` the nodes of the line, ``reads`` the cells and givens it reads.
    """

    nodes: tuple[Node, ...]
    givens: Mapping[str, int]
    root: Mapping[str, int]
    carried: Mapping[str, int]
    span: Mapping[str, range]
    reads: Mapping[str, tuple[str, ...]]

    @cached_property
    def cell_of(self) -> Mapping[int, str]:
        return {leaf: cell for cell, leaf in self.carried.items()}


def lines_of(cells: Program) -> Lines:
    """The lines of a componentwise program; raises ValueError for an operation that only tensors have."""
    builder = _LineBuilder()
    for given in cells.givens:
        builder.givens[given.name] = builder.leaves[given.name] = builder.add(Node("", (), (), (), given.name))
    root, carried, span, reads = {}, {}, {}, {}
    for step in cells.steps:
        start = len(builder.nodes)
        root[step.name] = builder.node(step.expression)
        if not builder.nodes[root[step.name]].is_line or root[step.name] < start:  # a bare copy of another quantity
            root[step.name] = builder.add(Node("identity", (root[step.name],), (), (Constant(Fraction(1)),)))
        span[step.name] = range(start, len(builder.nodes))
        carried[step.name] = builder.leaves[step.name] = builder.add(Node("", (), (), (), step.name))
        reads[step.name] = step.reads
    return Lines(tuple(builder.nodes), builder.givens, root, carried, span, reads)


class _LineBuilder:
    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.givens: dict[str, int] = {}
        self.leaves: dict[str, int] = {}

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def node(self, expression: Expression) -> int:
        if isinstance(expression, Symbol):
            return self.leaves[expression.name]
        if isinstance(expression, Constant):
            return self.add(Node("", (), (), (), "", float(expression.value)))
        if not isinstance(expression, Apply):
            raise TypeError(expression)
        arguments = tuple(self.node(argument) for argument in expression.arguments)
        fixed = tuple(argument if isinstance(argument, Constant) else None for argument in expression.arguments)
        partials = _partials(expression.operation, fixed, expression.parameters)
        return self.add(Node(expression.operation, arguments, expression.parameters, partials))


@lru_cache(maxsize=1024)
def _partials(operation: str, fixed: tuple[Constant | None, ...], parameters: Parameters) -> tuple[Expression, ...]:
    """The local derivatives of an operation, over the symbols ``out``, ``0``, ``1``, …; constants stand as
    themselves.
    """
    row = OPERATIONS[operation]
    if not isinstance(row.derivative, Partials) or isinstance(row.bounds, ByComponents):
        raise ValueError(f"{operation} works on tensors; spell the program out by components first")
    arguments = [constant or Symbol(str(place)) for place, constant in enumerate(fixed)]
    return tuple(tidy(partial) for partial in row.derivative.rule(Symbol(OUT), *arguments, *parameters))


def enclose(expression: Expression, intervals: Mapping[str, Interval]) -> Interval:
    """An interval that holds every value of a scalar expression while its symbols stay inside theirs."""
    if isinstance(expression, Symbol):
        return intervals[expression.name]
    if isinstance(expression, Constant):
        point = np.array([float(expression.value)])
        return point, point
    if not isinstance(expression, Apply):
        raise TypeError(expression)
    bounds = OPERATIONS[expression.operation].bounds
    if isinstance(bounds, ByComponents):
        raise ValueError(f"{expression.operation} works on tensors; spell the program out by components first")
    return bounds(*(enclose(argument, intervals) for argument in expression.arguments), *expression.parameters)


Unit = Callable[[str, Array], Array]
"""Unit of the last place asked of a cell, for values it takes."""

_ZERO = np.zeros(1)


@dataclass
class Reading:
    """One way to read scripts: which numbers are carried from line to line, and how uncertain each is.

    Arrays are one number a script, shape (V,). Lines are worked in program order: ``work`` a cell, then ``carry`` what
    counts for it further down.
    """

    lines: Lines
    unit: Unit
    nominal: list[Array] = field(default_factory=list)
    inside: list[Interval] = field(default_factory=list)
    site: list[Array | None] = field(default_factory=list)
    entered: dict[str, Mask] = field(default_factory=dict)
    half: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def start(cls, lines: Lines, given: Mapping[str, Array], unit: Unit) -> Reading:
        """Before the first line: givens are exact. ``given`` maps cells to (V,) or (1,) arrays."""
        size = len(lines.nodes)
        reading = cls(lines, unit, [_ZERO] * size, [(_ZERO, _ZERO)] * size, [None] * size)
        for name, node in lines.givens.items():
            reading.nominal[node], reading.inside[node] = given[name], (given[name], given[name])
        return reading

    def work(self, cell: str) -> Array:
        """Work out a cell's line from what is carried; the value, not yet rounded."""
        nodes = self.lines.nodes
        with np.errstate(all="ignore"):
            for place in self.lines.span[cell]:
                node = nodes[place]
                if node.is_line:
                    self._operate(place, node, cell)
                else:
                    point = np.array([node.constant])
                    self.nominal[place], self.inside[place] = point, (point, point)
        return self.nominal[self.lines.root[cell]]

    def _operate(self, place: int, node: Node, cell: str) -> None:
        row = OPERATIONS[node.operation]
        self.nominal[place] = row.value(*(self.nominal[k] for k in node.arguments), *node.parameters)
        low, high = row.bounds(*(self.inside[k] for k in node.arguments), *node.parameters)  # type: ignore[operator]
        site = None if place == self.lines.root[cell] else self._site(place, node, cell)
        self.site[place] = site
        self.inside[place] = (low, high) if site is None else (low - site, high + site)

    def _site(self, place: int, node: Node, cell: str) -> Array | None:
        """Half-width of the rounding at one inner operation of a line; None where the result is on the grid anyway."""
        unit = self.unit(cell, self.nominal[place])
        if node.operation in ("add", "subtract"):
            return self._site_of_sum(node, unit)
        if node.operation in EXACT_ON_A_GRID:
            return None
        if node.operation == "multiply":
            left, right = node.arguments
            exact = self._keeps_grid(left, right, unit) | self._keeps_grid(right, left, unit)
            return None if exact.all() else np.where(exact, 0.0, unit / 2)
        return unit / 2

    def _keeps_grid(self, whole: int, other: int, unit: Array) -> Mask:
        """Where a whole given number times a number on the grid needs no rounding."""
        first, second = self.lines.nodes[whole], self.lines.nodes[other]
        if first.is_line or whole in self.lines.cell_of or other in self.lines.cell_of:
            return np.zeros(1, dtype=bool)
        is_whole = self.nominal[whole] == np.round(self.nominal[whole])
        return np.asarray(is_whole if second.is_line else is_whole & ~self._off_grid(other, unit))

    def _off_grid(self, place: int, unit: Array) -> Mask:
        units = self.nominal[place] / unit
        return np.asarray(np.abs(units - np.round(units)) > ON_GRID)

    def _site_of_sum(self, node: Node, unit: Array) -> Array | None:
        """Sums of numbers on the grid are exact, unless two of them may hold further digits, or one comes from a
        finer grid.
        """
        carried = [k for k in node.arguments if k in self.lines.cell_of]
        if len(carried) > 1:
            return unit / 2
        off = np.zeros(1, dtype=bool)
        for k in node.arguments:
            if k in carried:
                off = off | (self.unit(self.lines.cell_of[k], self.nominal[k]) < unit * (1 - ON_GRID))
            elif not self.lines.nodes[k].is_line:
                off = off | self._off_grid(k, unit)
        return np.where(off, unit / 2, 0.0) if off.any() else None

    def carry(self, cell: str, value: Array, entered: Mask, half: Array | None = None) -> None:
        """What later lines read: ``value`` where ``entered`` (give or take ``half``, half a unit where not said), the
        line's own value elsewhere (a skipped step, which may have been rounded too)."""
        place, root = self.lines.carried[cell], self.lines.root[cell]
        low, high = self.inside[root]
        nominal = np.where(entered, value, self.nominal[root])
        width = self.unit(cell, nominal) / 2 if half is None else half
        self.nominal[place] = nominal
        self.inside[place] = np.where(entered, value, low) - width, np.where(entered, value, high) + width
        self.entered[cell], self.half[cell] = entered, width

    def reach(self, cell: str) -> Array:
        """How far the errors of everything that enters a line can move its value; the own rounding is not in it."""
        total = np.zeros(1)
        start = self.lines.root[cell]
        slopes: dict[int, Interval] = {start: (np.ones(1), np.ones(1))}
        waiting = [-start]
        with np.errstate(all="ignore"):
            while waiting:
                place = -heapq.heappop(waiting)
                total = total + self._spread(place, slopes.pop(place), slopes, waiting)
        return np.where(np.isnan(total), np.inf, total)

    def _spread(self, place: int, slope: Interval, slopes: dict[int, Interval], waiting: list[int]) -> Array:
        """Hand a node's slope on to what it is made of; the error that enters at the node itself."""
        node = self.lines.nodes[place]
        if place in self.lines.cell_of:
            return self._spread_carried(self.lines.cell_of[place], slope, slopes, waiting)
        if not node.is_line:
            return _ZERO
        arguments = {str(k): self.inside[argument] for k, argument in enumerate(node.arguments)}
        arguments[OUT] = self.inside[place]
        multiply = OPERATIONS["multiply"].bounds
        for argument, partial in zip(node.arguments, node.partials, strict=True):
            if self._fixed(argument):
                continue
            _push(argument, multiply(slope, enclose(partial, arguments)), slopes, waiting)  # type: ignore[operator]
        site = self.site[place]
        return _ZERO if site is None else _magnitude(slope) * site

    def _spread_carried(self, cell: str, slope: Interval, slopes: dict[int, Interval], waiting: list[int]) -> Array:
        entered = self.entered[cell]
        if not entered.all():
            kept = np.where(entered, 0.0, slope[0]), np.where(entered, 0.0, slope[1])
            _push(self.lines.root[cell], kept, slopes, waiting)
        return _magnitude(slope) * self.half[cell]

    def _fixed(self, place: int) -> bool:
        """Constants and givens are exact: no error comes from there."""
        return not self.lines.nodes[place].is_line and place not in self.lines.cell_of


def _push(place: int, slope: Interval, slopes: dict[int, Interval], waiting: list[int]) -> None:
    if place in slopes:
        before = slopes[place]
        slopes[place] = before[0] + slope[0], before[1] + slope[1]
    else:
        slopes[place] = slope
        heapq.heappush(waiting, -place)


def _magnitude(slope: Interval) -> Array:
    return np.maximum(np.abs(slope[0]), np.abs(slope[1]))
