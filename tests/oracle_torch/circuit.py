"""Circuits: their lines read by Python, worked out on tensors."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor

from exercises.families.circuit_draw import random_lines

FUNCTIONS = {
    **{
        name: getattr(torch, name) for name in ("sigmoid", "tanh", "square", "sin", "cos", "exp", "log", "sqrt", "relu")
    },
    "softplus": torch.nn.functional.softplus,
    "reciprocal": torch.reciprocal,
    "max": lambda a, b: torch.where(a >= b, a, b),  # a tie counts for the first, as a rectifier's kink does
}


def works_out(options: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    lines = options.lines or ([f"f = {options.expression}"] if options.expression else None)
    known: dict[str, Any] = dict(given)
    for line in lines or random_lines(options.size or 4, options.structure or 1):
        name, formula = (part.strip() for part in line.split("=", 1))
        known[name] = eval(re.sub(r"\^", "**", formula), {"__builtins__": {}, **FUNCTIONS}, known)
    return {name: value for name, value in known.items() if name not in given}
