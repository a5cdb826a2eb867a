"""Room: exercises. The expression tree: symbols, constants and operations, with a shape at every node.

A tree knows no numbers and no markup. What can be done with it (evaluate, differentiate, bound, print, expand) is said
by the columns of the operations table, which a node names by its operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

Shape = tuple[int, ...]
Parameters = tuple[object, ...]


class Expression:
    """A value not yet worked out; built with ordinary Python operators (``W @ x + b``)."""

    __slots__ = ()

    @property
    def shape(self) -> Shape:
        raise NotImplementedError

    def __add__(self, other: Operand) -> Expression:
        return apply("add", self, other)

    def __radd__(self, other: Operand) -> Expression:
        return apply("add", other, self)

    def __sub__(self, other: Operand) -> Expression:
        return apply("subtract", self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return apply("subtract", other, self)

    def __mul__(self, other: Operand) -> Expression:
        return apply("multiply", self, other)

    def __rmul__(self, other: Operand) -> Expression:
        return apply("multiply", other, self)

    def __truediv__(self, other: Operand) -> Expression:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Expression:
        return apply("divide", other, self)

    def __pow__(self, other: Operand) -> Expression:
        return apply("power", self, other)

    def __neg__(self) -> Expression:
        return apply("negate", self)

    def __matmul__(self, other: Expression) -> Expression:
        return apply("matmul", self, other)

    @property
    def T(self) -> Expression:  # the field's own name for it
        return apply("transpose", self)


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A quantity, by its canonical id (``W1``, ``dJ/dz1``, or one cell of it, ``W1[1,2]``)."""

    name: str
    size: Shape = ()

    @property
    def shape(self) -> Shape:
        return self.size


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A number that belongs to the rule itself (the 2 of 2(a - y)), the same in every place of ``size``."""

    value: Fraction
    size: Shape = ()

    @property
    def shape(self) -> Shape:
        return self.size


@dataclass(frozen=True, slots=True)
class Apply(Expression):
    """An operation of the table, by name, on arguments; ``parameters`` are what it needs besides values."""

    operation: str
    arguments: tuple[Expression, ...]
    parameters: Parameters
    size: Shape

    @property
    def shape(self) -> Shape:
        return self.size


Operand = Expression | int | Fraction


def as_expression(operand: Operand) -> Expression:
    """The operand itself, or a scalar constant where it is a number."""
    return operand if isinstance(operand, Expression) else Constant(Fraction(operand))


def apply(operation: str, *arguments: Operand, parameters: Parameters = ()) -> Expression:
    """A node of the tree; its shape comes from the operation's row, which raises ValueError where shapes don't fit."""
    from exercises.operations import OPERATIONS  # the table is built on this module

    nodes = tuple(as_expression(argument) for argument in arguments)
    size = OPERATIONS[operation].shape(tuple(node.shape for node in nodes), parameters)
    return Apply(operation, nodes, parameters, size)


def symbols(expression: Expression) -> tuple[Symbol, ...]:
    """The symbols of the tree, each once, in the order in which they are read."""
    return tuple(dict.fromkeys(node for node in walk(expression) if isinstance(node, Symbol)))


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node, arguments before what is made of them."""
    if isinstance(expression, Apply):
        for argument in expression.arguments:
            yield from walk(argument)
    yield expression


def substitute(expression: Expression, values: dict[str, Expression]) -> Expression:
    """The same tree with the named symbols replaced by expressions of the same shape."""
    if isinstance(expression, Symbol):
        return values.get(expression.name, expression)
    if not isinstance(expression, Apply):
        return expression
    arguments = tuple(substitute(argument, values) for argument in expression.arguments)
    if arguments == expression.arguments:
        return expression
    return Apply(expression.operation, arguments, expression.parameters, expression.size)
