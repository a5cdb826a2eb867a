"""Room: gradsheet. `gradsheet regrade`: a class marked again, and what that changes, before it is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from gradsheet.cli import chosen_formats, example
from gradsheet.commands import grade
from gradsheet.policies import policy_for
from gradsheet.tolerances import Wishes, tolerance_of

SHARED = ("formats", "feedback", "reveal", "policy", "late", "attempts", "layout", "roster", "match", "jobs")
TOLERANCES = ("atol", "rtol", "decimals", "significant")

Command = TypeVar("Command", bound=Callable[..., Any])


def as_in_grade(command: Command) -> Command:
    """Give a command those options of ``gradsheet grade`` that say how a class is marked: the very same ones."""
    known = {option.name: option for option in grade.command.params}
    for name in reversed((*SHARED, *TOLERANCES)):
        vars(command).setdefault("__click_params__", []).append(known[name])
    return command


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
@as_in_grade
def command(
    folder: Path,
    submissions: Path,
    in_place: bool,
    corrected: str | None,
    audit: Path | None,
    for_programs: bool,
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
    """Mark a class again after a changed policy or a corrected exercise, and show who gains or loses what, and why.

    Nothing is changed until --apply. Then DIR/results/audit-N.csv and .json say what the N-th regrading changed, what
    stood in DIR/results before is kept in DIR/results/history/N, and the new results are put in place.

    Say again whatever options you graded with: policy, lateness, tolerance. A question that was no good is taken out by
    a policy that weighs it 0. With --corrected the exercises are worked out by another specification; what students
    have is left alone, and with --apply the record and the keys in DIR/teacher are made anew, the old ones kept in
    DIR/teacher/history/N.
    """
    from gradsheet.audit_telling import json_pieces, table
    from gradsheet.class_marking import Rules, sitting
    from gradsheet.correction import corrected as corrected_set
    from gradsheet.course_set import read_set
    from gradsheet.feedback import Reveal
    from gradsheet.files import write_atomically
    from gradsheet.regrading import regrade
    from gradsheet.results_folder import LARGE_CLASS
    from gradsheet.sources import source_of

    wanted = chosen_formats(formats, grade.FORMATS)
    course = read_set(folder)
    if feedback == "none" or (feedback is None and len(course.students) > LARGE_CLASS):
        wanted = ()
    correction = corrected_set(course, *source_of(corrected)) if corrected is not None else None
    marks = policy_for(policy, (correction.course if correction else course).exercises)
    rules = Rules(tolerance_of(wishes), marks, late, attempts, layout, roster, match)  # type: ignore[arg-type]
    desk = sitting(correction.course if correction else course, submissions, rules)
    found = regrade(desk, wanted, Reveal(reveal), in_place=in_place, correction=correction, jobs=jobs)
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
