"""Room: grader. Hand-ins of every format to cells of text; ids and numbers are read by others.

``read_submission`` takes one student's file, ``read_class_table`` a class in one table; many files are collected by
``grader.collecting``. Whatever can't be read is ``Rejected`` with a code and a place: per hand-in, so that a class is
marked on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from grader.submissions.answers import Answer, Rejected, Submission, cleaned, gather
from grader.submissions.archive import LARGEST_FILE, megabytes
from grader.submissions.arrays import read_arrays
from grader.submissions.class_table import ClassTable, read_sheet_of_class
from grader.submissions.decoding import decoded
from grader.submissions.delimited import read_tall, read_wide
from grader.submissions.json_answers import read_json
from grader.submissions.markdown_table import read_markdown
from grader.submissions.notebook import read_notebook
from grader.submissions.spreadsheet import read_spreadsheet
from grader.submissions.toml_answers import read_toml

__all__ = ["ENDINGS", "Answer", "ClassTable", "Rejected", "Submission", "read_class_table", "read_submission"]

LARGEST_TABLE = 1_000_000
"""Bytes of a hand-in that is a table: 20,000 answers of 50 characters, a hundred times what a person fills in."""

LARGEST_CLASS = 200_000_000
"""Bytes of a class in one table: 100,000 students with 100 answers of 20 characters."""


@dataclass(frozen=True, slots=True)
class _Format:
    read: Callable[[bytes], Iterator[Answer]]
    largest: int
    expected: str


def _read_yaml(text: str) -> Iterator[Answer]:
    from grader.submissions.yaml_answers import read_yaml  # late: PyYAML takes 20 ms to import

    return read_yaml(text)


def _table(read: Callable[[str], Iterator[Answer]], expected: str, largest: int = LARGEST_TABLE) -> _Format:
    return _Format(lambda data: read(decoded(data)), largest, expected)


_TALL = _table(read_tall, "lines such as z1[2],0.35")
_MARKDOWN = _table(read_markdown, "a table with the columns id and answer")
_YAML = _table(_read_yaml, "lines such as z1[2]: 0.35")
_FORMATS = {
    ".csv": _TALL,
    ".tsv": _TALL,
    ".json": _table(read_json, '{"answers": {"z1[1]": 0.35, ...}}'),
    ".toml": _table(read_toml, 'lines such as "z1[2]" = 0.35'),
    ".yaml": _YAML,
    ".yml": _YAML,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".xlsx": _Format(read_spreadsheet, LARGEST_FILE, "a sheet with the columns id and answer"),
    ".npz": _Format(read_arrays, LARGEST_FILE, "an array for each quantity"),
    ".ipynb": _table(read_notebook, 'answers = {"z1[1]": 0.35, ...} in the answer cell', LARGEST_FILE),
}
ENDINGS = tuple(_FORMATS)
"""The file endings that are read."""

_FOR_THE_EYE = (".pdf", ".png", ".jpg", ".jpeg", ".heic", ".gif", ".tif", ".tiff", ".webp")
"""Endings of what people read and programs guess at."""


def read_submission(name: str, data: bytes) -> Submission:
    """Read one hand-in by the ending of its file name; ``name`` also begins every place in a message.

    Two answers to one cell are Rejected unless they say the same or one is blank; so is a hand-in without answers.
    """
    ending = PurePath(name).suffix.lower()
    form = _FORMATS.get(ending)
    try:
        if ending in _FOR_THE_EYE:
            raise Rejected("for-the-eye", detail=" ".join(ENDINGS))
        if form is None:
            raise Rejected("unknown-format", detail=" ".join(ENDINGS))
        if not data:
            raise Rejected("empty")
        if len(data) > form.largest:
            raise Rejected("too-large", detail=megabytes(form.largest))
        submission = gather(form.read(data))
        if not submission.answers:
            raise Rejected("no-answers", detail=form.expected)
    except Rejected as trouble:
        raise trouble.at(cleaned(name)) from None
    return submission


def read_class_table(name: str, data: bytes) -> ClassTable:
    """Read a class from one table, CSV or the first sheet of an .xlsx: a row for each hand-in, a column for each cell.

    A row that doesn't fit the heading is marked so. Raises Rejected for what concerns all: a column that stands twice
    in the heading, quotation marks that don't close.
    """
    try:
        if len(data) > LARGEST_CLASS:
            raise Rejected("too-large", detail=megabytes(LARGEST_CLASS))
        book = PurePath(name).suffix.lower() == ".xlsx"
        return ClassTable(name, *(read_sheet_of_class(data) if book else read_wide(decoded(data))))
    except Rejected as trouble:
        raise trouble.at(name) from None
