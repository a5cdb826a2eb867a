"""Room: templates. The drawing of an exercise for paper: a network once for a class, a circuit with its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from exercises.names import cell_ids
from exercises.notation import Notation
from exercises.program import Program
from exercises.solution import Solution
from templates.diagram import Picture, draw_circuit, draw_network, lettering_in, to_svg

SIZE = 0.78
"""Of the drawing's own size; its letters are then a little smaller than the text around them."""

WIDEST, HIGHEST = 459.0, 200.0
"""Points; a large network is set smaller, so that room is left for what is asked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, how it is said in words, and how wide it is set, in points."""

    svg: str
    words: str
    width: float


def network_figure(notation: Notation) -> Figure | None:
    """The network with its symbols, the same for all students; None for a program that isn't one."""
    picture = draw_network(notation.program, lettering_in(notation, {}))
    return None if picture is None else _figure(picture)


def circuit_figure(program: Program, solution: Solution, *, worked: bool) -> Figure:
    """The circuit with the numbers that are given, and room for those that are asked; ``worked`` with all of them."""
    given = {cell for one in program.givens for cell in cell_ids(one.name, one.shape)}
    numbers = {cell: text for cell, text in solution.texts.items() if worked or cell in given}
    return _figure(draw_circuit(program, lettering_in(solution.notation, numbers, () if worked else solution.asked)))


def _figure(picture: Picture) -> Figure:
    scale = min(SIZE, WIDEST / picture.width, HIGHEST / picture.height)
    words = f"{picture.title}. {picture.description}"
    return Figure(to_svg(picture, fixed_colours=True), words, round(picture.width * scale, 1))
