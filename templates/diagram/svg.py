"""Room: templates. A picture as SVG: self-contained, readable in light, dark and print, and without its colours too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from templates.diagram.lettering import LOWERED, MARGIN, RAISED, SCRIPT_SIZE, run_width, stacks, width
from templates.diagram.shapes import Dot, Head, Ink, Level, Node, Picture, Point, Run, Shape, Stroke, Text

FONTS = (
    "'STIX Two Text', 'STIX Two Math', 'New Computer Modern', 'Latin Modern Roman', "
    "'Libertinus Serif', Cambria, 'Times New Roman', 'Liberation Serif', serif"
)

LIGHT = {Ink.MAIN: "#1a1a1a", Ink.FAINT: "#5f5f5f", Ink.VALUE: "#0a4f9e", Ink.GRADIENT: "#a3240f"}
"""Each at least 5 : 1 against white; value and gradient differ in lightness, slant and side as well as in hue."""

DARK = {Ink.FAINT: "#a8a8a8", Ink.VALUE: "#8cc0ff", Ink.GRADIENT: "#ff9d8a"}
"""Each at least 7 : 1 against black; the main ink is the page's own."""

CLASS = "gd"
"""Of every drawing, and of nothing else."""

LINE_WIDTH = 0.8
DOTTED = "0.8 2.2"

_CLASS = {Ink.MAIN: "gd-main", Ink.FAINT: "gd-faint", Ink.VALUE: "gd-value", Ink.GRADIENT: "gd-gradient"}

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EDGE_SPACE = re.compile("^ | $")
"""Some readers of SVG drop a space that begins or ends a run."""

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def escaped(text: str) -> str:
    """Text that stays text in XML, whatever is in it; characters that XML has no way to write become U+FFFD."""
    return "".join(_ESCAPES.get(character, character) for character in _UNPRINTABLE.sub("\ufffd", text))


def to_svg(picture: Picture, *, fixed_colours: bool = False, identity: str = "") -> str:
    """One ``<svg>`` element, the same bytes for the same picture.

    Colours follow the page (``currentColor``, dark mode, print) by a ``<style>`` of its own; with ``fixed_colours``
    they are plain attributes, for readers of SVG that know no media queries, such as Typst. ``identity`` keeps the ids
    of two equal pictures on one page apart; it is a word of letters, digits and hyphens.
    """
    key = identity or "gd" + hashlib.sha256(repr(picture).encode("utf-8", "replace")).hexdigest()[:10]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(picture.width)}pt" height="{_n(picture.height)}pt" '
        f'viewBox="0 0 {_n(picture.width)} {_n(picture.height)}" role="img" class="{CLASS}" '
        f'aria-labelledby="{escaped(key)}-t" aria-describedby="{escaped(key)}-d" font-family="{escaped(FONTS)}">',
        f'<title id="{escaped(key)}-t">{escaped(picture.title)}</title>',
        f'<desc id="{escaped(key)}-d">{escaped(picture.description)}</desc>',
    ]
    if not fixed_colours:
        lines.append(f"<style>{_style()}</style>")
    lines += [_shape(shape, fixed=fixed_colours) for shape in picture.shapes]
    return "\n".join([*lines, "</svg>"]) + "\n"


def is_drawing(text: str) -> bool:
    """Whether a file holds what ``to_svg`` made."""
    return text.startswith("<svg ") and f' class="{CLASS}" ' in text.partition(">")[0]


def _style() -> str:
    """``:root`` is the picture only where it is a file of its own; inside a page the page's ink is taken."""
    light = "".join(f".{_CLASS[ink]}{{color:{LIGHT[ink]}}}" for ink in DARK)
    dark = "".join(f".{_CLASS[ink]}{{color:{colour}}}" for ink, colour in DARK.items())
    return (
        f"svg.gd:root{{color:{LIGHT[Ink.MAIN]}}}.gd{{max-width:100%;height:auto}}{light}"
        f"@media screen and (prefers-color-scheme:dark){{svg.gd:root{{color:#ededed}}{dark}}}"
    )


