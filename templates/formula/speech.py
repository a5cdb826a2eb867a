"""Room: templates. Formulas in words, as one reads them aloud: the alternative text of a formula or a figure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exercises.notation import ONES, Glyph, Kind, Notation, Sign
from exercises.writing import Function
from templates.formula.common import Level, Piece, Printer, Table

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "σ": "sigma"}
_PARTS = {Fraction(1, 2): "one half", Fraction(1, 3): "one third", Fraction(1, 4): "one quarter"}
_POWERS = {"2": "squared", "3": "cubed"}


class Speech:
    """What mathematics sounds like."""

    stacked = False
    repeats = False

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return glyph(sign)
        d = "d" if sign.total else "partial"
        via = f" by way of {glyph(sign.via)}" if sign.via else ""
        return f"{d} {glyph(sign.top)} by {d} {glyph(sign.bottom)}{via}"

    def number(self, text: str) -> str:
        return f"minus {text[1:]}" if text.startswith(("-", "−")) else text

    def constant(self, value: Fraction) -> Piece | None:
        return Piece(_PARTS[value], Level.ATOM) if value in _PARTS else None

    def table(self, rows: Sequence[Table]) -> str:
        if any(isinstance(row, str) for row in rows):
            return f"the vector {self._entries(rows)}"
        spoken = [f"row {number}: {self._entries(row)}" for number, row in enumerate(rows, start=1)]
        columns = len(rows[0]) if rows else 0
        size = f"{_count(len(rows), 'row')} and {_count(columns, 'column')}"
        return f"the matrix with {size}, {'; '.join(spoken)}; end of matrix"

    def _entries(self, row: Sequence[Table]) -> str:
        return ", ".join(self.number(entry) if isinstance(entry, str) else self._entries(entry) for entry in row)

    def parentheses(self, inner: str) -> str:
        return f"open bracket {inner} close bracket"

    def added(self, terms: Sequence[str]) -> str:
        return " plus ".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x} minus {y}"

    def negative(self, x: str) -> str:
        return f"minus {x}"

    def times(self, factors: Sequence[str]) -> str:
        return " times ".join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        return " times ".join(factors)

    def outer(self, u: str, v: str) -> str:
        return self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return " times, place by place, ".join(factors)

    def fraction(self, x: str, y: str) -> str:
        return f"{x} divided by {y}"

    def power(self, x: str, exponent: str) -> str:
        return f"{x} {_POWERS[exponent]}" if exponent in _POWERS else f"{x} to the power {exponent}"

    def root(self, x: str) -> str:
        return f"the square root of {self.parentheses(x)}"

    def transposed(self, x: str) -> str:
        return f"{x} transposed"

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        of = "" if function.spoken.endswith(" of") else " of"
        return f"{function.spoken}{of} {' and '.join(arguments)}"

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        return f"{above} if {x} is {'at least' if tie_above else 'greater than'} zero, else {below}"

    def total(self, x: str, over: str) -> str:
        return f"the sum over all {over or 'entries'} of {x}"

    def equal(self, sides: Sequence[str]) -> str:
        return " equals ".join(sides)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def glyph(sign: Glyph) -> str:
    """One symbol: its letter, what stands below one sign at a time, and the layer above."""
    if sign == ONES:
        return "the vector of ones"
    if sign.kind is Kind.CODE:
        return (sign.base + sign.index).replace("_", " ").replace("[", " at ").replace("]", "")
    words = [_GREEK.get(sign.base, sign.base).replace("_", " ")]
    words += ["hat"] if sign.hat else []
    words += (
        [" ".join(sign.subscript.replace(",", " ").strip())]
        if sign.subscript.isdecimal()
        else sign.subscript.split(",")
    )
    words += [f"superscript {sign.layer}"] if sign.layer else []
    words += ["new"] if sign.new else []
    words += [f"in round {sign.round}"] if sign.round > 1 else []
    return " ".join(filter(None, words))


def printer(notation: Notation) -> Printer:
    """The printer for alternative texts."""
    return Printer(Speech(), notation)
