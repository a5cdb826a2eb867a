"""Room: templates. How a notation's quantities are set and said in a drawing."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace

from exercises.names import Cell, parse_cell
from exercises.notation import Derivative, Notation, Sign
from exercises.notation.glyphs import Glyph, Kind
from templates.diagram.shapes import Label, Lettering, Level, Run
from templates.formula import speech

_HAT = "\u0302"


def lettering_in(notation: Notation, numbers: Mapping[str, str], room: Collection[str] = ()) -> Lettering:
    """The lettering of drawings of the notation's program; ``numbers`` and ``room`` are as in ``Lettering``."""
    printer = speech.printer(notation)
    return Lettering(
        lambda name: sign_label(_sign(notation, name)),
        lambda name: printer.sign(_sign(notation, name)),
        numbers,
        room,
    )


def sign_label(sign: Sign) -> Label:
    """A sign as runs: letters in italics, whole vectors and matrices bold, words and code upright."""
    if isinstance(sign, Derivative):
        d = Run("d" if sign.total else "∂")
        return (d, *sign_label(sign.top), Run("/"), d, *sign_label(sign.bottom))
    letter = sign.kind in (Kind.SCALAR, Kind.VECTOR, Kind.MATRIX)
    base = unicodedata.normalize("NFC", sign.base + _HAT) if sign.hat else sign.base
    turn = f"{{{sign.round}}}" if sign.round > 1 else ""
    above = (f"({sign.layer})" if sign.layer else "") + sign.new + turn
    runs = [Run(base + sign.index, italic=letter, bold=letter and sign.kind is not Kind.SCALAR)]
    runs += [Run(sign.subscript, Level.SUB)] if sign.subscript else []
    runs += [Run(above, Level.SUPER)] if above else []
    return tuple(runs)


def _sign(notation: Notation, name: str) -> Sign:
    """A unit of several training examples (``a1[2]`` of shape (3, 5)) is written as in any one of them."""
    cell = parse_cell(name)
    shape = notation.program.shapes.get(cell.quantity, ())
    if not cell.index or len(cell.index) == len(shape):
        return notation.sign(name)
    first = notation.sign(str(Cell(cell.quantity, (*cell.index, 1))))
    return _without_example(first) if isinstance(first, Glyph) else first


def _without_example(sign: Glyph) -> Glyph:
    """The example's number stands last, wherever the notation writes indices."""
    if sign.index:
        return replace(sign, index=sign.index.removesuffix(", 0]") + "]")
    return replace(sign, subscript=sign.subscript.removesuffix("1").removesuffix(","))
