"""Room: gradsheet. `gradsheet practice`: a page to practise on, which marks as the examiner does."""

from __future__ import annotations

from pathlib import Path

import click

from gradsheet.cli import example
from gradsheet.policies import policy_for, policy_option

USUAL, MOST = 6, 20
"""Sets of numbers in a page; each makes it larger, and nobody does twenty sheets at one sitting."""


@click.command(
    epilog=example(
        "gradsheet practice mazur --out practice.html",
        "gradsheet practice sheet.toml --out practice.html --variants 10",
    )
)
@click.argument("spec", metavar="SPEC")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The page to write, such as practice.html.")
@click.option(
    "--variants",
    type=click.IntRange(1, MOST),
    default=USUAL,
    show_default=True,
    help="How many sets of numbers it holds; one where SPEC gives all numbers.",
)
@click.option(
    "--templates", type=click.Path(path_type=Path), help="Your own templates (gradsheet templates export DIR)."
)
@policy_option
def command(spec: str, out: Path, variants: int, templates: Path | None, policy: str) -> None:
    """Make a page to practise on: it marks each number as it is typed, gives hints, and needs no network.

    SPEC is a TOML file, or the name of a published example (`gradsheet list published`). The page holds its answers, so
    it is for practice alone; its numbers come from a public seed and stand on no sheet of a course.
    """
    from exercises.specification import read_specification
    from gradsheet.files import write_atomically
    from gradsheet.practice import practice_page
    from templates.environment import templates_in

    specification = read_specification(spec)
    marks = policy_for(policy, specification.exercises)
    page = practice_page(specification, variants, policy=marks, templates=templates_in(templates))
    write_atomically(out, page)
    click.echo(f"{out}: open it in a browser; it needs no network.")
