"""2-3-1 sigmoid networks, forward and backward: the loss and every parameter's gradient, beside other libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.by_hand import SHAPES, SOLVED, Array, Solver, WithBuffers, as_written, drawn, in_blocks
from benchmarks.harness import MEDIANS, Contender, Effort, Table, duration, machine, paired, rate, ratios
from benchmarks.peers import Made, version_of
from exercises.families.mlp import MlpOptions, build
from exercises.plan import flatten

OURS = "gradsheet"
Maker = Callable[[Sequence[Array]], Made]


def ours(given: Sequence[Array]) -> Made:
    plan = flatten(build(MlpOptions(layers=(2, 3, 1), activations="sigmoid", loss="half_squared_error")))
    numbers, wanted = dict(zip(SHAPES, given, strict=True)), tuple(SOLVED)
    return (lambda: plan.run(numbers, wanted=wanted)), lambda solved: [solved[name] for name in SOLVED]


def by_hand(solve: Solver, given: Sequence[Array]) -> Made:
    return (lambda: solve(*given)), list


BATCHED: tuple[tuple[str, str, Maker], ...] = (
    (OURS, "numpy", ours),
    ("NumPy by hand, as a textbook writes it", "numpy", partial(by_hand, as_written)),
    ("NumPy by hand, blocks of 2,000", "numpy", partial(by_hand, in_blocks(2_000))),
    ("NumPy by hand, buffers used again", "numpy", partial(by_hand, WithBuffers(4_096))),
    ("JAX jit(vmap(value_and_grad)), W @ x", "jax", peers.jax_batched),
    ("JAX jit(vmap(value_and_grad)), products summed", "jax", partial(peers.jax_batched, products=True)),
    ("PyTorch autograd, batched", "torch", peers.torch_batched),
    ("PyTorch vmap(grad_and_value)", "torch", peers.torch_vmap),
)
SINGLE: tuple[tuple[str, str, Maker], ...] = (
    (OURS, "numpy", ours),
    ("NumPy by hand, as a textbook writes it", "numpy", partial(by_hand, as_written)),
    ("JAX jit(value_and_grad)", "jax", peers.jax_single),
    ("PyTorch autograd", "torch", peers.torch_single),
    ("micrograd", "micrograd", peers.micrograd_single),
)
SIZES = (10_000, 100_000)


def tables(effort: Effort) -> list[Table]:
    sizes = [effort.few(size, size // 100) for size in SIZES]
    remark = (
        machine({name: found for name in ("numpy", "jax", "torch", "micrograd") if (found := version_of(name))})
        + MEDIANS
    )
    remark += " Double precision everywhere; everyone's numbers in their own arrays beforehand, checked against ours."
    return [
        *(_table(f"2-3-1 sigmoid networks, {size:,} at once", BATCHED, drawn(size), effort, remark) for size in sizes),
        _table("2-3-1 sigmoid networks, one at a time", SINGLE, drawn(1), effort, remark),
    ]


def _table(
    title: str, rows: Sequence[tuple[str, str, Maker]], given: Sequence[Array], effort: Effort, remark: str
) -> Table:
    variants = given[0].shape[-1]
    installed = [(name, maker(given)) for name, package, maker in rows if version_of(package)]
    _check(installed)
    timings = paired([Contender(name, run, variants) for name, (run, _) in installed], effort)
    own = timings[0]
    found = {
        one.name: (rate(one.rate), str(ratios(own, one)) if one is not own else "", duration(one.processor))
        for one in timings
    }
    return Table(
        title,
        ("", "networks/s", "gradsheet is so many times as fast", "processor time each"),
        tuple((name, *found.get(name, ("not installed", "", ""))) for name, _, _ in rows),
        (remark,),
    )


def _check(installed: Sequence[tuple[str, Made]]) -> None:
    """Everybody works out the same numbers."""
    expected: list[Any] = []
    for name, (run, read) in installed:
        came = read(run())
        expected = expected or came
        for one, other in zip(expected, came, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-15, err_msg=name)
