"""Room: gradsheet. `gradsheet export`: a set as questions for another platform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exercises.errors import InputError
from gradsheet.cli import example
from gradsheet.export.gradescope_options import marking_options, refuse_marking, write_autograder
from gradsheet.files import write_atomically

if TYPE_CHECKING:
    from gradsheet.export.sets import Drawn
    from templates.export.item import ItemSet

DEFAULT_PLACE = Path("output")
MOST_LISTED = 5
ONLY_OWNER = 0o600
"""A class's keys are nobody else's business; practice is open to all."""


@click.command(
    epilog=example(
        "gradsheet export sheet.toml --to moodle --variants 20",
        "gradsheet export output/demo --to canvas --out demo.zip",
        "gradsheet export spring/ --to gradescope --roster roster.csv --match email",
    )
)
@click.argument("source", metavar="SPEC_OR_DIR")
@click.option(
    "--to",
    type=click.Choice(["moodle", "canvas", "qti21", "gradescope", "prairielearn"]),
    required=True,
    help="The platform.",
)
@click.option(
    "--variants", type=click.IntRange(1, 1000), help="Practice variants to draw from a specification.  [default: 1]"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write.  [default: output/NAME-PLATFORM, with its ending]",
)
@marking_options
def command(source: str, to: str, variants: int | None, out: Path | None, **marking: Any) -> None:
    """Write a set as questions that another platform imports and marks by itself.

    SPEC_OR_DIR is a specification or published example, of which practice variants are drawn, the same for everybody;
    or a folder that generate wrote, whose sheets are taken as they are. Every number is read back from the file and
    compared before it is written. What the platform can't express is said.

    For gradescope it is an autograder in which gradsheet itself marks a generated set, carried marks included.
    """
    from gradsheet.course_set import MARKER
    from gradsheet.export.sets import drawn_for_class, drawn_for_practice

    folder = Path(source)
    if to == "gradescope":
        write_autograder(folder, variants, out, marking)
        return
    refuse_marking(to, marking)
    if folder.is_dir() or (folder / MARKER).exists():
        if variants is not None:
            raise click.UsageError("--variants draws from a specification; a set has its sheets, so leave it out")
        drawn = drawn_for_class(folder)
    else:
        drawn = drawn_for_practice(source, variants or 1)
    try:
        ending, data, said = _for_prairielearn(drawn) if to == "prairielearn" else _as_items(drawn, to)
    except InputError as error:
        raise error.at(source) from error
    path = out or DEFAULT_PLACE / f"{drawn.specification.name}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)
    if folder.is_dir():
        path.chmod(ONLY_OWNER)
    click.echo(f"{path}: {said[0]}")
    for line in said[1:]:
        click.echo(line)
    if folder.is_dir():
        click.echo("It holds the right answers of the whole class; hand it to the platform and to nobody else.")


Written = tuple[str, bytes, list[str]]
"""How the file's name ends, its bytes, and what to say of it."""


def _as_items(drawn: Drawn, to: str) -> Written:
    from gradsheet.export.flavours import FLAVOURS, exported
    from gradsheet.export.sets import items_from

    items, flavour = items_from(drawn), FLAVOURS[to]
    data, answers = exported(items, flavour)
    notes = (*flavour.notes, *_hidden(items), *_scaled(items, to))
    first = f"{_counted(items)}; {answers} answers, read back and found the same."
    return flavour.ending, data, [first, f"Import it: {flavour.place}.", *(f"Note: {note}" for note in notes)]


def _for_prairielearn(drawn: Drawn) -> Written:
    from gradsheet.export import prairielearn

    data, numbers = prairielearn.exported(drawn)
    sets = max(map(len, drawn.exercises))
    counted = f"{_number(len(drawn.exercises), 'question')}, {_number(sets, 'set')} of numbers"
    notes = [f"Note: {note}" for note in prairielearn.NOTES]
    first = f"{counted}; {numbers} numbers, read back and found the same."
    return prairielearn.ENDING, data, [first, f"Import it: {prairielearn.PLACE}.", *notes]


def _counted(items: ItemSet) -> str:
    exercises = len({item.exercise for item in items.items})
    cells = sum(len(item.cells) for item in items.items)
    return f"{_number(exercises, 'exercise')}, {_number(len(items.labels), 'set')} of numbers, {_number(cells, 'cell')}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _hidden(items: ItemSet) -> list[str]:
    """Which mistakes the platform takes for right, since rounding may do as much."""
    found = [
        f"{item.label + ', ' if item.label else ''}exercise {item.exercise}, {cell.id}: {', '.join(cell.hidden)}"
        for item in items.items
        for cell in item.cells
        if cell.hidden
    ]
    if not found:
        return []
    more = f", and in {_number(len(found) - MOST_LISTED, 'more cell')}" if len(found) > MOST_LISTED else ""
    return [
        f"rounding may do as much as these mistakes, which are taken for right: {'; '.join(found[:MOST_LISTED])}{more}."
    ]


def _scaled(items: ItemSet, to: str) -> list[str]:
    """Which cells are asked times a power of ten."""
    from templates.export.canvas import power_of

    if to != "canvas":
        return []
    cells = sum(power_of(cell) > 0 for item in items.items for cell in item.cells)
    return (
        [f"Canvas keeps four decimals, so {_number(cells, 'cell')} with more are asked times a power of ten."]
        if cells
        else []
    )
