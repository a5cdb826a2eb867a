"""Room: exercises. "Find the mistake": a misconception carried through a program, and the line at which it first shows.

A line is wrong where it doesn't follow from the lines before it as they are printed; what is worked out from a wrong
line without a further mistake is right. Arrays carry the variants axis last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from exercises.bounds import Lines, Reading, lines_of
from exercises.components import by_cell, componentwise
from exercises.errors import InputError, unknown
from exercises.misconceptions import Kind, Mistake, mistakes
from exercises.notation import Notation, notation_for
from exercises.operations.row import Array, Mask
from exercises.outline import Bare, Outline, quantity_of, round_of
from exercises.plan import Plan, flatten
from exercises.precision import Precision
from exercises.program import Part, Program, in_order_of_need
from exercises.reasons import Sentence
from exercises.stream import integers

if TYPE_CHECKING:
    from exercises.specification import Exercise

Mode = Literal["solve", "find-the-mistake"]
FIND: Mode = "find-the-mistake"

FIRST_WRONG, RIGHT_VALUE = "first-wrong", "right-value"
ANSWERS = (FIRST_WRONG, RIGHT_VALUE)
"""What is answered, instead of cells: the id or symbol of a line, and a number."""

BOTH = 2
"""Half-widths by which the wrong line is off at least: its own bound, and that of whoever works it out again."""

_DRAWS = 1_000_000


class _Told(Outline):
    """What is printed: formulas, numbers and results; chains and reasons would be right beside a wrong line."""

    @cached_property
    def reasons(self) -> dict[str, Sentence]:
        return {step.name: () for step in self.steps}

    def _line(self, cell: str) -> Bare:
        return replace(super()._line(cell), whole=(), chain=())


@dataclass(frozen=True, eq=False)
class Planted:
    """A mistake in an exercise's program: what is printed, and how it is worked out; all its students share it.

    ``label`` is the mistake's code and the number of its variant, as ``one-path-only:2``.
    """

    label: str
    mistake: Mistake
    program: Program
    lines: Lines
    told: Outline
    plan: Plan

    @cached_property
    def printed(self) -> tuple[tuple[str, ...], ...]:
        """The cells of every line, in the order in which they are printed."""
        parts = list(Part)
        steps = sorted(self.told.steps, key=lambda step: (round_of(step.name), parts.index(step.part)))
        by_step: dict[str, list[tuple[str, ...]]] = {step.name: [] for step in steps}
        for cell, bare in self.told.lines.items():
            by_step[quantity_of(cell)].append(bare.cells)
        return tuple(cells for lines in by_step.values() for cells in lines)

    def values(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """Every quantity as the working has it; ``given`` are arrays of their shape + (V,)."""
        return {**given, **self.plan.run(given)}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a planted mistake does to some variants.

    ``line`` is the place in ``Planted.printed`` of the first wrong line, -1 where the mistake can't be seen.
    ``reading`` and ``expected`` (by cell, (V,)) follow from the printed lines; ``printed`` are these lines' numbers.
    """

    line: tuple[int, ...]
    reading: Reading
    expected: Mapping[str, Array]
    printed: Mapping[str, Array]


class _Same:
    """A program that is the same object: cheap to look up, where comparing two programs is not."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __hash__(self) -> int:
        return id(self.program)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.program is self.program


def plantable(program: Program) -> Mapping[str, Mistake]:
    """The mistakes that can be planted, by label; a convention is none."""
    return _plantable(_Same(program))


@lru_cache(maxsize=64)
def _plantable(same: _Same) -> dict[str, Mistake]:
    found = (made for made in mistakes(same.program) if made.row.kind is Kind.MISTAKE)
    return {f"{made.row.code}:{made.variant}": made for made in found}


def labels_of(program: Program, wished: str) -> tuple[str, ...]:
    """The labels that a code or label means, all where it is empty; InputError with those that can be planted."""
    known = plantable(program)
    found = tuple(label for label in known if wished in ("", label, known[label].row.code))
    if not found:
        codes = tuple(dict.fromkeys(made.row.code for made in known.values()))
        if not codes:
            raise InputError("no misconception can be made in this exercise; ask for more of it", where="mode")
        names = ", ".join(codes)
        raise InputError(f'"{wished}" can\'t be made in this exercise; choose one of {names}', where="mistake")
    return found


def planted(exercise: Exercise, label: str = "") -> Planted:
    """The exercise's own mistake, or the one of that label, carried through its program."""
    return _planted(_Same(exercise.program), exercise.notation, exercise.worked, label or exercise.mistake)


