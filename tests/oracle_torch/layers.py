"""What several families need of PyTorch: activation functions and losses by our names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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


def gated_loss(options: Any, given: dict[str, Tensor], found: dict[str, Tensor]) -> Tensor:
    """The loss of a gated cell: on its state at every time step, or at the last."""
    every = options.loss_at == "every"
    times = range(1, options.time_steps + 1) if every else [options.time_steps]
    terms = [loss_of(options.loss, "", found[f"h{t}"], given[f"y{t}" if every else "y"]) for t in times]
    return torch.stack(terms).sum()


def optimizer_named(name: str, groups: list[dict[str, Any]], number: Mapping[str, float]) -> torch.optim.Optimizer:
    """PyTorch's optimizer of that name with the settings of an exercise; weight decay may be a group's own."""
    rate, beta = number["learning_rate"], (number.get("beta1", 0.9), number.get("beta2", 0.999))
    share, epsilon = number.get("momentum", 0.0), number.get("epsilon", 1e-8)
    decay = number.get("weight_decay", 0.0)
    makers: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(groups, rate, weight_decay=decay),
        "momentum": lambda: torch.optim.SGD(groups, rate, momentum=share, weight_decay=decay),
        "nesterov": lambda: torch.optim.SGD(groups, rate, momentum=share, nesterov=True, weight_decay=decay),
        "rmsprop": lambda: torch.optim.RMSprop(
            groups, rate, alpha=number.get("decay", 0.9), eps=epsilon, weight_decay=decay
        ),
        "adam": lambda: torch.optim.Adam(groups, rate, betas=beta, eps=epsilon, weight_decay=decay),
        "adamw": lambda: torch.optim.AdamW(groups, rate, betas=beta, eps=epsilon, weight_decay=decay),
    }
    return makers[name]()
