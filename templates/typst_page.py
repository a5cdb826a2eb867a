"""Room: templates. Solutions set in Typst: everything a template then only has to lay out.

What a method returns is Typst code made of our own printers' formulas and of quoted strings. Texts of users are no part
of it; a template takes those from the data that is handed in beside the source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from exercises.expression import Expression, Shape
from exercises.names import cell_ids
from exercises.notation import Notation, Sign
from exercises.reasons import Sentence, Word
from exercises.solution import Block, GivenLine, Line, Solution, Table
from templates import typst_formula, typst_widths
from templates.formula import Printer, speech, unicode
from templates.formula.typst import quoted
from templates.outline import outlined, symbolic_sides
from templates.stages import all_stages, kept_stages, stages
from templates.terminal import laid_out
from templates.typst_formula import whole
from templates.typst_lines import Formula, Side, set_equation

TYPED_WIDTH = 88
"""Columns of code; at the size it is set in they take the width of the text."""

MOST_LINES = 9
"""Cells worked out one by one; of more the first two are, and the others are said to go alike."""

SHOWN_OF_MANY = 2

NARROW_ROWS = 4
"""Room for more cells than this takes the width of the page."""

MOST_COLUMNS = 5
"""Columns of a matrix that is filled in cell by cell."""


@dataclass(frozen=True, slots=True)
class Room:
    """Room to work out the asked cells of one quantity: a label for each place to write, in ``columns``."""

    labels: tuple[str, ...]
    columns: int
    wide: bool


@dataclass(frozen=True, slots=True)
class WorkedBlock:
    """One step of the key: why, its lines as equations or (``typed``) as code, and what the lines left out come to."""

    reason: str
    equations: tuple[str, ...]
    typed: str
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperSection:
    """One section: room to work in on the sheet, the working on the key."""

    heading: str
    rooms: tuple[Room, ...]
    blocks: tuple[WorkedBlock, ...]


class TypstPage:
    """One notation's formulas in Typst; each carries its words for those who can't see it."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.code = notation.style.code
        self.printer = typst_formula.printer(notation)
        self.spoken = speech.printer(notation)

    @cached_property
    def widths(self) -> Printer:
        return typst_widths.printer(self.notation)

    @cached_property
    def typed(self) -> Printer:
        return unicode.printer(self.notation)

    def sign(self, sign: Sign) -> str:
        """A symbol in a line of text, as code."""
        if self.code:
            return f"c({quoted(self.typed.sign(sign))})"
        return _inline(self.printer.sign(sign), self.spoken.sign(sign))

    def symbol(self, cell: str) -> str:
        return self.sign(self.notation.sign(cell))

    def equality(self, sign: Sign, value: Table) -> str:
        """``symbol = number`` in a line of text."""
        if self.code:
            return f"c({quoted(self.typed.equal([self.typed.sign(sign), self.typed.number(value)]))})"
        sides = [[printer.sign(sign), printer.number(value)] for printer in (self.printer, self.spoken)]
        return _inline(whole(self.printer.equal(sides[0])), self.spoken.equal(sides[1]))

    def said(self, words: Sentence) -> str:
        """A sentence with its symbols, as an expression."""
        return " + ".join(map(self._word, words))

    def _word(self, word: Word) -> str:
        if isinstance(word, str):
            return quoted(word)
        if not isinstance(word, Expression):
            return self.sign(word)
        if self.code:
            return f"c({quoted(self.typed.expression(word))})"
        return _inline(whole(self.printer.expression(word)), self.spoken.expression(word))

    def given(self, given: GivenLine) -> tuple[str, ...]:
        """The numbers of one quantity: the whole of it, or its cells one by one."""
        pairs = [given.whole] if given.whole is not None else [(sign, text) for _, sign, text in given.entries]
        return tuple(self.equality(sign, value) for sign, value in pairs)

    def legend(self, solution: Solution) -> tuple[str, ...]:
        return tuple(map(self.said, solution.legend))

    def outline(self, solution: Solution) -> tuple[str, ...]:
        """The forward pass, the loss and how parameters move, in symbols."""
        return tuple(map(self._symbolic, outlined(solution)))

    def _symbolic(self, line: Line) -> str:
        if self.code:
            return f"c({quoted(self.typed.equal(symbolic_sides(line, self.typed)))})"
        sides = [symbolic_sides(line, printer) for printer in (self.printer, self.widths, self.spoken)]
        return set_equation(_formula(*sides, nearly=False))

    def sections(self, solution: Solution, *, worked: bool) -> tuple[PaperSection, ...]:
        """The sections with the rooms of what is asked; with the working where it is wished."""
        several, asked = solution.rounds > 1, frozenset(solution.asked)
        made = [
            PaperSection(
                f"{section.heading}, round {section.round}" if several else section.heading,
                tuple(room for block in section.blocks if (room := self._room(block, asked)) is not None),
                tuple(map(self._worked, section.blocks)) if worked else (),
            )
            for section in solution.sections
        ]
        return tuple(section for section in made if section.rooms or section.blocks)

    def _room(self, block: Block, asked: frozenset[str]) -> Room | None:
        shape = self.notation.program.shapes[block.quantity]
        names = [cell for cell in cell_ids(block.quantity, shape) if cell in asked]
        names = names or [line.cells[-1] for line in block.lines if asked.intersection(line.cells)]
        if not names:
            return None
        if _too_many(shape) and not self.notation.style.by_component:
            return Room((self.symbol(block.quantity),), 1, True)
        full = len(shape) == 2 and len(names) == prod(shape)
        columns = shape[1] if full and shape[1] <= MOST_COLUMNS else (1 if len(names) <= MOST_LINES else 3)
        wide = columns > 2 or len(names) > NARROW_ROWS
        return Room(tuple(map(self.symbol, names)), columns, wide)

    def _worked(self, block: Block) -> WorkedBlock:
        many = len(block.lines) > MOST_LINES
        shown = block.lines[:SHOWN_OF_MANY] if many else block.lines
        lines = (() if block.matrix is None else (block.matrix,)) + shown
        rest = block.lines[SHOWN_OF_MANY:] if many and block.matrix is None else ()
        alike = tuple(self.equality(line.sign, line.result) for line in rest)
        if self.code:
            return WorkedBlock(self.said(block.reason), (), quoted_lines(self._typed_lines(lines)), alike)
        return WorkedBlock(self.said(block.reason), tuple(map(self.equation, lines)), "", alike)

    def _typed_lines(self, lines: Iterable[Line]) -> list[str]:
        return [text[2:] for line in lines for text in laid_out(stages(line, self.typed), TYPED_WIDTH)]

    def equation(self, line: Line) -> str:
        """A line of a solution as a displayed equation, broken where it is too wide for the page."""
        texts = [all_stages(line, printer) for printer in (self.printer, self.widths, self.spoken)]
        places = (0, *kept_stages(line, texts[0]))
        return set_equation(_formula(*([text[place] for place in places] for text in texts), nearly=line.cut))


def _formula(source: list[str], widths: list[str], spoken: list[str], *, nearly: bool) -> Formula:
    sides = tuple(Side(*pair) for pair in zip(source, widths, strict=True))
    last = "is about" if nearly else "equals"
    words = " equals ".join(spoken[:-1]) + f" {last} {spoken[-1]}"
    return Formula(sides, nearly, words)


def _too_many(shape: Shape) -> bool:
    """Whether a matrix is too wide to be filled in cell by cell."""
    return len(shape) == 2 and shape[1] > MOST_COLUMNS


def quoted_lines(lines: Iterable[str]) -> str:
    """Lines of text as one of Typst's strings."""
    return quoted("\n".join(lines)).replace("\n", "\\n")


def _inline(formula: str, words: str) -> str:
    return f"m({quoted(words)}, ${formula}$)"
