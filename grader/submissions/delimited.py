"""Room: grader. CSV hand-ins: one cell a row (``id,value``), or a class in one table."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from exercises.errors import InputError
from exercises.names import split_id_and_value
from grader.submissions.answers import (
    LONGEST_TEXT,
    Answer,
    Rejected,
    answer_columns,
    cell_key,
    cleaned,
    shortened,
)

_LONGEST_ROW = 100_000
"""Characters of a row with one answer; the csv module itself stops at 131,072 in one field."""

_SHIELDED = re.compile(r'"[^"]*"|\[[^\[\]]*\]')


def read_tall(text: str) -> Iterator[Answer]:
    """Answers of rows ``id,value``; a heading may name further columns, rows that start with # are comments."""
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        return
    _refuse_long(first[1], f"line {first[0]}")
    heading = _heading(first[1])
    if heading is None:
        yield _by_grammar(*first)
    for number, row in rows:
        yield _by_grammar(number, row) if heading is None or heading.plain else _by_heading(number, row, heading)


@dataclass(frozen=True, slots=True)
class WideRow:
    """A row of a class's table: a text for each column; where it doesn't fit the heading, ``misfit`` says why."""

    line: int
    texts: tuple[str, ...]
    misfit: Rejected | None = None


def read_wide(text: str) -> tuple[tuple[str, ...], tuple[WideRow, ...]]:
    """A table with a row for each hand-in: the names of its columns, and the rows that hold anything.

    Which column says what is not asked here. Raises Rejected for a column that stands twice or has no name (the first
    needs none), and for quotation marks that don't close.
    """
    separator = _separator(text.split("\n", 1)[0])
    with _fields_of_any_length():
        records = _records(text, separator)
        _, names = next(records, (1, []))
        columns = wide_columns(_rejoined(names, separator))
        return columns, tuple(
            wide_row(line, fields, columns) for line, fields in records if any(map(str.strip, fields))
        )


def wide_row(line: int, fields: Sequence[str], columns: Sequence[str]) -> WideRow:
    """The row, made to fit or marked as a misfit."""
    texts = tuple(map(cleaned, fields))
    try:
        return WideRow(line, tuple(_fitted(list(texts), len(columns), f"line {line}")))
    except Rejected as trouble:
        return WideRow(line, texts, trouble)


def wide_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The names of a heading, without empty ones at its end. Raises Rejected."""
    columns = list(map(cleaned, names))
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) < 2:
        raise Rejected("no-answers", "line 1", "a heading of the student's id and the ids of cells")
    seen: set[str] = set()
    for name in columns[not columns[0] :]:
        if not name:
            raise Rejected("no-id", "line 1")
        if (key := cell_key(name)) in seen:
            raise Rejected("duplicate-id", "line 1", f"two columns for {shortened(name)}")
        seen.add(key)
    return tuple(columns)


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """The csv module would stop the whole class at one student's essay; the text is in memory already."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@dataclass(frozen=True, slots=True)
class _Heading:
    separator: str
    columns: int
    id_column: int
    answer_column: int

    @property
    def plain(self) -> bool:
        """Whether the rest of a row is the value, whatever the separator and the decimal sign."""
        return (self.columns, self.id_column) == (2, 0)


def _rows(text: str) -> Iterator[tuple[int, str]]:
    for number, row in enumerate(text.split("\n"), start=1):
        said = row.strip(" \t,;")
        if said and not said.startswith("#") and not (number == 1 and said.lower().startswith("sep=")):
            yield number, row


def _heading(row: str) -> _Heading | None:
    separator = _separator(row)
    try:
        names = [name.strip().lower() for name in next(csv.reader([row], delimiter=separator, strict=True))]
    except csv.Error:
        return None
    while names and not names[-1]:
        names.pop()
    columns = answer_columns(names)
    return _Heading(separator, len(names), *columns) if columns else None


def _by_grammar(number: int, row: str) -> Answer:
    place = f"line {number}"
    _refuse_long(row, place)
    try:
        id_text, value = split_id_and_value(row)
    except InputError as trouble:
        raise Rejected("row", place, cleaned(trouble.message)) from None
    return Answer(cleaned(id_text), cleaned(value), place)


def _refuse_long(row: str, place: str) -> None:
    if len(row) > _LONGEST_ROW:
        raise Rejected("long-text", place, f"{LONGEST_TEXT:,}")


def _by_heading(number: int, row: str, heading: _Heading) -> Answer:
    place = f"line {number}"
    _refuse_long(row, place)
    try:
        fields = next(csv.reader([row], delimiter=heading.separator, strict=True, skipinitialspace=True))
    except csv.Error:
        raise Rejected("row", place, f"quotation marks do not fit in {shortened(row)}; close each one") from None
    fitted = _fitted(_rejoined(fields, heading.separator), heading.columns, place)
    return Answer(cleaned(fitted[heading.id_column]), cleaned(fitted[heading.answer_column]), place)


def _separator(row: str) -> str:
    """The separator of a heading: the rarer sign wins, since commas also stand in ids and numbers."""
    bare = _SHIELDED.sub("", row)
    return next((sign for sign in "\t;" if sign in bare), ",")


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error:
        trouble = "a quotation mark is opened and not closed, or closed in the middle; write each quoted field whole"
        raise Rejected("row", f"line {line}", trouble) from None


def _fitted(fields: list[str], columns: int, place: str) -> list[str]:
    while len(fields) > columns and not fields[-1].strip():
        fields = fields[:-1]
    if len(fields) != columns:
        raise Rejected("columns", place, f"expected {columns}, found {len(fields)}")
    return fields


def _rejoined(fields: list[str], separator: str) -> list[str]:
    """Fields with those put together again that the comma of an unquoted ``W1[1,2]`` had parted."""
    joined: list[str] = []
    for field in fields:
        if joined and joined[-1].count("[") > joined[-1].count("]"):
            joined[-1] += separator + field
        else:
            joined.append(field)
    return joined
