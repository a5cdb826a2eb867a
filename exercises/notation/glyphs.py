"""Room: exercises. How a quantity is written, as data: a glyph, or a derivative made of two. No markup, no numbers."""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a printer has to know to choose a typeface."""

    SCALAR = "scalar"
    VECTOR = "vector"
    MATRIX = "matrix"
    WORD = "word"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One symbol. ``layer`` is raised in parentheses; ``new`` is raised as it is and marks an updated parameter.

    ``index`` follows in square brackets (code only). ``round`` counts the rounds of training, shown from the second on.
    """

    base: str
    kind: Kind = Kind.SCALAR
    subscript: str = ""
    layer: str = ""
    hat: bool = False
    new: str = ""
    round: int = 1
    index: str = ""

    @property
    def raised(self) -> bool:
        """Whether something stands where an exponent would."""
        return bool(self.layer or self.new or self.round > 1)


ONES = Glyph("1", Kind.VECTOR)
"""The vector of ones, which repeats what it is multiplied by."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂top/∂bottom. Where a line has local derivatives beside the ones along all paths, those are ``total`` (d, not ∂).

    ``local`` is the slope of one step alone. ``via`` is the quantity through which a single path leads, where only that
    path is meant.
    """

    top: Glyph
    bottom: Glyph
    total: bool = False
    local: bool = False
    via: Glyph | None = None


Sign = Glyph | Derivative

_LOW = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_HIGH = str.maketrans("0123456789+()new", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁽⁾ⁿᵉʷ")
_SUBSCRIPT = re.compile(r"[0-9]+")
_HAT = "\u0302"


def raised_digits(text: str) -> str:
    """Digits, brackets, plus and the word "new" as Unicode superscripts."""
    return text.translate(_HIGH)


def plain(sign: Sign) -> str:
    """The sign in Unicode without markup, as the terminal and sentences show it: ``w₁₂⁽²⁾``, ``∂J/∂w₅``, ``net_h1``."""
    if isinstance(sign, Derivative):
        d = "d" if sign.total else "∂"
        via = f" via {plain(sign.via)}" if sign.via else ""
        return f"{d}{plain(sign.top)}/{d}{plain(sign.bottom)}{via}"
    if sign == ONES:
        return "𝟏"  # no other digit is bold
    base = unicodedata.normalize("NFC", sign.base + _HAT) if sign.hat else sign.base
    layer = raised_digits(f"({sign.layer})") if sign.layer else ""
    turn = f"{{{sign.round}}}" if sign.round > 1 else ""
    return base + _lowered(sign.subscript) + layer + raised_digits(sign.new) + turn + sign.index


def _lowered(subscript: str) -> str:
    if not subscript or _SUBSCRIPT.fullmatch(subscript):
        return subscript.translate(_LOW)
    return f"_{subscript}" if subscript.isalnum() else f"[{subscript}]"


_SPELLED = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "σ": "sigma", "Δ": "Delta",
}  # fmt: skip
_RESERVED = frozenset((*keyword.kwlist, "np", "print", "float", "round"))


def identifier(sign: Sign) -> str:
    """The sign as a name of Python: ``w12_2``, ``dJ_dw5``, ``y_hat``; different signs may collide."""
    if isinstance(sign, Derivative):
        via = f"_via_{identifier(sign.via)}" if sign.via else ""
        before = "local_" if sign.local else ""
        return f"{before}d{_joined(sign.top)}_d{_joined(sign.bottom)}{via}"
    name = _SPELLED.get(sign.base, sign.base) + ("_hat" if sign.hat else "")
    letters_below = sign.subscript and not _SUBSCRIPT.fullmatch(sign.subscript)
    name += ("_" if letters_below else "") + sign.subscript.replace(",", "_")
    name += f"{'_' if sign.subscript else ''}{sign.layer}" if sign.layer else ""
    name += "_new" if sign.new else ""
    name += f"_round{sign.round}" if sign.round > 1 else ""
    name = re.sub(r"\W+", "_", name + sign.index).strip("_")
    return f"{name}_" if name in _RESERVED else name


def _joined(glyph: Glyph) -> str:
    """As it stands inside a derivative's name, where the course writes ``dlayer1`` for ``layer_1``."""
    name = identifier(glyph)
    return re.sub(r"_(?=[0-9])", "", name) if glyph.kind is Kind.CODE else name
