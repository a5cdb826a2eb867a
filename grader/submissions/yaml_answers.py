"""Room: grader. YAML hand-ins: a mapping ``answers``, or ids as top-level keys; every value is the text as written.

Only the parser's events are used, never what makes objects of them: so a tag can make nothing, an alias can't multiply
a text, and ``0.10``, ``1e-3``, ``0x10``, ``1_000`` and ``yes`` stay what the student wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from grader.submissions.answers import Answer, Rejected, shortened, spread

DEEPEST = 8
"""Collections inside collections; answers need 5."""

_NOTHING = ("", "~", "null", "Null", "NULL")
_EXPECTED = "lines such as z1[1]: 0.35"


def read_yaml(text: str) -> Iterator[Answer]:
    """Answers by key; keys beside ``answers`` are left alone. Raises Rejected, also for tags, aliases and two keys."""
    document = _document(text)
    answers = document.get("answers", document) if isinstance(document, dict) else None
    if not isinstance(answers, dict):
        raise Rejected("not-a-mapping", detail=_EXPECTED)
    for key, value in answers.items():
        yield from spread(key, value, f"key {shortened(key)}")


def _document(text: str) -> object:
    # The parser in C is some fifty times as fast; the other one is there for machines that lack it.
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        return _Reader(yaml.parse(text, Loader=loader)).document()
    except yaml.MarkedYAMLError as trouble:
        place = f"line {trouble.problem_mark.line + 1}" if trouble.problem_mark else ""
        raise Rejected("not-yaml", place, (trouble.problem or "unfinished")[:80]) from None
    except yaml.YAMLError as trouble:
        raise Rejected("not-yaml", detail=str(trouble).splitlines()[0][:80]) from None


class _Reader:
    """Events to mappings, lists and texts."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._line = 1

    def document(self) -> object:
        """The one document there is; None where there is none."""
        while not isinstance(event := self._next(), yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                return None
        found = self._node(self._next(), DEEPEST)
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise Rejected("not-yaml", f"line {self._line}", "a second document begins")
        return found

    def _next(self) -> yaml.Event:
        event = next(self._events)
        if event.start_mark:
            self._line = event.start_mark.line + 1
        return event

    def _node(self, event: yaml.Event, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Rejected("yaml-alias", f"line {self._line}")
        if getattr(event, "tag", None) is not None:
            raise Rejected("yaml-tag", f"line {self._line}")
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NOTHING else event.value
        if depth == 0:
            raise Rejected("too-deep", f"line {self._line}", str(DEEPEST))
        return self._mapping(depth) if isinstance(event, yaml.MappingStartEvent) else self._list(depth)

    def _list(self, depth: int) -> list[object]:
        found = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._node(event, depth - 1))
        return found

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key, place = self._node(event, depth - 1), f"line {self._line}"
            if not isinstance(key, str):
                raise Rejected("not-a-mapping", place, _EXPECTED)
            if key in found:
                raise Rejected("duplicate-id", place, f"the key {shortened(key)} stands there twice")
            found[key] = self._node(self._next(), depth - 1)
        return found
