"""Room: gradsheet. `gradsheet grade`: a class, from hand-ins to gradebook and feedback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import click

from gradsheet.class_wishes import ClassWishes, class_options
from gradsheet.cli import example


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
@class_options
def command(
    folder: Path,
    submissions: Path,
    for_programs: bool,
    dry_run: bool,
    **said: Any,
) -> None:
    """Mark a class: gradebook and feedback for each student, written to DIR/results.

    DIR is a set that gradsheet generate wrote. SUBMISSIONS is what a learning platform hands out (Moodle, Canvas,
    Gradescope: "download all submissions"), a folder or zip archive of STUDENT.csv, .json, .md … or of a folder for
    each student, or one wide CSV with a row for each student and a column for each cell (what form tools export).

    A hand-in finds its student by the id, by a column of the roster (--roster, --match) or by the name; whose owner
    isn't known for sure is set aside and listed, not marked and not dropped. Grading the same again writes nothing. A
    teacher's decisions on appeal stand in DIR/overrides.csv (student,cell,marks,reason); they survive every grading.
    """
    from gradsheet.class_marking import sitting
    from gradsheet.class_summary import summary
    from gradsheet.course_set import read_set
    from gradsheet.executors import searched_rarely
    from gradsheet.progress import Bars
    from gradsheet.results_folder import RECORD, grade_only, grade_to_folder

    wishes = ClassWishes.of(said)
    with searched_rarely():
        course = read_set(folder)
        desk = sitting(course, submissions, wishes.rules(course.exercises))
    with searched_rarely(), Bars(len(course.students), quiet=False) as bars:
        if dry_run:
            output = sys.stdout.buffer if for_programs else None
            graded = grade_only(desk, output, jobs=wishes.jobs, progress=lambda count: bars.advance("marking", count))
        else:
            graded = grade_to_folder(
                desk,
                wishes.formats_for(course.students),
                wishes.reveal,
                jobs=wishes.jobs,
                progress=lambda count: bars.advance("marking", count),
            )
    if not for_programs:
        click.echo(summary(graded))
    elif graded.folder is not None:
        with (graded.folder / RECORD).open("rb") as record:
            shutil.copyfileobj(record, sys.stdout.buffer)
