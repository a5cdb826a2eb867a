"""Room: exercises. Residual blocks: h = f(W h + b) + h, where the skip is a path of its own, and an output layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from exercises.expression import Apply, Expression, Symbol
from exercises.families.family import Drawn, Family, FamilyOptions
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
from exercises.mistaken import Instead, Misconception
from exercises.operations.row import Array
from exercises.operations.tensor import add_up
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.telling import Letter, Telling

MOST_BLOCKS, MOST_UNITS = 4, 6


class ResidualOptions(FamilyOptions, kw_only=True, frozen=True):
    blocks: int = 2
    width: int = 2
    outputs: int = 1
    activation: Literal["tanh", "sigmoid", "relu"] = "tanh"
    output_activation: str = "identity"
    bias: bool = True
    loss: str | None = None
    optimizer: Optimizer | None = None
    rounds: int = 1


def build(options: ResidualOptions) -> Program:
    """Blocks, a layer that reads out, the loss, and the gradients along both ways through each block."""
    checked_count(options.blocks, 1, MOST_BLOCKS, "blocks")
    checked_count(options.width, 1, MOST_UNITS, "width")
    checked_count(options.outputs, 1, MOST_UNITS, "outputs")
    checked_rounds(options.rounds, options.optimizer)
    checked_activation(options.output_activation, "output_activation")
    givens, steps = _forward(options)
    return finished(givens, steps, chosen_loss(options), _telling(options), options.optimizer, options.rounds)


def chosen_loss(options: ResidualOptions) -> Loss:
    return usual_loss(options.loss, options.output_activation)


def _forward(options: ResidualOptions) -> tuple[list[Given], list[Step]]:
    n = options.width
    before = Symbol("x", (n,))
    givens, steps = [Given("x", (n,), Role.INPUT)], list[Step]()
    for block in range(1, options.blocks + 1):
        W, b = Symbol(f"W{block}", (n, n)), Symbol(f"b{block}", (n,))
        parameters, weighted = affine(f"z{block}", W, b, before, bias=options.bias)
        givens += parameters
        z, a = Symbol(f"z{block}", (n,)), Symbol(f"a{block}", (n,))
        steps += [weighted, Step(a.name, activated(options.activation, z), Part.FORWARD, Role.ACTIVATION)]
        steps.append(Step(f"h{block}", a + before, Part.FORWARD, Role.ACTIVATION))
        before = Symbol(f"h{block}", (n,))
    k = options.outputs
    parameters, weighted = affine("o", Symbol("Wy", (k, n)), Symbol("by", (k,)), before, bias=options.bias)
    output = activated(options.output_activation, Symbol("o", (k,)))
    return [*givens, *parameters], [*steps, weighted, Step("a", output, Part.FORWARD, Role.ACTIVATION)]


def _telling(options: ResidualOptions) -> Telling:
    blocks = range(1, options.blocks + 1)
    places: dict[str, tuple[float, float]] = {"x": (0, 0)}
    for block in blocks:
        places |= {f"a{block}": (2 * block - 1, 0), f"h{block}": (2 * block, 0)}
    end = 2 * options.blocks
    places |= {"a": (end + 1, 0), "J": (end + 2, 0), "y": (end + 2, 1)}
    return Telling(
        description=f"A network of {counted(options.blocks, 'residual block')}, each of "
        f"{counted(options.width, 'unit')} with a skip from its input to its output, and "
        f"{counted(options.outputs, 'output')}.",
        counts="the blocks",
        letters={
            "Wy": Letter("W", "y"),
            "by": Letter("b", "y"),
            "a": Letter("y", hat=True),
            **{f"a{block}": Letter("a") for block in blocks},
        },
        legend=(
            "{h1} is what leaves the first block: what its units make of {x}, and {x} itself by way of the skip.",
            "{a} is what the network puts out, {y} what it should put out.",
        ),
        reasons={"h": "{} is what the units of the block put out, and what came into the block is added as it is."},
        places=places,
    )


def draws(options: ResidualOptions, program: Program) -> Drawn:
    taken = {*options.given, *settled_rate(options.optimizer)}
    units = {f"z{block}": options.activation for block in range(1, options.blocks + 1)}
    return usual_numbers(
        program,
        taken,
        {**units, "o": options.output_activation},
        output_activation=options.output_activation,
        loss=chosen_loss(options).name,
        difficulty=options.difficulty,
    )


def asks(program: Program) -> tuple[str, ...]:
    """What is usually asked, and the gradients where the ways through a block and past it come together."""
    usual = usual_asks(program)
    forks = {step.name for step in program.steps if step.role is Role.GRADIENT and _skips(program, step)}
    return tuple(step.name for step in program.steps if step.name in usual or step.name in forks)


def settled(options: ResidualOptions) -> Mapping[str, float]:
    return settled_rate(options.optimizer)


def check(options: ResidualOptions, given: Mapping[str, Array]) -> None:
    """InputError for targets that the loss can't read."""
    check_targets(chosen_loss(options).name, given)


def _added(step: Step) -> tuple[Symbol, Symbol] | None:
    """What a block's units put out, and what skips them, where the step adds the two."""
    expression = step.expression
    if not isinstance(expression, Apply) or expression.operation != "add" or step.role is not Role.ACTIVATION:
        return None
    symbols = [term for term in expression.arguments if isinstance(term, Symbol)]
    return (symbols[0], symbols[1]) if len(symbols) == len(expression.arguments) == 2 else None


def _skips(program: Program, step: Step) -> list[Step]:
    """The paths of a gradient that come straight past a block."""
    paths = [program.by_name[name] for name in step.reads if program.roles[name] is Role.PATH]
    found = []
    for path in paths:
        added = _added(program.by_name[path.through]) if path.through else None
        if added is not None and path.chain[-1].bottom == added[1].name:
            found.append(path)
    return found


def _skip_dropped(program: Program, step: Step) -> Iterator[Instead]:
    """On the way back (variant 1), and on the way forward (variant 2)."""
    added = _added(step)
    if added is not None:
        yield Instead(added[0], {"result": step.name, "skipped": added[1].name}, 2)
    skips = _skips(program, step)
    if skips:
        rest: list[Expression] = [
            program.symbol(name) for name in step.reads if name not in [skip.name for skip in skips]
        ]
        yield Instead(add_up(rest), {"result": step.name, "skipped": skips[0].chain[-1].bottom}, 1)


SKIP_DROPPED = Misconception(
    code="skip-dropped",
    sentence="In {result} the way straight past the block is missing, on which {skipped} is added as it is.",
    instead=_skip_dropped,
    seen_at="The skip has no weights and so is easily overlooked on the way back, although it is why deep residual "
    "networks can be trained (He and others 2015 write 1 + ∂F/∂x); no printed example is known to us.",
)

FAMILY = Family(
    "residual",
    "residual blocks, each with a skip past its units, and a layer that reads out",
    ResidualOptions,
    build,
    draws,
    asks,
    settled=settled,
    check=check,
    misconceptions=(SKIP_DROPPED,),
    examples=(
        {},
        {"blocks": 1, "width": 3, "activation": "sigmoid", "optimizer": {"name": "sgd"}},
        {"activation": "relu", "bias": False},
        {"blocks": 3, "width": 2, "outputs": 2, "output_activation": "softmax"},
    ),
)
