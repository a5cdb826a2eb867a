"""Room: templates. Formulas for paper with the places marked where a line may end, since Typst never breaks one."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.notation import Notation
from exercises.writing import Function
from templates.formula.common import Printer
from templates.formula.typst import Typst

BREAK = "\u2028"
"""Stands before a sign between terms, factors or sides that are not inside anything."""


def whole(text: str) -> str:
    """A part that stays on one line."""
    return text.replace(BREAK, "")


class Breakable(Typst):
    """Typst's mathematics with ``BREAK`` before signs at the outermost level."""

    def parentheses(self, inner: str) -> str:
        return super().parentheses(whole(inner))

    def added(self, terms: Sequence[str]) -> str:
        return f"{BREAK} + ".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x}{BREAK} - {y}"

    def times(self, factors: Sequence[str]) -> str:
        return f"{BREAK} dot ".join(factors)

    def place_by_place(self, factors: Sequence[str]) -> str:
        return f"{BREAK} dot.o ".join(factors)

    def fraction(self, x: str, y: str) -> str:
        return super().fraction(whole(x), whole(y))

    def power(self, x: str, exponent: str) -> str:
        return super().power(whole(x), whole(exponent))

    def root(self, x: str) -> str:
        return super().root(whole(x))

    def transposed(self, x: str) -> str:
        return super().transposed(whole(x))

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        return super().call(function, [whole(argument) for argument in arguments])

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        return super().cases(whole(above), whole(below), whole(x), tie_above)

    def total(self, x: str, over: str) -> str:
        return super().total(whole(x), over)

    def equal(self, sides: Sequence[str]) -> str:
        return f"{BREAK} = ".join(sides)


def printer(notation: Notation) -> Printer:
    """The printer for paper; ``whole`` takes its marks out again."""
    return Printer(Breakable(), notation)
