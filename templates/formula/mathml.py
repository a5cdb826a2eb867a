"""Room: templates. Formulas in MathML Core, for web pages: what stands between `<math>` and `</math>`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

from exercises.notation import Glyph, Kind, Notation, Sign
from exercises.writing import Function
from templates.formula.common import Piece, Printer, Table


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _joined(parts: Sequence[str], between: str) -> str:
    return _row(f"<mo>{between}</mo>".join(parts))


class MathMl:
    """What mathematics looks like in MathML."""

    stacked = True
    repeats = False

    def sign(self, sign: Sign) -> str:
        if isinstance(sign, Glyph):
            return glyph(sign)
        d = '<mi mathvariant="normal">d</mi>' if sign.total else "<mo>∂</mo>"
        whole = f"<mfrac>{_row(d, glyph(sign.top))}{_row(d, glyph(sign.bottom))}</mfrac>"
        if sign.via is None:
            return whole
        return f"<msub>{self.parentheses(whole)}{_row('<mtext>via </mtext>', glyph(sign.via))}</msub>"

    def number(self, text: str) -> str:
        if text.startswith(("-", "−")):
            return _row(_sign("−"), f"<mn>{escape(text[1:])}</mn>")
        return f"<mn>{escape(text)}</mn>"

    def constant(self, value: Fraction) -> Piece | None:
        return None

    def table(self, rows: Sequence[Table]) -> str:
        lines = "".join(f"<mtr>{self._entries((row,) if isinstance(row, str) else row)}</mtr>" for row in rows)
        return _row(_sign("["), f"<mtable>{lines}</mtable>", _sign("]"))

    def _entries(self, row: Sequence[Table]) -> str:
        return "".join(
            f"<mtd>{self.number(entry)}</mtd>" if isinstance(entry, str) else self._entries(entry) for entry in row
        )

    def parentheses(self, inner: str) -> str:
        return _row(_sign("("), inner, _sign(")"))

    def added(self, terms: Sequence[str]) -> str:
        return _joined(terms, "+")

    def subtracted(self, x: str, y: str) -> str:
        return _joined((x, y), "−")

    def negative(self, x: str) -> str:
        return _row(_sign("−"), x)

    def times(self, factors: Sequence[str]) -> str:
        return _joined(factors, "·")

    def beside(self, factors: Sequence[str]) -> str:
        return _joined(factors, "\u2062")

    def outer(self, u: str, v: str) -> str:
        return self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return _joined(factors, "⊙")

    def fraction(self, x: str, y: str) -> str:
        return f"<mfrac>{_row(x)}{_row(y)}</mfrac>"

    def power(self, x: str, exponent: str) -> str:
        return f"<msup>{_row(x)}{_row(exponent)}</msup>"

    def root(self, x: str) -> str:
        return f"<msqrt>{x}</msqrt>"

    def transposed(self, x: str) -> str:
        return f'<msup>{_row(x)}<mi mathvariant="normal">T</mi></msup>'

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        name = f'<mi mathvariant="normal">{escape(function.name)}</mi>'
        return _row(name, "<mo>\u2061</mo>", self.parentheses("<mo>,</mo>".join(arguments)))

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        here, there = ("≥", "<") if tie_above else (">", "≤")
        lines = "".join(
            f"<mtr><mtd>{value}</mtd><mtd>{_row(x, _sign(sign), '<mn>0</mn>')}</mtd></mtr>"
            for value, sign in ((above, here), (below, there))
        )
        return _row(_sign("{"), f"<mtable>{lines}</mtable>")

    def total(self, x: str, over: str) -> str:
        sign = _sign("Σ")
        return _row(f"<munder>{sign}<mtext>{escape(over)}</mtext></munder>" if over else sign, x)

    def equal(self, sides: Sequence[str]) -> str:
        return _joined(sides, "=")


def glyph(sign: Glyph) -> str:
    """One symbol; whole vectors and matrices are bold."""
    base = _base(sign)
    marks = (f"({sign.layer})" if sign.layer else "", sign.new, f"{{{sign.round}}}" if sign.round > 1 else "")
    above = "".join(f"<mtext>{escape(mark)}</mtext>" for mark in marks if mark)
    below = f"<mtext>{escape(sign.subscript)}</mtext>" if sign.subscript else ""
    if above and below:
        return f"<msubsup>{base}{below}{_row(above)}</msubsup>"
    if above:
        return f"<msup>{base}{_row(above)}</msup>"
    return f"<msub>{base}{below}</msub>" if below else base


def _base(sign: Glyph) -> str:
    if sign.kind is Kind.CODE:
        return f"<mtext><code>{escape(sign.base + sign.index)}</code></mtext>"
    if sign.kind is Kind.WORD:
        return f'<mi mathvariant="normal">{escape(sign.base)}</mi>'
    bold = ' class="tensor"' if sign.kind in (Kind.VECTOR, Kind.MATRIX) else ""
    letter = f"<mi{bold}>{escape(sign.base)}</mi>"
    return f'<mover accent="true">{letter}<mo>^</mo></mover>' if sign.hat else letter


def printer(notation: Notation) -> Printer:
    """The printer for web pages."""
    return Printer(MathMl(), notation)
