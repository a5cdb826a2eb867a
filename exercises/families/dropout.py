"""Room: exercises. Dropout: hidden units are multiplied by a mask that is given, and those that stay are scaled up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np

from exercises.anatomy import gone_through, read, upstream
from exercises.errors import InputError
from exercises.expression import Symbol
from exercises.families.family import Drawn, Family, FamilyOptions, Goal
from exercises.families.losses import Loss
from exercises.families.mlp_draw import check_targets
from exercises.families.optimizers import Optimizer
from exercises.families.usual import (
    activated,
    affine,
    checked_activation,
    checked_count,
    checked_rounds,
    finished,
    settled_rate,
    usual_asks,
    usual_loss,
    usual_numbers,
)
from exercises.mistaken import Instead, Kind, Misconception
from exercises.operations.row import Array, Mask
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling

MOST_LAYERS, MOST_UNITS = 5, 6

KEPT = "q"
"""The share of units that stay."""


class DropoutOptions(FamilyOptions, kw_only=True, frozen=True):
    layers: tuple[int, ...] = (2, 3, 1)
    activation: Literal["sigmoid", "tanh", "relu"] = "sigmoid"
    output_activation: str = "identity"
    rate: float = 0.5
    bias: bool = True
    loss: str | None = None
    optimizer: Optimizer | None = None
    rounds: int = 1


def build(options: DropoutOptions) -> Program:
    """Each hidden layer works, then some of its units are switched off; the mask is the same on the way back."""
    _check(options)
    givens, steps = _forward(options)
    return finished(
        [*givens, Given(KEPT, (), Role.MASK)],
        steps,
        chosen_loss(options),
        _telling(options),
        options.optimizer,
        options.rounds,
    )


def _check(options: DropoutOptions) -> None:
    if not 3 <= len(options.layers) <= MOST_LAYERS:
        raise InputError(
            f"expected the sizes of inputs, 1 to {MOST_LAYERS - 2} hidden layers and outputs, as in [2, 3, 1]; found "
            f"{list(options.layers)}",
            where="layers",
        )
    for size in options.layers:
        checked_count(size, 1, MOST_UNITS, "layers")
    if not 0 < options.rate < 1:
        raise InputError(
            f"expected the share of units that are dropped, between 0 and 1, found {options.rate}", where="rate"
        )
    checked_rounds(options.rounds, options.optimizer)
    checked_activation(options.output_activation, "output_activation")


def chosen_loss(options: DropoutOptions) -> Loss:
    return usual_loss(options.loss, options.output_activation)


def _forward(options: DropoutOptions) -> tuple[list[Given], list[Step]]:
    givens, steps = [Given("x", (options.layers[0],), Role.INPUT)], list[Step]()
    before = Symbol("x", (options.layers[0],))
    last = len(options.layers) - 1
    for layer, size in enumerate(options.layers[1:], start=1):
        W, b = Symbol(f"W{layer}", (size, *before.shape)), Symbol(f"b{layer}", (size,))
        z, a = Symbol(f"z{layer}", (size,)), Symbol(f"a{layer}", (size,))
        parameters, weighted = affine(z.name, W, b, before, bias=options.bias)
        givens += parameters
        function = options.output_activation if layer == last else options.activation
        steps += [weighted, Step(a.name, activated(function, z), Part.FORWARD, Role.ACTIVATION)]
        if layer < last:
            m, d = Symbol(f"m{layer}", (size,)), Symbol(f"d{layer}", (size,))
            givens.append(Given(m.name, m.shape, Role.MASK))
            steps.append(Step(d.name, (m * a) / Symbol(KEPT), Part.FORWARD, Role.ACTIVATION))
            before = d
    return givens, steps


def _telling(options: DropoutOptions) -> Telling:
    last = len(options.layers) - 1
    places: dict[str, tuple[float, float]] = {"x": (0, 0)}
    for layer in range(1, last):
        places |= {f"a{layer}": (2 * layer - 1, 0), f"d{layer}": (2 * layer, 0), f"m{layer}": (2 * layer, 1)}
    places |= {f"a{last}": (2 * last - 1, 0), "J": (2 * last, 0), "y": (2 * last, 1)}
    hidden = [counted(size, "hidden unit") for size in options.layers[1:-1]]
    return Telling(
        description=f"A network with {counted(options.layers[0], 'input')}, {' and '.join(hidden)} and "
        f"{counted(options.layers[-1], 'output')}; dropout with a rate of {options.rate:g} after each hidden layer, "
        "with the mask given.",
        counts="the layers",
        letters={f"a{last}": Letter("y", hat=True, numbered=False)},
        legend=(
            "{m1} is the mask: 1 where a unit stays, 0 where it is dropped; {d1} is what goes on from the layer.",
            "{q} is the share of units that stay in the long run, 1 minus the rate.",
            f"{{a{last}}} is what the network puts out, {{y}} what it should put out.",
        ),
        reasons={
            "d": "Units with 0 in the mask are dropped; the others are divided by {q}, so that on the whole the next "
            "layer gets as much as without dropout."
        },
        places=places,
    )


def draws(options: DropoutOptions, program: Program) -> Drawn:
    """Numbers as for any network, and masks that drop as many units on every sheet."""
    masks = [given for given in program.givens if given.role is Role.MASK and given.shape]
    taken = {*options.given, *settled(options), *(mask.name for mask in masks)}
    units = {f"z{layer}": options.activation for layer in range(1, len(options.layers) - 1)}
    drawn = usual_numbers(
        program,
        taken,
        {**units, f"z{len(options.layers) - 1}": options.output_activation},
        output_activation=options.output_activation,
        loss=chosen_loss(options).name,
        difficulty=options.difficulty,
    )
    open_masks = [mask for mask in masks if mask.name not in options.given]
    slots = [Slot(mask.name, mask.shape, Grid(0, 1, 0, excluded=()), distinct=False) for mask in open_masks]
    goals = (_some_stay(options, open_masks),) if open_masks else ()
    return Drawn((*drawn.slots, *slots), drawn.within, drawn.one_hot, {}, goals)


def _some_stay(options: DropoutOptions, masks: Sequence[Given]) -> Goal:
    """As many units are dropped on every sheet: the share that the rate says, but at least one, and never all."""
    wanted = {mask.name: max(1, min(mask.shape[0] - 1, int(mask.shape[0] * options.rate))) for mask in masks}

    def met(values: Mapping[str, Array]) -> Mask:
        dropped = [(values[name] == 0).sum(axis=0) == count for name, count in wanted.items()]
        return np.asarray(np.all(dropped, axis=0))

    return Goal("mask", "not as many units are dropped as on the other sheets", met)


def settled(options: DropoutOptions) -> Mapping[str, float]:
    return {KEPT: float(1 - Fraction(str(options.rate))), **settled_rate(options.optimizer)}


def check(options: DropoutOptions, given: Mapping[str, Array]) -> None:
    """InputError for targets that the loss can't read, and for masks with other numbers than 0 and 1."""
    check_targets(chosen_loss(options).name, given)
    for name, array in given.items():
        if name.startswith("m") and not ((array == 0) | (array == 1)).all():
            raise InputError("expected 0 where a unit is dropped and 1 where it stays", where=name)


