"""Room: templates. The drawing of one exercise: its network, or its circuit with the numbers that may be seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from exercises.notation import Notation
from exercises.program import Part
from exercises.solution import Solution
from templates.diagram import Picture, draw_circuit, draw_network, draw_sketch, lettering_in, to_svg
from templates.same import Same


def sheet_picture(solution: Solution, shown: Solution | None = None) -> Picture | None:
    """The network in symbols, or the circuit with what is given and room for what is asked; None where neither is
    drawn.

    ``shown`` is the working of a faded exercise; its results stand in the circuit too.
    """
    numbers = {cell: text for each in solution.given for cell, _, text in each.entries}
    if shown is not None:
        numbers |= {cell: shown.texts[cell] for cell in _told(shown)}
    return _picture(solution.notation, numbers, solution.asked)


def key_picture(solution: Solution) -> Picture | None:
    """The network in symbols, or the circuit with all values and gradients; None where neither is drawn."""
    return _picture(solution.notation, solution.texts, ())


def _told(shown: Solution) -> list[str]:
    lines = [line for section in shown.sections for block in section.blocks for line in block.lines]
    return [cell for line in lines if not line.blank for cell in line.cells]


def _picture(notation: Notation, numbers: Mapping[str, str], room: Collection[str]) -> Picture | None:
    if notation.network is not None or notation.program.telling is not None:
        return _network(Same(notation))
    return draw_circuit(notation.program, lettering_in(notation, numbers, frozenset(room) - numbers.keys()))


@lru_cache(maxsize=64)
def _network(same: Same[Notation]) -> Picture | None:
    """A network without numbers, which stand in matrices beside it: the same for a whole class."""
    if same.it.network is None:
        forward = any(step.part is Part.FORWARD for step in same.it.program.steps)
        return draw_sketch(same.it.program, lettering_in(same.it, {}), title="Network" if forward else "Optimizer")
    return draw_network(same.it.program, lettering_in(same.it, {}))


def words_of(picture: Picture) -> str:
    """The text alternative: what the drawing is, and everything that can be seen in it."""
    return f"{picture.title}. {picture.description}"


def svg_of(picture: Picture, *, fixed_colours: bool = False, identity: str = "") -> str:
    """The drawing as SVG, set once for a whole class where all have the same one; wishes are those of ``to_svg``."""
    return _svg(Same(picture), fixed_colours, identity)


@lru_cache(maxsize=16)
def _svg(same: Same[Picture], fixed_colours: bool, identity: str) -> str:
    return to_svg(same.it, fixed_colours=fixed_colours, identity=identity)
