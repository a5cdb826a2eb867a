"""Room: gradsheet. The line at which a script went wrong, worked with the student's own earlier numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from exercises.bounds import Lines
from exercises.names import cell_ids, parse_cell
from exercises.operations.row import Array
from exercises.outline import outline
from exercises.plan import flatten
from exercises.solution import Section, Solution, filled_in
from exercises.specification import Exercise
from grader.judging import Verdict
from grader.replays import zone
from grader.scripts import CellResult, ScriptResult
from gradsheet.papers import notation_of, places_of


@dataclass(frozen=True, slots=True)
class Worked:
    """A solution of one line; ``left_out``: one that the script leaves out, where a later number shows the mistake."""

    solution: Solution
    left_out: bool = False


def first_wrong(script: ScriptResult) -> CellResult | None:
    """The first cell that is wrong and can be said to be: where something is expected."""
    wrong = (
        cell
        for cell in script.cells
        if cell.verdict is Verdict.WRONG and cell.expected is not None and cell.shown is None
    )
    return next(wrong, None)


def worked_step(exercise: Exercise, given: Mapping[str, Array], script: ScriptResult, lines: Lines) -> Worked | None:
    """How the first wrong cell follows from what the student wrote before; or, where the mistake is known to lie in a
    line that they left out, how that one does.

    ``given`` are the student's numbers (shape + (1,)), ``lines`` the exercise's. None where nothing is wrong, or where
    the student's numbers leave a value undefined.
    """
    wrong = first_wrong(script)
    if wrong is None:
        return None
    written = {cell.cell: cell.value for cell in script.cells if cell.value is not None and cell.cell != wrong.cell}
    began = _began(script, wrong.cell, lines)
    earlier = worked_line(exercise, given, written, began) if began is not None else None
    if earlier is not None:
        return Worked(earlier, left_out=True)
    line = worked_line(exercise, given, written, wrong.cell)
    return None if line is None else Worked(line)


def _began(script: ScriptResult, wrong: str, lines: Lines) -> str | None:
    """The cell without a number at which all that is said of a wrong cell begins."""
    sites = {one.sites[0] for one in script.explanations if wrong in one.cells and not one.slip and not one.cancels}
    if len(sites) != 1:
        return None
    blank = set(lines.root) - {cell.cell for cell in script.cells if cell.text}
    through = sorted(zone(lines, wrong, blank) - {wrong})
    return next((cell for cell in through if parse_cell(cell).quantity in sites), None)


def worked_line(
    exercise: Exercise, given: Mapping[str, Array], written: Mapping[str, float], cell: str
) -> Solution | None:
    """A solution of one line: how a cell follows from written numbers, and from the right ones where none is written.

    None where a value is undefined, and where the notation has no line for the cell.
    """
    values = {**given, **_carried(exercise, given, written)}
    if not all(np.isfinite(array).all() for array in values.values()):
        return None
    told = outline(exercise.program, notation_of(exercise), asked=(cell,))
    solution = filled_in(told, values, places_of(exercise))
    for section in solution.sections:
        for block in section.blocks:
            lines = tuple(line for line in block.lines if cell in line.cells)
            if lines:
                one = Section(section.part, section.round, (replace(block, matrix=None, lines=lines),))
                return replace(solution, sections=(one,))
    return None


def _carried(exercise: Exercise, given: Mapping[str, Array], written: Mapping[str, float]) -> dict[str, Array]:
    """Every step's value as it was written; where it wasn't, as it follows from what was."""
    pins = {}
    for step in exercise.program.steps:
        numbers = [written.get(cell, np.nan) for cell in cell_ids(step.name, step.shape)]
        pins[step.name] = np.array(numbers, dtype=np.float64).reshape(*step.shape, 1)
    computed = flatten(exercise.program).run(given, pinned=pins)
    return {name: np.where(np.isnan(pins[name]), value, pins[name]) for name, value in computed.items()}
