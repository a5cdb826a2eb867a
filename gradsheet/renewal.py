"""Room: gradsheet. A folder of results that is written only where it differs, and changed in one stroke.

What a run makes is held against what lies there already; as long as all is the same nothing is written at all. At the
first difference a new folder is begun beside the old one, into which everything goes (what is the same is linked), and
which in the end changes places with the old one: whenever a run is killed, there is the old folder or the new one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from exercises.errors import InputError
from gradsheet.files import TEMPORARY, private_folder, refuse_foreign

STAGE = f"{TEMPORARY}grading"
"""Beside the folder, and always the same: what a killed run leaves is cleared away by the next one."""

ASIDE = f"{STAGE}-old"
"""Where the old folder is for an instant, on systems that can't exchange names."""

_CHUNK = 1_000_000
_FAR = 2**30
_AT_FDCWD, _EXCHANGE = -100, 2


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Hold an existing file's lock, which ends with the process; InputError (``busy``) while another holds it."""
    with path.open("rb") as file:
        try:
            _lock(file)
        except OSError as error:
            raise InputError(busy, where=str(path.parent.parent)) from error
        yield


@dataclass
class Renewal:
    """A folder being made anew: ``put`` files whole, ``open`` those that come in pieces; names may have one folder."""

    place: Path
    stage: Path
    staged: bool = False
    kept: list[str] = field(default_factory=list)
    """What is the same so far, and has not been written again."""
    names: set[str] = field(default_factory=set)
    streams: list[Stream] = field(default_factory=list)

    def put(self, name: str, data: bytes) -> None:
        """A file as a whole."""
        self.names.add(name)
        if _same(self.place / name, data):
            self.kept.append(name)
        else:
            self.begin()
            write_new(self.new(name), data)

    def open(self, name: str) -> Stream:
        """A file to be written in pieces; closed with the folder."""
        self.names.add(name)
        stream = Stream(self, name)
        self.streams.append(stream)
        return stream

    def begin(self) -> None:
        """From now on there is a difference, and a new folder to be built."""
        if not self.staged:
            self.staged = True
            private_folder(self.stage)

    def new(self, name: str) -> Path:
        path = self.stage / name
        path.parent.mkdir(exist_ok=True)
        return path

    def finish(self, mine: Collection[str], gone: Collection[str]) -> bool:
        """Put the new folder in place where there is a difference, and say whether there was.

        ``mine`` are the folders within that hold nothing but what was put; ``gone`` are patterns of files that told of
        the old ones. Anything else that lies there is somebody's, and stays.
        """
        for stream in self.streams:
            stream.close()
        old = {name for folder in mine for name in _within(self.place, folder)}
        outdated = [path for pattern in gone for path in self.place.glob(pattern)]
        if old - self.names:
            self.begin()
        if not self.staged:
            return False
        for name in self.kept:
            link(self.place / name, self.new(name))
        for folder in mine:
            (self.stage / folder).mkdir(exist_ok=True)
        if self.place.exists():
            ours = {name.split("/")[0] for name in (*self.names, *mine)} | {path.name for path in outdated}
            for entry in self.place.iterdir():
                if entry.name not in ours and not entry.name.startswith(TEMPORARY):
                    link(entry, self.stage / entry.name)
        change_places(self.stage, self.place)
        return True


class Stream:
    """A file that comes in pieces: read along in the old one as long as it is the same, written from then on."""

    def __init__(self, renewal: Renewal, name: str) -> None:
        self._renewal, self._name = renewal, name
        self._old: IO[bytes] | None = None
        self._new: IO[bytes] | None = None
        self._same = 0
        with suppress(OSError):
            self._old = (renewal.place / name).open("rb")

    def write(self, data: bytes) -> None:
        """The next piece."""
        if self._new is None and self._old is not None and self._old.read(len(data)) == data:
            self._same += len(data)
            return
        if self._new is None:
            self._diverge()
        assert self._new is not None
        self._new.write(data)

    def close(self) -> None:
        """No more comes; an old file that goes on is no longer the same."""
        if self._new is None and (self._old is None or self._old.read(1)):
            self._diverge()
        if self._new is None:
            self._renewal.kept.append(self._name)
        if self._new is not None:
            self._new.close()  # what is still to be written may find the disk full
        self.discard()

    def discard(self) -> None:
        """Close what is open; what can't be written any more is of no use."""
        for file in (self._old, self._new):
            if file is not None:
                with suppress(OSError):
                    file.close()

    def _diverge(self) -> None:
        self._renewal.begin()
        self._new = self._renewal.new(self._name).open("xb")
        if self._old is None:
            return
        self._old.seek(0)
        left = self._same
        while left:
            chunk = self._old.read(min(left, _CHUNK))
            self._new.write(chunk)
            left -= len(chunk)


@contextmanager
def renewed(place: Path, marker: str) -> Iterator[Renewal]:
    """A folder to be made anew; call ``finish`` at the end, else nothing has changed.

    Hold a lock meanwhile. InputError for a folder that is there and holds no ``marker``, hence isn't ours.
    """
    place = Path(os.path.realpath(place))
    refuse_foreign(place, place, marker)
    aside = place.with_name(ASIDE)
    if aside.exists() and not place.exists():  # killed between two renames
        os.rename(aside, place)
    renewal = Renewal(place, place.parent / STAGE)
    shutil.rmtree(renewal.stage, ignore_errors=True)
    try:
        yield renewal
    finally:
        for stream in renewal.streams:
            stream.discard()
        shutil.rmtree(renewal.stage, ignore_errors=True)


def write_new(path: Path, data: bytes) -> None:
    """A file that isn't there yet."""
    with path.open("xb") as file:
        file.write(data)


def link(old: Path, new: Path) -> None:
    """The same file or folder under a second name; a copy where the file system has no links."""
    if old.is_dir() and not old.is_symlink():
        new.mkdir()
        for entry in old.iterdir():
            link(entry, new / entry.name)
        return
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOENT):
            raise
        shutil.copy2(old, new, follow_symlinks=False)


def change_places(new: Path, old: Path) -> None:
    """The new folder takes the old one's name in one stroke; the old one then has the new one's."""
    if not old.exists():
        os.rename(new, old)
    elif not _exchanged(new, old):
        # Here a kill between the two leaves the old folder under the aside name; only systems without exchange do so.
        aside = old.with_name(ASIDE)
        shutil.rmtree(aside, ignore_errors=True)
        os.rename(old, aside)
        os.rename(new, old)
        os.rename(aside, new)


def _exchanged(new: Path, old: Path) -> bool:
    """Whether the system can exchange two names, and has."""
    names = os.fsencode(new), os.fsencode(old)
    try:
        if sys.platform == "linux":
            done = ctypes.CDLL(None).renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE)
        elif sys.platform == "darwin":
            done = ctypes.CDLL(None).renamex_np(*names, _EXCHANGE)
        else:
            return False
    except AttributeError:  # an old C library
        return False
    return bool(done == 0)


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _within(place: Path, folder: str) -> Iterator[str]:
    with suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(place / folder):
            yield f"{folder}/{name}"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(_FAR)  # beyond what anybody reads
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
