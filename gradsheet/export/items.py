"""Room: gradsheet. Exercises as neutral items: what `templates` says of them, what `grader` knows of their numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from string import Formatter

import numpy as np

from exercises.components import by_cell
from exercises.errors import InputError
from exercises.misconceptions import Kind
from exercises.operations.row import Array
from exercises.precision import Places
from exercises.specification import Exercise
from grader.diagnosis import Examiner
from grader.judging import task_of
from gradsheet.export.known import SIGN_SLIP, Candidate, known_of
from gradsheet.export.numbers import Outcome, Reach, differs, right_answers, wrong_answers
from gradsheet.papers import places_of
from templates.export.decimals import accepted
from templates.export.item import AskedCell, Item, Words
from templates.export.stem import Formulas, stem_of
from templates.render import solution_of

CONVENTION = "Another convention: "


def items_of(variants: Sequence[Exercise], labels: Sequence[str]) -> list[Item]:
    """One exercise's items, one a variant; the variants have all their numbers and share program and places.

    Raises InputError where the exercise can't be asked cell by cell.
    """
    first = variants[0]
    refuse(first)
    given = _numbers(variants)
    task = task_of(first.program, places_of(first))
    right = right_answers(task, given, first.asked)
    wrong = wrong_answers(Examiner(first.program, task), given, first.asked)
    return [
        _item(exercise, label, {cell: _at(reach, place) for cell, reach in right.items()}, wrong, place)
        for place, (exercise, label) in enumerate(zip(variants, labels, strict=True))
    ]


def refuse(exercise: Exercise) -> None:
    """InputError where an exercise can't be asked number by number."""
    where = f"exercise {exercise.number}"
    if exercise.finding:
        raise InputError("a mistake to be found is no question of numbers alone; leave this exercise out", where=where)
    if exercise.fade is not None:
        raise InputError("a faded exercise has working that no question can show; leave fade out", where=where)
    if not exercise.asked:
        raise InputError("nothing is asked; name what to ask", where=where)


def _numbers(variants: Sequence[Exercise]) -> dict[str, Array]:
    shapes = variants[0].program.shapes
    together = {
        name: np.concatenate([exercise.given[name] for exercise in variants], axis=-1) for name in variants[0].given
    }
    return by_cell(shapes, together)


def _at(reach: Reach, place: int) -> tuple[float, float]:
    """Value and half-width in one variant; what is the same in all has one entry."""
    value, allowed = np.atleast_1d(reach.value), np.atleast_1d(reach.allowed)
    return float(value[place % len(value)]), float(allowed[place % len(allowed)])


def _item(
    exercise: Exercise,
    label: str,
    right: Mapping[str, tuple[float, float]],
    wrong: Mapping[str, Sequence[Outcome]],
    place: int,
) -> Item:
    formulas, texts = Formulas(solution_of(exercise).notation), solution_of(exercise).texts
    cells = tuple(
        _cell(
            exercise,
            cell,
            texts[cell],
            right[cell],
            _candidates(wrong[cell], right[cell][0], place, formulas),
            formulas,
        )
        for cell in exercise.asked
    )
    return replace(stem_of(exercise, label), cells=cells)


def _cell(
    exercise: Exercise,
    cell: str,
    shown: str,
    right: tuple[float, float],
    candidates: Sequence[Candidate],
    formulas: Formulas,
) -> AskedCell:
    value, half_width = right
    if not math.isfinite(value) or not math.isfinite(half_width):
        raise InputError(
            f"rounding by hand may carry {cell} anywhere, so no half-width fits it; ask for something else, or for "
            "more decimals",
            where=f"exercise {exercise.number}",
        )
    places, symbol = places_of(exercise).of(cell), formulas.symbol(cell)
    unit = _unit(places, value)
    accepting = accepted(value, half_width)
    slip = _said(SIGN_SLIP.sentence, {"cell": cell}, formulas)
    known, hidden = known_of(accepting, unit, candidates, slip)
    return AskedCell(cell, symbol, str(places), unit, shown, accepting, known, hidden)


def _unit(places: Places, value: float) -> Decimal:
    exponent = math.log10(float(places.unit(np.array([value]))[0]))
    return Decimal(1).scaleb(round(exponent))


def _candidates(outcomes: Sequence[Outcome], key: float, place: int, formulas: Formulas) -> list[Candidate]:
    """The mistakes that change the cell at all, and by how much is known."""
    found = []
    for one in outcomes:
        value, half_width = _at(one.reach, place)
        changes = bool(differs(np.array(value), np.array(key)))
        if changes and math.isfinite(value) and math.isfinite(half_width):
            sentence = _said(one.sentence, one.places, formulas)
            told = (CONVENTION, *sentence) if one.kind is Kind.CONVENTION else sentence
            found.append(Candidate(value, half_width, one.code, told, one.follows))
    return found


def _said(sentence: str, places: Mapping[str, str], formulas: Formulas) -> Words:
    """A catalogue's sentence with symbols in its places."""
    words: list[object] = []
    for text, name, _, _ in Formatter().parse(sentence):
        words += [text] if text else []
        words += [formulas.symbol(places[name])] if name else []
    return tuple(words)  # type: ignore[arg-type]
