"""Room: exercises. A program's lines as plain data, for readers in another language.

It is the same plan, with nothing left out. Every node says which kind of operation it is and which nodes it works on.
A kind is the operation's name, its parameters and its local derivatives; they are few, so they stand in a table of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

from exercises.expression import Apply, Constant, Expression, Symbol
from exercises.lines import Lines, Node

CONSTANT, LEAF = -1, -2
"""What stands in the place of a kind: a number of the rule, and a given or a cell of an earlier line."""


class PlanData:
    """The lines of one program, and further nodes that are written with the same table of kinds."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.kinds: dict[tuple[object, ...], int] = {}
        self.table: list[dict[str, Any]] = []
        self._number = {name: -1 - place for place, name in enumerate(lines.givens)}
        self._number |= {cell: place for place, cell in enumerate(lines.root)}

    def written(self) -> dict[str, Any]:
        """``givens`` and ``cells`` by name, ``nodes``, and each cell's line: ``[start, stop, root, carried, *reads]``.

        A given stands in the node of its own place and is read under the number -1 - place, a cell under its place.
        """
        lines = self.lines
        nodes = self.nodes(lines.nodes)
        return {
            "givens": list(lines.givens),
            "cells": list(lines.root),
            "nodes": nodes,
            "lines": [
                [
                    lines.span[cell].start,
                    lines.span[cell].stop,
                    root,
                    lines.carried[cell],
                    *self.reads(lines.reads[cell]),
                ]
                for cell, root in lines.root.items()
            ],
            "neverTies": [int(cell in lines.never_ties) for cell in lines.root],
            "kinds": self.table,
        }

    def nodes(self, nodes: Sequence[Node]) -> list[list[Any]]:
        """``[kind, *arguments]``, ``[CONSTANT, value, fixed]`` or ``[LEAF]``."""
        return [self._node(node) for node in nodes]

    def reads(self, names: Sequence[str]) -> list[int]:
        return [self._number[name] for name in names]

    def number(self, cell: str) -> int:
        """The place of a cell."""
        return self._number[cell]

    def _node(self, node: Node) -> list[Any]:
        if node.is_line:
            return [self._kind(node), *node.arguments]
        return [LEAF] if node.leaf else [CONSTANT, node.constant, int(node.fixed)]

    def _kind(self, node: Node) -> int:
        key = (node.operation, node.parameters, node.partials)
        if key not in self.kinds:
            self.kinds[key] = len(self.table)
            self.table.append(
                {
                    "op": node.operation,
                    "with": _numbers(node.parameters),
                    "partials": [_expression(partial) for partial in node.partials],
                }
            )
        return self.kinds[key]


def _numbers(parameters: Sequence[object]) -> list[float]:
    """The parameters of an operation place by place, which are numbers all."""
    return [float(cast(Fraction, parameter)) for parameter in parameters]


def _expression(expression: Expression) -> Any:
    """A symbol by its name, a constant as its number, an operation as a table."""
    if isinstance(expression, Symbol):
        return expression.name
    if isinstance(expression, Constant):
        return float(expression.value)
    if not isinstance(expression, Apply):
        raise TypeError(expression)
    return {
        "op": expression.operation,
        "of": [_expression(argument) for argument in expression.arguments],
        "with": _numbers(expression.parameters),
    }
