"""Room: exercises. How each operation is typed in NumPy, without a variants axis: one row an operation."""

from __future__ import annotations

from dataclasses import dataclass

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
"""How tightly a typed piece holds together, as Python has it."""


@dataclass(frozen=True, slots=True)
class Typed:
    """``text`` holds ``{0}``, ``{1}`` for arguments, ``{p[0]}`` for parameters and ``{shape}`` for the result's shape.

    Arguments are put in parentheses where they hold together less than ``inner``; ``level`` is the result's own. Where
    ``join`` is set, all arguments are joined by it and stand for ``{0}``. ``helper`` is a function to define first.
    """

    text: str
    level: int = ATOM
    inner: int = 0
    join: str = ""
    helper: str = ""


PAD = """def pad(x, ranges, shape):
    out = np.zeros(shape)
    out[tuple(slice(*bounds) for bounds in ranges)] = x
    return out
"""

SCATTER = """def scatter(x, rows, size):
    out = np.zeros((size, *np.shape(x)[1:]))
    np.add.at(out, list(rows), x)
    return out
"""


WINDOWS = """def windows(x, kernel, spacing, counts):
    stride, padding, dilation = spacing
    padded = np.pad(x, padding)
    for place in np.ndindex(*np.shape(kernel)):
        under = [slice(a * dilation, a * dilation + stride * (n - 1) + 1, stride) for a, n in zip(place, counts)]
        yield place, padded, tuple(under)
"""

CONV = (
    WINDOWS
    + """

def conv(x, kernel, spacing, shape):
    return sum(kernel[place] * padded[under] for place, padded, under in windows(x, kernel, spacing, shape))
"""
)

SPREAD = (
    WINDOWS
    + """

def spread(g, kernel, spacing, shape):
    out, padding = np.zeros([size + 2 * spacing[1] for size in shape]), spacing[1]
    for place, _, under in windows(out, kernel, (spacing[0], 0, spacing[2]), np.shape(g)):
        out[under] += kernel[place] * g
    return out[tuple(slice(padding, padding + size) for size in shape)]
"""
)


def function(name: str) -> Typed:
    return Typed(f"np.{name}({{0}})")


NUMPY: dict[str, Typed] = {
    "add": Typed("{0}", SUM, SUM, join=" + "),
    "subtract": Typed("{0} - {1}", SUM, PRODUCT),
    "multiply": Typed("{0} * {1}", PRODUCT, PRODUCT + 1),
    "divide": Typed("{0} / {1}", PRODUCT, PRODUCT + 1),
    "negate": Typed("-{0}", SUM, PRODUCT),
    "power": Typed("{0} ** {1}", POWER, ATOM),
    "square": Typed("{0} ** 2", POWER, ATOM),
    "sqrt": function("sqrt"),
    "reciprocal": Typed("1 / {0}", PRODUCT, PRODUCT + 1),
    "identity": Typed("{0}", 0),
    "sigmoid": Typed("1 / (1 + np.exp(-{0}))", PRODUCT, PRODUCT + 1),
    "tanh": function("tanh"),
    "relu": Typed("np.maximum({0}, 0)"),
    "leaky_relu": Typed("np.where({0} > 0, {0}, {p[0]} * {0})", inner=PRODUCT + 1),
    "softplus": Typed("np.log(1 + np.exp({0}))"),
    "exp": function("exp"),
    "log": function("log"),
    "log10": function("log10"),
    "sin": function("sin"),
    "cos": function("cos"),
    "sin_degrees": Typed("np.sin(np.deg2rad({0}))"),
    "cos_degrees": Typed("np.cos(np.deg2rad({0}))"),
    "maximum": Typed("np.maximum({0}, {1})"),
    "by_sign": Typed("np.where({0} > 0, {p[0]}, np.where({0} < 0, {p[1]}, {p[2]}))"),
    "matmul": Typed("{0} @ {1}", PRODUCT, PRODUCT + 1),
    "outer": Typed("np.outer({0}, {1})"),
    "transpose": Typed("{0}.T", inner=ATOM),
    "diagonal": Typed("np.diag({0})"),
    "diagonal_of": Typed("np.diag({0})"),
    "sum": Typed("np.sum({0}, axis={p[0]})"),
    "spread": Typed("np.broadcast_to(np.expand_dims({0}, {p[0]}), {shape})"),
    "softmax": Typed("np.exp({0}) / np.sum(np.exp({0}), axis={p[0]}, keepdims=True)", PRODUCT),
    "largest": Typed("np.max({0}, axis={p[0]})"),
    "is_largest": Typed("1.0 * ({0} >= np.max({0}, axis={p[0]}, keepdims=True))", PRODUCT, SUM),
    "gather": Typed("{0}[list({p[0]})]", inner=ATOM),
    "scatter": Typed("scatter({0}, {p[0]}, {p[1]})", helper=SCATTER),
    "concatenate": Typed("np.concatenate([{0}])", join=", "),
    "reshape": Typed("np.reshape({0}, {p[0]})"),
    "slice": Typed("{0}[tuple(slice(*bounds) for bounds in {p[0]})]", inner=ATOM),
    "convolve": Typed("conv({0}, {1}, {p[0]}, {p[1]})", helper=CONV),
    "spread_windows": Typed("spread({0}, {1}, {p[0]}, {p[1]})", helper=SPREAD),
    "pad": Typed("pad({0}, {p[0]}, {p[1]})", helper=PAD),
}
