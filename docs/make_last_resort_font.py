"""Makes templates/typst/fonts/last-resort.ttf, one glyph for all characters. Needs fontTools."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

PLACE = Path(__file__).parents[1] / "templates" / "typst" / "fonts" / "last-resort.ttf"
FAMILY = "Gradsheet Last Resort"
MADE = 3_600_000_000  # seconds since 1904; fixed, so that the same bytes come out

OUTER, INNER = (80, -100, 620, 720), (130, -50, 570, 670)
QUESTION_MARK = (
    (230, 460, 290, 560),
    (230, 540, 470, 600),
    (410, 340, 470, 600),
    (320, 310, 470, 370),
    (320, 200, 380, 370),
    (320, 60, 380, 130),
)


def rectangle(pen: TTGlyphPen, corners: tuple[int, int, int, int], *, hole: bool = False) -> None:
    left, bottom, right, top = corners
    points = [(left, bottom), (left, top), (right, top), (right, bottom)]
    first, *rest = reversed(points) if hole else points
    pen.moveTo(first)
    for point in rest:
        pen.lineTo(point)
    pen.closePath()


def glyph() -> object:
    pen = TTGlyphPen(None)
    rectangle(pen, OUTER)
    rectangle(pen, INNER, hole=True)
    for stroke in QUESTION_MARK:
        rectangle(pen, stroke)
    return pen.glyph()


def all_characters() -> CmapSubtable:
    """A table that gives every character but the surrogates the same glyph; as ranges it takes a few bytes."""
    table = CmapSubtable.newSubtable(13)
    table.platformID, table.platEncID, table.format = 3, 10, 13
    table.reserved = table.length = table.language = 0
    table.cmap = {code: "any" for codes in (range(0x20, 0xD800), range(0xE000, 0x110000)) for code in codes}
    return table


def main() -> None:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "any"])
    builder.setupCharacterMap({ord("?"): "any"})
    builder.setupGlyf({".notdef": glyph(), "any": glyph()})
    builder.setupHorizontalMetrics({".notdef": (700, 80), "any": (700, 80)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    style = {"familyName": FAMILY, "styleName": "Regular", "fullName": FAMILY, "version": "Version 1.0"}
    builder.setupNameTable(
        {**style, "uniqueFontIdentifier": "gradsheet-last-resort-1", "psName": "GradsheetLastResort-Regular"}
    )
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    font = builder.font
    font["cmap"].tables = [all_characters()]
    font["head"].created = font["head"].modified = MADE
    font.recalcTimestamp = False
    font.save(PLACE)


if __name__ == "__main__":
    main()
