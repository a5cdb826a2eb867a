"""Room: templates. Solutions and sheets set in Markdown: everything a template then only has to lay out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from exercises.notation import Notation
from exercises.program import Part
from exercises.reasons import Sentence
from exercises.solution import BLANK, Block, GivenLine, Line, Section, Solution
from templates.casts import Casts
from templates.formula import Printer, latex, unicode
from templates.outline import rule_of_update
from templates.same import Kept, Same
from templates.stages import Stages, sentence, stages, symbolic
from templates.terminal import laid_out

CODE_WIDTH = 90
"""Columns of code blocks; what Markdown readers show without a scroll bar."""

SET_BLANK, TYPED_BLANK = r"\boxed{\phantom{0.000}}", "_____"
"""What is to be filled in, in formulas and in code."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")
_AT_START = re.compile(r"^(\s*)([-+=]|[0-9]+[.)])")


@lru_cache(maxsize=1024)
def escaped(text: str) -> str:
    """Text of users on one line, with nothing left that Markdown or HTML would take for markup."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _AT_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line))


@lru_cache(maxsize=4096)
def code(text: str) -> str:
    """Text as inline code, whatever backticks it holds; a bar would end a table's cell and is written otherwise."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split()).replace("|", "∣")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def symbol(notation: Notation, cell: str) -> str:
    """A quantity or cell as it stands in a table or a sentence."""
    return _symbol(Same(notation), cell)


@lru_cache(maxsize=4096)
def _symbol(same: Same[Notation], cell: str) -> str:
    notation = same.it
    if notation.style.code:
        return code(notation.text(cell))
    return f"${latex.inline(notation.sign(cell))}$"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What belongs to one step: a sentence, and its lines as formulas or (``typed``) as lines of code."""

    reason: str
    formulas: tuple[str, ...]
    typed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetSection:
    """One section of a solution."""

    heading: str
    paragraphs: tuple[Paragraph, ...]


class MarkdownPage:
    """One notation's formulas in Markdown."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.code = notation.style.code
        self.printer: Printer = unicode.printer(notation) if self.code else latex.printer(notation)
        self.blank = TYPED_BLANK if self.code else SET_BLANK
        self._kept, self._casts = Kept(), Casts(self.printer)

    def formula(self, text: str) -> str:
        return code(text) if self.code else f"${text}$"

    def said(self, words: Sentence) -> str:
        return self._kept.once("said", words, lambda: sentence(words, self.printer, escaped_words, self.formula))

    def given(self, given: GivenLine) -> str:
        """The numbers of one quantity, whole and by cells where neither alone would introduce all symbols."""
        return self._given(given) if self.code else self._casts.of_given(given, self._given)

    def _given(self, given: GivenLine) -> str:
        pairs = [] if given.whole is None else [given.whole]
        pairs += [] if pairs else [(sign, text) for _, sign, text in given.entries]
        sides = [[self.printer.sign(sign), self.printer.number(table)] for sign, table in pairs]
        return ", ".join(self.formula(self.printer.equal(side)) for side in sides)

    def legend(self, solution: Solution) -> tuple[str, ...]:
        return tuple(self.said(words) for words in solution.legend)

    def question(self, solution: Solution) -> tuple[str, ...]:
        """The legend of a sheet without working."""
        return tuple(self.said(words) for words in solution.question)

    def worked_legend(self, solution: Solution) -> tuple[str, ...]:
        return (*self.legend(solution), self.said(solution.rounding))

    def sections(self, solution: Solution) -> tuple[SetSection, ...]:
        several = solution.rounds > 1
        return tuple(self._section(section, several) for section in solution.sections)

    def _section(self, section: Section, several_rounds: bool) -> SetSection:
        heading = f"{section.heading}, round {section.round}" if several_rounds else section.heading
        return SetSection(heading, tuple(map(self._paragraph, section.blocks)))

    def _paragraph(self, block: Block) -> Paragraph:
        lines = (() if block.matrix is None else (block.matrix,)) + block.lines
        if self.code:
            staged = [(stages(line, self.printer, self._kept), line.margin) for line in lines]
            typed = tuple(
                self._blanks(text[2:])
                for one, margin in staged
                for text in laid_out(one, CODE_WIDTH, commented(margin))
            )
            return Paragraph(self.said(block.reason), (), typed)
        formulas = tuple(self._casts.of_line(line, self._formulas) for line in lines)
        return Paragraph(self.said(block.reason), formulas, ())

    def _formulas(self, line: Line) -> str:
        return self._blanks(_stepwise(stages(line, self.printer, self._kept))) + _beside(line.margin)

    def _blanks(self, text: str) -> str:
        return text.replace(BLANK, self.blank)

    def outline(self, solution: Solution) -> tuple[str, ...]:
        """The forward pass, the loss and how parameters move, in symbols: what the exercise is about."""
        lines: list[Line] = []
        for section in solution.sections:
            if section.round == 1 and section.part in (Part.FORWARD, Part.LOSS):
                lines += [line for block in section.blocks for line in _lines(block)]
        return tuple(self.formula(self._symbolic(line)) for line in (*lines, *rule_of_update(solution)))

    def _symbolic(self, line: Line) -> str:
        return symbolic(line, self.printer, self._kept)


def page_of(notation: Notation) -> MarkdownPage:
    """The page of a notation, with what it has printed of symbols for other sheets of the class."""
    return _page(Same(notation))


@lru_cache(maxsize=64)
def _page(same: Same[Notation]) -> MarkdownPage:
    return MarkdownPage(same.it)


def escaped_words(text: str) -> str:
    """Our own words between symbols, which may begin or end with a space."""
    return _SPECIAL.sub(r"\\\1", text)


def commented(margin: str) -> str:
    """What stands in the margin of a line of code."""
    return f"# {margin}" if margin else ""


def _beside(margin: str) -> str:
    """Markdown has no margin: what would stand there comes after a gap, in letters of its own."""
    return f" &emsp; {code(margin)}" if margin else ""


def _lines(block: Block) -> tuple[Line, ...]:
    return (block.matrix,) if block.matrix is not None else block.lines


def _stepwise(staged: Stages) -> str:
    """Stages as formulas one after the other, so that a narrow page can break between them."""
    signs = ["="] * (len(staged.right) - 1) + [r"\approx" if staged.nearly else "="]
    first, *rest = zip(signs, staged.right, strict=True)
    parts = [f"{staged.left} {first[0]} {first[1]}", *(f"{sign} {right}" for sign, right in rest)]
    return " ".join(rf"$\displaystyle {part}$" for part in parts)
