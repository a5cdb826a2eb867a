"""Room: templates. Formulas for paper with the places marked where a line may end, since Typst never breaks one."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.notation import Derivative, Glyph, Notation, Sign
from exercises.solution import BLANK
from exercises.writing import Function
from templates.formula.common import Printer, Table
from templates.formula.typst import Typst, glyph

BREAK = "\u2028"
"""Stands before a sign between terms, factors or sides that are not inside anything."""


def whole(text: str) -> str:
    """A part that stays on one line."""
    return text.replace(BREAK, "")


def in_text(sign: Sign) -> str:
    """A sign that keeps to the height of a line of text: a derivative with a slash."""
    if isinstance(sign, Glyph):
        return glyph(sign)
    top, bottom = _ends(sign)
    return _along(sign, rf"{top}\/{bottom}")


def _ends(sign: Derivative) -> tuple[str, str]:
    # No space between d and what follows: beside a word, Typst would set it.
    d = 'upright("d")' if sign.total else "∂"
    return f"{d}{glyph(sign.top)}", f"{d}{glyph(sign.bottom)}"


def _along(sign: Derivative, derivative: str) -> str:
    return f'attach(lr(({derivative})), br: "via" {glyph(sign.via)})' if sign.via else derivative


class Breakable(Typst):
    """Typst's mathematics with ``BREAK`` before signs at the outermost level; ``blank`` is drawn by the template."""

    def number(self, text: str) -> str:
        return "blank" if text == BLANK else super().number(text)

    def table(self, rows: Sequence[Table]) -> str:
        return super().table(rows).replace(BLANK, "blank")

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return glyph(sign)
        top, bottom = _ends(sign)
        return _along(sign, f"frac({top}, {bottom})")

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
        # After a relation a minus is a sign, not an operation.
        here, there = (">=", "<") if tie_above else (">", "<=")
        rows = ((above, here), (below, there))
        lines = [f'{whole(value)} &class("relation", "if") {whole(x)} {sign} 0' for value, sign in rows]
        return f"cases({', '.join(lines)})"

    def total(self, x: str, over: str) -> str:
        return super().total(whole(x), over)

    def equal(self, sides: Sequence[str]) -> str:
        return f"{BREAK} = ".join(sides)


def printer(notation: Notation) -> Printer:
    """The printer for paper; ``whole`` takes its marks out again."""
    return Printer(Breakable(), notation)
