"""The GRU as first published: the reset gate weighs the state before its weights do; in PyTorch's cell, after them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import gated_loss


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    h = given["h0"]
    for t in range(1, options.time_steps + 1):
        x = given[f"x{t}"]

        def through(gate: str, state: Tensor, x: Tensor = x) -> Tensor:
            weights = torch.cat([given[f"Wx{gate}"], given[f"Wh{gate}"]], 1)
            return functional.linear(torch.cat([x, state]), weights, given.get(f"b{gate}"))

        update, reset = torch.sigmoid(through("u", h)), torch.sigmoid(through("r", h))
        candidate = torch.tanh(through("n", reset * h))
        h = torch.lerp(candidate, h, update)
        found |= {f"u{t}": update, f"r{t}": reset, f"n{t}": candidate, f"h{t}": h}
    return {**found, "J": gated_loss(options, given, found)}
