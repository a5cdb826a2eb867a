"""Room: gradsheet. The first line that went wrong, worked with the student's own earlier numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.outline import outline
from exercises.plan import flatten
from exercises.solution import Section, Solution, filled_in
from exercises.specification import Exercise
from grader.judging import Verdict
from grader.scripts import CellResult, ScriptResult
from gradsheet.papers import notation_of, places_of


def first_wrong(script: ScriptResult) -> CellResult | None:
    """The first cell that is wrong and can be said to be: where something is expected."""
    wrong = (
        cell
        for cell in script.cells
        if cell.verdict is Verdict.WRONG and cell.expected is not None and cell.shown is None
    )
    return next(wrong, None)


def worked_step(exercise: Exercise, given: Mapping[str, Array], script: ScriptResult) -> Solution | None:
    """A solution of one line: how the first wrong cell follows from what the student wrote before.

    ``given`` are the student's numbers (shape + (1,)). None where nothing is wrong, or where the student's numbers
    leave a value undefined.
    """
    wrong = first_wrong(script)
    if wrong is None:
        return None
    values = {**given, **_carried(exercise, given, script, wrong.cell)}
    if not all(np.isfinite(array).all() for array in values.values()):
        return None
    told = outline(exercise.program, notation_of(exercise), asked=(wrong.cell,))
    solution = filled_in(told, values, places_of(exercise))
    for section in solution.sections:
        for block in section.blocks:
            lines = tuple(line for line in block.lines if wrong.cell in line.cells)
            if lines:
                one = Section(section.part, section.round, (replace(block, matrix=None, lines=lines),))
                return replace(solution, sections=(one,))
    return None


def _carried(exercise: Exercise, given: Mapping[str, Array], script: ScriptResult, wrong: str) -> dict[str, Array]:
    """Every step's value as the student carried it on; that of the wrong cell as it should have been."""
    written = {cell.cell: cell.value for cell in script.cells if cell.value is not None and cell.cell != wrong}
    pins = {}
    for step in exercise.program.steps:
        numbers = [written.get(cell, np.nan) for cell in cell_ids(step.name, step.shape)]
        pins[step.name] = np.array(numbers, dtype=np.float64).reshape(*step.shape, 1)
    computed = flatten(exercise.program).run(given, pinned=pins)
    return {name: np.where(np.isnan(pins[name]), value, pins[name]) for name, value in computed.items()}
