"""Room: templates. The drawing of any other network: its quantities as nodes, its parameters on the edges they weigh.

What is too long for the page goes on below, in bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from exercises.program import Program
from templates.diagram import lettering as set_text
from templates.diagram.bands import in_bands
from templates.diagram.curves import Curve, head, interrupted, traced
from templates.diagram.framing import framed
from templates.diagram.labels import Spot, Wish, along, place
from templates.diagram.marks import NAMES, PAGE_WIDTH, SMALL, Mark, mark, note, obstacles
from templates.diagram.shapes import Box, Ink, Lettering, Node, Picture, Shape
from templates.diagram.sketch_reading import ROW, Edge, Sketch, read_sketch
from templates.diagram.units import RADIUS, Unit, between
from templates.diagram.words import listed

ACROSS = 82.0
"""From column to column, in points."""

LEAST_ACROSS = 52.0
"""Columns stand no closer; what is then wider than the page is cut into bands."""

ACROSS_PAGE = PAGE_WIDTH - 2 * RADIUS
"""From the first column to the last, at most."""

GOES_ON = "Each row begins with what it takes over from those above, in grey."

BESIDE_NAME = 4.0
CLEAR = 4.0
"""How far an edge keeps from nodes that it doesn't belong to."""

BOWS = (0.0, 0.22, -0.22, 0.36, -0.36, 0.5, -0.5)
"""How far the middle of an edge is moved aside, as a share of its length, until it is clear of other nodes."""

ARROW = 13.0
"""The length of the arrow by which a bias comes in."""

TRIES = (*((1.0, 1.12**k) for k in range(4)), *((1.12**k, 1.12**k) for k in range(1, 12)))
"""By how much columns and rows are set apart until every label finds room; of rows alone first, which makes no band
shorter.
"""


def draw_sketch(program: Program, lettering: Lettering, *, title: str = "Network") -> Picture | None:
    """Nodes with their names, and edges with the parameters that weigh what goes along them; no numbers.

    What is wider than the page is cut into rows, each of which begins with what it takes over. None where nothing
    leads anywhere.
    """
    sketch = read_sketch(program)
    if not sketch.edges:
        return None
    for wider, higher in TRIES:
        banded = in_bands(sketch, ACROSS_PAGE / LEAST_ACROSS / wider)
        shapes = _Drawing(banded, lettering, wider, higher).shapes()
        if shapes is not None:
            return framed(shapes, title, describe_sketch(sketch, lettering))
    raise RuntimeError("no room for the labels of the edges, however wide the drawing")


class _Drawing:
    """One attempt, with columns ``wider`` and rows ``higher`` than they need be, as factors."""

    def __init__(self, sketch: Sketch, lettering: Lettering, wider: float, higher: float) -> None:
        self.sketch, self.lettering = sketch, lettering
        columns = [column for column, _ in sketch.places.values()]
        length = max(max(columns) - min(columns), 1.0)
        self.across, self.down = min(ACROSS * wider, ACROSS_PAGE / length), ROW * higher
        self.units = {node: self._unit(node) for node in sketch.places}

    def _unit(self, node: str) -> Unit:
        (column, row), of = self.sketch.places[node], self.sketch.quantity(node)
        half = max(RADIUS, set_text.width(self.lettering.label(of), NAMES) / 2 + BESIDE_NAME)
        return Unit(of, 1, column * self.across, row * self.down, half)

    def shapes(self) -> list[Shape] | None:
        """The whole drawing, edges first; None where a label finds no room."""
        fixed = [shape for node, unit in self.units.items() for shape in self._node(node, unit)]
        curves = [self._curve(edge) for edge in self.sketch.edges]
        marks: list[Mark] = []
        wishes: list[Wish] = []
        for number, edge in enumerate(self.sketch.edges):
            for sign in self._marks(edge.weights):
                marks.append(sign)
                wishes.append(Wish(sign.reach, along(curves[number], 0.5), (number,)))
        for name, added in self.sketch.added.items():
            curve = self._arrow(self.units[name], curves)
            curves.append(curve)
            for sign in self._marks(added):
                marks.append(sign)
                wishes.append(Wish(sign.reach, _around(curve), (len(curves) - 1,)))
        placing = place(tuple(wishes), tuple(curves), tuple(obstacles(fixed)))
        if placing is None:
            return None
        texts = [sign.at(point) for sign, point in zip(marks, placing.points, strict=True)]
        boxes = [text.box for text in texts]
        strokes = [stroke for curve in curves for stroke in interrupted(curve, boxes, Ink.MAIN)]
        drawn = [*strokes, *(head(curve, Ink.MAIN) for curve in curves), *fixed, *texts]
        return [*drawn, note(set_text.words(GOES_ON), drawn, SMALL)] if self.sketch.again else drawn

    def _node(self, node: str, unit: Unit) -> list[Shape]:
        box = Box(unit.x - unit.half, unit.y - RADIUS, unit.x + unit.half, unit.y + RADIUS)
        ink = Ink.FAINT if node in self.sketch.again else Ink.MAIN
        name = set_text.text(unit.of, self.lettering.label(unit.of), unit.middle, NAMES, ink)
        return [Node(unit.of, box, ink, dashed=unit.of in self.sketch.dashed), name]

    def _marks(self, names: Sequence[str]) -> list[Mark]:
        found = (mark(name, self.lettering, "names") for name in names)
        return [sign for sign in found if sign is not None]

    def _curve(self, edge: Edge) -> Curve:
        """Straight where nothing stands in the way, else in a bow around it."""
        start, end = self.units[edge.source], self.units[edge.target]
        others = [unit for unit in self.units.values() if unit not in (start, end)]
        curves = [_bowed(start, end, bow) for bow in BOWS]
        return min(curves, key=lambda curve: (sum(_touches(curve, unit) for unit in others), curves.index(curve)))

    def _arrow(self, unit: Unit, curves: Sequence[Curve]) -> Curve:
        """A short arrow into a node, from the side on which most room is left for its label."""
        reach = RADIUS * 0.72
        corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
        lines = [point for curve in curves for point in traced(curve, 40)]
        nodes = [(other.x, other.y) for other in self.units.values() if other is not unit]

        def free(corner: tuple[int, int]) -> float:
            away = RADIUS + ARROW * 0.72 + 4
            x, y = unit.x + corner[0] * (unit.half - RADIUS + away), unit.y + corner[1] * away
            to_lines = min((hypot(px - x, py - y) for px, py in lines), default=99.0)
            return min(to_lines, *(hypot(px - x, py - y) - RADIUS for px, py in nodes), 24.0)

        dx, dy = max(corners, key=lambda corner: (round(free(corner)), -corners.index(corner)))
        x, y = unit.x + dx * (unit.half - RADIUS + reach), unit.y + dy * reach
        return ((x + dx * ARROW * 0.72, y + dy * ARROW * 0.72), (x, y))


