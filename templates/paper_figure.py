"""Room: templates. The drawing of an exercise for paper: how large it is set, and in plain colours."""

from __future__ import annotations

from dataclasses import dataclass

from templates.diagram import Picture
from templates.drawing import svg_of, words_of

SIZE = 0.81
"""Of the drawing's own size: its names are then a little smaller than the text around them, and the smallest script
is 5.5 points high, as in a footnote.
"""

WIDEST, HIGHEST = 459.0, 600.0
"""Points: the text's width, and what is left of a page below its head; only a drawing that is larger yet is set
smaller, as one that can't be read is worth no room at all.
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, how it is said in words, and how wide it is set, in points."""

    svg: str
    words: str
    width: float


def paper_figure(picture: Picture) -> Figure:
    scale = min(SIZE, WIDEST / picture.width, HIGHEST / picture.height)
    return Figure(svg_of(picture, fixed_colours=True), words_of(picture), round(picture.width * scale, 1))
