"""Room: gradsheet. What `gradsheet export --to gradescope` is told, and the file it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_PLACE, ENDING = Path("output"), "-gradescope.zip"
ONLY_OWNER = 0o600

_ONLY = "Gradescope:"
_OPTIONS = (
    click.option("--policy", help=f"{_ONLY} what verdicts earn: exam, practice, strict, or a TOML file.  [exam]"),
    click.option(
        "--reveal",
        type=click.Choice(["verdict", "hint", "solution"]),
        help=f"{_ONLY} how much feedback tells.  [hint]",
    ),
    click.option(
        "--roster",
        type=click.Path(path_type=Path),
        help=f"{_ONLY} a CSV with the set's ids, and what --match names.",
    ),
    click.option(
        "--match",
        metavar="COLUMN",
        multiple=True,
        help=f"{_ONLY} a column of --roster by which the platform knows students.",
    ),
)

NOTES = (
    "Lateness costs nothing here: set penalties in Gradescope, or mark its submissions with gradsheet grade --late.",
    "A teacher's decisions in overrides.csv are not in it; gradsheet grade has them.",
)


def marking_options(command: Command) -> Command:
    """Add --policy, --reveal, --roster and --match to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refuse_marking(to: str, marking: Mapping[str, Any]) -> None:
    """UsageError where an option is given that means nothing to this platform."""
    for name, value in marking.items():
        if value:
            raise click.UsageError(
                f"--{name} is for gradescope, where gradsheet itself marks; {to} marks by its own rules"
            )


def write_autograder(folder: Path, variants: int | None, out: Path | None, marking: Mapping[str, Any]) -> None:
    """Write a set's autograder and say how it is used; InputError where the folder is no set."""
    from grader.gradebook import number
    from gradsheet.course_set import read_record
    from gradsheet.export.gradescope import autograder
    from gradsheet.files import write_atomically

    if variants is not None:
        raise click.UsageError(
            "--variants draws from a specification; an autograder marks a generated set, so leave it out"
        )
    name = read_record(folder).name
    made = autograder(
        folder, marking["policy"] or "exam", marking["reveal"] or "hint", marking["roster"], marking["match"]
    )
    path = out or DEFAULT_PLACE / f"{name}{ENDING}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, made.data)
    path.chmod(ONLY_OWNER)  # the class's keys can be worked out from it
    click.echo(f"{path}: an autograder for {made.students} students, {number(made.full_mark)} marks; no secret in it.")
    click.echo("Upload it: Assignment, Configure Autograder. Set the assignment's points to that mark.")
    for line in made.idle:
        click.echo(f"gradsheet: {line}", err=True)
    for note in NOTES:
        click.echo(f"Note: {note}")
