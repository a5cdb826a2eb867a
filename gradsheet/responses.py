"""Room: gradsheet. What a platform exported of its responses, whichever platform: who answered what, and its marks.

The two readers (``responses_moodle``, ``responses_canvas``) bring a file into this shape. Which question a response is
to is told by the code in the question's text; where a file doesn't say, it is refused, and nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exercises.errors import InputError
from grader.submissions.decoding import decoded
from templates.export.item import Item, ItemSet
from templates.export.reference import reference

MOST_ROWS = 100_000

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered to one item (its place in the set): by cell the text, and the platform's marks.

    A cell of which the platform tells no marks is absent from ``marks``.
    """

    item: int
    texts: Mapping[str, str]
    marks: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Taken:
    """One row: a student's attempt. ``ids`` and ``name`` are what the platform knows them by.

    ``reported`` is the share of the full mark that the platform reports for the attempt; None where it doesn't.
    """

    shown: str
    ids: tuple[str, ...]
    name: str
    attempt: str
    responses: tuple[Response, ...]
    reported: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A file read: the attempts that can be marked, rows set aside with why, and how many questions aren't ours."""

    platform: str
    taken: tuple[Taken, ...]
    aside: tuple[str, ...]
    foreign: int


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV: its heading, and its rows with the line each begins in; rows are as long as the heading."""

    where: str
    heading: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[str, ...]]]

    def column(self, *names: str) -> int | None:
        """The first column that is called one of these, in any case."""
        titles = [title.strip().casefold() for title in self.heading]
        return next((titles.index(name) for name in names if name in titles), None)


def read_table(where: str, data: bytes) -> Table:
    """Read a CSV whose cells hold lines of text; InputError with the line where it is none."""
    if not data:
        raise InputError("the file is empty; download it again", where=where)
    text = decoded(data)
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    heading: tuple[str, ...] = ()
    line = 1
    try:
        for cells in reader:
            if not heading:
                heading = tuple(cells)
            elif any(cell.strip() for cell in cells):
                rows.append((line, _fitted(cells, heading, f"{where}, line {line}")))
            line = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise InputError(f"more than {MOST_ROWS:,} rows; split the file", where=where)
    except csv.Error as error:
        raise InputError(f"this is no CSV ({error}); download it again", where=f"{where}, line {line}") from error
    return Table(where, heading, rows)


def _fitted(cells: Sequence[str], heading: Sequence[str], where: str) -> tuple[str, ...]:
    if len(cells) > len(heading) and any(cell.strip() for cell in cells[len(heading) :]):
        raise InputError(
            f"{len(cells)} cells where the heading has {len(heading)}; download the file again", where=where
        )
    return tuple([*cells, *[""] * len(heading)][: len(heading)])


def references(items: ItemSet) -> dict[str, int]:
    """The place of each item in the set, by its code."""
    return {reference(items, item): place for place, item in enumerate(items.items)}


def unknown_code(code: str, items: ItemSet, where: str) -> InputError:
    """A question of an export with other numbers than these."""
    count = max(len([item for item in items.items if item.exercise == each.exercise]) for each in items.items)
    return InputError(
        f"the question {code} has other numbers than this set with {_variants(count)}; name the set or specification "
        "that was exported, and as many --variants as then",
        where=where,
    )


def _variants(count: int) -> str:
    return "1 variant" if count == 1 else f"{count} variants"


def share(text: str, full: Fraction) -> Fraction | None:
    """A grade as a share of the full one; None where none is told."""
    plain = text.strip()
    return Fraction(plain.replace(",", ".")) / full if full and _NUMBER.fullmatch(plain) else None


def named(item: Item, several: bool) -> str:
    """The item as a teacher calls it."""
    parts = [f"exercise {item.exercise}" if several else "", item.label]
    return ", ".join(part for part in parts if part)
