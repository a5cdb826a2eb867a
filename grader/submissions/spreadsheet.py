"""Room: grader. Spreadsheet hand-ins (.xlsx): the answer form filled in, or a column of ids and one of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.submissions.answers import Answer, Rejected, answer_columns
from grader.submissions.workbook import Sheet, cell_name, read_sheets

MOST_CHARACTERS = 1_000_000
"""Of all ids and answers together. A workbook stores a text once that stands in many cells, which can add up."""

_HEADING_WITHIN = 50
"""Rows of a sheet in which its heading is looked for; a title and some instructions may come first."""

_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: Sheet
    heading: int
    id_column: int
    answer_column: int
    asks: bool

    def answers(self, place: str) -> Iterator[Answer]:
        for number, row in self.sheet.rows.items():
            id_text = row.get(self.id_column, "")
            text = row.get(self.answer_column, "")
            if number > self.heading and (id_text or text) and not id_text.startswith("#"):
                yield Answer(id_text, text, place + cell_name(self.answer_column, number))


def read_spreadsheet(data: bytes) -> Iterator[Answer]:
    """Answers of every sheet with a column for ids and one for answers; "answer" columns win over "value" ones.

    Where no sheet has such a heading, the first two columns of the first sheet that holds anything are ids and values.
    Places are cells (``cell B4``). Raises Rejected.
    """
    sheets = [sheet for sheet in read_sheets(data) if sheet.rows]
    tables = [table for sheet in sheets if (table := _table(sheet)) is not None]
    best = any(table.asks for table in tables)
    chosen = [table for table in tables if table.asks == best] or [_Table(sheet, 0, 1, 2, True) for sheet in sheets[:1]]
    room = MOST_CHARACTERS
    for table in chosen:
        place = "cell " if len(sheets) == 1 else f"sheet {table.sheet.name[:_LONGEST_HEADING]}, cell "
        for answer in table.answers(place):
            room -= len(answer.id_text) + len(answer.text)
            if room < 0:
                raise Rejected("too-large", answer.place, f"{MOST_CHARACTERS:,} characters")
            yield answer


def _table(sheet: Sheet) -> _Table | None:
    for number, row in list(sheet.rows.items())[:_HEADING_WITHIN]:
        names = _names(row)
        if columns := answer_columns(list(names)):
            id_column, answer_column = (list(names.values())[column] for column in columns)
            return _Table(sheet, number, id_column, answer_column, "answer" in list(names)[columns[1]])
    return None


def _names(row: Mapping[int, str]) -> dict[str, int]:
    """Column by what its heading says."""
    names: dict[str, int] = {}
    for column, text in row.items():
        names.setdefault(text[: _LONGEST_HEADING + 1].lower(), column)
    return names
