"""Room: grader. The smallest set of explanations that accounts for most of the wrong cells, found greedily.

Ranked by wrong cells explained, then by fewest right cells contradicted. Scripts about which the evidence says the same
are looked at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.evidence import Evidence

MOST_EXPLANATIONS = 6
"""Different mistakes looked for in one script; who makes more needs a conversation, not a list."""


class Finding(NamedTuple):
    """Rival readings (rows of the evidence) of the same cells (places in the evidence's cells)."""

    rows: tuple[int, ...]
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """What a search says of the scripts of one group, in the order found, and the cells it leaves open."""

    scripts: NDArray[np.intp]
    findings: tuple[Finding, ...]
    left: NDArray[np.bool_]


def cover(evidence: Evidence, open_cells: NDArray[np.bool_], least: int = 1) -> Iterator[Covered]:
    """Search all scripts; ``open_cells`` (cells, V) are wrong and not yet accounted for.

    Findings explain at least ``least`` open cells each. Every script with an open cell is in one of the groups.
    """
    for scripts, hits, against, left in _alike(evidence, open_cells):
        findings: list[Finding] = []
        while len(findings) < MOST_EXPLANATIONS and (finding := _best(hits, against, left, least)):
            findings.append(finding)
            left[list(finding.cells)] = False
        yield Covered(scripts, tuple(findings), left)


_Alike = tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.int32], NDArray[np.bool_]]


def _alike(evidence: Evidence, open_cells: NDArray[np.bool_]) -> Iterator[_Alike]:
    """Scripts with the same open cells, explained by the same rows with the same contradictions."""
    concerned = np.flatnonzero(open_cells.any(axis=0))
    if not len(concerned):
        return
    hits = evidence.explained[:, :, concerned] & open_cells[:, concerned]
    speaks = hits.any(axis=1)
    against = np.where(speaks, evidence.contradicted[:, concerned], 0)
    flat = np.packbits(hits.reshape(-1, len(concerned)), axis=0)
    told = np.concatenate([flat, against.astype(np.uint8), np.packbits(open_cells[:, concerned], axis=0)])
    groups: dict[bytes, list[int]] = {}
    for place, signature in enumerate(np.ascontiguousarray(told.T)):
        groups.setdefault(signature.tobytes(), []).append(place)
    for places in groups.values():
        first = places[0]
        yield concerned[places], hits[:, :, first], against[:, first], open_cells[:, concerned[first]].copy()


def _best(hits: NDArray[np.bool_], against: NDArray[np.int32], left: NDArray[np.bool_], least: int) -> Finding | None:
    """The reading that explains most, with all that explain the same cells and contradict as few."""
    explains = hits & left
    count = explains.sum(axis=1)
    most = int(count.max(initial=0))
    if most < least or not most:
        return None
    best = np.flatnonzero(count == most)
    best = best[against[best] == against[best].min()]
    same = best[(explains[best] == explains[best[0]]).all(axis=1)]
    return Finding(tuple(same.tolist()), tuple(np.flatnonzero(explains[best[0]]).tolist()))
