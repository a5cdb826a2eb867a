"""Room: templates. The drawing of one exercise: its network, or its circuit with the numbers that may be seen."""

from __future__ import annotations

from functools import lru_cache

from exercises.notation import Notation
from exercises.program import Part
from exercises.solution import Solution
from templates.diagram import Lettering, Picture, draw_circuit, draw_network, draw_sketch, lettering_in, to_svg
from templates.same import Same


def sheet_picture(solution: Solution, shown: Solution | None = None) -> Picture | None:
    """The network in symbols, or the circuit with what is given and room for what is asked; None where neither is
    drawn.

    ``shown`` is the working of a faded exercise; its results stand in the circuit too.
    """
    if _is_network(solution.notation):
        return _network(Same(solution.notation))
    return _circuit(solution, _on_sheet(solution, shown), _on_key(solution))


def key_picture(solution: Solution) -> Picture | None:
    """The network in symbols, or the circuit with all values and gradients; None where neither is drawn."""
    if _is_network(solution.notation):
        return _network(Same(solution.notation))
    return _circuit(solution, _on_key(solution), _on_sheet(solution, None))


def _is_network(notation: Notation) -> bool:
    return notation.network is not None or notation.program.telling is not None


def _circuit(solution: Solution, own: Lettering, other: Lettering) -> Picture:
    """Sheet and key run the same way, so that a student's drawing can be laid beside the key."""
    return draw_circuit(solution.notation.program, own, beside=other)


def _on_sheet(solution: Solution, shown: Solution | None) -> Lettering:
    numbers = {cell: text for each in solution.given for cell, _, text in each.entries}
    if shown is not None:
        numbers |= {cell: shown.texts[cell] for cell in _told(shown)}
    return lettering_in(solution.notation, numbers, frozenset(solution.asked) - numbers.keys())


def _on_key(solution: Solution) -> Lettering:
    return lettering_in(solution.notation, solution.texts)


def _told(shown: Solution) -> list[str]:
    lines = [line for section in shown.sections for block in section.blocks for line in block.lines]
    return [cell for line in lines if not line.blank for cell in line.cells]


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
