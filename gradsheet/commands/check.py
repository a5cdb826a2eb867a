"""Room: gradsheet. `gradsheet check`: one hand-in, marked with feedback."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradsheet.cli import example
from gradsheet.tolerances import Wishes, tolerance_of, tolerance_options


@click.command(
    epilog=example(
        "gradsheet check output/demo/teacher/sheets/ada.toml ada.csv",
        "gradsheet check mazur answers.json --json",
    )
)
@click.argument("sheet", metavar="SHEET")
@click.argument("answers", metavar="ANSWERS", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True, help="Print the result as JSON for programs.")
@tolerance_options
def command(sheet: str, answers: Path, for_programs: bool, **wishes: Wishes) -> None:
    """Mark one hand-in, cell by cell, each against what follows from the student's own earlier numbers.

    SHEET is a specification whose numbers are all given (DIR/teacher/sheets/ID.toml), or the name of a published
    example. ANSWERS is a CSV (id,value), JSON, TOML, Markdown, .npz or notebook file.
    """
    from grader.submissions import read_submission
    from gradsheet.marking_desk import mark_one
    from gradsheet.papers import read_sheet
    from gradsheet.results import as_json, as_text

    exercises = read_sheet(sheet)
    submission = read_submission(str(answers), answers.read_bytes())
    result = mark_one(exercises, submission, tolerance_of(wishes))
    click.echo(json.dumps(as_json(result), ensure_ascii=False, indent=1) if for_programs else as_text(result))
