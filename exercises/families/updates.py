"""Room: exercises. From gradients to new parameters, and from one round to the next: both are steps like any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from exercises.expression import Constant, Expression, Symbol
from exercises.families.optimizers import RATE, Move, Optimizer, givens, kept, moved, squares
from exercises.precision import Places
from exercises.program import Given, Program, Role, Step, renamed

__all__ = ["RATE", "Optimizer", "fine_places", "trained"]

SQUARES = Places(3, significant=True)
"""Means of squares are so small that decimals would hide them."""


def trained(program: Program, optimizer: Optimizer | None, rounds: int = 1, *, fixed: Collection[str] = ()) -> Program:
    """The program with an update of every weight and bias but those ``fixed``, gone through ``rounds`` times.

    Without an optimizer it is the program itself.

    Quantities of round r end in ``@r``; its parameters are leaves (``W1_new`` of the round before), so no path leads
    back through an update. What the optimizer keeps of W1 is called ``m_W1``, ``v_W1``, and begins at 0.
    """
    if optimizer is None:
        return program
    movable = [given for given in program.givens if given.role in (Role.WEIGHT, Role.BIAS) and given.name not in fixed]
    shapes = dict(program.shapes)
    steps: list[Step] = []
    for number in range(1, rounds + 1):
        names = _names_of_round(program, movable, number)
        steps += [renamed(step, names, shapes) for step in program.steps] if number > 1 else program.steps
        for given in movable:
            steps += moved(optimizer, _move(program, optimizer, given, number))
    return replace(program, givens=(*program.givens, *givens(optimizer)), steps=tuple(steps))


def _names_of_round(program: Program, movable: Collection[Given], number: int) -> dict[str, str]:
    return {step.name: f"{step.name}@{number}" for step in program.steps} | {
        given.name: _parameter(given.name, number) for given in movable
    }


def _parameter(name: str, number: int) -> str:
    """The id of a parameter at the beginning of a round."""
    return name if number == 1 else f"{name}_new{_turn(number - 1)}"


def _turn(number: int) -> str:
    return "" if number == 1 else f"@{number}"


def _move(program: Program, optimizer: Optimizer, given: Given, number: int) -> Move:
    turn = _turn(number)
    return Move(
        Symbol(_parameter(given.name, number), given.shape),
        Symbol(f"d{program.output}/d{given.name}{turn}", given.shape),
        f"{given.name}_new{turn}",
        named=lambda letter: f"{letter}_{given.name}{turn}",
        past=_past(optimizer, given, number),
        number=number,
        decays=given.role is Role.WEIGHT,
    )


def _past(optimizer: Optimizer, given: Given, number: int) -> Mapping[str, Expression]:
    if number == 1:
        return {letter: Constant(Fraction(0), given.shape) for letter in kept(optimizer)}
    before = _turn(number - 1)
    return {letter: Symbol(f"{letter}_{given.name}{before}", given.shape) for letter in kept(optimizer)}


def fine_places(optimizer: Optimizer | None, program: Program) -> dict[str, Places]:
    """Quantities that are asked in significant figures unless a teacher says otherwise."""
    letters = squares(optimizer) if optimizer else ()
    states = (step.name for step in program.steps if step.role is Role.STATE)
    return {name: SQUARES for name in states if name.partition("_")[0] in letters}
