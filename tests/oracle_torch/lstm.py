"""The LSTM by PyTorch's own cell: its gates stand in another order there, input, forget, candidate, output."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.oracle_torch.layers import gated_loss

ORDER = "ifgo"


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    none = torch.zeros(4 * options.hidden, dtype=torch.float64)
    from_input, from_state = (torch.cat([given[f"W{kind}{gate}"] for gate in ORDER]) for kind in "xh")
    bias = torch.cat([given[f"b{gate}"] for gate in ORDER]) if options.bias else none
    h, c = given["h0"][None], given["c0"][None]
    found: dict[str, Tensor] = {}
    for t in range(1, options.time_steps + 1):
        h, c = torch.lstm_cell(given[f"x{t}"][None], (h, c), from_input, from_state, bias, none)
        found[f"h{t}"] = h[0]
        h = found[f"h{t}"][None]  # what goes on is what is compared; c isn't, since h is made of it within the cell
    return {**found, "J": gated_loss(options, given, found)}
