"""Every family against PyTorch, which works it out in its own way: values, gradients, updates. ``make oracle``"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np
import torch
from torch import Tensor

from benchmarks.harness import Table, keep, machine
from exercises.families import FAMILIES
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.program import Program, Role
from exercises.specification import Exercise
from tests.every_family import Example, examples, random_instances
from tests.oracle_torch.layers import optimizer_named

INSTANCES = 200

CLOSE = 1e-9
"""Of 1 + |value|: both work with doubles, in another order."""

PRESETS = {"neuron": "mlp", "chain": "mlp"}


@dataclass
class Found:
    """What was compared, how far off it was at most, and what was further off than it may be."""

    values: int = 0
    gradients: int = 0
    updates: int = 0
    worst: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def compare(self, what: str, ours: Array, theirs: Tensor) -> int:
        expected = theirs.detach().numpy().reshape(ours.shape)
        off = np.abs(ours - expected) / (1 + np.abs(expected))
        worst = float(np.max(off, initial=0.0))
        finite = np.isfinite(ours).all() and np.isfinite(expected).all()
        self.worst = max(self.worst, worst) if finite else self.worst
        if finite and not worst <= CLOSE:
            self.wrong.append(f"{what}: off by {worst:.2g}")
        return ours.size if finite else 0


def module_of(family: str) -> str:
    return f"tests.oracle_torch.{PRESETS.get(family, family)}"


def compared(example: Example, found: Found, instances: int) -> None:
    """One example's random instances, each worked out by both."""
    exercise = example.exercise()
    given = without_ties(exercise, random_instances(exercise, instances))
    results = flatten(exercise.program).run(given)
    works_out = import_module(module_of(example.family)).works_out
    for k in range(instances):
        tensors = {name: torch.tensor(array[..., k], requires_grad=True) for name, array in given.items()}
        theirs: dict[str, Tensor] = works_out(exercise.options, tensors)
        ours = {name: array[..., k] for name, array in results.items()}
        _one(exercise, example, tensors, theirs, ours, found)


def without_ties(exercise: Exercise, given: Mapping[str, Array]) -> dict[str, Array]:
    """The numbers a hair off their grid: where two are the same, libraries differ in the slope of a maximum."""
    rng = np.random.default_rng(7)
    roles = {one.name: one.role for one in exercise.program.givens}
    moved = (Role.INPUT, Role.WEIGHT, Role.BIAS, Role.VARIABLE)
    return {
        name: array + rng.uniform(-1e-3, 1e-3, array.shape) if roles[name] in moved else array
        for name, array in given.items()
    }


def _one(
    exercise: Exercise,
    example: Example,
    tensors: Mapping[str, Tensor],
    theirs: Mapping[str, Tensor],
    ours: Mapping[str, Array],
    found: Found,
) -> None:
    output = exercise.program.output
    for name, tensor in theirs.items():
        found.values += found.compare(f"{example} {name}", ours[name], tensor)
        if tensor.requires_grad and not tensor.is_leaf:
            tensor.retain_grad()
    if output not in theirs or not theirs[output].requires_grad:
        return
    theirs[output].backward()
    for name, tensor in {**tensors, **theirs}.items():
        gradient = f"d{output}/d{name}"
        if gradient in ours and tensor.grad is not None:
            found.gradients += found.compare(f"{example} {gradient}", ours[gradient], tensor.grad)
    found.updates += _updated(exercise.program, exercise, example, tensors, ours, found)


def _updated(
    program: Program,
    exercise: Exercise,
    example: Example,
    tensors: Mapping[str, Tensor],
    ours: Mapping[str, Array],
    found: Found,
) -> int:
    """The first update, by the optimizer of the same name."""
    optimizer = getattr(exercise.options, "optimizer", None)
    moved = [one for one in program.givens if f"{one.name}_new" in ours and tensors[one.name].grad is not None]
    if optimizer is None or not moved:
        return 0
    number = {name: float(tensor.detach()) for name, tensor in tensors.items() if tensor.dim() == 0}
    decay = number.get("weight_decay", 0.0)
    groups = [{"params": [tensors[one.name]], "weight_decay": 0.0 if one.role is Role.BIAS else decay} for one in moved]
    optimizer_named(optimizer.name, groups, number).step()
    return sum(found.compare(f"{example} {one.name}_new", ours[f"{one.name}_new"], tensors[one.name]) for one in moved)


def table(instances: int) -> tuple[Table, list[str]]:
    rows, wrong = [], []
    for family in FAMILIES:
        if importlib.util.find_spec(module_of(family)) is None:
            wrong.append(f"{family}: tests/oracle_torch has no module for it")
            continue
        found = Found()
        for example in examples(family):
            compared(example, found, instances)
        wrong += found.wrong[:5]
        counts = (found.values, found.gradients, found.updates, len(found.wrong))
        rows.append((family, str(len(examples(family))), *map(str, counts), f"{found.worst:.1e}"))
    columns = ("family", "examples", "values", "gradients", "updates", "differing", "worst")
    remarks = (
        f"{instances} random instances of each example that a family names, numbers a hair off its own grids, worked "
        f"out by PyTorch as tests/oracle_torch says. *differing*: by more than {CLOSE:g} of 1 + |value|; *worst* is "
        "the largest such share.",
        machine({"PyTorch": torch.__version__, "NumPy": np.__version__}),
    )
    return Table("Against PyTorch", columns, tuple(rows), remarks), wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.oracle", description="Every family against PyTorch.")
    parser.add_argument("--instances", type=int, default=INSTANCES)
    parser.add_argument("--keep", action="store_true", help="also write the table to benchmarks/results")
    wishes = parser.parse_args()
    made, wrong = table(wishes.instances)
    print(made)
    if wishes.keep:
        print(f"kept in {keep('oracle', [made])}")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
