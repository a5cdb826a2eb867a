"""Room: templates. One displayed equation for paper, broken into lines that fit, aligned at the signs of equality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from templates.formula.typst import quoted
from templates.typst_formula import BREAK, whole
from templates.typst_widths import RELATION

SHEET_MEASURE, KEY_MEASURE = 450.0, 485.0
"""How wide an equation may be, in tenths of its em; there is room for 459, and for 499 of a key's smaller letters."""

INDENT = 20.0
"""How far what is broken off is set in, behind the sign of equality."""

MARGIN_LETTER, MARGIN_GAP = 4.6, 12.0
"""How wide a letter in the margin is, and what is kept free before it, in the same tenths."""

GUTTER = 10.0
"""Between equations side by side."""


@dataclass(frozen=True, slots=True)
class Side:
    """A part between signs of equality: its source, and a text as long as it is wide; both with the same breaks."""

    source: str
    width: str


@dataclass(frozen=True, slots=True)
class Formula:
    """Sides that are equal, the last one ``nearly`` where it is rounded, and how it is read aloud."""

    sides: tuple[Side, ...]
    nearly: bool
    words: str


@dataclass(frozen=True, slots=True)
class Equation:
    """A displayed equation as code, and about how wide it is, in points."""

    code: str
    width: float

    def __str__(self) -> str:
        return self.code


def set_equation(formula: Formula, measure: float) -> Equation:
    """The equation on as few lines as hold it, set smaller where a part that can't be broken is too wide."""
    left, *right = formula.sides
    signs = ["="] * (len(right) - 1) + ["approx" if formula.nearly else "="]
    source, widest = _lines(left, list(zip(signs, right, strict=True)), measure)
    words = quoted(formula.words)
    if widest <= measure:
        return Equation(f"eq({words}, $ {source} $)", widest)
    return Equation(f"eq({words}, size: {math.floor(measure / widest * 100) / 100}em, $ {source} $)", measure)


def margin_width(margin: str) -> float:
    """How much of the measure is left to what stands in the margin, with the gap before it."""
    return MARGIN_LETTER * len(margin) + MARGIN_GAP if margin else 0.0


def beside(equation: Equation, margin: str) -> Equation:
    """The equation with a few words at the right edge of the page; it takes a row by itself."""
    return Equation(f"beside({quoted(margin)}, {equation.code})", math.inf)


def fewest_rows(equations: Sequence[Equation], most: int, measure: float) -> int:
    """The number of columns, up to ``most``, in which equations take the fewest rows; wide ones have a row alone."""
    return min(range(1, most + 1), key=lambda columns: (_row_count(equations, columns, measure), columns))


def fits(equation: Equation, columns: int, measure: float) -> bool:
    """Whether it goes into one of so many columns."""
    return equation.width <= (measure - GUTTER * (columns - 1)) / columns


def _row_count(equations: Sequence[Equation], columns: int, measure: float) -> int:
    rows, taken = 0, columns
    for equation in equations:
        alone = not fits(equation, columns, measure)
        if alone or taken == columns:
            rows, taken = rows + 1, 0
        taken = columns if alone else taken + 1
    return rows


def _width(text: str) -> float:
    return float(len(whole(text)))


def _lines(left: Side, right: Sequence[tuple[str, Side]], measure: float) -> tuple[str, float]:
    """The source with its line ends, and the width of the widest line."""
    start = _width(left.width)
    room = measure - start
    texts: list[str] = []
    last, widest = room, 0.0  # the width of the line before, which is full where nothing can be added to it
    for row in _rows(right, room):
        width = sum(RELATION + _width(side.width) for _, side in row)
        text = " ".join(f"{sign} {whole(side.source)}" for sign, side in row)
        if last + width <= room:
            texts[-1] += f" {text}"
            last += width
        elif width > room and len(row) == 1:
            ((sign, side),) = row
            pieces, full, last = _broken(side, room - RELATION)
            texts.append(f"{sign} " + " \\ & quad ".join(pieces))
            width = RELATION + full
            last += RELATION
        else:
            texts.append(text)
            last = room
        widest = max(widest, start + width, start + (last if last < room else 0))
    return f"{whole(left.source)} & " + " \\ & ".join(texts), widest


def _rows(right: Sequence[tuple[str, Side]], room: float) -> list[list[tuple[str, Side]]]:
    """Sides on as few lines as hold them, filled from the end, so that the numbers stand before their result."""
    rows: list[list[tuple[str, Side]]] = []
    left_over = 0.0
    for sign, side in reversed(right):
        width = RELATION + _width(side.width)
        if not rows or width > left_over:
            rows.insert(0, [])
            left_over = room
        rows[0].insert(0, (sign, side))
        left_over -= width
    return rows


def _broken(side: Side, room: float) -> tuple[list[str], float, float]:
    """One side on several lines, broken before plus and minus signs and dots; the widths of the widest and the last."""
    rows: list[str] = []
    widest = taken = 0.0
    for source, width in zip(side.source.split(BREAK), side.width.split(BREAK), strict=True):
        if not rows or taken + len(width) > room:
            taken = INDENT if rows else 0.0
            rows.append(source)
        else:
            rows[-1] += source
        taken += len(width)
        widest = max(widest, taken)
    return rows, widest, taken
