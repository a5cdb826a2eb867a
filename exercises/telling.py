"""Room: exercises. What a family says of a program beyond its formulas: letters, sentences, and where things are drawn.

Layered networks and circuits need none of it; whatever else a family knows about its quantities is said here, as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Letter:
    """How a quantity is written: its letter, what stands below the line before the index, and whether it has a hat.

    One that is not ``numbered`` is written without the number in its id (ŷ for the last layer's ``a2``).
    """

    base: str
    below: str = ""
    hat: bool = False
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Telling:
    """What readers of a program are told.

    ``description`` is the exercise in one sentence. ``counts`` says what the number at the end of an id counts ("the
    time steps"); it is then raised, h⁽²⁾; where it is empty the number is lowered. ``letters`` maps ids without their
    number (``Wx``), or with it (``a2``), to letters; what isn't named is written with the id's first letter.

    ``legend`` are sentences that introduce symbols, each shown where all its quantities occur; ``reasons`` say why a
    step is as it is, by its id or the id without its number (``z``, ``dJ/dz``). In both, braces hold the ids of
    quantities or cells, ``"{h1} is the state after the first time step."``; empty ones mean the step's own first cell.

    ``places`` put quantities of the forward pass into a drawing: id -> (column, row), counted from the left and from
    the top; others are folded into the ones they lead to. Where it is empty every step of the forward pass is drawn.
    """

    description: str = ""
    counts: str = ""
    letters: Mapping[str, Letter] = field(default_factory=dict)
    legend: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
