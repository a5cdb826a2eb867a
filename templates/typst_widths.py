"""Room: templates. How wide a formula comes out on paper: a printer whose text is as long as the formula is wide.

Typst never breaks a displayed formula, and asking it for the width of each part takes as long as setting all twice.
So widths are estimated: each way of writing gives as many signs as it is wide, in tenths of an em. A test holds the
estimates against what Typst measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exercises.notation import Glyph, Kind, Notation, Sign
from exercises.solution import BLANK
from exercises.writing import Function
from templates.formula.common import Piece, Printer, Table
from templates.typst_formula import BREAK, whole

SCRIPT = 0.7
"""How much smaller scripts are set."""

DIGIT, LETTER, UPRIGHT, CODE_LETTER = 5.0, 6.0, 5.2, 5.3
"""Tenths of an em: digits, slanted letters, letters of words, letters of code."""

RELATION, OPERATOR, DOT, SPACE = 13.5, 12.5, 7.4, 2.0
"""Signs with the space around them, and the space around a fraction or between factors."""

BRACKET, SQUARE, COLUMN = 4.7, 5.4, 7.0
"""A parenthesis, something between those around a letter and those around a fraction; the bracket of a matrix, and the
space between its columns."""

BLANK_WIDTH = 34.0

_WIDER = {"w": 7.2, "m": 8.8, "M": 10.0, "W": 10.7, "N": 8.5, "H": 8.5, "O": 8.0, "Q": 8.0, "G": 8.0, "∂": 5.9}


def _x(width: float) -> str:
    return "x" * round(width)


def _word(text: str, letter: float = UPRIGHT) -> float:
    return sum(letter if char.isalpha() else DIGIT for char in text)


def _slanted(text: str) -> float:
    return sum(_WIDER.get(char, LETTER if char.isalpha() else DIGIT) for char in text)


class Widths:
    """What mathematics takes up; ``BREAK`` stands where a formula may be broken."""

    stacked = True
    repeats = False

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return _x(glyph(sign))
        wider = max(glyph(sign.top), glyph(sign.bottom)) + LETTER + SPACE
        via = SCRIPT * (_word("via") + glyph(sign.via)) + 2.8 * BRACKET if sign.via else 0
        return _x(wider + via)

    def number(self, text: str) -> str:
        if text == BLANK:
            return _x(BLANK_WIDTH)
        return _x(DIGIT * len(text) - (2.2 if "." in text else 0) + (2.8 if text[0] in "-−" else 0))

    def constant(self, value: Fraction) -> Piece | None:
        return None

    def table(self, rows: Sequence[Table]) -> str:
        cells = [[row] if isinstance(row, str) else _flat(row) for row in rows]
        widest = [max(len(self.number(cell)) for cell in column) for column in zip(*cells, strict=True)]
        return _x(sum(widest) + COLUMN * (len(widest) - 1) + 2 * SQUARE)

    def parentheses(self, inner: str) -> str:
        return _x(len(whole(inner)) + 2 * BRACKET)

    def added(self, terms: Sequence[str]) -> str:
        return f"{BREAK}{_x(OPERATOR)}".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x}{BREAK}{_x(OPERATOR)}{y}"

    def negative(self, x: str) -> str:
        return _x(7.8) + x

    def times(self, factors: Sequence[str]) -> str:
        return f"{BREAK}{_x(DOT)}".join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        return _x(SPACE).join(factors)

    def outer(self, u: str, v: str) -> str:
        return self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return f"{BREAK}{_x(OPERATOR)}".join(factors)

    def fraction(self, x: str, y: str) -> str:
        return _x(max(len(whole(x)), len(whole(y))) + SPACE)

    def power(self, x: str, exponent: str) -> str:
        return whole(x) + _x(SCRIPT * len(whole(exponent)) + 1)

    def root(self, x: str) -> str:
        return _x(len(whole(x)) + 10)

    def transposed(self, x: str) -> str:
        return whole(x) + _x(6)

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        inner = sum(len(whole(argument)) for argument in arguments) + 5 * (len(arguments) - 1)
        return _x(_word(function.name) + inner + 2 * BRACKET)

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        return _x(max(len(whole(above)), len(whole(below))) + len(whole(x)) + 40)

    def total(self, x: str, over: str) -> str:
        return _x(16 + SCRIPT * _word(over)) + whole(x)

    def equal(self, sides: Sequence[str]) -> str:
        return f"{BREAK}{_x(RELATION)}".join(sides)


def _flat(row: Sequence[Table]) -> list[str]:
    return [text for entry in row for text in ([entry] if isinstance(entry, str) else _flat(entry))]


def glyph(sign: Glyph) -> float:
    """The width of one symbol in tenths of an em."""
    if sign.kind is Kind.CODE:
        return CODE_LETTER * len(sign.base + sign.index)
    base = _word(sign.base) if sign.kind is Kind.WORD else _slanted(sign.base)
    base *= 1.15 if sign.kind in (Kind.VECTOR, Kind.MATRIX) else 1
    above = (_word(sign.layer) + 2 * DIGIT if sign.layer else 0) + _word(sign.new)
    above += DIGIT * 3 if sign.round > 1 else 0
    scripts = max(above, _word(sign.subscript, LETTER))
    return base + (SCRIPT * scripts + 1 if scripts else 0)


def in_text(sign: Sign) -> float:
    """The width of a sign with a slash, where it is a derivative."""
    if isinstance(sign, Glyph):
        return glyph(sign)
    slashed = glyph(sign.top) + glyph(sign.bottom) + 2 * LETTER + DIGIT
    return slashed + (SCRIPT * (_word("via") + glyph(sign.via)) + 2 * BRACKET if sign.via else 0)


def printer(notation: Notation) -> Printer:
    """The printer whose texts are as long as formulas are wide, in tenths of an em."""
    return Printer(Widths(), notation)
