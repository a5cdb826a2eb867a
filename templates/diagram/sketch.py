"""Room: templates. The drawing of any other network: its quantities as nodes, its parameters on the edges they weigh.

A family says where nodes stand; where it doesn't, every step of the forward pass is one, laid out in ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from exercises.expression import Apply, Expression, symbols, walk
from exercises.program import Part, Program, Role, Step
from templates.diagram import lettering as set_text
from templates.diagram.curves import Curve, head, interrupted, traced
from templates.diagram.framing import framed
from templates.diagram.labels import Spot, Wish, along, place
from templates.diagram.layered import Item, Link, arrange, longest_path
from templates.diagram.marks import NAMES, Mark, mark, obstacles
from templates.diagram.shapes import Box, Ink, Lettering, Node, Picture, Shape
from templates.diagram.units import RADIUS, Unit, between
from templates.diagram.words import listed

ACROSS, DOWN = 82.0, 62.0
"""From column to column and from row to row, in points."""

WIDEST = 560.0
"""What paper takes without setting the letters smaller than those of other drawings."""

LEAST_ACROSS = 52.0
"""Columns stand no closer; what is then wider than the page runs down it."""

BESIDE_NAME = 4.0
CLEAR = 4.0
"""How far an edge keeps from nodes that it doesn't belong to."""

BOWS = (0.0, 0.22, -0.22, 0.36, -0.36, 0.5, -0.5)
"""How far the middle of an edge is moved aside, as a share of its length, until it is clear of other nodes."""

ARROW = 13.0
"""The length of the arrow by which a bias comes in."""

WIDER = 1.12
MOST_TRIES = 12

PARAMETERS = (Role.WEIGHT, Role.BIAS)
HIDDEN = (*PARAMETERS, Role.RATE)


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node to one that is made of it; ``weights`` are the parameters it is multiplied by on the way."""

    source: str
    target: str
    weights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Nodes with their columns and rows, edges, and the parameters that are only added at a node."""

    places: Mapping[str, tuple[float, float]]
    edges: tuple[Edge, ...]
    added: Mapping[str, tuple[str, ...]]
    dashed: frozenset[str]


def read_sketch(program: Program) -> Sketch:
    """What is drawn of a program's first forward pass."""
    wished = program.telling.places if program.telling is not None else {}
    tables = [given.name for given in program.givens if given.role in HIDDEN and given.name in wished]
    nodes = tables + [name for name in _drawable(program) if not wished or name in wished]
    found = [_into(program, name, frozenset(nodes)) for name in nodes if name in program.by_name]
    edges = tuple(edge for edges, _ in found for edge in edges)
    steps = [name for name in nodes if name in program.by_name]
    added = {name: extra for name, (_, extra) in zip(steps, found, strict=True) if extra}
    places = {name: wished[name] for name in nodes} if wished else _ranked(nodes, edges)
    targets = frozenset(name for name in nodes if program.roles[name] is Role.TARGET)
    return Sketch(places, edges, added, targets)


def _drawable(program: Program) -> list[str]:
    """Whatever is no parameter: givens that the forward pass reads, then its steps; of an optimizer by itself, which
    has no forward pass, its own.
    """
    steps = [step for step in program.steps if step.part in (Part.FORWARD, Part.LOSS) and "@" not in step.name]
    steps = steps or list(program.steps)
    read = {name for step in steps for name in step.reads}
    givens = [given.name for given in program.givens if given.role not in HIDDEN and given.name in read]
    return givens + [step.name for step in steps]


def _into(program: Program, node: str, nodes: frozenset[str]) -> tuple[list[Edge], tuple[str, ...]]:
    """The edges that lead into a node, through steps that are folded into it, and what else is added on the way."""
    weights: dict[str, list[str]] = {}
    used: list[str] = []
    added: list[str] = []

    def gather(step: Step) -> None:
        parameters = [name for name in step.reads if program.roles[name] in PARAMETERS and name not in nodes]
        for name in step.reads:
            if name in parameters:
                continue
            of = [weight for weight in _multiplied(step.expression, name) if weight in parameters]
            used.extend(of)
            if name in nodes:
                weights.setdefault(name, []).extend(of)
            elif name in program.by_name:
                gather(program.by_name[name])
        added.extend(name for name in parameters if name not in used)

    gather(program.by_name[node])
    edges = [Edge(source, node, tuple(dict.fromkeys(of))) for source, of in weights.items()]
    return edges, tuple(dict.fromkeys(name for name in added if name not in used))


