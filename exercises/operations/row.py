"""Room: exercises. What a row of the operations table has to say.

Arrays carry the variants axis last: a quantity of shape ``(m, n)`` comes as an array ``(m, n, V)``. An interval is a
pair of such arrays, lowest and highest value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exercises.expression import Expression, Parameters, Shape
from exercises.writing import Written

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Interval = tuple[Array, Array]
At = Callable[[Expression, tuple[int, ...]], Expression]
"""The scalar expression for one component (zero-based index) of an expression."""


@dataclass(frozen=True, slots=True)
class Partials:
    """Elementwise: ``rule(out, *arguments)`` gives one local derivative for each argument, as expressions."""

    rule: Callable[..., tuple[Expression, ...]]


@dataclass(frozen=True, slots=True)
class Pullback:
    """``rule(g, out, *arguments, *parameters)`` carries the gradient ``g`` of the result back to each argument."""

    rule: Callable[..., tuple[Expression, ...]]


@dataclass(frozen=True, slots=True)
class Jacobian:
    """Each output of a vector depends on each input: ``matrix(out)`` is that symmetric table of local derivatives.

    ``rule`` is the pullback for shapes in which the table would have more than two axes.
    """

    matrix: Callable[[Expression], Expression]
    rule: Callable[..., tuple[Expression, ...]]


class ByComponents:
    """The bounds column of a tensor operation: spell it out by components and bound those."""


BY_COMPONENTS = ByComponents()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation and every way to read it. A new row that leaves a column out can't be built.

    ``shape(shapes, parameters)`` raises ValueError where shapes don't fit; ``value(*arrays, *parameters)``;
    ``bounds(*intervals, *parameters)`` encloses every value the arguments allow, with infinities or NaN where nothing
    can be said; ``expand(index, at, arguments, parameters)`` is one component as a scalar expression.
    """

    name: str
    shape: Callable[[tuple[Shape, ...], Parameters], Shape]
    value: Callable[..., Array]
    derivative: Partials | Pullback | Jacobian
    bounds: Callable[..., Interval] | ByComponents
    written: Written
    expand: Callable[[tuple[int, ...], At, tuple[Expression, ...], Parameters], Expression]
    called: tuple[str, ...] = ()
    """Names under which a circuit's author may call it."""
    fills: bool = False
    """Whether ``value`` takes an ``out`` array to write into, as NumPy's own functions do. For an operation place by
    place of up to two arguments that array may be an argument's own."""
