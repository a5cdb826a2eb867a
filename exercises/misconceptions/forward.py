"""Room: exercises. Misconceptions about the way forward: weights taken by columns, biases, angles in degrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exercises.anatomy import parameter, parameter_role, rewritten
from exercises.expression import Apply, Expression, Symbol, apply
from exercises.mistaken import Instead, Misconception
from exercises.operations.tensor import add_up
from exercises.program import Program, Role, Step

# --- weights ------------------------------------------------------------------------------------------------------


def _transposed_weights_forward(program: Program, step: Step) -> Iterator[Instead]:
    """Only a square matrix fits the other way round; where a line reads two, as in a recurrent cell, all that do."""
    if step.role is not Role.PREACTIVATION:
        return
    turned: list[Symbol] = []

    def by_columns(node: Apply) -> Expression | None:
        W = node.arguments[0]
        if node.operation != "matmul" or not isinstance(W, Symbol) or len(set(W.shape)) != 1:
            return None
        if parameter_role(program, W.name) is not Role.WEIGHT:
            return None
        turned.append(W)
        return W.T @ node.arguments[1]

    wrong = rewritten(step.expression, by_columns)
    if turned:
        yield Instead(wrong, {"result": step.name, "weight": turned[0].name})


TRANSPOSED_WEIGHTS_FORWARD = Misconception(
    code="transposed-weights-forward",
    sentence="On the way forward to {result} the columns of {weight} have been taken for its rows: a row holds the "
    "weights that lead into one unit.",
    instead=_transposed_weights_forward,
    seen_at="Keras keeps a layer's weights as inputs by units and multiplies x · W, PyTorch as units by inputs; "
    "numbers taken from the one and worked with W · x give this where the matrix is square.",
)

# --- biases -------------------------------------------------------------------------------------------------------


def _with_bias(program: Program, step: Step, joined: Callable[[Expression, Expression], Expression]) -> Instead | None:
    """The line with what it adds to its bias joined to the bias in another way; None where no bias is added."""
    b = parameter(program, step, Role.BIAS)
    if step.role is not Role.PREACTIVATION or b is None:
        return None

    def otherwise(node: Apply) -> Expression | None:
        biases = [term for term in node.arguments if b in (term, *getattr(term, "arguments", ()))]
        if node.operation != "add" or not biases:
            return None
        return joined(add_up([term for term in node.arguments if term not in biases]), add_up(biases))

    return Instead(rewritten(step.expression, otherwise), {"result": step.name, "bias": b.name})


def _omit_bias(program: Program, step: Step) -> Iterator[Instead]:
    if found := _with_bias(program, step, lambda weighted, bias: weighted):
        yield found


OMIT_BIAS = Misconception(
    code="omit-bias",
    sentence="The bias {bias} is missing in {result}.",
    instead=_omit_bias,
    seen_at="Half of the published examples have no bias (the 2-2-1 blog post, the Python course's first network), "
    "the others do.",
)


def _bias_sign(program: Program, step: Step) -> Iterator[Instead]:
    if found := _with_bias(program, step, lambda weighted, bias: weighted - bias):
        yield found


BIAS_SIGN = Misconception(
    code="bias-sign",
    sentence="The bias {bias} is added in {result}, not subtracted: it counts with the sign that it has.",
    instead=_bias_sign,
    seen_at="Texts that begin with a threshold write Σ wx − θ, and a bias is the threshold with the other sign; the "
    "minus of a negative bias is also easily lost.",
)

# --- angles -------------------------------------------------------------------------------------------------------

_IN_DEGREES = {"sin": "sin_degrees", "cos": "cos_degrees"}
"""The circular functions; tanh takes no angle, whatever the calculator is set to."""


def _degrees_for_radians(program: Program, step: Step) -> Iterator[Instead]:
    def on_the_calculator(node: Apply) -> Expression | None:
        return apply(_IN_DEGREES[node.operation], *node.arguments) if node.operation in _IN_DEGREES else None

    wrong = rewritten(step.expression, on_the_calculator)
    if wrong != step.expression:
        yield Instead(wrong, {"result": step.name})


DEGREES_FOR_RADIANS = Misconception(
    code="degrees-for-radians",
    sentence="{result} comes from a calculator set to degrees; sine and cosine are meant in radians here.",
    instead=_degrees_for_radians,
    seen_at="Most pocket calculators are set to degrees when they come out of the box: cos 1.2 is then 0.9998 instead "
    "of 0.3624.",
)

ROWS = (TRANSPOSED_WEIGHTS_FORWARD, OMIT_BIAS, BIAS_SIGN, DEGREES_FOR_RADIANS)
