r"""Room: templates. Formulas in LaTeX for `$…$` in Markdown, as GitHub, Jupyter and pandoc render it.

GitHub's Markdown takes a backslash before punctuation away even inside formulas, and a vertical bar ends a cell of a
table: so no `\,`, `\{`, `\\` or `|` is used, and rows of matrices end in `\cr`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from exercises.notation import Glyph, Kind, Notation, Sign
from exercises.writing import Function
from templates.formula.common import Piece, Printer, Table, entries

_GREEK = {
    "α": r"\alpha",
    "β": r"\beta",
    "γ": r"\gamma",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "σ": r"\sigma",
}
_KNOWN = {"tanh": r"\tanh", "exp": r"\exp", "ln": r"\ln", "sin": r"\sin", "cos": r"\cos", "max": r"\max"}

_LOWERED = "_ "
"""After a brace, an underscore before another brace would open emphasis in Markdown; one before a space never does."""


class Latex:
    """What mathematics looks like in LaTeX."""

    stacked = True
    repeats = False

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return glyph(sign)
        d = r"\mathrm{d}" if sign.total else r"\partial "
        whole = rf"\frac{{{d}{glyph(sign.top)}}}{{{d}{glyph(sign.bottom)}}}"
        return rf"\left({whole}\right){_LOWERED}{{\text{{via }}{glyph(sign.via)}}}" if sign.via else whole

    def number(self, text: str) -> str:
        return text.replace("−", "-")

    def constant(self, value: Fraction) -> Piece | None:
        return None

    def table(self, rows: Sequence[Table]) -> str:
        lines = [self.number(row) if isinstance(row, str) else " & ".join(entries(row)) for row in rows]
        return r"\begin{bmatrix}" + r" \cr ".join(lines) + r"\end{bmatrix}"

    def parentheses(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def added(self, terms: Sequence[str]) -> str:
        return " + ".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x} - {y}"

    def negative(self, x: str) -> str:
        return f"-{x}"

    def times(self, factors: Sequence[str]) -> str:
        return r" \cdot ".join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        return " ".join(factors)

    def outer(self, u: str, v: str) -> str:
        return self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return r" \odot ".join(factors)

    def fraction(self, x: str, y: str) -> str:
        return rf"\frac{{{x}}}{{{y}}}"

    def power(self, x: str, exponent: str) -> str:
        return f"{x}^{{{exponent}}}"

    def root(self, x: str) -> str:
        return rf"\sqrt{{{x}}}"

    def transposed(self, x: str) -> str:
        return rf"{x}^{{\mathsf{{T}}}}"

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        name = _GREEK.get(function.name) or _KNOWN.get(function.name) or rf"\mathrm{{{word(function.name)}}}"
        return rf"{name}\left({', '.join(arguments)}\right)"

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        here, there = (r"\ge", r"\lt") if tie_above else (r"\gt", r"\le")
        return rf"\begin{{cases}}{above} & {x} {here} 0 \cr {below} & {x} {there} 0\end{{cases}}"

    def total(self, x: str, over: str) -> str:
        return rf"\sum_{{\text{{{over}}}}} {x}" if over else rf"\sum {x}"

    def equal(self, sides: Sequence[str]) -> str:
        return " = ".join(sides)


def word(text: str) -> str:
    """Text inside a typeface command, with what LaTeX would take for markup made harmless."""
    return re.sub(r"[\\{}$&#^%~|<>`*]", "", text).replace("_", r"\_")


def glyph(sign: Glyph) -> str:
    """One symbol; whole vectors and matrices are bold."""
    base = _base(sign)
    below = f"{_LOWERED if base.endswith('}') else '_'}{{{_below(sign.subscript)}}}" if sign.subscript else ""
    marks = [f"({sign.layer})"] if sign.layer else []
    marks += [r"\text{new}" if sign.new == "new" else sign.new] if sign.new else []
    marks += [rf"\lbrace {sign.round}\rbrace"] if sign.round > 1 else []
    above = f"^{{{''.join(marks)}}}" if marks else ""
    return base + below + above


def _base(sign: Glyph) -> str:
    if sign.kind is Kind.CODE:
        return rf"\mathtt{{{word(sign.base)}{sign.index.replace(' ', '')}}}"
    base = _GREEK.get(sign.base, sign.base)
    if sign.kind is Kind.WORD:
        return rf"\mathrm{{{word(base)}}}"
    base = rf"\hat{{{base}}}" if sign.hat else base
    if sign.kind in (Kind.VECTOR, Kind.MATRIX):
        return rf"\boldsymbol{{{base}}}" if base.startswith("\\") else rf"\mathbf{{{base}}}"
    return base


def _below(subscript: str) -> str:
    return subscript if not re.search("[A-Za-z]{2}", subscript) else rf"\mathrm{{{word(subscript)}}}"


def inline(sign: Sign) -> str:
    """A symbol in a line of text, with its derivative's fraction lying down."""
    if isinstance(sign, Glyph):
        return glyph(sign)
    d = r"\mathrm{d}" if sign.total else r"\partial "
    via = rf"\text{{ via }}{glyph(sign.via)}" if sign.via else ""
    return f"{d}{glyph(sign.top)}/{d}{glyph(sign.bottom)}{via}"


def printer(notation: Notation) -> Printer:
    """The printer for formulas in Markdown."""
    return Printer(Latex(), notation)
