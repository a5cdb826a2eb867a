"""Room: exercises. What is written where numbers are repeated to fill a larger shape, and where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import prod

from exercises.definitions import factors_of
from exercises.expression import Apply, Expression
from exercises.operations import OPERATIONS
from exercises.writing import Function, Negative, Product, Repeated, Same

UPSAMPLE = Function("upsample", "the upsampling of")
"""As it is called where a pooled number goes back to all places of its window."""


class Repetition(Enum):
    """How numbers are repeated."""

    UNSAID = "unsaid"
    """A single number, as usual beside vectors and matrices; or nothing comes twice."""

    COLUMNS = "columns"
    """x 𝟏ᵀ: the vector is every column."""

    ROWS = "rows"
    """𝟏 xᵀ: the vector is every row."""

    WINDOWS = "windows"
    """Each number fills a window of its own."""


def repetition(node: Apply, *, laid_out: bool = False) -> Repetition:
    """How a node that is written as ``Repeated`` repeats its argument; ``laid_out`` says that what comes of it is laid
    out anew, place after place.
    """
    inner, axes = node.arguments[0].shape, node.parameters[0]
    if not inner or prod(node.shape) == prod(inner) == 1:
        return Repetition.UNSAID
    if laid_out or len(node.shape) > 2:
        return Repetition.WINDOWS
    if len(inner) == 1 and len(node.shape) == 2 and prod(node.shape) > prod(inner):
        return Repetition.COLUMNS if axes == (1,) else Repetition.ROWS
    return Repetition.UNSAID


def is_laid_out(node: Apply) -> bool:
    """Whether a node gives another layout to the same numbers."""
    return isinstance(OPERATIONS[node.operation].written, Same) and node.shape != node.arguments[0].shape


def repetitions(expression: Expression, *, laid_out: bool = False) -> set[Repetition]:
    """All that a formula says of repeated numbers."""
    if not isinstance(expression, Apply):
        return set()
    repeats = isinstance(OPERATIONS[expression.operation].written, Repeated)
    own = {repetition(expression, laid_out=laid_out)} if repeats else set()
    inside = laid_out or is_laid_out(expression)
    return own.union(*(repetitions(argument, laid_out=inside) for argument in expression.arguments))


def is_place_by_place(factors: Sequence[Expression]) -> bool:
    """Whether at least two of a product's factors are vectors or matrices that differ from place to place."""
    return sum(bool(factor.shape) and not is_one_number_repeated(factor) for factor in factors) > 1


def is_one_number_repeated(expression: Expression) -> bool:
    """Whether all of a vector or matrix is one number, with nothing else in the formula that has its shape."""
    if not isinstance(expression, Apply) or prod(expression.shape) == 1:
        return False
    written = OPERATIONS[expression.operation].written
    if isinstance(written, Repeated):
        return not expression.arguments[0].shape
    if isinstance(written, Same | Negative):
        return is_one_number_repeated(expression.arguments[0])
    if isinstance(written, Product):
        shaped = [factor for factor in factors_of(expression) if factor.shape]
        return len(shaped) == 1 and is_one_number_repeated(shaped[0])
    return False
