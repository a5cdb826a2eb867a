"""Room: templates. One exercise as paper shows it: what is given, the sections, and the table of answers in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exercises.solution import Solution
from exercises.specification import Exercise
from templates.render import cell_of, description, solution_of
from templates.typst_page import PaperSection, TypstPage

ROWS_FOR_TWO, ROWS_FOR_THREE = 8, 24
"""From so many answers on they stand in two columns, and in three."""

MOST_ROWS = 30
"""Rows of one column that fit on a page."""

WIDEST_FOR_THREE = 12
"""Letters of an id; with longer ones there is no room for three columns."""


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """One asked cell: its id, its symbol as code, its places, and its value."""

    id: str
    symbol: str
    places: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Answers that fit on a page, in columns; ``places`` says whether each row has its own."""

    columns: int
    places: bool
    rows: tuple[PaperAnswer, ...]


@dataclass(frozen=True, slots=True)
class PaperExercise:
    """Everything of one exercise as code; ``places`` is a sentence."""

    number: int
    words: str
    given: tuple[tuple[str, ...], ...]
    outline: tuple[str, ...]
    outline_columns: int
    legend: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    places: str
    answers: tuple[AnswerTable, ...]


def paper_exercise(exercise: Exercise, *, several: bool, worked: bool, with_room: bool) -> PaperExercise:
    """An exercise with all its numbers, set for paper."""
    solution = solution_of(exercise)
    page = TypstPage(solution.notation)
    legend = page.legend(solution)
    return PaperExercise(
        exercise.number,
        description(solution.notation),
        tuple(map(page.given, solution.given)),
        page.outline(solution),
        1,
        (*legend, page.said(solution.rounding)) if worked else legend,
        page.sections(solution, worked=worked) if with_room else (),
        _places_sentence(exercise, solution),
        _tables(_rows(exercise, solution, page, several)),
    )


def _places_sentence(exercise: Exercise, solution: Solution) -> str:
    places = {str(solution.precision.of(cell)) for cell in exercise.asked}
    return f"Each value to {places.pop()}." if len(places) == 1 else ""


def _rows(exercise: Exercise, solution: Solution, page: TypstPage, several: bool) -> tuple[PaperAnswer, ...]:
    return tuple(
        PaperAnswer(
            cell_of(exercise, cell, several),
            page.symbol(cell),
            str(solution.precision.of(cell)),
            solution.texts[cell],
        )
        for cell in exercise.asked
    )


def _tables(rows: Sequence[PaperAnswer]) -> tuple[AnswerTable, ...]:
    differ = len({row.places for row in rows}) > 1
    columns = 1 if len(rows) < ROWS_FOR_TWO else 2 if len(rows) < ROWS_FOR_THREE else 3
    if columns == 3 and (differ or max(len(row.id) for row in rows) > WIDEST_FOR_THREE):
        columns = 2
    most = columns * MOST_ROWS
    return tuple(AnswerTable(columns, differ, tuple(rows[k : k + most])) for k in range(0, len(rows), most))
