"""Room: templates. Formulas in plain Unicode, for terminal and sentences; in notation `code`, as Python is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exercises.notation import Notation, Sign, plain
from exercises.writing import Function
from templates.formula.common import Level, Piece, Printer, Table

_PARTS = {Fraction(1, 2): "½", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔", Fraction(1, 4): "¼", Fraction(3, 4): "¾"}
_AXES = {"rows": 0, "columns": 1, "units": 0, "examples": 1}
_LETTERS_BELOW = re.compile(r"_[^\W_]+$")
"""At the end of a symbol: what follows without a sign would seem to stand below too, w_hg h."""

_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Unicode:
    """Mathematics as one types it in a letter, or (``typed``) as one types it in Python."""

    typed: bool = False
    stacked: bool = False

    @property
    def repeats(self) -> bool:
        return self.typed

    def sign(self, sign: Sign) -> str:
        return plain(sign)

    def number(self, text: str) -> str:
        return text if self.typed else text.replace("-", "−")

    def constant(self, value: Fraction) -> Piece | None:
        if self.typed or value not in _PARTS:
            return None
        return Piece(_PARTS[value], Level.ATOM, short=True)

    def table(self, rows: Sequence[Table]) -> str:
        return f"[{', '.join(self.number(row) if isinstance(row, str) else self.table(row) for row in rows)}]"

    def parentheses(self, inner: str) -> str:
        return f"({inner})"

    def added(self, terms: Sequence[str]) -> str:
        return " + ".join(terms)

    def subtracted(self, x: str, y: str) -> str:
        return f"{x} {'-' if self.typed else '−'} {y}"

    def negative(self, x: str) -> str:
        return f"{'-' if self.typed else '−'}{x}"

    def times(self, factors: Sequence[str]) -> str:
        return (" * " if self.typed else " · ").join(factors)

    def beside(self, factors: Sequence[str]) -> str:
        if self.typed:
            return " @ ".join(factors)
        apart = any(_LETTERS_BELOW.search(factor) for factor in factors[:-1]) or not all(map(_compact, factors))
        return self.times(factors) if apart else "".join(factors)

    def outer(self, u: str, v: str) -> str:
        return f"outer({u}, {v})" if self.typed else self.beside([u, self.transposed(v)])

    def place_by_place(self, factors: Sequence[str]) -> str:
        return (" * " if self.typed else " ⊙ ").join(factors)

    def fraction(self, x: str, y: str) -> str:
        return f"{x} / {y}"

    def power(self, x: str, exponent: str) -> str:
        if self.typed:
            return f"{x} ** {exponent}" if exponent.isalnum() else f"{x} ** ({exponent})"
        if exponent.isdecimal():
            return x + exponent.translate(_HIGH)
        return f"{x}^{exponent}" if exponent.isalnum() else f"{x}^({exponent})"

    def root(self, x: str) -> str:
        return f"sqrt({x})" if self.typed else f"√({x})"

    def transposed(self, x: str) -> str:
        return f"{x}.T" if self.typed else f"{x}ᵀ"

    def call(self, function: Function, arguments: Sequence[str]) -> str:
        name = function.spoken if self.typed and not function.name.isascii() else function.name
        return f"{name}({', '.join(arguments)})"

    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str:
        sign = (">=" if self.typed else "≥") if tie_above else ">"
        return f"{above} if {x} {sign} 0 else {below}"

    def total(self, x: str, over: str) -> str:
        whole = x if x.startswith("(") else f"({x})"
        if not self.typed:
            return f"Σ_{over}{whole}" if over else f"Σ{whole}"
        return f"sum({whole[1:-1]}, axis={_AXES[over]})" if over else f"sum{whole}"

    def equal(self, sides: Sequence[str]) -> str:
        return " = ".join(sides)


def _compact(factor: str) -> bool:
    """Whether a factor can stand beside another without a dot: no fraction, no table, nothing with gaps."""
    return not re.search(r"[\s/\[]", factor) or factor.startswith("(")


def printer(notation: Notation) -> Printer:
    """The printer for terminal and sentences."""
    return Printer(Unicode(typed=notation.style.code), notation)


_BREAKS = (re.compile(r" (?=[=≈] )"), re.compile(r" (?=[+−-] )"), re.compile(r" (?=[·*⊙@] |[(\[])|(?<=,) "))
"""Places to break a line at, the better ones first."""

SHORTEST = 0.5
"""Of the width: a line is not broken before that at a good place while a worse one would fill it."""


def fold(text: str, width: int, indent: int) -> list[str]:
    """A formula in lines of at most ``width``, broken before = + − or ·, all but the first indented.

    A piece that has no place to break may stand out.
    """
    lines: list[str] = []
    while len(text) > width:
        at = _place_to_break(text, width, indent)
        if at is None:
            break
        lines.append(text[:at])
        text = " " * indent + text[at + 1 :]
    return [*lines, text]


def _place_to_break(text: str, width: int, indent: int) -> int | None:
    start = max(indent, len(text) - len(text.lstrip())) + 3
    found = [[m.start() for m in pattern.finditer(text, start) if m.start() <= width] for pattern in _BREAKS]
    good = [places[-1] for places in found if places and places[-1] >= SHORTEST * width]
    anywhere = [places[-1] for places in found if places]
    beyond = [m.start() for pattern in _BREAKS for m in pattern.finditer(text, width)]
    return next(iter((*good, *anywhere)), min(beyond, default=None))
