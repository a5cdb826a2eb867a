"""Room: grader. The XML parts of a workbook, read strictly: no document type, hence no entities, and bounded depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pyexpat import ExpatError, ParserCreate

from grader.submissions.answers import Rejected

DEEPEST = 32
"""Elements inside elements; the deepest part of a workbook that is read has 8."""

MOST_ATTRIBUTES = 64
"""Of one element; those of a workbook have up to twenty."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Opened = Callable[[str, Mapping[str, str]], None]
Closed = Callable[[str, str], None]


def walk(part: bytes, opened: Opened, closed: Closed) -> None:
    """Call ``opened(name, attributes)`` and ``closed(name, text)`` for each element, names without their prefixes.

    ``text`` is what stood in an element that holds nothing else. The part is parsed in one go, since feeding long
    elements by pieces takes quadratic time. Raises Rejected.
    """
    depth = 0
    texts: list[str] = []

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Rejected("too-deep", detail=str(DEEPEST))
        if len(attributes) > 2 * MOST_ATTRIBUTES:
            raise Rejected("not-a-workbook", detail=f"an element has more than {MOST_ATTRIBUTES} attributes")
        texts.clear()
        opened(_local(name), dict(zip(map(_local, attributes[::2]), attributes[1::2], strict=True)))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        closed(_local(name), "".join(texts))
        texts.clear()

    # The encoding is ours to say: what a declaration names would be looked for among Python's modules.
    parser = ParserCreate("utf-16" if part.startswith(_UTF16) else "utf-8")
    parser.buffer_text = True
    parser.ordered_attributes = True  # a list, which takes less than a mapping
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(part, True)
    except ExpatError as trouble:
        raise Rejected("not-a-workbook", detail=f"its XML breaks off in line {trouble.lineno}") from None


def ignore(name: str, text: str) -> None:
    """For who wants no texts."""


def _refuse_document_type(*_: object) -> None:
    raise Rejected("xml-entities")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
