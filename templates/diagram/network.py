"""Room: templates. The drawing of a layered network: inputs on the left, loss and targets on the right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from exercises.program import Program
from templates.diagram import lettering as set_text
from templates.diagram.curves import Curve, head, interrupted
from templates.diagram.framing import framed
from templates.diagram.graph import Layer, Network, read_network
from templates.diagram.labels import Spot, Wish, along, place
from templates.diagram.marks import (
    EXAMPLES_NOTE,
    LINE,
    NAMES,
    NUMBERS,
    ROOM,
    SMALL,
    Mark,
    Weights,
    mark,
    matrix_note,
    note,
    number,
    obstacles,
)
from templates.diagram.shapes import Box, Dot, Ink, Lettering, Node, Picture, Point, Shape, Text
from templates.diagram.units import RADIUS, Unit, between
from templates.diagram.words import describe_network, is_dense

LEAST_NAME, BESIDE_NAME = 9.0, 3.5
"""A name in a circle is set no smaller than this; and the room between it and the circle."""

BESIDE_LABELS, BESIDE_LINES = 28.0, 12.0
"""The least distance between two units of a layer, where edges carry labels and where they don't."""

ARROW = 9.0
"""The length of the arrow by which a bias comes in."""

TO_LOSS = 52.0
NEAREST, FURTHEST = 76.0, 126.0
"""From layer to layer."""

WIDTH = 397.0
"""Fourteen centimetres: layers that can stand closer grow no wider."""

MOST_UNITS = 8
"""Of a larger layer the first few and the last are drawn, with three dots between them."""

WIDER, DEARER = 0.1, 6.0
"""By how much the drawing is stretched from try to try, and what clearer labels have to save to be worth it."""

MOST_TRIES = 30


@dataclass(frozen=True, slots=True)
class _Distances:
    """From unit to unit, from layer to layer, and from the outputs to the loss."""

    pitch: float
    between: float
    to_loss: float


def draw_network(
    program: Program, lettering: Lettering, *, weights: Weights = "names", title: str = "Network"
) -> Picture | None:
    """The network of a layered program, or None for a program that isn't layered.

    Edges carry the weights' names, their numbers (where ``lettering`` has them), or both; units carry their names, and
    beside them the numbers that there are. Where more than twelve edges lead from one layer to the next, a note says
    that their weights stand in a matrix.
    """
    network = read_network(program)
    if network is None:
        return None
    drawing = _Drawing(network, lettering, weights, 0.0)
    drawing = _Drawing(network, lettering, weights, _best_stretch(_Question(*drawing.geometry, drawing)))
    said = describe_network(network, lettering, weights_as_numbers=weights in ("numbers", "both"))
    return framed(drawing.shapes(), title, said)


def shown(units: int) -> tuple[int, ...]:
    """The units that are drawn, by their numbers; 0 stands for those left out."""
    if units <= MOST_UNITS:
        return tuple(range(1, units + 1))
    return (*range(1, MOST_UNITS - 1), 0, units)


