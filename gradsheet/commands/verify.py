"""Room: gradsheet. `gradsheet verify`: a set held against its own record."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gradsheet.cli import example

BAR_FROM = 30
"""Students; fewer are done before a bar could be read."""


@click.command(
    epilog=example(
        "gradsheet verify output/demo",
        "gradsheet verify spring/ --secret gradsheet.secret",
        "gradsheet verify spring/ --quick --json",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Look at numbers, forms and key tables only, not at the texts around them.")
@click.option("--secret", type=click.Path(path_type=Path), help="Also draw all numbers again from this course secret.")
@click.option("--templates", type=click.Path(path_type=Path), help="Your own templates, if the set was made with them.")
@click.option("--json", "for_programs", is_flag=True, help="Print what was found as JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context, folder: Path, quick: bool, secret: Path | None, templates: Path | None, for_programs: bool
) -> None:
    """Work every key out anew from the record of a set, and print what does not agree.

    Compared with the record: each student's sheet and its numbers, the answer form, the key's values and its text. Each
    derivative is also held against finite differences of the forward pass. Exit code 0: everything agrees; 1: something
    doesn't. Nothing is written.
    """
    from gradsheet.course_set import read_set
    from gradsheet.secret import read_secret
    from gradsheet.verification import Wishes, as_json, summary, verify
    from templates.environment import templates_in

    course = read_set(folder)
    wishes = Wishes(quick, read_secret(secret) if secret is not None else None, templates_in(templates))
    quiet = for_programs or len(course.students) < BAR_FROM or not sys.stderr.isatty()
    with click.progressbar(length=len(course.students), label="Students", hidden=quiet, file=sys.stderr) as bar:
        verified = verify(course, wishes, bar.update)
    click.echo(json.dumps(as_json(verified), ensure_ascii=False, indent=1) if for_programs else summary(verified))
    ctx.exit(1 if verified.wrong else 0)
