"""Room: gradsheet. `gradsheet demo`: a small class from roster to gradebook."""

from __future__ import annotations

from pathlib import Path

import click

from gradsheet.cli import example


@click.command(epilog=example("gradsheet demo", "gradsheet demo --out /tmp/demo"))
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("output/demo"),
    show_default=True,
    help="Where to put it.",
)
def command(folder: Path) -> None:
    """Make a small class from roster to gradebook: sheets, keys, hand-ins with planted slips, marks and feedback.

    Nobody in it exists, and its secret is public.
    """
    from gradsheet.demonstration import run_demo

    click.echo(run_demo(folder))
