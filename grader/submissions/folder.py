"""Room: grader. A class's hand-ins, one file a student, from a folder or a zip archive; read one at a time."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.submissions.answers import Rejected, shortened
from grader.submissions.archive import content, megabytes, opened, trouble_with

LARGEST_FILE = 10_000_000
"""Bytes of one hand-in: a notebook with some plots has two or three million; a film of the work is no hand-in."""

MOST_MEMBERS = 1_000_000
"""Ten times the largest class we plan for; an archive with more is a mistake or an attack."""

_MENTIONED = 3


@dataclass(frozen=True, slots=True)
class _File:
    student: str
    name: str
    readable: bool
    trouble: str | None
    read: Callable[[], bytes]


def hand_ins(path: Path, endings: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
    """Student id, file name and bytes, by student; files are looked for in subfolders too, hidden ones passed over.

    A file with another ending stands for its student only where there is no readable one; its bytes are not read
    (``b""``). Raises Rejected before the first is read, for all students with two files at once, and for files that
    are too large or encrypted; and on coming to a file that is damaged.
    """
    known = frozenset(endings)
    try:
        if path.is_dir():
            yield from _checked(_in_folder(path, known), path)
        elif path.is_file() and zipfile.is_zipfile(path):
            with path.open("rb") as stream, opened(stream) as archive:
                yield from _checked(_in_archive(archive, known, path), path)
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
            if _hidden(name) or not file.is_file():
                continue
            trouble = "too-large" if file.stat().st_size > LARGEST_FILE else None
            yield _file(file.relative_to(path).as_posix(), endings, trouble, file.read_bytes)


def _in_archive(archive: zipfile.ZipFile, endings: frozenset[str], path: Path) -> Iterator[_File]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Rejected("too-many-members", str(path), f"{MOST_MEMBERS:,}")
    for member in members:
        if not member.is_dir() and not any(map(_hidden, PurePosixPath(member.filename).parts)):

            def read(member: zipfile.ZipInfo = member) -> bytes:
                return content(archive, member, LARGEST_FILE)

            yield _file(member.filename, endings, trouble_with(member, LARGEST_FILE), read)


def _file(name: str, endings: frozenset[str], trouble: str | None, read: Callable[[], bytes]) -> _File:
    pure = PurePosixPath(name)
    readable = pure.suffix.lower() in endings
    # macOS writes accents apart from their letters; a roster doesn't.
    student = unicodedata.normalize("NFC", pure.stem).strip()
    return _File(student, name, readable, trouble if readable else None, read if readable else bytes)


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _checked(files: Iterable[_File], path: Path) -> Iterator[tuple[str, str, bytes]]:
    chosen = _one_each(files, path)
    for file in chosen:
        if file.trouble:
            place = f"{path}, {shortened(file.name, 80)}"
            raise Rejected(
                file.trouble, place, megabytes(LARGEST_FILE) if file.trouble == "too-large" else "unknown packing"
            )
    for file in chosen:
        try:
            yield file.student, file.name, file.read()
        except Rejected as trouble:
            raise trouble.at(f"{path}, {shortened(file.name, 80)}") from None


def _one_each(files: Iterable[_File], path: Path) -> list[_File]:
    """One file for each student, by student; a readable one before one of another format."""
    by_student: dict[str, list[_File]] = {}
    for file in files:
        by_student.setdefault(file.student, []).append(file)
    chosen, twice = [], []
    for student in sorted(by_student):
        theirs = by_student[student]
        best = [file for file in theirs if file.readable] or sorted(theirs, key=lambda file: file.name)[:1]
        if len(best) > 1:
            twice.append(f"{student} has {' and '.join(sorted(shortened(file.name, 80) for file in best))}")
        chosen.append(best[0])
    if twice:
        more = f"; and {len(twice) - _MENTIONED} more students" if len(twice) > _MENTIONED else ""
        raise Rejected("two-files", str(path), "; ".join(twice[:_MENTIONED]) + more)
    return chosen
