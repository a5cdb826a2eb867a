"""Room: gradsheet. `gradsheet solve`: the worked solution of a specification or a published example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradsheet.cli import example

if TYPE_CHECKING:
    from exercises.specification import Exercise, Specification

NARROWEST, WIDEST = 40, 100
"""Columns: narrower falls apart, wider is hard to read."""


@click.command(
    epilog=example(
        "gradsheet solve mazur",
        "gradsheet solve sheet.toml --notation layered --detail both",
        "gradsheet solve hmkcode --as python --out hmkcode.py",
        "gradsheet solve mazur --as html --out mazur.html",
        "gradsheet solve mazur --as pdf --out mazur.pdf",
    )
)
@click.argument("spec", metavar="SPEC")
@click.option("--json", "for_programs", is_flag=True, help="Print quantities and steps as JSON for programs.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "markdown", "html", "pdf", "python"]),
    default="text",
    show_default=True,
    help="Plain text, Markdown with formulas, a web page, PDF, or runnable NumPy in the sheet's names.",
)
@click.option("--notation", help="Write it in another notation.  [default: the specification's]")
@click.option(
    "--detail", type=click.Choice(["component", "matrix", "both"]), help="Cell by cell, whole matrices, or both."
)
@click.option("--width", type=click.IntRange(NARROWEST), help="Columns of the text.  [default: the terminal's]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write, instead of printing it; the drawing of a Markdown file goes beside it.",
)
@click.option(
    "--templates", type=click.Path(path_type=Path), help="Your own templates (gradsheet templates export DIR)."
)
def command(
    spec: str,
    for_programs: bool,
    form: str,
    notation: str | None,
    detail: str | None,
    width: int | None,
    out: Path | None,
    templates: Path | None,
) -> None:
    """Work an exercise out in full: every step with its formula, the numbers put in, and why it is so.

    SPEC is a TOML file, or the name of a published example (`gradsheet list published`). Numbers that it leaves open
    are filled in, the same for everybody.
    """
    if for_programs and form != "text":
        raise click.UsageError(f"--json and --as {form} exclude each other; leave one out")
    if form == "python" and detail:
        raise click.UsageError("--detail has no meaning with --as python; leave it out")
    if templates is not None and form not in ("markdown", "html", "pdf"):
        raise click.UsageError("--templates lays out Markdown, web pages and PDF; add --as markdown, html or pdf")
    if form == "pdf" and out is None:
        raise click.UsageError("a PDF can't be printed on the terminal; name its file: --out FILE.pdf")
    if width is not None and (for_programs or form != "text"):
        raise click.UsageError("--width is for plain text; leave it out")
    if form == "markdown":
        _write(*_markdown(spec, notation, detail, templates, out), out)
    elif for_programs:
        _write(_json(spec, notation, detail), {}, out)
    else:
        _write(_page(spec, form, notation, detail, width, templates), {}, out)


def _write(text: str | bytes, drawings: Mapping[str, str], out: Path | None) -> None:
    """To the terminal, or into the file with the drawings beside it."""
    if out is None:
        click.echo(text, nl=False)
        return
    from gradsheet.files import write_atomically

    for name in drawings:
        _refuse_other_picture(out.with_name(name))
    write_atomically(out, text)
    for name, drawing in drawings.items():
        write_atomically(out.with_name(name), drawing)


def _refuse_other_picture(path: Path) -> None:
    from exercises.errors import InputError
    from templates.diagram import is_drawing

    if path.is_file() and not is_drawing(path.read_text(encoding="utf-8", errors="replace")):
        raise InputError(
            "the drawing goes here, and a picture that isn't a drawing of gradsheet is here already; "
            "move it, or name another file with --out",
            where=str(path),
        )


def _exercises(specification: Specification, notation: str | None) -> Sequence[Exercise]:
    """The exercises worked out, in the wished notation where it can write them; where it can't, that is told."""
    from gradsheet.solving import NOTATION, settled_exercises, written_in

    exercises = settled_exercises(specification)
    if notation is None:
        return exercises
    exercises, others = written_in(specification, exercises, notation)
    if others:
        numbers = ", ".join(str(each.number) for each in others)
        these = f"exercise {numbers}, which stays" if len(others) == 1 else f"exercises {numbers}, which stay"
        own = " or ".join(dict.fromkeys(each.notation for each in others))
        click.echo(f"gradsheet: {NOTATION} {notation} can't write {these} {own}", err=True)
    return exercises


def _json(spec: str, notation: str | None, detail: str | None) -> str:
    from exercises.specification import read_specification
    from gradsheet.solving import as_data

    made = as_data(_exercises(read_specification(spec), notation), detail=detail)
    return json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _markdown(
    spec: str, notation: str | None, detail: str | None, folder: Path | None, out: Path | None
) -> tuple[str, dict[str, str]]:
    """The text and its drawings; none on the terminal, where nothing can lie beside the text."""
    from exercises.specification import read_specification
    from gradsheet.solving import as_markdown
    from templates.environment import templates_in

    exercises = _exercises(read_specification(spec), notation)
    name = "" if out is None else out.stem
    return as_markdown(exercises, detail=detail, templates=templates_in(folder), name=name)


def _page(
    spec: str, form: str, notation: str | None, detail: str | None, width: int | None, folder: Path | None
) -> str | bytes:
    from exercises.specification import read_specification
    from gradsheet.solving import as_source, as_text, as_web_page
    from templates.environment import templates_in

    specification = read_specification(spec)
    exercises = _exercises(specification, notation)
    title = specification.title or specification.name
    if form == "python":
        return as_source(exercises, title)
    if form == "pdf":
        from gradsheet.printing import as_pdf  # Typst is a large library, and nothing else here needs it

        return as_pdf(specification, exercises, detail=detail, templates=templates_in(folder))
    if form == "html":
        from templates.layout import Layout

        templates, layout = templates_in(folder), Layout(specification.paper)
        return as_web_page(exercises, title, detail=detail, templates=templates, layout=layout)
    columns = width or min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    return as_text(exercises, max(columns, NARROWEST), detail=detail)
