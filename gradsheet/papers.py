"""Room: gradsheet. From a specification to papers ready for marking: the bridge between `exercises` and `grader`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from exercises.components import by_cell
from exercises.errors import InputError
from exercises.merging import twins
from exercises.names import cell_ids
from exercises.notation import Notation, notation_for
from exercises.operations.row import Array
from exercises.planted import planted
from exercises.precision import Precision
from exercises.specification import Exercise, read_specification
from exercises.variants import draw, practice_seed
from grader.diagnosis import Examiner
from grader.marking import task_of
from grader.planted import mark_planted
from grader.policy import EXAM, Policy
from grader.resolution import Paper
from grader.rounding import Tolerance
from grader.scripts import ScriptResult, mark_scripts
from gradsheet.course_set import TEACHER

__all__ = ["by_cell", "mark_exercise", "notation_of", "papers_of", "places_of", "read_sheet", "settled"]


def read_sheet(path: str | Path) -> tuple[Exercise, ...]:
    """The exercises of a sheet whose numbers are all given, with their places settled; InputError where some are
    open.
    """
    if os.path.isdir(os.path.join(path, TEACHER, "sheets")):  # says no, and no more, of a name too long for a file
        raise InputError(
            f"expected one sheet, found a set; name a student's, {Path(path, TEACHER, 'sheets', 'ID.toml')}, or mark "
            "the class with gradsheet grade",
            where=str(path),
        )
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
    if exercise.finding:
        return Paper(exercise.number, task, exercise.answers, notation.cell, {}, words=exercise.answers)
    return Paper(exercise.number, task, exercise.asked, notation.cell, pairs, Examiner(exercise.program, task))


def mark_exercise(
    exercise: Exercise,
    paper: Paper,
    given: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    labels: Sequence[str] = (),
    *,
    tolerance: Tolerance | None = None,
    policy: Policy = EXAM,
) -> list[ScriptResult]:
    """The results of many scripts on one exercise, which is settled; ``given`` are arrays of their shape + (V,).

    ``labels`` are the mistakes planted, one a script, where one is to be found.
    """
    if exercise.finding:
        mistakes = [planted(exercise, label) for label in labels]
        return mark_planted(paper, given, mistakes, texts, tolerance=tolerance, policy=policy)
    return mark_scripts(paper, by_cell(exercise.program.shapes, given), texts, tolerance=tolerance, policy=policy)


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
