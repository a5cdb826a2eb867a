"""Room: gradsheet. `gradsheet report`: the class's results as a page with plots, and gradebooks for other platforms."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradsheet.cli import chosen_formats, example

PLATFORMS = ("moodle", "canvas", "gradescope")


@click.command(
    epilog=example("gradsheet report output/demo", "gradsheet report spring/ --gradebook moodle,canvas,gradescope")
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True, help="Print the figures as JSON for programs.")
@click.option("--gradebook", help="Write gradebook-NAME.csv too: moodle, canvas, gradescope, or several with commas.")
@click.option(
    "--templates", type=click.Path(path_type=Path), help="Your own templates (gradsheet templates export DIR)."
)
def command(folder: Path, for_programs: bool, gradebook: str | None, templates: Path | None) -> None:
    """Report on a class that has been graded: DIR/results/report.html and report.csv.

    The page shows how scores lie, how hard each item is and how well it tells students apart, the commonest mistakes
    and where they began, students to talk to, and answers that fit another student's sheet. It needs no network. The
    CSV has a row an item.

    --gradebook writes the scores as other platforms import them. Moodle: Grades > Import > CSV file, map from "ID
    number" (or "Email address", where ids are addresses). Canvas: Gradebook > Import; ids are SIS user ids (or login
    ids, where they are addresses). Gradescope imports no scores: its file has the columns of its own download.
    """
    from gradsheet.executors import searched_rarely
    from gradsheet.graded import read_graded
    from gradsheet.report_page import summary, write_report
    from gradsheet.reporting import ClassFigures, as_json
    from templates.environment import templates_in

    platforms = chosen_formats(gradebook, PLATFORMS) if gradebook is not None else ()
    with searched_rarely():
        figures = ClassFigures(read_graded(folder))
    paths = write_report(figures, platforms, templates_in(templates))
    if for_programs:
        click.echo(json.dumps(as_json(figures), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        click.echo(summary(figures, paths))