def _ink(ink: Ink, *, fixed: bool) -> tuple[str, str]:
    """(the paint, the attribute that makes the paint what it is)."""
    if fixed:
        return LIGHT[ink], ""
    return "currentColor", f' class="{_CLASS[ink]}"'


def _shape(shape: Shape, *, fixed: bool) -> str:
    paint, which = _ink(shape.ink, fixed=fixed)
    if isinstance(shape, Node):
        box = shape.box
        dashes = ' stroke-dasharray="2.5 2"' if shape.dashed else ""
        return (
            f'<rect{which} x="{_n(box.left)}" y="{_n(box.top)}" width="{_n(box.width)}" height="{_n(box.height)}" '
            f'rx="{_n(box.height / 2)}" fill="none" stroke="{paint}" stroke-width="{LINE_WIDTH}"{dashes}/>'
        )
    if isinstance(shape, Stroke):
        dots = f' stroke-dasharray="{DOTTED}" stroke-linecap="round"' if shape.dotted else ""
        return (
            f'<path{which} d="{_path(shape.points)}" fill="none" stroke="{paint}" stroke-width="{LINE_WIDTH}"{dots}/>'
        )
    if isinstance(shape, Head):
        corners = " ".join(_point(corner) for corner in shape.corners)
        return f'<polygon{which} points="{corners}" fill="{paint}"/>'
    if isinstance(shape, Dot):
        return f'<circle{which} cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}" fill="{paint}"/>'
    return _text(shape, paint, which)


def _path(points: tuple[Point, ...]) -> str:
    first, *rest = map(_point, points)
    return f"M{first} {'C' if len(rest) == 3 else 'L'}{' '.join(rest)}"


def _text(shape: Text, paint: str, which: str) -> str:
    """Text is centred by whoever sets it, except where scripts share a place, which readers centre differently."""
    stacked = any(len(stack) > 1 for stack in stacks(shape.label))
    slack = width(shape.label, shape.size) * (1 - 1 / MARGIN) / 2
    start = f'x="{_n(shape.box.left + slack)}"' if stacked else f'x="{_n(shape.x)}" text-anchor="middle"'
    runs = "".join(_runs(shape))
    return f'<text{which} {start} y="{_n(shape.y)}" font-size="{_n(shape.size)}" fill="{paint}">{runs}</text>'


def _runs(shape: Text) -> Iterator[str]:
    """Runs one after the other; of two scripts that share a place the second starts where the first did."""
    height = 0.0
    for stack in stacks(shape.label):
        narrow_first = sorted(stack, key=lambda run: run_width(run, shape.size))
        for run, before in zip(narrow_first, (None, *narrow_first), strict=False):
            back = run_width(before, shape.size) / MARGIN if before is not None else 0.0
            wanted = _shift(run.level) * shape.size
            yield _run(run, shape.size, _moved(-back, wanted - height))
            height = wanted


def _moved(dx: float, dy: float) -> str:
    return (f' dx="{_n(dx)}"' if dx else "") + (f' dy="{_n(dy)}"' if dy else "")


def _shift(level: Level) -> float:
    return {Level.NORMAL: 0.0, Level.SUB: LOWERED, Level.SUPER: -RAISED}[level]


def _run(run: Run, size: float, where: str) -> str:
    small = "" if run.level is Level.NORMAL else f' font-size="{_n(size * SCRIPT_SIZE)}"'
    slant = (' font-style="italic"' if run.italic else "") + (' font-weight="bold"' if run.bold else "")
    text = escaped(_EDGE_SPACE.sub("\u00a0", run.text))
    if not (where or small or slant):
        return text
    return f"<tspan{where}{small}{slant}>{text}</tspan>"


def _point(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"


def _n(value: float) -> str:
    """To a hundredth of a point, which is finer than any printer."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
