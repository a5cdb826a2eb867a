"""Room: exercises. How much work a sheet is by hand: operations of the component lines, weighted, and minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from exercises.components import componentwise
from exercises.expression import Apply, Expression, walk
from exercises.program import Program, Step

SECONDS: Mapping[str, int] = {"add": 5, "subtract": 5, "negate": 2, "multiply": 8, "divide": 9, "square": 6}
"""With a pocket calculator: some two seconds to key in a number of four figures, one for a sign, two to read it off."""

SECONDS_OF_FUNCTIONS = 12
"""exp, σ and their like: two keys more, a bracket or an intermediate result, and a look whether it can be right."""

FREE = ("identity", "maximum", "relu", "leaky_relu", "by_sign", "spread", "reshape", "gather", "slice")
"""Operations that choose or copy: nothing is keyed in."""

SECONDS_A_LINE = 15
"""To find what belongs into a line, and to write its result down."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Lines to write, operations by name, and the minutes a student needs who makes no mistake.

    ``weighted`` is the work as a count: each operation, and each line to write, by the time that it takes in additions.
    """

    lines: int
    operations: Mapping[str, int]
    minutes: int
    weighted: int

    @property
    def count(self) -> int:
        """How many operations there are."""
        return sum(self.operations.values())


def effort(program: Program, asked: Collection[str]) -> Effort:
    """What it takes to work out the asked cells, with every line in between; the same for all variants of an exercise.

    An expression that occurs in several lines (the exponentials of a softmax) is worked out once.
    """
    cells = componentwise(program)
    needed = _needed(cells, asked)
    seen: set[Expression] = set()
    operations: Counter[str] = Counter()
    for step in needed:
        for node in walk(step.expression):
            if isinstance(node, Apply) and node not in seen:
                seen.add(node)
                operations[node.operation] += max(1, len(node.arguments) - 1)
    for name in FREE:
        operations.pop(name, None)
    seconds = sum(SECONDS.get(name, SECONDS_OF_FUNCTIONS) * count for name, count in operations.items())
    seconds += SECONDS_A_LINE * len(needed)
    weighted = round(seconds / SECONDS["add"])
    return Effort(len(needed), dict(sorted(operations.items())), -(-seconds // 60), weighted)


def _needed(cells: Program, asked: Collection[str]) -> list[Step]:
    """The lines that lead to the asked cells, in the program's order."""
    wanted = set(asked)
    for step in reversed(cells.steps):
        if step.name in wanted:
            wanted.update(step.reads)
    return [step for step in cells.steps if step.name in wanted]
