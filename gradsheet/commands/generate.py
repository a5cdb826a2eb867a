"""Room: gradsheet. `gradsheet generate`: sheets, keys and answer forms for a class."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from gradsheet.cli import chosen_formats, example

FORMATS = ("md", "html", "pdf")


@click.command(
    epilog=example(
        "gradsheet generate sheet.toml --students roster.csv --out output/sheet-1",
        "gradsheet generate sheet.toml --count 30 --format pdf --booklet",
        "gradsheet generate mazur --count 3 --dry-run",
    )
)
@click.argument("spec", metavar="SPEC")
@click.option(
    "--students", "roster", type=click.Path(path_type=Path), help="The roster: a CSV with a column id, and name."
)
@click.option("--id-column", help="The roster's column of ids.  [default: id]")
@click.option("--name-column", help="The roster's column of names.  [default: name]")
@click.option("--count", type=click.IntRange(1, 100_000), help="Instead of a roster: so many sheets, 001, 002, …")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="The folder to make.  [default: output/NAME]")
@click.option(
    "--format", "formats", default="md", show_default=True, help="What to write: md, html, pdf, or several: md,pdf."
)
@click.option("--booklet", is_flag=True, help="Also the whole class as one file to print, in DIR/teacher/print.")
@click.option(
    "--templates", type=click.Path(path_type=Path), help="Your own templates (gradsheet templates export DIR)."
)
@click.option(
    "--fonts", type=click.Path(path_type=Path), help="Fonts for names in scripts that PDFs here lack, such as Chinese."
)
@click.option("--secret", type=click.Path(path_type=Path), help="The course secret.  [default: gradsheet.secret]")
@click.option("--attempt", type=click.IntRange(1, 1000), default=1, show_default=True, help="Fresh sheets: 2, 3, …")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Processes to work with.  [default: all cores for large classes]"
)
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler whose workers make the sheets: tcp://HOST:8786.")
@click.option("--dry-run", is_flag=True, help="Say what would come out, and write nothing.")
@click.option("--json", "for_programs", is_flag=True, help="Print what was made as JSON for programs.")
def command(
    spec: str,
    roster: Path | None,
    id_column: str | None,
    name_column: str | None,
    count: int | None,
    folder: Path | None,
    formats: str,
    booklet: bool,
    templates: Path | None,
    fonts: Path | None,
    secret: Path | None,
    attempt: int,
    jobs: int | None,
    cluster: str | None,
    dry_run: bool,
    for_programs: bool,
) -> None:
    """Make a class's sheets: for each student a sheet and an answer form, and for the teacher keys and notes.

    DIR/students holds what students may see, DIR/teacher what they may not. The numbers are drawn from the course
    secret: the same secret gives the same sheets again at any time. A run that was stopped goes on where it was when
    the same command is given again.
    """
    from exercises.errors import one_line
    from gradsheet.generation import Order, Workers, generate
    from gradsheet.leaks import LeakFound
    from gradsheet.preview import ALL_ALIKE, in_words, preview
    from gradsheet.progress import Bars
    from gradsheet.roster import numbered_students, read_roster
    from gradsheet.secret import read_secret
    from gradsheet.sources import source_of

    if (roster is None) == (count is None):
        raise click.UsageError("say for whom: --students ROSTER.csv, or --count N")
    if roster is None and (id_column or name_column):
        raise click.UsageError("--id-column and --name-column tell of a roster, and there is none; leave them out")
    wanted = chosen_formats(formats, FORMATS)
    if fonts is not None and "pdf" not in wanted and not booklet:
        raise click.UsageError("--fonts are for PDF; add --format pdf, or leave them out")
    specification, text = source_of(spec)
    students = numbered_students(count) if count else read_roster(roster or "", id_column, name_column)
    order = Order(specification, text, students, read_secret(secret), attempt, wanted, booklet, templates, fonts)
    place = folder if folder is not None else default_folder(specification.name, attempt)
    if dry_run:
        planned = preview(order, place)
        click.echo(json.dumps(planned, ensure_ascii=False, indent=1) if for_programs else in_words(planned))
        return
    workers = Workers(jobs or (cores() if len(students) >= MANY else 1), cluster or "")
    try:
        with Bars(len(students), quiet=for_programs) as bars:
            generate(order, place, workers=workers, watch=bars.advance)
    except LeakFound as error:
        click.echo(f"gradsheet: {one_line(str(error))}", err=True)
        raise click.exceptions.Exit(LEAK) from error
    if for_programs:
        told = {"folder": str(place), "name": specification.name, "attempt": attempt, "students": len(students)}
        click.echo(json.dumps(told | {"written": True}, ensure_ascii=False, indent=1))
        return
    click.echo(_told(place, len(students)))
    if "pdf" in wanted or booklet:
        _tell_of_boxes([student.name or student.id for student in students], fonts)
    if not any(exercise.open_names for exercise in specification.exercises):
        click.echo(ALL_ALIKE)


MANY = 300
"""Sheets from which on further processes are worth the second that they take to start."""

LEAK = 1
"""Exit code where students would have seen what they must not: nothing that the user could mend in the command."""


def cores() -> int:
    """The cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


def default_folder(name: str, attempt: int) -> Path:
    """Where a set goes when nothing is said: a set's later attempts beside its first."""
    from exercises.specification import slug

    return Path("output") / ((slug(name) or "set") + (f"-{attempt}" if attempt > 1 else ""))


def _tell_of_boxes(names: Sequence[str], fonts: Path | None) -> None:
    from templates.pdf import unprintable

    lacking = unprintable(names, fonts)
    concerned = [name for name in names if not lacking.isdisjoint(name)]
    if concerned:
        whose = f"the name {concerned[0]}" if len(concerned) == 1 else f"{len(concerned)} names ({concerned[0]} first)"
        click.echo(
            f"Note: no font here has all the letters of {whose}; in the PDFs boxes stand for them. "
            "Name a folder with such a font by --fonts."
        )


def _told(place: Path, count: int) -> str:
    sheets = "1 sheet" if count == 1 else f"{count} sheets"
    return (
        f"Made {sheets} in {place}\n"
        f"  for students: {place / 'students'} (sheets and answer forms)\n"
        f"  for you:      {place / 'teacher'} (keys, each student's numbers, notes; keep it to yourself)\n"
        f"Next: gradsheet grade {place} HANDINS"
    )
