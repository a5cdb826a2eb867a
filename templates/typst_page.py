"""Room: templates. Solutions set in Typst: everything a template then only has to lay out.

What a method returns is Typst code made of our own printers' formulas and of quoted strings. Texts of users are no part
of it; a template takes those from the data that is handed in beside the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from exercises.expression import Shape
from exercises.names import cell_ids
from exercises.notation import Sign
from exercises.solution import Block, GivenLine, Section, Solution, Table
from templates.outline import outlined
from templates.typst_lines import KEY_MEASURE, SHEET_MEASURE, Equation, fewest_rows, fits
from templates.typst_symbols import TypstSymbols, quoted_lines

MOST_LINES = 9
"""Cells worked out one by one; of more the first two are, and the others are said to go alike."""

SHOWN_OF_MANY = 2

NARROW_ROWS = 6
"""Room for more cells than this takes the width of the page."""

TO_WRITE = 46.0
"""Points beside a label, at least, to write a number."""

MOST_COLUMNS = 5
"""Columns of a matrix that is filled in cell by cell."""

SHORT_REASON = 90
"""Letters of a sentence that fills no more than two lines of half a page."""

EMPTY = ("[]", False)
"""A place left free at the end of a row."""


@dataclass(frozen=True, slots=True)
class Display:
    """Equations in rows from left to right; ``True`` stands beside one that is too wide for its column."""

    columns: int
    items: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Room:
    """Room to work out the asked cells of one quantity: a label for each place to write, in ``columns``."""

    labels: tuple[str, ...]
    columns: int
    wide: bool


@dataclass(frozen=True, slots=True)
class WorkedBlock:
    """One step of the key: why, its lines as equations or (``typed``) as code, and what the lines left out come to.

    ``whole`` is the equation of the whole tensor, where there is one. ``others`` counts the lines that are left out;
    where there is no ``whole`` to show their results, ``alike`` lists them. ``narrow``: fits into half a page. ``room``
    is for a step that is left blank as a whole.
    """

    reason: str
    whole: Equation | None
    equations: Display
    typed: str
    others: int
    alike: tuple[str, ...]
    narrow: bool
    room: Room | None = None


@dataclass(frozen=True, slots=True)
class PaperSection:
    """One section: room to work in on the sheet, the working on the key."""

    heading: str
    rooms: tuple[Room, ...]
    blocks: tuple[WorkedBlock, ...]


class TypstPage:
    """One solution set for paper; ``every``: with all its lines, those that go alike included."""

    def __init__(self, solution: Solution, symbols: TypstSymbols, *, every: bool = False) -> None:
        self.solution, self.symbols, self.every = solution, symbols, every
        self.notation = solution.notation

    def given(self) -> tuple[str, ...]:
        """The given numbers as equations; none where all are scalars, which need less room in text."""
        if all(given.whole is None for given in self.solution.given):
            return ()
        pairs = [pair for given in self.solution.given for pair in _pairs(given)]
        return tuple(self.symbols.displayed_equality(sign, value) for sign, value in pairs)

    def given_in_text(self) -> tuple[tuple[str, ...], ...]:
        """The given numbers of each quantity, where all are scalars."""
        return tuple(
            tuple(self.symbols.equality(sign, value) for sign, value in _pairs(given)) for given in self.solution.given
        )

    def legend(self) -> tuple[str, ...]:
        return tuple(map(self.symbols.said, self.solution.legend))

    def question(self) -> tuple[str, ...]:
        """The legend of a sheet without working."""
        return tuple(map(self.symbols.said, self.solution.question))

    def outline(self) -> Display:
        """The forward pass, the loss and how parameters move, in symbols."""
        return display(list(map(self.symbols.symbolic, outlined(self.solution))), 3, SHEET_MEASURE)

    def sections(self, *, worked: bool) -> tuple[PaperSection, ...]:
        """The sections with the rooms of what is asked; with the working where it is wished."""
        asked = frozenset(self.solution.asked)
        made = [
            PaperSection(
                self._heading(section),
                tuple(room for block in section.blocks if (room := self._room(block, asked)) is not None),
                tuple(self._worked(block, asked) for block in section.blocks) if worked else (),
            )
            for section in self.solution.sections
        ]
        return tuple(section for section in made if section.rooms or section.blocks)

    def _heading(self, section: Section) -> str:
        return f"{section.heading}, round {section.round}" if self.solution.rounds > 1 else section.heading

    def _room(self, block: Block, asked: frozenset[str]) -> Room | None:
        shape = self.notation.program.shapes[block.quantity]
        names = [cell for cell in cell_ids(block.quantity, shape) if cell in asked]
        names = names or [line.cells[-1] for line in block.lines if asked.intersection(line.cells)]
        if not names:
            return None
        if _too_many(shape) and not self.notation.style.by_component:
            return Room((self.symbols.symbol(block.quantity),), 1, True)
        full = len(shape) == 2 and len(names) == prod(shape)
        columns = shape[1] if full and shape[1] <= MOST_COLUMNS else (1 if len(names) <= MOST_LINES else 3)
        place = max(self.symbols.width(self.notation.sign(name)) for name in names) + TO_WRITE
        columns = max(1, min(columns, int(SHEET_MEASURE // place)))
        wide = columns * place > SHEET_MEASURE / 2 or -(-len(names) // columns) > NARROW_ROWS
        return Room(tuple(map(self.symbols.symbol, names)), columns, wide)

    def _worked(self, block: Block, asked: frozenset[str]) -> WorkedBlock:
        made = self._with_working(block)
        if block.lines and all(line.blank for line in block.lines):
            return replace(made, room=self._room(block, asked))
        return made

    def _with_working(self, block: Block) -> WorkedBlock:
        many = len(block.lines) > MOST_LINES and not self.every
        shown = block.lines[:SHOWN_OF_MANY] if many else block.lines
        rest = block.lines[SHOWN_OF_MANY:] if many else ()
        listed = rest if block.matrix is None else ()
        alike = tuple(self.symbols.equality(line.sign, line.result) for line in listed)
        reason = self.symbols.said(block.reason)
        if self.symbols.code:
            lines = (() if block.matrix is None else (block.matrix,)) + shown
            return WorkedBlock(
                reason, None, Display(1, ()), quoted_lines(self.symbols.typed_lines(lines)), len(rest), alike, False
            )
        matrix = None if block.matrix is None else self.symbols.equation(block.matrix)
        equations = list(map(self.symbols.equation, shown))
        narrow = _narrow(matrix, equations) and self.symbols.length(block.reason) <= SHORT_REASON and not rest
        return WorkedBlock(reason, matrix, display(equations, 2, KEY_MEASURE), "", len(rest), alike, narrow)


def _pairs(given: GivenLine) -> list[tuple[Sign, Table]]:
    """The whole of a given quantity, or its cells one by one."""
    return [given.whole] if given.whole is not None else [(sign, text) for _, sign, text in given.entries]


def _narrow(matrix: Equation | None, equations: Sequence[Equation]) -> bool:
    return matrix is None and len(equations) == 1 and fits(equations[0], 2, KEY_MEASURE)


def _too_many(shape: Shape) -> bool:
    """Whether a matrix is too wide to be filled in cell by cell."""
    return len(shape) == 2 and shape[1] > MOST_COLUMNS


def display(equations: Sequence[Equation], most: int, measure: float) -> Display:
    """Equations side by side, in up to so many columns, where that saves rows."""
    columns = fewest_rows(equations, most, measure)
    items: list[tuple[str, bool]] = []
    taken = 0
    for equation in equations:
        alone = not fits(equation, columns, measure)
        if alone:
            items += [EMPTY] * (-taken % columns)
        items.append((equation.code, alone))
        taken = 0 if alone else taken + 1
    return Display(columns, tuple(items))
