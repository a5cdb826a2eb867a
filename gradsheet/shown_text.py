"""Room: gradsheet. What a reader sees, or is told, of a file of any format; and the numbers in it."""

from __future__ import annotations

import re
from functools import lru_cache

from gradsheet.pdf_text import Pdf

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_TELLING = re.compile(
    r"\b(?:alt|alttext|title|value|placeholder|content|aria-(?:label|description|valuetext)|data-[a-z-]+)=(\"[^\"]*\"|'[^']*')"
)


def shown_text(name: str, content: bytes) -> str:
    """What a reader sees or is told of a file: of markup the text, comments, and attributes that hold words."""
    if name.endswith(".pdf"):
        return Pdf(content).text
    if name.endswith(".svg"):
        return _of_drawing(content)
    return _of_markup(content) if name.endswith(".html") else content.decode("utf-8")


def _of_markup(content: bytes) -> str:
    text = content.decode("utf-8")
    bare = text.replace("<!--", " ").replace("-->", " ")
    return "\n".join([_TAG.sub(" ", bare), *_TELLING.findall(bare)])


_of_drawing = lru_cache(maxsize=8)(_of_markup)
"""A class has one drawing of its network, in as many files as students."""


@lru_cache(maxsize=8)
def tokens(text: str) -> frozenset[str]:
    """The numbers in a text, without signs."""
    return frozenset(_NUMBER.findall(text))


def plain(token: str) -> str:
    """A number without zeros that don't count: 0.50 is .5."""
    token = token.rstrip("0").rstrip(".") if "." in token else token
    return token.lstrip("0") or "0"
