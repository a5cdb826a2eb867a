"""Room: grader. The gradebook as a spreadsheet (.xlsx): numbers are numbers in every language, and text is only text.

A workbook is a zip archive of XML; one sheet of plain cells needs no library (docs/decisions/0006-workbooks.md).
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count as counting
from itertools import islice, product
from string import ascii_uppercase
from xml.sax.saxutils import escape

from grader.gradebook import HARMFUL

TEXT_COLUMNS = frozenset({"id", "name", "status", "remark"})
"""Always text: an id such as 00123 keeps its zeros, and a name that begins with = works nothing out."""

WIDTHS = {"id": 14, "name": 24, "remark": 40}
"""Of columns, in letters; the others are as wide as spreadsheets make them."""

LONGEST = 32_767
"""Letters of a cell; spreadsheets refuse files with more."""

_TOGETHER = 500
"""Rows whose pieces are put together at a time."""

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEADING, _QUOTED = 1, 2
"""Styles: bold; and text that stays text when somebody edits it, as after an apostrophe typed before it."""


class Workbook:
    """One sheet, written row by row; rows come as lines of the gradebook's CSV."""

    def __init__(self, heading: str) -> None:
        """``heading`` is the first line of the CSV."""
        (names,) = csv.reader(io.StringIO(heading))
        self._letters = _letters(len(names))
        self._text = [name in TEXT_COLUMNS for name in names]
        self._count = 0
        self._sheet = _Packed("xl/worksheets/sheet1.xml")
        self._sheet.write(_XML + _BEGIN + _columns(names) + "<sheetData>")
        self._rows([names], heading=True)

    def add(self, lines: str) -> None:
        """Some lines of the CSV."""
        rows = list(csv.reader(io.StringIO(lines)))
        for start in range(0, len(rows), _TOGETHER):
            self._rows(rows[start : start + _TOGETHER])

    def finished(self) -> bytes:
        """The workbook; nothing can be added any more."""
        last = f"{self._letters[-1]}{self._count}"
        self._sheet.write(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
        others = [_Packed(name, _XML + text) for name, text in _PARTS.items()]
        return _archive([*others, self._sheet])

    def _rows(self, rows: Sequence[Sequence[str]], *, heading: bool = False) -> None:
        """Rows put together column by column; a cell is its letters, its row's number, and what it holds."""
        numbers = [str(self._count + 1 + at) for at in range(len(rows))]
        self._count += len(rows)
        columns: list[Sequence[str]] = [['<row r="'] * len(rows), numbers, ['">'] * len(rows)]
        for letters, text, values in zip(self._letters, self._text, zip(*rows, strict=True), strict=True):
            columns += _cells(letters, numbers, values, text=text, heading=heading)
        columns.append(["</row>"] * len(rows))
        pieces = [""] * (len(columns) * len(rows))
        for at, column in enumerate(columns):
            pieces[at :: len(columns)] = column
        self._sheet.write("".join(pieces))


def _cells(
    letters: str, numbers: Sequence[str], values: Sequence[str], *, text: bool, heading: bool
) -> Iterator[Sequence[str]]:
    """The pieces of the cells of one column; a blank has none."""
    known = {value: _held(value, text=text, heading=heading) for value in set(values)}
    begin = f'<c r="{letters}'
    if "" in known:
        yield [begin if value else "" for value in values]
        yield [number if value else "" for number, value in zip(numbers, values, strict=True)]
    else:
        yield [begin] * len(values)
        yield numbers
    yield [known[value] for value in values]


def _held(value: str, *, text: bool, heading: bool) -> str:
    """The rest of a cell after its place."""
    if not value:
        return ""
    if heading:
        return f'"{_text(value, _HEADING)}'
    return f'"{_text(value)}' if text else f'"{_number_or_text(value)}'


class _Packed:
    """A member of the archive, packed as it comes: a large class's sheet takes hundreds of megabytes."""

    def __init__(self, name: str, text: str = "") -> None:
        self.name, self.size, self.checksum = name.encode(), 0, 0
        self._packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._packed: list[bytes] = []
        self.write(text)

    def write(self, text: str) -> None:
        data = text.encode()
        self.size, self.checksum = self.size + len(data), zlib.crc32(data, self.checksum)
        self._packed.append(self._packer.compress(data))

    def packed(self) -> bytes:
        """All that was written; nothing can be any more."""
        return b"".join((*self._packed, self._packer.flush()))


_VERSION, _UNIX, _DEFLATED = 20, 3 << 8, 8
_JANUARY_1980 = 0, 1 << 5 | 1
"""Time and date of every member: the same bytes whenever it is written."""

_READABLE = 0o600 << 16
_LOCAL, _LISTED, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


def _archive(members: Sequence[_Packed]) -> bytes:
    """A zip archive of what is packed already, which the standard library would unpack and pack again."""
    parts, listed, offset = [], [], 0
    for member in members:
        data = member.packed()
        told = (_VERSION, 0, _DEFLATED, *_JANUARY_1980, member.checksum, len(data), member.size, len(member.name), 0)
        local = _LOCAL.pack(b"PK\3\4", *told) + member.name
        listed.append(_LISTED.pack(b"PK\1\2", _UNIX | _VERSION, *told, 0, 0, 0, _READABLE, offset) + member.name)
        parts += [local, data]
        offset += len(local) + len(data)
    size = sum(map(len, listed))
    return b"".join((*parts, *listed, _END.pack(b"PK\5\6", 0, 0, len(listed), len(listed), size, offset, 0)))


def workbook_of(gradebook: str) -> bytes:
    """A gradebook's CSV as a workbook."""
    heading, _, lines = gradebook.partition("\n")
    book = Workbook(heading)
    book.add(lines)
    return book.finished()


def _letters(count: int) -> list[str]:
    """A, B, …, Z, AA, AB, …"""
    endless = ("".join(some) for size in counting(1) for some in product(ascii_uppercase, repeat=size))
    return list(islice(endless, count))


@lru_cache(maxsize=10_000)
def _number_or_text(value: str) -> str:
    """The rest of a cell after its place; the same few marks stand in a class's table again and again."""
    return f"><v>{value}</v></c>" if _NUMBER.fullmatch(value) else _text(value)


def _text(value: str, style: int = 0) -> str:
    # The CSV's apostrophe is no part of the name: text is text here by its type.
    if value.startswith("'") and value[1:].startswith(HARMFUL):
        value = value[1:]
    if value.startswith(HARMFUL):
        style = style or _QUOTED
    shown = escape(_NOT_XML.sub("�", value[:LONGEST]))
    styled = f' s="{style}"' if style else ""
    return f' t="inlineStr"{styled}><is><t xml:space="preserve">{shown}</t></is></c>'


def _columns(names: Sequence[str]) -> str:
    wide = [
        f'<col min="{place}" max="{place}" width="{WIDTHS[name]}" customWidth="1"/>'
        for place, name in enumerate(names, start=1)
        if name in WIDTHS
    ]
    return f"<cols>{''.join(wide)}</cols>" if wide else ""


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_BEGIN = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane xSplit="2" ySplit="1" topLeftCell="C2" activePane="bottomRight" state="frozen"/>'
    "</sheetView></sheetViews>"
)

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Gradebook" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
