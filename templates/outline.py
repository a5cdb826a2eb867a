"""Room: templates. What an exercise is about, in symbols: its forward pass, its loss, and how a parameter moves."""

from __future__ import annotations

from exercises.program import Part, Role
from exercises.solution import Block, Line, Solution
from templates.formula import Printer


def outlined(solution: Solution) -> tuple[Line, ...]:
    """The first round's forward pass and loss, by whole tensors where there are such lines; then one update."""
    forward = [
        line
        for section in solution.sections
        if section.round == 1 and section.part in (Part.FORWARD, Part.LOSS)
        for block in section.blocks
        for line in _lines(block)
    ]
    moves = [block for section in solution.sections for block in section.blocks if block.role is Role.UPDATED]
    return (*forward, *(_lines(moves[0])[:1] if moves else ()))


def _lines(block: Block) -> tuple[Line, ...]:
    return (block.matrix,) if block.matrix is not None else block.lines


def symbolic_sides(line: Line, printer: Printer) -> list[str]:
    """Both sides of a line's formula, without numbers."""
    return [printer.sign(line.sign), printer.expression(line.expression)]
