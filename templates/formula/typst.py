"""Room: templates. Formulas in Typst's mathematics, for paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from exercises.notation import Glyph, Kind, Notation, Sign
from exercises.writing import Function
from templates.formula.common import Piece, Printer, Table, entries

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "σ": "sigma"}
_KNOWN = ("tanh", "exp", "ln", "sin", "cos", "max")


class Typst:
    """What mathematics looks like in Typst."""

    stacked = True
    repeats = False

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return glyph(sign)
        d = 'upright("d")' if sign.total else "partial"
        whole = f"frac({d} {glyph(sign.top)}, {d} {glyph(sign.bottom)})"
        return f'attach(lr(({whole})), br: "via" {glyph(sign.via)})' if sign.via else whole

    def number(self, text: str) -> str:
        return text.replace("−", "-")

    def constant(self, value: Fraction) -> Piece | None:
        return None

    def table(self, rows: Sequence[Table]) -> str:
        lines = [self.number(row) if isinstance(row, str) else ", ".join(entries(row)) for row in rows]
        return f'mat(delim: "[", {"; ".join(lines)})'

    def parentheses(self, inner: str) -> str:
        return f"lr(({inner}))"

    def added(self, terms: Sequence[str]) -> str:
        return " + ".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x} - {y}"

    def negative(self, x: str) -> str:
        return f"-{x}"

    def times(self, factors: Sequence[str]) -> str:
        return " dot ".join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        return " ".join(factors)

    def outer(self, u: str, v: str) -> str:
        return self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return " dot.o ".join(factors)

    def fraction(self, x: str, y: str) -> str:
        return f"frac({x}, {y})"

    def power(self, x: str, exponent: str) -> str:
        return f"attach({x}, t: {exponent})"

    def root(self, x: str) -> str:
        return f"sqrt({x})"

    def transposed(self, x: str) -> str:
        return f"attach({x}, t: sans(T))"

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        name = _GREEK.get(function.name) or (function.name if function.name in _KNOWN else f'op("{function.name}")')
        return f"{name} lr(({', '.join(arguments)}))"

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        here, there = (">=", "<") if tie_above else (">", "<=")
        return f'cases({above} &"if" {x} {here} 0, {below} &"if" {x} {there} 0)'

    def total(self, x: str, over: str) -> str:
        return f'attach(sum, b: "{over}") {x}' if over else f"sum {x}"

    def equal(self, sides: Sequence[str]) -> str:
        return " = ".join(sides)


def quoted(text: str) -> str:
    """A word as Typst's string, whatever it holds."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def glyph(sign: Glyph) -> str:
    """One symbol; whole vectors and matrices are bold."""
    marks = [f'"({sign.layer})"'] if sign.layer else []
    marks += [quoted(sign.new)] if sign.new else []
    marks += [f'"{{{sign.round}}}"'] if sign.round > 1 else []
    scripts = f", t: {' '.join(marks)}" if marks else ""
    scripts += f", b: {quoted(sign.subscript)}" if sign.subscript else ""
    base = _base(sign)
    return f"attach({base}{scripts})" if scripts else base


def _base(sign: Glyph) -> str:
    if sign.kind is Kind.CODE:
        return f"mono({quoted(sign.base + sign.index)})"
    if sign.kind is Kind.WORD:
        return f"upright({quoted(sign.base)})"
    base = _GREEK.get(sign.base, sign.base)
    base = f"hat({base})" if sign.hat else base
    return f"bold({base})" if sign.kind in (Kind.VECTOR, Kind.MATRIX) else base


def printer(notation: Notation) -> Printer:
    """The printer for paper."""
    return Printer(Typst(), notation)
