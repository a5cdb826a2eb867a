"""Room: templates. Formulas for web pages, with the places marked where a line may end, since browsers break none."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.notation import Derivative, Notation, Sign
from exercises.writing import Function
from templates.formula.common import Printer
from templates.formula.mathml import MathMl, glyph

BREAK = "\u2028"
"""Stands before a sign between terms, factors or sides that are not inside anything."""


TALL = ("<mfrac", "<mtable", "<munder", "<msqrt")
"""What parentheses grow around."""


def whole(text: str) -> str:
    """A part that stays together, as one element."""
    return f"<mrow>{text.replace(BREAK, '')}</mrow>" if BREAK in text else text


def pieces(text: str) -> list[str]:
    """The parts between which a line may end."""
    return text.split(BREAK)


def _infix(sign: str) -> str:
    # At the head of a line a sign would else be taken for one that stands before a number.
    return f'{BREAK}<mo form="infix">{sign}</mo>'


class Breakable(MathMl):
    """MathML with ``BREAK`` before signs at the outermost level."""

    def parentheses(self, inner: str) -> str:
        if any(tall in inner for tall in TALL):
            return super().parentheses(whole(inner))
        # Around a line of letters they keep the size, and the tight fit, that they have in text.
        return f'<mrow><mo stretchy="false">(</mo>{whole(inner)}<mo stretchy="false">)</mo></mrow>'

    def added(self, terms: Sequence[str]) -> str:
        return _infix("+").join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x}{_infix('−')}{y}"

    def negative(self, x: str) -> str:
        return super().negative(whole(x))

    def times(self, factors: Sequence[str]) -> str:
        return _infix("·").join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        return super().beside([whole(factor) for factor in factors])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return _infix("⊙").join(factors)

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
        return _infix("=").join(sides)


def in_line(sign: Sign) -> str:
    """A symbol in a line of text or a table, where a stacked fraction would part the lines: ∂J/∂w."""
    if not isinstance(sign, Derivative):
        return glyph(sign)
    d = '<mi mathvariant="normal">d</mi>' if sign.total else '<mo form="prefix" lspace="0" rspace="0">∂</mo>'
    via = "" if sign.via is None else f"<mtext>\u00a0via\u00a0</mtext>{glyph(sign.via)}"
    top, bottom = f"{d}{glyph(sign.top)}", f"{d}{glyph(sign.bottom)}"
    return f'<mrow>{top}<mo lspace="0" rspace="0" stretchy="false">/</mo>{bottom}{via}</mrow>'


def printer(notation: Notation) -> Printer:
    """The printer for web pages; ``pieces`` and ``whole`` take its marks out again."""
    return Printer(Breakable(), notation)
