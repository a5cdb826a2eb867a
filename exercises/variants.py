"""Room: exercises. From an exercise and a seed to a sheet's numbers: candidates in blocks, judged all at once.

The first candidate that meets every condition is taken. Where a block of 2,000 holds none, conditions are let go from
the last one on, with a note. Nothing here depends on how many sheets are drawn together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exercises.batches import Batch, Condition, meeting_all, settle
from exercises.errors import InputError
from exercises.ground import BLOCK, Ground, practice_seed, prepared
from exercises.operations.row import Array
from exercises.precision import Precision
from exercises.specification import Exercise, Specification
from exercises.stream import CHUNK

__all__ = ["BLOCK", "Note", "Variant", "draw", "draw_many", "filled", "practice_seed"]

FIRST = CHUNK
"""Most sheets are found among these; they cost one hash a quantity."""

TOGETHER = 8
"""Sheets worked out in one go: eight times 256 candidates fit the block that stays in cache."""


@dataclass(frozen=True, slots=True)
class Note:
    """A condition that a sheet's numbers don't meet: its code, what it means, and where (names of cells)."""

    code: str
    sentence: str
    places: tuple[str, ...]
    drawn: bool

    def __str__(self) -> str:
        shown = ", ".join(self.places[:6]) + (f" and {len(self.places) - 6} more" if len(self.places) > 6 else "")
        return f"{self.sentence} ({shown})"


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One student's numbers.

    ``exercise`` has them filled in, ``given`` are all of them (shape + (1,)), ``precision`` the places asked;
    ``attempts`` counts the candidates up to the one taken (0 where nothing was drawn).
    """

    exercise: Exercise
    given: Mapping[str, Array]
    precision: Precision
    notes: tuple[Note, ...]
    attempts: int


def filled(specification: Specification, variants: Sequence[Variant]) -> Specification:
    """The specification with all numbers and places written in; one variant an exercise."""
    return replace(specification, exercises=tuple(variant.exercise for variant in variants))


def draw(exercise: Exercise, seed: bytes) -> Variant:
    """The numbers that a seed gives an exercise; InputError where no numbers make it come out."""
    return draw_many(exercise, [seed])[0]


def draw_many(exercise: Exercise, seeds: Sequence[bytes]) -> list[Variant]:
    """One variant a seed, each the same as if drawn alone."""
    ground = prepared(exercise)
    if not ground.drawn.slots:
        return [_as_given(ground)] * len(seeds)
    variants: list[Variant] = []
    for start in range(0, len(seeds), TOGETHER):
        some = seeds[start : start + TOGETHER]
        batch = ground.batch([ground.numbers(one, FIRST) for one in some])
        first = _first_of_each(meeting_all(ground.conditions, batch), len(some))
        for place, one in enumerate(some):
            if place in first:
                variants.append(_taken(ground, batch.only(np.array([place * FIRST + first[place]])), first[place], ()))
            else:
                variants.append(_best(ground, one))
    return variants


def _first_of_each(found: NDArray[np.intp], sheets: int) -> dict[int, int]:
    """For each sheet that has one, the first candidate found."""
    first: dict[int, int] = {}
    for place in found.tolist():
        first.setdefault(place // FIRST, place % FIRST)
    return first


def _best(ground: Ground, one: bytes) -> Variant:
    """The first of a block of 2,000 that meets every condition, or as many as can be in order of importance."""
    batch = ground.batch([ground.numbers(one, BLOCK)])
    alive, let_go = settle(ground.conditions, batch)
    if let_go and let_go[0] is ground.conditions[0]:
        failing = let_go[0].failing(batch.only(np.array([0])))
        where = f"exercise {ground.exercise.number}"
        raise InputError(
            f"none of {BLOCK} draws gives every quantity a value; {failing[0]} has none, so change what is given",
            where=where,
        )
    return _taken(ground, batch.only(alive[:1]), int(alive[0]), let_go)


def _taken(ground: Ground, batch: Batch, candidate: int, let_go: Sequence[Condition]) -> Variant:
    given = {name: np.array(batch.values[name]) for name in ground.names}
    return _variant(ground, given, _notes(let_go, batch, drawn=True), candidate + 1)


def _notes(unmet: Sequence[Condition], batch: Batch, *, drawn: bool) -> tuple[Note, ...]:
    """What is the matter with the only candidate of a batch; of two degrees of the same thing, the stricter."""
    codes = {one.code for one in unmet}
    said = [one for one in unmet if one.stricter not in codes]
    return tuple(Note(one.code, one.sentence, one.failing(batch), drawn) for one in said)


def _variant(ground: Ground, given: Mapping[str, Array], notes: tuple[Note, ...], attempts: int) -> Variant:
    precision = ground.frame.precision
    return Variant(ground.exercise.filled(given, precision), given, precision, notes, attempts)


def _as_given(ground: Ground) -> Variant:
    """Nothing to draw: the notes say what is the matter with the numbers given."""
    batch = ground.batch([{}])
    undefined = ground.conditions[0].failing(batch)
    if undefined:
        where = f"exercise {ground.exercise.number}"
        raise InputError(f"{undefined[0]} has no value for these numbers; change what is given", where=where)
    unmet = [one for one in ground.conditions if not one.judge(batch).all()]
    notes = _notes(unmet, batch, drawn=False)
    return _variant(ground, ground.exercise.given, notes, 0)
