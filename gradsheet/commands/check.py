"""Room: gradsheet. `gradsheet check`: one hand-in, marked with feedback."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import click

from gradsheet.cli import example
from gradsheet.policies import policy_for, policy_option
from gradsheet.tolerances import Wishes, tolerance_of, tolerance_options

NARROWEST, WIDEST = 60, 80
"""Columns of the table: narrower can't be read, wider makes the eye lose its row."""


@click.command(
    epilog=example(
        "gradsheet check output/demo/teacher/sheets/ada.toml ada.csv",
        "gradsheet check mazur answers.json --json",
    )
)
@click.argument("sheet", metavar="SHEET")
@click.argument("answers", metavar="ANSWERS", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True, help="Print the result as JSON for programs.")
@policy_option
@tolerance_options
def command(sheet: str, answers: Path, for_programs: bool, policy: str, **wishes: Wishes) -> None:
    """Mark one hand-in, cell by cell, each against what follows from the student's own earlier numbers.

    SHEET is a specification whose numbers are all given (DIR/teacher/sheets/ID.toml), or the name of a published
    example. ANSWERS is a file: CSV (id,value), JSON, TOML, YAML, the Markdown sheet filled in, .npz, .ipynb or .xlsx.
    """
    from grader.submissions import read_submission
    from gradsheet.marking_desk import mark_one
    from gradsheet.papers import read_sheet
    from gradsheet.result_table import as_text
    from gradsheet.results import as_json

    exercises = read_sheet(sheet)
    submission = read_submission(str(answers), answers.read_bytes())
    result = mark_one(exercises, submission, tolerance_of(wishes), policy_for(policy, exercises))
    if for_programs:
        click.echo(json.dumps(as_json(result), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        columns = shutil.get_terminal_size((WIDEST, 24)).columns
        plain = bool(os.environ.get("NO_COLOR"))
        click.echo(as_text(result, min(max(columns, NARROWEST), WIDEST)), color=False if plain else None)
