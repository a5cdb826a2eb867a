"""Room: gradsheet. `gradsheet list`: what there is to choose from."""

from __future__ import annotations

import json
import shutil

import click

from gradsheet.cli import example

GROUPS = ("families", "notations", "misconceptions", "published")
NARROWEST, WIDEST = 40, 100
"""Columns: narrower falls apart, wider is hard to read."""


@click.command(epilog=example("gradsheet list", "gradsheet list published", "gradsheet list notations --json"))
@click.argument("group", metavar="[families|notations|misconceptions|published]", required=False)
@click.option("--json", "for_programs", is_flag=True, help="Print it as JSON for programs.")
def command(group: str | None, for_programs: bool) -> None:
    """Say what there is: families of exercises, notations, misconceptions, and published worked examples.

    Without an argument all of them in short; with one, all there is to say of that group.
    """
    from exercises.errors import unknown
    from gradsheet import listing

    if group is not None and group not in GROUPS:
        raise click.UsageError(unknown("group", group, GROUPS))
    if for_programs:
        rows = {name: listing.GROUPS[name]() for name in ([group] if group else GROUPS)}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)
    click.echo(listing.in_words(group, columns) if group else listing.all_in_short(columns))