class _Drawing:
    """One attempt to draw a network, with ``stretch`` more room than the first."""

    def __init__(self, network: Network, lettering: Lettering, weights: Weights, stretch: float) -> None:
        self.network, self.lettering, self.weights = network, lettering, weights
        self.dense = [is_dense(layer, before) for before, layer in pairwise(network.layers)]
        self.halves = [self._half(layer.unit(k) for k in shown(layer.units) if k) for layer in network.layers]
        self.loss_half = self._half([network.loss])
        self.target_half = self._half(network.target_of(k) for k in shown(network.layers[-1].units) if k)
        self.distances = self._distances(stretch)
        self.columns = [self._column(layer, at) for at, layer in enumerate(network.layers)]
        self.fixed = self._units() + self._loss()
        self.edges, self.marks, self.wishes = self._edges()

    def stretched(self, stretch: float) -> _Drawing:
        return _Drawing(self.network, self.lettering, self.weights, stretch)

    @property
    def geometry(self) -> tuple[tuple[Wish, ...], tuple[Curve, ...], tuple[Box, ...]]:
        """What decides where labels go: the same for all drawings of a class."""
        return tuple(self.wishes), tuple(self.edges), tuple(obstacles(self.fixed))

    def shapes(self) -> list[Shape]:
        """The whole drawing, edges first; there has to be room for every label."""
        placing = place(*self.geometry)
        points = placing.points if placing is not None else ()
        texts: list[Text] = [sign.at(point) for sign, point in zip(self.marks, points, strict=True)]
        boxes = [text.box for text in texts] + obstacles([shape for shape in self.fixed if not isinstance(shape, Node)])
        strokes = [stroke for edge in self.edges for stroke in interrupted(edge, boxes, Ink.MAIN)]
        everything: list[Shape] = [*strokes, *(head(edge, Ink.MAIN) for edge in self.edges), *self.fixed, *texts]
        in_matrices = [layer.weights for layer, dense in zip(self.network.layers[1:], self.dense, strict=True) if dense]
        if in_matrices and self.weights != "none":
            everything.append(matrix_note([self.lettering.label(name) for name in in_matrices], everything, SMALL))
        if self.network.examples is not None:
            sentence = EXAMPLES_NOTE.format(count=self.network.examples)
            everything.append(note(set_text.words(sentence), everything, SMALL))
        return everything

    # --- distances ------------------------------------------------------------------------------------------------

    def _distances(self, stretch: float) -> _Distances:
        layers = self.network.layers
        drawn = [layer.unit(k) for layer in layers[1:] for k in shown(layer.units) if k]
        below = any(self.lettering.number(name) is not None for name in drawn)
        above = any(layer.bias for layer in layers)
        free = 4.0 + (LINE if below else 0.0) + (LINE + ARROW + 2 if above else 0.0)
        labelled = self.weights != "none" and not all(self.dense)
        pitch = 2 * RADIUS + max(free, BESIDE_LABELS if labelled else BESIDE_LINES)
        to_loss = TO_LOSS + 7 * max(0, len(shown(layers[-1].units)) - 2)
        widest = max(self.halves)
        to_loss += max(self.loss_half + max(self.halves[-1], self.target_half) - 2 * RADIUS, 0.0)
        ends = self.halves[0] + self.target_half + 8 + self._beside()
        page = (WIDTH - 2 * to_loss - ends) / (len(layers) - 1)
        least = max(NEAREST, 2 * widest + 26 + 1.1 * self._widest_mark())
        between = max(least, min(page, FURTHEST))
        return _Distances(pitch * (1 + stretch), between * (1 + stretch / 2), to_loss)

    def _half(self, names: Iterable[str]) -> float:
        """Half the width of a column of units, in which the longest name fits."""
        widths = (set_text.width(self.lettering.label(name), LEAST_NAME) for name in names)
        return max(RADIUS, max(widths, default=0.0) / 2 + BESIDE_NAME)

    def _beside(self) -> float:
        """The room that the numbers of inputs take on the left, and of targets on the right."""
        first, last = self.network.layers[0], self.network.layers[-1]
        inputs = [first.unit(k) for k in shown(first.units) if k]
        targets = [self.network.target_of(k) for k in shown(last.units) if k]
        return sum(max((self._number_width(name) for name in names), default=0.0) for names in (inputs, targets))

    def _number_width(self, name: str) -> float:
        digits = self.lettering.number(name)
        if digits is None:
            return 0.0
        return 3 + (set_text.number_width(digits, NUMBERS) if digits else ROOM)

    def _widest_mark(self) -> float:
        """Of the weights that stand at edges."""
        names = [
            layer.weight(to, source)
            for (before, layer), dense in zip(pairwise(self.network.layers), self.dense, strict=True)
            for to in range(1, layer.units + 1)
            for source in range(1, before.units + 1)
            if not dense
        ]
        marks = (mark(name, self.lettering, self.weights) for name in names)
        return max((2 * found.reach.side for found in marks if found is not None), default=0.0)

    def _column(self, layer: Layer, at: int) -> list[Unit]:
        x, numbers = at * self.distances.between, shown(layer.units)
        top = -(len(numbers) - 1) / 2 * self.distances.pitch
        return [
            Unit(layer.unit(unit) if unit else "", unit, x, top + row * self.distances.pitch, self.halves[at])
            for row, unit in enumerate(numbers)
        ]

    # --- nodes ----------------------------------------------------------------------------------------------------

    def _units(self) -> list[Shape]:
        """Inputs have their numbers to the left, all others below."""
        found: list[Shape] = []
        for at, column in enumerate(self.columns):
            for unit in column:
                if unit.number:
                    found += self._node(unit, "left" if at == 0 else "below")
                else:
                    found += [Dot(unit.x, unit.y + dy, 1.2) for dy in (-6.0, 0.0, 6.0)]
        return found

    def _loss(self) -> list[Shape]:
        found = self._node(self._loss_unit, "below")
        for target in self._targets():
            found += self._node(target, "right", dashed=True)
        return found

    @property
    def _loss_unit(self) -> Unit:
        return Unit(self.network.loss, 1, self.columns[-1][0].x + self.distances.to_loss, 0.0, self.loss_half)

    def _targets(self) -> list[Unit]:
        x = self.columns[-1][0].x + 2 * self.distances.to_loss
        return [
            Unit(self.network.target_of(unit.number), unit.number, x, unit.y, self.target_half)
            for unit in self.columns[-1]
            if unit.number
        ]

    def _node(self, unit: Unit, side: Literal["left", "right", "below"], *, dashed: bool = False) -> list[Shape]:
        """A circle with a name in it (set smaller where it is long), and the number beside it where there is one."""
        of, label, x, y = unit.of, self.lettering.label(unit.of), unit.x, unit.y
        fitting = NAMES * 2 * (unit.half - BESIDE_NAME) / max(set_text.width(label, NAMES), 1.0)
        found: list[Shape] = [Node(of, Box(x - unit.half, y - RADIUS, x + unit.half, y + RADIUS), dashed=dashed)]
        found.append(set_text.text(of, label, unit.middle, min(NAMES, fitting)))
        digits = self.lettering.number(of)
        if digits is not None:
            away = unit.half + self._number_width(of) / 2 + 1.5
            spot = {"left": (x - away, y), "right": (x + away, y), "below": (x, y + RADIUS + LINE / 2 + 1)}[side]
            found.append(number(of, digits, spot, Ink.VALUE))
        return found

    # --- edges ----------------------------------------------------------------------------------------------------

    def _edges(self) -> tuple[list[Curve], list[Mark], list[Wish]]:
        """All lines with arrows, what is written at them, and where it may stand."""
        edges: list[Curve] = []
        marks: list[Mark] = []
        wishes: list[Wish] = []
        layers = zip(self.network.layers[1:], self.dense, pairwise(self.columns), strict=True)
        for layer, dense, (before, column) in layers:
            for source, to in ((source, to) for source in before for to in column if source.number and to.number):
                edges.append(between(source, to))
                sign = None if dense else mark(layer.weight(to.number, source.number), self.lettering, self.weights)
                if sign is not None:
                    marks.append(sign)
                    wishes.append(Wish(sign.reach, along(edges[-1], 0.3), (len(edges) - 1,)))
            self._biases(layer, column, edges, marks, wishes)
        ends = [unit for unit in (*self.columns[-1], *self._targets()) if unit.number]
        edges += [between(unit, self._loss_unit) for unit in ends]
        return edges, marks, wishes

    def _biases(
        self, layer: Layer, column: list[Unit], edges: list[Curve], marks: list[Mark], wishes: list[Wish]
    ) -> None:
        """A short arrow into every unit that has a bias, from above, with the bias at its end."""
        for unit in column if layer.bias else ():
            if unit.number:
                top = unit.y - RADIUS - ARROW
                edges.append(((unit.x, top), (unit.x, unit.y - RADIUS)))
                bias = layer.bias_of(unit.number)
                sign = mark(bias, self.lettering, "names" if self.weights == "none" else self.weights)
                if sign is not None:
                    marks.append(sign)
                    wishes.append(Wish(sign.reach, _above((unit.x, top - 1 - sign.reach.below))))


