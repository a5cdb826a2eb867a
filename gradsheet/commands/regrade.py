"""Room: gradsheet. `gradsheet regrade`: a class marked again, and what that changes, before it is changed."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from gradsheet.class_wishes import ClassWishes, class_options
from gradsheet.cli import example


@click.command(
    epilog=example(
        "gradsheet regrade spring/ handins/ --policy lenient.toml",
        "gradsheet regrade spring/ handins/ --corrected sheet.toml --apply",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("submissions", metavar="SUBMISSIONS", type=click.Path(path_type=Path))
@click.option("--apply", "in_place", is_flag=True, help="Put the new results in place; without it nothing changes.")
@click.option(
    "--corrected", metavar="SPEC", help="The specification as it should have been; students keep their numbers."
)
@click.option("--audit", type=click.Path(path_type=Path), help="Also write the audit to this CSV, a row a student.")
@click.option("--json", "for_programs", is_flag=True, help="Print the audit as JSON for programs.")
@class_options
def command(
    folder: Path,
    submissions: Path,
    in_place: bool,
    corrected: str | None,
    audit: Path | None,
    for_programs: bool,
    **said: Any,
) -> None:
    """Mark a class again after a changed policy or a corrected exercise, and show who gains or loses what, and why.

    Nothing is changed until --apply. Then DIR/results/audit-N.csv and .json say what the N-th regrading changed, what
    stood in DIR/results before is kept in DIR/results/history/N, and the new results are put in place.

    Say again whatever options you graded with: policy, lateness, tolerance. A question that was no good is taken out by
    a policy that weighs it 0. With --corrected the exercises are worked out by another specification; what students
    have is left alone, and with --apply the record and the keys in DIR/teacher are made anew, the old ones kept in
    DIR/teacher/history/N.
    """
    from gradsheet.audit_telling import json_pieces, table
    from gradsheet.class_marking import sitting
    from gradsheet.correction import corrected as corrected_set
    from gradsheet.course_set import read_set
    from gradsheet.files import write_atomically
    from gradsheet.regrading import regrade
    from gradsheet.sources import source_of

    wishes = ClassWishes.of(said)
    course = read_set(folder)
    correction = corrected_set(course, *source_of(corrected)) if corrected is not None else None
    marked = correction.course if correction else course
    desk = sitting(marked, submissions, wishes.rules(marked.exercises))
    formats = wishes.formats_for(course.students)
    found = regrade(desk, formats, wishes.reveal, in_place=in_place, correction=correction, jobs=wishes.jobs)
    told, written = found.audit, found.written
    if audit is not None:
        write_atomically(audit, told.table)
    if for_programs:
        for piece in json_pieces(
            told, partial(json.dumps, ensure_ascii=False, indent=1), {"applied": written is not None}
        ):
            click.echo(piece, nl=False)
        click.echo()
        return
    click.echo("\n".join(table(told)))
    if written is not None:
        click.echo(f"In place. audit: {written[1]}; before: {written[1].parent / 'history' / str(written[0])}")
    elif told.same:
        click.echo("The results are these already; nothing to do.")
    else:
        click.echo("Nothing has been changed; add --apply to put these results in place.")
