"""Room: exercises. Notation `numbered`: h₁ = x₁w₁ + x₂w₂, w₁ … w₆ counted through the layers, as the blog posts write.

There are two posts and two dialects. Where the outputs have no activation function they are the prediction, and what
they should be is actual; else units have net and out, outputs are o₁ o₂, and what they should be is target.
"""

from __future__ import annotations

from exercises.notation.glyphs import Glyph, Kind
from exercises.notation.layered import as_written
from exercises.notation.reading import Name, Network
from exercises.notation.style import Style

NEW = "+"


def quantity(network: Network | None, name: Name) -> Glyph:
    """The symbol of a cell; there is none for a whole matrix or vector of several cells, so those keep their ids."""
    write = _WRITERS.get(name.letters)
    if network is None or write is None or name.whole:
        return as_written(name)
    return write(network, name)


def _plain_output(network: Network) -> bool:
    return network.activations[-1] == "identity"


def _example(network: Network, name: Name) -> str:
    """The number of the training example, put after the unit's where there are several."""
    return f",{name.index[-1]}" if network.examples is not None and name.letters not in "Wb" else ""


def _input(network: Network, name: Name) -> Glyph:
    return Glyph("x", subscript=f"{name.index[0]}{_example(network, name)}")


def _weight(network: Network, name: Name) -> Glyph:
    layer, (row, column) = name.number or 1, name.index
    count = network.weights_before(layer) + (row - 1) * network.sizes[layer - 1] + column
    return Glyph("w", subscript=str(count), new=NEW if name.new else "", round=name.round)


def _bias(network: Network, name: Name) -> Glyph:
    """One for a whole layer is counted; one of its own is named after its unit, since b₂ is a whole layer's id."""
    layer = name.number or 1
    own = f"h{network.units_before(layer) + name.index[0]}" if layer < network.last and name.index else ""
    own = f"o{name.index[0]}" if layer == network.last and name.index else own
    return Glyph("b", subscript=own or str(layer), new=NEW if name.new else "", round=name.round)


def _unit(network: Network, name: Name) -> Glyph:
    """z and a: net and out of a unit, or one symbol for both where there is no activation function."""
    layer = name.number or 1
    same = network.activations[layer - 1] == "identity"
    tail = _example(network, name)
    if layer < network.last:
        unit = f"{network.units_before(layer) + name.index[0]}"
        return _marked("h", unit + tail, name) if same else _net_or_out("h" + unit + tail, name)
    if not same:
        return _net_or_out(f"o{name.index[0]}{tail}", name)
    return _output_word("prediction", network, name)


def _marked(letter: str, subscript: str, name: Name) -> Glyph:
    return Glyph(letter, subscript=subscript, round=name.round)


def _net_or_out(unit: str, name: Name) -> Glyph:
    return Glyph("net" if name.letters == "z" else "out", Kind.WORD, subscript=unit, round=name.round)


def _output_word(word: str, network: Network, name: Name) -> Glyph:
    parts = name.index if network.outputs > 1 else name.index[1:]
    return Glyph(word, Kind.WORD, subscript=",".join(map(str, parts)), round=name.round)


def _target(network: Network, name: Name) -> Glyph:
    if _plain_output(network):
        return _output_word("actual", network, name)
    return Glyph("target", Kind.WORD, subscript=f"o{name.index[0]}{_example(network, name)}")


def _loss(network: Network, name: Name) -> Glyph:
    if _plain_output(network):
        return Glyph("error", Kind.WORD, round=name.round)
    return Glyph("E", subscript="total", round=name.round)


def _rate(network: Network, name: Name) -> Glyph:
    return Glyph("a" if _plain_output(network) else "η")


_WRITERS = {
    "x": _input,
    "y": _target,
    "W": _weight,
    "b": _bias,
    "z": _unit,
    "a": _unit,
    "J": _loss,
    "learning_rate": _rate,
}

STYLE = Style(
    "numbered",
    "h₁ = x₁w₁ + x₂w₂, prediction, error, w₁ … w₆ counted through the layers, as the 2-2-1 and 2-2-2 blog posts write",
    quantity,
    merged=True,
    by_component=True,
    input_first=True,
)
