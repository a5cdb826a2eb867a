"""Room: gradsheet. From a specification to papers ready for marking: the bridge between `exercises` and `grader`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from exercises.errors import InputError
from exercises.expression import Shape
from exercises.merging import twins
from exercises.names import cell_ids
from exercises.notation import Notation, notation_for
from exercises.operations.row import Array
from exercises.precision import Precision
from exercises.specification import Exercise, read_specification
from exercises.variants import draw, practice_seed
from grader.diagnosis import Examiner
from grader.marking import task_of
from grader.resolution import Paper


def read_sheet(path: str | Path) -> tuple[Exercise, ...]:
    """The exercises of a sheet whose numbers are all given, with their places settled; InputError where some are
    open.
    """
    specification = read_specification(path)
    for exercise in specification.exercises:
        if exercise.open_names:
            missing = ", ".join(exercise.open_names)
            raise InputError(
                f"expected a sheet with all its numbers, but exercise {exercise.number} leaves {missing} open; name a "
                "student's sheet, such as DIR/teacher/sheets/ID.toml",
                where=str(path),
            )
    try:
        return tuple(settled(exercise) for exercise in specification.exercises)
    except InputError as error:
        raise error.at(str(path)) from error


def settled(exercise: Exercise) -> Exercise:
    """An exercise with nothing open, and its places as they will be printed."""
    return draw(exercise, practice_seed("", exercise.number)).exercise


def papers_of(exercises: Sequence[Exercise]) -> tuple[Paper, ...]:
    """The papers of a set, one for each exercise, whatever numbers its students have."""
    return tuple(_paper(exercise) for exercise in exercises)


def _paper(exercise: Exercise) -> Paper:
    notation = notation_of(exercise)
    shared = twins(exercise.program) if notation.style.merged else {}
    pairs = {
        cell: other
        for quantity, twin in shared.items()
        for cell, other in zip(_cells(exercise, quantity), _cells(exercise, twin), strict=True)
    }
    task = task_of(exercise.program, places_of(exercise))
    return Paper(exercise.number, task, exercise.asked, notation.cell, pairs, Examiner(exercise.program, task))


def _cells(exercise: Exercise, quantity: str) -> tuple[str, ...]:
    return cell_ids(quantity, exercise.program.shapes[quantity])


@lru_cache(maxsize=64)
def notation_of(exercise: Exercise) -> Notation:
    """How the exercise's quantities are written; made once, since it remembers what it has written."""
    return notation_for(exercise.notation, exercise.program)


def places_of(exercise: Exercise) -> Precision:
    """The places of a settled exercise; ValueError where they are still open."""
    if exercise.precision is None:
        raise ValueError(f"the places of exercise {exercise.number} are still open")
    return exercise.precision


def by_cell(shapes: Mapping[str, Shape], arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Tensor quantities (shape + (V,)) as one array (V,) for each cell."""
    cells: dict[str, Array] = {}
    for name, array in arrays.items():
        rows = array.reshape(-1, array.shape[-1])
        cells |= dict(zip(cell_ids(name, shapes[name]), (np.ascontiguousarray(row) for row in rows), strict=True))
    return cells
