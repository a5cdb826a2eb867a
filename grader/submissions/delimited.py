"""Room: grader. CSV hand-ins: one cell a row (``id,value``), or a class with one student a row."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from exercises.errors import InputError
from exercises.names import split_id_and_value
from grader.submissions.answers import (
    LONGEST_TEXT,
    Answer,
    Rejected,
    Submission,
    answer_columns,
    cell_key,
    cleaned,
    refuse_lengths,
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


def read_wide(text: str) -> Iterator[tuple[str, int, Submission | Rejected]]:
    """Student, line and submission of each row; the heading's first column is the student's id, the others cells.

    A row that doesn't fit the heading is Rejected for its student.
    """
    with _fields_of_any_length():
        yield from _wide_rows(text, _separator(text.split("\n", 1)[0]))


def _wide_rows(text: str, separator: str) -> Iterator[tuple[str, int, Submission | Rejected]]:
    records = _records(text, separator)
    _, names = next(records)
    ids = _cell_columns(_rejoined(names, separator))
    for line, fields in records:
        if not any(field.strip() for field in fields):
            continue
        place = f"line {line}"
        student = cleaned(fields[0])
        if not student:
            raise Rejected("no-student", place)
        try:
            _, *texts = _fitted(fields, len(ids) + 1, place)
        except Rejected as trouble:
            yield student, line, trouble
            continue
        yield student, line, _whole(Answer(name, cleaned(text), place) for name, text in zip(ids, texts, strict=True))


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """The csv module would stop the whole class at one student's essay; the text is in memory already."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _whole(found: Iterable[Answer]) -> Submission | Rejected:
    answers = tuple(found)
    try:
        for answer in answers:
            refuse_lengths(answer)
    except Rejected as trouble:
        return trouble
    return Submission(answers)


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


def _cell_columns(names: list[str]) -> list[str]:
    ids = [cleaned(name) for name in names[1:]]
    while ids and not ids[-1]:
        ids.pop()
    if not ids:
        raise Rejected("no-answers", "line 1", "a heading of the student's id and the ids of cells")
    seen: dict[str, str] = {}
    for name in ids:
        if not name:
            raise Rejected("no-id", "line 1")
        if (key := cell_key(name)) in seen:
            raise Rejected("duplicate-id", "line 1", f"two columns for {shortened(name)}")
        seen[key] = name
    return ids


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
