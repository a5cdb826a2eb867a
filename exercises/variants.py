"""Room: exercises. From an exercise and a seed to a sheet's numbers: candidates in blocks, judged all at once.

The first candidate that meets every condition is taken. Where a block of 2,000 holds none, conditions are let go from
the last one on, with a note. Nothing here depends on how many sheets are drawn together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exercises.batches import Batch, Condition, meeting_all, settle
from exercises.errors import InputError
from exercises.ground import BLOCK, FEW, Ground, practice_seed, prepared, with_mistakes
from exercises.operations.row import Array
from exercises.planted import chosen
from exercises.precision import Precision
from exercises.specification import Exercise, Specification
from exercises.stream import CHUNK, shake
from exercises.undefined import why_undefined

__all__ = ["BLOCK", "Note", "Variant", "draw", "draw_many", "drawn_for_practice", "filled", "practice_seed"]

FIRST = CHUNK
"""Most sheets are found among these; they cost one hash a quantity."""

TOGETHER = 8
"""Sheets worked out in one go: eight times 256 candidates fit the block that stays in cache."""

SPARE = 12
"""More than ``FEW`` that are hoped for, since sheets differ."""

MANY = 256
"""Sheets held against the dear conditions in one go."""

ROUNDS = (1, 2, 3, 4, 6, 9, 12, 20)
"""The dear conditions are asked of a sheet's first candidate, then of the next ones up to these."""


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


def drawn_for_practice(specification: Specification, attempt: int = 1) -> tuple[Exercise, ...]:
    """All exercises with every number, those left open from a public seed; an InputError names the file."""
    try:
        return tuple(
            draw(exercise, practice_seed(specification.name, exercise.number, attempt)).exercise
            for exercise in specification.exercises
        )
    except InputError as error:
        raise error.at(specification.where) from error


def draw_many(exercise: Exercise, seeds: Sequence[bytes], *, thorough: bool = False) -> list[Variant]:
    """One variant a seed, each the same as if drawn alone.

    ``thorough``: numbers that are all given are held against the dear conditions too, which takes a while and only
    makes a note. Where a mistake is to be found, each has one that shows.
    """
    variants = _drawn(exercise, seeds, thorough)
    if not exercise.finding:
        return variants
    return [_with_mistake(exercise, one, variant) for one, variant in zip(seeds, variants, strict=True)]


TRIES = 12
"""Sets of numbers in which a wished mistake may fail to show before nothing is said to show it."""


def _with_mistake(exercise: Exercise, one: bytes, variant: Variant) -> Variant:
    """The variant with a mistake planted that shows; where none shows, numbers are drawn again."""
    for attempt in range(1, TRIES + 1):
        label = chosen(variant.exercise, one)
        if label:
            return replace(variant, exercise=replace(variant.exercise, mistake=label))
        if not exercise.open_names:
            break
        one = shake(b"planted again" + bytes([attempt]) + one, len(one))
        (variant,) = _drawn(exercise, [one], thorough=False)
    what = f'the mistake "{exercise.mistake}" doesn\'t show' if exercise.mistake else "no mistake shows"
    raise InputError(
        f"{what} in what is asked to {variant.precision.default}; ask for more, or for more decimals",
        where=f"exercise {exercise.number}",
    )


def _drawn(exercise: Exercise, seeds: Sequence[bytes], thorough: bool) -> list[Variant]:
    ground = prepared(exercise)
    if not ground.drawn.slots:
        return [_as_given(ground, thorough)] * len(seeds)
    variants: list[Variant] = []
    for start in range(0, len(seeds), MANY):
        some = seeds[start : start + MANY]
        hopefuls = [hopeful for group in _groups(some) for hopeful in _first_hopefuls(ground, group)]
        variants += _settled(ground, hopefuls)
    return variants


