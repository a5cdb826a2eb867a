"""Circuits at random, and their value once more by Python's own parser and autograd's NumPy."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from oracle import forward_of

from exercises.families.circuit import CircuitOptions, build
from exercises.operations.row import Array
from exercises.plan import run

VARIANTS = 3
CANDIDATES = 300

MODERATE = 10.0
"""Size of every inner result: a sine of hundreds turns within one step of a finite difference."""

FAR_FROM_KINKS = 0.02
LEAVES = ("x", "y", "z", "w")

_SAFE = (
    "({0} + {1})", "({0} - {1})", "{0} * {1}", "({0} * {1})", "{0} / (2 + cos({1}))", "max({0}, {1})",
    "max({0}, {1}, 1/4)", "({0})^2", "({0})^3", "(1.5 + sin({0}))^{1}", "(2 + tanh({0}))^(1/2)", "(3 + sin({0}))^-2",
    "-{0}", "-({0})^2", "sigmoid({0})", "tanh({0})", "relu({0})", "leaky_relu({0})", "softplus({0})", "exp({0} / 4)",
    "log(2 + cos({0}))", "ln(1 + square({0}))", "sin({0})", "cos({0})", "square({0})", "sqrt(1 + square({0}))",
    "reciprocal(2 + sin({0}))", "identity({0})", "2 * {0}", "0.5 * {0} - {1}", "{0} + {0}", "{0} / 3",
    "{0} - {1} - {0}",
)  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """The lines of a circuit, and numbers for its leaves at which it is smooth and of moderate size."""

    lines: tuple[str, ...]
    given: Mapping[str, Array]


def random_formula(seed: int) -> Formula:
    choose = random.Random(seed)
    lines = _lines(choose)
    given = _numbers(lines, np.random.default_rng(seed))
    return Formula(lines, given) if given else random_formula(seed + 1_000_000)


def _lines(choose: random.Random) -> tuple[str, ...]:
    names, lines = list(LEAVES[: choose.randint(2, 4)]), []
    count = choose.randint(1, 4)
    for number in range(1, count + 1):
        name = "f" if number == count else f"q{number}"
        text = _term(choose, names, choose.randint(1, 3))
        if not set(re.findall(r"[a-z]\w*", text)) & set(names):
            text += f" + {names[0]}"
        lines.append(f"{name} = {text}")
        names.append(name)
    return tuple(lines)


def _term(choose: random.Random, names: list[str], depth: int) -> str:
    if depth == 0:
        return choose.choice([*names, *names, names[-1], "0.7", "3"])
    return choose.choice(_SAFE).format(_term(choose, names, depth - 1), _term(choose, names, depth - 1))


def _numbers(lines: tuple[str, ...], rng: np.random.Generator) -> dict[str, Array] | None:
    """The first few of many candidates that keep clear of kinks and large numbers; None where too few do."""
    given = {name: rng.uniform(-2, 2, CANDIDATES) for name in leaves(lines)}
    margins: list[Array] = []
    with np.errstate(all="ignore"):
        evaluate(lines, given, margins=margins)
    good = np.ones(CANDIDATES, dtype=bool)
    for value in run(forward_of(build(CircuitOptions(lines=lines))), given).values():
        good &= np.abs(value) < MODERATE
    for margin in margins:
        good &= np.abs(margin) > FAR_FROM_KINKS
    chosen = np.flatnonzero(good)[:VARIANTS]
    return {name: array[chosen] for name, array in given.items()} if len(chosen) == VARIANTS else None


def leaves(lines: tuple[str, ...]) -> list[str]:
    text = " ".join(line.partition("=")[2] for line in lines)
    return [name for name in LEAVES if re.search(rf"\b{name}\b", text)]


def _functions(margins: list[Array] | None) -> dict[str, Callable[..., Any]]:
    def noted(margin: Any) -> None:
        if margins is not None:
            margins.append(np.broadcast_to(margin, (CANDIDATES,)))

    def relu(z: Any, slope: float = 0.0) -> Any:
        noted(z)
        return anp.where(z > 0, z, slope * z)

    def largest(first: Any, *more: Any) -> Any:
        for other in more:
            noted(first - other + (first is other))
            first = anp.where(first - other >= 0, first + 0 * other, other + 0 * first)
        return first

    return {
        "max": largest,
        "relu": relu,
        "leaky_relu": lambda z: relu(z, 0.01),
        "sigmoid": lambda z: 0.5 * (1 + anp.tanh(0.5 * z)),
        "softplus": lambda z: anp.log(1 + anp.exp(z)),
        "tanh": anp.tanh, "exp": anp.exp, "log": anp.log, "ln": anp.log, "sin": anp.sin, "cos": anp.cos,
        "square": lambda z: z * z, "sqrt": lambda z: z**0.5, "reciprocal": lambda z: 1 / z, "identity": lambda z: 1 * z,
    }  # fmt: skip


def evaluate(lines: tuple[str, ...], given: Mapping[str, Any], *, margins: list[Array] | None = None) -> dict[str, Any]:
    """Every named line by Python's own rules. ``+q`` in ``given`` is added to line q: its gradient is that of q."""
    functions, values = _functions(margins), dict(given)
    for line in lines:
        name, _, text = line.partition("=")
        value = eval(text.replace("^", "**"), {"__builtins__": {}, **functions}, values)
        values[name.strip()] = value + given.get(f"+{name.strip()}", 0.0)
    return {line.partition("=")[0].strip(): values[line.partition("=")[0].strip()] for line in lines}


def gradients(formula: Formula) -> dict[str, Array]:
    """∂output/∂ every leaf and every named line but the output, by autograd."""
    names = [line.partition("=")[0].strip() for line in formula.lines]
    moving = dict(formula.given) | {f"+{name}": np.zeros(VARIANTS) for name in names[:-1]}

    def output(q: Mapping[str, Any]) -> Any:
        # what no line leads to the output still counts, as nothing
        return anp.sum(evaluate(formula.lines, q)[names[-1]]) + 0.0 * sum(anp.sum(part) for part in q.values())

    return {name.lstrip("+"): array for name, array in autograd.grad(output)(moving).items()}
