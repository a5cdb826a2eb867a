"""Room: exercises. The losses of the layered families, and the activations each goes well with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from exercises.expression import Constant, Expression, apply
from exercises.operations.tensor import total

HALF = Constant(Fraction(1, 2))

Fusion = Callable[[Expression, Expression], Expression]


@dataclass(frozen=True, slots=True)
class Loss:
    """``of(a, y)`` is the loss of outputs ``a`` against targets ``y`` summed over all examples.

    ``fused`` maps an output activation to the gradient ∂J/∂z that is taught with it. ``needs`` names the output
    activations for which the loss is defined, where it isn't for all. ``over_outputs`` divides by the number of
    outputs.
    """

    name: str
    of: Callable[[Expression, Expression], Expression]
    fused: Mapping[str, Fusion] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    over_outputs: bool = False


def _squares(a: Expression, y: Expression) -> Expression:
    return total(apply("square", a - y))


def _half_squares(a: Expression, y: Expression) -> Expression:
    return total(HALF * apply("square", a - y))  # each output's error by itself, as the blog posts write it


def _cross_entropy(a: Expression, y: Expression) -> Expression:
    return -total(y * apply("log", a))


def _binary_cross_entropy(a: Expression, y: Expression) -> Expression:
    return -total(y * apply("log", a) + (1 - y) * apply("log", 1 - a))


def _difference(a: Expression, y: Expression) -> Expression:
    return a - y


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("half_squared_error", _half_squares),
        Loss("squared_error", _squares),
        Loss("mean_squared_error", _squares, over_outputs=True),
        Loss("binary_cross_entropy", _binary_cross_entropy, fused={"sigmoid": _difference}, needs=("sigmoid",)),
        Loss("cross_entropy", _cross_entropy, fused={"softmax": _difference}, needs=("softmax", "sigmoid")),
    )
}
