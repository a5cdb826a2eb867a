"""Room: grader. Layout `gradescope`: "Export Submissions", a folder for each and a list of whose they are.

submission_metadata.yml
submission_123/answers.csv

The list is YAML as Ruby writes it; only its texts are used, so tags make nothing and an alias stands for no text. It
names one or, for a group, several people to a submission, each by name, student id and address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from grader.collecting.plain import plain
from grader.collecting.shape import Claim, Entry, Piece
from grader.submissions.answers import Rejected, cleaned
from grader.submissions.decoding import decoded

NAME = "gradescope"

LIST = "submission_metadata.yml"

DEEPEST = 12
"""Collections inside collections; a submission's people need 3, its results some more."""

_LATENESS = re.compile(r"([0-9]{1,6}):([0-5]?[0-9]):([0-5]?[0-9])(?:\.[0-9]*)?")


@dataclass(frozen=True, slots=True)
class _Submission:
    people: tuple[Claim, ...]
    at: str
    late: str


def share(entries: Sequence[Entry]) -> float:
    """All of it where the list is there; else none."""
    return float(any(entry.parts[-1] == LIST for entry in entries))


def pieces(entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> list[Piece]:
    """Each file once for every person who handed it in. Raises Rejected where the list can't be read."""
    lists = {entry.parts[:-1]: _listed(entry, read(entry)) for entry in entries if entry.parts[-1] == LIST}
    found: list[Piece] = []
    for entry in entries:
        if entry.parts[-1] != LIST:
            submission = _submission_of(entry, lists)
            found += [plain(entry)] if submission is None else _pieces(entry, submission)
    return found


def _submission_of(entry: Entry, lists: Mapping[tuple[str, ...], Mapping[str, _Submission]]) -> _Submission | None:
    for depth in range(len(entry.parts) - 1):
        listed = lists.get(entry.parts[:depth], {}).get(entry.parts[depth])
        if listed is not None and listed.people:
            return listed
    return None


def _pieces(entry: Entry, submission: _Submission) -> Iterator[Piece]:
    for person in submission.people:
        yield Piece(person, entry, (0, submission.at), submission.late)


def _listed(entry: Entry, data: bytes) -> dict[str, _Submission]:
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        document = _node(yaml.parse(decoded(data), Loader=loader), DEEPEST)
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        raise Rejected("not-yaml", f"line {mark.line + 1}" if mark else "", "a platform's list").at(
            entry.name
        ) from None
    except Rejected as trouble:
        raise trouble.at(entry.name) from None
    if not isinstance(document, dict):
        raise Rejected("not-a-mapping", entry.name, f"{LIST} with the submissions by name")
    return {str(name): _submission(told) for name, told in document.items() if isinstance(told, dict)}


def _submission(told: Mapping[str, Any]) -> _Submission:
    people = told.get("submitters")
    people = [person for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    return _Submission(tuple(map(_person, people)), _text(told, "created_at"), _late(_text(told, "lateness")))


def _person(told: Mapping[str, Any]) -> Claim:
    name, sid, email = (_text(told, key) for key in ("name", "sid", "email"))
    shown = f"{name} ({sid or email})" if name and (sid or email) else name or sid or email
    return Claim(
        shown, tuple(each for each in (sid, email) if each), (name,), tuple(each for each in (sid, email) if each)
    )


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return cleaned(value) if isinstance(value, str) else ""


def _late(text: str) -> str:
    """As it is told (``26:03:10``); nothing where it is none."""
    found = _LATENESS.fullmatch(text)
    return text if found and any(map(int, found.groups())) else ""


def _node(events: Iterator[yaml.Event], deepest: int) -> object:
    """The document as mappings, lists and texts; Ruby's ``:key`` is the key, a tag is passed over, an alias is None."""
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return _value(next(events), events, deepest)
    return None


def _value(event: yaml.Event, events: Iterator[yaml.Event], left: int) -> object:
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if not isinstance(event, yaml.CollectionStartEvent):
        return None
    if left == 0:
        raise Rejected("too-deep", detail=str(DEEPEST))
    found: list[object] = []
    while not isinstance(event_within := next(events), yaml.CollectionEndEvent):
        found.append(_value(event_within, events, left - 1))
    if isinstance(event, yaml.SequenceStartEvent):
        return found
    return {
        key.removeprefix(":"): value for key, value in zip(found[::2], found[1::2], strict=True) if isinstance(key, str)
    }
