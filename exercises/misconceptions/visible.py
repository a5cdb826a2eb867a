"""Room: exercises. Which wrong expressions can be told from the right ones at all, by their values for many numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from exercises.expression import Shape
from exercises.mistaken import Instead, Misconception
from exercises.operations.row import Array
from exercises.plan import run
from exercises.program import Part, Program, Role, Step
from exercises.stream import integers

TRIALS = 24
"""Sets of numbers; a quarter of them positive throughout, so that logarithms and roots have a value too."""

SAME = 1e-9
"""Relative difference below which two ways to work something out give the same: double noise is a millionth of it."""

NOISE = 1e-14
"""What is left of differences that cancel."""

_SEED = b"gradsheet misconceptions: trials".ljust(32, b".")
_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wrong expression that a row offers for a step."""

    row: Misconception
    step: str
    instead: Instead


def telling(program: Program, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates whose value is not the step's own, without variants that repeat an earlier one everywhere."""
    probes = [
        Step(f"{number} for {candidate.step}", candidate.instead.expression, Part.UPDATE, Role.LINE)
        for number, candidate in enumerate(candidates)
    ]
    results = run(
        program.with_steps(probes), {given.name: _trials(given.name, given.shape) for given in program.givens}
    )
    different = [
        (candidate, results[probe.name])
        for candidate, probe in zip(candidates, probes, strict=True)
        if not _same(results[probe.name], results[candidate.step])
    ]
    return list(_without_repeats(different))


def _without_repeats(found: Sequence[tuple[Candidate, Array]]) -> Iterator[Candidate]:
    for _, of_row in groupby(found, key=lambda pair: pair[0].row.code):
        variants: dict[int, dict[str, tuple[Candidate, Array]]] = {}
        for candidate, value in of_row:
            variants.setdefault(candidate.instead.variant, {})[candidate.step] = candidate, value
        kept: list[dict[str, tuple[Candidate, Array]]] = []
        for _, sites in sorted(variants.items()):
            if not any(_repeats(sites, earlier) for earlier in kept):
                kept.append(sites)
                yield from (candidate for candidate, _ in sites.values())


def _repeats(sites: dict[str, tuple[Candidate, Array]], earlier: dict[str, tuple[Candidate, Array]]) -> bool:
    return all(name in earlier and _same(value, earlier[name][1]) for name, (_, value) in sites.items())


def _same(one: Array, other: Array) -> bool:
    with np.errstate(invalid="ignore"):
        near = np.abs(one - other) <= SAME * (np.abs(one) + np.abs(other)) + NOISE
    return bool((near | (np.isnan(one) & np.isnan(other)) | (one == other)).all())


def _trials(name: str, shape: Shape) -> Array:
    """Numbers of both signs from 0.2 to 1.8, by the quantity's name."""
    size = int(np.prod(shape, dtype=int)) * TRIALS
    drawn = np.array(integers(_SEED, name, 2 * _STEPS, size), dtype=float).reshape(*shape, TRIALS)
    magnitude = 0.2 + 1.6 * (drawn % _STEPS) / _STEPS
    sign = np.where((drawn >= _STEPS) & (np.arange(TRIALS) >= TRIALS // 4), -1.0, 1.0)
    return np.asarray(sign * magnitude)
