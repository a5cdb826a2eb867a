"""Room: exercises. Misconceptions about what belongs to which gradient: weights, factors, inputs."""

from __future__ import annotations

from collections.abc import Iterator

from exercises.anatomy import (
    activation_step,
    bottom,
    gone_through,
    incoming,
    layer_error,
    needs,
    nodes,
    ones,
    parameter,
    parameter_role,
    read,
    rewritten,
    rows,
    unit_of,
    updated,
    upstream,
)
from exercises.expression import Apply, Expression, Symbol, substitute
from exercises.mistaken import Instead, Misconception
from exercises.program import Program, Role, Step

BACK, AT_WEIGHTS, FORWARD, AT_LOSS = 1, 2, 3, 4
"""Variants of mixing up two quantities: on the way further back, in the gradients of parameters, on the way forward, in
the loss."""


def further_back(program: Program, step: Step) -> tuple[Symbol, Symbol] | None:
    """W and ∂J/∂z where the step goes back through z = W a + b to what comes into the layer."""
    found, W = layer_error(program, step), parameter(program, step, Role.WEIGHT)
    return (W, found[0]) if found and W else None


def _of_weights(program: Program, step: Step) -> tuple[Symbol, Symbol] | None:
    """∂J/∂z and what comes into the layer where the step gives the gradient by the layer's weights."""
    found, a = layer_error(program, step), incoming(program, step)
    return (found[0], a) if found and a and parameter_role(program, bottom(step)) is Role.WEIGHT else None


# --- weights on the way back --------------------------------------------------------------------------------------


def _updated_weights(program: Program, step: Step) -> Iterator[Instead]:
    found = further_back(program, step)
    new = updated(program, found[0].name) if found else None
    if found and new and not needs(program, new.name, step.name):  # what the update waits for can't wait for it
        places = {"result": step.name, "weight": found[0].name, "updated": new.name}
        yield Instead(substitute(step.expression, {found[0].name: new}), places)


UPDATED_WEIGHTS = Misconception(
    code="updated-weights",
    sentence="The way back to {result} leads through the weights that were used on the way forward, {weight}, not "
    "through the updated ones, {updated}.",
    instead=_updated_weights,
    seen_at="The error 0.291027924 printed after the first update of the best-known 2-2-2 example is what it gives; "
    "asked about at ai.stackexchange.com/questions/26136.",
)


def _omit_path_weight(program: Program, step: Step) -> Iterator[Instead]:
    if found := further_back(program, step):
        W, g = found
        places = {"result": step.name, "weight": W.name, "upstream": g.name}
        yield Instead(substitute(step.expression, {W.name: ones(W)}), places)


OMIT_PATH_WEIGHT = Misconception(
    code="omit-path-weight",
    sentence="From {upstream} back to {result} each path is multiplied by its weight; {weight} is missing.",
    instead=_omit_path_weight,
    seen_at="Programs that hand every hidden unit the output's error as it is (stackoverflow.com/questions/12558517 "
    "divides up one delta); no printed example is known to us.",
)


def _untransposed_weights(program: Program, step: Step) -> Iterator[Instead]:
    found = further_back(program, step)
    if found and len(set(found[0].shape)) == 1:
        wrong = rewritten(step.expression, lambda node: node.arguments[0] if node.operation == "transpose" else None)
        yield Instead(wrong, {"result": step.name, "weight": found[0].name})


UNTRANSPOSED_WEIGHTS = Misconception(
    code="untransposed-weights",
    sentence="On the way back to {result} rows and columns of {weight} change places: a unit collects along the "
    "weights that lead out of it, not along those that lead into the next one.",
    instead=_untransposed_weights,
    seen_at="Programs with W · δ for Wᵀδ, which run without complaint where the matrix is square, as in every 2-2-2 "
    "example.",
)


# --- one quantity taken for another -------------------------------------------------------------------------------


