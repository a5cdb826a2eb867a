"""Room: grader. A class in one table, whose columns are told apart by whoever knows the roster and the cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.submissions.answers import Answer, Rejected, Submission, refuse_lengths
from grader.submissions.delimited import WideRow, wide_columns, wide_row
from grader.submissions.workbook import WIDEST, read_sheets


@dataclass(frozen=True, slots=True)
class ClassTable:
    """A table with a row for each hand-in, as it was written."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[WideRow, ...]


def row_answers(table: str, row: WideRow, columns: Iterable[tuple[int, str]]) -> Submission:
    """What a row holds in some columns, each a place and the id of a cell. Raises Rejected."""
    try:
        if row.misfit is not None:
            raise row.misfit
        answers = tuple(Answer(name, row.texts[at], f"line {row.line}") for at, name in columns)
        for answer in answers:
            refuse_lengths(answer)
    except Rejected as trouble:
        raise trouble.at(table) from None
    return Submission(answers)


def read_sheet_of_class(data: bytes) -> tuple[tuple[str, ...], tuple[WideRow, ...]]:
    """The first sheet of a workbook, as ``read_wide`` gives a CSV. Raises Rejected."""
    sheet = next(read_sheets(data), None)
    if sheet is None or not sheet.rows:
        raise Rejected("empty")
    head, *rows = sorted(sheet.rows)
    columns = wide_columns(_filled(sheet.rows[head].items()))
    if len(columns) >= WIDEST:  # what stands further right isn't read, and must not be lost
        raise Rejected("not-a-workbook", detail=f"{WIDEST} columns or more")
    return columns, tuple(wide_row(at, _filled(sheet.rows[at].items(), len(columns)), columns) for at in rows)


def _filled(cells: Iterable[tuple[int, str]], least: int = 0) -> list[str]:
    by_column = dict(cells)
    return [by_column.get(at, "") for at in range(1, max(least, *by_column) + 1)]