def _around(curve: Curve) -> tuple[Spot, ...]:
    """Places for a label at the start of a short arrow."""
    (x, y), (ex, ey) = curve
    dx, dy = (x - ex) / ARROW, (y - ey) / ARROW
    moves = [(dx * far, dy * far, far) for far in (6.0, 8.0, 10.0, 13.0, 16.0)]
    asides = [(a, b) for a in (0.0, 4.0, -4.0, 8.0, -8.0) for b in (0.0, 4.0, -4.0)]
    return tuple(
        Spot((x + mx + a, y + my + b), far + abs(a) + abs(b), (x, y)) for mx, my, far in moves for a, b in asides
    )


def _bowed(start: Unit, end: Unit, bow: float) -> Curve:
    """A line, or a curve that leaves and comes in aside."""
    if not bow:
        return between(start, end)
    dx, dy = end.x - start.x, end.y - start.y
    aside = Unit("", 0, start.x + dx / 2 - dy * bow * 1.3, start.y + dy / 2 + dx * bow * 1.3)
    first, last = between(start, aside)[0], between(aside, end)[1]
    handle = (-dy * bow, dx * bow)
    a = (first[0] + dx * 0.2 + handle[0], first[1] + dy * 0.2 + handle[1])
    b = (last[0] - dx * 0.2 + handle[0], last[1] - dy * 0.2 + handle[1])
    return (first, a, b, last)


def _touches(curve: Curve, unit: Unit) -> bool:
    return any(abs(x - unit.x) < unit.half + CLEAR and abs(y - unit.y) < RADIUS + CLEAR for x, y in traced(curve, 40))


def describe_sketch(sketch: Sketch, lettering: Lettering) -> str:
    """Every node, what it is made of, and the parameters on the way."""
    said = lettering.spoken
    sources = [name for name in sketch.places if not any(edge.target == name for edge in sketch.edges)]
    sentences = [f"Drawing with {len(sketch.places)} nodes; given are {listed([said(name) for name in sources])}."]
    for name in sketch.places:
        into = [edge for edge in sketch.edges if edge.target == name]
        if into:
            parts = [_weighed(edge, lettering) for edge in into]
            extra = "".join(f", and {said(each)} is added" for each in sketch.added.get(name, ()))
            sentences.append(f"{said(name)} is made of {listed(parts)}{extra}.")
    return " ".join(sentences)


def _weighed(edge: Edge, lettering: Lettering) -> str:
    weights = [lettering.spoken(name) for name in edge.weights]
    return lettering.spoken(edge.source) + (f" with {listed(weights)}" if weights else "")
