"""Room: grader. The gradebook as a spreadsheet (.xlsx): numbers are numbers in every language, and text is only text.

A workbook is a zip archive of XML; one sheet of plain cells needs no library (docs/decisions/0006-workbooks.md).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
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
        # Packed as it comes, since a large class's sheet takes hundreds of megabytes; a table that is given up half-way
        # then leaves no open archive behind.
        self._packer = zlib.compressobj(1)
        self._packed: list[bytes] = []
        self._write(_XML + _BEGIN + _columns(names) + "<sheetData>")
        self._row(
            [f'<c r="{letters}1"{_text(name, _HEADING)}' for letters, name in zip(self._letters, names, strict=True)]
        )

    def add(self, lines: str) -> None:
        """Some lines of the CSV."""
        for row in csv.reader(io.StringIO(lines)):
            place = self._count + 1
            self._row(
                [
                    f'<c r="{letters}{place}"{_text(value) if text else _number_or_text(value)}'
                    for letters, value, text in zip(self._letters, row, self._text, strict=True)
                    if value
                ]
            )

    def finished(self) -> bytes:
        """The workbook; nothing can be added any more."""
        last = f"{self._letters[-1]}{self._count}"
        self._write(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
        self._packed.append(self._packer.flush())
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in _PARTS.items():
                archive.writestr(_member(name), _XML + text)
            unpacker = zlib.decompressobj()
            with archive.open(_member("xl/worksheets/sheet1.xml"), "w") as sheet:
                for piece in self._packed:
                    sheet.write(unpacker.decompress(piece))
        return file.getvalue()

    def _row(self, cells: Sequence[str]) -> None:
        self._write(f'<row r="{self._count + 1}">{"".join(cells)}</row>')
        self._count += 1

    def _write(self, text: str) -> None:
        self._packed.append(self._packer.compress(text.encode()))


def workbook_of(gradebook: str) -> bytes:
    """A gradebook's CSV as a workbook."""
    heading, _, lines = gradebook.partition("\n")
    book = Workbook(heading)
    book.add(lines)
    return book.finished()


def _member(name: str) -> zipfile.ZipInfo:
    # The same bytes whenever it is written; a date would make them differ.
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


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
