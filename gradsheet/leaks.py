"""Room: gradsheet. Whether students would see what they must not: everything in ``students/`` is read again.

Three things are asked of every file: that it is one of those that students get; that neither the course secret nor a
seed stands in it, in any spelling; and that every number in it is accounted for. A number is, where it is the student's
own given one, stands in the student's id or name, or is found on every sheet whatever its numbers. One that is not, and
comes out where an answer does, is a leak. The answers are worked out anew from the record, not taken from the keys.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import quote

from gradsheet.accounts import Accounts
from gradsheet.course_set import STUDENTS
from gradsheet.executors import Executor, Here, finished
from gradsheet.journal import Entry
from gradsheet.orders import Order, shards_of
from gradsheet.pdf_text import Pdf
from gradsheet.shards import Job, Shard, packed, unpacked
from gradsheet.shown_text import shown_text

MOST_TOLD = 3
"""Leaks named in the message."""

SEED = 32
"""Bytes of a seed; the secret has as many."""

_HEX = bytes.maketrans(bytes(range(256)), bytes(120 if chr(k) in "0123456789abcdefABCDEF" else 32 for k in range(256)))
_LONG_HEX = re.compile(rb"[0-9a-fA-F]{64,}")


class LeakFound(Exception):
    """Students would see what they must not; nothing was put in place. The message names files, and no secrets."""


@dataclass(frozen=True, slots=True)
class Case:
    """A shard's files to read: what its students were given, as the record has it, and what must not be seen."""

    shard: Shard
    numbers: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in a shard: leaks in words, and runs of digits that might be anybody's seed, with their files."""

    students: int
    files: int
    leaks: tuple[str, ...]
    suspects: tuple[tuple[str, bytes], ...]


def require_none(
    order: Order,
    job: Job,
    entries: Iterable[Entry],
    built: Path,
    executor: tuple[Executor, int],
    checked: Callable[[int], None],
) -> None:
    """LeakFound where anything in the students' folder of a set that is being built is not for students.

    ``entries`` say which files there should be; ``executor`` comes with the number of its workers.
    """
    leaks: list[str] = []
    suspects: list[tuple[str, bytes]] = []
    count = 0
    call = partial(_read, job if isinstance(executor[0], Here) else packed(job), built, spellings(order.secret))
    for read in finished(*executor, call, _cases(order, entries)):
        leaks += read.leaks
        suspects += read.suspects
        count += read.files
        checked(read.students)
    leaks += _strangers(built / STUDENTS, count)
    leaks += _anybodys(order, suspects)
    if leaks:
        more = f" (and {len(leaks) - MOST_TOLD} more)" if len(leaks) > MOST_TOLD else ""
        raise LeakFound(
            f"{'; '.join(leaks[:MOST_TOLD])}{more}: students must not see that, so nothing was put in place; "
            "look at your own templates, or report it"
        )


def _cases(order: Order, entries: Iterable[Entry]) -> Iterator[Case]:
    for shard, entry in zip(shards_of(order), entries, strict=True):
        yield Case(shard, entry.numbers, tuple(name for name in entry.files if name.startswith(f"{STUDENTS}/")))


def _strangers(folder: Path, expected: int) -> list[str]:
    """Where there are other files than those read: what they are is found only then."""
    found = sum(1 for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    everything = sum(1 for _ in folder.iterdir())
    return [] if found == everything == expected else [f"{STUDENTS} holds files that were not made for students"]


def _anybodys(order: Order, suspects: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """Which runs of hexadecimal digits hold a seed of any student of the class."""
    windows = {run[at : at + 2 * SEED]: name for name, run in suspects for at in range(len(run) - 2 * SEED + 1)}
    for shard in shards_of(order) if windows else ():
        for seed in (one.hex().encode() for own in shard.seeds for one in own):
            if seed in windows:
                yield f"{windows[seed]} holds a seed"


def spellings(secret: bytes) -> tuple[bytes, ...]:
    """How bytes may stand in a file: as they are, in hexadecimal, in base64 wherever it begins."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for skipped in range(3):
        # What comes before and after shares its first and last characters.
        inner = base64.b64encode(bytes(skipped) + secret)[4 if skipped else 0 : -4]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return tuple(sorted(found))


# What workers run.


@lru_cache(maxsize=2)
def _accounts(job: bytes | Job) -> Accounts:
    return Accounts(job if isinstance(job, Job) else unpacked(job))


def _read(job: bytes | Job, built: Path, secret: tuple[bytes, ...], case: Case) -> Read:
    accounts = _accounts(job)
    leaks: list[str] = []
    suspects: list[tuple[str, bytes]] = []
    everybody = zip(case.shard.students, case.shard.seeds, accounts.of(case.numbers), _owned(case), strict=True)
    for student, seeds, held, files in everybody:
        spelled = [word for one in seeds for word in spellings(one)]
        words = (student.id, student.name, quote(student.id))
        for name in files:
            with open(f"{built}/{name}", "rb") as file:
                content = file.read()
            text = shown_text(name, content)
            layers = _layers(name, content, text)
            leaks += [f"{name} {what}" for what in _spelled(layers, secret, spelled)]
            suspects += [(name, run) for layer in layers for run in _long_runs(layer)]
            if name.endswith(".csv") and not _is_blank_form(content):
                leaks.append(f"{name} has its answers filled in")
            cell = accounts.betrayed(name.rpartition(".")[2], text, held, words)
            leaks += [f"{name} tells the answer {cell}"] if cell else []
    return Read(len(case.shard.students), len(case.files), tuple(leaks), tuple(suspects))


def _layers(name: str, content: bytes, text: str) -> tuple[bytes, ...]:
    """The ways to read a file: as it lies there; a PDF also unpacked, and as text, whose lines may be broken."""
    if not name.endswith(".pdf"):
        return (content,)
    return (content, *Pdf(content).streams.values(), "".join(text.split()).encode())


def _spelled(layers: Sequence[bytes], secret: Sequence[bytes], seeds: Sequence[bytes]) -> Iterator[str]:
    if any(word in layer for layer in layers for word in secret):
        yield "holds the course secret"
    if any(word in layer for layer in layers for word in seeds):
        yield "holds a seed"


def _long_runs(layer: bytes) -> list[bytes]:
    """Runs of hexadecimal digits that are long enough for a seed; there are hardly ever any, and that is seen fast."""
    if b"x" * (2 * SEED) not in layer.translate(_HEX):
        return []
    return [run.lower() for run in _LONG_HEX.findall(layer)]


def _owned(case: Case) -> list[list[str]]:
    """The files of each student, in the order of the shard; every file is somebody's."""
    places = {student.id: place for place, student in enumerate(case.shard.students)}
    owned: list[list[str]] = [[] for _ in places]
    for name in case.files:
        stem = name.removeprefix(f"{STUDENTS}/").rpartition(".")[0]
        own = stem if stem in places else re.sub(r"-[0-9]+\Z", "", stem)
        owned[places[own]].append(name)
    return owned


def _is_blank_form(content: bytes) -> bool:
    """Whether every row but the head ends in an empty cell."""
    _, *rows = content.decode("utf-8").splitlines()
    return all(row.endswith(",") for row in rows)
