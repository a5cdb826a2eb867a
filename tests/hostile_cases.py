"""Hand-ins that nobody should make: the tables of tests/hostile/, and the bytes that each of their rows stands for.

A row says ``what`` it is, and gives the input in one of these forms:

    text, before, times, after      a text file; ``text`` is repeated, {} in it counted where it is ``numbered``
    pieces                          the same of any number of repeated pieces
    hex                             bytes
    source                          the answer cell of a notebook
    members, damage                 a zip archive, an array file or a workbook, and what is done to it
    rows, parts                     a workbook with these rows of XML in its sheet
    folder                          a folder of hand-ins, by name; "-> target" is a link
    identity, roster, output        an id of a roster; a roster; a text that goes into a table of ours

What must come of it: ``code`` and ``place`` of the rejection, or what each student's hand-in comes to (``students``),
or the cells that are read (``reads``) and why they are no numbers (``unreadable``).
"""

from __future__ import annotations

import io
import json
import struct
import tomllib
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "hostile"

Case = dict[str, Any]

_LISTED, _LOCAL = 46, 30
"""Bytes before a member's name, in the archive's list and at the member itself."""


def cases() -> Iterator[tuple[str, Case]]:
    """Every row, with the title of its table."""
    for path in sorted(TABLES.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in table["case"]:
            yield table["title"], case


def content(case: Case) -> bytes:
    """The bytes of the file that a row stands for."""
    if "members" in case:
        return _damaged(_archive(case), case.get("damage", ""))
    if "rows" in case:
        given = {
            name: part if isinstance(part, str) else repeated(part) for name, part in case.get("parts", {}).items()
        }
        parts = minimal_workbook(repeated(case | {"text": case["rows"]}), **given)
        return _archive({"members": [{"name": name, "text": text} for name, text in parts.items()]})
    if "source" in case:
        return _notebook(repeated(case | {"text": case["source"]})).encode()
    if "hex" in case:
        return bytes.fromhex(case["hex"]) * case.get("times", 1)
    return repeated(case).encode()


def repeated(case: Case) -> str:
    if "pieces" in case:
        return "".join(text * times for text, times in case["pieces"])
    text, times = case["text"], case.get("times", 1)
    middle = "".join(text.format(number) for number in range(times)) if case.get("numbered") else text * times
    return str(case.get("before", "") + middle + case.get("after", ""))


def _notebook(source: str) -> str:
    cell = {"cell_type": "code", "metadata": {"tags": ["answers"]}, "source": source}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def _archive(case: Case) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one name twice is what some rows are about
        for member in case["members"]:
            data = _array(member) if "header" in member else content(member)
            for number in range(member.get("copies", 1)):
                info = zipfile.ZipInfo(member["name"].format(number) * member.get("name_times", 1))
                info.compress_type = zipfile.ZIP_DEFLATED
                if member.get("link"):
                    info.create_system, info.external_attr = 3, 0o120777 << 16
                archive.writestr(info, data)
    return stream.getvalue()


def _array(member: Case) -> bytes:
    header = member["header"].encode() * member.get("times", 1)
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes.fromhex(member.get("data", ""))


# What is written where: offsets in the first entry of the archive's list, then in the first member, and the bytes.
_PATCHES: dict[str, tuple[tuple[int, ...], tuple[int, ...], bytes]] = {
    "checksum": ((16,), (14,), b"\xff\x00\xff\x00"),
    "password": ((8,), (6,), b"\x01"),
    "packing": ((10,), (), b"\x61"),
    "small": ((24,), (), (10).to_bytes(4, "little")),  # the list says that the member unpacks to 10 bytes
    "huge": ((24,), (), (0xFFFF_FFF0).to_bytes(4, "little")),  # … to 4 GB
    "renamed": ((_LISTED,), (), b"e"),  # the list has another name than the member itself
    "nameless": ((_LISTED,), (_LOCAL,), b"\0"),  # a name ends at a zero byte
}


def _damaged(data: bytes, damage: str) -> bytes:
    """The archive after something was done to its first member, or to all of it."""
    if damage == "cut":
        return data[:-30]
    entry = data.index(b"PK\x01\x02") if damage else 0
    if damage == "overlap":
        return _overlapping(data, entry)
    listed, local, patch = _PATCHES[damage] if damage else ((), (), b"")
    changed = bytearray(data)
    for place in (*(entry + offset for offset in listed), *local):
        changed[place : place + len(patch)] = patch
    return bytes(changed)


def _overlapping(data: bytes, entry: int) -> bytes:
    """The archive with a hundred entries in its list that all stand for its one member."""
    end = data.index(b"PK\x05\x06")
    listed = data[entry:end]
    name = listed[_LISTED:]
    copies = b"".join(
        listed[:_LISTED] + (b"%02d" % number + name[2:] if len(name) > 2 else name) for number in range(100)
    )
    return data[:entry] + copies + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 100, 100, len(copies), entry, 0)


_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def minimal_workbook(rows: str, **parts: str) -> dict[str, str]:
    """The least that is a workbook, part by part, with these rows; ``parts`` replace others."""
    relations = f'<Relationships xmlns="{_PACKAGE}">{{}}</Relationships>'
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>'
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    targets = {
        "r1": ("worksheet", "sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml"), "r3": ("styles", "styles.xml"),
    }  # fmt: skip
    related = "".join(
        f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return {
        "_rels/.rels": relations.format(
            f'<Relationship Id="r" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/_rels/workbook.xml.rels": relations.format(parts.get("related", related)),
        "xl/workbook.xml": parts.get("book", book),
        "xl/sharedStrings.xml": parts.get("strings", f'<sst xmlns="{_MAIN}"/>'),
        "xl/styles.xml": parts.get("styles", f'<styleSheet xmlns="{_MAIN}"/>'),
        "xl/sheet1.xml": parts.get("sheet", sheet),
    }
