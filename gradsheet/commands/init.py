"""Room: gradsheet. `gradsheet init`: the course secret, made once."""

from __future__ import annotations

from pathlib import Path

import click

from gradsheet.cli import example
from gradsheet.secret import create_secret


@click.command(epilog=example("gradsheet init", "gradsheet init --secret ~/courses/spring.secret"))
@click.option(
    "--secret",
    "place",
    type=click.Path(path_type=Path),
    help="The file to make.  [default: $GRADSHEET_SECRET_FILE, else gradsheet.secret in this folder]",
)
def command(place: Path | None) -> None:
    """Make the course secret, once.

    The numbers on every student's sheet are drawn from it. With it you can make the same sheets and keys again at any
    time; without it nobody can.
    """
    made = create_secret(place)
    naming = "" if place is None else f" --secret {made}"
    click.echo(
        f"Made the course secret: {made}\n"
        "Keep a copy in a safe place: without it no sheet of this course can be made again.\n"
        "Show it to nobody, and keep it out of shared folders and repositories: with it all the keys can be made.\n"
        f"Next: gradsheet generate SPEC.toml --students roster.csv{naming}"
    )
