"""Room: gradsheet. `gradsheet grade`: a class, from hand-ins to gradebook and feedback."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradsheet.cli import chosen_formats, example
from gradsheet.policies import policy_of, policy_option
from gradsheet.tolerances import Wishes, tolerance_of, tolerance_options

FORMATS = ("md", "html", "pdf")


@click.command(epilog=example("gradsheet grade output/demo handins/", "gradsheet grade spring/ answers.csv --json"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("submissions", metavar="SUBMISSIONS", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True, help="Print the ledger and all results as JSON for programs.")
@click.option("--dry-run", is_flag=True, help="Mark and report, but write nothing.")
@click.option("--format", "formats", default="md", show_default=True, help="What feedback comes as: md, html, pdf; several with commas.")
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "solution"]),
    default="solution",
    show_default=True,
    help="How much feedback tells.",
)
@policy_option
@click.option("--late", type=click.Path(path_type=Path), help="A CSV, columns student and days: who was late.")
@tolerance_options
def command(
    folder: Path,
    submissions: Path,
    for_programs: bool,
    dry_run: bool,
    formats: str,
    reveal: str,
    policy: str,
    late: Path | None,
    **wishes: Wishes,
) -> None:
    """Mark a class: gradebook and feedback for each student, written to DIR/results.

    DIR is a set that gradsheet generate wrote. SUBMISSIONS is a folder or zip archive of STUDENT.csv, .json, .md …, or
    one wide CSV with a row for each student and a column for each cell (what form tools export). A teacher's decisions
    on appeal stand in DIR/overrides.csv (student,cell,marks,reason); they survive every grading.
    """
    from gradsheet.class_marking import Rules, grade_class
    from gradsheet.course_set import read_set
    from gradsheet.feedback import Reveal
    from gradsheet.results_folder import as_json, summary, write_results

    wanted = chosen_formats(formats, FORMATS)
    rules = Rules(tolerance_of(wishes), policy_of(policy), late)
    marked = grade_class(read_set(folder), submissions, rules)
    written = None if dry_run else write_results(marked, wanted, Reveal(reveal))
    if for_programs:
        click.echo(json.dumps(as_json(marked), ensure_ascii=False, indent=1))
    else:
        click.echo(summary(marked, written))