def _above(spot: Point) -> tuple[Spot, ...]:
    """Places for a bias, best straight above its arrow."""
    x, y = spot
    moves = [(dx, dy) for dy in (0.0, 3.0) for dx in (0.0, 4.0, -4.0, 8.0, -8.0)]
    return tuple(Spot((x + dx, y - dy), abs(dx) + dy, (x + dx, y - dy)) for dx, dy in moves)


@dataclass(frozen=True, slots=True)
class _Question:
    """How far to stretch a drawing; two drawings of one geometry are the same question."""

    wishes: tuple[Wish, ...]
    edges: tuple[Curve, ...]
    obstacles: tuple[Box, ...]
    drawing: _Drawing = field(compare=False)


@lru_cache(maxsize=256)
def _best_stretch(question: _Question) -> float:
    """The stretch with which labels stand clearest, for no more space than that is worth."""
    best, least = None, float("inf")
    for attempt in range(MOST_TRIES):
        if DEARER * attempt >= least:
            break
        placing = place(*question.drawing.stretched(attempt * WIDER).geometry)
        if placing is not None and placing.price + DEARER * attempt < least:
            best, least = attempt * WIDER, placing.price + DEARER * attempt
    if best is None:
        raise RuntimeError("no room for the labels of the edges, however wide the drawing")
    return best
