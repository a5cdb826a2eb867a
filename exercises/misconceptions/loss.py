"""Room: exercises. Misconceptions about the loss and its derivative."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from exercises.anatomy import (
    bottom,
    gone_through,
    layer_error,
    nodes,
    operation,
    parameter_role,
    read,
    rewritten,
    upstream,
)
from exercises.expression import Apply, Constant, Expression, apply, substitute
from exercises.mistaken import Instead, Kind, Misconception
from exercises.operations.tensor import spread, total
from exercises.program import Program, Role, Step
from exercises.tidy import tidy

HALF, TWO = Constant(Fraction(1, 2)), Constant(Fraction(2))


_OUTPUTS = (Role.ACTIVATION, Role.LINE)
"""What a loss is taken of: a unit, or the state of a cell made of several lines."""


def _loss(program: Program, step: Step) -> Step | None:
    """The loss, for the loss itself and for the gradient that goes back through it."""
    return step if step.role is Role.LOSS else gone_through(program, step, Role.LOSS)


def _places(program: Program, loss: Step, step: Step) -> dict[str, str]:
    output = read(program, step, *_OUTPUTS) or read(program, loss, *_OUTPUTS)
    target = read(program, step, Role.TARGET) or read(program, loss, Role.TARGET)
    named = {"result": step.name, "loss": loss.name}
    return named | ({"output": output.name, "target": target.name} if output and target else {})


def _error_sign(program: Program, step: Step) -> Iterator[Instead]:
    loss = gone_through(program, step, Role.LOSS)
    if loss is not None:
        yield Instead(tidy(-step.expression), _places(program, loss, step))


ERROR_SIGN = Misconception(
    code="error-sign",
    sentence="{result} has the wrong sign, as it gets when the error is taken the other way round, {target} minus "
    "{output}.",
    instead=_error_sign,
    seen_at="Many programs and tutorials call target − output the error; it is the negative of the derivative of the "
    "loss, and fits only with an update that adds (forum questions about XOR networks that don't learn).",
)


# --- ½ or not -----------------------------------------------------------------------------------------------------


def _is_halved_square(node: Expression) -> bool:
    return (
        operation(node) == "multiply"
        and isinstance(node, Apply)
        and node.arguments[0] == HALF
        and operation(node.arguments[1]) == "square"
    )


def _halved(loss: Step) -> bool:
    return any(map(_is_halved_square, nodes(loss.expression, "multiply")))


def _squared(loss: Step) -> bool:
    return any(True for _ in nodes(loss.expression, "square"))


def _without_half(node: Apply) -> Expression | None:
    return node.arguments[1] if _is_halved_square(node) else None


def _with_half(node: Apply) -> Expression | None:
    return HALF * node if node.operation == "square" else None


def _drop_factor_two(program: Program, step: Step) -> Iterator[Instead]:
    loss = _loss(program, step)
    if loss is None or not _squared(loss) or _halved(loss):
        return
    expression = rewritten(step.expression, _with_half) if step is loss else tidy(HALF * step.expression)
    yield Instead(expression, _places(program, loss, step))


def _extra_factor_two(program: Program, step: Step) -> Iterator[Instead]:
    loss = _loss(program, step)
    if loss is None or not _halved(loss):
        return
    expression = rewritten(step.expression, _without_half) if step is loss else tidy(TWO * step.expression)
    yield Instead(expression, _places(program, loss, step))


DROP_FACTOR_TWO = Misconception(
    code="drop-factor-two",
    sentence="{result} is half of what it should be: in this exercise the square in {loss} comes without a ½, so the "
    "2 of its derivative stays.",
    instead=_drop_factor_two,
    seen_at="Texts differ on ½: the 2-2-1 and 2-2-2 blog posts have it, the Python video course hasn't; issue 144 of "
    "bfortuner/ml-glossary finds both in one glossary.",
    kind=Kind.CONVENTION,
)

EXTRA_FACTOR_TWO = Misconception(
    code="extra-factor-two",
    sentence="{result} is twice what it should be: in this exercise the square in {loss} comes with a ½, which "
    "cancels the 2 of its derivative.",
    instead=_extra_factor_two,
    seen_at='"Why is there a 2 at the denominator of the mean squared error function?" is a question on Data Science '
    "Stack Exchange; whoever learnt the loss without the ½ writes 2(a − y).",
    kind=Kind.CONVENTION,
)


def _first_squared(node: Apply) -> Expression | None:
    """x² − y² for (x − y)²."""
    inside = node.arguments[0]
    if node.operation != "square" or not isinstance(inside, Apply) or inside.operation != "subtract":
        return None
    first, second = inside.arguments
    return apply("square", first) - apply("square", second)


def _second_squared(node: Apply) -> Expression | None:
    """y² − x² for (x − y)²."""
    swapped = _first_squared(node)
    return swapped.arguments[1] - swapped.arguments[0] if isinstance(swapped, Apply) else None


def _squares_of_each(program: Program, step: Step) -> Iterator[Instead]:
    if step.role is not Role.LOSS:
        return
    for variant, rule in enumerate((_second_squared, _first_squared), start=1):
        wrong = rewritten(step.expression, rule)
        if wrong != step.expression:
            yield Instead(wrong, _places(program, step, step), variant)


SQUARES_OF_EACH = Misconception(
    code="squares-of-each",
    sentence="In {result} the difference of {output} and {target} is squared, not each of them by itself.",
    instead=_squares_of_each,
    seen_at="Squaring a difference term by term is among the oldest slips of school algebra; a published case in a "
    "network we don't know of.",
)


def _log_base_ten(program: Program, step: Step) -> Iterator[Instead]:
    if step.role not in (Role.LOSS, Role.LINE):
        return
    wrong = rewritten(
        step.expression, lambda node: apply("log10", *node.arguments) if node.operation == "log" else None
    )
    if wrong != step.expression:
        yield Instead(wrong, {"result": step.name})


LOG_BASE_TEN = Misconception(
    code="log-base-ten",
    sentence="The logarithm in {result} is the natural one (ln on a calculator), not the one to base ten.",
    instead=_log_base_ten,
    seen_at="A well-known lecture slide on softmax gave −log(0.13) as 0.89; the natural logarithm gives 2.04. On most "
    "pocket calculators the key log is the one to base ten.",
)


# --- mean or sum --------------------------------------------------------------------------------------------------

OVER_EXAMPLES, OVER_OUTPUTS, OVER_BOTH, AT_PARAMETERS = 1, 2, 3, 4
"""Variants: over what the mean is taken or not; or that the gradients of parameters are averaged over the examples."""


def _counts(program: Program, loss: Step) -> tuple[dict[int, int], int]:
    """How many places a mean may be over, by variant; and what the loss divides by."""
    output = read(program, loss, Role.ACTIVATION)
    outputs, examples = (*output.shape, 1)[:2] if output is not None else (1, 1)
    counts = {OVER_EXAMPLES: examples, OVER_OUTPUTS: outputs, OVER_BOTH: outputs * examples}
    if 1 in (outputs, examples):
        counts.pop(OVER_BOTH)
    scale = loss.expression.arguments[0] if isinstance(loss.expression, Apply) else None
    divisor = 1 / scale.value if isinstance(scale, Constant) and scale.value > 0 else Fraction(1)
    return {variant: count for variant, count in counts.items() if count > 1}, int(divisor)


def _scaled(factor: Fraction, step: Step) -> Expression:
    """The expression times the factor, with a constant in front taken up into it."""
    expression = step.expression
    if operation(expression) == "multiply" and isinstance(expression, Apply):
        front, rest = expression.arguments
        if isinstance(front, Constant):
            whole = front.value * factor
            return rest if whole == 1 else Constant(whole) * rest
    return Constant(factor) * expression


def _sum_for_mean(program: Program, step: Step) -> Iterator[Instead]:
    loss = _loss(program, step)
    if loss is None:
        return
    counts, divisor = _counts(program, loss)
    for variant, count in counts.items():
        if divisor % count == 0:
            yield Instead(_scaled(Fraction(count), step), _places(program, loss, step), variant)


def _mean_for_sum(program: Program, step: Step) -> Iterator[Instead]:
    loss = _loss(program, step)
    if loss is not None:
        counts, divisor = _counts(program, loss)
        most = max(counts.values(), default=1)
        for variant, count in counts.items():
            if most % (divisor * count) == 0:
                yield Instead(_scaled(Fraction(1, count), step), _places(program, loss, step), variant)
    found = layer_error(program, step)
    if found and parameter_role(program, bottom(step)) in (Role.WEIGHT, Role.BIAS):
        examples = (*found[0].shape, 1)[1]
        if examples > 1:
            yield Instead(_scaled(Fraction(1, examples), step), {"result": step.name}, AT_PARAMETERS)


MEAN_FOR_SUM = Misconception(
    code="mean-for-sum",
    sentence="In {result} a mean has been taken where the terms are only added up here.",
    instead=_mean_for_sum,
    seen_at="Courses put the 1/m of m examples into the loss, into ∂J/∂W and ∂J/∂b (Ng's programming exercises), or "
    "nowhere; read together, it comes in twice.",
    kind=Kind.CONVENTION,
)

SUM_FOR_MEAN = Misconception(
    code="sum-for-mean",
    sentence="In {result} the terms have been added up; here the loss is their mean, so the sum is still to be "
    "divided.",
    instead=_sum_for_mean,
    seen_at="Frameworks offer both (reduction = sum or mean); in Ng's programming exercises ∂J/∂z is written without "
    "1/m.",
    kind=Kind.CONVENTION,
)


def _upstream_as_gradient(program: Program, step: Step) -> Iterator[Instead]:
    found = layer_error(program, step)
    role = parameter_role(program, bottom(step)) if found else None
    if found is None or role not in (Role.WEIGHT, Role.BIAS):
        return
    error, error_step = found
    g = upstream(program, error_step) if gone_through(program, error_step, Role.ACTIVATION) else None
    if g is None:
        return
    if role is Role.BIAS:
        wrong = substitute(step.expression, {error.name: g})
    else:
        wrong = spread(total(g, (1,)) if len(g.shape) == 2 else g, (1,), step.shape[1:])
    yield Instead(wrong, {"result": step.name, "upstream": g.name})


UPSTREAM_AS_GRADIENT = Misconception(
    code="upstream-as-gradient",
    sentence="{upstream} has been taken for {result}; on the way from one to the other the chain rule has further "
    "factors.",
    instead=_upstream_as_gradient,
    seen_at="The first update of the Real Python article on building a neural network subtracts ∂E/∂prediction itself "
    "from every weight.",
)

ROWS = (
    ERROR_SIGN,
    DROP_FACTOR_TWO,
    EXTRA_FACTOR_TWO,
    SQUARES_OF_EACH,
    LOG_BASE_TEN,
    MEAN_FOR_SUM,
    SUM_FOR_MEAN,
    UPSTREAM_AS_GRADIENT,
)
