"""Recurrent networks by PyTorch's cell for tanh, and joined up for the sigmoid, for which it has none."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    h = given.get("h0", torch.zeros(options.hidden, dtype=torch.float64))
    none = torch.zeros(options.hidden, dtype=torch.float64)
    for t in range(1, options.time_steps + 1):
        x, b = given[f"x{t}"], given.get("bh", none)
        if options.activation == "tanh":
            h = torch.rnn_tanh_cell(x[None], h[None], given["Wx"], given["Wh"], b, none)[0]
        else:
            h = torch.sigmoid(functional.linear(torch.cat([x, h]), torch.cat([given["Wx"], given["Wh"]], 1), b))
        found[f"h{t}"] = h
    times = range(1, options.time_steps + 1) if options.loss_at == "every" else [options.time_steps]
    losses = []
    for t in times:
        number = str(t) if options.loss_at == "every" else ""
        o = functional.linear(found[f"h{t}"], given["Wy"], given.get("by"))
        found[f"o{number}"], found[f"a{number}"] = o, ACTIVATIONS[options.output_activation](o)
        y = given[f"y{number}"]
        losses.append(loss_of(options.loss, options.output_activation, found[f"a{number}"], y))
    return {**found, "J": torch.stack(losses).sum()}
