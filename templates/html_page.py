"""Room: templates. Solutions and sheets set for the web: everything a template then only has to lay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from exercises.expression import Expression
from exercises.notation import Notation, Sign
from exercises.program import Part
from exercises.reasons import Sentence, Word
from exercises.solution import BLANK, Block, GivenLine, Line, Section, Solution
from templates import html_formula
from templates.formula import Printer, unicode
from templates.html_formula import pieces, whole
from templates.outline import outlined
from templates.same import Kept, Same
from templates.stages import all_stages, kept_stages

TYPED_BLANK = Markup('<span class="blank">blank</span>')

COLOURS = {Part.FORWARD: "forward", Part.LOSS: "forward", Part.BACKWARD: "backward", Part.UPDATE: "update"}
"""Sections as the style sheet colours them; what a section is stands in its heading."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One side of an equation with its sign of equality, in parts between which a line may end."""

    parts: tuple[Markup, ...]
    result: bool


@dataclass(frozen=True, slots=True)
class WebLine:
    """An equation: what it is of, and what that equals, one stage after the other; ``margin`` stands beside it."""

    left: Markup
    stages: tuple[Stage, ...]
    margin: str = ""


@dataclass(frozen=True, slots=True)
class WebParagraph:
    """What belongs to one step: why it is so, and its lines."""

    reason: Markup
    lines: tuple[WebLine, ...]


@dataclass(frozen=True, slots=True)
class WebSection:
    """One section of a solution; ``colour`` is a class of the style sheet."""

    heading: str
    colour: str
    paragraphs: tuple[WebParagraph, ...]


class HtmlPage:
    """One notation's formulas as MathML, or as lines of code where the notation is a programmer's."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.code = notation.style.code
        self.printer: Printer = unicode.printer(notation) if self.code else html_formula.printer(notation)
        self._kept = Kept()

    def formula(self, text: str) -> Markup:
        """A formula within a line of text."""
        return _code(text) if self.code else Markup(f"<math>{whole(text)}</math>")

    def symbol(self, cell: str) -> Markup:
        """A quantity or cell in a table."""
        return self.sign(self.notation.sign(cell))

    def sign(self, sign: Sign) -> Markup:
        return self.formula(self.printer.sign(sign) if self.code else html_formula.in_line(sign))

    def said(self, words: Sentence) -> Markup:
        return self._kept.once("said", words, lambda: Markup("").join(map(self._word, words)))

    def _word(self, word: Word) -> Markup:
        if isinstance(word, str):
            return escape(word)
        return self.formula(self.printer.expression(word)) if isinstance(word, Expression) else self.sign(word)

    def given(self, given: GivenLine) -> tuple[WebLine, ...]:
        """The numbers of one quantity: the whole of it, or its cells one by one."""
        pairs = [given.whole] if given.whole is not None else [(sign, text) for _, sign, text in given.entries]
        return tuple(
            self._equation([self.printer.sign(sign), self.printer.number(value)], nearly=False, worked=False)
            for sign, value in pairs
        )

    def legend(self, solution: Solution) -> tuple[Markup, ...]:
        return tuple(map(self.said, solution.legend))

    def question(self, solution: Solution) -> tuple[Markup, ...]:
        """The legend of a sheet without working."""
        return tuple(map(self.said, solution.question))

    def outline(self, solution: Solution) -> tuple[WebLine, ...]:
        """The forward pass, the loss and how parameters move, in symbols: what the exercise is about."""
        return tuple(
            self._equation(
                [self.printer.sign(line.sign), self.printer.expression(line.expression)], nearly=False, worked=False
            )
            for line in outlined(solution)
        )

    def sections(self, solution: Solution) -> tuple[WebSection, ...]:
        several = solution.rounds > 1
        return tuple(self._section(section, several) for section in solution.sections)

    def _section(self, section: Section, several_rounds: bool) -> WebSection:
        heading = f"{section.heading}, round {section.round}" if several_rounds else section.heading
        return WebSection(heading, COLOURS[section.part], tuple(map(self._paragraph, section.blocks)))

    def _paragraph(self, block: Block) -> WebParagraph:
        lines = (() if block.matrix is None else (block.matrix,)) + block.lines
        return WebParagraph(self.said(block.reason), tuple(map(self._line, lines)))

    def _line(self, line: Line) -> WebLine:
        texts = all_stages(line, self.printer, self._kept)
        sides = [texts[0], *(texts[place] for place in kept_stages(line, texts))]
        return self._equation(sides, nearly=line.cut, worked=True, margin=line.margin)

    def _equation(self, sides: Sequence[str], *, nearly: bool, worked: bool, margin: str = "") -> WebLine:
        left, *right = sides
        signs = ["="] * (len(right) - 1) + ["≈" if nearly else "="]
        stages = [
            Stage(self._side(sign, side), worked and place == len(right))
            for place, (sign, side) in enumerate(zip(signs, right, strict=True), start=1)
        ]
        return WebLine(self._displayed(whole(left)), tuple(stages), margin)

    def _side(self, sign: str, side: str) -> tuple[Markup, ...]:
        if self.code:
            return (self._displayed(f"{sign} {side}"),)
        first, *others = pieces(side)
        return tuple(map(self._displayed, (f'<mo form="infix">{sign}</mo>{first}', *others)))

    def _displayed(self, text: str) -> Markup:
        if self.code:
            return _code(text).replace(BLANK, TYPED_BLANK)
        filled = text.replace(f"<mn>{BLANK}</mn>", '<mtext class="blank">blank</mtext>')
        return Markup(f'<math displaystyle="true">{filled}</math>')


def page_of(notation: Notation) -> HtmlPage:
    """The page of a notation, with what it has printed of symbols for other sheets of the class."""
    return _page(Same(notation))


@lru_cache(maxsize=64)
def _page(same: Same[Notation]) -> HtmlPage:
    return HtmlPage(same.it)


def _code(text: str) -> Markup:
    return Markup(f"<code>{escape(text)}</code>")
