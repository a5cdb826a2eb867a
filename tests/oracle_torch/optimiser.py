"""Optimizers by PyTorch's own, handed the gradients one step after the other."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tests.oracle_torch.layers import optimizer_named


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    w = given["w0"].detach().clone().requires_grad_()
    number = {name: float(tensor.detach()) for name, tensor in given.items() if tensor.dim() == 0}
    optimizer = optimizer_named(options.optimizer.name, [{"params": [w]}], number)
    found: dict[str, Tensor] = {}
    for step in range(1, options.steps + 1):
        w.grad = given[f"g{step}"].detach().clone()
        optimizer.step()
        found[f"w{step}"] = w.detach().clone()
    return found
