"""Room: templates. Sheets, keys and solutions as PDF: tagged, the same bytes everywhere, texts of users as data."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import jinja2
import typst

from exercises.errors import InputError
from exercises.specification import Exercise
from templates.formula.typst import quoted
from templates.render import Header
from templates.typst_answers import PaperExercise, paper_exercise

TEMPLATES = Path(__file__).parent / "typst"

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: tagged for screen readers; Typst refuses to write a page that lacks a text alternative."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``paper`` is a4 or us-letter; ``space`` to write is boxes, lines or none; ``logo`` is SVG text, or empty."""

    paper: str = "a4"
    space: str = "boxes"
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What is printed for one student: a head and exercises with all their numbers."""

    header: Header
    exercises: Sequence[Exercise]


def sheet_pdf(scripts: Sequence[Script], layout: Layout) -> bytes:
    """What students work on, as one file; each student's pages start on an odd page."""
    return _pdf(scripts, layout, worked=False)


def key_pdf(scripts: Sequence[Script], layout: Layout) -> bytes:
    """The sheets with the working filled in, as one file; each student's pages start on an odd page."""
    return _pdf(scripts, layout, worked=True)


def check_layout(layout: Layout, logo: str) -> None:
    """InputError where the logo, called ``logo``, is no picture that can be printed."""
    if not layout.logo:
        return
    try:
        compiled(_LOGO_ALONE, json.dumps({"logo": layout.logo}))
    except typst.TypstError as error:
        raise InputError(
            f"expected a picture in SVG, but {error.message}; export the logo as plain SVG", where=f"logo {logo}"
        ) from error


_LOGO_ALONE = b"""#set document(title: "Logo", date: none)
#image(bytes(json(bytes(sys.inputs.data)).logo), format: "svg", height: 16mm, alt: "Logo")
"""


def _pdf(scripts: Sequence[Script], layout: Layout, *, worked: bool) -> bytes:
    source, data = paper_source(scripts, layout, worked=worked)
    return compiled(source, data)


@dataclass(frozen=True, slots=True)
class _Pages:
    exercises: tuple[PaperExercise, ...]


def paper_source(scripts: Sequence[Script], layout: Layout, *, worked: bool) -> tuple[bytes, str]:
    """The Typst source, which holds no text of users, and the data with those texts, as JSON."""
    with_room = worked or layout.space != "none"
    pages = [
        _Pages(
            tuple(
                paper_exercise(exercise, several=len(script.exercises) > 1, worked=worked, with_room=with_room)
                for exercise in script.exercises
            )
        )
        for script in scripts
    ]
    template = _environment().get_template("paper.typ.j2")
    source = template.render(sheets=pages, layout=layout, worked=worked)
    return source.encode(), json.dumps(_data(scripts, layout, worked), ensure_ascii=False)


def _data(scripts: Sequence[Script], layout: Layout, worked: bool) -> dict[str, object]:
    first = scripts[0].header
    return {
        "title": f"{first.title}: key" if worked else first.title,
        "note": first.note,
        "logo": layout.logo,
        "sheets": [_head(script.header, worked) for script in scripts],
    }


def _head(header: Header, worked: bool) -> dict[str, object]:
    return {
        "title": header.title,
        "short": header.course or header.title,
        "course": header.course,
        "date": header.date,
        "student": header.student,
        "sheet": header.sheet,
        "worked": worked,
    }


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=False
    )
    environment.filters["quoted"] = quoted
    return environment


_own = threading.local()


def compiled(source: bytes, data: str) -> bytes:
    """The PDF of a source; ``data`` is what it reads as ``sys.inputs.data``."""
    made = _compiler().compile(input=source, format="pdf", pdf_standards=STANDARD, sys_inputs={"data": data})
    assert isinstance(made, bytes)  # a PDF is one file
    return made


def _compiler() -> typst.Compiler:
    """This thread's compiler: it keeps what it has learned from one sheet to the next, and can't be shared by threads.

    Its root is an empty folder, so that nothing on this machine can be read by what is set; fonts of the machine are
    left out, so that every machine sets the same pages.
    """
    if not hasattr(_own, "compiler"):
        _own.root = tempfile.TemporaryDirectory(prefix="gradsheet-")
        _own.compiler = typst.Compiler(root=_own.root.name, ignore_system_fonts=True)
    compiler: typst.Compiler = _own.compiler
    return compiler
