"""Room: grader. Lines worked out by their values alone, without anything that rounding may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np

from exercises.lines import Lines, Node
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Mask


class Unrounded:
    """What follows from the wrong numbers without any rounding since: values alone, for each node of the lines."""

    def __init__(self, lines: Lines, given: Mapping[str, Array]) -> None:
        self.lines = lines
        self.values: list[Array] = [np.array([node.constant]) for node in lines.nodes]
        for name, place in lines.givens.items():
            self.values[place] = given[name]

    def work(self, cell: str) -> None:
        with np.errstate(all="ignore"):
            for place in self.lines.span[cell]:
                node = self.lines.nodes[place]
                if node.is_line:
                    self.values[place] = operated(node, [self.values[k] for k in node.arguments])

    def carry(self, cell: str, value: Array, entered: Mask) -> None:
        self.values[self.lines.carried[cell]] = np.where(entered, value, self.values[self.lines.root[cell]])


def operated(node: Node, arguments: Sequence[Array]) -> Array:
    """The value of one operation; 0 · log a is left out by everybody, also where a is written 0.00."""
    value = OPERATIONS[node.operation].value(*arguments, *node.parameters)
    if node.operation == "multiply" and not np.isfinite(value.sum()):
        value = np.where(reduce(np.logical_or, [argument == 0 for argument in arguments]), 0.0, value)
    return np.asarray(value)
