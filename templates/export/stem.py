"""Room: templates. What an item says before it asks: the exercise in words, drawing, numbers and formulas."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.expression import Expression
from exercises.notation import Notation
from exercises.reasons import Sentence
from exercises.solution import GivenLine, Solution
from exercises.specification import Exercise
from templates import html_formula
from templates.drawing import sheet_picture, svg_of, words_of
from templates.export.item import Figure, Formula, Item, Words
from templates.formula import Printer, latex, mathml, unicode
from templates.html_formula import whole
from templates.outline import outlined
from templates.render import description, solution_of

_BOLD = ' class="tensor"', ' mathvariant="bold" style="font-weight:bold"'
"""Platforms have no style sheet of ours."""


class Formulas:
    """One notation's formulas in every form that a platform may want."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        plain = unicode.printer(notation)
        # What programmers type is no formula.
        self._printers = (plain,) if notation.style.code else (plain, latex.printer(notation), mathml.printer(notation))

    def symbol(self, cell: str) -> Formula:
        """A quantity or cell within a line of text."""
        sign, text = self.notation.sign(cell), self.notation.text(cell)
        if self.notation.style.code:
            return Formula(text)
        return Formula(text, latex.inline(sign), _styled(whole(html_formula.in_line(sign))))

    def equation(self, *sides: object) -> Formula:
        """Sides made by each printer: signs, expressions and tables of numbers, equal to each other."""
        return _formula([printer.equal([_side(printer, side) for side in sides]) for printer in self._printers])

    def said(self, words: Sentence) -> Words:
        """A sentence with its symbols and small formulas."""
        return tuple(word if isinstance(word, str) else self._word(word) for word in words)

    def _word(self, word: object) -> Formula:
        return _formula([_side(printer, word) for printer in self._printers])

    def given(self, given: GivenLine) -> list[Formula]:
        """The numbers of one quantity: the whole of it, or its cells one by one."""
        pairs = [given.whole] if given.whole is not None else [(sign, text) for _, sign, text in given.entries]
        return [self.equation(sign, _Numbers(value)) for sign, value in pairs]


class _Numbers:
    """Marks a side that is a table of numbers."""

    def __init__(self, value: object) -> None:
        self.value = value


def _side(printer: Printer, side: object) -> str:
    if isinstance(side, _Numbers):
        return printer.number(side.value)  # type: ignore[arg-type]
    if isinstance(side, Expression):
        return printer.expression(side)
    return printer.sign(side)  # type: ignore[arg-type]


def _formula(texts: Sequence[str]) -> Formula:
    if len(texts) == 1:
        return Formula(texts[0])
    return Formula(texts[0], texts[1], _styled(texts[2]))


def _styled(text: str) -> str:
    return text.replace(*_BOLD)


def stem_of(exercise: Exercise, label: str) -> Item:
    """The exercise, with all its numbers, as an item that asks nothing yet."""
    solution = solution_of(exercise)
    formulas = Formulas(solution.notation)
    return Item(
        exercise.number,
        label,
        description(solution.notation),
        _figure(solution),
        tuple(formula for given in solution.given for formula in formulas.given(given)),
        tuple(formulas.equation(line.sign, line.expression) for line in outlined(solution)),
        tuple(formulas.said(words) for words in solution.legend),
        (),
    )


def _figure(solution: Solution) -> Figure | None:
    picture = sheet_picture(solution)
    # Colours of its own: a platform's page may be light where the reader's system is dark.
    return None if picture is None else Figure(svg_of(picture, fixed_colours=True), words_of(picture))
