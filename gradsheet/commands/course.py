"""Room: gradsheet. `gradsheet course`: the twelve sheets that come along, and their specifications to edit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from gradsheet.cli import example

NARROWEST, WIDEST = 60, 100
"""Columns: narrower falls apart, wider is hard to read."""


@click.command(
    epilog=example(
        "gradsheet course",
        "gradsheet course --out my-course",
    )
)
@click.option("--list", "names_only", is_flag=True, help="Print the names of the sheets only, one a line.")
@click.option("--json", "for_programs", is_flag=True, help="Print the sheets as JSON for programs.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Write the specifications into DIR, to edit.")
def command(names_only: bool, for_programs: bool, folder: Path | None) -> None:
    """A course in twelve sheets, from the chain rule on log(2 + cos x) to attention.

    Every sheet has a learning goal, the sheets that it builds on, a figure for the work by hand, and an estimate in
    minutes. course/01 to course/12 stand wherever a specification can, as in gradsheet solve course/12 or gradsheet
    generate course/03 --count 20.
    """
    if names_only and (for_programs or folder is not None):
        raise click.UsageError("--list prints names only; leave it out, or the other options")
    from exercises.lessons import course_files

    if names_only:
        click.echo("\n".join(course_files()))
        return
    from gradsheet.curriculum import in_words, rows

    if folder is not None:
        _write(folder)
    if for_programs:
        click.echo(json.dumps({"course": rows()}, ensure_ascii=False, indent=1))
    elif folder is not None:
        click.echo(
            f"Wrote {len(course_files())} specifications into {folder}\n"
            f"Next: edit them, and gradsheet generate {folder}/{next(iter(course_files().values())).name} --count 3"
        )
    else:
        columns = min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)
        click.echo(in_words(rows(), columns))


def _write(folder: Path) -> None:
    from exercises.lessons import course_files
    from gradsheet.files import staged_folder, write_atomically

    with staged_folder(folder) as place:
        for path in course_files().values():
            write_atomically(place / path.name, path.read_bytes())
