"""Room: exercises. The layered perceptron: z = W a + b and a = f(z) for each layer, a loss, and perhaps an update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from exercises.differentiation import differentiate
from exercises.errors import InputError
from exercises.expression import Symbol
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.losses import Loss
from exercises.families.mlp_draw import check_targets, drawn_network
from exercises.families.updates import Optimizer, fine_places, trained
from exercises.families.usual import (
    activated,
    checked_activation,
    scaled,
    settled_rate,
    usual_asks,
    usual_loss,
)
from exercises.operations.row import Array
from exercises.operations.tensor import spread
from exercises.precision import Places
from exercises.program import Given, Part, Program, Role, Step

MOST_UNITS = 64
MOST_LAYERS = 12
"""Nobody works larger networks by hand, and every cell of them is a line."""


class MlpOptions(FamilyOptions, kw_only=True, frozen=True):
    layers: tuple[int, ...] = (2, 2, 1)
    activations: str | tuple[str, ...] = "sigmoid"
    bias: bool | Literal["shared"] = True
    update_bias: bool = True
    loss: str | None = None
    reduction: Literal["mean", "sum"] = "mean"
    optimizer: Optimizer | None = None
    rounds: int = 1
    examples: int | None = None
    fused: bool = True
    leaky_slope: float = 0.01


def layer_activations(options: MlpOptions) -> tuple[str, ...]:
    """One activation a layer; InputError for unknown ones or a list of the wrong length."""
    count = len(options.layers) - 1
    wished = options.activations
    names = (wished,) * count if isinstance(wished, str) else tuple(wished)
    for name in names:
        checked_activation(name, "activations")
    if len(names) != count:
        raise InputError(
            f"expected {count} names for layers = {list(options.layers)} (one after each arrow), or one name for all; "
            f"found {len(names)}",
            where="activations",
        )
    return names


def chosen_loss(options: MlpOptions, output_activation: str) -> Loss:
    """The loss asked for, or the usual one; InputError where it isn't defined for the output's activation."""
    return usual_loss(options.loss, output_activation)


def example_count(options: MlpOptions) -> int | None:
    """How many training examples there are; None for a single one, whose quantities have no index for it."""
    counts = {
        name: len(value)
        for name in ("x", "y")
        if isinstance(value := options.given.get(name), list) and value and isinstance(value[0], list)
    }
    if options.examples is not None:
        counts["examples"] = options.examples
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise InputError(f"the number of training examples differs: {found}", where="given")
    count = next(iter(counts.values()), None)
    if count is not None and not 1 <= count <= MOST_UNITS:
        raise InputError(f"expected 1 to {MOST_UNITS} training examples, found {count}", where="examples")
    return None if count == 1 and "examples" in counts and len(counts) == 1 else count


def _check_layers(options: MlpOptions) -> None:
    sizes = options.layers
    if not 2 <= len(sizes) <= MOST_LAYERS + 1 or not all(1 <= size <= MOST_UNITS for size in sizes):
        raise InputError(
            f"expected the input's size and then one size a layer, as in [2, 2, 1], each from 1 to {MOST_UNITS}; "
            f"found {list(sizes)}",
            where="layers",
        )
    if options.rounds < 1 or options.rounds > 100:
        raise InputError(f"expected 1 to 100 rounds, found {options.rounds}", where="rounds")
    if options.rounds > 1 and options.optimizer is None:
        raise InputError(
            'a second round needs updated weights; add optimizer = { name = "sgd", learning_rate = 0.1 }',
            where="rounds",
        )


def build(options: MlpOptions) -> Program:
    """The whole exercise: forward pass, loss, backward pass, update, as many rounds as asked for."""
    _check_layers(options)
    names = layer_activations(options)
    loss = chosen_loss(options, names[-1])
    examples = example_count(options)
    tail = () if examples is None else (examples,)
    givens, steps = _forward(options, names, tail)
    outputs = Symbol(steps[-1].name, steps[-1].shape)
    y = Symbol("y", outputs.shape)
    givens.append(Given("y", y.shape, Role.TARGET))
    scale = _scale(options, loss, outputs, examples or 1)
    steps.append(Step("J", scaled(scale, loss.of(outputs, y)), Part.LOSS, Role.LOSS))
    forward = Program(tuple(givens), tuple(steps), "J")
    shortcut = loss.fused.get(names[-1]) if options.fused else None
    fused = None
    if shortcut is not None:
        fused = {"J": {f"z{len(names)}": scaled(scale, shortcut(outputs, y))}}
    program = differentiate(forward, constant={"y"}, fused=fused)
    fixed = () if options.update_bias else tuple(given.name for given in givens if given.role is Role.BIAS)
    return trained(program, options.optimizer, options.rounds, fixed=fixed)


def _forward(options: MlpOptions, names: tuple[str, ...], tail: tuple[int, ...]) -> tuple[list[Given], list[Step]]:
    givens = [Given("x", (options.layers[0], *tail), Role.INPUT)]
    steps: list[Step] = []
    a = Symbol("x", givens[0].shape)
    for number, (fan_in, size, name) in enumerate(
        zip(options.layers, options.layers[1:], names, strict=False), start=1
    ):
        W = Symbol(f"W{number}", (size, fan_in))
        givens.append(Given(W.name, W.shape, Role.WEIGHT))
        z = W @ a
        if options.bias:
            b = Symbol(f"b{number}", () if options.bias == "shared" else (size,))
            givens.append(Given(b.name, b.shape, Role.BIAS))
            z = z + (spread(b, (1,), tail) if tail and b.shape else b)
        steps.append(Step(f"z{number}", z, Part.FORWARD, Role.PREACTIVATION))
        activation = activated(name, Symbol(f"z{number}", z.shape), options.leaky_slope)
        steps.append(Step(f"a{number}", activation, Part.FORWARD, Role.ACTIVATION))
        a = Symbol(f"a{number}", z.shape)
    return givens, steps


def _scale(options: MlpOptions, loss: Loss, outputs: Symbol, examples: int) -> Fraction:
    """What a sum over outputs and examples is multiplied with."""
    over = outputs.shape[0] if loss.over_outputs else 1
    return Fraction(1, over * (examples if options.reduction == "mean" else 1))


def draws(options: MlpOptions, program: Program) -> Drawn:
    """Numbers that keep every unit lively; targets that suit the loss."""
    names = layer_activations(options)
    loss = chosen_loss(options, names[-1]).name
    taken = {*options.given, *settled(options)}
    return drawn_network(program, names, loss, taken, by_head=options.difficulty == "no-calculator")


def settled(options: MlpOptions) -> dict[str, float]:
    """The learning rate, where the optimizer names one, and its other settings."""
    return settled_rate(options.optimizer)


def places(options: MlpOptions, program: Program) -> Mapping[str, Places]:
    """Means of squares in significant figures."""
    return fine_places(options.optimizer, program)


def check(options: MlpOptions, given: Mapping[str, Array]) -> None:
    """InputError for targets that the loss can't read."""
    check_targets(chosen_loss(options, layer_activations(options)[-1]).name, given)


FAMILY = Family(
    "mlp",
    "layered perceptron: any layers and activations, five losses, six optimizers",
    MlpOptions,
    build,
    draws,
    usual_asks,
    settled=settled,
    places=places,
    check=check,
    examples=(
        {"optimizer": {"name": "sgd"}},
        {"layers": [3, 2, 3], "activations": ["relu", "softmax"]},
        {"activations": ["leaky_relu", "sigmoid"], "loss": "binary_cross_entropy", "bias": "shared"},
        {"layers": [2, 2, 2], "activations": ["softplus", "tanh"], "loss": "mean_squared_error", "examples": 2},
        {"layers": [2, 3], "activations": "softmax", "fused": False},
    ),
)

NEURON = replace(
    FAMILY,
    name="neuron",
    summary="a single neuron (an mlp of one layer with one unit)",
    preset={"layers": (2, 1)},
    examples=(),
)
CHAIN = replace(
    FAMILY,
    name="chain",
    summary="a scalar chain 1-1-1 (an mlp with one unit a layer)",
    preset={"layers": (1, 1, 1)},
    examples=(),
)
