"""Room: grader. What lies in a folder or an archive of hand-ins: every file by name, none opened but archives.

Archives in archives are listed too, down to ``DEEPEST``; they are read into memory, never written anywhere.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.collecting.reading import Reader
from grader.collecting.shape import Entry
from grader.submissions.answers import Rejected
from grader.submissions.archive import LARGEST_FILE, MOST_PARTS, Member, megabytes, members

MOST_FILES = 1_000_000
"""Ten times the largest class we plan for; a download with more is a mistake or an attack."""

LARGEST_HAND_IN = 50_000_000
"""Bytes that an archive of one student may have, and unpack to."""

LARGEST_UNPACKED = 10_000_000_000
"""Bytes that all hand-ins of a download may unpack to: 100,000 of 100 KB each."""

DEEPEST = 2
"""Archives within the download's own: a platform's archive of archives that students made."""

_UNSAFE_NAME = re.compile(r"\A(?:/|[A-Za-z]:)|(?:\A|/)\.\.(?:/|\Z)|\0")
"""Names in an archive that point out of it. Nothing is ever extracted by name; who writes one is up to something."""

_LEFT_BEHIND = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(slots=True)
class _Count:
    """What has been listed so far, against the budgets; no order of files changes what is refused."""

    files: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        self.files += 1
        self.size += min(size, LARGEST_FILE)  # more of it is never read
        if self.files > MOST_FILES:
            raise Rejected("too-many-members", detail=f"{MOST_FILES:,}")
        if self.size > LARGEST_UNPACKED:
            raise Rejected("too-much", detail=f"{LARGEST_UNPACKED // 10**9} GB")


def entries(place: str, reader: Reader) -> list[Entry]:
    """Every file of a folder or zip archive by its name, hidden ones and what computers leave behind passed over.

    What is the matter with one file is its entry's ``trouble``. Raises Rejected only where nothing can be told of
    anybody: no such place, no archive, too many files, or too many bytes.
    """
    try:
        count = _Count()
        if os.path.isdir(place):
            found = list(_of_folder(place, reader, count))
        elif os.path.isfile(place) and zipfile.is_zipfile(place):
            found = list(_Archive(place, reader, count).files())
        else:
            raise Rejected("no-such-place")
    except Rejected as trouble:
        raise trouble.at(place) from None
    except OSError as trouble:
        raise Rejected("not-readable", str(trouble.filename or place), trouble.strerror or str(trouble)) from None
    return sorted(found, key=lambda entry: (entry.name, [member.offset for member in entry.inside]))


def _of_folder(place: str, reader: Reader, count: _Count) -> Iterator[Entry]:
    for folder, subfolders, names in os.walk(place, onerror=_complain):
        subfolders[:] = [name for name in subfolders if not _hidden(name)]
        for name in names:
            path = os.path.join(folder, name)
            if _hidden(name) or not (os.path.islink(path) or os.path.isfile(path)):
                continue
            shown = os.path.relpath(path, place).replace(os.sep, "/")
            if os.path.islink(path):  # it may point anywhere, at what the student may not see and we may
                yield Entry(shown, path, trouble=("link", ""))
            elif name.lower().endswith(".zip"):
                yield from _Archive(path, reader, count, shown, of_class=False).files()
            else:
                count.add(os.path.getsize(path))
                yield Entry(shown, path)


def _complain(trouble: OSError) -> None:
    raise trouble


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive on disk, or one within it; ``within`` is its own name where it isn't the download itself.

    Where a download holds nothing but one archive, that may be the class, packed once more. Any other is one student's:
    it has budgets of its own, so that it can't use up those of the class.
    """

    path: str
    reader: Reader
    count: _Count
    within: str = ""
    inside: tuple[Member, ...] = field(default=())
    of_class: bool = True

    def files(self) -> Iterator[Entry]:
        """Its files; one entry that says what is wrong where it isn't the download itself and can't be read."""
        try:
            found = self._listed()
        except Rejected as trouble:
            if not self.within:
                raise
            yield Entry(self.within, self.path, self.inside, (trouble.code, trouble.detail))
            return
        for name, member in found:
            yield from self._file(f"{self.within}/{name}" if self.within else name, name, member, sole=len(found) == 1)

    def _listed(self) -> list[tuple[str, Member]]:
        if len(self.inside) > DEEPEST:
            raise Rejected("nested", detail=str(DEEPEST))
        if not self.of_class and self.inside and self.inside[-1].size > LARGEST_HAND_IN:
            raise Rejected("too-large", detail=megabytes(LARGEST_HAND_IN))
        found = members(self.reader.opened(self.path, self.inside), MOST_FILES if self.of_class else MOST_PARTS)
        seen = [(name, member) for name, member in found if not any(map(_hidden, name.split("/")))]
        if not self.of_class and sum(member.size for _, member in seen) > LARGEST_HAND_IN:
            raise Rejected("too-large", detail=megabytes(LARGEST_HAND_IN))
        return seen

    def _file(self, shown: str, name: str, member: Member, *, sole: bool) -> Iterator[Entry]:
        inside = (*self.inside, member)
        self.count.add(member.size)
        if _UNSAFE_NAME.search(name):
            yield Entry(shown, self.path, inside, ("unsafe-name", ""))
        elif name.lower().endswith(".zip"):
            yield from _Archive(self.path, self.reader, self.count, shown, inside, self.of_class and sole).files()
        else:
            yield Entry(shown, self.path, inside)


def _hidden(name: str) -> bool:
    return (name.startswith((".", "~$")) and name != "..") or name in _LEFT_BEHIND
