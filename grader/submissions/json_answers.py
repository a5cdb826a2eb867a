"""Room: grader. JSON hand-ins: ``{"answers": {id: value, text or nested list}}``, numbers kept as they were written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from grader.submissions.answers import Answer, Rejected, shortened, spread

DEEPEST = 32
"""Brackets inside brackets; answers need 5 and a notebook 8, and Python's own limit is some hundreds."""

MOST_VALUES = 1_000_000
"""Commas, and so values, in a document: a notebook may hold plots, but five million zeros take 300 MB once read."""

# A string that isn't closed is passed over too, lest each of its quotation marks be tried as the beginning of one.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str) -> Iterator[Answer]:
    """Answers by key; keys beside ``answers`` are left alone. A bare NaN is the text ``NaN``: an unreadable cell."""
    document = parsed(text)
    answers = document.get("answers") if isinstance(document, dict) else None
    if not isinstance(answers, dict):
        raise Rejected("not-a-mapping", detail='{"answers": {"z1[1]": 0.35, ...}}')
    for key, value in answers.items():
        yield from spread(key, value, f"key {shortened(key)}")


def parsed(text: str) -> object:
    """The document with every number as the text it was written with. Raises Rejected, also for repeated keys."""
    if text.count(",") > MOST_VALUES:
        raise Rejected("too-large", detail=f"{MOST_VALUES:,} values")
    _measure_depth(text)
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_no_key_twice)
    except json.JSONDecodeError as trouble:
        raise Rejected("not-json", f"line {trouble.lineno}, column {trouble.colno}", trouble.msg.lower()) from None


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counted.items() if count > 1)
        raise Rejected("duplicate-id", f"key {shortened(twice)}", "the key stands there twice")
    return mapping


def _measure_depth(text: str) -> None:
    depth = 0
    for found in _BRACKETS.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Rejected("too-deep", f"line {text.count(chr(10), 0, found.start()) + 1}", str(DEEPEST))
        elif sign in "]}":
            depth -= 1
