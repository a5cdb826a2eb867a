"""Convolutional networks by PyTorch's own convolution and pooling."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tests.oracle_torch.layers import ACTIVATIONS, loss_of


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    flat = len(options.size) == 1
    channels = [""] if options.channels == 1 else ["1", "2"]
    filters = [""] if options.filters == 1 else ["1", "2"]
    x = torch.stack([given[f"x{c}"] for c in channels])[None]
    kernels = torch.stack([torch.stack([given[f"K{f}{c}"] for c in channels]) for f in filters])
    bias = torch.stack([given[f"b{f}"] for f in filters]) if options.bias else None
    laid = (functional.conv1d if flat else functional.conv2d)(
        x, kernels, bias, stride=options.stride, padding=options.padding
    )[0]
    found: dict[str, Tensor] = {}
    outputs = []
    for f, z in zip(filters, laid, strict=True):
        found |= {f"z{f}": z.clone()}
        found |= {f"a{f}": ACTIVATIONS[options.activation](found[f"z{f}"])}
        last = found[f"a{f}"]
        if options.pool != "none":
            pools = {
                "max": (functional.max_pool1d, functional.max_pool2d),
                "average": (functional.avg_pool1d, functional.avg_pool2d),
            }
            last = found[f"p{f}"] = pools[options.pool][not flat](last[None], options.window)[0]
        outputs.append(last)
    targets = [given[f"y{f}"] for f in filters] if not options.dense else [given["y"]]
    if options.dense:
        found["f"] = torch.cat([each.reshape(-1) for each in outputs])
        found["o"] = functional.linear(found["f"], given["V"], given["c"])
        outputs = [found["o"]]
    pairs = zip(outputs, targets, strict=True)
    if options.loss == "weighted_sum":
        return {**found, "J": torch.stack([torch.dot(a.flatten(), y.flatten()) for a, y in pairs]).sum()}
    return {**found, "J": torch.stack([loss_of(options.loss, "", a, y) for a, y in pairs]).sum()}
