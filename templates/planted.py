"""Room: templates. Working with a mistake in it, to be found: what the sheet prints of it, and what the key says.

Nothing that is printed for students holds the mistake's code; the key tells it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import Formatter

from exercises.outline import quantity_of
from exercises.planted import FIRST_WRONG, RIGHT_VALUE, Planted, found_in, planted
from exercises.precision import Precision
from exercises.solution import Solution, filled_in
from exercises.specification import Exercise

Write = Callable[[str], str]

ACROSS = 4
"""Lines in a row of the list of them, where there is room for so many."""


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line by the id that a hand-in names it with, and its symbol; ``first`` begins a row in the list of lines."""

    id: str
    symbol: str
    first: bool = True


@dataclass(frozen=True, slots=True)
class Revealed:
    """What the key says of the mistake: its rule in the sheet's symbols, the line, and what stands and should stand."""

    sentence: str
    id: str
    symbol: str
    printed: str
    right: str


def planted_working(exercise: Exercise) -> Solution:
    """The working as a sheet prints it, mistake and all; ValueError where its numbers or places are still open."""
    one, precision = planted(exercise), _precision(exercise)
    return filled_in(one.told, one.values(exercise.given), precision)


def named_lines(exercise: Exercise, symbol: Write, across: int = ACROSS) -> tuple[NamedLine, ...]:
    """Every line that is printed, in order; a quantity begins a row, unless all of it fits into the one before, of
    ``across`` lines.
    """
    found: list[NamedLine] = []
    filled = across
    for _, cells in groupby((cells[0] for cells in planted(exercise).printed), quantity_of):
        own = tuple(cells)
        begins = filled + len(own) > across
        filled = len(own) if begins else filled + len(own)
        found += [NamedLine(cell, symbol(cell), begins and at == 0) for at, cell in enumerate(own)]
    return tuple(found)


def in_rows(lines: Sequence[NamedLine], across: int = ACROSS) -> list[list[NamedLine]]:
    """The lines in rows of up to ``across``."""
    rows: list[list[NamedLine]] = []
    for line in lines:
        if line.first or len(rows[-1]) == across:
            rows.append([])
        rows[-1].append(line)
    return rows


def revealed(exercise: Exercise, symbol: Write, escaped: Write) -> Revealed:
    """What went wrong and where; ``symbol`` writes ids, ``escaped`` the words around them."""
    one, precision = planted(exercise), _precision(exercise)
    found = found_in(one, exercise.given, precision)
    cells = one.printed[found.line[0]]
    cell, places = cells[0], precision.of(cells[0])
    printed, right = (places.text(float(numbers[cell][0])) for numbers in (found.printed, found.expected))
    return Revealed(_sentence(one, cells, symbol, escaped), cell, symbol(cell), printed, right)


def _sentence(one: Planted, cells: tuple[str, ...], symbol: Write, escaped: Write) -> str:
    """The catalogue's sentence, about the step that the wrong line belongs to."""
    sites = one.mistake.sites
    site = next((sites[quantity_of(cell)] for cell in cells if quantity_of(cell) in sites), next(iter(sites.values())))
    parts = Formatter().parse(one.mistake.row.sentence)
    return "".join(escaped(words) + (symbol(site.places[name]) if name else "") for words, name, _, _ in parts)


def right_answers(exercise: Exercise) -> dict[str, str]:
    """What earns full marks, by the id of the answer."""
    told = revealed(exercise, str, str)
    return {FIRST_WRONG: told.id, RIGHT_VALUE: told.right}


def _precision(exercise: Exercise) -> Precision:
    if exercise.open_names or exercise.precision is None:
        raise ValueError(f"exercise {exercise.number} still has open numbers or places")
    return exercise.precision
