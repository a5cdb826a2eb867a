"""Networks at random, and their forward pass once more in autograd's NumPy: examples as columns, variants first."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np

from exercises.families.mlp import MlpOptions, build
from exercises.families.updates import Optimizer
from exercises.operations.row import Array
from exercises.program import Program

VARIANTS = 3
CANDIDATES = 300

OUTPUTS_FOR = {"binary_cross_entropy": ("sigmoid",), "cross_entropy": ("softmax", "sigmoid")}
ACTIVATIONS = {
    "identity": lambda z, slope: 1.0 * z,
    "sigmoid": lambda z, slope: 1 / (1 + anp.exp(-z)),
    "tanh": lambda z, slope: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "relu": lambda z, slope: z * (z > 0),
    "leaky_relu": lambda z, slope: anp.where(z > 0, z, slope * z),
    "softplus": lambda z, slope: anp.log(1 + anp.exp(z)),
    "softmax": lambda z, slope: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}
KINKED = ("relu", "leaky_relu")
FAR_FROM_KINKS = 0.02
LOSSES = ("half_squared_error", "squared_error", "mean_squared_error", "binary_cross_entropy", "cross_entropy")


@dataclass(frozen=True)
class Network:
    """A wish for a network with its program and numbers (variants last)."""

    options: MlpOptions
    program: Program
    given: Mapping[str, Array]

    @property
    def activations(self) -> tuple[str, ...]:
        return tuple(self.options.activations)


def random_network(seed: int) -> Network:
    choose = random.Random(seed)
    options = MlpOptions(**_wishes(choose))
    program = build(options)
    candidates = Network(options, program, _numbers(program, options, np.random.default_rng(seed)))
    clear = np.flatnonzero(_clear_of_kinks(candidates))[:VARIANTS]
    assert len(clear) == VARIANTS, f"too few numbers for {options}"
    return replace(candidates, given={name: array[..., clear] for name, array in candidates.given.items()})


def _wishes(choose: random.Random) -> dict[str, Any]:
    depth = choose.choice([1, 1, 2, 2, 3])
    loss = choose.choice(LOSSES)
    inner = [choose.choice(list(ACTIVATIONS)) for _ in range(depth - 1)]
    last = choose.choice(OUTPUTS_FOR.get(loss, tuple(ACTIVATIONS)))
    rounds = choose.choice([1, 1, 2, 3])
    return {
        "layers": (*(choose.randint(1, 3) for _ in range(depth)), choose.randint(1 + (last == "softmax"), 3)),
        "activations": (*inner, last),
        "bias": choose.choice([True, False, "shared"]),
        "update_bias": choose.choice([True, False]),
        "loss": loss,
        "reduction": choose.choice(["mean", "sum"]),
        "optimizer": Optimizer() if rounds > 1 or choose.random() < 0.5 else None,
        "rounds": rounds,
        "examples": choose.choice([None, 1, 2, 3]),
        "fused": choose.choice([True, False]),
        "leaky_slope": choose.choice([0.01, 0.1, 0.25]),
    }


def _numbers(program: Program, options: MlpOptions, rng: np.random.Generator) -> dict[str, Array]:
    given = {
        quantity.name: rng.uniform(-1, 1, (*quantity.shape, CANDIDATES))
        for quantity in program.givens
        if quantity.name not in ("y", "learning_rate")
    }
    shape = program.shapes["y"]
    y = rng.uniform(0.1, 0.9, (*shape, CANDIDATES))
    if options.loss == "cross_entropy":  # a distribution: only then is softmax's gradient p − y
        one_hot = rng.random() < 0.5
        y = (y == y.max(axis=0)).astype(float) if one_hot else y / y.sum(axis=0)
    given["y"] = y
    if "learning_rate" in program.shapes:
        given["learning_rate"] = rng.uniform(0.1, 1.0, CANDIDATES)
    return given


def _clear_of_kinks(network: Network) -> Array:
    """Which variants finite differences may be taken of."""
    values = forward(network, variants_first(network))
    kinked = [f"z{number}" for number, name in enumerate(network.activations, start=1) if name in KINKED]
    clear = np.ones(CANDIDATES, dtype=bool)
    for name in kinked:
        clear &= np.abs(values[name]).min(axis=(1, 2)) > FAR_FROM_KINKS
    return clear


def variants_first(network: Network) -> dict[str, Array]:
    """The given numbers as the forward pass below reads them: (V, rows, columns), one column an example."""
    numbers = {name: np.moveaxis(array, -1, 0) for name, array in network.given.items()}
    for name in ("x", "y"):
        if numbers[name].ndim == 2:
            numbers[name] = numbers[name][..., None]
    return numbers


def forward(network: Network, q: Mapping[str, Any]) -> dict[str, Any]:
    """Every quantity of the forward pass. ``+z1`` or ``+a1`` in ``q`` is added there: its gradient is that of z1."""
    options, a, values = network.options, q["x"], {}
    for number, name in enumerate(network.activations, start=1):
        z = anp.matmul(q[f"W{number}"], a)
        if options.bias is True:
            z = z + q[f"b{number}"][:, :, None]
        if options.bias == "shared":
            z = z + q[f"b{number}"][:, None, None]
        z = z + q.get(f"+z{number}", 0.0)
        a = ACTIVATIONS[name](z, options.leaky_slope) + q.get(f"+a{number}", 0.0)
        values |= {f"z{number}": z, f"a{number}": a}
    losses = anp.sum(_per_output(options.loss or "", a, q["y"]), axis=1)
    if options.loss == "mean_squared_error":
        losses = losses / a.shape[1]
    total = anp.sum(losses, axis=1)
    values["J"] = total / a.shape[2] if options.reduction == "mean" else total
    return values


def _per_output(loss: str, a: Any, y: Any) -> Any:
    if loss == "binary_cross_entropy":
        return -(y * anp.log(a) + (1 - y) * anp.log(1 - a))
    if loss == "cross_entropy":
        return -y * anp.log(a)
    return (a - y) ** 2 * (0.5 if loss == "half_squared_error" else 1.0)


def gradients(network: Network, numbers: Mapping[str, Array]) -> dict[str, Array]:
    """∂J/∂ everything by autograd: ``x``, ``W1``, …, and ``z1``, ``a1``, … by what is added to them."""
    values = forward(network, numbers)
    moving = {name: array for name, array in numbers.items() if name not in ("y", "learning_rate")}
    moving |= {f"+{name}": np.zeros_like(array) for name, array in values.items() if name != "J"}
    found = autograd.grad(lambda q: anp.sum(forward(network, {**q, "y": numbers["y"]})["J"]))(moving)
    return {name.lstrip("+"): array for name, array in found.items()}


def worked_out(network: Network) -> dict[str, Array]:
    """Every quantity of every round by its id, variants last, with no help from the kernel."""
    numbers, results = variants_first(network), {}
    program = network.program
    for number in range(1, network.options.rounds + 1):
        end = "" if number == 1 else f"@{number}"
        slopes = gradients(network, numbers)
        results |= {f"{name}{end}": array for name, array in forward(network, numbers).items()}
        results |= {f"dJ/d{name}{end}": array for name, array in slopes.items()}
        if network.options.optimizer is None:
            break
        for name in [name for name in numbers if f"{name}_new" in program.shapes]:
            rate = numbers["learning_rate"].reshape(-1, *(1,) * (numbers[name].ndim - 1))
            numbers[name] = results[f"{name}_new{end}"] = numbers[name] - rate * slopes[name]
    shapes = program.shapes
    return {
        name: np.moveaxis(array, 0, -1).reshape(*shapes[name], VARIANTS)
        for name, array in results.items()
        if name in shapes
    }
