"""Room: templates. Plots as drawings within a page: plain SVG with a title and a description, no script.

Colours and fonts are the style sheet's (classes), so that a plot follows the page into the dark and onto paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 26, 46
"""Room around the bars of a histogram for its axes and the numbers on them."""

GAP = 4
"""Between bars."""

DIGIT, LETTER, CLEAR = 7.5, 10, 5
"""How wide a digit is on the plot, how high, and what is left free between a number and a line beside it."""

MOST_LINES = 5
STEPS = (1, 2, 5)
"""Times a power of ten: the distances that lines across a plot may have."""

STRIP_WIDTH, STRIP_HEIGHT = 150, 14
THINNEST = 1.5
"""A part of a strip that is there at all is seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram: from where to where, as written on the axis; how many; its place on the axis, 0 to 1."""

    low: str
    high: str
    count: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the axis, 0 to 1, with a word."""

    place: float
    word: str


def histogram(title: str, description: str, axis: str, bars: Sequence[Bar], mark: Mark | None = None) -> Markup:
    """Bars over an axis from the first one's lower end to the last one's upper."""
    most = max(bar.count for bar in bars)
    step = _step(most)
    highest = (most // step + 1) * step  # a line above the highest bar, so that there is room for its number
    parts = [
        Markup(
            '<svg class="plot" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
            'aria-labelledby="plot-title plot-description">'
        ).format(WIDTH, HEIGHT, WIDTH, HEIGHT),
        Markup('<title id="plot-title">{}</title><desc id="plot-description">{}</desc>').format(title, description),
    ]
    parts += [_level(count, highest) for count in range(0, highest + 1, step)]
    parts += [_bar(bar, highest) for bar in bars]
    edges = [(bar.left, bar.low) for bar in bars] + [(bars[-1].right, bars[-1].high)]
    parts += [_text(_across(place), HEIGHT - BOTTOM + 17, edge) for place, edge in edges]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, axis, "axis"))
    numbers = [_number(bar, highest, mark) for bar in bars if bar.count]
    if mark is not None:
        parts += _marked(mark, next((each for each in numbers if each.struck), None))
    parts += [_text(each.across, each.foot, each.word, "on-bar") for each in numbers]
    return Markup("").join([*parts, Markup("</svg>")])


def _step(highest: int) -> int:
    """The distance of the lines across: 1, 2 or 5 times a power of ten, few enough lines."""
    power = 1
    while True:
        for step in STEPS:
            if highest <= step * power * MOST_LINES:
                return step * power
        power *= 10


def _across(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)


def _up(count: float, highest: int) -> float:
    return round(HEIGHT - BOTTOM - count / highest * (HEIGHT - TOP - BOTTOM), 2)


def _level(count: int, highest: int) -> Markup:
    line = Markup('<line class="level" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        LEFT, WIDTH - RIGHT, _up(count, highest), _up(count, highest)
    )
    return line + _text(LEFT - 8, _up(count, highest) + 4, str(count), "count")


def _bar(bar: Bar, highest: int) -> Markup:
    left, right = _across(bar.left) + GAP / 2, _across(bar.right) - GAP / 2
    top, foot = _up(bar.count, highest), _up(0, highest)
    return Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        round(left, 2), top, round(right - left, 2), round(foot - top, 2), f"{bar.low} to {bar.high}: {bar.count}"
    )


@dataclass(frozen=True, slots=True)
class _Number:
    """The number over a bar; ``struck`` where the line of a mark would go through it."""

    across: float
    foot: float
    word: str
    struck: bool = False


def _number(bar: Bar, highest: int, mark: Mark | None) -> _Number:
    """In the middle of its bar, or beside the line of a mark that would strike it through, where there is room."""
    middle, foot, word = _across((bar.left + bar.right) / 2), _up(bar.count, highest) - 5, str(bar.count)
    half = len(word) * DIGIT / 2
    if mark is None or abs(middle - _across(mark.place)) >= half + CLEAR:
        return _Number(middle, foot, word)
    left, right = _across(bar.left), _across(bar.right)
    sides = [_across(mark.place) + (CLEAR + half), _across(mark.place) - (CLEAR + half)]
    beside = [side for side in sides if left <= side - half and side + half <= right]
    return _Number(beside[0], foot, word) if beside else _Number(middle, foot, word, struck=True)


def _marked(mark: Mark, struck: _Number | None) -> list[Markup]:
    """A line from top to axis with its word; it leaves out a number that it would strike through."""
    across, top, foot = _across(mark.place), float(TOP - 8), float(HEIGHT - BOTTOM)
    ends = [(top, foot)]
    if struck is not None:
        ends = [(top, struck.foot - LETTER - 2), (struck.foot + 4, foot)]
    lines = [
        Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            kind, across, across, round(one, 2), round(end, 2)
        )
        for one, end in ends
        if end > one
        for kind in ("mark-ground", "mark")  # on a bar the line alone has too little contrast
    ]
    side = "mark-left" if mark.place > 0.5 else "mark-right"
    return [*lines, _text(across + (-6 if mark.place > 0.5 else 6), TOP - 11, mark.word, side)]


def _text(across: float, down: float, words: str, kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
        f"tick {kind}".rstrip(), round(across, 2), round(down, 2), words
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a strip: a class of the style sheet, its word, and its share, 0 to 1."""

    kind: str
    word: str
    share: float


def strip(parts: Sequence[Part]) -> Markup:
    """One bar cut into parts, for a line of a table; whoever can't see it hears the shares."""
    there = [part for part in parts if part.share > 0]
    said = ", ".join(f"{part.word} {part.share:.0%}" for part in there)
    ends = [0.0, *accumulate(part.share for part in there)]
    boxes = [
        Markup('<rect class="{}" x="{}" y="0" width="{}" height="{}"/>').format(
            part.kind, round(start * STRIP_WIDTH, 2), round(max(part.share * STRIP_WIDTH, THINNEST), 2), STRIP_HEIGHT
        )
        for part, start in zip(there, ends, strict=False)
    ]
    return Markup(
        '<svg class="strip" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<rect class="track" width="{0}" height="{1}"/>{3}</svg>'
    ).format(STRIP_WIDTH, STRIP_HEIGHT, said, Markup("").join(boxes))


def swatch(kind: str) -> Markup:
    """A sample of a part's colour, to stand before its word."""
    return Markup(
        '<svg class="swatch" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">'
        '<rect class="{}" width="12" height="12"/></svg>'
    ).format(escape(kind))
