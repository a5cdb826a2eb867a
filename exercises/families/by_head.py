"""Room: exercises. Sheets without a calculator: what they may be made of, and the small numbers that they are drawn."""

from __future__ import annotations

import math

from exercises.errors import InputError
from exercises.expression import Apply, walk
from exercises.program import Given, Program, Role
from exercises.stream import Grid, Slot

NEED_A_CALCULATOR = frozenset(
    {"sigmoid", "tanh", "softplus", "exp", "log", "log10", "sin", "cos", "sin_degrees", "cos_degrees", "sqrt"}
)

_UNFRIENDLY = NEED_A_CALCULATOR | {"softmax", "leaky_relu"}
"""Not in networks: a hundredth of a number has more decimals than anyone carries along."""

MANY = 8
"""Numbers of a kind from which on their products add up so far that they have to be smaller."""


def checked_by_head(program: Program) -> None:
    """InputError for a network in which something has to be worked out that nobody can by head."""
    nodes = (node for step in program.steps for node in walk(step.expression) if isinstance(node, Apply))
    hard = next((node.operation for node in nodes if node.operation in _UNFRIENDLY), None)
    if hard is not None:
        raise InputError(
            f'"no-calculator" takes sums, products and the larger of two numbers, and this exercise has {hard}; '
            "choose other functions where the family has some, or leave it out",
            where="difficulty",
        )


def slot_by_head(given: Given, output_activation: str = "identity", loss: str = "") -> Slot:
    """Whole numbers and halves: products of two of them are at once seen, and end after two decimals."""
    entries = math.prod(given.shape)
    if given.role is Role.RATE:
        return Slot(given.name, given.shape, Grid("0.1", "0.1", 1), distinct=False)
    if given.role is Role.WEIGHT:
        grid = Grid("0.5", "2.5" if entries <= MANY else "3.5", 1, 5, signed=True)
        return Slot(given.name, given.shape, grid, distinct=entries <= 12)
    if given.role is Role.TARGET:
        grid = Grid(2, 9, 0, signed=output_activation != "relu")
        return Slot(given.name, given.shape, grid, distinct=entries <= MANY)
    grid = Grid(2, 4 if entries <= 3 else 9, 0, signed=given.role is Role.BIAS)
    return Slot(given.name, given.shape, grid, distinct=entries <= MANY)
