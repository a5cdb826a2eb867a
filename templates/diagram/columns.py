"""Room: templates. The places of a computation graph: its nodes in columns, with stems that carry their numbers.

Coordinates run along the ranks and across them; ``upright`` graphs run down the page instead of from left to right.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

from templates.diagram import lettering as set_text
from templates.diagram.graph import Graph, Vertex
from templates.diagram.layered import Item, Layout, Link, arrange, longest_path
from templates.diagram.marks import LINE, NAMES, NUMBERS, ROOM
from templates.diagram.shapes import Lettering, Point

NODE = 22.0
STEM, STEM_MARGIN = 10.0, 7.0
BETWEEN_RANKS, BETWEEN_ITEMS = 24.0, 9.0

PORTS = 6.0
"""How far from the middle of a node the outermost of its edges come in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one vertex needs: its node's size, its name beside it, and the numbers along its stem."""

    vertex: Vertex
    width: float
    height: float
    value: str | None
    gradient: str | None

    @property
    def is_leaf(self) -> bool:
        return not self.vertex.sign

    @property
    def stem(self) -> tuple[float, float]:
        """The room that value and gradient take along a line of text; 0 for what isn't drawn."""
        return number_width(self.value), number_width(self.gradient)


def number_width(digits: str | None) -> float:
    if digits is None:
        return 0.0
    return set_text.number_width(digits, NUMBERS) if digits else ROOM


class Columns:
    """Where everything lies, with gaps ``scale`` times as wide as the least."""

    def __init__(self, graph: Graph, lettering: Lettering, scale: float, *, upright: bool) -> None:
        self.graph, self.lettering, self.scale, self.upright = graph, lettering, scale, upright
        self.shows_gradients = any(
            lettering.number(graph.gradient(vertex.name)) is not None for vertex in graph.vertices if vertex.name
        )
        self.pieces = {vertex.key: self._piece(vertex) for vertex in graph.vertices}
        self.layout = self._layout()
        self.middles, self.stem_ends, self.starts = self._ranks()

    def _piece(self, vertex: Vertex) -> Piece:
        gradient = self.lettering.number(self.graph.gradient(vertex.name)) if vertex.name else None
        if vertex.key == self.graph.output and self.shows_gradients and not gradient:
            gradient = "1"  # where the backward pass starts
        value = self.lettering.number(vertex.name) if vertex.name else None
        if not vertex.sign:
            label = self.lettering.label(vertex.name)
            return Piece(vertex, set_text.width(label, NAMES) + 4, LINE, value, gradient)
        return Piece(vertex, max(NODE, set_text.width(vertex.sign, NAMES) + 9), NODE, value, gradient)

    def _layout(self) -> Layout:
        ports = Counter(wire.target for wire in self.graph.wires)
        ordered = {vertex.key: vertex.ordered for vertex in self.graph.vertices}
        links = [
            Link(wire.source, wire.target, spread(wire.port, ports[wire.target]) if ordered[wire.target] else 0.0)
            for wire in self.graph.wires
        ]
        keys = [vertex.key for vertex in self.graph.vertices]
        rank_of = longest_path(keys, links, late_leaves=self.upright)
        items = tuple(Item(key, rank_of[key], self._half(key)) for key in keys)
        return arrange(items, tuple(links), BETWEEN_ITEMS * self.scale, PORTS)

    def _half(self, key: str) -> tuple[float, float]:
        """The room across the ranks, before and after the middle."""
        piece = self.pieces[key]
        value, gradient = piece.stem
        if self.upright:
            return max(piece.width / 2 + self._name_width(piece), value + 5), max(piece.width / 2, gradient + 5)
        above = max(piece.height / 2 + (0 if piece.is_leaf or not piece.vertex.name else LINE), LINE if value else 0)
        return above, max(piece.height / 2, LINE if gradient else 0)

    def _name_width(self, piece: Piece) -> float:
        if piece.is_leaf or not piece.vertex.name:
            return 0.0
        return set_text.width(self.lettering.label(piece.vertex.name), NAMES) + 4

    def _ranks(self) -> tuple[list[float], list[float], list[float]]:
        """For every rank, along the ranks: the middle of its nodes, the end of its stems, where its column starts."""
        middles, ends, starts = [], [], []
        at = 0.0
        for at_rank, rank in enumerate(self.layout.ranks):
            pieces = [self.pieces[key] for key in rank if key in self.pieces]
            half = max((self.along(piece) for piece in pieces), default=0.0) / 2
            starts.append(at)
            middles.append(at + half)
            ends.append(at + 2 * half + max((self._stem(piece) for piece in pieces), default=0.0))
            at = ends[-1] + self._gap_after(at_rank)
        return middles, ends, starts

    @property
    def length(self) -> float:
        """From the first rank to the end of the last one's stems."""
        return self.stem_ends[-1]

    def along(self, piece: Piece) -> float:
        return piece.height if self.upright else piece.width

    def _stem(self, piece: Piece) -> float:
        value, gradient = piece.stem
        if self.upright:
            return LINE + 2 if value or gradient else STEM
        return max(value, gradient) + STEM_MARGIN if value or gradient else STEM

    def _gap_after(self, number: int) -> float:
        """Wider where edges have far to go across, or carry numbers of their own."""
        if number + 1 == len(self.layout.ranks):
            return 0.0
        far = max(
            (
                abs(self.layout.place[a] - self.layout.place[b])
                for chain in self.layout.chains
                for a, b in itertools.pairwise(chain)
                if self.layout.rank_of[a] == number
            ),
            default=0.0,
        )
        least = BETWEEN_RANKS * (0.8 if self.upright else 1.0)
        return self.scale * max(least, min(0.34 * far, 44.0), self._room_for_shares(number))

    def _room_for_shares(self, number: int) -> float:
        """Branches that end on the next rank need room for their numbers between the two."""
        shares = [
            number_width(self.lettering.number(wire.path))
            for wire in self.graph.wires
            if wire.path and self.layout.rank_of[wire.target] == number + 1
        ]
        widest = max(shares, default=0.0)
        if not widest:
            return 0.0
        return 2 * LINE + 4 if self.upright else widest + 24

    def spot(self, along: float, across: float) -> Point:
        return (across, along) if self.upright else (along, across)


def spread(number: int, count: int) -> float:
    """Evenly from -1 to 1."""
    return 0.0 if count == 1 else 2 * number / (count - 1) - 1
