"""Room: exercises. Misconceptions about the slope of the activation function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from exercises.anatomy import activation_step, bottom, gone_through, ones, operation, upstream
from exercises.expression import Apply, Constant, Expression, Symbol, apply, substitute
from exercises.mistaken import Instead, Misconception
from exercises.operations import OPERATIONS
from exercises.operations.row import Jacobian, Partials
from exercises.program import Program, Role, Step

ELEMENTWISE = ("sigmoid", "tanh", "softplus", "relu", "leaky_relu")


def slope_by(function: str, a: Expression, z: Expression) -> Expression:
    """The slope of a place-by-place function as its row of the table has it."""
    derivative = OPERATIONS[function].derivative
    if not isinstance(derivative, Partials):
        raise TypeError(f"{function} has no slope place by place")
    return derivative.rule(a, z)[0]


def _unit(program: Program, step: Step, functions: Collection[str]) -> tuple[Symbol, Symbol, Apply] | None:
    """Output and argument of the unit whose slope this step is, and a = f(z) itself."""
    forward = program.by_name.get(step.through)
    if step.role is not Role.LOCAL or forward is None or operation(forward.expression) not in functions:
        return None
    expression = forward.expression
    if not isinstance(expression, Apply) or not isinstance(expression.arguments[0], Symbol):
        return None
    return program.symbol(forward.name), expression.arguments[0], expression


def _places(step: Step, a: Symbol, z: Symbol) -> dict[str, str]:
    return {"result": step.name, "local": step.name, "activation": a.name, "preactivation": z.name}


def _omit_activation_derivative(program: Program, step: Step) -> Iterator[Instead]:
    forward, g = gone_through(program, step, Role.ACTIVATION), upstream(program, step)
    if forward is None or g is None:
        return
    places = {"result": step.name, "upstream": g.name, "activation": forward.name, "preactivation": bottom(step)}
    yield Instead(g, places)


OMIT_ACTIVATION_DERIVATIVE = Misconception(
    code="omit-activation-derivative",
    sentence="On the way from {upstream} to {result} a factor is missing: the slope of the activation function, which "
    "makes {activation} out of {preactivation}.",
    instead=_omit_activation_derivative,
    seen_at="The delta rule of the linear unit carried over to sigmoid units; the Real Python article's first update "
    "leaves σ' out before it comes to the chain rule.",
)


def _derivative_at_activation(program: Program, step: Step) -> Iterator[Instead]:
    unit = _unit(program, step, ELEMENTWISE)
    if unit is None:
        return
    a, z, f = unit
    again = replace(f, arguments=(a,))
    yield Instead(substitute(step.expression, {a.name: again, z.name: a}), _places(step, a, z))


DERIVATIVE_AT_ACTIVATION = Misconception(
    code="derivative-at-activation",
    sentence="The slope {local} is taken at {preactivation}, not at {activation}: the function has been applied once "
    "too often.",
    instead=_derivative_at_activation,
    seen_at="Code in which sigmoid_deriv(x) applies the sigmoid itself, but is handed what has been through it; the "
    'Python video course says that it "accepts the output of the layer" and means the weighted sum.',
)


def _with_preactivation(function: str, program: Program, step: Step) -> Iterator[Instead]:
    unit = _unit(program, step, (function,))
    if unit is not None:
        a, z, _ = unit
        yield Instead(substitute(step.expression, {a.name: z}), _places(step, a, z))


def _derivative_of_preactivation(program: Program, step: Step) -> Iterator[Instead]:
    return _with_preactivation("sigmoid", program, step)


def _tanh_preactivation(program: Program, step: Step) -> Iterator[Instead]:
    return _with_preactivation("tanh", program, step)


DERIVATIVE_OF_PREACTIVATION = Misconception(
    code="derivative-of-preactivation",
    sentence="The slope {local} of the sigmoid is the output times one minus the output, with {activation} and not "
    "with {preactivation}.",
    instead=_derivative_of_preactivation,
    seen_at="Code with x * (1 - x) as sigmoid derivative, which is right for the output and gets handed the weighted "
    "sum.",
)

TANH_PREACTIVATION = Misconception(
    code="tanh-preactivation",
    sentence="The slope {local} of tanh is one minus the square of its output, {activation}, not of {preactivation}.",
    instead=_tanh_preactivation,
    seen_at="The same mix-up as z(1 − z), in code with 1 - x**2 as derivative of tanh.",
)


def _sigmoid_rule_for_tanh(program: Program, step: Step) -> Iterator[Instead]:
    unit = _unit(program, step, ("tanh",))
    if unit is not None:
        a, z, _ = unit
        yield Instead(slope_by("sigmoid", a, z), _places(step, a, z))


SIGMOID_RULE_FOR_TANH = Misconception(
    code="sigmoid-rule-for-tanh",
    sentence="{activation} comes out of tanh, whose slope {local} is one minus the square of the output; output times "
    "one minus output belongs to the sigmoid.",
    instead=_sigmoid_rule_for_tanh,
    seen_at="A sigmoid example taken over with the function exchanged and the derivative kept; no published case is "
    "known to us.",
)


def _relu_always_one(program: Program, step: Step) -> Iterator[Instead]:
    unit = _unit(program, step, ("relu", "leaky_relu"))
    if unit is not None:
        a, z, _ = unit
        yield Instead(ones(step.expression), _places(step, a, z))


RELU_ALWAYS_ONE = Misconception(
    code="relu-always-one",
    sentence="The slope {local} is 1 only where {preactivation} is positive.",
    instead=_relu_always_one,
    seen_at="Backward passes that forget which units were off; the two-layer notebook among the published examples "
    "has one unit on and one off for that reason.",
)


def _leaky_slope_everywhere(program: Program, step: Step) -> Iterator[Instead]:
    unit = _unit(program, step, ("leaky_relu",))
    if unit is None:
        return
    a, z, f = unit
    (leak,) = f.parameters
    if isinstance(leak, Fraction):
        yield Instead(Constant(leak, step.shape), _places(step, a, z))


LEAKY_SLOPE_EVERYWHERE = Misconception(
    code="leaky-slope-everywhere",
    sentence="The small slope of the leaky unit holds only where {preactivation} is negative; elsewhere {local} is 1.",
    instead=_leaky_slope_everywhere,
    seen_at="The other half of relu-always-one: no published case is known to us.",
)


def _extra_activation_derivative(program: Program, step: Step) -> Iterator[Instead]:
    loss, forward = gone_through(program, step, Role.LOSS), activation_step(program, step)
    if loss is None or forward is None or not isinstance(forward.expression, Apply):
        return
    a, f = program.symbol(forward.name), forward.expression
    z = f.arguments[0]
    places = {"result": step.name, "loss": loss.name, "activation": a.name, "preactivation": bottom(step)}
    if f.operation in ("sigmoid", "softmax"):
        yield Instead(step.expression * slope_by("sigmoid", a, z), places)
    derivative = OPERATIONS[f.operation].derivative
    if isinstance(derivative, Jacobian):
        yield Instead(derivative.rule(step.expression, a, z, *f.parameters)[0], places, 2)


EXTRA_ACTIVATION_DERIVATIVE = Misconception(
    code="extra-activation-derivative",
    sentence="{result} already contains the slope of {activation}: with this loss it cancels, so it must not be "
    "multiplied in once more.",
    instead=_extra_activation_derivative,
    seen_at="Programs that take p − y for ∂J/∂a and then go back through the softmax as well; the rule of squared "
    "error, (a − y) a (1 − a), carried over to cross-entropy.",
)


def _softmax_elementwise(program: Program, step: Step) -> Iterator[Instead]:
    """The table of slopes with nothing but its diagonal, or the step that would need such a table."""
    forward = program.by_name.get(step.through)
    if forward is None or operation(forward.expression) != "softmax" or not isinstance(forward.expression, Apply):
        return
    a, z = program.symbol(forward.name), forward.expression.arguments[0]
    places: Mapping[str, str] = {"result": step.name, "activation": a.name, "preactivation": bottom(step)}
    g = upstream(program, step)
    if step.role is Role.LOCAL:
        yield Instead(apply("diagonal", slope_by("sigmoid", a, z)), places)
    elif g is not None and not any(program.roles[name] is Role.LOCAL for name in step.reads):
        yield Instead(g * slope_by("sigmoid", a, z), places)


SOFTMAX_ELEMENTWISE = Misconception(
    code="softmax-elementwise",
    sentence="Each output of a softmax depends on every one of {preactivation}, so {result} needs the mixed slopes "
    "too, not only those of {activation} by its own argument.",
    instead=_softmax_elementwise,
    seen_at='"Problem with chain rule in softmax layer when differentiated separately" '
    '(datascience.stackexchange.com/questions/64746) and "Backpropagation with softmax / cross entropy" '
    "(stats.stackexchange.com/questions/235528).",
)

ROWS = (
    OMIT_ACTIVATION_DERIVATIVE,
    DERIVATIVE_AT_ACTIVATION,
    DERIVATIVE_OF_PREACTIVATION,
    TANH_PREACTIVATION,
    SIGMOID_RULE_FOR_TANH,
    RELU_ALWAYS_ONE,
    LEAKY_SLOPE_EVERYWHERE,
    EXTRA_ACTIVATION_DERIVATIVE,
    SOFTMAX_ELEMENTWISE,
)
