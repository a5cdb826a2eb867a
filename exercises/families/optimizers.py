"""Room: exercises. Optimizers: how a parameter moves with its gradient, and what is kept from one step to the next.

The forms are those of the libraries that students meet: momentum is added up from gradients (not from steps), L2 decay
is added to the gradient, and AdamW takes its decay straight from the parameter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from exercises.errors import InputError
from exercises.expression import Expression, Symbol, apply
from exercises.program import Given, Part, Role, Step

RATE = "learning_rate"

Name = Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]


class Optimizer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How parameters move; without a learning rate one is drawn. A setting left out has its usual value.

    ``decay`` is what RMSProp keeps of its mean of squares, ``weight_decay`` draws weights (never biases) towards 0.
    """

    name: Name = "sgd"
    learning_rate: float | None = None
    momentum: float | None = None
    decay: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    epsilon: float | None = None
    weight_decay: float | None = None


USUAL: Mapping[str, float] = {
    "momentum": 0.9, "decay": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01,
}  # fmt: skip
"""What the libraries take where nothing is said; AdamW decays unless told not to, the others don't."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("momentum",),
    "nesterov": ("momentum",),
    "rmsprop": ("decay", "epsilon"),
    "adam": ("beta1", "beta2", "epsilon"),
    "adamw": ("beta1", "beta2", "epsilon", "weight_decay"),
}
"""What each has to be told beside the learning rate."""

_KEPT: Mapping[str, tuple[str, ...]] = {
    "sgd": (), "momentum": ("v",), "nesterov": ("v",), "rmsprop": ("v",), "adam": ("m", "v"), "adamw": ("m", "v"),
}  # fmt: skip
"""The letters of what each keeps from one step to the next."""


def kept(optimizer: Optimizer) -> tuple[str, ...]:
    """The letters of what goes over from one step to the next."""
    return _KEPT[optimizer.name]


def squares(optimizer: Optimizer) -> tuple[str, ...]:
    """The letters of means of squares, which are much smaller than what they are made of."""
    if optimizer.name == "rmsprop":
        return ("v",)
    return ("v", "vhat") if optimizer.name in ("adam", "adamw") else ()


def coefficients(optimizer: Optimizer) -> dict[str, float]:
    """The settings that this optimizer works with, by name, but the learning rate.

    InputError for one that is out of its range, or that this optimizer doesn't know.
    """
    used = SETTINGS[optimizer.name]
    said = {name: value for name in USUAL if (value := getattr(optimizer, name)) is not None}
    for name, value in said.items():
        if name not in used and name != "weight_decay":
            knowing = ", ".join(one for one, settings in SETTINGS.items() if name in settings)
            raise InputError(f"{name} goes with {knowing}, not with {optimizer.name}", where=f"optimizer.{name}")
        _in_range(name, value)
    found = {name: said.get(name, USUAL[name]) for name in used}
    return {name: value for name, value in {**found, **said}.items() if value or name != "weight_decay"}


def _in_range(name: str, value: float) -> None:
    low_open = name == "epsilon"
    if not (0 < value < 1 if low_open else 0 <= value < 1):
        expected = "more than 0 and less than 1" if low_open else "0 or more, and less than 1"
        raise InputError(f"expected {expected}, found {value:g}", where=f"optimizer.{name}")


def givens(optimizer: Optimizer) -> tuple[Given, ...]:
    """Learning rate and settings as quantities that the exercise hands out."""
    rates = (Given(name, (), Role.COEFFICIENT) for name in coefficients(optimizer))
    return (Given(RATE, (), Role.RATE), *rates)


def settled(optimizer: Optimizer | None) -> dict[str, float]:
    """The numbers that the optimizer's table fixes: its settings, and the learning rate where it is named."""
    if optimizer is None:
        return {}
    rate = optimizer.learning_rate
    if rate is not None and not 0 < rate < math.inf:
        raise InputError(f"expected a number above 0, found {rate:g}", where=f"optimizer.{RATE}")
    return coefficients(optimizer) | ({} if rate is None else {RATE: rate})


@dataclass(frozen=True, slots=True)
class Move:
    """One parameter at one step of the optimizer.

    ``named`` makes the id of a quantity of this step from its letter, ``past`` is what was kept from the step before,
    by letter; ``number`` counts the steps from 1, ``decays`` says whether weight decay is for this parameter.
    """

    parameter: Symbol
    gradient: Symbol
    new: str
    named: Callable[[str], str]
    past: Mapping[str, Expression]
    number: int
    decays: bool


def moved(optimizer: Optimizer, move: Move) -> list[Step]:
    """The steps from a parameter and its gradient to the new parameter, ``move.new``."""
    return _Mover(optimizer, move).steps()


class _Mover:
    """One move being written down, line by line."""

    def __init__(self, optimizer: Optimizer, move: Move) -> None:
        self.optimizer, self.move = optimizer, move
        self.made: list[Step] = []

    def steps(self) -> list[Step]:
        weight, rate = self.move.parameter, Symbol(RATE)
        decays = self.move.decays and "weight_decay" in coefficients(self.optimizer)
        decoupled = decays and self.optimizer.name == "adamw"
        g: Expression = self.move.gradient
        if decays and not decoupled:
            g = self._keep("r", g + Symbol("weight_decay") * weight)
        direction = _DIRECTIONS[self.optimizer.name](self, g)
        before = weight - rate * Symbol("weight_decay") * weight if decoupled else weight
        self.made.append(Step(self.move.new, before - rate * direction, Part.UPDATE, Role.UPDATED))
        return self.made

    def _keep(self, letter: str, expression: Expression) -> Symbol:
        name = self.move.named(letter)
        self.made.append(Step(name, expression, Part.UPDATE, Role.STATE))
        return Symbol(name, expression.shape)

    def plain(self, g: Expression) -> Expression:
        return g

    def momentum(self, g: Expression) -> Expression:
        return self._keep("v", Symbol("momentum") * self.move.past["v"] + g)

    def nesterov(self, g: Expression) -> Expression:
        """The gradient, and ahead of it once more what momentum will do."""
        return g + Symbol("momentum") * self.momentum(g)

    def rmsprop(self, g: Expression) -> Expression:
        return g / self._spread(self._mean("v", Symbol("decay"), apply("square", g)))

    def adam(self, g: Expression) -> Expression:
        m = self._mean("m", Symbol("beta1"), g)
        v = self._mean("v", Symbol("beta2"), apply("square", g))
        m_hat = self._keep("mhat", m / (1 - self._power("beta1")))
        v_hat = self._keep("vhat", v / (1 - self._power("beta2")))
        return m_hat / self._spread(v_hat)

    def _mean(self, letter: str, share: Symbol, now: Expression) -> Symbol:
        """A running mean: a share of what it was, the rest of what is new."""
        return self._keep(letter, share * self.move.past[letter] + (1 - share) * now)

    def _power(self, name: str) -> Expression:
        return Symbol(name) if self.move.number == 1 else Symbol(name) ** self.move.number

    def _spread(self, v: Expression) -> Expression:
        return apply("sqrt", v) + Symbol("epsilon")


_DIRECTIONS: Mapping[str, Callable[[_Mover, Expression], Expression]] = {
    "sgd": _Mover.plain,
    "momentum": _Mover.momentum,
    "nesterov": _Mover.nesterov,
    "rmsprop": _Mover.rmsprop,
    "adam": _Mover.adam,
    "adamw": _Mover.adam,
}
"""What the learning rate is multiplied with."""
