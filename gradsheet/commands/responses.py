"""Room: gradsheet. `gradsheet responses`: what a platform has marked, marked again with carried marks."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradsheet.cli import example
from gradsheet.policies import policy_for, policy_option

DEFAULT_NAME = "-audit.csv"
ONLY_OWNER = 0o600


@click.command(
    epilog=example(
        "gradsheet responses sheet.toml responses.csv --variants 20",
        "gradsheet responses output/demo analysis.csv --out audit.csv",
    )
)
@click.argument("source", metavar="SPEC_OR_DIR")
@click.argument("table", metavar="RESPONSES", type=click.Path(path_type=Path))
@click.option(
    "--variants", type=click.IntRange(1, 1000), help="As many as were exported of a specification.  [default: 1]"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The audit to write.  [default: beside RESPONSES, its name with -audit.csv]",
)
@click.option("--json", "for_programs", is_flag=True, help="Print the audit as JSON for programs; write no file.")
@policy_option
def command(source: str, table: Path, variants: int | None, out: Path | None, for_programs: bool, policy: str) -> None:
    """Mark a platform's responses again with carried marks, and show what that changes.

    SPEC_OR_DIR is what gradsheet export was given, RESPONSES a CSV: Moodle's quiz report "Responses" (with the question
    text ticked), or the "Student Analysis" of a Canvas quiz. The audit has a line for each number of each attempt: what
    the platform gave, what it earns here, and which rule went wrong.
    """
    from gradsheet.course_set import MARKER
    from gradsheet.export.sets import drawn_for_class, drawn_for_practice, items_from
    from gradsheet.files import write_atomically
    from gradsheet.responses_audit import as_csv, as_json, audited, summary
    from gradsheet.responses_files import read_responses

    folder = Path(source)
    if for_programs and out is not None:
        raise click.UsageError("--json prints and --out writes; choose one")
    if folder.is_dir() or (folder / MARKER).exists():
        if variants is not None:
            raise click.UsageError("--variants draws from a specification; a set has its sheets, so leave it out")
        drawn = drawn_for_class(folder)
    else:
        drawn = drawn_for_practice(source, variants or 1)
    items, rules = items_from(drawn), policy_for(policy, drawn.specification.exercises)
    audit = audited(read_responses(table, items), items, drawn.exercises, rules)
    if for_programs:
        click.echo(json.dumps(as_json(audit), ensure_ascii=False, indent=1, allow_nan=False))
        return
    path = out or table.with_name(f"{table.stem}{DEFAULT_NAME}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, as_csv(audit))
    path.chmod(ONLY_OWNER)  # names and marks
    for line in summary(audit):
        click.echo(line)
    click.echo(f"Every number: {path}")
