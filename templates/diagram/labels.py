"""Room: templates. Labels put along edges where they are free.

A label covers no node and no other label; foreign edges it avoids as far as it can. The search sees boxes only, so that
the drawings of a class, which differ in their digits but not in their boxes, are searched once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from templates.diagram.curves import Curve, point_at, traced
from templates.diagram.shapes import Box, Point

Floats = NDArray[np.float64]

GAP, WORD_SPACE = 1.6, 3.5
"""The least distance to whatever the label isn't the label of, above it and beside it, in points."""

NEAR, NEARNESS = 6.0, 1.5
"""What it costs to stand nearer than this, in points, to another label or to a foreign edge."""

TOUCHED, CROSSED = 10.0, 0.8
"""What it costs to stand on a foreign edge at all, and for each point of its length that is covered."""

FORBIDDEN = 1e6
"""The price of covering a node or another label: never paid."""

SEGMENTS = 8
"""A curve is looked at as so many straight parts."""

STEPS = 31
"""Places along an edge that are tried, where the caller doesn't say."""

FIRST_CHOICES = (0.3, 0.2, 0.4, 0.5, 0.65, 0.8)
"""Where along the edges the search begins, one try after the other."""

ROUNDS = 8
"""How often every label may look for a better place; they settle after two or three."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a label reaches from its middle: to either side, up and down."""

    side: float
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for the middle of a label, what it costs, and the point of its edge that it belongs to."""

    at: Point
    price: float
    of: Point


@dataclass(frozen=True, slots=True)
class Wish:
    """A label that belongs to an edge: its size, and where it may stand, in order along the edge.

    ``own`` are the edges that it belongs to, by their numbers; ``over`` says that it may well stand on them. No other
    edge should run between the label and the point that it belongs to.
    """

    reach: Reach
    spots: tuple[Spot, ...]
    own: tuple[int, ...] = ()
    over: bool = True


@dataclass(frozen=True, slots=True)
class Placing:
    """Where each label goes, and what the whole costs: the less, the clearer the drawing."""

    points: tuple[Point, ...]
    price: float


@lru_cache(maxsize=4096)
def along(
    curve: Curve, preferred: float, offsets: tuple[Point, ...] = ((0.0, 0.0),), steps: int = STEPS
) -> tuple[Spot, ...]:
    """Places from 0.14 to 0.86 of an edge, dearer the further from the preferred one and the later the offset."""
    spots = []
    for k in range(steps):
        t = 0.14 + 0.72 * k / (steps - 1)
        x, y = point_at(curve, t)
        for rank, (dx, dy) in enumerate(offsets):
            spots.append(Spot((x + dx, y + dy), abs(t - preferred) * 10 + rank, (x, y)))
    return tuple(spots)


@lru_cache(maxsize=256)
def place(wishes: tuple[Wish, ...], edges: tuple[Curve, ...], obstacles: tuple[Box, ...]) -> Placing | None:
    """A point for the middle of each label, or None where there is no room for all; always the same for the same."""
    if not wishes:
        return Placing((), 0.0)
    taken = _array(obstacles)
    lines = _lines(edges)
    candidates = [_candidates(wish, lines, taken) for wish in wishes]
    if any(prices.min() >= FORBIDDEN for _, prices in candidates):
        return None
    settled = [_settled(candidates, share) for share in FIRST_CHOICES]
    price, chosen = min(settled, key=lambda pair: pair[0])
    if price >= FORBIDDEN:
        return None
    return Placing(tuple(wish.spots[number].at for wish, number in zip(wishes, chosen, strict=True)), price)


def _array(boxes: Sequence[Box]) -> Floats:
    """Left, top, right, bottom of each box; shape (boxes, 4)."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=float).reshape(-1, 4)


def _overlaps(boxes: Floats, others: Floats, beside: float, above: float) -> NDArray[np.bool_]:
    """Which boxes come nearer to which others than this; shape (boxes, others)."""
    a, b = boxes[:, None, :], others[None, :, :]
    across = (a[..., 0] - beside < b[..., 2]) & (b[..., 0] - beside < a[..., 2])
    return across & (a[..., 1] - above < b[..., 3]) & (b[..., 1] - above < a[..., 3])


@dataclass(frozen=True, slots=True)
class _Lines:
    """All edges as straight parts: where each starts, where it leads from there, its length, where each edge begins."""

    start: Floats
    step: Floats
    length: Floats
    first: NDArray[np.intp]


