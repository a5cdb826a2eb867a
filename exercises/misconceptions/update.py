"""Room: exercises. Misconceptions about the step of gradient descent."""

from __future__ import annotations

from collections.abc import Iterator

from exercises.anatomy import (
    bottom,
    gone_through,
    ones,
    parameter_role,
    read,
    updated,
)
from exercises.expression import Apply, Expression, Symbol, substitute
from exercises.mistaken import Instead, Kind, Misconception
from exercises.names import parse_cell
from exercises.program import Program, Role, Step
from exercises.states import kept_of, share_of, sort_of
from exercises.tidy import tidy


def _update(program: Program, step: Step) -> tuple[Symbol, dict[str, str]] | None:
    """The learning rate an update reads, and the places of its sentences."""
    rate, g = read(program, step, Role.RATE), read(program, step, Role.GRADIENT, Role.STATE)
    if step.role is not Role.UPDATED or rate is None or g is None:
        return None
    return rate, {"result": step.name, "rate": rate.name, "gradient": g.name, "weight": step.reads[0]}


def _against(expression: Expression) -> Expression:
    """x + y for x − y; weight decay further left stays as it is."""
    assert isinstance(expression, Apply) and expression.operation == "subtract"
    return expression.arguments[0] + expression.arguments[1]


def _ascent(program: Program, step: Step) -> Iterator[Instead]:
    if found := _update(program, step):
        yield Instead(_against(step.expression), found[1])


ASCENT = Misconception(
    code="ascent",
    sentence="The loss grows along {gradient}, so the step from {weight} to {result} goes against it: minus, not plus.",
    instead=_ascent,
    seen_at="Texts that call target − output the error add the step; the plus is then carried over to texts that "
    "don't.",
)


def _omit_learning_rate(program: Program, step: Step) -> Iterator[Instead]:
    if found := _update(program, step):
        rate, places = found
        yield Instead(tidy(substitute(step.expression, {rate.name: ones(rate)})), places)


OMIT_LEARNING_RATE = Misconception(
    code="omit-learning-rate",
    sentence="The step from {weight} to {result} is {gradient} times {rate}; the learning rate is missing.",
    instead=_omit_learning_rate,
    seen_at="The Real Python article subtracts the derivative as it is before it comes to speak of a learning rate.",
)


def _learning_rate_twice(program: Program, step: Step) -> Iterator[Instead]:
    if found := _update(program, step):
        rate, places = found
        yield Instead(substitute(step.expression, {rate.name: rate * rate}), places)


LEARNING_RATE_TWICE = Misconception(
    code="learning-rate-twice",
    sentence="{rate} has been multiplied in twice on the way from {weight} to {result}.",
    instead=_learning_rate_twice,
    seen_at="Programs in which the delta already contains the learning rate (stackoverflow.com/questions/12558517 has "
    "it so) with an update that contains it as well.",
)

DOWNHILL, SIGNED = 1, 2
"""Variants: the step as it is subtracted, or with its minus as it is added."""


def _step_for_gradient(program: Program, step: Step) -> Iterator[Instead]:
    """The gradients of parameters already as steps, and updates that take them so."""
    if found := _update(program, step):
        rate, places = found
        if places["gradient"] not in program.by_name or program.roles[places["gradient"]] is not Role.GRADIENT:
            return
        plain = tidy(substitute(step.expression, {rate.name: ones(rate)}))
        yield Instead(plain, places, DOWNHILL)
        yield Instead(_against(plain), places, SIGNED)
        return
    new = updated(program, bottom(step)) if _of_parameter(program, step) else None
    eta = read(program, program.by_name[new.name], Role.RATE) if new else None
    if new and eta:
        places = {"result": new.name, "rate": eta.name, "gradient": step.name, "weight": bottom(step)}
        yield Instead(eta * step.expression, places, DOWNHILL)
        yield Instead(-(eta * step.expression), places, SIGNED)


