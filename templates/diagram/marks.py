"""Room: templates. What is written into a drawing: weights at edges, numbers or room for them, the note on matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from templates.diagram import lettering as set_text
from templates.diagram.framing import around, box_of
from templates.diagram.labels import Reach
from templates.diagram.shapes import Box, Ink, Label, Lettering, Node, Point, Run, Shape, Stroke, Text

Weights = Literal["names", "numbers", "both", "none"]

PAGE_WIDTH = 560.0
"""What the paper takes at its usual size; a wider drawing has to be set smaller."""

LINE = 12.5
"""Room for one line of text, in points."""

NAMES, NUMBERS, SMALL = 10.5, 9.5, 9.0
"""Sizes of type, in points."""

ROOM = 30.0
"""The length of a dotted line to write a number on."""

ABOVE_RULE = 9.0
"""The room above it, in points."""

MATRIX_NOTE = ("The weights {names} stand in a matrix.", "The weights {names} stand in matrices.")


EXAMPLES_NOTE = "Each of the {count} training examples goes through the same network."


@dataclass(frozen=True, slots=True)
class Mark:
    """A label that is still to be placed; ``reach`` is the same for all numbers of as many digits."""

    of: str
    label: Label
    size: float
    reach: Reach
    ink: Ink = Ink.MAIN

    def at(self, point: Point) -> Text:
        return set_text.text(self.of, self.label, point, self.size, self.ink)


def mark(of: str, lettering: Lettering, weights: Weights) -> Mark | None:
    """A weight or bias as its edge carries it; its name where the number isn't known."""
    if weights == "none":
        return None
    name, digits = lettering.label(of), lettering.number(of)
    if weights == "names" or not digits:
        return _mark(of, name, set_text.width(name, NUMBERS))
    wide = set_text.number_width(digits, NUMBERS)
    if weights == "numbers":
        return _mark(of, (Run(digits),), wide)
    before = (*name, Run(" = "))
    return _mark(of, (*before, Run(digits)), set_text.width(before, NUMBERS) + wide)


def _mark(of: str, label: Label, wide: float) -> Mark:
    return Mark(of, label, NUMBERS, reach(label, wide, NUMBERS))


def reach(label: Label, wide: float, size: float) -> Reach:
    """How far a label of this width reaches from its middle."""
    above, below = set_text.extent(label, size)
    lowered = set_text.MIDDLE * size
    return Reach(wide / 2, above - lowered, below + lowered)


def number(of: str, digits: str, middle: Point, ink: Ink) -> Shape:
    """A number (gradients in italics), or a dotted line to write it on."""
    if digits:
        return set_text.text(of, (Run(digits, italic=ink is Ink.GRADIENT),), middle, NUMBERS, ink)
    y = middle[1] + 4
    return Stroke(((middle[0] - ROOM / 2, y), (middle[0] + ROOM / 2, y)), ink, dotted=True)


def obstacles(shapes: Sequence[Shape]) -> list[Box]:
    """What no label may cover: nodes, texts, and the room above a dotted line.

    Numbers count as having a minus sign, as in ``Mark``.
    """
    found = []
    for shape in shapes:
        box = box_of(shape)
        if isinstance(shape, Stroke) and shape.dotted:
            found.append(Box(box.left, box.top - ABOVE_RULE, box.right, box.bottom + 1))
        elif isinstance(shape, Text) and shape.ink in (Ink.VALUE, Ink.GRADIENT):
            spare = set_text.number_width(shape.label[0].text, shape.size) - box.width
            found.append(Box(box.left - spare / 2, box.top, box.right + spare / 2, box.bottom))
        elif isinstance(shape, (Node, Text)):
            found.append(box)
    return found


def matrix_note(names: Sequence[Label], shapes: Sequence[Shape], size: float) -> Text:
    """Below the drawing: where the weights are that no edge carries."""
    before, after = MATRIX_NOTE[len(names) > 1].split("{names}")
    label: list[Run] = [Run(before)]
    for number_of_name, name in enumerate(names):
        if number_of_name:
            label.append(Run(" and " if number_of_name == len(names) - 1 else ", "))
        label += name
    return note((*label, Run(after)), shapes, size)


def note(label: Label, shapes: Sequence[Shape], size: float) -> Text:
    """A sentence below everything else."""
    frame = around(shapes)
    middle = ((frame.left + frame.right) / 2, frame.bottom + 14)
    return set_text.text("", label, middle, size, Ink.FAINT)
