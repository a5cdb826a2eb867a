"""One head of attention by PyTorch's own scaled dot-product attention."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {letter: given["X"] @ given[f"W{letter.lower()}"] for letter in "QKV"}
    Q, K, V = (found[letter][None] for letter in "QKV")
    found["O"] = functional.scaled_dot_product_attention(Q, K, V, is_causal=options.causal)[0]
    return {**found, "J": loss_of("half_squared_error", "", found["O"], given["Y"])}