def _of_parameter(program: Program, step: Step) -> bool:
    through = gone_through(program, step, Role.PREACTIVATION)
    return through is not None and parameter_role(program, bottom(step)) in (Role.WEIGHT, Role.BIAS)


STEP_FOR_GRADIENT = Misconception(
    code="step-for-gradient",
    sentence="What stands for {gradient} is the whole step from {weight} to {result}: it already contains {rate}.",
    instead=_step_for_gradient,
    seen_at="Texts that write Δw = −η ∂E/∂w and tabulate Δw, as many older textbooks and the delta rule do.",
    kind=Kind.CONVENTION,
)


def _decay_on_bias(program: Program, step: Step) -> Iterator[Instead]:
    """The bias drawn to 0 like the weights: by way of its gradient, or beside it where the weights are so."""
    bias = _parameter_of(program, step)
    if bias is None or parameter_role(program, bias.name) is not Role.BIAS or "weight_decay" not in program.shapes:
        return
    share, g = program.symbol("weight_decay"), read(program, step, Role.GRADIENT)
    decoupled = any("weight_decay" in other.reads for other in program.steps if other.role is Role.UPDATED)
    places = {"result": step.name, "weight": bias.name}
    if decoupled and step.role is Role.UPDATED:
        yield Instead(step.expression - program.symbol("learning_rate") * share * bias, places)
    elif not decoupled and g is not None:
        yield Instead(substitute(step.expression, {g.name: g + share * bias}), places)


def _parameter_of(program: Program, step: Step) -> Symbol | None:
    """The parameter, as it is in this round, that an update or what is kept for one belongs to."""
    if step.role is Role.UPDATED:
        return program.symbol(step.reads[0])
    kept = kept_of(program, parse_cell(step.name))
    if kept is None:
        return None
    update = program.by_name[f"{kept.quantity}_new{step.name[len(step.name.partition('@')[0]) :]}"]
    return program.symbol(update.reads[0])


DECAY_ON_BIAS = Misconception(
    code="decay-on-bias",
    sentence="Weight decay is for weights: {weight} is a bias, and goes to {result} without it.",
    instead=_decay_on_bias,
    seen_at="torch.optim decays whatever it is handed; scripts that pass model.parameters() decay the biases too.",
)


def _omit_bias_correction(program: Program, step: Step) -> Iterator[Instead]:
    if step.role is Role.STATE and sort_of(step) == "unbiased":
        mean = program.symbol(step.reads[0])
        yield Instead(mean, {"result": step.name, "mean": mean.name})


OMIT_BIAS_CORRECTION = Misconception(
    code="omit-bias-correction",
    sentence="{mean} began at 0 and is too small at first: it has to be divided to give {result}.",
    instead=_omit_bias_correction,
    seen_at="The optimizer that came with the first BERT code leaves both corrections out.",
)


def _betas_swapped(program: Program, step: Step) -> Iterator[Instead]:
    if step.role is not Role.STATE or not {"beta1", "beta2"} <= program.shapes.keys():
        return
    one, two = program.symbol("beta1"), program.symbol("beta2")
    own = share_of(program, step)
    if own in ("beta1", "beta2"):
        other = "beta2" if own == "beta1" else "beta1"
        places = {"result": step.name, "share": own, "other": other}
        yield Instead(substitute(step.expression, {"beta1": two, "beta2": one}), places)


BETAS_SWAPPED = Misconception(
    code="betas-swapped",
    sentence="{result} goes with {share}; here {other} stands in its place.",
    instead=_betas_swapped,
    seen_at="Adam's two shares have like names, and libraries take them as a pair without saying which is which.",
)

ROWS = (
    ASCENT,
    OMIT_LEARNING_RATE,
    LEARNING_RATE_TWICE,
    STEP_FOR_GRADIENT,
    DECAY_ON_BIAS,
    OMIT_BIAS_CORRECTION,
    BETAS_SWAPPED,
)
