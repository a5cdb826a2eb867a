"""Room: exercises. What a teacher calls quantities: cells, ids and stems, found in a program."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.errors import InputError, unknown
from exercises.names import LONGEST_ID, Cell, cell_ids, matches, parse_cell, stem
from exercises.program import Program, Role


def asked_cells(program: Program, wishes: Sequence[str], exercise: int) -> tuple[str, ...]:
    """The cells meant by cells, ids and stems, each once, in the program's order; InputError for any other."""
    if not wishes:
        raise InputError('expected at least one quantity such as "J", found none', where="ask")
    wanted = {cell for wish in wishes for cell in _cells_meant(wish, program, exercise)}
    return tuple(cell for step in program.steps for cell in cell_ids(step.name, step.shape) if cell in wanted)


def _cells_meant(wish: str, program: Program, exercise: int) -> list[str]:
    cell = _parsed(wish, program, "ask")
    if cell.exercise not in (None, exercise):
        raise InputError(f'"{wish}" belongs to exercise {cell.exercise}; ask for it there', where="ask")
    if any(given.name == cell.quantity for given in program.givens):
        raise InputError(f'"{wish}" is given, so it can\'t be asked; leave it out', where="ask")
    steps = [step for step in program.steps if matches(cell.quantity, step.name)]
    if not steps:
        raise InputError(_no_such(cell.quantity, program), where="ask")
    found = [each for step in steps for each in cell_ids(step.name, step.shape)]
    if not cell.index:
        return found
    meant = [str(Cell(step.name, cell.index)) for step in steps]
    if missing := [each for each in meant if each not in found]:
        raise InputError(f'no cell "{missing[0]}"; {_extent(steps[0].name, steps[0].shape)}', where="ask")
    return meant


def quantity_named(name: str, program: Program, *, where: str) -> str:
    """The id or stem in its canonical spelling; InputError where the program has nothing of that name."""
    cell = _parsed(name, program, where)
    if cell.index or not any(matches(cell.quantity, known) for known in program.shapes):
        raise InputError(_no_such(str(cell), program), where=where)
    return cell.quantity


def _parsed(text: str, program: Program, where: str) -> Cell:
    try:
        return parse_cell(text)
    except InputError as error:
        raise InputError(_no_such(text, program), where=where) from error


def _no_such(name: str, program: Program) -> str:
    ids = [step.name for step in program.steps]
    message = unknown("quantity", name[:LONGEST_ID], {*ids, *map(stem, ids)})
    updates = any(step.role is Role.UPDATED for step in program.steps)
    return message if updates or "_new" not in name else f"{message}; an update needs an optimizer"


def _extent(name: str, shape: tuple[int, ...]) -> str:
    if not shape:
        return f"{name} is one number"
    return f"{name} goes up to {Cell(name, shape)}"
