"""Room: gradsheet. The few names for a notebook: a sheet, what stands on it, and a check of what somebody worked out.

``import gradsheet; sheet = gradsheet.sheet("mazur"); sheet.check({"dJ/dW1": dW1})``. Results show themselves as HTML,
as Markdown, or as plain text where neither can be shown.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import numpy as np

from exercises.errors import InputError
from exercises.names import cell_ids
from exercises.specification import Exercise, Specification, parse_specification, read_specification, slug
from exercises.toml_text import toml_line
from exercises.variants import drawn_for_practice
from grader.marking import Verdict
from grader.submissions.answers import Answer, gather, spread
from gradsheet.marking_desk import mark_one
from gradsheet.notebook_page import checked_html, checked_markdown, sheet_html, sheet_markdown
from gradsheet.policies import idle_weights, policy_of
from gradsheet.result_table import as_text as table_text
from gradsheet.results import HandInResult, as_json
from gradsheet.solving import as_markdown as worked_markdown
from gradsheet.solving import as_text as worked_text

WIDTH = 100
"""Columns of plain text."""

MOST_NAMED = 8
"""Cells still to be handed in that are named one by one."""


def sheet(source: str | os.PathLike[str] | Mapping[str, Any], *, variant: int = 1) -> Sheet:
    """The sheet of a published example's name, a file, TOML text, or the same as a mapping.

    Numbers left open are practice numbers; ``variant`` 1, 2, … are other ones, each the same for everybody. The first
    are those that ``gradsheet solve`` shows. Raises InputError for whatever isn't a specification.
    """
    if variant < 1:
        raise InputError(f"expected a variant from 1 on, found {variant}", where="variant")
    specification = _specification(source)
    return Sheet(_title(specification), drawn_for_practice(specification, variant))


MAPPING, TEXT = "the mapping", "the text"
"""What stands in messages where others have a file's name."""


def _title(specification: Specification) -> str:
    """What its author calls it; what was typed into a notebook needs no name, and goes by what it is."""
    if specification.title or specification.name not in map(slug, (MAPPING, TEXT)):
        return specification.title or specification.name
    count = len(specification.exercises)
    return "Exercise" if count == 1 else f"{count} exercises"


def _specification(source: str | os.PathLike[str] | Mapping[str, Any]) -> Specification:
    if isinstance(source, Mapping):
        lines = (toml_line(str(key), _plain(value)) for key, value in source.items())
        return parse_specification("\n".join(lines), MAPPING)
    if isinstance(source, str) and "\n" in source:
        return parse_specification(source, TEXT)
    return read_specification(source if isinstance(source, str) else Path(source))