def _lines(edges: Sequence[Curve]) -> _Lines:
    traces = [np.array(traced(edge, SEGMENTS if len(edge) == 4 else 1), dtype=float) for edge in edges]
    start = np.concatenate([trace[:-1] for trace in traces])
    step = np.concatenate([trace[1:] - trace[:-1] for trace in traces])
    counts = [len(trace) - 1 for trace in traces]
    return _Lines(start, step, np.sqrt((step**2).sum(axis=1)), np.cumsum([0, *counts[:-1]]))


def _candidates(wish: Wish, lines: _Lines, obstacles: Floats) -> tuple[Floats, Floats]:
    """The label's box at each of its places, and the price of each before other labels are looked at."""
    reach = wish.reach
    x, y = np.array([spot.at for spot in wish.spots]).T
    boxes = np.stack([x - reach.side, y - reach.above, x + reach.side, y + reach.below], axis=1)
    prices = np.array([spot.price for spot in wish.spots])
    blocked = _overlaps(boxes, obstacles, WORD_SPACE, GAP).any(axis=1)
    prices[blocked] = FORBIDDEN
    free = np.flatnonzero(~blocked)
    if free.size:
        prices[free] += _disturbed(wish, lines, boxes[free], _tethers([wish.spots[k] for k in free]))
    return boxes, prices


def _disturbed(wish: Wish, lines: _Lines, boxes: Floats, tethers: Floats) -> Floats:
    """What the edges around cost at each place: foreign ones that are covered, near, or between label and own edge."""
    own = list(wish.own)
    covered, near = _covered(lines, boxes, GAP), _covered(lines, boxes, NEAR) > 0
    costs = NEARNESS * near + np.where(covered > 0, TOUCHED + CROSSED * covered, 0.0)
    between = TOUCHED * (_covered(lines, tethers, 0.5) > 0)
    between[own] = 0.0
    if wish.over:
        costs[own] = 0.0
    return np.asarray(costs.sum(axis=0) + between.sum(axis=0))


def _tethers(spots: Sequence[Spot]) -> Floats:
    """For each spot the rectangle between the label's middle and the point that it belongs to."""
    at, of = np.array([spot.at for spot in spots]), np.array([spot.of for spot in spots])
    return np.concatenate([np.minimum(at, of), np.maximum(at, of)], axis=1)


def _covered(lines: _Lines, boxes: Floats, margin: float) -> Floats:
    """The length of each edge that lies within each box (grown by the margin); shape (edges, boxes)."""
    enter, leave = np.zeros(()), np.ones(())
    for axis in (0, 1):
        start, step = lines.start[:, axis, None], lines.step[:, axis, None]
        low, high = boxes[None, :, axis] - margin - start, boxes[None, :, axis + 2] + margin - start
        level = step == 0
        outside = np.where(low * high < 0, -np.inf, np.inf)  # a level line is between the sides everywhere or nowhere
        first, second = low / np.where(level, 1.0, step), high / np.where(level, 1.0, step)
        enter = np.maximum(enter, np.where(level, outside, np.minimum(first, second)))
        leave = np.minimum(leave, np.where(level, -outside, np.maximum(first, second)))
    inside = np.clip(leave - enter, 0.0, None) * lines.length[:, None]
    return np.asarray(np.add.reduceat(inside, lines.first, axis=0))


def _settled(candidates: Sequence[tuple[Floats, Floats]], share: float) -> tuple[float, list[int]]:
    """Each label in turn takes the best place that the others leave, until none moves; with the price of the whole."""
    chosen = [_first(prices, share) for _, prices in candidates]
    price = 0.0
    for _ in range(ROUNDS):
        before = list(chosen)
        price = 0.0
        for k, (boxes, prices) in enumerate(candidates):
            others = np.array([candidates[j][0][number] for j, number in enumerate(chosen) if j != k]).reshape(-1, 4)
            full = prices + _disturbance(boxes, others)
            chosen[k] = int(full.argmin())
            price += float(full[chosen[k]])
        if chosen == before:
            break
    return price, chosen


def _first(prices: Floats, share: float) -> int:
    """The cheapest of the places near one share of the whole list, which runs along the edge."""
    width = max(1, len(prices) // 10)
    start = min(int(share * len(prices)), len(prices) - 1)
    return start + int(prices[start : start + width].argmin())


def _disturbance(boxes: Floats, others: Floats) -> Floats:
    near = _overlaps(boxes, others, NEAR, NEAR).sum(axis=1)
    return np.asarray(NEARNESS * near + FORBIDDEN * _overlaps(boxes, others, WORD_SPACE, GAP).sum(axis=1))
