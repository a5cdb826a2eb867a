"""Room: grader. The one shape that every platform's download is brought into: files, and who each says it is of.

A layout (one module a platform) turns names into pieces; whose they are is settled by ``people``, and what becomes of
several attempts by ``inbox``. Nothing is opened here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.submissions.answers import cleaned
from grader.submissions.archive import Member


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name in the download, and the way to its bytes, first a file on disk, then members of archives.

    ``trouble`` is the code (of ``messages.REJECTED``) and detail of something bad that the listing found already; such
    a file is not opened.
    """

    name: str
    path: str
    inside: tuple[Member, ...] = ()
    trouble: tuple[str, str] | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The name's parts, as text that may be shown, accents joined to their letters."""
        name = self.name
        if name.isascii() and name.isprintable():  # nearly all are, and in a large class this is asked often
            return tuple([part.strip() for part in name.split("/")]) if "/" in name else (name.strip(),)
        return tuple(cleaned(unicodedata.normalize("NFC", part)) for part in name.split("/"))

    @property
    def ending(self) -> str:
        """What the file's name ends in, from its last point on, in small letters; empty where there is none."""
        return stem_and_ending(self.name.rpartition("/")[2])[1].lower()


def stem_and_ending(name: str) -> tuple[str, str]:
    """A file's name parted at its last point, as ``PurePath`` does it, but ten times as fast."""
    at = name.rfind(".")
    return (name[:at], name[at:]) if 0 < at < len(name) - 1 else (name, "")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a download says of whose a file is.

    ``ids`` may be ids of the roster, the likeliest first; ``names`` a person's name; ``marks`` are the platform's own
    numbers and addresses, which count only against a column that the teacher names. ``shown`` is how a teacher finds
    it again; where there are ``marks``, files with the same ``shown`` are of the same person.
    """

    shown: str
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One file as a layout understands it.

    ``attempt`` orders several hand-ins of one person, the earliest first. ``late`` is what the platform tells of
    lateness ("" where nothing). ``typed`` marks a page that the student typed into the platform instead of a file.
    """

    claim: Claim
    entry: Entry
    attempt: tuple[int, str] = (0, "")
    late: str = ""
    typed: bool = False


class Layout(Protocol):
    """One platform: a module with these names."""

    NAME: str
    """As the option ``--layout`` has it."""

    def share(self, entries: Sequence[Entry]) -> float:
        """Which part of the files, 0 to 1, is named as this platform names them."""

    def pieces(self, entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> list[Piece]:
        """Every file with its claim, in the entries' order; ``read`` gives a file's bytes or raises Rejected."""
