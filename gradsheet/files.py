"""Room: gradsheet. Files and folders that appear whole or not at all.

Whatever goes wrong on the way (a full disk, Ctrl-C, a defect), what was there before is still there, unharmed, and no
temporary is left behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from exercises.errors import InputError

PRIVATE_FOLDER = 0o700
TEMPORARY = ".gradsheet-"  # how the name of every temporary begins; a power cut may leave one behind
NEW_FILE = 0o666  # less what the umask takes, like any file that a program makes


def write_atomically(path: str | os.PathLike[str], data: str | bytes, *, durable: bool = False) -> None:
    """Put ``data`` into the file ``path``, new or old, in one stroke.

    Text is written as UTF-8, its newlines as they are. ``durable`` waits until the disk has it. A link is followed.
    Raises OSError with ``path`` as its file name; InputError where ``path`` is a device or a pipe.
    """
    target = Path(os.path.realpath(path))
    content = data.encode("utf-8") if isinstance(data, str) else data
    temporary = target.with_name(_temporary_name())
    try:
        _refuse_special(target)
        _write_new(temporary, content, durable=durable)
        os.replace(temporary, target)
        if durable:
            _sync_folder(target.parent)
    except OSError as error:
        raise _about(error, path) from error
    finally:
        with suppress(OSError):  # gone already when all went well; and the first error is the one to tell
            temporary.unlink()


def write_part(path: Path, content: bytes, parts: Path) -> None:
    """Put ``content`` into the file ``path`` of a folder that is being built, by way of ``parts`` on the same disk.

    Cheaper than ``write_atomically``, since nobody looks at ``path`` yet; but it too is whole or not there, however
    the process ends.
    """
    part = parts / _temporary_name()
    _write_new(part, content, durable=False)
    os.replace(part, path)


@contextmanager
def replaced_file(path: Path, parts: Path) -> Iterator[IO[bytes]]:
    """As ``write_part``, for what is too large to be held in memory: a file to write to."""
    part = parts / _temporary_name()
    with open(part, "xb") as file:
        yield file
    os.replace(part, path)


def private_folder(path: Path) -> Path:
    """Make the folder ``path`` if need be, and let nobody but its owner in, whatever the umask says; return it."""
    path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    path.chmod(PRIVATE_FOLDER)
    return path


@contextmanager
def staged_folder(target: str | os.PathLike[str], *, marker: str | None = None) -> Iterator[Path]:
    """Build a set of files in a temporary folder beside ``target``; it takes its place when the block ends well.

    A folder that is there already is taken only if it is empty, or holds ``marker`` (a path inside it that only an
    earlier run of ours leaves behind, such as ``teacher/set.json``). Then each file and folder that was built replaces
    the one of its name, all or none of them; whatever else lies there is left alone. While it is being built nobody but
    the owner can look in. Raises InputError for a folder that isn't ours to replace, before the block is entered.
    """
    place = Path(os.path.realpath(target))
    refuse_foreign(place, target, marker)
    made = make_parents(place.parent, target)
    # Inside a folder that exists: its parent need not be ours to write in.
    shelter = (place if place.exists() else place.parent) / _temporary_name()
    done = False
    try:
        with naming(target):
            private_folder(shelter)
            # The inner one has the usual mode, and is what is moved; the outer one keeps it shut meanwhile.
            built = shelter / "new"
            built.mkdir()
        yield built
        with naming(target):
            put_in_place(built, place, aside=shelter / "old")
        done = True
    finally:
        shutil.rmtree(shelter, ignore_errors=True)
        if not done:
            remove_empty(made)


def remove_empty(folders: list[Path]) -> None:
    """Take away again the folders that ``make_parents`` made, unless somebody has put something there."""
    for folder in reversed(folders):
        with suppress(OSError):  # somebody else has put something there meanwhile
            folder.rmdir()


def put_in_place(built: Path, place: Path, *, aside: Path) -> None:
    """Move what was built to its place: if that exists, entry by entry, and all back again where one can't be moved.

    ``aside`` takes what was there before. Where the process was killed on the way, a second call does the rest.
    """
    if not place.exists():
        os.rename(built, place)
        return
    aside.mkdir(exist_ok=True)
    moves: list[tuple[Path, Path]] = []
    try:
        for entry in sorted(built.iterdir()):
            final = place / entry.name
            if _exists(final):
                _move(final, aside / entry.name, moves)
            _move(entry, final, moves)
    except BaseException:
        for source, destination in reversed(moves):
            if not _exists(source):
                os.rename(destination, source)
        raise


def _move(source: Path, destination: Path, moves: list[tuple[Path, Path]]) -> None:
    moves.append((source, destination))  # noted first: Ctrl-C may come between the two
    os.rename(source, destination)


def refuse_foreign(place: Path, shown: str | os.PathLike[str], marker: str | None) -> None:
    """InputError where a folder has files in it and no ``marker`` of ours; ``shown`` is the name the user knows."""
    if not _exists(place):
        return
    with naming(shown):
        filled = any(not entry.name.startswith(TEMPORARY) for entry in place.iterdir())
    if filled and (marker is None or not (place / marker).exists()):
        raise InputError(
            "this folder has files in it that gradsheet didn't make; choose another, or empty it first",
            where=os.fspath(shown),
        )


def _refuse_special(target: Path) -> None:
    # As root, replacing /dev/null by a file would even succeed.
    if target.exists() and not target.is_file() and not target.is_dir():
        raise InputError("this is a device or a pipe; name an ordinary file", where=str(target))


def make_parents(folder: Path, shown: str | os.PathLike[str]) -> list[Path]:
    """Make the folders that are missing, outermost first, and return them."""
    missing = [folder, *folder.parents]
    missing = [each for each in missing if not each.exists()][::-1]
    with naming(shown):
        for each in missing:
            each.mkdir(exist_ok=True)
    return missing


def _write_new(path: Path, content: bytes, *, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), NEW_FILE)
    with open(descriptor, "wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:  # a write may take less than it is given
            rest = rest[file.write(rest) :]
        if durable:
            os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    # The new name is in the folder, so the folder must reach the disk too. Windows can't open one, nor needs to.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_name() -> str:
    # Short, since the real name may already be as long as the file system lets it be.
    return f"{TEMPORARY}{os.urandom(6).hex()}.tmp"


def _exists(path: Path) -> bool:
    """Whether the name is taken, be it by a link that leads nowhere."""
    return os.path.lexists(path)


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Within the block, let an OSError name the place that the user knows, not a temporary."""
    try:
        yield
    except OSError as error:
        raise _about(error, path) from error


def _about(error: OSError, path: str | os.PathLike[str]) -> OSError:
    return OSError(error.errno, error.strerror, os.fspath(path))
