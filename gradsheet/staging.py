"""Room: gradsheet. A folder that is built by one run, or by several that were killed before one came to its end.

What is being built lies in a *shelter* beside the folder (inside it, where it exists already), under a name that the
next run finds again. A lock of the operating system says whether somebody is at work there; it ends with its process,
however that ends, so what a dead one has left behind never stands in anybody's way.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from exercises.errors import InputError
from gradsheet.files import (
    TEMPORARY,
    make_parents,
    naming,
    private_folder,
    put_in_place,
    refuse_foreign,
    remove_empty,
)

LOCK, BUILT, ASIDE, PARTS = "lock", "new", "old", "parts"


@dataclass
class Shelter:
    """Where a folder is being built: ``built`` takes its place in the end, ``parts`` holds files half written.

    With ``keep`` the shelter outlasts an interruption, so that the next run can go on.
    """

    path: Path
    keep: bool = False

    @property
    def built(self) -> Path:
        return self.path / BUILT

    @property
    def parts(self) -> Path:
        return self.path / PARTS

    def emptied(self) -> None:
        """Throw away what an earlier run has built."""
        for folder in (self.built, self.parts):
            shutil.rmtree(folder)  # what can't be taken away must not get into the set
            folder.mkdir()


@contextmanager
def sheltered(target: str | os.PathLike[str], *, marker: str) -> Iterator[Shelter]:
    """Build a set of files in a shelter; it takes the place of ``target`` when the block ends well, all or nothing.

    Who may be replaced is said at ``gradsheet.files.staged_folder``. An exception takes the shelter away, unless it is
    one that interrupts (Ctrl-C, ``Interrupted``) and ``keep`` is set. Raises InputError while another run is at work
    there, and for a folder that isn't ours to replace.
    """
    place = Path(os.path.realpath(target))
    _finish_placing(place, target)
    refuse_foreign(place, target, marker)
    made = make_parents(place.parent, target)
    path, other = _shelters(place) if place.exists() else _shelters(place)[::-1]
    done = kept = False
    with naming(target):
        lock = _locked(path, target)
    try:
        with naming(target):
            _discard(other, target)
            for folder in (path / BUILT, path / PARTS):
                folder.mkdir(exist_ok=True)
        shelter = Shelter(path)
        try:
            yield shelter
        except (KeyboardInterrupt, Interrupted):
            kept = shelter.keep
            raise
        with naming(target):
            put_in_place(shelter.built, place, aside=path / ASIDE)
        done = True
    finally:
        _released(lock, path if done or not kept else None)
        if not done and not kept:
            remove_empty(made)


class Interrupted(InputError):
    """The work was stopped from outside, and goes on where it was when the command is run again."""


def _shelters(place: Path) -> tuple[Path, Path]:
    """Inside a folder that exists, since its parent need not be ours to write in; and beside one that doesn't."""
    name = hashlib.sha256(os.fsencode(place.name)).hexdigest()[:12]
    return place / f"{TEMPORARY}unfinished", place.parent / f"{TEMPORARY}{name}.unfinished"


def _finish_placing(place: Path, target: str | os.PathLike[str]) -> None:
    """Where a run was killed while it moved a finished set to its place, move the rest; the set is half the new one
    else, half the old."""
    inside, _ = _shelters(place)
    if not (inside / ASIDE).is_dir():
        return
    with naming(target):
        lock = _locked(inside, target)
        try:
            if (inside / ASIDE).is_dir() and (inside / BUILT).is_dir():
                put_in_place(inside / BUILT, place, aside=inside / ASIDE)
        finally:
            _released(lock, inside)


def _discard(path: Path, target: str | os.PathLike[str]) -> None:
    """Take away what a killed run left in the place where this one doesn't build."""
    if path.is_dir():
        _released(_locked(path, target), path)


def _locked(path: Path, target: str | os.PathLike[str]) -> IO[bytes]:
    """The shelter's lock, held; InputError where another process holds it."""
    while True:
        private_folder(path)
        try:
            file = open(path / LOCK, "ab")  # noqa: SIM115 - held for as long as the work takes
        except FileNotFoundError:
            continue  # its holder has just taken the shelter away
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise InputError(
                "another run is making this set at the moment; wait for it, or name another folder with --out",
                where=os.fspath(target),
            ) from error
        if _is_still(file, path / LOCK):
            return file
        file.close()


def _is_still(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _released(lock: IO[bytes], shelter: Path | None) -> None:
    """Let the lock go, and take ``shelter`` away; in the order that the system allows."""
    if sys.platform == "win32":  # an open file can't be removed there
        lock.close()
    if shelter is not None:
        for entry in (ASIDE, PARTS, BUILT):  # the lock last: until then nobody else builds here
            shutil.rmtree(shelter / entry, ignore_errors=True)
        shutil.rmtree(shelter, ignore_errors=True)
    with suppress(OSError):
        lock.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
