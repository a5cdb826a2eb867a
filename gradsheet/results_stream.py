"""Room: gradsheet. results/results.json read a student at a time: that of a large class is larger than the memory.

`results_folder` writes a student a line. A file that somebody has written anew in another form is read all the same, as
a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from exercises.errors import InputError
from gradsheet.course_set import RESULTS

FILE = "results.json"

STUDENTS = b'"students":['
"""The line after which there is a student a line."""

_MOST_HEAD = 20
"""Lines before that one; there are two, the set's name and the rules."""


class _Whole(msgspec.Struct, frozen=True):
    students: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """The results of a set: ``rest`` is everything in them but the students."""

    path: Path
    rest: dict[str, Any]
    by_line: bool

    def students(self) -> Iterator[bytes]:
        """Each student's JSON, in the file's order."""
        if not self.by_line:
            yield from map(bytes, msgspec.json.decode(self.path.read_bytes(), type=_Whole).students)
            return
        with self.path.open("rb") as lines:
            for line in lines:
                if line.rstrip() == STUDENTS:
                    break
            for line in lines:
                if not line.startswith(b"{"):
                    return
                yield line.rstrip(b",\r\n")


def results_file(folder: Path) -> ResultsFile:
    """The results in a set's folder; InputError where it hasn't been graded, or what lies there isn't results."""
    path = folder / RESULTS / FILE
    if not path.is_file():
        raise InputError(
            f"not graded yet (no {RESULTS}/{FILE}); run gradsheet grade {folder} SUBMISSIONS first", where=str(folder)
        )
    try:
        rest = _rest(path)
        by_line = rest is not None
        whole = rest if rest is not None else msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise not_results(path, error) from error
    if not by_line and not isinstance(whole.get("students"), list):
        raise not_results(path, "no students in it")
    return ResultsFile(path, {name: value for name, value in whole.items() if name != "students"}, by_line)


def not_results(path: Path, why: object) -> InputError:
    """What is said of a file that isn't what ``grade`` writes."""
    return InputError(
        f"expected what gradsheet grade wrote of this set, found something else ({why}); grade it again",
        where=str(path),
    )


def _rest(path: Path) -> dict[str, Any] | None:
    """Head and tail, put together; None where the file has no line for each student."""
    head, tail, places = [], [], iter(range(_MOST_HEAD))
    with path.open("rb") as lines:
        for line in lines:
            if line.rstrip() == STUDENTS:
                break
            if next(places, None) is None:
                return None
            head.append(line)
        else:
            return None
        tail = [line for line in lines if not line.startswith(b"{")]
    return msgspec.json.decode(b"".join((*head, STUDENTS, *tail)), type=dict[str, Any])
