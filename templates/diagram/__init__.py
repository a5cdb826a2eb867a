"""Room: templates. Drawings read off a program: what depends on what, as plain data and as SVG."""

from __future__ import annotations

from templates.diagram.circuit import draw_circuit
from templates.diagram.network import draw_network
from templates.diagram.notated import lettering_in
from templates.diagram.shapes import Label, Lettering, Level, Picture, Run
from templates.diagram.sketch import draw_sketch
from templates.diagram.svg import is_drawing, to_svg

__all__ = [
    "Label",
    "Lettering",
    "Level",
    "Picture",
    "Run",
    "draw_circuit",
    "draw_network",
    "draw_sketch",
    "is_drawing",
    "lettering_in",
    "to_svg",
]
