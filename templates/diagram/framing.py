"""Room: templates. Where shapes lie, and a finished picture made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from templates.diagram.shapes import Box, Dot, Head, Node, Picture, Point, Shape, Stroke, Text

MARGIN = 4.0
"""Around the drawing, in points, so that no line is cut at the picture's edge."""


def bounding(boxes: Sequence[Box]) -> Box:
    """The smallest box around all; there has to be one."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def box_of(shape: Shape) -> Box:
    """The rectangle that a shape lies in."""
    if isinstance(shape, (Node, Text)):
        return shape.box
    if isinstance(shape, Dot):
        return Box(shape.x, shape.y, shape.x, shape.y).grown(shape.radius)
    points = shape.points if isinstance(shape, Stroke) else shape.corners
    return bounding([Box(x, y, x, y) for x, y in points])


def around(shapes: Sequence[Shape]) -> Box:
    """The rectangle that a drawing takes."""
    return bounding([box_of(shape) for shape in shapes])


def framed(shapes: Sequence[Shape], title: str, description: str) -> Picture:
    """The shapes moved so that the picture starts at (0, 0)."""
    frame = around(shapes).grown(MARGIN)
    moved = tuple(_moved(shape, -frame.left, -frame.top) for shape in shapes)
    return Picture(frame.width, frame.height, moved, title, description)


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    def to(point: Point) -> Point:
        return point[0] + dx, point[1] + dy

    if isinstance(shape, Stroke):
        return replace(shape, points=tuple(map(to, shape.points)))
    if isinstance(shape, Head):
        a, b, c = shape.corners
        return replace(shape, corners=(to(a), to(b), to(c)))
    if isinstance(shape, Dot):
        return replace(shape, x=shape.x + dx, y=shape.y + dy)
    box = Box(shape.box.left + dx, shape.box.top + dy, shape.box.right + dx, shape.box.bottom + dy)
    if isinstance(shape, Node):
        return replace(shape, box=box)
    return replace(shape, box=box, x=shape.x + dx, y=shape.y + dy)
