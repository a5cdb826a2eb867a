"""Room: exercises. The recurrent network: z = Wx x + Wh h + bh, h = f(z) at each time step, with the same weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from exercises.anatomy import bottom, parameter_role
from exercises.differentiation import differentiate
from exercises.expression import Symbol
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.losses import Loss
from exercises.families.mlp_draw import check_targets
from exercises.families.updates import Optimizer, trained
from exercises.families.usual import (
    activated,
    checked_activation,
    checked_count,
    checked_rounds,
    loss_step,
    settled_rate,
    usual_asks,
    usual_loss,
    usual_numbers,
)
from exercises.mistaken import Instead, Misconception
from exercises.operations.row import Array
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid
from exercises.telling import Letter, Telling

TIME_STEPS = "the time steps"
"""What is counted where the same weights are used again and again."""

MOST_STEPS, MOST_UNITS = 6, 6
"""Nobody works more by hand."""

OUTPUTS = ("identity", "sigmoid", "tanh", "softmax")


class RecurrentOptions(FamilyOptions, kw_only=True, frozen=True):
    time_steps: int = 2
    inputs: int = 1
    hidden: int = 2
    outputs: int = 1
    activation: Literal["tanh", "sigmoid"] = "tanh"
    output_activation: str = "identity"
    bias: bool = True
    initial: Literal["zero", "given"] = "zero"
    loss: str | None = None
    loss_at: Literal["last", "every"] = "last"
    optimizer: Optimizer | None = None
    rounds: int = 1
    fused: bool = True


def build(options: RecurrentOptions) -> Program:
    """The network unrolled in time: states, outputs, the loss, and the gradients through time, each use a path."""
    _check(options)
    loss = chosen_loss(options)
    givens, steps = _forward(options)
    outputs = [step for step in steps if step.name.startswith("a")]
    targets = [Symbol(f"y{step.name[1:]}", step.shape) for step in outputs]
    last, fused = loss_step(loss, outputs, targets, fused=options.fused)
    givens += [Given(y.name, y.shape, Role.TARGET) for y in targets]
    forward = Program(tuple(givens), (*steps, last), "J", _telling(options))
    program = differentiate(forward, constant={y.name for y in targets}, fused=fused)
    return trained(program, options.optimizer, options.rounds)


def _check(options: RecurrentOptions) -> None:
    checked_count(options.time_steps, 2, MOST_STEPS, "time_steps")
    for name in ("inputs", "hidden", "outputs"):
        checked_count(getattr(options, name), 1, MOST_UNITS, name)
    checked_rounds(options.rounds, options.optimizer)
    checked_activation(options.output_activation, "output_activation", OUTPUTS)


def chosen_loss(options: RecurrentOptions) -> Loss:
    return usual_loss(options.loss, options.output_activation)


def _forward(options: RecurrentOptions) -> tuple[list[Given], list[Step]]:
    """What is given but the targets, and the states and outputs of all time steps."""
    n, m, k = options.inputs, options.hidden, options.outputs
    Wx, Wh, bh = Symbol("Wx", (m, n)), Symbol("Wh", (m, m)), Symbol("bh", (m,))
    Wy, by = Symbol("Wy", (k, m)), Symbol("by", (k,))
    times = range(1, options.time_steps + 1)
    before = Symbol("h0", (m,)) if options.initial == "given" else None
    givens = [Given(f"x{t}", (n,), Role.INPUT) for t in times]
    givens += [Given("h0", (m,), Role.INPUT)] if before else []
    for W, b in ((Wx, None), (Wh, bh), (Wy, by)):
        givens += [Given(W.name, W.shape, Role.WEIGHT)]
        givens += [Given(b.name, b.shape, Role.BIAS)] if b and options.bias else []
    steps: list[Step] = []
    for t in times:
        z = Wx @ Symbol(f"x{t}", (n,))
        z = z + Wh @ before if before else z
        z = z + bh if options.bias else z
        steps.append(Step(f"z{t}", z, Part.FORWARD, Role.PREACTIVATION))
        h = activated(options.activation, Symbol(f"z{t}", (m,)))
        steps.append(Step(f"h{t}", h, Part.FORWARD, Role.ACTIVATION))
        before = Symbol(f"h{t}", (m,))
        if options.loss_at == "every" or t == options.time_steps:
            o = Wy @ before + by if options.bias else Wy @ before
            number = str(t) if options.loss_at == "every" else ""
            steps.append(Step(f"o{number}", o, Part.FORWARD, Role.PREACTIVATION))
            a = activated(options.output_activation, Symbol(f"o{number}", (k,)))
            steps.append(Step(f"a{number}", a, Part.FORWARD, Role.ACTIVATION))
    return givens, steps


def _telling(options: RecurrentOptions) -> Telling:
    every = options.loss_at == "every"
    times = range(1, options.time_steps + 1)
    places: dict[str, tuple[float, float]] = {f"x{t}": (t, 2) for t in times}
    places |= {f"h{t}": (t, 1) for t in times}
    places |= {"h0": (0, 1)} if options.initial == "given" else {}
    ends = [(str(t), t) for t in times] if every else [("", options.time_steps)]
    places |= {f"a{number}": (t, 0) for number, t in ends}
    places |= {f"y{number}": (t + 0.5, 0) for number, t in ends} if every else {"y": (options.time_steps + 2, 0)}
    places |= {"J": (options.time_steps / 2 + 0.75, -1.3) if every else (options.time_steps + 1, 0)}
    first = "1" if every else ""
    return Telling(
        description=f"A recurrent network over {counted(options.time_steps, 'time step')}, with "
        f"{counted(options.inputs, 'input')}, {counted(options.hidden, 'hidden unit')} and "
        f"{counted(options.outputs, 'output')}{' at each' if every else ' at the last'}; "
        "all time steps share their weights.",
        counts=TIME_STEPS,
        letters={
            "Wx": Letter("W", "x"),
            "Wh": Letter("W", "h"),
            "Wy": Letter("W", "y"),
            "bh": Letter("b", "h"),
            "by": Letter("b", "y"),
            "a": Letter("y", hat=True),
        },
        legend=(
            "{h1} is the hidden state after the first time step, which goes on into the next one.",
            f"{{a{first}}} is what the network puts out, {{y{first}}} what it should put out.",
        ),
        reasons={"z1": "Before the first time step the state is 0, so only the input comes in."}
        if options.initial == "zero"
        else {},
        places=places,
    )


def draws(options: RecurrentOptions, program: Program) -> Drawn:
    """Numbers that keep every unit lively at every time step; targets that suit the loss."""
    taken = {*options.given, *settled_rate(options.optimizer)}
    units = {
        step.reads[0]: options.activation if step.name.startswith("h") else options.output_activation
        for step in program.steps
        if step.role is Role.ACTIVATION and "@" not in step.name
    }
    drawn = usual_numbers(
        program,
        taken,
        units,
        output_activation=options.output_activation,
        loss=chosen_loss(options).name,
        difficulty=options.difficulty,
    )
    return starting_in_range(drawn, signed=options.activation == "tanh")


def starting_in_range(drawn: Drawn, *, signed: bool) -> Drawn:
    """Whatever state a network starts from is one that it could have come to: tanh stays between −1 and 1, a sigmoid
    between 0 and 1.
    """
    grid = Grid("0.1", "0.9", 1, signed=signed)
    return replace(drawn, slots=tuple(replace(slot, grid=grid) if slot.name == "h0" else slot for slot in drawn.slots))


def settled(options: RecurrentOptions) -> Mapping[str, float]:
    return settled_rate(options.optimizer)


def check(options: RecurrentOptions, given: Mapping[str, Array]) -> None:
    """InputError for targets that the loss can't read."""
    for name in given:
        if name.startswith("y"):
            check_targets(chosen_loss(options).name, {"y": given[name]})


