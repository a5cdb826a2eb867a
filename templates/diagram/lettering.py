"""Room: templates. How much room a label takes, and a text shape that takes it.

Nothing here asks a font: the same drawing has to come out whichever fonts a machine has, so widths come from a small
table that is generous for the common serif faces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from templates.diagram.shapes import Box, Ink, Label, Level, Run, Text

SCRIPT_SIZE = 0.72
"""Sub- and superscripts, as a share of the letters they stand at."""

RAISED, LOWERED = 0.38, 0.2
"""How far scripts are shifted off the baseline, in ems of the normal size."""

ASCENT, DESCENT = 0.74, 0.22
"""What letters and digits reach above and below their baseline, in ems."""

MIDDLE = 0.33
"""Half the height of a digit: the baseline stands this far (in ems) below the middle of a line of text."""

BOLD = 1.12
"""How much wider bold letters are."""

MARGIN = 1.08
"""The common serif faces differ by less than this from the table."""

_EMS = {
    0.28: "ijl.,:;'|!ı",
    0.36: "ftrI()[]/\\ \u2009-",
    0.5: "0123456789acegszJ?·",
    0.54: "bdhknopquvxyαβγδεηθικλμνξπρστυχ",
    0.62: "=+−×÷<>±~^_ELFPSTZ∂∇Σ",
    0.76: "wABCDGHKNOQRUVXYφψωΔΓΘΛΞΠΦΨΩ",
    0.86: "m&%@⊙⊗",
    1.0: "MW…—",
}
_EM_OF = {character: width for width, characters in _EMS.items() for character in characters}


def character_width(character: str) -> float:
    """In ems; combining marks take none, anything that isn't in the table counts as wide."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    known = _EM_OF.get(unicodedata.normalize("NFD", character)[0])
    if known is not None:
        return known
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.1
    return 1.0 if not character.isascii() else 0.62


def run_width(run: Run, size: float) -> float:
    """The room for one run, in points."""
    ems = sum(map(character_width, run.text)) * MARGIN * (BOLD if run.bold else 1.0)
    return ems * size * (1.0 if run.level is Level.NORMAL else SCRIPT_SIZE)


def stacks(label: Label) -> Iterator[tuple[Run, ...]]:
    """Runs from left to right; a superscript beside a subscript comes together with it, as they share their place."""
    waiting: tuple[Run, ...] = ()
    for run in label:
        pair = {run.level, *(before.level for before in waiting)} == {Level.SUB, Level.SUPER}
        if waiting and not (pair and len(waiting) == 1):
            yield waiting
            waiting = ()
        waiting = (*waiting, run)
    if waiting:
        yield waiting


def width(label: Label, size: float) -> float:
    """The room that a label takes from left to right, in points."""
    return sum(max(run_width(run, size) for run in stack) for stack in stacks(label))


def extent(label: Label, size: float) -> tuple[float, float]:
    """How far a label reaches above and below its baseline, in points."""
    levels = {run.level for run in label}
    above = RAISED + SCRIPT_SIZE * ASCENT if Level.SUPER in levels else ASCENT
    below = LOWERED + SCRIPT_SIZE * DESCENT if Level.SUB in levels else DESCENT
    return above * size, below * size


def text(of: str, label: Label, centre: tuple[float, float], size: float, ink: Ink = Ink.MAIN) -> Text:
    """A label around ``centre``: the middle of its width and of its digits' height."""
    wide = width(label, size)
    x, y = centre[0], centre[1] + MIDDLE * size
    above, below = extent(label, size)
    return Text(of, x, y, label, size, Box(x - wide / 2, y - above, x + wide / 2, y + below), ink)


def number_width(digits: str, size: float) -> float:
    """The room for a number, the same with and without a minus sign, so that drawings of a class have one layout."""
    return width((Run("−" + digits.removeprefix("−")),), size)


def words(sentence: str) -> Label:
    """A sentence as a label, upright."""
    return (Run(sentence),)
