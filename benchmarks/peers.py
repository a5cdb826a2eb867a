"""The 2-3-1 network in the libraries that people know, each in the way that suits it best; absent ones are named.

Every maker takes the numbers as ``by_hand.drawn`` gives them and returns a call that solves all of them, and a reading
of what the call gave as NumPy arrays with the variants axis last. Double precision everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from benchmarks.by_hand import Array

Made = tuple[Callable[[], Any], Callable[[Any], list[Array]]]


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


# --- JAX -----------------------------------------------------------------------------------------------------------


def _jax() -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def _jax_loss(*, products: bool) -> Callable[..., Any]:
    """``W @ x``, or products and their sum, which XLA turns into one loop."""
    jax = _jax()

    def through(W: Any, a: Any) -> Any:
        return (W * a).sum(axis=-1) if products else W @ a

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = parameters
        a1 = jax.nn.sigmoid(through(W1, x) + b1)
        a2 = jax.nn.sigmoid(through(W2, a1) + b2)
        return 0.5 * ((a2 - y) ** 2).sum()

    return loss


def jax_batched(given: Sequence[Array], *, products: bool = False) -> Made:
    """``jit(vmap(value_and_grad(loss)))`` with the batch first, which JAX is fastest with."""
    jax = _jax()
    *parameters, x, y = (jax.numpy.asarray(np.ascontiguousarray(np.moveaxis(array, -1, 0))) for array in given)
    solve = jax.jit(jax.vmap(jax.value_and_grad(_jax_loss(products=products))))
    return (lambda: jax.block_until_ready(solve(parameters, x, y))), _batch_first


def jax_single(given: Sequence[Array]) -> Made:
    jax = _jax()
    *parameters, x, y = (jax.numpy.asarray(array[..., 0]) for array in given)
    solve = jax.jit(jax.value_and_grad(_jax_loss(products=False)))
    return (lambda: jax.block_until_ready(solve(parameters, x, y))), _single


def _batch_first(solved: Any) -> list[Array]:
    value, gradients = solved
    return [np.moveaxis(np.asarray(array), 0, -1) for array in (value, *gradients)]


def _single(solved: Any) -> list[Array]:
    value, gradients = solved
    return [np.asarray(array)[..., None] for array in (value, *gradients)]


# --- PyTorch -------------------------------------------------------------------------------------------------------


def _torch() -> Any:
    """One thread: a second one gained nothing at these sizes, and lost a factor of ten beside other work."""
    import torch

    torch.set_num_threads(1)
    return torch


def torch_batched(given: Sequence[Array]) -> Made:
    """Autograd on the sum over the batch, variants last: each network has parameters, so gradients, of its own."""
    torch = _torch()
    W1, b1, W2, b2, x, y = (torch.from_numpy(array.copy()) for array in given)
    parameters = [array.requires_grad_() for array in (W1, b1, W2, b2)]

    def solve() -> Any:
        a1 = torch.sigmoid((W1 * x).sum(1) + b1)
        a2 = torch.sigmoid((W2 * a1).sum(1) + b2)
        J = 0.5 * ((a2 - y) ** 2).sum(0)
        return J, torch.autograd.grad(J.sum(), parameters)

    return solve, lambda solved: [array.detach().numpy() for array in (solved[0], *solved[1])]


def torch_vmap(given: Sequence[Array]) -> Made:
    """``vmap(grad_and_value(loss))``, the way its documentation shows."""
    torch = _torch()
    *parameters, x, y = (torch.from_numpy(np.ascontiguousarray(np.moveaxis(array, -1, 0))) for array in given)

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = parameters
        a2 = torch.sigmoid(W2 @ torch.sigmoid(W1 @ x + b1) + b2)
        return 0.5 * ((a2 - y) ** 2).sum()

    solve = torch.func.vmap(torch.func.grad_and_value(loss))
    return (lambda: solve(tuple(parameters), x, y)), lambda solved: _batch_first(
        (solved[1].numpy(), [array.numpy() for array in solved[0]])
    )


def torch_single(given: Sequence[Array]) -> Made:
    torch = _torch()
    W1, b1, W2, b2, x, y = (torch.from_numpy(array[..., 0].copy()) for array in given)
    parameters = [array.requires_grad_() for array in (W1, b1, W2, b2)]

    def solve() -> Any:
        a2 = torch.sigmoid(W2 @ torch.sigmoid(W1 @ x + b1) + b2)
        J = 0.5 * ((a2 - y) ** 2).sum()
        return J, torch.autograd.grad(J, parameters)

    return solve, lambda solved: _single((solved[0].detach().numpy(), [array.numpy() for array in solved[1]]))


# --- micrograd -----------------------------------------------------------------------------------------------------


def micrograd_single(given: Sequence[Array]) -> Made:
    """micrograd has no sigmoid; it is added as a node of its own, as its author adds tanh in the lecture."""
    from micrograd.engine import Value

    def sigmoid(z: Any) -> Any:
        s = 1 / (1 + math.exp(-z.data))
        out = Value(s, (z,), "sigmoid")

        def backward() -> None:
            z.grad += s * (1 - s) * out.grad

        out._backward = backward
        return out

    W1, b1, W2, b2, x, y = (array[..., 0].tolist() for array in given)

    def solve() -> Any:
        w1, c1 = [[Value(w) for w in row] for row in W1], [Value(b) for b in b1]
        w2, c2 = [Value(w) for w in W2[0]], Value(b2[0])
        a1 = [sigmoid(row[0] * x[0] + row[1] * x[1] + b) for row, b in zip(w1, c1, strict=True)]
        a2 = sigmoid(w2[0] * a1[0] + w2[1] * a1[1] + w2[2] * a1[2] + c2)
        J = (a2 - y[0]) ** 2 * 0.5
        J.backward()
        return J, w1, c1, w2, c2

    def read(solved: Any) -> list[Array]:
        J, w1, c1, w2, c2 = solved
        gradients = [[[w.grad for w in row] for row in w1], [b.grad for b in c1], [[w.grad for w in w2]], [c2.grad]]
        return [np.array(numbers)[..., None] for numbers in (J.data, *gradients)]

    return solve, read
