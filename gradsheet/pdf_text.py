"""Room: gradsheet. What a PDF of ours says: its streams unpacked, its text put together, the words of its tags.

It reads what our compiler writes: objects one after another, and glyphs with a table of their characters.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj\b", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n")
_REFERENCE = rb"/%s (\d+) 0 R"
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_PAIR = re.compile(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>")
_STRING = rb"\((?:[^()\\]|\\.)*\)|<[0-9a-fA-F]*>"
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|(" + _STRING + rb")|\b(ET)\b", re.DOTALL)
_WORDS = re.compile(rb"/(?:Alt|ActualText|Title|T|E|Contents) ?(" + _STRING + rb")", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b""}


class Pdf:
    """One file: ``heads`` are its objects' dictionaries by number, ``streams`` what they hold, unpacked."""

    def __init__(self, content: bytes) -> None:
        self.heads: dict[bytes, bytes] = {}
        self.streams: dict[bytes, bytes] = {}
        for number, body in _OBJECT.findall(content):
            begun = _STREAM.search(body)
            self.heads[number] = body if begun is None else body[: begun.start()]
            if begun is not None:
                self.streams[number] = _unpacked(body[begun.end() :])

    @property
    def text(self) -> str:
        """What is printed, a line for each run of glyphs, then what the tags and the outline say."""
        pages = [self._page(head) for head in self.heads.values() if b"/Contents" in head]
        words = (word for head in self.heads.values() for word in _WORDS.findall(head))
        return "\n".join([*pages, *(_said(_literal(word)) for word in words)])

    def _page(self, head: bytes) -> str:
        stream = self.streams.get(_named(head, b"Contents"), b"")
        names = dict(_FONT.findall(self.heads.get(_named(head, b"Resources"), head)))
        fonts = {name: self._characters(self.heads.get(number, b"")) for name, number in names.items()}
        own: Mapping[bytes, str] = {}
        text: list[str] = []
        for font, string, end in _SHOWN.findall(stream):
            if font:
                own = fonts.get(font, {})
            elif end:
                text.append("\n")
            else:
                glyphs = _literal(string)
                text += [own.get(glyphs[at : at + 2], "\N{REPLACEMENT CHARACTER}") for at in range(0, len(glyphs), 2)]
        return "".join(text)

    def _characters(self, font: bytes) -> dict[bytes, str]:
        """What each glyph of a font stands for, by its two bytes."""
        table = self.streams.get(_named(font, b"ToUnicode"), b"")
        pairs = ((bytes.fromhex(glyph.decode()), _hexadecimal(text)) for glyph, text in _PAIR.findall(table))
        return {glyph: text.decode("utf-16-be", "replace") for glyph, text in pairs}


def _named(head: bytes, key: bytes) -> bytes:
    found = re.search(_REFERENCE % key, head)
    return found[1] if found else b""


def _unpacked(packed: bytes) -> bytes:
    """A stream before it was packed; one that wasn't comes as it lies there."""
    try:
        return zlib.decompressobj().decompress(packed)
    except zlib.error:
        return packed


def _literal(string: bytes) -> bytes:
    """The bytes that a string in a PDF stands for."""
    if string.startswith(b"<"):
        return _hexadecimal(string[1:-1])
    if b"\\" not in string:
        return string[1:-1]
    return _ESCAPE.sub(_meant, string[1:-1])


def _meant(escape: re.Match[bytes]) -> bytes:
    one = escape[1]
    return bytes([int(one, 8) & 255]) if one[:1].isdigit() else _LETTERS.get(one, one)


def _hexadecimal(digits: bytes) -> bytes:
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _said(text: bytes) -> str:
    return text.decode("utf-16", "replace") if text[:2] in (b"\xfe\xff", b"\xff\xfe") else text.decode("latin-1")
