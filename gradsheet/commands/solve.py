"""Room: gradsheet. `gradsheet solve`: the worked solution of a specification or a published example."""

from __future__ import annotations

import json
import shutil

import click

from gradsheet.cli import example

NARROWEST, WIDEST = 40, 100
"""Columns: narrower falls apart, wider is hard to read."""


@click.command(
    epilog=example(
        "gradsheet solve mazur",
        "gradsheet solve sheet.toml --notation layered --detail both",
        "gradsheet solve hmkcode --as python > hmkcode.py",
    )
)
@click.argument("spec", metavar="SPEC")
@click.option("--json", "for_programs", is_flag=True, help="Print quantities and steps as JSON for programs.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "markdown", "python"]),
    default="text",
    show_default=True,
    help="Plain text, Markdown with formulas, or runnable NumPy in the sheet's names.",
)
@click.option("--notation", help="Write it in another notation.  [default: the specification's]")
@click.option(
    "--detail", type=click.Choice(["component", "matrix", "both"]), help="Cell by cell, whole matrices, or both."
)
@click.option("--width", type=click.IntRange(NARROWEST), help="Columns of the text.  [default: the terminal's]")
def command(
    spec: str, for_programs: bool, form: str, notation: str | None, detail: str | None, width: int | None
) -> None:
    """Work an exercise out in full: every step with its formula, the numbers put in, and why it is so.

    SPEC is a TOML file, or the name of a published example (`gradsheet list published`). Numbers that it leaves open
    are filled in, the same for everybody.
    """
    from exercises.specification import read_specification
    from gradsheet.solving import as_data, as_markdown, as_source, as_text, settled_exercises

    if for_programs and form != "text":
        raise click.UsageError(f"--json and --as {form} exclude each other; leave one out")
    if form == "python" and detail:
        raise click.UsageError("--detail has no meaning with --as python; leave it out")
    specification = read_specification(spec)
    exercises = settled_exercises(specification)
    if for_programs:
        made = as_data(exercises, detail=detail, notation=notation)
        click.echo(json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False))
    elif form == "python":
        click.echo(as_source(exercises, specification.title or specification.name, notation=notation), nl=False)
    elif form == "markdown":
        click.echo(as_markdown(exercises, detail=detail, notation=notation), nl=False)
    else:
        columns = width or min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
        click.echo(as_text(exercises, max(columns, NARROWEST), detail=detail, notation=notation), nl=False)
