"""Room: exercises. Notation `layered`: z⁽²⁾ = W⁽²⁾a⁽¹⁾ + b⁽²⁾, a = σ(z), ŷ, J, as most courses write.

Names that it doesn't know (a circuit's, say) stay as their author wrote them, with digits at their end as a subscript.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from exercises.notation.glyphs import Glyph, Kind
from exercises.notation.reading import Name, Network
from exercises.notation.style import Style
from exercises.telling import Letter, Telling

RATE = "η"
_FIRST = (1, 1, 1)
_LETTERS = ("x", "y", "W", "b", "z", "a")


def kind_of(name: Name) -> Kind:
    """The kind of a whole tensor by its shape; a single cell is a scalar."""
    if not name.whole:
        return Kind.SCALAR
    return Kind.VECTOR if len(name.shape) == 1 else Kind.MATRIX


def as_written(name: Name) -> Glyph:
    """A name as its author wrote it: digits at the end or what follows an underscore below the line, then the index."""
    if name.letters == "learning_rate":
        return Glyph(RATE)
    base, _, rest = name.letters.partition("_")
    number = "" if name.number is None else str(name.number)
    below = ",".join(filter(None, (*rest.split("_"), number, name.joined())))
    kind = Kind.WORD if len(base) > 1 else kind_of(name)
    return Glyph(base, kind, subscript=below, new="new" if name.new else "", round=name.round)


def quantity(network: Network | None, name: Name) -> Glyph:
    """Layers count from 1 and are raised; rows and columns are lowered; the last activation is ŷ."""
    if network is None or name.letters not in _LETTERS:
        return as_written(name)
    output = name.letters == "a" and name.number == network.last
    only = replace(name, index=_FIRST[: len(name.shape)]) if prod(name.shape) == 1 else name
    if not _subscript(network, only, output):  # one number, written without indices: the whole is its cell
        name = only
    letter = "y" if output else name.letters
    if letter == "W" and not name.whole:
        letter = "w"
    return Glyph(
        letter,
        kind_of(name),
        subscript=_subscript(network, name, output),
        layer="" if output or name.number is None or _one_neuron(network) else str(name.number),
        hat=output,
        new="new" if name.new else "",
        round=name.round,
    )


def _one_neuron(network: Network) -> bool:
    return network.sizes[1:] == (1,)


def _subscript(network: Network, name: Name, output: bool) -> str:
    """Indices that can only be 1 everywhere are left out: those of a chain, of a single neuron, of a single output."""
    index = name.index
    single = set(network.sizes) == {1}
    if single and network.examples is None:
        return ""
    units = 2 if name.letters == "W" else 1
    if single:
        index = index[units:]
    elif (_one_neuron(network) and name.letters in "Wbza") or (
        network.outputs == 1 and (output or name.letters == "y")
    ):
        index = index[1:]
    return name.joined(index)


def told(telling: Telling, name: Name) -> Glyph:
    """In a family's own letters: what it counts is raised, indices are lowered; a vector of one number has none."""
    if name.letters == "learning_rate":
        return Glyph(RATE)
    cell = len(name.shape) > 1 and (not name.whole or prod(name.shape) == 1)
    if prod(name.shape) == 1:
        name = replace(name, index=(), shape=())
    letter = telling.letters.get(name.written) or telling.letters.get(name.letters) or _letter(name.letters)
    number = str(name.number) if name.number is not None and letter.numbered else ""
    raised = number if telling.counts else ""
    below = ",".join(filter(None, (letter.below, "" if raised else number, name.joined())))
    base = letter.base.lower() if cell and len(letter.base) == 1 else letter.base
    kind = Kind.WORD if len(base) > 1 else kind_of(name)
    new = "new" if name.new else ""
    return Glyph(base, kind, subscript=below, layer=raised, hat=letter.hat, new=new, round=name.round)


def _letter(letters: str) -> Letter:
    """The first letter, and whatever follows it below the line."""
    return Letter(letters[:1], letters[1:].strip("_"))


STYLE = Style(
    "layered",
    "z⁽²⁾ = W⁽²⁾a⁽¹⁾ + b⁽²⁾, a = σ(z), ŷ, J, as most courses write",
    quantity,
    told=told,
    any_program=True,
)
