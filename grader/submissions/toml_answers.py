"""Room: grader. TOML hand-ins: a table ``[answers]``, or ids as top-level keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from grader.submissions.answers import Answer, Rejected, shortened, spread

LONGEST_CHAIN = 32
"""Dots in one key. Python's reader takes quadratic time: hours for a megabyte of ``a.a.a.…``."""

_LONG_CHAIN = re.compile(rf"(?:\.[ \t]*+(?:[\w-]++|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+')[ \t]*+){{{LONGEST_CHAIN}}}")
_PLACE = re.compile(r"\s*\(at (line \d+, column \d+|end of document)\)\s*$")


def read_toml(text: str) -> Iterator[Answer]:
    """Answers by key, fractional numbers as written; whole ones by TOML's own rules, which know 0x10 and 1_000."""
    document = _parsed(text)
    answers = document.get("answers", document)
    if not isinstance(answers, dict):
        raise Rejected("not-a-mapping", 'key "answers"', "a table [answers] with lines such as J = 0.35")
    for key, value in answers.items():
        yield from spread(key, value, f"key {shortened(key)}")


def _parsed(text: str) -> dict[str, object]:
    if chain := _LONG_CHAIN.search(text):
        line = text.count("\n", 0, chain.start()) + 1
        raise Rejected("too-deep", f"line {line}", str(LONGEST_CHAIN))
    try:
        return tomllib.loads(text, parse_float=str)
    except RecursionError:  # the reader is pure Python, so this is an ordinary exception
        raise Rejected("too-deep", detail="3") from None
    except ValueError as trouble:
        message = str(trouble)
        place = _PLACE.search(message)
        plain = _PLACE.sub("", message)
        raise Rejected("not-toml", place[1] if place else "", plain[:1].lower() + plain[1:80]) from None
