"""Layered perceptrons by torch.nn.functional.linear; neuron and chain are networks of this kind."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from exercises.families.mlp import layer_activations
from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    x = given["x"].T if given["x"].dim() == 2 else given["x"][None]
    y = given["y"].T if given["y"].dim() == 2 else given["y"][None]
    several = given["x"].dim() == 2
    names = layer_activations(options)
    a = x
    for layer, name in enumerate(names, start=1):
        b = given.get(f"b{layer}")
        z = functional.linear(a, given[f"W{layer}"]) + (b if b is not None else 0)
        if name == "leaky_relu":
            a = functional.leaky_relu(z, options.leaky_slope)
        else:
            a = torch.softmax(z, 1) if name == "softmax" else ACTIVATIONS[name](z)
        found |= {f"z{layer}": z.T if several else z[0], f"a{layer}": a.T if several else a[0]}
    losses = torch.stack([loss_of(options.loss, names[-1], each, wanted) for each, wanted in zip(a, y, strict=True)])
    return {**found, "J": losses.mean() if options.reduction == "mean" else losses.sum()}
