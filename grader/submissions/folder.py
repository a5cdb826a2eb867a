"""Room: grader. A class's hand-ins, one file a student, from a folder or a zip archive; read one at a time.

What is the matter with one file costs its student, never the class.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from grader.submissions.answers import Rejected, cleaned, shortened
from grader.submissions.archive import megabytes, opened, suspicious_content

LARGEST_FILE = 10_000_000
"""Bytes of one hand-in: a notebook with some plots has two or three million; a film of the work is no hand-in."""

MOST_MEMBERS = 1_000_000
"""Ten times the largest class we plan for; an archive with more is a mistake or an attack."""


_UNSAFE_NAME = re.compile(r"\A(?:[/\\]|[A-Za-z]:)|(?:\A|[/\\])\.\.[/\\]")
"""Names in an archive that point out of it. Nothing is ever extracted by name; who writes one is up to something."""

Outcome = bytes | Rejected
"""What a hand-in holds, or why it can't be read; the place of a rejection is the file's own name."""


@dataclass(frozen=True, slots=True)
class _File:
    student: str
    name: str
    readable: bool
    read: Callable[[], bytes]

    def outcome(self) -> Outcome:
        """The bytes, or what is the matter with this file alone."""
        if not self.readable:
            return b""
        try:
            return self.read()
        except Rejected as trouble:
            return trouble.at(self.name)
        except OSError as trouble:
            return Rejected("not-readable", self.name, trouble.strerror or str(trouble))


def hand_ins(path: Path, endings: Iterable[str]) -> Iterator[tuple[str, str, Outcome]]:
    """Student id, file name and bytes, by student; files are looked for in subfolders too, hidden ones passed over.

    A file with another ending stands for its student only where there is no readable one; its bytes are not read
    (``b""``). A student with two files, or one that is too large, encrypted or damaged, has a Rejected in place of the
    bytes. Raises Rejected only where nothing can be told of anybody: no such place, no archive, too many files.
    """
    known = frozenset(endings)
    try:
        if path.is_dir():
            yield from _one_each(_in_folder(path, known))
        elif path.is_file() and zipfile.is_zipfile(path):
            with path.open("rb") as stream, opened(stream) as archive:
                yield from _one_each(_in_archive(archive, known, path))
        else:
            raise Rejected("no-such-place", str(path))
    except OSError as trouble:
        raise Rejected("not-readable", str(trouble.filename or path), trouble.strerror or str(trouble)) from None


def _complain(trouble: OSError) -> None:
    raise trouble


def _in_folder(path: Path, endings: frozenset[str]) -> Iterator[_File]:
    for folder, subfolders, names in os.walk(path, onerror=_complain):
        subfolders[:] = [name for name in subfolders if not _hidden(name)]
        for name in names:
            file = Path(folder) / name
            if not _hidden(name) and (file.is_symlink() or file.is_file()):
                yield _file(file.relative_to(path).as_posix(), endings, partial(_of_disk, file))


def _of_disk(file: Path) -> bytes:
    if file.is_symlink():  # it may point anywhere, at what the student may not see and we may
        raise Rejected("link")
    with file.open("rb") as stream:
        data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Rejected("too-large", detail=megabytes(LARGEST_FILE))
    return data


def _in_archive(archive: zipfile.ZipFile, endings: frozenset[str], path: Path) -> Iterator[_File]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Rejected("too-many-members", str(path), f"{MOST_MEMBERS:,}")
    for member in members:
        name = member.filename.replace("\\", "/")  # some programs of Windows part folders so
        # Not is_dir(), which stops at a member without a name.
        if not name.endswith("/") and not any(map(_hidden, PurePosixPath(name).parts)):
            yield _file(name, endings, partial(_of_archive, archive, member))


def _of_archive(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if _UNSAFE_NAME.search(member.filename):
        raise Rejected("unsafe-name")
    return suspicious_content(archive, member, LARGEST_FILE)


def _file(name: str, endings: frozenset[str], read: Callable[[], bytes]) -> _File:
    pure = PurePosixPath(name)
    # macOS writes accents apart from their letters; a roster doesn't.
    student = cleaned(unicodedata.normalize("NFC", pure.stem))
    # A name that isn't UTF-8, or that would write to the terminal, is shown as far as it can be.
    return _File(student, cleaned(name), pure.suffix.lower() in endings, read)


def _hidden(name: str) -> bool:
    return (name.startswith((".", "~$")) and name != "..") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _one_each(files: Iterable[_File]) -> Iterator[tuple[str, str, Outcome]]:
    """One file for each student, by student; a readable one before one of another format."""
    by_student: dict[str, list[_File]] = {}
    for file in files:
        by_student.setdefault(file.student, []).append(file)
    for student in sorted(by_student):
        theirs = sorted(by_student[student], key=lambda file: file.name)
        best = [file for file in theirs if file.readable] or theirs[:1]
        yield student, best[0].name, best[0].outcome() if len(best) == 1 else _several(best)


def _several(files: list[_File]) -> Rejected:
    shown = " and ".join(shortened(file.name, 80) for file in files[:_MENTIONED])
    return Rejected("two-files", detail=shown + (" and more" if len(files) > _MENTIONED else ""))


_MENTIONED = 3
"""Files named of a student who has several."""
