"""Room: templates. The symbols and formulas of one notation as Typst code, each with its words.

What doesn't depend on numbers is printed once for all sheets of a class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exercises.expression import Expression
from exercises.notation import Notation, Sign
from exercises.reasons import Sentence, Word
from exercises.solution import BLANK, Line, Table
from templates import typst_formula, typst_widths
from templates.formula import speech, unicode
from templates.formula.typst import quoted
from templates.outline import symbolic_sides
from templates.same import Kept
from templates.stages import all_stages, kept_stages, stages, symbolic_stages
from templates.terminal import laid_out
from templates.typst_formula import whole
from templates.typst_lines import (
    KEY_MEASURE,
    SHEET_MEASURE,
    Equation,
    Formula,
    Side,
    beside,
    margin_width,
    set_equation,
)

TYPED_WIDTH = 88
"""Columns of code; at the size it is set in they take the width of the text."""

CODE_LETTER = 5.9
"""Points that a letter of code is wide in a line of text."""

TYPED_BLANK = "_____"


class TypstSymbols:
    """One notation; what it has printed of symbols alone is kept."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.code = notation.style.code
        self.printers = (
            typst_formula.printer(notation),
            typst_widths.printer(notation),
            speech.printer(notation),
        )
        self.typed = unicode.printer(notation)
        self.once = Kept().once

    def sign(self, sign: Sign) -> str:
        """A symbol in a line of text, as code."""
        return self.once("sign", sign, lambda: self._sign(sign))

    def _sign(self, sign: Sign) -> str:
        if self.code:
            return f"c({quoted(self.typed.sign(sign))})"
        return _inline(typst_formula.in_text(sign), self.printers[2].sign(sign))

    def symbol(self, cell: str) -> str:
        return self.sign(self.notation.sign(cell))

    def width(self, sign: Sign) -> float:
        """About how wide a symbol is in a line of text of 10 points, in points."""
        if self.code:
            return CODE_LETTER * len(self.typed.sign(sign))
        return self.once("width", sign, lambda: typst_widths.in_text(sign))

    def equality(self, sign: Sign, value: Table) -> str:
        """``symbol = number`` in a line of text."""
        if self.code:
            return f"c({quoted(self.typed.equal([self.typed.sign(sign), self.typed.number(value)]))})"
        printer, _, spoken = self.printers
        formula = printer.equal([typst_formula.in_text(sign), printer.number(value)])
        return _inline(whole(formula), spoken.equal([spoken.sign(sign), spoken.number(value)]))

    def displayed_equality(self, sign: Sign, value: Table) -> str:
        """``symbol = number`` as a displayed equation."""
        if self.code:
            return self.equality(sign, value)
        sides = [[printer.sign(sign), printer.number(value)] for printer in self.printers]
        return _equation(sides, KEY_MEASURE).code

    def said(self, words: Sentence) -> str:
        """A sentence with its symbols, as an expression."""
        return self.once("said", words, lambda: " + ".join(map(self._word, words)) or "none")

    def _word(self, word: Word) -> str:
        if isinstance(word, str):
            return quoted(word)
        if not isinstance(word, Expression):
            return self.sign(word)
        if self.code:
            return f"c({quoted(self.typed.expression(word))})"
        printer, _, spoken = self.printers
        return _inline(f"display({whole(printer.expression(word))})", spoken.expression(word))

    def length(self, words: Sentence) -> int:
        """About how many letters a sentence has, symbols counted as they are typed."""
        return self.once("length", words, lambda: sum(map(self._letters, words)))

    def _letters(self, word: Word) -> int:
        if isinstance(word, str):
            return len(word)
        return len(self.typed.expression(word) if isinstance(word, Expression) else self.typed.sign(word))

    def symbolic(self, line: Line) -> Equation:
        """The line's formula without numbers."""
        if self.code:
            text = self.typed.equal(symbolic_sides(line, self.typed))
            return Equation(f"c({quoted(text)})", CODE_LETTER * len(text))
        return _equation([symbolic_sides(line, printer) for printer in self.printers], SHEET_MEASURE)

    def equation(self, line: Line) -> Equation:
        """A line of a solution as a displayed equation, broken where it is too wide for the page."""
        texts = [self._stages(place, line) for place in range(len(self.printers))]
        places = (0, *kept_stages(line, texts[0]))
        room = KEY_MEASURE - margin_width(line.margin)
        equation = _equation([[text[place] for place in places] for text in texts], room, nearly=line.cut)
        return beside(equation, line.margin) if line.margin else equation

    def _stages(self, place: int, line: Line) -> list[str]:
        """All stages by one of the printers; only the numbers are printed anew."""
        printer = self.printers[place]
        if line.blank:
            return list(all_stages(line, printer))
        before = self.once(f"stages {place}", line.expression, lambda: symbolic_stages(line, printer))
        return [*before, printer.expression(line.expression, line.numbers), printer.number(line.result)]

    def typed_lines(self, lines: Iterable[Line]) -> list[str]:
        """Lines of code within the width of the page."""
        texts = [
            text[2:]
            for line in lines
            for text in laid_out(stages(line, self.typed), TYPED_WIDTH, f"# {line.margin}" if line.margin else "")
        ]
        return [text.replace(BLANK, TYPED_BLANK) for text in texts]


def _equation(sides: Sequence[Sequence[str]], measure: float, *, nearly: bool = False) -> Equation:
    source, widths, spoken = sides
    last = "is about" if nearly else "equals"
    words = " equals ".join(spoken[:-1]) + f" {last} {spoken[-1]}"
    return set_equation(Formula(tuple(map(Side, source, widths)), nearly, words.replace(BLANK, "blank")), measure)


def _inline(formula: str, words: str) -> str:
    return f"m({quoted(words)}, ${formula}$)"


def in_markup(code: str) -> str:
    """An expression between the words of markup."""
    return f"#{code};"


def quoted_lines(lines: Iterable[str]) -> str:
    """Lines of text as one of Typst's strings."""
    return quoted("\n".join(lines)).replace("\n", "\\n")
