"""Room: grader. The answer cell of a Jupyter notebook, read as a literal and never run.

The cell is one tagged ``answers``; else a code cell whose first line is the comment ``# answers``; else a Markdown
cell with an answer table. Code is ``answers = {"z1[1]": 0.35, "dJ/dW1": [[…], […]]}``: values that are no plain number,
text or list stay text, so that the cell is unreadable with a reason and the rest is marked.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from grader.submissions.answers import Answer, Rejected, shortened, spread
from grader.submissions.json_answers import parsed
from grader.submissions.markdown_table import read_markdown

LONGEST_CELL = 200_000
"""Characters of an answer cell: ten times a hundred answers of a hundred characters, and quick to parse."""

LONGEST_TOGETHER = 1_000_000
"""Characters of all cells that may hold answers."""

_TAG = "answers"
_COMMENT = re.compile(r"\s*#+\s*answers\b", re.IGNORECASE)
_EXPECTED = "a cell tagged answers, a code cell that starts with # answers, or an answer table"


def read_notebook(text: str) -> Iterator[Answer]:
    """Answers of the notebook's answer cells; places count cells from 1. Raises Rejected."""
    for number, kind, source in _answer_cells(_cells(parsed(text))):
        place = f"cell {number}"
        if len(source) > LONGEST_CELL:
            raise Rejected("too-large", place, f"{LONGEST_CELL:,} characters")
        try:
            for answer in read_markdown(source) if kind == "markdown" else _read_code(source):
                yield Answer(answer.id_text, answer.text, f"{place}, {answer.place}")
        except Rejected as trouble:
            raise trouble.at(place) from None


_Cell = tuple[int, str, str]


def _cells(document: object) -> list[tuple[_Cell, bool]]:
    """Number, kind and source of the cells, each with whether it is tagged."""
    listed = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise Rejected("not-a-mapping", detail="a Jupyter notebook of version 4 with a list of cells")
    cells = []
    for number, cell in enumerate(listed, start=1):
        if isinstance(cell, dict):
            metadata = cell.get("metadata")
            tags = metadata.get("tags") if isinstance(metadata, dict) else None
            tagged = isinstance(tags, list) and _TAG in tags
            cells.append(((number, str(cell.get("cell_type")), _source(cell.get("source"))), tagged))
    return cells


def _source(written: object) -> str:
    parts = written if isinstance(written, list) else [written]
    text = "".join(part for part in parts if isinstance(part, str)).replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()  # JSON can hold half a character


def _answer_cells(cells: list[tuple[_Cell, bool]]) -> list[_Cell]:
    readable = [(cell, tagged) for cell, tagged in cells if cell[1] in ("code", "markdown")]
    found = [cell for cell, tagged in readable if tagged]
    found = found or [cell for cell, _ in readable if cell[1] == "code" and _COMMENT.match(cell[2])]
    found = found or [cell for cell, _ in readable if cell[1] == "markdown" and "|" in cell[2]]
    if sum(len(source) for _, _, source in found) > LONGEST_TOGETHER:
        raise Rejected("too-large", detail=f"{LONGEST_TOGETHER:,} characters in cells that may hold answers")
    found = [cell for cell in found if cell[1] == "code" or _has_table(cell[2])]
    if not found:
        raise Rejected("no-answers", detail=_EXPECTED)
    return found


def _has_table(source: str) -> bool:
    try:
        return next(read_markdown(source), None) is not None
    except Rejected as trouble:
        return trouble.code != "no-answers"


def _read_code(source: str) -> Iterator[Answer]:
    lines = source.encode().split(b"\n")
    for mapping in _mappings(source):
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            place = f"line {value.lineno}"
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise Rejected("notebook-code", place, "a key that is no quoted id")
            yield from spread(key.value, _value(value, lines, place), place)


def _mappings(source: str) -> Iterator[ast.Dict]:
    for statement in _statements(source):
        match statement:
            case ast.Assign(targets=[ast.Name(id="answers")], value=ast.Dict() as mapping):
                yield mapping
            case ast.Expr(value=ast.Dict() as mapping):
                yield mapping
            case _:
                raise Rejected("notebook-code", f"line {statement.lineno}", "a statement that is no list of answers")


def _statements(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of the student's style is no matter here
            return ast.parse(source, filename="").body  # for a message, Python looks for a file of the name given here
    except SyntaxError as trouble:
        raise Rejected("notebook-code", f"line {trouble.lineno or 1}", "this is not Python") from None
    except (ValueError, RecursionError, MemoryError):  # zero bytes; nesting beyond what the parser takes
        raise Rejected("notebook-code", detail="this is too tangled to read") from None


def _value(node: ast.expr, lines: list[bytes], place: str) -> object:
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element, lines, place) for element in elements]
        case ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=None):
            return ""
        case ast.Dict():
            raise Rejected("not-a-value", place)
    return _as_written(node, lines)


def _as_written(node: ast.expr, lines: list[bytes]) -> str:
    """The source of an expression; the parser counts columns in bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    if first == last:
        return lines[first][node.col_offset : node.end_col_offset].decode("utf-8", "replace")
    return shortened(lines[first][node.col_offset :].decode("utf-8", "replace") + " …")
