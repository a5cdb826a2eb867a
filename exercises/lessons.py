"""Room: exercises. The course that comes along: where its sheets are, and by which names they go."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

COURSE = Path(__file__).parent / "course"

_NAME = re.compile(r"course/0*([1-9][0-9]?)(?:-[a-z-]*)?")


class Lesson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sheet of a course is for, and the numbers of the sheets that it builds on."""

    goal: str
    needs: tuple[int, ...] = ()


@cache
def course_files() -> dict[str, Path]:
    """The sheets by name, ``course/01`` and so on, in the order in which they are worked."""
    return {f"course/{path.name[:2]}": path for path in sorted(COURSE.glob("*.toml"))}


def course_file(name: str) -> Path | None:
    """The sheet of a name: ``course/03``, ``course/3``, or with its words, ``course/03-two-units``; None for others."""
    found = _NAME.fullmatch(name)
    return course_files().get(f"course/{int(found[1]):02}") if found else None
