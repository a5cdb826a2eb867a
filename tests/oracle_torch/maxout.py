"""Maxout units: both sums in one stack, the larger taken."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    sums = torch.stack([functional.linear(given["x"], given[f"W{k}"], given[f"b{k}"]) for k in (1, 2)])
    h = sums.max(0).values
    a = functional.linear(h, given["Wy"], given["by"])
    return {"z1": sums[0], "z2": sums[1], "h": h, "a": a, "J": loss_of(options.loss, "identity", a, given["y"])}
