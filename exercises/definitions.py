"""Room: exercises. Functions a pocket calculator has no key for, in terms of those it has: for legends and for code."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from exercises.expression import Apply, Constant, Expression, apply
from exercises.operations import OPERATIONS
from exercises.writing import Product

Definition = Callable[..., Expression]


def _sigmoid(z: Expression) -> Expression:
    return 1 / (1 + apply("exp", -z))


def _tanh(z: Expression) -> Expression:
    up, down = apply("exp", z), apply("exp", -z)
    return (up - down) / (up + down)


def _leaky_relu(z: Expression, slope: object) -> Expression:
    return apply("by_sign", z, parameters=(Fraction(1), slope, slope)) * z


DEFINITIONS: dict[str, Definition] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": lambda z: apply("maximum", 0, z),
    "leaky_relu": _leaky_relu,
    "softplus": lambda z: apply("log", 1 + apply("exp", z)),
}
"""Operation -> its value in terms of others, from ``(*arguments, *parameters)``; a test holds both equal."""


def defined(node: Apply) -> Expression | None:
    """The node spelled out, or None where a calculator has it."""
    definition = DEFINITIONS.get(node.operation)
    return definition(*node.arguments, *node.parameters) if definition else None


def places_of(expression: Expression) -> list[Apply]:
    """Every node of the tree that is an operation, what is inside first."""
    if not isinstance(expression, Apply):
        return []
    inner = [node for argument in expression.arguments for node in places_of(argument)]
    return [*inner, expression]


def factors_of(node: Expression) -> list[Expression]:
    """The factors of a product of products of one shape, from left to right; they are written as one product."""
    if isinstance(node, Apply) and isinstance(OPERATIONS[node.operation].written, Product):
        left, right = node.arguments
        if left.shape == right.shape:
            return [*factors_of(left), *factors_of(right)]
        return [left, *factors_of(right)] if right.shape else [*factors_of(left), right]
    return [node]


def written_nodes(expression: Expression) -> list[Apply]:
    """Every node of the tree that is written as one, what is inside first: of products of products the whole only."""
    if not isinstance(expression, Apply):
        return []
    product = isinstance(OPERATIONS[expression.operation].written, Product)
    parts = factors_of(expression) if product else expression.arguments
    return [*(node for part in parts for node in written_nodes(part)), expression]


def is_constant(expression: Expression, value: int) -> bool:
    """Whether it is that number, in whatever shape."""
    return isinstance(expression, Constant) and expression.value == value
