"""Room: exercises. Misconceptions about the step of gradient descent."""

from __future__ import annotations

from collections.abc import Iterator

from exercises.anatomy import (
    bottom,
    gone_through,
    ones,
    parameter_role,
    read,
    rewritten,
    updated,
)
from exercises.expression import Apply, Expression, Symbol, substitute
from exercises.mistaken import Instead, Kind, Misconception
from exercises.program import Program, Role, Step
from exercises.tidy import tidy


def _update(program: Program, step: Step) -> tuple[Symbol, dict[str, str]] | None:
    """The learning rate an update reads, and the places of its sentences."""
    rate, g = read(program, step, Role.RATE), read(program, step, Role.GRADIENT)
    if step.role is not Role.UPDATED or rate is None or g is None:
        return None
    return rate, {"result": step.name, "rate": rate.name, "gradient": g.name, "weight": step.reads[0]}


def _against(node: Apply) -> Expression | None:
    """x + y for x − y."""
    return node.arguments[0] + node.arguments[1] if node.operation == "subtract" else None


def _ascent(program: Program, step: Step) -> Iterator[Instead]:
    if found := _update(program, step):
        yield Instead(rewritten(step.expression, _against), found[1])


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
        plain = tidy(substitute(step.expression, {rate.name: ones(rate)}))
        yield Instead(plain, places, DOWNHILL)
        yield Instead(rewritten(plain, _against), places, SIGNED)
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

ROWS = (ASCENT, OMIT_LEARNING_RATE, LEARNING_RATE_TWICE, STEP_FOR_GRADIENT)
