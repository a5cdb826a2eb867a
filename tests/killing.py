"""Runs of `generate` that are killed, or find the disk full, at a chosen moment; what the tests of both share."""

from __future__ import annotations

import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from exercises.specification import parse_specification
from gradsheet import files, orders, shards
from gradsheet.generation import Order, Workers, generate
from gradsheet.journal import Journal
from gradsheet.roster import numbered_students

TEXT = 'name = "killed"\n[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * z"]\n'
SPECIFICATION = parse_specification(TEXT, "killed.toml")  # once: what is worked out for it then serves all runs
STUDENTS, SMALL = 5, 2
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Action = Callable[[], None]


def order_of(count: int = STUDENTS, **wishes: Any) -> Order:
    made = Order(SPECIFICATION, TEXT, numbered_students(count), bytes(range(32)))
    return replace(made, **wishes)


def in_small_shards() -> None:
    """Several shards in a small class; results don't depend on it, but for print files."""
    orders.SHARD = shards.SHARD = SMALL  # type: ignore[misc]


def make(folder: Path, order: Order | None = None, jobs: int = 1) -> None:
    in_small_shards()
    generate(order or order_of(), folder, workers=Workers(jobs))


def forked(action: Action) -> int:
    """Do it in a copy of this process, and say how that ended: 0, or the signal's number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the copy does nothing with this process's threads
        child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Moments:
    """Counts the moments at which something changes below ``folder``, and does ``then`` at the one that is wished.

    A moment is the opening of a file to write, half of its content written, a file or folder made, renamed or removed,
    and the time just before and after an entry in the journal. Without ``removals`` these are left out. A watched
    process stays so to its end.
    """

    def __init__(self, folder: Path, at: int, then: Action, *, removals: bool = True) -> None:
        self.folder, self.at, self.then, self.count = str(folder), at, then, 0
        self.removals = ("os.remove", "os.rmdir") if removals else ()
        sys.addaudithook(self._heard)
        self._between_writes()

    def passed(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.then()

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        changed = event in ("os.rename", "os.mkdir", "sqlite3.connect") and self.folder in str(arguments[0])
        if changed or (opened and self.folder in str(arguments[0])) or event in self.removals:
            self.passed()

    def _between_writes(self) -> None:
        write, note = files._write_new, Journal.note

        def halved(path: Path, content: bytes, *, durable: bool) -> None:
            write(path, content[: len(content) // 2], durable=durable)
            self.passed()
            path.unlink()
            write(path, content, durable=durable)

        def noted(journal: Journal, entry: Any) -> None:
            self.passed()
            note(journal, entry)
            self.passed()

        files._write_new, Journal.note = halved, noted  # type: ignore[method-assign]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def find_no_room() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def moments_of(folder: Path, before: Action) -> int:
    """How many moments a whole run has."""
    reading, writing = os.pipe()

    def counted() -> None:
        before()
        watched = Moments(folder.parent, 0, die)
        make(folder)
        os.write(writing, str(watched.count).encode())

    assert forked(counted) == 0
    found = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    return found
