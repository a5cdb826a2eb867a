"""The operations table once more, in autograd's NumPy and written independently: one list of cases for the oracle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import autograd.numpy as anp
import numpy as np
from oracle import Case, Draw

from exercises.expression import Constant
from exercises.operations.row import Array

One = Callable[[np.random.Generator, int], Array]


def anywhere(*shape: int) -> One:
    return lambda rng, variants: rng.uniform(-2, 2, (*shape, variants))


def positive(*shape: int) -> One:
    return lambda rng, variants: rng.uniform(0.4, 3, (*shape, variants))


def off_zero(*shape: int) -> One:
    """Of both signs, and further from 0 than finite differences step."""
    return lambda rng, variants: rng.choice([-1, 1], (*shape, variants)) * rng.uniform(0.4, 2, (*shape, variants))


def distinct(*shape: int) -> One:
    """No two within 0.1 of each other, so that the largest stays the largest."""

    def draw(rng: np.random.Generator, variants: int) -> Array:
        size = int(np.prod(shape))
        ranks = rng.permuted(np.tile(np.arange(size), (variants, 1)), axis=1).T.reshape(*shape, variants)
        return 0.3 * (ranks - size / 2) + rng.uniform(0, 0.2, ranks.shape)

    return draw


def each(*draws: One) -> Draw:
    return lambda rng, variants: tuple(draw(rng, variants) for draw in draws)


def apart(first: tuple[int, ...], second: tuple[int, ...]) -> Draw:
    """Two arguments of which neither comes near the other."""

    def draw(rng: np.random.Generator, variants: int) -> tuple[Array, ...]:
        numbers = rng.uniform(-2, 2, (*first, variants)), rng.uniform(-2, 2, (*second, variants))
        return np.round(numbers[0] * 5) / 5, np.round(numbers[1] * 5) / 5 + 0.1

    return draw


def unary(
    name: str, reference: Callable[..., Array], draw: Callable[..., One] = anywhere, **more: object
) -> list[Case]:
    return [Case(name, each(draw(*shape)), reference, **more) for shape in ((), (3,), (2, 3))]  # type: ignore[arg-type]


PAIRS = (((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((), (2, 3)), ((3,), ()))


def binary(
    name: str,
    reference: Callable[..., Array],
    left: Callable[..., One] = anywhere,
    right: Callable[..., One] = anywhere,
) -> list[Case]:
    return [Case(name, each(left(*first), right(*second)), reference) for first, second in PAIRS]


def fixed_power(exponent: Fraction, draw: Callable[..., One]) -> list[Case]:
    return unary(
        "power",
        lambda x: x ** float(exponent),
        draw,
        build=lambda x: x ** Constant(exponent),
        note=f"to-{exponent.numerator}-{exponent.denominator}",
    )


def softmax(axis: int) -> Callable[[Array], Array]:
    return lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=axis, keepdims=True)


def chosen(shape: int, places: range) -> Array:
    """The 0/1 matrix that puts ``places`` of so many in a row."""
    return np.eye(shape)[list(places)]


def padding(sizes: tuple[int, int], rows: range, columns: range) -> Callable[[Array], Array]:
    into, across = chosen(sizes[0], rows), chosen(sizes[1], columns)
    return lambda g: anp.einsum("rR,cC,rcv->RCv", into, across, g)


def laid(inputs: int, kernel: int, windows: int, spacing: tuple[int, int, int]) -> Array:
    """1 where place a of window i lies on number j, else 0; axes i, a, j."""
    stride, padding, dilation = spacing
    i, a, j = np.ogrid[:windows, :kernel, :inputs]
    return (j == i * stride + a * dilation - padding).astype(float)


def window_cases() -> list[Case]:
    cases = []
    for n, k, w, spacing in ((4, 2, 3, (1, 0, 1)), (5, 2, 2, (2, 0, 1)), (3, 2, 4, (1, 1, 1)), (6, 2, 2, (2, 0, 2))):
        on, note = laid(n, k, w, spacing), f"line{spacing}"
        cases.append(
            Case(
                "convolve",
                each(anywhere(n), anywhere(k)),
                lambda x, K, on=on: anp.einsum("iaj,av,jv->iv", on, K, x),
                (spacing, (w,)),
                note=note,
            )
        )
        cases.append(
            Case(
                "spread_windows",
                each(anywhere(w), anywhere(k)),
                lambda g, K, on=on: anp.einsum("iaj,av,iv->jv", on, K, g),
                (spacing, (n,)),
                note=note,
            )
        )
    for spacing in ((1, 0, 1), (1, 1, 1), (2, 1, 1)):
        sizes = tuple((n + 2 * spacing[1] - 2) // spacing[0] + 1 for n in (3, 4))
        down, across = laid(3, 2, sizes[0], spacing), laid(4, 2, sizes[1], spacing)
        cases.append(
            Case(
                "convolve",
                each(anywhere(3, 4), anywhere(2, 2)),
                lambda x, K, d=down, c=across: anp.einsum("iaj,pbq,abv,jqv->ipv", d, c, K, x),
                (spacing, sizes),
                note=f"plane{spacing}",
            )
        )
        cases.append(
            Case(
                "spread_windows",
                each(anywhere(*sizes), anywhere(2, 2)),
                lambda g, K, d=down, c=across: anp.einsum("iaj,pbq,abv,ipv->jqv", d, c, K, g),
                (spacing, (3, 4)),
                note=f"plane{spacing}",
            )
        )
    return cases


SCALAR_CASES = [
    *binary("add", lambda x, y: x + y),
    Case("add", each(anywhere(3), anywhere(), anywhere(3)), lambda x, y, z: x + y + z),
    *binary("subtract", lambda x, y: x - y),
    *binary("multiply", lambda x, y: x * y),
    *binary("divide", lambda x, y: x / y, anywhere, off_zero),
    *unary("negate", lambda x: -x),
    *binary("power", lambda x, n: anp.exp(n * anp.log(x)), positive, anywhere),
    *fixed_power(Fraction(3), off_zero),
    *fixed_power(Fraction(2), anywhere),
    *fixed_power(Fraction(1), anywhere),
    *fixed_power(Fraction(-2), off_zero),
    *fixed_power(Fraction(1, 2), positive),
    *unary("square", lambda x: x * x),
    *unary("sqrt", lambda x: x**0.5, positive),
    *unary("reciprocal", lambda x: x**-1.0, off_zero),
    *unary("identity", lambda x: 1.0 * x),
    *unary("sigmoid", lambda z: 0.5 + 0.5 * anp.tanh(z / 2)),
    *unary("tanh", lambda z: 1 - 2 / (anp.exp(2 * z) + 1)),
    *unary("relu", lambda z: anp.where(z > 0, z, 0.0), off_zero),
    *unary("leaky_relu", lambda z: anp.where(z > 0, z, z / 8), off_zero, parameters=(Fraction(1, 8),)),
    *unary("softplus", lambda z: anp.log(1 + anp.exp(z))),
    *unary("exp", anp.exp),
    *unary("log", anp.log, positive),
    *unary("log10", lambda x: anp.log(x) / np.log(10), positive),
    *unary("sin", anp.sin),
    *unary("cos", anp.cos),
    *unary("sin_degrees", lambda x: anp.sin(x * np.pi / 180)),
    *unary("cos_degrees", lambda x: anp.cos(x * np.pi / 180)),
    *[
        Case("maximum", apart(first, second), lambda x, y: anp.where(x > y, x + 0 * y, y + 0 * x))
        for first, second in PAIRS
    ],
    *unary(
        "by_sign",
        lambda x: anp.where(x > 0, 3.0, -2.0) + 0 * x,
        off_zero,
        parameters=(Fraction(3), Fraction(-2), Fraction(1)),
    ),
]

TENSOR_CASES = [
    Case("matmul", each(anywhere(3), anywhere(3)), lambda A, B: anp.einsum("iv,iv->v", A, B)),
    Case("matmul", each(anywhere(2, 3), anywhere(3)), lambda A, B: anp.einsum("ijv,jv->iv", A, B)),
    Case("matmul", each(anywhere(3), anywhere(3, 2)), lambda A, B: anp.einsum("jv,jkv->kv", A, B)),
    Case("matmul", each(anywhere(2, 3), anywhere(3, 4)), lambda A, B: anp.einsum("ijv,jkv->ikv", A, B)),
    Case("matmul", each(anywhere(1, 1), anywhere(1, 1)), lambda A, B: A * B),
    Case("outer", each(anywhere(2), anywhere(3)), lambda u, v: anp.einsum("iv,jv->ijv", u, v)),
    Case("transpose", each(anywhere(2, 3)), lambda A: anp.einsum("ijv->jiv", A)),
    Case("diagonal", each(anywhere(3)), lambda v: anp.einsum("iv,ij->ijv", v, np.eye(3))),
    Case("diagonal_of", each(anywhere(3, 3)), lambda A: anp.stack([A[0, 0], A[1, 1], A[2, 2]])),
    *[
        Case("sum", each(anywhere(*shape)), lambda x, axes=axes: anp.sum(x, axis=axes), (axes,), note=f"axes{axes}")
        for shape, axes in (((3,), (0,)), ((2, 3), (0,)), ((2, 3), (1,)), ((2, 3), (0, 1)), ((), ()))
    ],
    Case("spread", each(anywhere()), lambda x: x * np.ones((2, 3, 1)), ((0, 1), (2, 3))),
    Case("spread", each(anywhere(2)), lambda x: x[:, None] * np.ones((1, 3, 1)), ((1,), (3,))),
    Case("spread", each(anywhere(2)), lambda x: x[None, :] * np.ones((3, 1, 1)), ((0,), (3,))),
    Case("softmax", each(anywhere(3)), softmax(0), (0,)),
    Case("softmax", each(anywhere(3, 2)), softmax(0), (0,), note="columns"),
    Case("softmax", each(anywhere(2, 3)), softmax(1), (1,), note="rows"),
    *[
        Case("largest", each(distinct(*shape)), lambda x, axes=axes: anp.max(x, axis=axes), (axes,), note=f"axes{axes}")
        for shape, axes in (((4,), (0,)), ((2, 3), (1,)), ((3, 2), (0, 1)))
    ],
    *[
        Case(
            "is_largest",
            each(distinct(*shape)),
            lambda x, axes=axes: (x == anp.max(x, axis=axes, keepdims=True)) + 0 * x,
            (axes,),
            note=f"axes{axes}",
        )
        for shape, axes in (((4,), (0,)), ((2, 3), (1,)), ((3, 2), (0, 1)), ((1,), (0,)))
    ],
    Case("gather", each(anywhere(3)), lambda x: anp.stack([x[2], x[0], x[2]]), ((2, 0, 2),)),
    Case("gather", each(anywhere(3, 2)), lambda x: anp.stack([x[1], x[1]]), ((1, 1),)),
    Case("scatter", each(anywhere(3)), lambda g: anp.stack([g[1], 0 * g[0], g[0] + g[2]]), ((2, 0, 2), 3)),
    Case("scatter", each(anywhere(2, 2)), lambda g: anp.stack([0 * g[0], g[0] + g[1]]), ((1, 1), 2)),
    Case("concatenate", each(anywhere(2), anywhere(3)), lambda x, y: anp.concatenate([x, y])),
    Case("concatenate", each(anywhere(1, 2), anywhere(2, 2), anywhere(1, 2)), lambda *x: anp.concatenate(x)),
    Case("reshape", each(anywhere(2, 3)), lambda x: anp.stack([x[0, 0], x[0, 1], x[0, 2], *x[1]]), ((6,),)),
    Case("reshape", each(anywhere(4)), lambda x: anp.stack([x[:2], x[2:]]), ((2, 2),)),
    Case("reshape", each(anywhere()), lambda x: x[None], ((1,),)),
    Case("slice", each(anywhere(5)), lambda x: anp.stack([x[1], x[3]]), (((1, 5, 2),),)),
    Case("slice", each(anywhere(3, 4)), lambda x: x[1:3][:, 0:3], (((1, 3, 1), (0, 3, 1)),)),
    Case("pad", each(anywhere(2)), lambda g: anp.stack([0 * g[0], g[0], 0 * g[0], g[1]]), (((1, 4, 2),), (4,))),
    Case(
        "pad",
        each(anywhere(2, 2)),
        padding((3, 4), range(1, 3), range(0, 4, 2)),
        (((1, 3, 1), (0, 4, 2)), (3, 4)),
    ),
    *window_cases(),
]

CASES = [*SCALAR_CASES, *TENSOR_CASES]
