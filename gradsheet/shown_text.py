"""Room: gradsheet. What a reader sees, or is told, of a file of any format; and the numbers in it."""

from __future__ import annotations

import re

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
    text = content.decode("utf-8")
    if not name.endswith((".svg", ".html")):
        return text
    bare = text.replace("<!--", " ").replace("-->", " ")
    return "\n".join([_TAG.sub(" ", bare), *_TELLING.findall(bare)])


def tokens(text: str) -> set[str]:
    """The numbers in a text, without signs."""
    return set(_NUMBER.findall(text))


def plain(token: str) -> str:
    """A number without zeros that don't count: 0.50 is .5."""
    token = token.rstrip("0").rstrip(".") if "." in token else token
    return token.lstrip("0") or "0"
