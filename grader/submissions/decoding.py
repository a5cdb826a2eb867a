"""Room: grader. Bytes of a text file to text: UTF-8, UTF-16 or, as spreadsheets still write it, Windows-1252."""

from __future__ import annotations

import codecs

from grader.submissions.answers import Rejected

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1024
"""Bytes looked at to tell UTF-16 without a mark: ids and numbers are mostly ASCII, so every other byte is zero."""

_MOSTLY = 0.35
"""Share of zero bytes in UTF-16: 0.5 in plain ASCII, less where symbols such as ∂ are written."""


_FEW = 8
"""Times more zero bytes on one side of the pairs than on the other; U+0100 and its like bring some to the wrong one."""


def decoded(data: bytes) -> str:
    """The text, without byte order mark, lines ended by ``\\n``. Raises Rejected for what is empty or no text."""
    text = _lenient(data)
    if not text.strip():
        raise Rejected("empty")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in lines:
        raise Rejected("nul-byte", f"line {lines.count(chr(10), 0, lines.index(chr(0))) + 1}")
    return lines


def _lenient(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) * _MOSTLY and min(even, odd) * _FEW <= max(even, odd):
        return _strict(data, "utf-16-le" if odd else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strict(data, "cp1252")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Rejected("not-text") from None
