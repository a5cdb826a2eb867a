"""Room: exercises. From gradients to new parameters, and from one round to the next: both are steps like any other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

import msgspec

from exercises.expression import Symbol
from exercises.program import Given, Part, Program, Role, Step, renamed

RATE = "learning_rate"


class Optimizer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How parameters move; without a learning rate one is drawn."""

    name: Literal["sgd"] = "sgd"
    learning_rate: float | None = None


def updated(program: Program, optimizer: Optimizer, *, kept: Collection[str] = ()) -> Program:
    """The program with ``W1_new = W1 − learning_rate · dJ/dW1`` for every weight and bias but those ``kept``."""
    rate = Symbol(RATE)
    parameters = [
        given for given in program.givens if given.role in (Role.WEIGHT, Role.BIAS) and given.name not in kept
    ]
    steps = [_sgd(Symbol(given.name, given.shape), rate, program.output) for given in parameters]
    return program.with_steps(steps, [Given(RATE, (), Role.RATE)])


def _sgd(parameter: Symbol, rate: Symbol, output: str) -> Step:
    gradient = Symbol(f"d{output}/d{parameter.name}", parameter.shape)
    return Step(f"{parameter.name}_new", parameter - rate * gradient, Part.UPDATE, Role.UPDATED)


def repeated(program: Program, rounds: int) -> Program:
    """The program gone through ``rounds`` times; from the second on it starts from the updated parameters.

    Quantities of round r end in ``@r``; its parameters are leaves, so no path leads back through an update.
    """
    steps = list(program.steps)
    for number in range(2, rounds + 1):
        names = _names_of_round(program, number)
        shapes = dict(program.shapes)
        steps += [renamed(step, names, shapes) for step in program.steps]
    return replace(program, steps=tuple(steps))


def _names_of_round(program: Program, number: int) -> dict[str, str]:
    before = "" if number == 2 else f"@{number - 1}"
    names = {step.name: f"{step.name}@{number}" for step in program.steps}
    for given in program.givens:
        if f"{given.name}_new" in program.by_name:
            names[given.name] = f"{given.name}_new{before}"
    return names
