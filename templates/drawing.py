"""Room: templates. The drawing of one exercise: its network, or its circuit with the numbers that may be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache, partial

from exercises.notation import Derivative, Notation, plain
from exercises.notation.glyphs import Kind
from exercises.solution import Solution
from templates.diagram import Label, Lettering, Level, Picture, Run, draw_circuit, draw_network
from templates.formula import speech

HAT = "\u0302"


def sheet_picture(solution: Solution, shown: Solution | None = None) -> Picture | None:
    """The network in symbols, or the circuit with what is given and room for what is asked; None where neither is
    drawn.

    ``shown`` is the working of a faded exercise; its results stand in the circuit too.
    """
    numbers = {cell: text for each in solution.given for cell, _, text in each.entries}
    if shown is not None:
        numbers |= {cell: shown.texts[cell] for cell in _told(shown)}
    return _picture(solution.notation, numbers, solution.asked)


def key_picture(solution: Solution) -> Picture | None:
    """The network in symbols, or the circuit with all values and gradients; None where neither is drawn."""
    return _picture(solution.notation, solution.texts, ())


def _told(shown: Solution) -> list[str]:
    lines = [line for section in shown.sections for block in section.blocks for line in block.lines]
    return [cell for line in lines if not line.blank for cell in line.cells]


def _picture(notation: Notation, numbers: Mapping[str, str], room: Collection[str]) -> Picture | None:
    if notation.network is not None:
        # The names of programmers are too long for circles.
        return None if notation.style.code else _network(_Same(notation))
    lettering = _lettering(notation, numbers, frozenset(room) - numbers.keys())
    return draw_circuit(notation.program, lettering)


class _Same:
    """A notation of the same style for the same program: cheap to look up, where comparing two programs is not."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self._key = (notation.style.name, id(notation.program))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._key == self._key


@lru_cache(maxsize=64)
def _network(same: _Same) -> Picture | None:
    """A network without numbers, which stand in matrices beside it: the same for a whole class."""
    return draw_network(same.notation.program, _lettering(same.notation, {}, frozenset()))


def _lettering(notation: Notation, numbers: Mapping[str, str], room: Collection[str]) -> Lettering:
    return Lettering(partial(_label, notation), speech.printer(notation).symbol, numbers, room)


def _label(notation: Notation, cell: str) -> Label:
    """A symbol as runs of characters."""
    sign = notation.sign(cell)
    if isinstance(sign, Derivative):
        return (Run(plain(sign)),)
    base = unicodedata.normalize("NFC", sign.base + HAT) if sign.hat else sign.base
    runs = [Run(base + sign.index, italic=sign.kind not in (Kind.WORD, Kind.CODE))]
    runs += [Run(sign.subscript, Level.SUB)] if sign.subscript else []
    raised = (f"({sign.layer})" if sign.layer else "") + sign.new + (f"{{{sign.round}}}" if sign.round > 1 else "")
    return tuple(runs + ([Run(raised, Level.SUPER)] if raised else []))
