"""Room: templates. Sheets, keys and solutions as PDF: tagged, the same bytes everywhere, texts of users as data."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import typst

from exercises.errors import InputError
from exercises.specification import Exercise
from templates.environment import FILTERS, ours
from templates.formula.typst import quoted
from templates.handing_in import HandingIn, handing_in
from templates.layout import Layout as Layout  # whoever prints needs it too
from templates.paper import PaperExercise, paper_exercise
from templates.planted import in_rows
from templates.render import Header

FILTERS["typst"] |= {"quoted": quoted, "in_rows": in_rows}

FONTS = Path(__file__).parent / "typst" / "fonts"

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: tagged for screen readers; Typst refuses to write a page that lacks a text alternative."""

Kind = Literal["sheet", "key", "solution"]


@dataclass(frozen=True, slots=True)
class Script:
    """What is printed for one student: a head and exercises with all their numbers."""

    header: Header
    exercises: Sequence[Exercise]


def sheet_pdf(scripts: Sequence[Script], layout: Layout) -> bytes:
    """What students work on, as one file; each student's pages start on an odd page."""
    return compiled(*paper_source(scripts, layout, "sheet"), layout)


def key_pdf(scripts: Sequence[Script], layout: Layout) -> bytes:
    """The sheets with the working filled in, as one file; each student's pages start on an odd page."""
    return compiled(*paper_source(scripts, layout, "key"), layout)


def solution_pdf(
    title: str,
    exercises: Sequence[Exercise],
    layout: Layout,
    *,
    detail: str | None = None,
    notation: str | None = None,
) -> bytes:
    """Worked solutions of one or several exercises."""
    script = Script(Header(title), exercises)
    return compiled(*paper_source([script], layout, "solution", detail=detail, notation=notation), layout)


def check_layout(layout: Layout, logo: str) -> None:
    """InputError where the logo, called ``logo``, is no picture that can be printed."""
    if not layout.logo:
        return
    try:
        _compile(_LOGO_ALONE, json.dumps({"logo": layout.logo}), None)
    except typst.TypstError as error:
        raise InputError(
            f"expected a picture in SVG, but {error.message}; export the logo as plain SVG", where=f"logo {logo}"
        ) from error


_LOGO_ALONE = b"""#set document(title: "Logo", date: none)
#image(bytes(json(bytes(sys.inputs.data)).logo), format: "svg", height: 16mm, alt: "Logo")
"""


@dataclass(frozen=True, slots=True)
class _Pages:
    exercises: tuple[PaperExercise, ...]
    handing_in: HandingIn | None


def paper_source(
    scripts: Sequence[Script],
    layout: Layout,
    kind: Kind,
    *,
    detail: str | None = None,
    notation: str | None = None,
) -> tuple[bytes, str]:
    """The Typst source, which holds no text of users, and the data with those texts, as JSON."""
    pages = [
        _Pages(
            tuple(
                paper_exercise(
                    exercise,
                    several=len(script.exercises) > 1,
                    worked=kind != "sheet",
                    with_room=layout.space != "none",
                    detail=detail,
                    notation=notation,
                )
                for exercise in script.exercises
            ),
            _handing_in(script) if kind == "sheet" else None,
        )
        for script in scripts
    ]
    figures = _figures(pages)
    values = {"sheets": pages, "layout": layout, "kind": kind, "figures": {svg: k for k, svg in enumerate(figures)}}
    source = (layout.templates or ours()).filled("typst", "paper.typ.j2", values)
    return source.encode(), json.dumps({**_data(scripts, layout, kind), "figures": figures}, ensure_ascii=False)


def _handing_in(script: Script) -> HandingIn | None:
    return handing_in(script.header.form, [one.finding for one in script.exercises if one.answers])


def _figures(pages: Sequence[_Pages]) -> list[str]:
    """Every drawing once; all students of a class have the same network."""
    return list(dict.fromkeys(one.figure.svg for page in pages for one in page.exercises if one.figure is not None))


def _data(scripts: Sequence[Script], layout: Layout, kind: Kind) -> dict[str, object]:
    first = scripts[0].header
    return {
        "title": f"{first.title}: key" if kind == "key" else first.title,
        "note": first.note,
        "logo": layout.logo,
        "sheets": [_head(script.header, kind) for script in scripts],
    }


def _head(header: Header, kind: Kind) -> dict[str, object]:
    return {
        "title": header.title,
        "short": header.course or header.title,
        "course": header.course,
        "date": header.date,
        "student": header.student,
        "sheet": header.sheet,
        "form": header.form,
        "kind": "key" if kind == "key" else "",
    }


_own = threading.local()


def compiled(source: bytes, data: str, layout: Layout, template: str = "paper.typ.j2") -> bytes:
    """The PDF of a source that ``template`` made; InputError where a teacher's template doesn't compile."""
    try:
        return _compile(source, data, layout.fonts)
    except typst.TypstError as error:
        if layout.templates is None or layout.templates.folder is None:
            raise
        hints = "".join(f"; {hint}" for hint in error.hints)
        raise InputError(f"{error.message}{hints}", where=f"{layout.templates.folder}, typst/{template}") from error


def _compile(source: bytes, data: str, fonts: Path | None) -> bytes:
    inputs = {"data": data, "fonts": json.dumps(_families(fonts))}
    made = _compiler(fonts).compile(input=source, format="pdf", pdf_standards=STANDARD, sys_inputs=inputs)
    assert isinstance(made, bytes)  # a PDF is one file
    return made


@lru_cache(maxsize=4)
def _families(fonts: Path | None) -> tuple[str, ...]:
    """The names of the fonts in a teacher's folder; Typst takes them by name alone: ours have a box for all."""
    if fonts is None:
        return ()
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    return tuple(sorted(found.families()))


def unprintable(texts: Iterable[str], fonts: Path | None) -> frozenset[str]:
    """The characters of some texts that no font here has: on paper a box stands for each."""
    doubtful = sorted({character for text in texts for character in text if ord(character) > LAST_LATIN})
    if not doubtful or not _in_boxes("".join(doubtful), fonts):
        return frozenset()
    return frozenset(character for character in doubtful if _in_boxes(character, fonts))


LAST_LATIN = 0x17F
"""Up to here (Latin with its accents) the fonts that come with Typst have everything."""

_WORDS_ALONE = b"""#set document(title: "words")
#let own = json(bytes(sys.inputs.fonts))
#set text(font: ("New Computer Modern", "Libertinus Serif", "DejaVu Sans Mono", ..own, "Gradsheet Last Resort"))
#sys.inputs.data
"""


def _in_boxes(words: str, fonts: Path | None) -> bool:
    return b"GradsheetLastResort" in _compile(_WORDS_ALONE, words, fonts)


def _compiler(fonts: Path | None) -> typst.Compiler:
    """This thread's compiler: it keeps what it has learned from one sheet to the next, and can't be shared by threads.

    Its root is an empty folder, so that nothing on this machine can be read by what is set; fonts of the machine are
    left out, so that every machine sets the same pages.
    """
    if not hasattr(_own, "compilers"):
        _own.root = tempfile.TemporaryDirectory(prefix="gradsheet-")
        _own.compilers = {}
    compilers: dict[Path | None, typst.Compiler] = _own.compilers
    if fonts not in compilers:
        folders = [str(FONTS)] if fonts is None else [str(fonts), str(FONTS)]
        compilers[fonts] = typst.Compiler(root=_own.root.name, font_paths=folders, ignore_system_fonts=True)
    return compilers[fonts]
