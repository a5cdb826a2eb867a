"""A PDF as its readers find it: text, tags and their alternatives, fonts. What the tests of paper share."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject


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
        return list(_elements(self.root["/StructTreeRoot"]))

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


def _elements(node: Any) -> Iterator[DictionaryObject]:
    """Kids are elements, lists of them, or numbers of marked content."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, ArrayObject):
        for kid in node:
            yield from _elements(kid)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])
