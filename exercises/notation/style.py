"""Room: exercises. What a style of notation has to say: one row of the table of styles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exercises.notation.glyphs import Derivative, Glyph, Sign
from exercises.notation.reading import Name, Network
from exercises.telling import Telling


def _partial(derivative: Derivative) -> Sign:
    return derivative


@dataclass(frozen=True, slots=True)
class Style:
    """``quantity(network, name)`` writes what is no derivative, ``derivative`` rewrites one that has a name of its own.

    ``told`` writes what is no derivative in the letters of a family that has its own. ``any_program``: serves programs
    that are no layered network. ``merged``: a unit without activation function has one
    symbol, not one before and one after. ``by_component``: there is no symbol for a whole matrix. ``input_first``: x₁w₁
    rather than w₁x₁. ``code``: products are written ``*``, indices in brackets.
    """

    name: str
    summary: str
    quantity: Callable[[Network | None, Name], Glyph]
    derivative: Callable[[Derivative], Sign] = _partial
    told: Callable[[Telling, Name], Glyph] | None = None
    any_program: bool = False
    merged: bool = False
    by_component: bool = False
    input_first: bool = False
    code: bool = False