def _plain(value: Any) -> Any:
    """Arrays and NumPy's numbers as Python's own, all the way down."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


@dataclass(frozen=True)
class Sheet:
    """A sheet with all its numbers."""

    title: str
    exercises: tuple[Exercise, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all cells that are asked; the exercise's number stands before them where there are several."""
        return tuple(self._prefix(exercise) + cell for exercise in self.exercises for cell in exercise.answers)

    @property
    def given(self) -> dict[str, Any]:
        """The numbers handed out by id: a number, or an array of the quantity's shape."""
        return {
            self._prefix(exercise) + name: float(array[0]) if array.ndim == 1 else array[..., 0].copy()
            for exercise in self.exercises
            for name, array in exercise.given.items()
        }

    def check(self, answers: Mapping[str, Any], *, policy: str = "exam") -> Checked:
        """Mark what is handed in: ids to numbers, texts, nested lists or arrays, as many as there are.

        A vector may be a row, a column or flat. Each number is held against what follows from the ones before it that
        are handed in as well. Raises InputError where an array has another shape than its quantity.
        """
        found = (answer for name, value in answers.items() for answer in self._answers(str(name), value))
        wanted = policy_of(policy)
        for line in idle_weights(wanted, policy, self.exercises):
            warnings.warn(line, stacklevel=2)
        return Checked(mark_one(self.exercises, gather(found), policy=wanted))

    def solution(self) -> Solution:
        """All exercises worked out, step by step."""
        return Solution(self.exercises)

    def _prefix(self, exercise: Exercise) -> str:
        return f"{exercise.number}:" if len(self.exercises) > 1 else ""

    def _answers(self, name: str, value: Any) -> list[Answer]:
        place, nested = f'"{name}"', _nested(value)
        answers = list(spread(name, nested, place))
        found, wanted = _shape(nested), self._shapes.get(name, () if name in self.ids else None)
        if not found or wanted is None or found == wanted:
            return answers
        _refuse_other_shapes(found, wanted, place)
        return [replace(answer, id_text=cell) for answer, cell in zip(answers, cell_ids(name, wanted), strict=True)]

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """By id of a quantity; without a number before it that of the first exercise which has it."""
        shapes: dict[str, tuple[int, ...]] = {}
        for exercise in self.exercises:
            for name, shape in exercise.program.shapes.items():
                shapes[f"{exercise.number}:{name}"] = shape
                shapes.setdefault(name, shape)
        return shapes

    def __str__(self) -> str:
        parts = [f"{self.title}: {len(self.ids)} numbers are asked."]
        parts += [
            f"{name} = {np.array2string(np.asarray(value), separator=', ')}" for name, value in self.given.items()
        ]
        return "\n".join([*parts, f"asked: {', '.join(self.ids)}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return sheet_html(self.title, self.exercises)

    def _repr_markdown_(self) -> str:
        return sheet_markdown(self.title, self.exercises)


def _nested(value: Any) -> Any:
    """Arrays of any library as nested lists of the texts Python prints: 0.1 in single precision stays 0.1."""
    if isinstance(value, (list, tuple)):
        return [_nested(each) for each in value]
    if isinstance(value, (str, int, float, type(None))) and not isinstance(value, np.generic):
        return value
    array = np.asarray(value)
    return [_nested(each) for each in array] if array.ndim else str(array[()])


def _shape(nested: Any) -> tuple[int, ...]:
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) and nested else ()


def _refuse_other_shapes(found: tuple[int, ...], wanted: tuple[int, ...], place: str) -> None:
    """Rows and columns may stand for vectors, and one by one for a number; nothing else is guessed."""
    without_ones = [tuple(size for size in shape if size != 1) for shape in (found, wanted)]
    if without_ones[0] != without_ones[1]:
        hint = "; hand in its transpose" if found == wanted[::-1] else ""
        expected = f"an array of shape {wanted}" if wanted else "one number"
        raise InputError(f"expected {expected}, found {found if wanted else f'shape {found}'}{hint}", where=place)


@dataclass(frozen=True)
class Checked:
    """Marks and feedback; ``result`` has every cell, also those not handed in."""

    result: HandInResult

    @cached_property
    def handed_in(self) -> HandInResult:
        """The result of the cells that were handed in, alone."""
        scripts = (
            replace(script, cells=tuple(cell for cell in script.cells if cell.verdict is not Verdict.MISSING))
            for script in self.result.scripts
        )
        return replace(self.result, scripts=tuple(scripts))

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids that are asked and weren't handed in."""
        cells = (cell for cell in self.result.cells if cell.verdict is Verdict.MISSING)
        return tuple(self.result.id_of(cell) for cell in cells)

    @property
    def score(self) -> float:
        """Marks earned."""
        return float(self.handed_in.score)

    @property
    def out_of(self) -> float:
        """Marks that what was handed in is worth."""
        return float(self.handed_in.out_of)

    @property
    def data(self) -> dict[str, Any]:
        """What ``gradsheet check --json`` prints: all cells, exact fractions as text."""
        return as_json(self.result)

    def __str__(self) -> str:
        text = click.unstyle(table_text(self.handed_in, WIDTH)).lstrip("\n")
        return f"{text}\n{still}" if (still := still_asked(self.missing)) else text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return checked_html(self.handed_in, still_asked(self.missing))

    def _repr_markdown_(self) -> str:
        return checked_markdown(self.handed_in, still_asked(self.missing))


def still_asked(missing: Iterable[str]) -> str:
    """Which cells are left to do, in a sentence; empty where none is."""
    names = list(missing)
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"Still asked: {', '.join(names[:MOST_NAMED])}{more}."


@dataclass(frozen=True)
class Solution:
    """Worked exercises: Markdown with formulas where that can be shown, else text."""

    exercises: tuple[Exercise, ...]

    def __str__(self) -> str:
        return worked_text(self.exercises, WIDTH)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return worked_markdown(self.exercises)[0]
