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
    return (*forward, *rule_of_update(solution))


def rule_of_update(solution: Solution) -> tuple[Line, ...]:
    """How one parameter moves, with what is kept of it; the others move alike."""
    blocks = [block for section in solution.sections if section.part is Part.UPDATE for block in section.blocks]
    first = next((place for place, block in enumerate(blocks, start=1) if block.role is Role.UPDATED), 0)
    return tuple(_lines(block)[0] for block in blocks[:first])


def _lines(block: Block) -> tuple[Line, ...]:
    return (block.matrix,) if block.matrix is not None else block.lines


def symbolic_sides(line: Line, printer: Printer) -> list[str]:
    """Both sides of a line's formula, without numbers."""
    return [printer.sign(line.sign), printer.expression(line.expression)]
