"""A PDF as its readers find it: text, tags and their alternatives, fonts. What the tests of paper share."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, ContentStream, DecodedStreamObject, DictionaryObject, IndirectObject


class Complaints(logging.Handler):
    """What the reader has to complain about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@dataclass(frozen=True)
class Paper:
    """One PDF, read strictly."""

    content: bytes

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.content), strict=True)

    @cached_property
    def pages(self) -> list[str]:
        return [page.extract_text() for page in self.reader.pages]

    @cached_property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def root(self) -> Any:
        return self.reader.trailer["/Root"]

    @cached_property
    def elements(self) -> list[DictionaryObject]:
        """Every element of the structure tree, in the order in which it is read out."""
        return list(elements_in(self.root["/StructTreeRoot"]))

    def tagged(self, kind: str) -> list[DictionaryObject]:
        return [element for element in self.elements if element.get("/S") == kind]

    @cached_property
    def fonts(self) -> list[DictionaryObject]:
        """The descriptors of all fonts on all pages."""
        found = {}
        for page in self.reader.pages:
            for name, font in page["/Resources"]["/Font"].items():  # type: ignore[index,union-attr]
                found[name, font.get_object().get("/BaseFont")] = font.get_object()
        return [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in found.values()]

    def complaints(self) -> list[str]:
        """Warnings that come up while everything in the file is looked at."""
        handler = Complaints()
        logger = logging.getLogger("pypdf")
        logger.addHandler(handler)
        try:
            assert Paper(self.content).text
            assert Paper(self.content).elements
        finally:
            logger.removeHandler(handler)
        return handler.said


def elements_in(node: Any) -> Iterator[DictionaryObject]:
    """Kids are elements, lists of them, or numbers of marked content."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, ArrayObject):
        for kid in node:
            yield from elements_in(kid)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements_in(node["/K"])


# --- what stands in an element ------------------------------------------------------------------------------------


def printed(paper: Paper, element: DictionaryObject) -> str:
    """The characters that are printed for one element, in the order in which they are set."""
    return "".join(_printed(paper, element, None))


def _printed(paper: Paper, node: Any, page: Any) -> Iterator[str]:
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, ArrayObject):
        for kid in node:
            yield from _printed(paper, kid, page)
    elif isinstance(node, DictionaryObject):
        page = node.raw_get("/Pg") if "/Pg" in node else page
        yield from _printed(paper, node["/MCID"] if "/MCID" in node else node.get("/K", ArrayObject()), page)
    elif isinstance(node, int):
        yield _marked(paper, page.idnum).get(int(node), "")


def _marked(paper: Paper, page: int) -> dict[int, str]:
    """The text of a page by the numbers of its marked content."""
    cache: dict[int, dict[int, str]] = paper.__dict__.setdefault("_marked", {})
    if page not in cache:
        cache[page] = _read(next(each for each in paper.reader.pages if each.indirect_reference.idnum == page))  # type: ignore[union-attr]
    return cache[page]


def _read(page: PageObject) -> dict[int, str]:
    fonts = {name: _unicode(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}  # type: ignore[index,union-attr]
    found: dict[int, str] = {}
    open_now: list[tuple[int | None, str | None]] = []
    font: dict[int, str] = {}
    for operands, operator in _text_operations(page):
        if operator in (b"BDC", b"BMC"):
            about = operands[1] if operator == b"BDC" and isinstance(operands[1], DictionaryObject) else {}
            number = about.get("/MCID", open_now[-1][0] if open_now else None)
            said = about.get("/ActualText")
            open_now.append((number, None if said is None else str(said)))
            if said is not None and number is not None:
                found[number] = found.get(number, "") + str(said)
        elif operator == b"EMC":
            open_now.pop()
        elif operator == b"Tf":
            font = fonts[operands[0]]
        elif operator in (b"Tj", b"TJ") and open_now and open_now[-1][0] is not None and open_now[-1][1] is None:
            number = open_now[-1][0]
            found[number] = found.get(number, "") + _decoded(operands[0], font)
    return found


# Where things stand and what colour they have: most of a page, which the reader is slow to parse, and no text.
_PLACES = re.compile(rb"(?<=[ \n])(?:-?[0-9.]+ )+(?:cm|Tm|Tr|scn|SCN|m|l|c|re|w|M|j|J)(?=[\s/\[(])")


def _text_operations(page: PageObject) -> list[Any]:
    content = DecodedStreamObject()
    content.set_data(_PLACES.sub(b"", page.get_contents().get_data()))  # type: ignore[union-attr]
    return ContentStream(content, page.pdf).operations  # type: ignore[attr-defined]


def _decoded(shown: Any, font: dict[int, str]) -> str:
    parts = shown if isinstance(shown, list) else [shown]
    codes = b"".join(part.original_bytes for part in parts if hasattr(part, "original_bytes"))
    return "".join(font.get(int.from_bytes(codes[k : k + 2], "big"), "\ufffd") for k in range(0, len(codes), 2))


def _unicode(font: DictionaryObject) -> dict[int, str]:
    """The characters of a font's glyphs, as its own table tells them."""
    table = font["/ToUnicode"].get_object().get_data().decode("latin-1")  # type: ignore[union-attr]
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = ord(bytes.fromhex(text).decode("utf-16-be"))
            found |= {code: chr(start + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return found