@lru_cache(maxsize=256)
def _planted(same: _Same, style: str, asked: tuple[str, ...], label: str) -> Planted:
    program = same.program
    made = plantable(program).get(label)
    if made is None:
        raise InputError(unknown("mistake", label, plantable(program)), where="mistake")
    wrong = made.replaced
    steps = (replace(step, expression=wrong.get(step.name, step.expression)) for step in program.steps)
    told = _Told(replace(program, steps=in_order_of_need(steps)), _notation(same, style), "component", asked)
    return Planted(label, made, program, _lines(same), told, flatten(told.program))


@lru_cache(maxsize=64)
def _notation(same: _Same, style: str) -> Notation:
    return notation_for(style, same.program)


@lru_cache(maxsize=64)
def _lines(same: _Same) -> Lines:
    return lines_of(componentwise(same.program))


def found_in(one: Planted, given: Mapping[str, Array], precision: Precision) -> Found:
    """Where the mistake first shows, for each variant of ``given`` (arrays of their shape + (V,))."""
    numbers = by_cell(one.program.shapes, given)
    values = by_cell(one.program.shapes, one.values(given))
    count = max((array.shape[0] for array in numbers.values()), default=1)
    printed = {cell: _as_printed(values[cell], cell, precision, count) for cells in one.printed for cell in cells}
    reading = Reading.start(one.lines, numbers, lambda cell, sizes: precision.of(cell).unit(sizes))
    expected, off = _followed(reading, printed, count)
    return Found(tuple(_first_wrong(one, off, printed, count)), reading, expected, printed)


def _as_printed(values: Array, cell: str, precision: Precision, count: int) -> Array:
    places = precision.of(cell)
    finite = np.isfinite(values)
    texts = [float(places.text(value)) if fine else np.nan for value, fine in zip(values.tolist(), finite, strict=True)]
    return np.broadcast_to(np.array(texts), (count,))


def _followed(reading: Reading, printed: Mapping[str, Array], count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """What each line should be, and by how many half-widths the printed one is off."""
    expected: dict[str, Array] = {}
    off: dict[str, Array] = {}
    nothing, everywhere, nowhere = np.full(count, np.nan), np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    for cell in reading.lines.root:
        value = printed.get(cell, nothing)
        expected[cell] = np.broadcast_to(reading.work(cell), (count,))
        reach = reading.reach(cell)
        allowed = reading.half_unit(cell, np.abs(expected[cell]) + reach) + reach
        with np.errstate(invalid="ignore"):
            off[cell] = np.where(np.isinf(allowed), 0.0, np.abs(value - expected[cell]) / allowed)
        reading.carry(cell, value, everywhere if cell in printed else nowhere)
    return expected, off


def _first_wrong(one: Planted, off: Mapping[str, Array], printed: Mapping[str, Array], count: int) -> Iterator[int]:
    """The first line in print that is off, where nobody can doubt it; -1 where none is, or a line has no value."""
    worst = np.array([np.max([off[cell] for cell in cells], axis=0) for cells in one.printed])
    valued: Mask = np.all([np.isfinite(array) for array in printed.values()], axis=0)
    for variant in range(count):
        wrong = np.flatnonzero(worst[:, variant] > 1)
        sure = len(wrong) and valued[variant] and worst[wrong[0], variant] > BOTH
        yield int(wrong[0]) if sure else -1


def chosen(exercise: Exercise, seed: bytes) -> str:
    """The label of a mistake that shows in an exercise with all its numbers, drawn from the seed; empty if none does.

    ``exercise.mistake`` limits the choice to one code, or one label.
    """
    if exercise.precision is None:
        raise ValueError(f"the places of exercise {exercise.number} are still open")
    for label in _in_drawn_order(exercise, seed):
        found = found_in(planted(exercise, label), exercise.given, exercise.precision)
        if found.line[0] >= 0:
            return label
    return ""


def _in_drawn_order(exercise: Exercise, seed: bytes) -> Sequence[str]:
    """Codes first, so that a mistake with many variants isn't planted more often than others."""
    labels = labels_of(exercise.program, exercise.mistake)
    codes = list(dict.fromkeys(label.partition(":")[0] for label in labels))
    of_code = dict(zip(codes, integers(seed, "planted code", _DRAWS, len(codes)), strict=True))
    of_label = dict(zip(labels, integers(seed, "planted variant", _DRAWS, len(labels)), strict=True))
    return sorted(labels, key=lambda label: (of_code[label.partition(":")[0]], of_label[label], label))
