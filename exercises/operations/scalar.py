"""Room: exercises. Rows of the operations that work place by place (scalars, or tensors of one shape)."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Shape, apply
from exercises.operations import intervals
from exercises.operations.row import Array, At, Interval, Operation, Partials
from exercises.writing import (
    Cases,
    Difference,
    Function,
    Negative,
    Product,
    Quotient,
    Raised,
    Reciprocal,
    Root,
    Same,
    Sum,
    Written,
)


def one_shape(shapes: tuple[Shape, ...]) -> Shape:
    """The common shape; scalars fit any."""
    tensors = {shape for shape in shapes if shape}
    if len(tensors) > 1:
        raise ValueError(f"shapes {', '.join(map(str, sorted(tensors)))} don't fit place by place")
    return tensors.pop() if tensors else ()


def _shape_of(arity: int | None) -> Callable[[tuple[Shape, ...], Parameters], Shape]:
    def shape(shapes: tuple[Shape, ...], parameters: Parameters) -> Shape:
        if not shapes or arity not in (None, len(shapes)):
            raise ValueError(f"expected {arity or 'some'} arguments, found {len(shapes)}")
        return one_shape(shapes)

    return shape


def _expander(name: str) -> Callable[..., Expression]:
    def expand(index: tuple[int, ...], at: At, arguments: tuple[Expression, ...], parameters: Parameters) -> Expression:
        parts = tuple(at(argument, index if argument.shape else ()) for argument in arguments)
        return Apply(name, parts, parameters, ())

    return expand


def elementwise(
    name: str,
    value: Callable[..., Array],
    partials: Callable[..., tuple[Expression, ...]],
    bounds: Callable[..., Interval],
    written: Written,
    called: tuple[str, ...] = (),
    *,
    arity: int | None = 1,
    fills: bool = False,
) -> Operation:
    """A row whose shape and expansion are those of every place-by-place operation; ``arity`` None takes any number."""
    into = fills or isinstance(value, np.ufunc)
    return Operation(name, _shape_of(arity), value, Partials(partials), bounds, written, _expander(name), called, into)


def by_sign(x: Expression, above: Fraction | int, below: Fraction | int, at_zero: Fraction | int) -> Expression:
    """``above`` where x > 0, ``below`` where x < 0."""
    return apply("by_sign", x, parameters=(Fraction(above), Fraction(below), Fraction(at_zero)))


def _add(first: Array, *terms: Array, out: Array | None = None) -> Array:
    total = np.add(first, terms[0], out=out) if terms else np.positive(first, out=out)
    for term in terms[1:]:
        total = np.add(total, term, out=out)
    return total


def _sigmoid(z: Array, out: Array | None = None) -> Array:
    grown = np.exp(np.negative(z, out=out), out=out)
    return np.divide(1.0, np.add(1.0, grown, out=out), out=out)


def _softplus(z: Array, out: Array | None = None) -> Array:
    return np.logaddexp(0.0, z, out=out)


def _relu(z: Array, out: Array | None = None) -> Array:
    return np.maximum(z, 0.0, out=out)


def _leaky_relu(z: Array, slope: Fraction) -> Array:
    return np.where(z > 0, z, float(slope) * z)


def _by_sign(x: Array, above: Fraction, below: Fraction, at_zero: Fraction) -> Array:
    slope = np.where(x > 0, float(above), np.where(x < 0, float(below), float(at_zero)))
    return np.where(np.isnan(x), np.nan, slope)  # no slope where there is no number


def _by_sign_bounds(x: Interval, above: Fraction, below: Fraction, at_zero: Fraction) -> Interval:
    return intervals.by_sign(x, float(above), float(below), float(at_zero))


def _power(x: Array, n: Array) -> Array:
    """The same to the last bit for a script alone and among others: of one exponent for all NumPy makes a square."""
    x, n = np.broadcast_arrays(x, n)
    return np.asarray(np.power(x, n.copy()))


def _power_partials(out: Expression, x: Expression, n: Expression) -> tuple[Expression, ...]:
    if isinstance(n, Constant):
        return n * x ** Constant(n.value - 1), Constant(Fraction(0))
    return n * x ** (n - 1), out * apply("log", x)


_ONE = Constant(Fraction(1))
_MINUS_ONE = Constant(Fraction(-1))
_TWO = Constant(Fraction(2))
_DEGREE = Constant(Fraction(math.pi / 180))

SCALAR_ROWS = (
    elementwise("add", _add, lambda out, *terms: (_ONE,) * len(terms), intervals.add, Sum(), arity=None, fills=True),
    elementwise(
        "subtract", np.subtract, lambda out, x, y: (_ONE, _MINUS_ONE), intervals.subtract, Difference(), arity=2
    ),
    elementwise("multiply", np.multiply, lambda out, x, y: (y, x), intervals.multiply, Product(), arity=2),
    elementwise("divide", np.divide, lambda out, x, y: (1 / y, -(x / y**2)), intervals.divide, Quotient(), arity=2),
    elementwise("negate", np.negative, lambda out, x: (_MINUS_ONE,), intervals.negate, Negative()),
    elementwise("power", _power, _power_partials, intervals.power, Raised(), arity=2),
    elementwise("square", np.square, lambda out, x: (_TWO * x,), intervals.square, Raised(2), ("square",)),
    elementwise("sqrt", np.sqrt, lambda out, x: (1 / (2 * out),), intervals.sqrt, Root(), ("sqrt",)),
    elementwise(
        "reciprocal",
        np.reciprocal,
        lambda out, x: (-(1 / x**2),),
        intervals.reciprocal,
        Reciprocal(),
        ("reciprocal",),
    ),
    elementwise("identity", lambda z: z, lambda out, z: (_ONE,), lambda z: z, Same(), ("identity",)),
    elementwise(
        "sigmoid",
        _sigmoid,
        lambda a, z: (a * (1 - a),),  # taught from the output
        intervals.increasing(_sigmoid),
        Function("σ", "sigmoid"),
        ("sigmoid",),
        fills=True,
    ),
    elementwise(
        "tanh",
        np.tanh,
        lambda a, z: (1 - apply("square", a),),
        intervals.increasing(np.tanh),
        Function("tanh", "hyperbolic tangent"),
        ("tanh",),
    ),
    elementwise(
        "relu",
        _relu,
        lambda a, z: (by_sign(z, 1, 0, 0),),
        intervals.increasing(_relu),
        Function("ReLU", "rectified linear unit"),
        ("relu", "ReLU"),
        fills=True,
    ),
    elementwise(
        "leaky_relu",
        _leaky_relu,
        lambda a, z, slope: (by_sign(z, 1, slope, slope),),
        intervals.increasing(_leaky_relu),
        Function("LeakyReLU", "leaky rectified linear unit"),
        ("leaky_relu",),
    ),
    elementwise(
        "softplus",
        _softplus,
        lambda a, z: (apply("sigmoid", z),),
        intervals.increasing(_softplus),
        Function("softplus", "softplus"),
        ("softplus",),
        fills=True,
    ),
    elementwise(
        "exp",
        np.exp,
        lambda a, z: (a,),
        intervals.increasing(np.exp),
        Function("exp", "exponential function"),
        ("exp",),
    ),
    elementwise(
        "log",
        np.log,
        lambda a, z: (1 / z,),
        intervals.log,
        Function("ln", "natural logarithm"),
        ("log", "ln"),
    ),
    elementwise(
        "log10",  # what the natural logarithm is mistaken for; circuits have no name for it
        np.log10,
        lambda a, z: (1 / (apply("log", 10) * z),),
        intervals.log10,
        Function("lg", "logarithm to base ten"),
    ),
    elementwise("sin", np.sin, lambda a, z: (apply("cos", z),), intervals.sine, Function("sin", "sine"), ("sin",)),
    elementwise("cos", np.cos, lambda a, z: (-apply("sin", z),), intervals.cosine, Function("cos", "cosine"), ("cos",)),
    elementwise(
        "sin_degrees",  # what a calculator set to degrees takes sin for: the same keys, another number
        lambda z: np.sin(np.deg2rad(z)),
        lambda a, z: (_DEGREE * apply("cos_degrees", z),),
        intervals.sine_of_degrees,
        Function("sin", "sine"),
    ),
    elementwise(
        "cos_degrees",
        lambda z: np.cos(np.deg2rad(z)),
        lambda a, z: (-(_DEGREE * apply("sin_degrees", z)),),
        intervals.cosine_of_degrees,
        Function("cos", "cosine"),
    ),
    elementwise(
        "maximum",
        np.maximum,
        lambda out, x, y: (by_sign(x - y, 1, 0, 1), by_sign(y - x, 1, 0, 0)),  # a tie goes to the first
        intervals.maximum,
        Function("max", "the larger", nested=True),
        ("max",),
        arity=2,
    ),
    elementwise(
        "by_sign",
        _by_sign,
        lambda out, x, *levels: (Constant(Fraction(0)),),
        _by_sign_bounds,
        Cases(),
    ),
)
