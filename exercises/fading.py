"""Room: exercises. Faded examples: a worked solution with some steps left blank, and those are what is asked."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from exercises.errors import InputError
from exercises.outline import quantity_of
from exercises.program import Program, Step
from exercises.shown import Table
from exercises.solution import BLANK, Block, Line, Section, Solution

Direction = Literal["forward", "backward"]

HALF = 0.5
"""The share that is left blank where only a direction is named."""


class FadeKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``fade = { … }``: both what is left blank and how much of it."""

    direction: Direction = "forward"
    share: float | list[float] = HALF


FadeWish = Direction | float | list[float] | FadeKeys | None
"""What ``fade`` may be: a direction, a share, shares in a row (as many exercises), or a table of both."""


@dataclass(frozen=True, slots=True)
class Fade:
    """``share`` of the asked quantities is left blank: the earliest ones (``forward``), or the last (``backward``)."""

    share: float
    direction: Direction = "forward"

    def written(self) -> Any:
        """As a specification says it."""
        if self.direction == "forward":
            return self.share
        return {"direction": self.direction, "share": self.share}

    def of(self, quantities: Sequence[str]) -> tuple[str, ...]:
        """Those left blank, out of all in the order of work.

        Half a quantity is rounded up; a share between 0 and 1 leaves one at least blank, and one at least worked out.
        """
        count = math.floor(self.share * len(quantities) + 0.5)
        if 0 < self.share < 1 and len(quantities) > 1:
            count = min(max(count, 1), len(quantities) - 1)
        return tuple(quantities[:count] if self.direction == "forward" else quantities[len(quantities) - count :])


def fades(wish: FadeWish) -> tuple[Fade | None, ...]:
    """One for each exercise that is wished; (None,) where nothing is said. InputError for a share outside 0 to 1."""
    if wish is None:
        return (None,)
    if isinstance(wish, str):
        return (Fade(HALF, wish),)
    keys = wish if isinstance(wish, FadeKeys) else FadeKeys(share=wish)
    shares = keys.share if isinstance(keys.share, list) else [keys.share]
    if not shares:
        raise InputError("expected at least one share, found none; write fade = [0.0, 0.5, 1.0]", where="fade")
    for share in shares:
        if not 0 <= share <= 1:
            raise InputError(f"expected shares from 0.0 (nothing blank) to 1.0 (all), found {share:g}", where="fade")
    return tuple(Fade(float(share), keys.direction) for share in shares)


def left_blank(fade: Fade, cells: Sequence[str], same: dict[str, str]) -> tuple[str, ...]:
    """Those of ``cells``, in the order of work, that are left blank.

    ``same`` are quantities that share another's symbol; they are blank together.
    """
    quantities = tuple(dict.fromkeys(_first(cell, same) for cell in cells))
    blank = frozenset(fade.of(quantities))
    return tuple(cell for cell in cells if _first(cell, same) in blank)


def _first(cell: str, same: dict[str, str]) -> str:
    quantity = quantity_of(cell)
    return same.get(quantity, quantity)


def faded(solution: Solution, blank: Collection[str]) -> Solution:
    """The solution with the cells ``blank`` to be filled in.

    Of a quantity with blank cells only these are left, as lines with nothing but a place to write. What leads to them
    alone is left out. Where another line puts a blank cell's number in, it puts in ``BLANK``.
    """
    cells = frozenset(blank)
    hidden = _hidden(solution, cells)
    sections = (
        Section(section.part, section.round, tuple(_blocks(section.blocks, cells, hidden)))
        for section in solution.sections
    )
    texts = {cell: text for cell, text in solution.texts.items() if quantity_of(cell) not in hidden}
    return replace(
        solution,
        sections=tuple(section for section in sections if section.blocks),
        asked=tuple(cell for cell in solution.asked if cell in cells),
        texts=texts,
    )


def _hidden(solution: Solution, cells: Collection[str]) -> frozenset[str]:
    """The quantities whose values aren't shown: those with blank cells, and those which only hidden ones read."""
    blocks = [block for section in solution.sections for block in section.blocks]
    told = [block.quantity for block in blocks]
    asked = {quantity_of(cell) for cell in solution.asked}
    names = {block.quantity: _names(block) for block in blocks}
    readers = _readers(solution.notation.program, names)
    hidden: set[str] = set()
    for quantity in reversed(told):
        blank = any(quantity_of(cell) in names[quantity] for cell in cells)
        spared = not asked & names[quantity] and readers[quantity] and readers[quantity] <= hidden
        if blank or spared:
            hidden.add(quantity)
    return frozenset(name for quantity in hidden for name in names[quantity])


def _names(block: Block) -> frozenset[str]:
    """The quantities that a block tells: several where they share a symbol."""
    cells = [cell for line in block.lines for cell in line.cells]
    return frozenset([block.quantity, *map(quantity_of, cells)])


def _readers(program: Program, names: dict[str, frozenset[str]]) -> dict[str, set[str]]:
    """Which told quantities read a told one, directly or through steps that aren't told."""
    owner = {name: quantity for quantity, own in names.items() for name in own}
    readers: dict[str, set[str]] = {quantity: set() for quantity in names}
    for step in program.steps:
        for name in _reads_told(step, program, owner):
            if step.name in owner and owner[step.name] != owner[name]:
                readers[owner[name]].add(owner[step.name])
    return readers


def _reads_told(step: Step, program: Program, owner: dict[str, str]) -> Iterable[str]:
    for name in step.reads:
        if name in owner:
            yield name
        elif name in program.by_name:
            yield from _reads_told(program.by_name[name], program, owner)


def _blocks(blocks: Sequence[Block], cells: Collection[str], hidden: Collection[str]) -> Iterable[Block]:
    for block in blocks:
        if block.quantity not in hidden:
            lines = tuple(_covered(line, hidden) for line in block.lines)
            yield replace(block, matrix=block.matrix and _covered(block.matrix, hidden), lines=lines)
        elif lines := tuple(_emptied(line) for line in block.lines if any(cell in cells for cell in line.cells)):
            yield replace(block, reason=(), matrix=None, lines=lines)
        elif block.matrix is not None and any(quantity_of(cell) == block.quantity for cell in cells):
            yield replace(block, reason=(), matrix=_emptied(block.matrix))


def _emptied(line: Line) -> Line:
    """Only what the line is of, and a place to write."""
    return replace(line, whole=(), chain=(), numbers={}, result=_blanked(line.result), cut=False, blank=True)


def _covered(line: Line, hidden: Collection[str]) -> Line:
    """The line with ``BLANK`` put in for numbers that aren't shown."""
    numbers = {name: _blanked(table) if quantity_of(name) in hidden else table for name, table in line.numbers.items()}
    return replace(line, numbers=numbers)


def _blanked(table: Table) -> Table:
    return BLANK if isinstance(table, str) else tuple(map(_blanked, table))
