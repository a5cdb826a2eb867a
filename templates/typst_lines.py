"""Room: templates. One displayed equation for paper, broken into lines that fit, aligned at the signs of equality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from templates.formula.typst import quoted
from templates.typst_formula import BREAK, whole
from templates.typst_widths import RELATION

MEASURE = 440.0
"""The width of the text in points, less some for what estimates miss; at 10 points a tenth of an em is a point."""

INDENT = 20.0
"""How far what is broken off is set in, behind the sign of equality."""

SMALLEST = 0.55
"""Formulas that can't be broken are set smaller, but no smaller than this times the text: nobody could read them."""


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


def set_equation(formula: Formula) -> str:
    """The equation as code."""
    left, *right = formula.sides
    signs = ["="] * (len(right) - 1) + ["approx" if formula.nearly else "="]
    source, widest = _lines(left, list(zip(signs, right, strict=True)))
    size = MEASURE / widest if widest > MEASURE else 1.0
    words = quoted(formula.words)
    if size == 1.0:
        return f"eq({words}, $ {source} $)"
    return f"eq({words}, size: {size:.2f}em, $ {source} $)"


def _width(text: str) -> float:
    return float(len(whole(text)))


def _lines(left: Side, right: Sequence[tuple[str, Side]]) -> tuple[str, float]:
    """The source with its line ends, and the width of the widest line."""
    start = _width(left.width)
    rows = _rows(right, MEASURE - start)
    texts, widest = [], 0.0
    for row in rows:
        width = sum(RELATION + _width(side.width) for _, side in row)
        if width <= MEASURE - start or len(row) > 1:
            texts.append(" ".join(f"{sign} {whole(side.source)}" for sign, side in row))
            widest = max(widest, start + width)
        else:
            ((sign, side),) = row
            pieces, width = _broken(side, MEASURE - start - RELATION)
            texts.append(f"{sign} " + " \\ & quad ".join(pieces))
            widest = max(widest, start + RELATION + width)
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


def _broken(side: Side, room: float) -> tuple[list[str], float]:
    """One side on several lines, broken before plus and minus signs and dots; and the width of the widest."""
    rows: list[str] = []
    widest = left_over = 0.0
    for source, width in zip(side.source.split(BREAK), side.width.split(BREAK), strict=True):
        if not rows or len(width) > left_over:
            rows.append(source)
            left_over = room - (INDENT if len(rows) > 1 else 0)
        else:
            rows[-1] += source
        left_over -= len(width)
        widest = max(widest, room - left_over)
    return rows, widest
