"""Room: templates. Sheets, keys, solutions and feedback as web pages: each one file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from exercises.notation import Notation
from exercises.solution import Solution
from exercises.specification import Exercise
from templates.diagram import Picture
from templates.drawing import key_picture, sheet_picture, svg_of
from templates.environment import FILTERS, Templates, ours
from templates.feedback import Feedback
from templates.handing_in import handing_in
from templates.html_page import HtmlPage, WebLine, WebSection, page_of
from templates.layout import Layout
from templates.planted import ACROSS, NamedLine, Revealed, named_lines, revealed
from templates.render import Header, cell_of, description, finding_rows, short_places, shown_working, solution_of

ASSETS = Path(__file__).parent / "assets"

FONTS = {
    ("normal", 400): "stix-two-math.woff2",
    ("normal", 700): "stix-two-text-bold.woff2",
    ("italic", 400): "stix-two-text-italic.woff2",
}
"""Subsets of STIX Two; assets/README.md says how they are made."""

ROWS_FOR_TWO = 10
"""From so many answers on they stand in two tables side by side, where there is room."""


CODE_ACROSS = 2
"""Lines in a row of the list of them where symbols are words of code."""


@cache
def font_faces() -> Markup:
    """The style rules that carry the fonts within the page."""
    rules = [
        f"@font-face{{font-family:Sheet;font-style:{style};font-weight:{weight};"
        f'src:url(data:font/woff2;base64,{base64.b64encode((ASSETS / name).read_bytes()).decode()})format("woff2")}}'
        for (style, weight), name in FONTS.items()
    ]
    return Markup("\n".join(rules))


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """One asked cell as the sheet and the key list it; ``short`` says its places in a column headed so."""

    id: str
    symbol: Markup
    places: str
    short: str
    value: str


@dataclass(frozen=True, slots=True)
class WebExercise:
    """One exercise with everything set for the web.

    ``picture`` is an SVG or empty, ``shown`` is what a faded exercise shows of its working. ``places`` is what all
    answers are asked to, or empty where each has its own; ``answers`` come in tables of rows. Where a mistake is to be
    found in what is shown, ``lines`` are all lines by name, and ``revealed`` is what the key says. ``wide`` symbols are
    words of code.
    """

    number: int
    words: str
    picture: Markup
    given: tuple[tuple[WebLine, ...], ...]
    outline: tuple[WebLine, ...]
    legend: tuple[Markup, ...]
    sections: tuple[WebSection, ...]
    shown: tuple[WebSection, ...]
    places: str
    answers: tuple[tuple[WebAnswer, ...], ...]
    lines: tuple[NamedLine, ...]
    revealed: Revealed | None
    wide: bool


PLAIN = Layout()


def sheet_html(
    header: Header, exercises: Sequence[Exercise], templates: Templates | None = None, layout: Layout = PLAIN
) -> str:
    """What a student works on: what is given, what is asked, and a table for the answers."""
    pages = [_set(each, solution_of(each), len(exercises) > 1, worked=False) for each in exercises]
    told = handing_in(header.form, [one.finding for one in exercises if one.answers])
    return _page("sheet.html.j2", templates, header=header, exercises=pages, layout=layout, handing_in=told)


def key_html(
    header: Header, exercises: Sequence[Exercise], templates: Templates | None = None, layout: Layout = PLAIN
) -> str:
    """The worked solutions, with tables of all asked values."""
    pages = [_set(each, solution_of(each), len(exercises) > 1, worked=True) for each in exercises]
    return _page("key.html.j2", templates, header=header, exercises=pages, layout=layout)


def solution_html(
    title: str,
    exercises: Sequence[Exercise],
    *,
    detail: str | None = None,
    notation: str | None = None,
    templates: Templates | None = None,
    layout: Layout = PLAIN,
) -> str:
    """Worked solutions of one or several exercises."""
    pages = [
        _set(each, solution_of(each, detail=detail, notation=notation), len(exercises) > 1, worked=True)
        for each in exercises
    ]
    return _page("solution.html.j2", templates, header=Header(title), exercises=pages, layout=layout)


def feedback_html(feedback: Feedback, *, templates: Templates | None = None) -> str:
    """What a student reads about a hand-in; the symbols in it are set by ``symbol`` of this module."""
    return _page("feedback.html.j2", templates, feedback=feedback)


def symbol(notation: Notation, cell: str) -> Markup:
    """A quantity or cell as it stands in a table."""
    return page_of(notation).symbol(cell)


def _page(template: str, templates: Templates | None, **values: object) -> str:
    return (templates or ours()).filled("html", template, {"fonts": font_faces(), **values})


def _set(exercise: Exercise, solution: Solution, several: bool, *, worked: bool) -> WebExercise:
    page = page_of(solution.notation)
    rows = _rows(exercise, solution, page, several)
    places = {row.places for row in rows}
    shown = None if worked else shown_working(exercise)
    return WebExercise(
        exercise.number,
        description(solution.notation),
        _drawn(exercise, key_picture(solution) if worked else sheet_picture(solution, shown)),
        tuple(map(page.given, solution.given)),
        page.outline(solution),
        _legend(page, solution, shown, worked),
        page.sections(solution) if worked else (),
        () if shown is None else page.sections(shown),
        places.pop() if len(places) == 1 else "",
        _tables(rows, wide=page.code),
        named_lines(exercise, page.symbol, CODE_ACROSS if page.code else ACROSS) if exercise.finding else (),
        revealed(exercise, page.symbol, escape) if exercise.finding and worked else None,
        page.code,
    )


def _legend(page: HtmlPage, solution: Solution, shown: Solution | None, worked: bool) -> tuple[Markup, ...]:
    """What the symbols mean; of working with a mistake in it too, which may need others."""
    if not worked and shown is None:
        return page.question(solution)
    more = () if shown is None else page.legend(shown)
    return tuple(dict.fromkeys((*page.legend(solution), *more, page.said(solution.rounding))))


def _rows(exercise: Exercise, solution: Solution, page: HtmlPage, several: bool) -> tuple[WebAnswer, ...]:
    if exercise.finding:
        said = finding_rows(exercise, solution, several)
        return tuple(
            WebAnswer(row.id, escape(row.symbol), row.places, row.places, row.value.replace("-", "−")) for row in said
        )
    return tuple(
        WebAnswer(
            cell_of(exercise, cell, several),
            page.symbol(cell),
            str(solution.precision.of(cell)),
            short_places(solution.precision.of(cell)),
            solution.texts[cell].replace("-", "−"),
        )
        for cell in exercise.asked
    )


def _drawn(exercise: Exercise, picture: Picture | None) -> Markup:
    return Markup("" if picture is None else svg_of(picture, identity=f"picture-{exercise.number}"))


def _tables(rows: tuple[WebAnswer, ...], *, wide: bool) -> tuple[tuple[WebAnswer, ...], ...]:
    """The rows in two tables where they are many, and their symbols short enough to stand side by side."""
    half = len(rows) if wide or len(rows) < ROWS_FOR_TWO else (len(rows) + 1) // 2
    return tuple(part for part in (rows[:half], rows[half:]) if part)


def _shown(text: str) -> str:
    """Text of users on one line, without characters that would turn or break it."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


FILTERS["html"]["shown"] = _shown
