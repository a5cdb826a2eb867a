"""The catalogue as a page: docs/misconceptions.md, made of the rows and of the fixtures that show them.

python -m tests.misconception_page > docs/misconceptions.md
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from exercises.misconceptions import CATALOGUE, SLIPS, Kind, Misconception, Mistake, Slip, mistakes
from exercises.names import cell_ids
from exercises.notation import notation_for
from exercises.operations.row import Array
from exercises.plan import run
from exercises.precision import Places
from exercises.program import Program
from exercises.specification import Exercise, parse_specification

FIXTURES = Path(__file__).parent / "fixtures" / "misconceptions"
PAGE = Path(__file__).parent.parent / "docs" / "misconceptions.md"

MOST_CELLS = 6
"""Cells of a fixture that the page shows; the rest follow from them."""

HEAD = """\
# Misconceptions

What gradsheet knows that learners get wrong. Each row gives its code, what the student is told (with places for the
symbols of the sheet's notation), where learners make the mistake, and a hand-in that shows it.

This page is made from `exercises/misconceptions/` and `tests/fixtures/misconceptions/`, and a test holds it to them:

    python -m tests.misconception_page > docs/misconceptions.md
"""


@dataclass(frozen=True)
class Fixture:
    """A sheet, a student's answers to it, and what must be said of them.

    ``sites`` are the steps (for slips, the cells) where the student goes wrong; ``line`` is one wrong line in plain
    arithmetic, ``cell = formula of cells``, written independently of the catalogue.
    """

    name: str
    code: str
    sites: tuple[str, ...]
    story: str
    says: str
    sheet: str
    answers: Mapping[str, str]
    variant: int = 1
    line: str = ""

    def __str__(self) -> str:
        return self.name

    @cached_property
    def exercise(self) -> Exercise:
        return parse_specification(self.sheet, self.name).exercises[0]

    @property
    def program(self) -> Program:
        return self.exercise.program

    @cached_property
    def mistake(self) -> Mistake:
        """The catalogue's mistake of this code and variant; there is none for a slip."""
        found = (made for made in mistakes(self.program) if (made.row.code, made.variant) == (self.code, self.variant))
        return next(found)

    @property
    def places(self) -> Places:
        assert self.exercise.precision is not None
        return self.exercise.precision.default

    @cached_property
    def right(self) -> dict[str, Array]:
        return by_cell(self.program, run(self.program, self.exercise.given))

    @cached_property
    def wrong(self) -> dict[str, Array]:
        """The program worked with the mistake at the fixture's sites."""
        replaced = {site: self.mistake.sites[site].expression for site in self.sites}
        return by_cell(self.program, run(self.program, self.exercise.given, replaced=replaced))

    def written(self, values: Mapping[str, Array]) -> dict[str, str]:
        """The asked cells to the places asked."""
        return {cell: self.places.text(float(values[cell][0])) for cell in self.exercise.asked}


def by_cell(program: Program, values: Mapping[str, Array]) -> dict[str, Array]:
    """One array (V,) for each cell."""
    cells: dict[str, Array] = {}
    for name, array in values.items():
        rows = np.asarray(array).reshape(-1, array.shape[-1])
        cells |= dict(zip(cell_ids(name, program.shapes[name]), rows, strict=True))
    return cells


def read_fixture(path: Path) -> Fixture:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Fixture(name=path.stem, **{key: tuple(value) if key == "sites" else value for key, value in table.items()})


def fixtures() -> list[Fixture]:
    return [read_fixture(path) for path in sorted(FIXTURES.glob("*.toml"))]


def page() -> str:
    """The whole page."""
    shown = fixtures()
    blocks = [HEAD]
    for title, rows in (("Rules", CATALOGUE), ("Slips of the pen", SLIPS)):
        blocks.append(f"## {title}\n")
        for row in rows:
            blocks += _row(row, [fixture for fixture in shown if fixture.code == row.code])
    return "\n".join(blocks)


def _row(row: Misconception | Slip, shown: list[Fixture]) -> Iterator[str]:
    yield f"### {row.code}\n"
    if isinstance(row, Misconception) and row.kind is Kind.CONVENTION:
        yield "*A convention: the teacher's policy judges it.*\n"
    yield f"> {row.sentence}\n"
    yield f"Seen: {row.seen_at}\n"
    for fixture in shown:
        yield from _shown(fixture)


def _shown(fixture: Fixture) -> Iterator[str]:
    yield f"A student {fixture.story}:\n"
    yield f"```toml\n{fixture.sheet.strip()}\n```\n"
    if fixture.line:
        yield f"One of the lines: `{fixture.line}`\n"
    notation = notation_for(fixture.exercise.notation, fixture.program)
    yield "| cell | symbol | right | written |\n|---|---|---|---|"
    key = fixture.written(fixture.right)
    differing = [cell for cell, text in fixture.answers.items() if text != key[cell]]
    for cell in differing[:MOST_CELLS]:
        yield f"| `{_plain(cell)}` | {_plain(notation.text(cell))} | {key[cell]} | {fixture.answers[cell]} |"
    if len(differing) > MOST_CELLS:
        yield f"\n… and {len(differing) - MOST_CELLS} more."
    yield f"\nSaid: {fixture.says}\n"


def _plain(text: str) -> str:
    """Text for a table's cell."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(page(), end="")