def _error_for_delta(program: Program, step: Step) -> Iterator[Instead]:
    found = layer_error(program, step)
    if found is None or gone_through(program, found[1], Role.ACTIVATION) is None:
        return
    g, error = found[0], upstream(program, found[1])
    if error is not None:
        is_parameter = parameter_role(program, bottom(step)) in (Role.WEIGHT, Role.BIAS)
        places = {"result": step.name, "upstream": g.name, "error": error.name}
        yield Instead(substitute(step.expression, {g.name: error}), places, AT_WEIGHTS if is_parameter else BACK)


ERROR_FOR_DELTA = Misconception(
    code="error-for-delta",
    sentence="What is carried on to {result} is {upstream}, with the slope of the activation in it, not the error "
    "{error} before that.",
    instead=_error_for_delta,
    seen_at="Rashid's book Make Your Own Neural Network sends the output errors themselves back through the weights "
    "(hidden_errors is the transposed weights times output_errors).",
)


def _activation_for_gradient(program: Program, step: Step) -> Iterator[Instead]:
    found = layer_error(program, step)
    unit = activation_step(program, found[1]) if found else None
    if found is None or unit is None or parameter_role(program, bottom(step)) is Role.BIAS:
        return
    g, a = found[0], program.symbol(unit.name)
    places = {"result": step.name, "upstream": g.name, "activation": a.name}
    variant = AT_WEIGHTS if parameter_role(program, bottom(step)) is Role.WEIGHT else BACK
    yield Instead(substitute(step.expression, {g.name: a}), places, variant)


ACTIVATION_FOR_GRADIENT = Misconception(
    code="activation-for-gradient",
    sentence="In {result} the unit's value {activation} stands where its gradient {upstream} belongs.",
    instead=_activation_for_gradient,
    seen_at="A forum program that doesn't learn XOR adds up value times weight of the next layer where it wants error "
    "times weight (“Basic neural network problem in training”).",
)


def _input_for_hidden(program: Program, step: Step) -> Iterator[Instead]:
    found = _of_weights(program, step)
    x = next((given for given in program.givens if given.role is Role.INPUT), None)
    if found and x and program.roles[found[1].name] is Role.ACTIVATION and x.shape == found[1].shape:
        a = found[1]
        places = {"result": step.name, "input": x.name, "activation": a.name}
        yield Instead(substitute(step.expression, {a.name: program.symbol(x.name)}), places)


INPUT_FOR_HIDDEN = Misconception(
    code="input-for-hidden",
    sentence="The weights of {result} stand behind {activation}; {input} enters the layer before.",
    instead=_input_for_hidden,
    seen_at="The rule of a single layer, error times input, used again in the second one; no printed example is known "
    "to us.",
)


def _preactivation_for_activation(program: Program, step: Step) -> Iterator[Instead]:
    variant = _place_of_activation(program, step)
    a = read(program, step, Role.ACTIVATION)
    f = program.by_name[a.name].expression if variant and a else None
    if variant and a and isinstance(f, Apply) and len(f.arguments) == 1 and isinstance(f.arguments[0], Symbol):
        z = f.arguments[0]
        places = {"result": step.name, "activation": a.name, "preactivation": z.name}
        yield Instead(substitute(step.expression, {a.name: z}), places, variant)


def _place_of_activation(program: Program, step: Step) -> int:
    """The variant for a step that reads a layer's output; 0 for the rest. Nobody takes logarithms of weighted sums."""
    if step.role is Role.PREACTIVATION:
        return FORWARD
    if _of_weights(program, step):
        return AT_WEIGHTS
    loss = step if step.role is Role.LOSS else gone_through(program, step, Role.LOSS)
    return AT_LOSS if loss and any(True for _ in nodes(loss.expression, "square")) else 0


PREACTIVATION_FOR_ACTIVATION = Misconception(
    code="preactivation-for-activation",
    sentence="In {result} the weighted sum {preactivation} stands where the unit's output {activation} belongs.",
    instead=_preactivation_for_activation,
    seen_at="The Python video course calls the weighted sum the output of the layer, and texts differ on whether net "
    "or out is meant by a unit's value.",
)


