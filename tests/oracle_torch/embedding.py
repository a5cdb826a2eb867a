"""Embeddings by torch.nn.functional.embedding, one-hot vectors turned back into numbers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    tokens = torch.tensor([token - 1 for token in options.tokens])
    if options.lookup == "one_hot":
        tokens = torch.stack([given[f"k{t}"].argmax() for t in range(1, len(options.tokens) + 1)])
    rows = functional.embedding(tokens, given["E"])
    together = {"sum": rows.sum(0), "mean": rows.mean(0), "join": rows.flatten()}
    s = together[options.combine]
    z = functional.linear(s, given["W"], given.get("b"))
    a = ACTIVATIONS[options.output_activation](z)
    return {"s": s, "z": z, "a": a, "J": loss_of(options.loss, options.output_activation, a, given["y"])}
