"""Room: gradsheet. The course that comes along: what its sheets are for, how long they take, and in which order."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from exercises.difficulty import effort
from exercises.lessons import course_files
from exercises.specification import read_specification

Row = Mapping[str, Any]


def rows() -> list[Row]:
    """Every sheet in its order, as data."""
    return [_row(name, path.name) for name, path in course_files().items()]


def _row(name: str, file: str) -> Row:
    specification = read_specification(name)
    lesson = specification.lesson
    assert lesson is not None, name
    work = [effort(exercise.program, exercise.asked) for exercise in specification.exercises]
    return {
        "name": name,
        "file": file,
        "title": specification.title,
        "goal": lesson.goal,
        "needs": [f"course/{number:02}" for number in lesson.needs],
        "families": list(dict.fromkeys(exercise.family.name for exercise in specification.exercises)),
        "asked": sum(len(exercise.asked) for exercise in specification.exercises),
        "operations": sum(each.count for each in work),
        "difficulty": sum(each.weighted for each in work),
        "minutes": sum(each.minutes for each in work),
    }


HEAD = (
    "A course in twelve sheets; course/NN stands wherever a specification can. Work counts each operation by hand, "
    "and each line to write, by the time it takes: an addition is 1. Minutes are those of a student with a pocket "
    "calculator who makes no mistake; allow twice as many."
)


def in_words(course: Sequence[Row], width: int) -> str:
    """The course as a table for a terminal of so many columns."""
    titles = max(len(row["title"]) for row in course)
    left = len("course/01  ")
    lines = [*textwrap.wrap(HEAD, width), ""]
    lines.append(f"{'sheet':{left}}{'':{titles}}  {'work':>5}  {'minutes':>7}  builds on".rstrip())
    for row in course:
        needs = ", ".join(name.removeprefix("course/") for name in row["needs"]) or "–"
        title = click.style(f"{row['title']:{titles}}", bold=True)
        lines.append(f"{row['name']:{left}}{title}  {row['difficulty']:>5}  {row['minutes']:>7}  {needs}")
        indent = " " * left
        lines += textwrap.wrap(f"{row['goal']}.", width, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(lines)
