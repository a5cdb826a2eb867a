"""Room: grader. Layout `moodle`: "Download all submissions" of an assignment, with a folder a student or without.

Firstname Surname_12345_assignsubmission_file_/answers.csv
Firstname Surname_12345_assignsubmission_onlinetext_/onlinetext.html
Firstname Surname_12345_assignsubmission_file_answers.csv

The number is the platform's own (of the participant in this assignment), so it counts only against a column that the
teacher names. A download holds one attempt of each student.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grader.collecting.plain import plain
from grader.collecting.shape import Claim, Entry, Piece

NAME = "moodle"

_OWNER = re.compile(r"(?P<name>[^/]+?)_(?P<number>[0-9]{1,20})_assignsubmission_(?P<kind>file|onlinetext)(?:_|\Z)")


def share(entries: Sequence[Entry]) -> float:
    """The part of the files that lies under such a name."""
    return sum(_owner(entry) is not None for entry in entries) / max(len(entries), 1)


def pieces(entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> list[Piece]:
    """Each file with its owner's name; a page typed into the platform is marked as such."""
    return [_piece(entry) for entry in entries]


def _owner(entry: Entry) -> re.Match[str] | None:
    return next((found for part in entry.parts if (found := _OWNER.match(part))), None)


def _piece(entry: Entry) -> Piece:
    found = _owner(entry)
    if found is None:
        return plain(entry)
    name, number = found["name"].strip(), found["number"]
    return Piece(Claim(f"{name} ({number})", (), (name,), (number,)), entry, typed=found["kind"] == "onlinetext")
