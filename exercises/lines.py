"""Room: exercises. The lines of a program: what a person writes for each cell, taken apart into single operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Symbol
from exercises.operations import OPERATIONS
from exercises.operations.row import ByComponents, Interval, Partials
from exercises.program import Program
from exercises.tidy import tidy

OUT = "out"

NEVER_A_TIE = frozenset({"sigmoid", "tanh", "softplus", "exp", "log", "sin", "cos"})
"""Functions whose values have no finite decimals, but where they are as plain as exp(0)."""

COPYING = frozenset({"identity", "negate"})


class Node(NamedTuple):
    """One operation of a line, or a leaf: a constant, a given, or a cell worked out by an earlier line.

    ``partials`` are the local derivatives by its arguments, over the symbols ``out``, ``0``, ``1``, …. ``fixed`` marks
    a constant that nobody rounds, whatever its digits: an exponent.
    """

    operation: str
    arguments: tuple[int, ...]
    parameters: Parameters
    partials: tuple[Expression, ...]
    leaf: str = ""
    constant: float = 0.0
    fixed: bool = False

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

    @cached_property
    def never_ties(self) -> frozenset[str]:
        """Cells whose unrounded value never lies halfway between two decimals."""
        found: set[str] = set()
        for cell, root in self.root.items():
            node = self.nodes[root]
            copied = node.operation in COPYING and self.cell_of.get(node.arguments[0]) in found
            if copied or node.operation in NEVER_A_TIE:
                found.add(cell)
        return frozenset(found)


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

    def node(self, expression: Expression, *, exponent: bool = False) -> int:
        if isinstance(expression, Symbol):
            return self.leaves[expression.name]
        if isinstance(expression, Constant):
            return self.add(Node("", (), (), (), "", float(expression.value), exponent))
        if not isinstance(expression, Apply):
            raise TypeError(expression)
        power = expression.operation == "power"
        arguments = tuple(
            self.node(argument, exponent=power and place == 1) for place, argument in enumerate(expression.arguments)
        )
        exponent_alone = expression.arguments[1] if power and isinstance(expression.arguments[1], Constant) else None
        partials = _partials(expression.operation, len(arguments), exponent_alone, expression.parameters)
        return self.add(Node(expression.operation, arguments, expression.parameters, partials))


@lru_cache(maxsize=1024)
def _partials(operation: str, count: int, exponent: Constant | None, parameters: Parameters) -> tuple[Expression, ...]:
    """The local derivatives over the symbols ``out``, ``0``, ``1``, …; an exponent that is a constant stands as
    itself.
    """
    row = OPERATIONS[operation]
    if not isinstance(row.derivative, Partials) or isinstance(row.bounds, ByComponents):
        raise ValueError(f"{operation} works on tensors; spell the program out by components first")
    arguments: list[Expression] = [Symbol(str(place)) for place in range(count)]
    if exponent is not None:
        arguments[1] = exponent
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
