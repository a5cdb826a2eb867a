"""Room: exercises. Notation `code`: derror_dprediction * dprediction_dlayer1 * dlayer1_dweights, the Python course.

Indices count from 0, as they do in Python.
"""

from __future__ import annotations

from math import prod

from exercises.notation.glyphs import Derivative, Glyph, Kind, identifier
from exercises.notation.reading import Name, Network
from exercises.notation.style import Style

_WORDS = {"x": "inputs", "y": "target", "W": "weights", "b": "bias", "z": "layer", "a": "activation", "J": "error"}


def quantity(network: Network | None, name: Name) -> Glyph:
    """Words with the layer's number behind them; an array of one number needs no index."""
    index = () if prod(name.shape) == 1 else name.index
    word = _word(network, name) + ("_new" if name.new else "") if network else name.written
    word += f"_round{name.round}" if name.round > 1 else ""
    brackets = f"[{', '.join(str(k - 1) for k in index)}]" if index else ""
    return Glyph(word, Kind.CODE, index=brackets)


def _word(network: Network, name: Name) -> str:
    unit = name.letters in ("z", "a")
    same = unit and network.activations[(name.number or 1) - 1] == "identity"
    if unit and name.number == network.last and (same or name.letters == "a"):
        return "prediction"
    word = _WORDS["z" if same else name.letters] if name.letters in _WORDS else name.letters
    alone = name.number is None or (network.last == 1 and name.letters in ("W", "b"))
    return word if alone else f"{word}_{name.number}"


def derivative(written: Derivative) -> Glyph:
    """``derror_dweights[0, 1]``: one word, with the index of its bottom (and its top, where that has one) behind it."""
    top, bottom = written.top, written.bottom
    via = written.via and _bare(written.via)
    whole = Derivative(_bare(top), _bare(bottom), local=written.local, via=via)
    index = bottom.index if top.index in ("", bottom.index) else f"{top.index}{bottom.index}".replace("][", ", ")
    return Glyph(identifier(whole), Kind.CODE, index=index)


def _bare(glyph: Glyph) -> Glyph:
    return Glyph(glyph.base, Kind.CODE)


STYLE = Style(
    "code",
    "derror_dprediction * dprediction_dlayer1 * dlayer1_dweights, as the Python course writes",
    quantity,
    derivative,
    any_program=True,
    merged=True,
    code=True,
)
