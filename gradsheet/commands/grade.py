"""Room: gradsheet. `gradsheet grade`: a class, from hand-ins to gradebook and feedback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from gradsheet.cli import chosen_formats, example
from gradsheet.policies import policy_for, policy_option
from gradsheet.tolerances import Wishes, tolerance_of, tolerance_options

FORMATS = ("md", "html", "pdf")


@click.command(
    epilog=example(
        "gradsheet grade output/demo handins/",
        "gradsheet grade spring/ submissions.zip --roster roster.csv --match email",
        "gradsheet grade spring/ answers.csv --json",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("submissions", metavar="SUBMISSIONS", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True, help="Print the ledger and all results as JSON for programs.")
@click.option("--dry-run", is_flag=True, help="Mark and report, but write nothing.")
@click.option(
    "--format", "formats", default="md", show_default=True, help="What feedback comes as: md, html, pdf, or several."
)
@click.option(
    "--feedback",
    type=click.Choice(["all", "none"]),
    help="Whom to make feedback for: all (up to 1,000 students), none (beyond; see gradsheet feedback).",
)
@click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "solution"]),
    default="solution",
    show_default=True,
    help="How much feedback tells.",
)
@policy_option
@click.option("--late", type=click.Path(path_type=Path), help="A CSV, columns student and days: who was late.")
@click.option(
    "--attempts",
    type=click.Choice(["latest", "best", "first"]),
    default="latest",
    show_default=True,
    help="Which of several hand-ins counts.",
)
@click.option(
    "--layout",
    type=click.Choice(["auto", "plain", "moodle", "canvas", "gradescope"]),
    default="auto",
    show_default=True,
    help="How the platform names the files.",
)
@click.option("--roster", type=click.Path(path_type=Path), help="A CSV with the set's ids, and what --match names.")
@click.option(
    "--match", metavar="COLUMN", multiple=True, help="A column of --roster by which the platform knows students."
)
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes to mark with.")
@tolerance_options
def command(
    folder: Path,
    submissions: Path,
    for_programs: bool,
    dry_run: bool,
    formats: str,
    feedback: str | None,
    reveal: str,
    policy: str,
    late: Path | None,
    attempts: str,
    layout: str,
    roster: Path | None,
    match: tuple[str, ...],
    jobs: int,
    **wishes: Wishes,
) -> None:
    """Mark a class: gradebook and feedback for each student, written to DIR/results.

    DIR is a set that gradsheet generate wrote. SUBMISSIONS is what a learning platform hands out (Moodle, Canvas,
    Gradescope: "download all submissions"), a folder or zip archive of STUDENT.csv, .json, .md … or of a folder for
    each student, or one wide CSV with a row for each student and a column for each cell (what form tools export).

    A hand-in finds its student by the id, by a column of the roster (--roster, --match) or by the name; whose owner
    isn't known for sure is set aside and listed, not marked and not dropped. Grading the same again writes nothing. A
    teacher's decisions on appeal stand in DIR/overrides.csv (student,cell,marks,reason); they survive every grading.
    """
    from gradsheet.class_marking import Rules, sitting
    from gradsheet.class_summary import summary
    from gradsheet.course_set import read_set
    from gradsheet.executors import searched_rarely
    from gradsheet.feedback import Reveal
    from gradsheet.progress import Bars
    from gradsheet.results_folder import LARGE_CLASS, RECORD, grade_only, grade_to_folder

    wanted = chosen_formats(formats, FORMATS)
    with searched_rarely():
        course = read_set(folder)
        marks = policy_for(policy, course.exercises)
        rules = Rules(tolerance_of(wishes), marks, late, attempts, layout, roster, match)  # type: ignore[arg-type]
        desk = sitting(course, submissions, rules)
    if feedback == "none" or (feedback is None and len(course.students) > LARGE_CLASS):
        wanted = ()
    with searched_rarely(), Bars(len(course.students), quiet=False) as bars:
        if dry_run:
            output = sys.stdout.buffer if for_programs else None
            graded = grade_only(desk, output, jobs=jobs, progress=lambda count: bars.advance("marking", count))
        else:
            graded = grade_to_folder(
                desk, wanted, Reveal(reveal), jobs=jobs, progress=lambda count: bars.advance("marking", count)
            )
    if not for_programs:
        click.echo(summary(graded))
    elif graded.folder is not None:
        with (graded.folder / RECORD).open("rb") as record:
            shutil.copyfileobj(record, sys.stdout.buffer)
