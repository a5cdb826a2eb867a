"""Room: gradsheet. Canvas: "Student Analysis" of a classic quiz, a column of answers and one of points a question.

name,id,sis_id,section,section_id,section_sis_id,submitted,attempt,"83: to 3 decimals gs-4f1c09ab7e.1",1.0,…,n correct,
n incorrect,score
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from exercises.errors import InputError
from gradsheet.responses import Exported, Response, Table, Taken, references, share, unknown_code
from templates.export.canvas import power_of
from templates.export.decimals import written
from templates.export.item import ItemSet
from templates.export.reference import referred

NAME = "Canvas"

_QUESTION = re.compile(r"\s*[0-9]+:")
_PLAIN = re.compile(r"\s*[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?\s*")


@dataclass(frozen=True, slots=True)
class _Column:
    """A question of ours: where its answers stand (its points beside them), its item and cell, its power of ten."""

    at: int
    item: int
    cell: str
    power: int


def is_canvas(table: Table) -> bool:
    """Whether the heading is that of a student analysis."""
    return table.column("n correct") is not None and table.column("n incorrect") is not None


def read_canvas(table: Table, items: ItemSet) -> Exported:
    """The attempts of a student analysis; InputError where its questions aren't those of the set."""
    questions = [at for at, title in enumerate(table.heading) if _QUESTION.match(title)]
    columns = _columns(table, questions, items)
    score = table.column("score")
    full = sum((_points(table.heading[at + 1]) for at in questions), Fraction(0))
    taken = tuple(
        Taken(
            *_who(table, row),
            attempt=_text(table, row, "attempt"),
            responses=_responses(row, columns),
            reported=None if score is None else share(row[score], full),
        )
        for _, row in table.rows
    )
    return Exported(NAME, taken, (), 0)


def _columns(table: Table, questions: Sequence[int], items: ItemSet) -> list[_Column]:
    known = references(items)
    found = []
    for at in questions:
        code = referred(table.heading[at])
        if code is None or not code[1]:
            continue  # the text before the questions, or a question that isn't ours
        place, cell = known.get(code[0]), code[1]
        if place is None or cell > len(items.items[place].cells):
            raise unknown_code(code[0], items, f"{table.where}, line 1")
        asked = items.items[place].cells[cell - 1]
        found.append(_Column(at, place, asked.id, power_of(asked)))
    if not found:
        raise InputError(
            "none of its questions has a code such as gs-4f1c09ab7e.1, by which responses find their cells; export the "
            "set again, since older exports have no codes",
            where=f"{table.where}, line 1",
        )
    return found


def _points(text: str) -> Fraction:
    return share(text, Fraction(1)) or Fraction(0)


def _who(table: Table, row: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
    name = _text(table, row, "name")
    ids = tuple(filter(None, (_text(table, row, "sis_id"), _text(table, row, "id"))))
    return (name or next(iter(ids), "nobody")), ids, name


def _text(table: Table, row: Sequence[str], column: str) -> str:
    at = table.column(column)
    return "" if at is None else row[at].strip()


def _responses(row: Sequence[str], columns: Sequence[_Column]) -> tuple[Response, ...]:
    by_item: dict[int, tuple[dict[str, str], dict[str, Fraction]]] = {}
    for column in columns:
        texts, marks = by_item.setdefault(column.item, ({}, {}))
        texts[column.cell] = _unscaled(row[column.at], column.power)
        if (points := share(row[column.at + 1], Fraction(1))) is not None:
            marks[column.cell] = points
    # Of several sets of numbers in one quiz a student has answered some; an attempt has an empty cell for the others.
    return tuple(Response(item, *found) for item, found in by_item.items() if _answered(*found))


def _answered(texts: Mapping[str, str], marks: Mapping[str, Fraction]) -> bool:
    return bool(marks) or any(texts.values())


def _unscaled(text: str, power: int) -> str:
    """What was typed, brought back from its power of ten; a text that is no plain number stays as it is."""
    plain = text.strip()
    if not power or not _PLAIN.fullmatch(plain):
        return plain
    return written(Decimal(plain).scaleb(-power))
