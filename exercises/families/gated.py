"""Room: exercises. What LSTM and GRU have in common: gates with weights of their own, time steps, a loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from exercises.differentiation import differentiate
from exercises.expression import Expression, Symbol
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.losses import LOSSES
from exercises.families.recurrent import LAST_TIME_STEP_ONLY, starting_in_range
from exercises.families.updates import Optimizer, fine_places, trained
from exercises.families.usual import (
    activated,
    checked_count,
    checked_rounds,
    loss_step,
    settled_rate,
    usual_asks,
    usual_numbers,
)
from exercises.precision import Places
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.telling import Letter

MOST_STEPS, MOST_UNITS = 3, 3
"""Nobody works more by hand: a gate is a layer, and there are three or four of them a step."""


class GatedOptions(FamilyOptions, kw_only=True, frozen=True):
    time_steps: int = 1
    inputs: int = 2
    hidden: int = 1
    bias: bool = True
    loss: Literal["half_squared_error", "squared_error"] = "half_squared_error"
    loss_at: Literal["last", "every"] = "last"
    optimizer: Optimizer | None = None
    rounds: int = 1


def check_sizes(options: GatedOptions) -> None:
    """InputError for more than anyone works by hand."""
    checked_count(options.time_steps, 1, MOST_STEPS, "time_steps")
    checked_count(options.inputs, 1, MOST_UNITS, "inputs")
    checked_count(options.hidden, 1, MOST_UNITS, "hidden")
    checked_rounds(options.rounds, options.optimizer)


def parameters(options: GatedOptions, gates: Iterable[str]) -> list[Given]:
    """Every gate's weights from the input, from the state before, and its bias."""
    n, m = options.inputs, options.hidden
    found: list[Given] = []
    for gate in gates:
        found += [Given(f"Wx{gate}", (m, n), Role.WEIGHT), Given(f"Wh{gate}", (m, m), Role.WEIGHT)]
        found += [Given(f"b{gate}", (m,), Role.BIAS)] if options.bias else []
    return found


def inputs(options: GatedOptions, kept: Sequence[str]) -> list[Given]:
    """The input of every time step, and what the cell starts from."""
    given = [Given(f"x{t}", (options.inputs,), Role.INPUT) for t in range(1, options.time_steps + 1)]
    return given + [Given(f"{name}0", (options.hidden,), Role.INPUT) for name in kept]


def gate(options: GatedOptions, name: str, t: int, state: Expression, function: str) -> list[Step]:
    """``zi = Wxi x + Whi h + bi`` and ``i = σ(zi)`` at one time step; ``state`` is what Wh is applied to."""
    n, m = options.inputs, options.hidden
    z = Symbol(f"Wx{name}", (m, n)) @ Symbol(f"x{t}", (n,)) + Symbol(f"Wh{name}", (m, m)) @ state
    z = z + Symbol(f"b{name}", (m,)) if options.bias else z
    return [
        Step(f"z{name}{t}", z, Part.FORWARD, Role.PREACTIVATION),
        Step(f"{name}{t}", activated(function, Symbol(f"z{name}{t}", (m,))), Part.FORWARD, Role.ACTIVATION),
    ]


def finished(options: GatedOptions, forward: Program) -> Program:
    """Loss, gradients through time, and the update, put behind the cells of all time steps."""
    times = range(1, options.time_steps + 1) if options.loss_at == "every" else (options.time_steps,)
    every = options.loss_at == "every"
    outputs = [forward.by_name[f"h{t}"] for t in times]
    targets = [Symbol(f"y{t}" if every else "y", out.shape) for t, out in zip(times, outputs, strict=True)]
    loss, _ = loss_step(LOSSES[options.loss], outputs, targets)
    program = forward.with_steps([loss], [Given(y.name, y.shape, Role.TARGET) for y in targets])
    program = differentiate(program, constant={y.name for y in targets})
    return trained(program, options.optimizer, options.rounds)


def letters(gates: Iterable[str]) -> dict[str, Letter]:
    """Every gate's own letter below those of its weights."""
    own = ("Wx", "Wh", "b", "z")
    return {f"{letter}{gate}": Letter(letter[0], letter[1:] + gate) for gate in gates for letter in own}


def size_of(options: GatedOptions) -> str:
    return (
        f"over {counted(options.time_steps, 'time step')}, with {counted(options.inputs, 'input')} and "
        f"{counted(options.hidden, 'hidden unit')}"
        + ("; all time steps share their weights" if options.time_steps > 1 else "")
    )


def draws(options: GatedOptions, program: Program) -> Drawn:
    """Numbers that leave every gate half open, at every time step."""
    taken = {*options.given, *settled_rate(options.optimizer)}
    units = {
        step.reads[0]: getattr(step.expression, "operation", "")
        for step in program.steps
        if step.role is Role.ACTIVATION and "@" not in step.name
    }
    drawn = usual_numbers(
        program, taken, units, output_activation="tanh", loss=options.loss, difficulty=options.difficulty
    )
    return starting_in_range(drawn, signed=True)


def asks(program: Program) -> tuple[str, ...]:
    """What is usually asked, and the states of every time step."""
    wanted = set(usual_asks(program))
    return tuple(s.name for s in program.steps if s.name in wanted or s.role is Role.LINE)


def settled(options: GatedOptions) -> Mapping[str, float]:
    return settled_rate(options.optimizer)


def places(options: GatedOptions, program: Program) -> dict[str, Places]:
    return fine_places(options.optimizer, program)


def cell(name: str, summary: str, options: type[GatedOptions], build: Callable[[Any], Program]) -> Family:
    """The family of one kind of cell: all but its forward pass is as with the others."""
    return Family(
        name,
        summary,
        options,
        build,
        draws,
        asks,
        settled=settled,
        places=places,
        misconceptions=(LAST_TIME_STEP_ONLY,),
        examples=(
            {},
            {"time_steps": 2, "inputs": 1},
            {"time_steps": 2, "loss_at": "every", "bias": False, "optimizer": {"name": "sgd"}},
            {"hidden": 2, "inputs": 1},
        ),
    )
