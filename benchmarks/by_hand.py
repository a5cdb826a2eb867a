"""The 2-3-1 network written out by hand in NumPy: what a fast kernel has to be measured against.

All functions take W1 (3, 2, V), b1 (3, V), W2 (1, 3, V), b2 (1, V), x (2, V), y (1, V) and give J (V,) and its
gradients by W1, b1, W2 and b2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Solved = tuple[Array, Array, Array, Array, Array]
Solver = Callable[[Array, Array, Array, Array, Array, Array], Solved]

SHAPES = {"W1": (3, 2), "b1": (3,), "W2": (1, 3), "b2": (1,), "x": (2,), "y": (1,)}
SOLVED = {"J": (), "dJ/dW1": (3, 2), "dJ/db1": (3,), "dJ/dW2": (1, 3), "dJ/db2": (1,)}


def drawn(variants: int) -> list[Array]:
    """Numbers for so many networks."""
    rng = np.random.default_rng(1)
    return [rng.uniform(0.1, 0.9, (*shape, variants)) for shape in SHAPES.values()]


def as_written(W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array) -> Solved:
    """As a textbook writes it, a new array for every operation."""
    a1 = 1 / (1 + np.exp(-((W1 * x).sum(axis=1) + b1)))
    a2 = 1 / (1 + np.exp(-((W2 * a1).sum(axis=1) + b2)))
    error = a2 - y
    d2 = error * a2 * (1 - a2)
    d1 = W2[0] * d2 * a1 * (1 - a1)
    return 0.5 * (error[0] * error[0]), d1[:, None] * x, d1, d2[:, None] * a1, d2


def in_blocks(block: int) -> Solver:
    """The same on blocks of the variants axis that stay in cache."""

    def solve(*given: Array) -> Solved:
        variants = given[-1].shape[-1]
        results = [np.empty((*shape, variants)) for shape in SOLVED.values()]
        for start in range(0, variants, block):
            part = slice(start, start + block)
            for result, value in zip(results, as_written(*(array[..., part] for array in given)), strict=True):
                result[..., part] = value
        return tuple(results)  # type: ignore[return-value]

    return solve


class WithBuffers:
    """Every operation into an array used before; the buffers and their starts at cache lines are chosen by hand."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.buffers = [_at_line(rows, block) for rows in (3, 3, 3, 1, 1, 1)]

    def __call__(self, W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array) -> Solved:
        variants = y.shape[-1]
        results = [_at_line(*shape, variants) for shape in SOLVED.values()]
        for start in range(0, variants, self.block):
            part = slice(start, min(start + self.block, variants))
            given = [array[..., part] for array in (W1, b1, W2, b2, x, y)]
            self._solve(*given, *(result[..., part] for result in results))
        return tuple(results)  # type: ignore[return-value]

    def _solve(
        self,
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        x: Array,
        y: Array,
        J: Array,
        gW1: Array,
        d1: Array,
        gW2: Array,
        d2: Array,
    ) -> None:
        a1, t, u, a2, error, v = (buffer[:, : y.shape[-1]] for buffer in self.buffers)
        np.multiply(W1[:, 0], x[0], out=t)
        np.multiply(W1[:, 1], x[1], out=u)
        np.add(t, u, out=t)
        np.add(t, b1, out=t)
        _sigmoid(t, a1)
        np.multiply(W2[0], a1, out=t)
        np.add(t[0], t[1], out=v[0])
        np.add(v[0], t[2], out=v[0])
        np.add(v, b2, out=v)
        _sigmoid(v, a2)
        np.subtract(a2, y, out=error)
        np.square(error[0], out=v[0])
        np.multiply(v[0], 0.5, out=J)
        np.subtract(1, a2, out=v)
        np.multiply(v, a2, out=v)
        np.multiply(v, error, out=d2)
        np.multiply(d2, a1, out=gW2[0])
        np.multiply(W2[0], d2[0], out=t)
        np.subtract(1, a1, out=u)
        np.multiply(u, a1, out=u)
        np.multiply(t, u, out=d1)
        np.multiply(d1[:, None], x, out=gW1)


def _sigmoid(z: Array, out: Array) -> None:
    np.negative(z, out=z)
    np.exp(z, out=z)
    np.add(z, 1, out=z)
    np.divide(1, z, out=out)


def _at_line(*shape: int) -> Array:
    size = int(np.prod(shape))
    memory = np.empty(size + 8)
    start = (-memory.__array_interface__["data"][0] % 64) // 8
    return memory[start : start + size].reshape(shape)
