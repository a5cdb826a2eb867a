"""Room: templates. Edges as lines and cubic curves: points along them, parts of them, the heads of their arrows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import hypot

from templates.diagram.framing import bounding
from templates.diagram.shapes import Box, Head, Ink, Point, Stroke

Curve = tuple[Point, ...]
"""Two points of a line, or the four of a cubic curve, which starts at the first and ends at the last."""

FINE = 100
"""Into so many parts a curve is divided to see where a label stands on it."""

HALO = 1.0
"""The white between an edge and the label that interrupts it, in points."""


def point_at(curve: Curve, t: float) -> Point:
    """The point at ``t`` from 0 to 1."""
    return _halved(curve, t)[-1]


def _halved(curve: Curve, t: float) -> Curve:
    """The part of a curve from its start to ``t``, as a curve of the same kind (de Casteljau)."""
    first, points = [curve[0]], curve
    while len(points) > 1:
        points = tuple((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points))
        first.append(points[0])
    return tuple(first)


def part(curve: Curve, start: float, end: float) -> Curve:
    """The part between two of a curve's parameters, 0 <= start < end <= 1."""
    to_end = curve if end >= 1 else _halved(curve, end)
    return to_end if start <= 0 else _halved(to_end[::-1], 1 - start / end)[::-1]


@lru_cache(maxsize=4096)
def traced(curve: Curve, parts: int) -> tuple[Point, ...]:
    """Points along a curve, its ends among them."""
    return tuple(point_at(curve, k / parts) for k in range(parts + 1))


def interrupted(curve: Curve, boxes: Sequence[Box], ink: Ink) -> list[Stroke]:
    """The parts of an edge on which none of the boxes lies.

    An interrupted edge reads on paper of any colour, which a painted background behind the label wouldn't.
    """
    room = bounding([Box(x, y, x, y) for x, y in curve]).grown(HALO)
    near = [box.grown(HALO) for box in boxes if box.overlaps(room)]
    if not near:
        return [Stroke(curve, ink)]
    hidden = [any(box.holds(point) for box in near) for point in traced(curve, FINE)]
    strokes: list[Stroke] = []
    start = 0
    for k, covered in enumerate([*hidden, True]):
        if covered:
            if k - start > 1:
                strokes.append(Stroke(part(curve, start / FINE, (k - 1) / FINE), ink))
            start = k + 1
    return strokes


def head(curve: Curve, ink: Ink, size: float = 4.5) -> Head:
    """The head of an arrow at the end of an edge."""
    tip = curve[-1]
    behind = point_at(curve, 0.97 if len(curve) == 4 else 0.0)
    length = hypot(tip[0] - behind[0], tip[1] - behind[1]) or 1.0
    ux, uy = (tip[0] - behind[0]) / length, (tip[1] - behind[1]) / length
    base = (tip[0] - ux * size, tip[1] - uy * size)
    wing = size * 0.38
    return Head((tip, (base[0] - uy * wing, base[1] + ux * wing), (base[0] + uy * wing, base[1] - ux * wing)), ink)
