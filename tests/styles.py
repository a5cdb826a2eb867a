"""Exercises in every notation that can write them: what the tests of notation, formulas and solutions share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

import numpy as np

from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import asks as circuit_asks
from exercises.families.circuit import build as build_circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as build_mlp
from exercises.families.updates import Optimizer
from exercises.families.usual import usual_asks as mlp_asks
from exercises.names import cell_ids
from exercises.notation import Notation, notation_for, serving
from exercises.operations.row import Array
from exercises.outline import outline
from exercises.plan import run
from exercises.precision import Places, Precision
from exercises.program import Program
from exercises.solution import Solution, filled_in

SGD = Optimizer(learning_rate=0.1)


@dataclass(frozen=True)
class Worked:
    """A program with numbers: every quantity's value, variants last."""

    program: Program
    given: dict[str, Array]
    values: dict[str, Array]
    asked: tuple[str, ...]
    made: dict[object, Any] = field(default_factory=dict)
    """What was worked out for one test serves the next."""

    def in_style(self, style: str) -> Notation:
        if style not in self.made:
            self.made[style] = notation_for(style, self.program)
        return cast(Notation, self.made[style])

    def solved(self, style: str, detail: str = "component", decimals: int = 4, everything: bool = False) -> Solution:
        wish = (style, detail, everything)
        if wish not in self.made:
            asked = None if everything else self.asked
            self.made[wish] = outline(self.program, self.in_style(style), detail=detail, asked=asked)
        if (wish, decimals) not in self.made:
            self.made[wish, decimals] = filled_in(self.made[wish], self.values, Precision(Places(decimals)))
        return cast(Solution, self.made[wish, decimals])


@cache
def networks() -> dict[str, Worked]:
    """Layered networks of every kind that the styles treat differently."""
    wishes = {
        "2-2-1 linear": MlpOptions(layers=(2, 2, 1), activations="identity", bias=False, optimizer=SGD),
        "2-2-2 sigmoid": MlpOptions(layers=(2, 2, 2), bias="shared", optimizer=SGD, rounds=2),
        "3-3-1 sigmoid": MlpOptions(layers=(3, 3, 1), loss="binary_cross_entropy"),
        "neuron": MlpOptions(layers=(2, 1), loss="squared_error", optimizer=SGD),
        "chain": MlpOptions(layers=(1, 1, 1), activations="tanh"),
        "deep": MlpOptions(layers=(2, 2, 3, 2), activations=("relu", "leaky_relu", "softmax"), optimizer=SGD),
        "long way": MlpOptions(layers=(2, 3), activations="softmax", fused=False),
        "half linear": MlpOptions(layers=(2, 3, 2), activations=("softplus", "identity"), optimizer=SGD, rounds=3),
        "examples": MlpOptions(layers=(2, 2, 1), activations=("tanh", "sigmoid"), examples=3, optimizer=SGD),
        "one example-column": MlpOptions(layers=(1, 1), activations="identity", examples=2),
        "wide": MlpOptions(layers=(11, 2, 1), activations=("identity", "sigmoid")),
    }
    return {name: _worked(build_mlp(wish), mlp_asks, seed) for seed, (name, wish) in enumerate(wishes.items())}


@cache
def circuits() -> dict[str, Worked]:
    """Circuits with forks, functions of every kind, and awkward names."""
    wishes = {
        "product": CircuitOptions(lines=("q = x + y", "f = q * z")),
        "fork": CircuitOptions(expression="(x + y) * max(y, z)"),
        "functions": CircuitOptions(expression="log(2 + cos(x)) ^ 2 / sqrt(exp(y)) - reciprocal(3 + tanh(x))"),
        "names": CircuitOptions(lines=("np = w1 * x_1 + 0.5", "O = sigmoid(np) - w1 ^ 3")),
        "unused": CircuitOptions(lines=("a = relu(x)", "b = leaky_relu(y)", "f = softplus(a * x) + x")),
    }
    return {name: _worked(build_circuit(wish), circuit_asks, seed) for seed, (name, wish) in enumerate(wishes.items())}


def everything() -> dict[str, Worked]:
    return networks() | circuits()


def written() -> list[tuple[str, str]]:
    """Every exercise with every style that can write it."""
    return [(name, style) for name, worked in everything().items() for style in serving(worked.program)]


def _worked(program: Program, asks: object, seed: int) -> Worked:
    rng = np.random.default_rng(seed)
    given = {each.name: rng.uniform(0.2, 0.9, (*each.shape, 1)).round(2) for each in program.givens}
    values = {**given, **run(program, given)}
    asked = asks(program)  # type: ignore[operator]
    return Worked(program, given, values, tuple(c for n in asked for c in cell_ids(n, program.shapes[n])))
