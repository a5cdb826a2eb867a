"""Room: grader. Layout `canvas`: "Download Submissions" of an assignment, all files in one folder.

surnamefirst_12345_67890_answers.csv           student's name in small letters, user's number, file's number, file
surnamefirst_LATE_12345_67890_answers-1.csv    handed in late; handed in a second time
surnamefirst_12345_text.html                   typed into the platform

The numbers are the platform's own, so the user's counts only against a column that the teacher names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grader.collecting.plain import plain
from grader.collecting.shape import Claim, Entry, Piece

NAME = "canvas"

_FILE = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>[0-9]{1,20})_(?:(?P<file>[0-9]{1,20})_(?P<rest>.+)|(?P<text>text\.html))\Z"
)
_AGAIN = re.compile(r"-([0-9]{1,4})(?:\.[^.]*)?\Z")


def share(entries: Sequence[Entry]) -> float:
    """The part of the files that is named so."""
    return sum(_FILE.match(entry.parts[-1]) is not None for entry in entries) / max(len(entries), 1)


def pieces(entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> list[Piece]:
    """Each file with its owner's name, which hand-in of theirs it is, and whether it was late."""
    return [_piece(entry) for entry in entries]


def _piece(entry: Entry) -> Piece:
    found = _FILE.match(entry.parts[-1])
    if found is None:
        return plain(entry)
    again = _AGAIN.search(found["rest"] or "")
    attempt = int(again[1]) if again else 0, ""
    name, user = found["name"], found["user"]
    late = "late" if found["late"] else ""
    return Piece(Claim(f"{name} ({user})", (), (name,), (user,)), entry, attempt, late, found["text"] is not None)
