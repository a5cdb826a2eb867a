"""Residual blocks by torch.nn.functional.linear."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    h = given["x"]
    for block in range(1, options.blocks + 1):
        inner = functional.linear(h, given[f"W{block}"], given.get(f"b{block}"))
        h = h + ACTIVATIONS[options.activation](inner)
        found |= {f"z{block}": inner, f"h{block}": h}
    o = functional.linear(h, given["Wy"], given.get("by"))
    a = ACTIVATIONS[options.output_activation](o)
    return {**found, "o": o, "a": a, "J": loss_of(options.loss, options.output_activation, a, given["y"])}