def _omit_input_factor(program: Program, step: Step) -> Iterator[Instead]:
    if found := _of_weights(program, step):
        g, a = found
        places = {"result": step.name, "upstream": g.name, "input": a.name}
        yield Instead(substitute(step.expression, {a.name: ones(a)}), places)


OMIT_INPUT_FACTOR = Misconception(
    code="omit-input-factor",
    sentence="{result} is {upstream} times what comes in along the weight; the factor {input} is missing.",
    instead=_omit_input_factor,
    seen_at="The program of stackoverflow.com/questions/12558517 adds the same delta to every weight of a unit; Real "
    "Python's first update does so too.",
)


def _transposed_gradient(program: Program, step: Step) -> Iterator[Instead]:
    found = _of_weights(program, step)
    if found and len(set(step.shape)) == 1:
        g, a = found
        yield Instead(step.expression.T, {"result": step.name, "upstream": g.name, "input": a.name})


TRANSPOSED_GRADIENT = Misconception(
    code="transposed-gradient",
    sentence="Rows and columns of {result} have changed places: its rows go with {upstream}, its columns with {input}.",
    instead=_transposed_gradient,
    seen_at="np.outer(x, delta) for np.outer(delta, x) is taken by the update without complaint where the matrix is "
    "square; no printed example is known to us.",
)


def _inputs_swapped(program: Program, step: Step) -> Iterator[Instead]:
    """Two neighbouring inputs have changed places: variant 1, 3, … in the gradient, 2, 4, … on the way forward."""
    forward = step.role is Role.PREACTIVATION
    a = incoming(program, step) if forward or _of_weights(program, step) else None
    for first in range(a.shape[0] - 1 if a else 0):
        assert a is not None
        order = list(range(a.shape[0]))
        order[first], order[first + 1] = first + 1, first
        places = {"result": step.name, "first": unit_of(a, first), "second": unit_of(a, first + 1)}
        wrong = substitute(step.expression, {a.name: rows(a, tuple(order))})
        yield Instead(wrong, places, 2 * first + 1 + forward)


INPUTS_SWAPPED = Misconception(
    code="inputs-swapped",
    sentence="In {result}, {first} and {second} have changed places.",
    instead=_inputs_swapped,
    seen_at="Weights numbered w₁, w₂, … make it a matter of memory which joins what; reading along a matrix the wrong "
    "way does the same.",
)


# --- biases -------------------------------------------------------------------------------------------------------


def _bias_times_input(program: Program, step: Step) -> Iterator[Instead]:
    """Times the inputs place by place where there are as many as units (variant 1), or times one of them (2, 3, …)."""
    found = layer_error(program, step)
    forward = gone_through(program, step, Role.PREACTIVATION)
    a = incoming(program, forward) if forward else None
    if found is None or a is None or parameter_role(program, bottom(step)) is not Role.BIAS:
        return
    g = found[0]
    factors: dict[int, tuple[Expression, str]] = {1: (a, a.name)} if a.shape == g.shape else {}
    for unit in range(a.shape[0]):
        factors[unit + 2] = rows(a, (unit,) * g.shape[0]), unit_of(a, unit)
    for variant, (factor, name) in factors.items():
        places = {"result": step.name, "upstream": g.name, "input": name}
        yield Instead(substitute(step.expression, {g.name: g * factor}), places, variant)


BIAS_TIMES_INPUT = Misconception(
    code="bias-times-input",
    sentence="A bias is added as it is, so {result} is {upstream} alone; the factor {input} belongs to a weight.",
    instead=_bias_times_input,
    seen_at="One rule for all parameters, the bias among them; no printed example is known to us.",
)

ROWS = (
    UPDATED_WEIGHTS,
    OMIT_PATH_WEIGHT,
    UNTRANSPOSED_WEIGHTS,
    ERROR_FOR_DELTA,
    ACTIVATION_FOR_GRADIENT,
    INPUT_FOR_HIDDEN,
    PREACTIVATION_FOR_ACTIVATION,
    OMIT_INPUT_FACTOR,
    TRANSPOSED_GRADIENT,
    INPUTS_SWAPPED,
    BIAS_TIMES_INPUT,
)
