"""Room: grader. The Markdown sheet with its answer table filled in, by hand or by an editor that tidies tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.submissions.answers import Answer, Rejected, answer_columns, cleaned

_PARTING = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\s*:?-+:?\s*")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_WRAPPED = re.compile(r"(\*\*|__|\*|`{1,3}|\$)(.+)\1", re.DOTALL)
_LONGEST_ROW = 2_000
"""Characters; a longer line is a picture pasted into the sheet, which is passed over, unless it stands in a table."""


@dataclass(frozen=True, slots=True)
class _Table:
    columns: int
    id_column: int
    answer_column: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def answers(self) -> Iterator[Answer]:
        for line, cells in self.rows:
            if len(cells) > self.columns:
                raise Rejected("ragged-table", f"line {line}", f"expected {self.columns}, found {len(cells)}")
            full = cells + ("",) * (self.columns - len(cells))
            yield Answer(_plain(full[self.id_column]), _plain(full[self.answer_column]), f"line {line}")


def read_markdown(text: str) -> Iterator[Answer]:
    """Answers of every table with a column for ids and one for answers; "answer" columns win over "value" ones.

    A sheet also lists the given numbers, under "value" perhaps: such tables count only where none asks for answers.
    """
    tables = list(_tables(text))
    if not tables:
        raise Rejected("no-answers", detail="a table with the columns id and answer")
    best = min(_preference(answer) for _, answer in tables)
    for table, answer in tables:
        if _preference(answer) == best:
            yield from table.answers()


def _preference(answer_name: str) -> bool:
    return "answer" not in answer_name


def _tables(text: str) -> Iterator[tuple[_Table, str]]:
    lines = _outside_fences(text)
    start = 0
    while start < len(lines):
        names = _cells(lines[start][1])
        if len(names) > 1 and start + 1 < len(lines) and _is_rule(lines[start + 1][1]):
            end = start + 2
            while end < len(lines) and "|" in lines[end][1]:
                end += 1
            yield from _answer_table(names, lines[start + 2 : end])
            start = end
        else:
            start += 1


def _answer_table(cells: tuple[str, ...], lines: list[tuple[int, str]]) -> Iterator[tuple[_Table, str]]:
    names = [_plain(cell).lower() for cell in cells]
    if columns := answer_columns(names):
        rows = tuple((number, _row(number, line)) for number, line in lines)
        yield _Table(len(names), *columns, rows), names[columns[1]]


def _row(number: int, line: str) -> tuple[str, ...]:
    if len(line) > _LONGEST_ROW:
        raise Rejected("long-text", f"line {number}", f"{_LONGEST_ROW:,}")
    return _cells(line)


def _outside_fences(text: str) -> list[tuple[int, str]]:
    kept: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            kept.append((number, line[: _LONGEST_ROW + 1]))
    return kept


def _is_rule(line: str) -> bool:
    cells = _cells(line)
    return bool(cells) and all(_RULE.fullmatch(cell) for cell in cells)


def _cells(line: str) -> tuple[str, ...]:
    bare = line.strip()
    if "|" not in bare:
        return ()
    cells = _PARTING.split(bare)
    first = 1 if not cells[0].strip() else 0
    last = len(cells) - 1 if len(cells) > 1 and not cells[-1].strip() else len(cells)
    return tuple(cells[first:last])


def _plain(cell: str) -> str:
    """What the reader of the printed sheet would see: without code marks, emphasis, escapes and entities."""
    text = cell.replace("\\|", "|").strip()
    while wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[2].strip()
        if wrapped[1].startswith("`"):
            return cleaned(text)
    return cleaned(html.unescape(_ESCAPED.sub(r"\1", text)))
