"""Room: templates. The drawing of a computation graph: values forward above the edges, gradients backward below them.

Every result leaves its node through a stem of its own, which carries its value and its gradient; where the result is
read more than once, the stem ends in a dot, and each branch carries its own share of the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import sqrt
from typing import TypeGuard

from exercises.program import Program
from templates.diagram import lettering as set_text
from templates.diagram.columns import NODE, PORTS, STEM, Columns, Piece, number_width, spread
from templates.diagram.curves import Curve, head, interrupted
from templates.diagram.framing import around, framed
from templates.diagram.graph import Graph, Wire, read_graph
from templates.diagram.labels import Spot, Wish, along, place
from templates.diagram.marks import LINE, NAMES, NUMBERS, PAGE_WIDTH, SMALL, Mark, number, obstacles, reach
from templates.diagram.shapes import Box, Dot, Ink, Lettering, Node, Picture, Run, Shape, Stroke
from templates.diagram.words import describe_circuit

WIDER, DEARER = 1.25, 14.0
"""By how much gaps grow from try to try, and what clearer labels have to save to be worth it."""

MOST_TRIES = 14

SET_SMALLER = 1.06
"""A drawing may be so much wider than the page before it is turned upright: nobody sees type 6 % smaller."""

STEPS = 13
"""Places along an edge that are tried for its share: fewer than usual, as there are several beside each."""

LEGEND = "{value} each edge: the value; {gradient} it, in italics: the gradient"


def draw_circuit(
    program: Program, lettering: Lettering, *, beside: Lettering | None = None, title: str = "Computation graph"
) -> Picture:
    """The forward pass of a program as a graph of operations; wide graphs run down the page instead of across.

    Values (``q``) and gradients (``df/dq``, shares ``df/dq.1``) are drawn where ``lettering`` has their numbers.
    ``beside`` is what is written into another drawing of the same program, such as the key's beside the sheet's: both
    then run the same way, so that one can be laid beside the other.
    """
    graph = read_graph(program)
    shapes = _clearest(graph, lettering, upright=False) if beside is None or _fits_across(graph, beside) else None
    if shapes is None:
        shapes = _clearest(graph, lettering, upright=True)
    if shapes is None:
        raise RuntimeError("no room for the labels of the edges, however wide the drawing")
    return framed(shapes, title, describe_circuit(graph, lettering))


def _clearest(graph: Graph, lettering: Lettering, *, upright: bool) -> list[Shape] | None:
    """The drawing with the clearest labels for no more room than that is worth; None where none fits the page."""
    best: list[Shape] | None = None
    least = float("inf")
    for attempt, drawing in enumerate(_attempts(graph, lettering, upright=upright)):
        if best is not None and DEARER * attempt >= least:
            break
        drawn = drawing.shapes()
        if drawn is not None and drawn[1] + DEARER * attempt < least:
            best, least = drawn[0], drawn[1] + DEARER * attempt
    return best


def _fits_across(graph: Graph, lettering: Lettering) -> bool:
    """Whether a drawing from left to right fits the page with all its labels."""
    return any(drawing.shapes() is not None for drawing in _attempts(graph, lettering, upright=False))


def _attempts(graph: Graph, lettering: Lettering, *, upright: bool) -> Iterator[_Drawing]:
    """Drawings with more and more room, as far as the page allows."""
    for attempt in range(MOST_TRIES):
        drawing = _Drawing(graph, lettering, WIDER**attempt, upright=upright)
        if not upright and drawing.columns.length > PAGE_WIDTH * SET_SMALLER:
            return
        yield drawing


Drawn = tuple[list[Shape], float] | None
"""A drawing and how clear it is (the less, the clearer); None where a label found no room."""


class _Drawing:
    """One attempt to draw a graph."""

    def __init__(self, graph: Graph, lettering: Lettering, scale: float, *, upright: bool) -> None:
        self.graph, self.lettering, self.upright = graph, lettering, upright
        self.columns = Columns(graph, lettering, scale, upright=upright)

    def shapes(self) -> Drawn:
        """The whole drawing, and the price of its labels' places."""
        fixed: list[Shape] = []
        for key in self.columns.pieces:
            fixed += self._vertex(key)
        curves = [
            self._wire(wire, chain) for wire, chain in zip(self.graph.wires, self.columns.layout.chains, strict=True)
        ]
        stems = [shape.points for shape in fixed if _is_stem(shape)]
        flat = [*stems, *(curve for wire in curves for curve in wire)]
        marks, wishes = self._shares(curves, flat)
        placing = place(tuple(wishes), tuple(flat), tuple(obstacles(fixed)))
        if placing is None:
            return None
        texts = [mark.at(point) for mark, point in zip(marks, placing.points, strict=True)]
        boxes = [text.box for text in texts] + obstacles([shape for shape in fixed if not isinstance(shape, Node)])
        strokes: list[Shape] = [stroke for curve in flat for stroke in interrupted(curve, boxes, Ink.MAIN)]
        heads = [head(wire[-1], Ink.MAIN) for wire in curves]
        drawn = [*strokes, *heads, *(shape for shape in fixed if not _is_stem(shape)), *texts]
        return [*drawn, *self._legend(drawn)], placing.price

    def _vertex(self, key: str) -> list[Shape]:
        piece, rank = self.columns.pieces[key], self.columns.layout.rank_of[key]
        along, across = self.columns.middles[rank], self.columns.layout.place[key]
        x, y = self.columns.spot(along, across)
        box = Box(x - piece.width / 2, y - piece.height / 2, x + piece.width / 2, y + piece.height / 2)
        start = along + self.columns.along(piece) / 2
        end = max(self.columns.stem_ends[rank], start + STEM)
        found: list[Shape] = [Stroke((self.columns.spot(start, across), self.columns.spot(end, across)))]
        if piece.is_leaf:
            found.append(set_text.text(key, self.lettering.label(piece.vertex.name), (x, y), NAMES))
        else:
            found += [Node(key, box), set_text.text(key, piece.vertex.sign, (x, y), NAMES)]
            found += self._name(piece, box)
        if sum(wire.source == key for wire in self.graph.wires) > 1:
            found.append(Dot(*self.columns.spot(end, across), 1.9))
        widest = max(
            self.columns.along(other)
            for key, other in self.columns.pieces.items()
            if self.columns.layout.rank_of[key] == rank
        )
        return found + self._numbers(piece, (along + widest / 2 + end) / 2, across)

    def _name(self, piece: Piece, box: Box) -> list[Shape]:
        if not piece.vertex.name:
            return []
        label = self.lettering.label(piece.vertex.name)
        if self.upright:
            centre = (box.left - 3 - set_text.width(label, NAMES) / 2, (box.top + box.bottom) / 2)
        else:
            centre = ((box.left + box.right) / 2, box.top - LINE / 2)
        return [set_text.text(piece.vertex.name, label, centre, NAMES)]

    def _numbers(self, piece: Piece, along: float, across: float) -> list[Shape]:
        """The value on one side of the stem, the gradient on the other."""
        gradient = self.graph.gradient(piece.vertex.name)
        sides = ((piece.vertex.name, piece.value, -1, Ink.VALUE), (gradient, piece.gradient, 1, Ink.GRADIENT))
        found: list[Shape] = []
        for name, digits, side, ink in sides:
            if digits is None:
                continue
            away = number_width(digits) / 2 + 4 if self.upright else LINE / 2 + 0.5
            found.append(number(name, digits, self.columns.spot(along, across + side * away), ink))
        return found

    def _wire(self, wire: Wire, chain: tuple[str, ...]) -> list[Curve]:
        """Smooth curves between the columns of the ranks, straight lines through those that are passed."""
        across, at = self.columns.layout.place[chain[0]], self.columns.stem_ends[self.columns.layout.rank_of[chain[0]]]
        curves: list[Curve] = []
        for key in chain[1:-1]:
            rank = self.columns.layout.rank_of[key]
            curves.append(self._bend(at, across, self.columns.starts[rank], self.columns.layout.place[key]))
            across, at = self.columns.layout.place[key], self.columns.stem_ends[rank]
            curves.append((self.columns.spot(self.columns.starts[rank], across), self.columns.spot(at, across)))
        target, offset = self._port(wire, chain)
        return [*curves, self._bend(at, across, target, self.columns.layout.place[chain[-1]] + offset)]

    def _bend(self, along: float, across: float, to_along: float, to_across: float) -> Curve:
        middle = (along + to_along) / 2
        return (
            self.columns.spot(along, across),
            self.columns.spot(middle, across),
            self.columns.spot(middle, to_across),
            self.columns.spot(to_along, to_across),
        )

    def _port(self, wire: Wire, chain: tuple[str, ...]) -> tuple[float, float]:
        """Where an edge comes in: along the ranks, and across them from the node's middle."""
        piece = self.columns.pieces[wire.target]
        incoming = [
            (number if piece.vertex.ordered else self.columns.layout.place[other[-2]], number)
            for number, other in enumerate(self.columns.layout.chains)
            if other[-1] == wire.target
        ]
        here = next(number for number, other in enumerate(self.columns.layout.chains) if other is chain)
        position = [number for _, number in sorted(incoming)].index(here)
        offset = PORTS * spread(position, len(incoming))
        half = self.columns.along(piece) / 2
        if self.upright and abs(offset) <= (piece.width - piece.height) / 2:
            rounding = 0.0
        else:
            round_by = max(0.0, abs(offset) - max(0.0, (piece.width - piece.height) / 2)) if self.upright else offset
            rounding = NODE / 2 - sqrt(max(0.0, (NODE / 2) ** 2 - round_by**2))
        return self.columns.middles[self.columns.layout.rank_of[wire.target]] - half + rounding, offset

    def _shares(self, curves: list[list[Curve]], flat: list[Curve]) -> tuple[list[Mark], list[Wish]]:
        """What flows back along one branch of a fork, below it (upright: beside it)."""
        marks: list[Mark] = []
        wishes: list[Wish] = []
        seen: set[str] = set()
        number_of = {id(curve): at for at, curve in enumerate(flat)}
        for wire, pieces in zip(self.graph.wires, curves, strict=True):
            digits = self.lettering.number(wire.path) if wire.path and wire.path not in seen else None
            if digits:
                seen.add(wire.path)
                wide = set_text.number_width(digits, NUMBERS)
                label = (Run(digits, italic=True),)
                marks.append(Mark(wire.path, label, NUMBERS, reach(label, wide, NUMBERS), Ink.GRADIENT))
                twins = zip(self.graph.wires, curves, strict=True)  # x·x has two edges and one share
                own = [number_of[id(curve)] for other, its in twins if other.path == wire.path for curve in its]
                wishes.append(Wish(marks[-1].reach, self._places(pieces, wide), tuple(own), over=False))
        return marks, wishes

    def _places(self, pieces: list[Curve], width: float) -> tuple[Spot, ...]:
        if self.upright:
            offsets = [(side * (width / 2 + more), 0.0) for more in (3, 6, 10, 15) for side in (1, -1)]
            offsets += [(0.0, LINE / 2 + 1), (0.0, -LINE / 2 - 1)]
        else:
            offsets = [(0.0, LINE / 2 + more) for more in (1, 3, 6, 9, 13)]
            offsets += [(width / 2 + more, side * 5.0) for more in (2, 6) for side in (1, -1)]
            offsets += [(0.0, -LINE / 2 - more) for more in (2, 5)]
        found: list[Spot] = []
        for age, curve in enumerate(reversed(pieces)):
            found += [replace(spot, price=spot.price + 2 * age) for spot in along(curve, 0.7, tuple(offsets), STEPS)]
        return tuple(found)

    def _legend(self, drawn: list[Shape]) -> list[Shape]:
        if not self.columns.shows_gradients:
            return []
        sides: Mapping[str, str] = (
            {"value": "left of", "gradient": "right of"} if self.upright else {"value": "above", "gradient": "below"}
        )
        sentence = LEGEND.format(**sides)
        frame = around(drawn)
        label = set_text.words(sentence[0].upper() + sentence[1:])
        x = (frame.left + frame.right) / 2
        return [set_text.text("", label, (x, frame.bottom + 14), SMALL, Ink.FAINT)]


def _is_stem(shape: Shape) -> TypeGuard[Stroke]:
    return isinstance(shape, Stroke) and not shape.dotted
