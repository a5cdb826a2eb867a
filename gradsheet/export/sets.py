"""Room: gradsheet. Where a set for another platform comes from: practice variants, or the sheets of a generated set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exercises.errors import InputError
from exercises.specification import Exercise, Specification, read_specification
from exercises.variants import draw_many, practice_seed
from gradsheet.course_set import CourseSet, read_set
from gradsheet.export.items import items_of
from gradsheet.papers import places_of, settled
from templates.export.item import ItemSet

MOST_SHEETS = 1_000
"""Sets of numbers in one file; platforms take longer than a browser waits for more."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A set's exercises with their numbers, one exercise a variant; ``labels`` name the variants where students have
    them. An exercise whose numbers are all given comes once.
    """

    specification: Specification
    exercises: Sequence[Sequence[Exercise]]
    labels: Sequence[str] = ()


def practice_items(source: str, variants: int) -> ItemSet:
    """So many practice variants of a specification or published example as items."""
    return _placed(drawn_for_practice(source, variants), source)


def class_items(folder: Path) -> ItemSet:
    """The sheets of a generated set as items, labelled with the students' ids; nothing of the secret goes into it."""
    return _placed(drawn_for_class(folder), str(folder))


def drawn_for_practice(source: str, variants: int) -> Drawn:
    """So many practice variants of a specification or published example, the same for everybody.

    The first has the numbers that ``solve`` shows.
    """
    specification = read_specification(source)
    if variants > 1 and not any(exercise.open_names for exercise in specification.exercises):
        raise InputError("all numbers are given, so there is one variant only; leave --variants out", where=source)
    try:
        return Drawn(specification, [_drawn(specification, each, variants) for each in specification.exercises])
    except InputError as error:
        raise error.at(source) from error


def _drawn(specification: Specification, exercise: Exercise, variants: int) -> list[Exercise]:
    count = variants if exercise.open_names else 1
    seeds = [practice_seed(specification.name, exercise.number, attempt) for attempt in range(1, count + 1)]
    return [variant.exercise for variant in draw_many(exercise, seeds)]


def drawn_for_class(folder: Path) -> Drawn:
    """The sheets of a generated set, by student."""
    course = read_set(folder)
    if len(course.students) > MOST_SHEETS:
        raise InputError(
            f"expected at most {MOST_SHEETS} sheets, found {len(course.students)}; export practice variants of the "
            "specification instead",
            where=str(folder),
        )
    try:
        sheets = [_sheets(course, exercise) for exercise in course.exercises]
        return Drawn(course.specification, sheets, [student.id for student in course.students])
    except InputError as error:
        raise error.at(str(folder)) from error


def _sheets(course: CourseSet, exercise: Exercise) -> list[Exercise]:
    if not exercise.open_names:
        return [settled(exercise)]
    numbers = course.numbers[exercise.number]
    return [
        replace(
            exercise.filled(
                {name: array[..., place : place + 1] for name, array in numbers.items()}, places_of(exercise)
            ),
            mistake=course.mistakes[exercise.number][place],
        )
        for place in range(len(course.students))
    ]


def _placed(drawn: Drawn, where: str) -> ItemSet:
    try:
        return items_from(drawn)
    except InputError as error:
        raise error.at(where) from error


def items_from(drawn: Drawn) -> ItemSet:
    """The items of a set, by exercise; InputError where one can't be asked number by number."""
    items = []
    for variants in drawn.exercises:
        names = drawn.labels or [f"variant {number}" for number in range(1, len(variants) + 1)]
        items += items_of(variants, names if len(variants) > 1 else [""])
    return ItemSet(drawn.specification.name, drawn.specification.title, tuple(items))
