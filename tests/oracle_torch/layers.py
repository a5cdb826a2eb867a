"""What several families need of PyTorch: activation functions and losses by our names."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z.clone(),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softplus": functional.softplus,
    "softmax": lambda z: torch.softmax(z, 0),
}


def loss_of(wished: str | None, output_activation: str, a: Tensor, y: Tensor) -> Tensor:
    """The loss of one example; the usual one where none is wished."""
    name = wished or ("cross_entropy" if output_activation == "softmax" else "half_squared_error")
    if name == "half_squared_error":
        return functional.mse_loss(a, y, reduction="sum") / 2
    if name == "squared_error":
        return functional.mse_loss(a, y, reduction="sum")
    if name == "mean_squared_error":
        return functional.mse_loss(a, y)
    if name == "binary_cross_entropy":
        return functional.binary_cross_entropy(a, y, reduction="sum")
    return functional.nll_loss(torch.log(a)[None], y.argmax()[None], reduction="sum")