def _multiplied(expression: Expression, name: str) -> Iterator[str]:
    """The symbols that the named one is multiplied by: as matrices, place by place, or window by window."""
    for each in walk(expression):
        if isinstance(each, Apply) and each.operation in ("matmul", "multiply", "convolve"):
            reads = [[symbol.name for symbol in symbols(argument)] for argument in each.arguments]
            for mine, other in ((reads[0], reads[1]), (reads[1], reads[0])):
                if name in mine:
                    yield from other


def _ranked(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Each node a column after those it is made of, with few crossings."""
    links = tuple(Link(edge.source, edge.target) for edge in edges)
    if not nodes:
        return {}
    rank = longest_path(nodes, links, late_leaves=True)
    room = DOWN / 2
    layout = arrange(tuple(Item(name, rank[name], (room, room)) for name in nodes), links, 0.0, 0.0)
    return {name: (float(rank[name]), layout.place[name] / DOWN) for name in nodes}


def draw_sketch(program: Program, lettering: Lettering, *, title: str = "Network") -> Picture | None:
    """Nodes with their names, and edges with the parameters that weigh what goes along them; no numbers.

    What is wider than the page runs down it. None where nothing leads anywhere.
    """
    sketch = read_sketch(program)
    if not sketch.edges:
        return None
    for attempt in range(MOST_TRIES):
        shapes = _Drawing(sketch, lettering, WIDER**attempt).shapes()
        if shapes is not None:
            return framed(shapes, title, describe_sketch(sketch, lettering))
    raise RuntimeError("no room for the labels of the edges, however wide the drawing")


class _Drawing:
    """One attempt, with everything ``scale`` times as far apart as need be."""

    def __init__(self, sketch: Sketch, lettering: Lettering, scale: float) -> None:
        self.sketch, self.lettering = sketch, lettering
        columns = [column for column, _ in sketch.places.values()]
        length = max(max(columns) - min(columns), 1.0)
        step = min(ACROSS, (WIDEST - 2 * RADIUS) / length)
        self.upright = step < LEAST_ACROSS
        self.across, self.down = (DOWN if self.upright else step) * scale, (ACROSS if self.upright else DOWN) * scale
        self.units = {name: self._unit(name) for name in sketch.places}

    def _unit(self, name: str) -> Unit:
        column, row = self.sketch.places[name]
        x, y = column * self.across, row * self.down
        half = max(RADIUS, set_text.width(self.lettering.label(name), NAMES) / 2 + BESIDE_NAME)
        return Unit(name, 1, y, x, half) if self.upright else Unit(name, 1, x, y, half)

    def shapes(self) -> list[Shape] | None:
        """The whole drawing, edges first; None where a label finds no room."""
        fixed = [shape for unit in self.units.values() for shape in self._node(unit)]
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
        return [*strokes, *(head(curve, Ink.MAIN) for curve in curves), *fixed, *texts]

    def _node(self, unit: Unit) -> list[Shape]:
        box = Box(unit.x - unit.half, unit.y - RADIUS, unit.x + unit.half, unit.y + RADIUS)
        name = set_text.text(unit.of, self.lettering.label(unit.of), unit.middle, NAMES)
        return [Node(unit.of, box, dashed=unit.of in self.sketch.dashed), name]

    def _marks(self, names: Sequence[str]) -> list[Mark]:
        found = (mark(name, self.lettering, "names") for name in names)
        return [sign for sign in found if sign is not None]

    def _curve(self, edge: Edge) -> Curve:
        """Straight where nothing stands in the way, else in a bow around it."""
        start, end = self.units[edge.source], self.units[edge.target]
        others = [unit for unit in self.units.values() if unit.of not in (edge.source, edge.target)]
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