def _masked(program: Program, step: Step) -> tuple[Symbol, Symbol] | None:
    """The mask and what it is laid on, for the step that does so, and for the gradient that goes back through it."""
    forward = step if step.role is Role.ACTIVATION else gone_through(program, step, Role.ACTIVATION)
    mask = read(program, forward, Role.MASK) if forward is not None else None
    a = read(program, forward, Role.ACTIVATION) if forward is not None else None
    return (mask, a) if mask is not None and a is not None else None


def _mask_dropped(program: Program, step: Step) -> Iterator[Instead]:
    """On the way back (variant 1), and on the way forward (variant 2)."""
    found = _masked(program, step)
    if found is None:
        return
    mask, a = found
    g = upstream(program, step)
    yield Instead(a if g is None else g, {"result": step.name, "mask": mask.name}, 2 if g is None else 1)


MASK_DROPPED = Misconception(
    code="mask-dropped",
    sentence="{result} takes no notice of the mask {mask}: what was dropped on the way forward is dropped on the way "
    "back too, and what stays is scaled there as well.",
    instead=_mask_dropped,
    seen_at="Programs that draw a mask on the way forward and don't keep it for the way back (forum questions about "
    "dropout written by hand); no printed example is known to us.",
)


def _mask_unscaled(program: Program, step: Step) -> Iterator[Instead]:
    found = _masked(program, step)
    if found is not None:
        mask, a = found
        g = upstream(program, step)
        yield Instead(mask * (a if g is None else g), {"result": step.name, "mask": mask.name})


MASK_UNSCALED = Misconception(
    code="mask-unscaled",
    sentence="In {result} the values that the mask {mask} lets through are still to be divided by the share of units "
    "that stay; here dropout is of the inverted kind.",
    instead=_mask_unscaled,
    seen_at="The first paper on dropout (Hinton and others 2012) scales the weights down at test time and nothing in "
    "training; libraries scale up in training.",
    kind=Kind.CONVENTION,
)

FAMILY = Family(
    "dropout",
    "a network with dropout after its hidden layers, the mask given, what stays scaled up",
    DropoutOptions,
    build,
    draws,
    usual_asks,
    settled=settled,
    check=check,
    misconceptions=(MASK_DROPPED, MASK_UNSCALED),
    examples=(
        {},
        {"layers": [3, 4, 2], "activation": "tanh", "rate": 0.25, "output_activation": "softmax"},
        {"layers": [2, 3, 2, 1], "bias": False, "optimizer": {"name": "sgd"}},
    ),
)
