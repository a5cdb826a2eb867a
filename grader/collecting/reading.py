"""Room: grader. The bytes of an entry, wherever they lie; the archive last read stays open."""

from __future__ import annotations

import io
import os
from typing import IO

from grader.collecting.shape import Entry
from grader.submissions.answers import Rejected
from grader.submissions.archive import LARGEST_FILE, Member, megabytes, unpacked

LARGEST_NESTED = 100_000_000
"""Bytes of an archive within an archive, which is held in memory while it is read; a class of 100,000 may come so."""


class Reader:
    """Reads entries; keeps one file open and one nested archive in memory. Close it, or use it in ``with``."""

    def __init__(self) -> None:
        self._path = ""
        self._file: IO[bytes] | None = None
        self._key: tuple[str, tuple[int, ...]] = ("", ())
        self._nested = io.BytesIO()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._path, self._file, self._key, self._nested = "", None, ("", ()), io.BytesIO()

    def read(self, entry: Entry) -> bytes:
        """The bytes, at most ``LARGEST_FILE``. Raises Rejected, its place the entry's name."""
        try:
            if entry.trouble is not None:
                raise Rejected(entry.trouble[0], detail=entry.trouble[1])
            if not entry.inside:
                return _of_disk(entry.path)
            return unpacked(self.opened(entry.path, entry.inside[:-1]), entry.inside[-1])
        except Rejected as trouble:
            raise trouble.at(shown(entry)) from None
        except OSError as trouble:
            raise Rejected("not-readable", shown(entry), trouble.strerror or str(trouble)) from None

    def opened(self, path: str, inside: tuple[Member, ...]) -> IO[bytes]:
        """The archive on disk, or the one within it that these members lead to."""
        if not inside:
            return self._on_disk(path)
        key = path, tuple(member.offset for member in inside)
        if key != self._key:
            outer = self.opened(path, inside[:-1])
            self._nested, self._key = io.BytesIO(unpacked(outer, inside[-1], LARGEST_NESTED)), key
        return self._nested

    def _on_disk(self, path: str) -> IO[bytes]:
        if self._file is None or path != self._path:
            self.close()
            self._file, self._path = open(path, "rb"), path  # noqa: SIM115 - closed with the reader
        return self._file


def shown(entry: Entry) -> str:
    """The entry's name as text that may be shown."""
    return "/".join(entry.parts)


def _of_disk(path: str) -> bytes:
    if os.path.islink(path):
        raise Rejected("link")
    with open(path, "rb") as stream:
        data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Rejected("too-large", detail=megabytes(LARGEST_FILE))
    return data
