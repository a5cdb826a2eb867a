"""Hand-ins that nobody should make: the tables of tests/hostile/, and the bytes that each of their rows stands for.

A row says ``what`` it is, gives the input in one of the forms below, and what must come of it:

    text, before, times, after, encoding    a text file; ``text`` is repeated
    hex                                     bytes
    source                                  the answer cell of a notebook
    members, damage                         a zip archive, an array file or a workbook, and what is done to it
    rows, parts                             a workbook with these rows of XML in its sheet
    folder                                  a folder of hand-ins, by name
    identity, output                        an id of a roster; a text that goes into a table of ours
"""

from __future__ import annotations

import io
import json
import struct
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "hostile"

Case = dict[str, Any]

_LISTED = 46
"""Bytes of an entry in an archive's list before its name."""


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
        parts = minimal_workbook(repeated(case | {"text": case["rows"]}), **case.get("parts", {}))
        return _archive({"members": [{"name": name, "text": text} for name, text in parts.items()]})
    if "source" in case:
        return _notebook(repeated(case | {"text": case["source"]})).encode()
    return _plain(case)


def repeated(case: Case) -> str:
    text: str = case["text"]
    return case.get("before", "") + text * case.get("times", 1) + case.get("after", "")


def _plain(case: Case) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"]) * case.get("times", 1)
    return repeated(case).encode(case.get("encoding", "utf-8"), "surrogatepass")


def _notebook(source: str) -> str:
    cell = {"cell_type": "code", "metadata": {"tags": ["answers"]}, "source": source}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def _archive(case: Case) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in case["members"]:
            for number in range(member.get("copies", 1)):
                info = zipfile.ZipInfo(member["name"].format(number))
                info.compress_type = zipfile.ZIP_STORED if number else zipfile.ZIP_DEFLATED
                if member.get("link"):
                    info.create_system, info.external_attr = 3, 0o120777 << 16
                archive.writestr(info, _array(member) if "header" in member else _member(member))
    return stream.getvalue()


def _member(member: Case) -> bytes:
    return content({key: value for key, value in member.items() if key not in ("name", "copies", "link")})


def _array(member: Case) -> bytes:
    header = member["header"].encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes.fromhex(member.get("data", ""))


def _damaged(data: bytes, damage: str) -> bytes:
    """The archive after something was done to its first member, or to all of it."""
    entry = data.index(b"PK\x01\x02") if b"PK\x01\x02" in data else 0
    changed = bytearray(data)
    match damage:
        case "":
            pass
        case "cut":
            del changed[-30:]
        case "checksum":
            changed[entry + 16] ^= 0xFF
            changed[14] ^= 0xFF
        case "password":
            changed[entry + 8] |= 1
            changed[6] |= 1
        case "packing":
            changed[entry + 10] = 97
        case "small":  # the list says that the member unpacks to 10 bytes
            changed[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
        case "huge":  # … to 4 GB
            changed[entry + 24 : entry + 28] = (0xFFFF_FFF0).to_bytes(4, "little")
        case "renamed":  # the list has another name than the member itself
            changed[entry + _LISTED] ^= 0x1
        case "overlap":
            return _overlapping(data, entry)
        case _:
            raise ValueError(damage)
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
    """The least that is a workbook, part by part, with these rows; ``parts`` (book, strings, sheet) replace others."""
    relations = f'<Relationships xmlns="{_PACKAGE}">{{}}</Relationships>'
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>'
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    targets = {"r1": ("worksheet", "sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml")}
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
        "xl/sheet1.xml": parts.get("sheet", sheet),
    }
