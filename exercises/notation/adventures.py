"""Room: exercises. Notation `adventures`: h⁽¹⁾ = x, z⁽ˡ⁾ = W⁽ˡ⁾h⁽ˡ⁾ + b⁽ˡ⁾, h⁽ˡ⁺¹⁾ = f(z⁽ˡ⁾): the 3-3-1 tutorial."""

from __future__ import annotations

from exercises.notation.glyphs import Glyph
from exercises.notation.layered import as_written, kind_of
from exercises.notation.reading import Name, Network
from exercises.notation.style import Style


def quantity(network: Network | None, name: Name) -> Glyph:
    """Every index is written, even where a layer has one unit; activations count one layer further than their z."""
    if name.letters == "learning_rate":
        return Glyph("α")
    shift = {"x": 1, "W": 0, "b": 0, "z": 0, "a": 1}.get(name.letters)
    if shift is None:
        return as_written(name)
    letter = {"x": "h", "a": "h"}.get(name.letters, name.letters)
    if letter == "W" and not name.whole:
        letter = "w"
    layer = str((name.number or 0) + shift)
    new = "new" if name.new else ""
    return Glyph(letter, kind_of(name), subscript=name.joined(), layer=layer, new=new, round=name.round)


STYLE = Style(
    "adventures", "h⁽¹⁾ = x, z⁽ˡ⁾ = W⁽ˡ⁾h⁽ˡ⁾ + b⁽ˡ⁾, h⁽ˡ⁺¹⁾ = f(z⁽ˡ⁾), as the 3-3-1 tutorial writes", quantity
)