def _last_time_step_only(program: Program, step: Step) -> Iterator[Instead]:
    """Where a gradient adds up the uses of a shared parameter at several time steps: only the last one."""
    telling = program.telling
    uses = [name for name in step.reads if program.roles[name] is Role.PATH]
    if telling is None or telling.counts != TIME_STEPS or len(uses) < 2 or not step.chain:
        return
    if parameter_role(program, bottom(step)) in (Role.WEIGHT, Role.BIAS):
        last = program.by_name[uses[-1]]
        yield Instead(program.symbol(last.name), {"result": step.name, "weight": bottom(step), "last": last.through})


LAST_TIME_STEP_ONLY = Misconception(
    code="last-time-step-only",
    sentence="{weight} is used at several time steps, and {result} adds up what comes from each; only its last use, "
    "in {last}, has been counted.",
    instead=_last_time_step_only,
    seen_at="Programs that cut the way back after one step, which frameworks offer as truncated backpropagation; the "
    "worked example thsis/INFOSYS takes one of the paths only, the longest.",
)

FAMILY = Family(
    "recurrent",
    "recurrent network over a few time steps: tanh or sigmoid, loss at the last or at every step",
    RecurrentOptions,
    build,
    draws,
    usual_asks,
    settled=settled,
    check=check,
    misconceptions=(LAST_TIME_STEP_ONLY,),
    examples=(
        {},
        {"time_steps": 3, "inputs": 2, "bias": False, "optimizer": {"name": "sgd"}},
        {"activation": "sigmoid", "loss_at": "every", "initial": "given", "outputs": 2},
        {"time_steps": 4, "hidden": 1, "output_activation": "sigmoid", "loss": "binary_cross_entropy"},
        {"loss_at": "every", "outputs": 2, "output_activation": "softmax", "bias": False},
    ),
)
