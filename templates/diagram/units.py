"""Room: templates. A unit of a network: where it stands, and the edges that lead from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

from templates.diagram.curves import Curve
from templates.diagram.shapes import Point

RADIUS = 15.0
"""Of a unit's circle; a longer name stretches it sideways."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A node and where it stands; ``number`` is counted from 1 within its layer, 0 for the dots of those left out."""

    of: str
    number: int
    x: float
    y: float
    half: float = RADIUS
    """Half its width."""

    @property
    def middle(self) -> Point:
        return self.x, self.y


def between(start: Unit, end: Unit) -> Curve:
    """The line from the edge of one unit to the edge of another, as if from middle to middle."""
    dx, dy = end.x - start.x, end.y - start.y
    length = hypot(dx, dy)
    ux, uy = dx / length, dy / length
    away, before = _to_edge(ux, uy, start.half), _to_edge(ux, uy, end.half)
    return (start.x + ux * away, start.y + uy * away), (end.x - ux * before, end.y - uy * before)


def _to_edge(ux: float, uy: float, half: float) -> float:
    """How far it is in one direction from the middle of a unit to its edge: a circle, or one stretched sideways."""
    straight = half - RADIUS
    if abs(ux) * RADIUS <= straight * abs(uy):
        return RADIUS / abs(uy)
    return abs(ux) * straight + sqrt(max(0.0, RADIUS**2 - (uy * straight) ** 2))
