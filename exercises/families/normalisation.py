"""Room: exercises. Normalisation: x less its mean, over its spread, then γ and β; mean and spread are paths too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

from exercises.anatomy import ones
from exercises.differentiation import differentiate
from exercises.errors import InputError
from exercises.expression import Expression, Symbol, apply, substitute
from exercises.families.by_head import checked_by_head
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.losses import LOSSES
from exercises.families.mlp_draw import slot_for
from exercises.families.updates import Optimizer, fine_places, trained
from exercises.families.usual import checked_count, checked_rounds, scaled, settled_rate
from exercises.mistaken import Instead, Misconception
from exercises.operations.tensor import add_up, mean, spread
from exercises.precision import Places
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling
from exercises.tidy import tidy

MOST = 6

EPSILON = 1e-5
"""What the libraries add to the variance."""

LIVELY_SPREAD = (0.3, 3.0)
"""A smaller spread makes all gradients large, a larger one makes them small."""


class NormalisationOptions(FamilyOptions, kw_only=True, frozen=True):
    over: Literal["batch", "layer"] = "batch"
    features: int | None = None
    examples: int | None = None
    epsilon: float = EPSILON
    loss: Literal["half_squared_error", "squared_error"] = "half_squared_error"
    reduction: Literal["mean", "sum"] = "mean"
    optimizer: Optimizer | None = None
    rounds: int = 1


def sizes(options: NormalisationOptions) -> tuple[int, int]:
    """Features and examples; at least three of what is normalised over, since two always come out as 1 and −1."""
    batch = options.over == "batch"
    features = checked_count(options.features or (1 if batch else 3), 1 if batch else 3, MOST, "features")
    examples = checked_count(options.examples or (3 if batch else 1), 3 if batch else 1, MOST, "examples")
    return features, examples


def build(options: NormalisationOptions) -> Program:
    """Mean, differences from it, variance, spread, normalised values; scale and shift; loss; and all the way back."""
    features, examples = sizes(options)
    if not 0 < options.epsilon < 1:
        raise InputError(f"expected more than 0 and less than 1, found {options.epsilon:g}", where="epsilon")
    checked_rounds(options.rounds, options.optimizer)
    shape = tuple(size for size in (features, examples) if size > 1)
    batch = options.over == "batch"
    axis = len(shape) - 1 if batch else 0
    statistic = shape[:axis] + shape[axis + 1 :]
    scaled_by = (features,) if features > 1 else ()

    def along(name: str) -> Expression:
        symbol = Symbol(name, statistic)
        return spread(symbol, (axis,), (shape[axis],)) if statistic else symbol

    def by_feature(name: str) -> Expression:
        symbol = Symbol(name, scaled_by)
        return spread(symbol, (1,), (examples,)) if scaled_by and examples > 1 else symbol

    x, d, n, a, y = (Symbol(name, shape) for name in "xdnay")
    lines = {
        "m": mean(x, (axis,)),
        "d": x - along("m"),
        "v": mean(apply("square", d), (axis,)),
        "s": apply("sqrt", Symbol("v", statistic) + Symbol("epsilon")),
        "n": d / along("s"),
        "a": by_feature("gamma") * n + by_feature("beta"),
    }
    scale = Fraction(1, examples if options.reduction == "mean" else 1)
    loss = scaled(scale, LOSSES[options.loss].of(a, y))
    steps = [Step(name, expression, Part.FORWARD, Role.LINE) for name, expression in lines.items()]
    givens = (
        Given("x", shape, Role.INPUT),
        Given("gamma", scaled_by, Role.WEIGHT),
        Given("beta", scaled_by, Role.BIAS),
        Given("epsilon", (), Role.COEFFICIENT),
        Given("y", shape, Role.TARGET),
    )
    forward = Program(givens, (*steps, Step("J", loss, Part.LOSS, Role.LOSS)), "J", _telling(options))
    program = differentiate(forward, constant={"y", "epsilon"})
    return trained(program, options.optimizer, options.rounds)


def _telling(options: NormalisationOptions) -> Telling:
    both = features, examples = sizes(options)
    batch = options.over == "batch"
    each = "each feature over all examples" if batch else "each example over all features"
    first = "feature" if batch else "example"
    many = counted(features, "feature") + (f", {counted(examples, 'example')}" if examples > 1 else "")
    return Telling(
        description=f"{options.over.capitalize()} normalisation of {many}: {each}.",
        letters={
            "m": Letter("μ"),
            "n": Letter("x", hat=True),
            "gamma": Letter("γ"),
            "beta": Letter("β"),
        },
        legend=(
            *(("The first index counts the features, the second the examples: {x}.",) if min(both) > 1 else ()),
            f"{{m}} is the mean of a {first}, {{v}} its variance, {{s}} its spread (the standard deviation).",
            "{d} is how far a number is from the mean, {n} the same in units of the spread.",
            "{gamma} and {beta} are learnt: scale and shift of what comes out, {a}; {y} is what should come out.",
        ),
        reasons=_REASONS,
        places={"x": (0, 1), "m": (1, 0), "d": (2, 1), "v": (3, 0), "s": (4, 0), "n": (5, 1), "a": (6, 1), "J": (7, 1)},
    )


_REASONS = {
    "m": "The mean: all are added up and divided by how many there are.",
    "d": "How far each is from the mean.",
    "v": "The variance is the mean of the squares.",
    "s": "Its root is the spread; {epsilon} keeps it off 0.",
    "n": "Now the mean is 0 and the spread 1, whatever came in.",
    "a": "Scale and shift are the network's own to learn.",
}


def draws(options: NormalisationOptions, program: Program) -> Drawn:
    """Numbers with a spread that can be seen."""
    if options.difficulty == "no-calculator":
        checked_by_head(program)
    taken = {*options.given, *settled(options)}
    slots = tuple(_slot(given) for given in program.givens if given.name not in taken)
    return Drawn(slots, within={"s": LIVELY_SPREAD})


def _slot(given: Given) -> Slot:
    if given.role in (Role.INPUT, Role.TARGET):
        return Slot(given.name, given.shape, Grid("0.2", "2.9", 1, signed=True))
    return slot_for(given, "identity", "half_squared_error")


def settled(options: NormalisationOptions) -> Mapping[str, float]:
    return {"epsilon": options.epsilon, **settled_rate(options.optimizer)}


def asks(program: Program) -> tuple[str, ...]:
    """Every line of the forward pass, and the gradient of each quantity as a whole."""
    wanted = (Role.LINE, Role.LOSS, Role.GRADIENT, Role.UPDATED)
    return tuple(step.name for step in program.steps if step.role in wanted)


def places(options: NormalisationOptions, program: Program) -> dict[str, Places]:
    return fine_places(options.optimizer, program)


def _statistics_held_constant(program: Program, step: Step) -> Iterator[Instead]:
    """Where paths meet: those through mean and variance left out."""
    if "n" not in program.by_name or program.by_name["n"].role is not Role.LINE:
        return
    paths = [program.by_name[name] for name in step.reads if program.roles[name] is Role.PATH]
    kept = [path for path in paths if path.through.partition("@")[0] not in ("m", "v", "s")]
    if kept and len(kept) < len(paths):
        left_out = next(path for path in paths if path not in kept)
        places = {"result": step.name, "statistic": left_out.through}
        yield Instead(add_up([program.symbol(path.name) for path in kept]), places)


STATISTICS_HELD_CONSTANT = Misconception(
    code="statistics-held-constant",
    sentence="{statistic} changes with every number that it is made of, so {result} has a path through it as well.",
    instead=_statistics_held_constant,
    seen_at="When a network is used its statistics are constants; taken over to training, where they are not, that "
    "leaves two of three paths out.",
)


def _omit_scale(program: Program, step: Step) -> Iterator[Instead]:
    """γ, or the √dₖ of attention, left out on the way through."""
    for scale in ("gamma", "dk"):
        if scale in step.reads and scale in program.shapes and step.name.partition("@")[0] != "a":
            wrong = _without(step.expression, program.symbol(scale))
            yield Instead(wrong, {"result": step.name, "scale": scale})


def _without(expression: Expression, scale: Symbol) -> Expression:
    return tidy(substitute(expression, {scale.name: ones(scale)}))


OMIT_SCALE = Misconception(
    code="omit-scale",
    sentence="What goes through {result} is scaled by {scale}, which is missing.",
    instead=_omit_scale,
    seen_at="Both scales are a line of their own in the forward pass and a factor in a longer line on the way back.",
)

FAMILY = Family(
    "normalisation",
    "batch or layer normalisation with scale and shift, and the full way back through mean and variance",
    NormalisationOptions,
    build,
    draws,
    asks,
    settled=settled,
    places=places,
    misconceptions=(STATISTICS_HELD_CONSTANT, OMIT_SCALE),
    examples=(
        {},
        {"over": "layer"},
        {"features": 2, "examples": 4, "reduction": "sum"},
        {"over": "layer", "features": 4, "examples": 2, "optimizer": {"name": "sgd"}},
    ),
)
