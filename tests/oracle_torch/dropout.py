"""Dropout with the mask given, which PyTorch draws itself: units are picked, not multiplied."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    before, last = given["x"], len(options.layers) - 1
    for layer in range(1, last + 1):
        z = functional.linear(before, given[f"W{layer}"], given.get(f"b{layer}"))
        name = options.output_activation if layer == last else options.activation
        a = ACTIVATIONS[name](z)
        found |= {f"z{layer}": z, f"a{layer}": a}
        if layer < last:
            stays = given[f"m{layer}"] > 0.5
            before = torch.where(stays, a / (1 - options.rate), torch.zeros_like(a))
            found[f"d{layer}"] = before
    J = loss_of(options.loss, options.output_activation, found[f"a{last}"], given["y"])
    return {**found, "J": J}
