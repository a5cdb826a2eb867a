"""Room: exercises. Numbers for layered perceptrons: which grids they come from, and which targets make sense."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

import numpy as np

from exercises.errors import InputError
from exercises.families.by_head import checked_by_head, slot_by_head
from exercises.families.family import Drawn
from exercises.operations.row import Array
from exercises.program import Given, Program, Role
from exercises.stream import Grid, Slot

SATURATING = ("sigmoid", "tanh", "softmax")
"""Units whose slope can't be told from 0 on paper once |z| is large."""

KINKED = ("relu", "leaky_relu")

BY_HEAD = ("identity", "relu")
"""Activations that need no calculator."""

LIVELY = (0.1, 2.0)
"""|z| of a saturating unit: large enough to see a mistake in its slope, small enough not to be flat."""

_RATES = Grid("0.3", "0.9", 1, excluded=("0.5", 1))
_SHORT = Grid("0.05", "0.25", 2, 5)
"""Learning rates. The output of a unit that doesn't saturate follows its weights so far that longer steps overshoot:
with those of the first grid the loss rose on three of ten sheets with a tanh layer, on eight of ten without."""

FEW = 12
"""Weights up to which a matrix is filled from multiples of 0.05."""

MOST_DISTINCT = 90
"""Entries up to which no two of a matrix are equal; larger ones nobody tells apart by their numbers."""

MIDDLING = tuple(Decimal(hundredths) / 100 for hundredths in range(25, 80, 5))
"""Targets that a sigmoid unit meets by accident, so that the error is too small to be seen further back."""

TARGET_SUM_SLACK = 1e-6
"""Given class probabilities may be rounded to six places before they no longer add up to 1."""


def drawn_network(
    program: Program, activations: Sequence[str], loss: str, given: Collection[str], *, by_head: bool
) -> Drawn:
    """Slots for what is not ``given``, and what keeps the units of each layer lively."""
    if by_head and (hard := next((name for name in activations if name not in BY_HEAD), None)):
        raise InputError(f'"no-calculator" takes relu and identity layers, found {hard}', where="difficulty")
    if by_head:
        checked_by_head(program)
    open_givens = [quantity for quantity in program.givens if quantity.name not in given]
    slot = slot_by_head if by_head else slot_for
    slots = tuple(slot(quantity, activations[-1], loss) for quantity in open_givens)
    layers = [(f"z{number}", name) for number, name in enumerate(activations, start=1)]
    classes = program.shapes["y"][0]
    return Drawn(
        slots,
        within={z: LIVELY for z, name in layers if name in SATURATING},
        one_hot={"y": classes} if loss == "cross_entropy" and "y" not in given else {},
        negative={z: _negatives(program.shapes[z], z == layers[-1][0]) for z, name in layers if name in KINKED},
    )


def _negatives(shape: tuple[int, ...], output: bool) -> int:
    """One unit of a hidden layer is off, so that the slope of the rectifier matters; never a whole layer."""
    return 0 if output or shape[0] < 2 else 1


def slot_for(given: Given, output_activation: str, loss: str) -> Slot:
    """Weights not too small and errors not too small, so that a gradient three layers down can still be seen."""
    entries = math.prod(given.shape)
    if given.role is Role.WEIGHT:
        return Slot(given.name, given.shape, _weight_grid(entries), distinct=entries <= MOST_DISTINCT)
    if given.role is Role.BIAS:
        grid = Grid("0.05", "0.45", 2, 5, signed=True) if entries <= FEW else Grid("0.05", "0.45", 2, signed=True)
        return Slot(given.name, given.shape, grid)
    if given.role is Role.RATE:
        return Slot(given.name, given.shape, _RATES if output_activation in SATURATING else _SHORT, distinct=False)
    if given.role is Role.INPUT:
        grid = Grid("0.5", "1.5", 1) if entries <= 8 else Grid("0.2", "1.9", 1, signed=True)
        return Slot(given.name, given.shape, grid, distinct=entries <= 30)
    return _target_slot(given, output_activation, loss)


def _weight_grid(entries: int) -> Grid:
    """Multiples of 0.05 for few weights; for many, finer and smaller ones, since their products add up."""
    if entries <= FEW:
        return Grid("0.35", "1.45", 2, 5, signed=True)
    return Grid("0.21", "0.69", 2, signed=True) if entries <= MOST_DISTINCT else Grid("0.02", "0.29", 2, signed=True)


def _target_slot(given: Given, output_activation: str, loss: str) -> Slot:
    if loss == "cross_entropy":
        classes = Grid(0, given.shape[0] - 1, 0, excluded=())
        return Slot(given.name, given.shape[1:], classes, distinct=False)
    if loss == "binary_cross_entropy":
        return Slot(given.name, given.shape, Grid(0, 1, 0, excluded=()), distinct=False)
    few = math.prod(given.shape) <= 8
    if output_activation in SATURATING:
        return Slot(given.name, given.shape, Grid("0.05", "0.95", 2, 5, excluded=MIDDLING), distinct=few)
    return Slot(given.name, given.shape, Grid("0.2", "1.9", 1), distinct=few)


def check_targets(loss: str, given: Mapping[str, Array]) -> None:
    """InputError where given targets are no probabilities though the loss reads them as such."""
    y = given.get("y")
    if y is None or loss not in ("cross_entropy", "binary_cross_entropy"):
        return
    if (y < 0).any() or (y > 1).any():
        outside = y[(y < 0) | (y > 1)][0]
        raise InputError(f"{loss} takes targets from 0 to 1, found {outside:g}", where="y")
    totals = y.sum(axis=0)
    if loss == "cross_entropy" and (np.abs(totals - 1) > TARGET_SUM_SLACK).any():
        raise InputError(f"{loss} takes targets that add up to 1, these add up to {totals.flat[0]:g}", where="y")