def _groups(seeds: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (seeds[start : start + TOGETHER] for start in range(0, len(seeds), TOGETHER))


@dataclass(frozen=True, slots=True, eq=False)
class _Hopeful:
    """A sheet's candidates that are held against the dear conditions, in order, and the other conditions let go.

    ``numbers`` are those of the candidates, ``places`` where they stood among the seed's; with ``more`` there may be
    further ones in the seed's block.
    """

    seed: bytes
    numbers: Mapping[str, Array]
    places: NDArray[np.intp]
    let_go: tuple[Condition, ...] = ()
    more: bool = False

    def part(self, start: int, stop: int) -> Mapping[str, Array]:
        return {name: array[..., start:stop] for name, array in self.numbers.items()}


def _first_hopefuls(ground: Ground, seeds: Sequence[bytes]) -> Iterator[_Hopeful]:
    numbers = [ground.numbers(one, FIRST) for one in seeds]
    peek = _peek(ground)
    found = _fit(ground, numbers, peek)
    short = [place for place, own in enumerate(found) if len(own) < FEW] if peek < FIRST else []
    for place, own in zip(short, _fit(ground, [numbers[place] for place in short], FIRST), strict=True):
        found[place] = own
    for one, drawn, own in zip(seeds, numbers, found, strict=True):
        yield _hopeful(one, drawn, own, more=len(own) < FEW) if len(own) else _of_block(ground, one)


def _peek(ground: Ground) -> int:
    """So many of the first candidates hold enough that meet the cheap conditions, as a rule; then the rest needn't be
    looked at.
    """
    return FIRST if ground.share <= 0 else min(FIRST, math.ceil((FEW + SPARE) / ground.share))


def _fit(ground: Ground, sheets: Sequence[Mapping[str, Array]], width: int) -> list[NDArray[np.intp]]:
    """Which of each sheet's first ``width`` candidates meet every cheap condition."""
    if not sheets:
        return []
    batch = ground.batch([{name: array[..., :width] for name, array in sheet.items()} for sheet in sheets])
    found = meeting_all(ground.cheap, batch)
    borders = np.searchsorted(found, np.arange(1, len(sheets)) * width)
    return [own - place * width for place, own in enumerate(np.split(found, borders))]


def _hopeful(
    one: bytes,
    drawn: Mapping[str, Array],
    own: NDArray[np.intp],
    let_go: tuple[Condition, ...] = (),
    *,
    more: bool = False,
) -> _Hopeful:
    few = own[:FEW]
    return _Hopeful(one, {name: array[..., few] for name, array in drawn.items()}, few, let_go, more)


def _of_block(ground: Ground, one: bytes) -> _Hopeful:
    """Of a block of 2,000 those that meet every condition, or as many as can be in order of importance."""
    drawn = ground.numbers(one, BLOCK)
    batch = ground.batch([drawn])
    alive, let_go = settle(ground.cheap, batch)
    if let_go and let_go[0] is ground.conditions[0]:
        first = batch.only(np.array([0]))
        failing = let_go[0].failing(first)
        where = f"exercise {ground.exercise.number}"
        why = _why(ground, first, failing[0])
        raise InputError(
            f"none of {BLOCK} draws gives every quantity a value; {failing[0]} has none{why}; change what is given",
            where=where,
        )
    return _hopeful(one, drawn, alive, let_go)


def _why(ground: Ground, batch: Batch, cell: str) -> str:
    """The operation that the only candidate of a batch makes impossible, after a colon."""
    program = ground.exercise.program
    why = why_undefined(program, {name: batch.values[name] for name in program.shapes}, cell)
    return f": {why}" if why else ""


def _settled(ground: Ground, hopefuls: Sequence[_Hopeful]) -> list[Variant]:
    """The first candidate of each sheet that meets the dear conditions too, or the one that misses least."""
    chosen = _search(ground, hopefuls)
    again = [number for number, (_, missed) in enumerate(chosen) if missed and hopefuls[number].more]
    hopefuls = [_of_block(ground, one.seed) if number in again else one for number, one in enumerate(hopefuls)]
    for number, choice in zip(again, _search(ground, [hopefuls[number] for number in again]), strict=True):
        chosen[number] = choice
    return [_taken(ground, one, place, missed) for one, (place, missed) in zip(hopefuls, chosen, strict=True)]


def _search(ground: Ground, hopefuls: Sequence[_Hopeful]) -> list[tuple[int, bool]]:
    """For each sheet the candidate taken, and whether it misses something; few at a time, for all sheets at once."""
    best: list[tuple[int, int]] = [(-1, 0)] * len(hopefuls)
    for start, stop in zip((0, *ROUNDS), (*ROUNDS, FEW), strict=True):
        waiting = [number for number, one in enumerate(hopefuls) if best[number][0] and len(one.places) > start]
        for group in (waiting[first : first + MANY] for first in range(0, len(waiting), MANY)):
            sheets = [hopefuls[number].part(start, stop) for number in group]
            missed = np.split(
                _missed(ground, ground.batch(sheets)), np.cumsum([_width(sheet) for sheet in sheets])[:-1]
            )
            for number, counts in zip(group, missed, strict=True):
                place = int(np.argmin(counts))
                if best[number][0] < 0 or counts[place] < best[number][0]:
                    best[number] = int(counts[place]), start + place
    return [(place, count > 0) for count, place in best]


def _width(sheet: Mapping[str, Array]) -> int:
    return max((array.shape[-1] for array in sheet.values()), default=1)


def _missed(ground: Ground, batch: Batch) -> NDArray[np.intp]:
    """What each candidate leaves in the dark, as a number to compare by; 0 where nothing."""
    apart, required = ground.frame.apart, ground.frame.required
    if apart is None or required is None:
        return np.zeros(batch.rows.shape[1], dtype=np.intp)
    return apart.missed(batch, required)


def _taken(ground: Ground, one: _Hopeful, place: int, missed: bool) -> Variant:
    numbers = one.part(place, place + 1)
    given = {name: np.array({**ground.exercise.given, **numbers}[name]) for name in ground.names}
    let_go = (*one.let_go, *(ground.dear if missed else ()))
    notes = _notes(let_go, ground.batch([numbers]), drawn=True) if let_go else ()
    return _variant(ground, given, notes, int(one.places[place]) + 1)


def _notes(unmet: Sequence[Condition], batch: Batch, *, drawn: bool) -> tuple[Note, ...]:
    """What is the matter with the only candidate of a batch; of two degrees of the same thing, the stricter."""
    codes = {one.code for one in unmet}
    said = [one for one in unmet if one.stricter not in codes]
    # Variants of one mistake go by one name.
    return tuple(Note(one.code, one.sentence, tuple(dict.fromkeys(one.failing(batch))), drawn) for one in said)


def _variant(ground: Ground, given: Mapping[str, Array], notes: tuple[Note, ...], attempts: int) -> Variant:
    precision = ground.frame.precision
    return Variant(ground.exercise.filled(given, precision), given, precision, notes, attempts)


def _as_given(ground: Ground, thorough: bool) -> Variant:
    """Nothing to draw: the notes say what is the matter with the numbers given."""
    batch = ground.batch([{}])
    if thorough:
        batch = with_mistakes(ground, batch)
    undefined = ground.conditions[0].failing(batch)
    if undefined:
        where = f"exercise {ground.exercise.number}"
        why = _why(ground, batch, undefined[0])
        raise InputError(f"{undefined[0]} has no value for these numbers{why}; change what is given", where=where)
    unmet = [one for one in ground.conditions if not one.judge(batch).all()]
    notes = _notes(unmet, batch, drawn=False)
    return _variant(ground, ground.exercise.given, notes, 0)
