"""Room: grader. Excel workbooks (.xlsx) to rows of text as the sheet shows them; nothing is worked out or followed.

A formula counts as the result that was saved with it, as on the screen; one without a saved result is the text ``=…``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from grader.submissions.answers import Rejected, cleaned, shortened
from grader.submissions.archive import opened_hand_in, suspicious_content
from grader.submissions.markup import ignore, walk
from grader.submissions.shown import looks_of_styles, shown_number

UNPACKED_LIMIT = 8_000_000
"""Bytes of all parts that are read together; a filled answer sheet has fifty thousand."""

MOST_CELLS = 200_000
"""Cells of one sheet that hold something."""

WIDEST = 200
"""Columns that are looked at."""

_ROOT_RELATIONS = "_rels/.rels"
_DOCUMENT = "/officeDocument"
_CELL_NAME = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: by row number, by column number from 1, the texts of the cells that hold any, in the sheet's order."""

    name: str
    rows: Mapping[int, Mapping[int, str]]


def read_sheets(data: bytes) -> Iterator[Sheet]:
    """The sheets that are shown, in the workbook's order. Raises Rejected."""
    with opened_hand_in(data) as archive:
        parts = {member.filename: member for member in archive.infolist()}
        if len(parts) < len(archive.infolist()):
            raise Rejected("not-a-workbook", detail="two of its parts have one name")
        left = UNPACKED_LIMIT

        def part(name: str) -> bytes:
            nonlocal left
            if name not in parts:
                raise Rejected("not-a-workbook", detail=f"its part {shortened(name)} is missing")
            content = suspicious_content(archive, parts[name], left)
            left -= len(content)
            return content

        yield from _sheets(part)


_Part = Callable[[str], bytes]


def _sheets(part: _Part) -> Iterator[Sheet]:
    main = next(iter(_relations(part, _ROOT_RELATIONS, _DOCUMENT).values()), "")
    book = _book(part(main))
    related = posixpath.join(posixpath.dirname(main), "_rels", posixpath.basename(main) + ".rels")
    targets = _relations(part, related)
    strings = [text for name in _ending(targets, "sharedstrings.xml") for text in _strings(part(name))]
    looks = [look for name in _ending(targets, "styles.xml") for look in looks_of_styles(part(name))]
    for name, relation in book.sheets:
        rows = _Rows(strings, looks, book.first_day)
        walk(part(targets.get(relation, "")), rows.opened, rows.closed)
        yield Sheet(cleaned(name), rows.found)


def _ending(targets: Mapping[str, str], ending: str) -> list[str]:
    return [name for name in targets.values() if name.lower().endswith(ending)][:1]


def _relations(part: _Part, name: str, kind: str = "") -> dict[str, str]:
    """Names of parts by relation; what lies outside the file is left out."""
    base = posixpath.dirname(posixpath.dirname(name))
    found: dict[str, str] = {}

    def opened(element: str, attributes: Mapping[str, str]) -> None:
        inside = element == "Relationship" and attributes.get("TargetMode") != "External"
        if inside and attributes.get("Type", "").endswith(kind):
            target = posixpath.normpath(posixpath.join("/", base, attributes.get("Target", "")))
            found[attributes.get("Id", "")] = target.lstrip("/")

    walk(part(name), opened, ignore)
    return found


@dataclass(slots=True)
class _Book:
    sheets: list[tuple[str, str]] = field(default_factory=list)
    first_day: datetime = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no time zone


def _book(content: bytes) -> _Book:
    book = _Book()

    def opened(name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            book.first_day = datetime(1904, 1, 1)  # noqa: DTZ001
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            book.sheets.append((attributes.get("name", ""), attributes.get("id", "")))

    walk(content, opened, ignore)
    return book


def _strings(content: bytes) -> list[str]:
    """The texts that cells share, cleaned once here; how Japanese words are pronounced is left out."""
    found: list[str] = []
    pieces: list[str] = []
    aside = False

    def opened(name: str, _: Mapping[str, str]) -> None:
        nonlocal aside
        aside = aside or name == "rPh"

    def closed(name: str, text: str) -> None:
        nonlocal aside
        if name == "t" and not aside:
            pieces.append(text)
        elif name == "rPh":
            aside = False
        elif name == "si":
            found.append(cleaned("".join(pieces)))
            pieces.clear()

    walk(content, opened, closed)
    return found


class _Rows:
    """Collects the cells of one sheet while its part is walked through."""

    def __init__(self, strings: list[str], looks: list[str], first_day: datetime) -> None:
        self.found: dict[int, dict[int, str]] = {}
        self._strings, self._looks, self._first_day = strings, looks, first_day
        self._row = self._column = self._count = 0
        self._kind = self._look = self._value = ""
        self._formula: str | None = None
        self._pieces: list[str] = []

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row, self._column = _whole(attributes.get("r"), self._row + 1), 0
        elif name == "c":
            self._place(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            style = _whole(attributes.get("s"), 0)
            self._look = self._looks[style] if style < len(self._looks) else ""
            self._value, self._formula = "", None
            self._pieces.clear()

    def closed(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name == "f":
            self._formula = text
        elif name == "t":
            self._pieces.append(text)
        elif name == "c":
            self._keep(self._shown())

    def _place(self, written: str | None) -> None:
        """Where the cell is: as written, else to the right of the one before."""
        self._column += 1
        match = _CELL_NAME.fullmatch(written) if written else None
        if match:
            self._column, self._row = _column(match[1]), int(match[2])

    def _keep(self, text: str) -> None:
        if not text or self._column > WIDEST:
            return
        self._count += 1
        if self._count > MOST_CELLS:
            raise Rejected("too-many-answers", detail=f"{MOST_CELLS:,}")
        row = self.found.setdefault(self._row, {})
        if self._column in row:
            raise Rejected(
                "not-a-workbook", f"cell {cell_name(self._column, self._row)}", "the cell stands there twice"
            )
        row[self._column] = text

    def _shown(self) -> str:
        if self._formula is not None and not self._value:
            return cleaned(f"={self._formula}")
        match self._kind:
            case "s":
                index = _whole(self._value, len(self._strings))
                if index >= len(self._strings):
                    raise Rejected(
                        "not-a-workbook", f"cell {cell_name(self._column, self._row)}", "its text is missing"
                    )
                return self._strings[index]
            case "inlineStr":
                return cleaned("".join(self._pieces))
            case "b":
                return "true" if self._value.strip() == "1" else "false"
            case "n":
                return shown_number(self._value.strip(), self._look, self._first_day)
        return cleaned(self._value)


def cell_name(column: int, row: int) -> str:
    """A cell's name as the program shows it: ``B4``."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else otherwise
