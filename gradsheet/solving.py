"""Room: gradsheet. Exercises worked out for whoever asks: as text, as Markdown, as Python, or as data for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exercises.as_python import as_python
from exercises.errors import InputError
from exercises.names import cell_ids
from exercises.notation import notation_for, serving, style_named
from exercises.plan import run
from exercises.solution import Line, Solution
from exercises.specification import Exercise, Specification
from exercises.variants import drawn_for_practice
from templates.environment import Templates
from templates.formula import unicode
from templates.html import PLAIN, solution_html
from templates.layout import Layout
from templates.render import drawing_file, render_solution, solution_of
from templates.stages import symbolic
from templates.terminal import render_text

NOTATION = "--notation"


def settled_exercises(specification: Specification) -> tuple[Exercise, ...]:
    """All exercises with every number and place; what was open is drawn from a public seed, the same for everybody."""
    return drawn_for_practice(specification)


def written_in(
    specification: Specification, exercises: Sequence[Exercise], notation: str
) -> tuple[tuple[Exercise, ...], tuple[Exercise, ...]]:
    """The exercises in another notation, those that it can't write left in their own; and these alone.

    InputError for a notation that isn't known, or that can write none of them.
    """
    try:
        style_named(notation)
    except InputError as error:
        raise InputError(error.message, where=NOTATION) from error
    others = tuple(exercise for exercise in exercises if notation not in serving(exercise.program))
    if len(others) == len(exercises):
        try:
            notation_for(notation, exercises[0].program)
        except InputError as error:
            where = f"{specification.where}, exercise {exercises[0].number}, {NOTATION}"
            raise InputError(error.message, where=where) from error
    left = {exercise.number for exercise in others}
    return tuple(each if each.number in left else replace(each, notation=notation) for each in exercises), others


def as_text(
    exercises: Sequence[Exercise], width: int, *, detail: str | None = None, notation: str | None = None
) -> str:
    """The worked solutions for the terminal."""
    several = len(exercises) > 1
    pages = [
        render_text(
            solution_of(exercise, detail=detail, notation=notation),
            width=width,
            heading=f"Exercise {exercise.number}" if several else "",
        )
        for exercise in exercises
    ]
    return "\n".join(pages)


def as_markdown(
    exercises: Sequence[Exercise],
    *,
    detail: str | None = None,
    templates: Templates | None = None,
    name: str = "",
) -> tuple[str, dict[str, str]]:
    """The worked solutions with `$…$`, and their drawings by names of files: ``name.svg``, or ``name-1.svg``, … where
    there are several exercises; none where there is no name."""
    pages: list[str] = []
    drawings: dict[str, str] = {}
    several = len(exercises) > 1
    for exercise in exercises:
        file = drawing_file(name, exercise, several) if name else ""
        text, files = render_solution(exercise, detail=detail, templates=templates, drawn_in=file)
        pages.append((f"# Exercise {exercise.number}\n\n" if several else "") + text)
        drawings |= files
    return "\n".join(pages), drawings


def as_web_page(
    exercises: Sequence[Exercise],
    title: str,
    *,
    detail: str | None = None,
    templates: Templates | None = None,
    layout: Layout = PLAIN,
) -> str:
    """The worked solutions as one web page that needs nothing else."""
    return solution_html(title, exercises, detail=detail, templates=templates, layout=layout)


def as_source(exercises: Sequence[Exercise], title: str, *, notation: str | None = None) -> str:
    """The exercises as Python, one after the other, runnable as a whole."""
    sources = []
    for exercise in exercises:
        style = notation_for(notation or exercise.notation, exercise.program)
        name = f"{title}, exercise {exercise.number}" if len(exercises) > 1 else title
        sources.append(as_python(exercise.program, exercise.given, style, exercise.asked, title=name))
    return "\n\n".join(sources)


def as_data(exercises: Sequence[Exercise], *, detail: str | None = None, notation: str | None = None) -> dict[str, Any]:
    """What ``solve --json`` prints: every quantity in full precision, and the steps as they are shown."""
    return {"exercises": [_exercise_data(exercise, detail, notation) for exercise in exercises]}


def _exercise_data(exercise: Exercise, detail: str | None, notation: str | None) -> dict[str, Any]:
    program = exercise.program
    arrays = {**exercise.given, **run(program, exercise.given)}
    quantities = {name: _nested(arrays[name][..., 0].tolist()) for name in program.shapes}
    values = {
        cell: value
        for name, shape in program.shapes.items()
        for cell, value in zip(cell_ids(name, shape), arrays[name][..., 0].reshape(-1).tolist(), strict=True)
    }
    solution = solution_of(exercise, detail=detail or "component", notation=notation)
    return {"id": exercise.number, "quantities": quantities, "steps": list(_steps(solution, values))}


def _steps(solution: Solution, values: dict[str, float]) -> list[dict[str, Any]]:
    return [
        {"id": line.cells[0], "part": section.part.value, "round": section.round, **_line_data(line, solution, values)}
        for section in solution.sections
        for block in section.blocks
        for line in (block.lines or ((block.matrix,) if block.matrix else ()))
    ]


def _line_data(line: Line, solution: Solution, values: dict[str, float]) -> dict[str, Any]:
    printer = unicode.printer(solution.notation)
    return {
        "also": list(line.cells[1:]),
        "symbol": printer.sign(line.sign),
        "symbolic": symbolic(line, printer),
        "chain": [[printer.sign(factor.sign) for factor in product] for product in line.chain],
        "numbers": printer.expression(line.expression, line.numbers),
        "text": line.result,
        "value": _nested(values.get(line.cells[0])),
    }


def _nested(value: Any) -> Any:
    """Numbers as JSON has them: one that isn't finite has none, so it is null."""
    if isinstance(value, list):
        return [_nested(entry) for entry in value]
    return value if value is None or math.isfinite(value) else None
