"""Room: templates. The drawing of an exercise for paper: how large it is set, and in plain colours."""

from __future__ import annotations

from dataclasses import dataclass

from templates.diagram import Picture
from templates.drawing import svg_of, words_of

SIZE = 0.78
"""Of the drawing's own size; its letters are then a little smaller than the text around them."""

WIDEST, HIGHEST = 459.0, 200.0
"""Points; a large network is set smaller, so that room is left for what is asked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, how it is said in words, and how wide it is set, in points."""

    svg: str
    words: str
    width: float


def paper_figure(picture: Picture) -> Figure:
    scale = min(SIZE, WIDEST / picture.width, HIGHEST / picture.height)
    return Figure(svg_of(picture, fixed_colours=True), words_of(picture), round(picture.width * scale, 1))
