"""Room: gradsheet. The journal of a set that is being made: which shards are finished, and what came of them.

It lies beside the files that it tells of, and never in a finished set. A shard's entry is written after its files; it
holds a digest of them, so that what a power cut took is noticed.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

JOURNAL = "journal.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS made_from (key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shards (
    number INTEGER PRIMARY KEY, files TEXT NOT NULL, digest BLOB NOT NULL, numbers TEXT NOT NULL, notes TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished shard: its files' names and digest, its lines of ``students.jsonl``, and each student's notes."""

    number: int
    files: tuple[str, ...]
    digest: bytes
    numbers: str
    notes: list[list[list[str]]]


def digest_of(contents: Sequence[bytes]) -> bytes:
    """What tells files, in their order, from any others."""
    digest = blake2b(digest_size=16)
    for content in contents:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.digest()


class Journal:
    """The entries of one run and of those before it that were killed; ``key`` says what all is made from."""

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / JOURNAL
        self._base = self._opened(key)

    def _opened(self, key: str) -> sqlite3.Connection:
        """The journal of an earlier run that made the same, else a new one."""
        with _told(self._path):
            base = sqlite3.connect(self._path, isolation_level=None)
            try:
                base.execute("PRAGMA synchronous = OFF")  # a digest tells what never reached the disk
                base.executescript(_TABLES)
                found = base.execute("SELECT key FROM made_from").fetchone()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                    raise
                found = ("damaged",)
            if found is not None and found[0] != key:
                base.close()
                for ending in ("", "-journal"):
                    Path(f"{self._path}{ending}").unlink(missing_ok=True)
                return self._opened(key)
            if found is None:
                base.execute("INSERT INTO made_from VALUES (?)", (key,))
        return base

    def close(self) -> None:
        self._base.close()

    def note(self, entry: Entry) -> None:
        """Say that a shard is finished; OSError where the disk is full."""
        row = (entry.number, json.dumps(entry.files), entry.digest, entry.numbers, json.dumps(entry.notes))
        with _told(self._path):
            self._base.execute("INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?, ?)", row)

    def forget(self, number: int) -> None:
        """Say that a shard is not finished after all."""
        with _told(self._path):
            self._base.execute("DELETE FROM shards WHERE number = ?", (number,))

    def entries(self) -> Iterator[Entry]:
        """All entries in the order of the shards, one at a time."""
        with _told(self._path):
            rows = self._base.execute("SELECT number, files, digest, numbers, notes FROM shards ORDER BY number")
            for number, files, digest, numbers, notes in rows:
                yield Entry(number, tuple(json.loads(files)), digest, numbers, json.loads(notes))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Within the block, let the database's complaint of a full or failing disk be the system's."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        number = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS}.get(code)
        if number is None and code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            number = errno.EIO
        if number is None:
            raise
        raise OSError(number, os.strerror(number), os.fspath(path)) from error
