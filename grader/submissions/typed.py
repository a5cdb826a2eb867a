"""Room: grader. Answers typed into a platform's page: HTML to lines, read as a table or as ``id,value`` lines."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from grader.submissions.answers import Answer, Rejected, Submission, cleaned, gather
from grader.submissions.archive import megabytes
from grader.submissions.decoding import decoded
from grader.submissions.delimited import read_tall

LARGEST_PAGE = 1_000_000
"""Bytes of a typed page: a thousand times what a person types into one."""

_LINES = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "pre", "table", "ul", "ol"})
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


def read_typed(name: str, data: bytes) -> Submission:
    """Read a typed page; its markup only parts lines and cells. Raises Rejected."""
    try:
        if len(data) > LARGEST_PAGE:
            raise Rejected("too-large", detail=megabytes(LARGEST_PAGE))
        lines = _Lines.of(decoded(data)) if data else ""
        if not lines.strip():
            raise Rejected("empty")
        submission = gather(_answers(lines))
        if not submission.answers:
            raise Rejected("no-answers", detail="lines such as z1[2],0.35")
    except Rejected as trouble:
        raise trouble.at(cleaned(name)) from None
    return submission


def _answers(lines: str) -> Iterator[Answer]:
    return read_tall(lines)


class _Lines(HTMLParser):
    """What a reader of the page sees, a line a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text: list[str] = []
        self._unseen = 0
        self._cell = 0

    @classmethod
    def of(cls, page: str) -> str:
        parser = cls()
        parser.feed(page)
        parser.close()
        lines = (" ".join(line.split()) for line in "".join(parser._text).splitlines())
        return "\n".join(line for line in lines if line) + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _LINES:
            self._text.append("\n")
            self._cell = 0
        if tag in _CELLS:
            self._cell += 1
            self._text.append("," if self._cell > 1 else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        if tag in _LINES:
            self._text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # A cell's own line breaks are no lines of the table.
            self._text.append(" ".join(data.split("\n")) if self._cell else data)
