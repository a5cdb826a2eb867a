"""Room: grader. A download sorted: each student's hand-ins by their place on the roster, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.collecting.layouts import AUTOMATIC, layout_of
from grader.collecting.listing import entries
from grader.collecting.people import Doubt, People
from grader.collecting.reading import Reader, shown
from grader.collecting.shape import Entry, Piece
from grader.messages import QUARANTINED
from grader.submissions import ENDINGS, Rejected, Submission, read_submission
from grader.submissions.answers import shortened
from grader.submissions.typed import read_typed

MENTIONED = 3
"""Files named of a student who has several."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One hand-in of a student: a file, or why there is no one file to read; ``late`` as the platform tells it."""

    entry: Entry
    late: str = ""
    typed: bool = False
    trouble: Rejected | None = None

    @property
    def file(self) -> str:
        return shown(self.entry)

    def read(self, reader: Reader) -> Submission:
        """What is written in it. Raises Rejected."""
        if self.trouble is not None:
            raise self.trouble
        known = self.typed or _ending(self.entry) in ENDINGS
        data = reader.read(self.entry) if known or self.entry.trouble else b""
        return read_typed(self.file, data) if self.typed else read_submission(self.file, data)


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student has handed in: ``owner`` as the download calls them, attempts with the earliest first."""

    owner: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A hand-in set aside: as the download calls its owner, its files, why, and who might be meant (places)."""

    owner: str
    files: tuple[str, ...]
    code: str
    reason: str
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbox:
    """A download by student. ``found`` counts the people it has hand-ins of; ``contested`` are students (by place)
    whom two of them claim to be, by what they call themselves.
    """

    layout: str
    found: int
    hand_ins: dict[int, HandIn]
    contested: dict[int, tuple[str, ...]]
    quarantined: tuple[Quarantined, ...]


def collect(place: str | Path, people: People, *, layout: str = AUTOMATIC) -> Inbox:
    """Sort what lies in a folder or a zip archive; files are opened only where a list of them is to be read.

    Raises Rejected where nothing can be told of anybody: no such place, no archive, too many files or bytes.
    """
    with Reader() as reader:
        listed = entries(str(place), reader)
        taken = layout_of(listed, layout)
        pieces = taken.pieces(listed, reader.read)
    return _sorted(taken.NAME, pieces, people)


def _sorted(layout: str, pieces: Sequence[Piece], people: People) -> Inbox:
    owners: dict[str, list[Piece]] = {}
    for piece in pieces:
        owners.setdefault(piece.claim.shown, []).append(piece)
    by_place: dict[int, list[str]] = {}
    aside: list[Quarantined] = []
    for owner, theirs in owners.items():
        found = _owner_of(theirs, people)
        if isinstance(found, Doubt):
            aside.append(_quarantined(owner, theirs, found))
        else:
            by_place.setdefault(found, []).append(owner)
    contested: dict[int, tuple[str, ...]] = {}
    hand_ins: dict[int, HandIn] = {}
    for at, names in by_place.items():
        if len(names) == 1:
            hand_ins[at] = HandIn(names[0], tuple(_attempts(owners[names[0]])))
        elif all(owners[name][0].claim.marks for name in names):  # the platform knows them for different people
            doubt = Doubt("several-owners", (at,))
            aside += [_quarantined(name, owners[name], doubt, len(names)) for name in names]
        else:
            contested[at] = tuple(sorted(names))
    return Inbox(layout, len(owners), hand_ins, contested, tuple(sorted(aside, key=lambda each: each.owner)))


def _owner_of(theirs: Sequence[Piece], people: People) -> int | Doubt:
    """Whose the files of one owner are; where they lie in folders of different students, nobody's."""
    found = {people.find(piece.claim) for piece in theirs}
    if len(found) == 1:
        return found.pop()
    sure = {each for each in found if isinstance(each, int)}
    candidates = sure.union(*(each.candidates for each in found if isinstance(each, Doubt)))
    return Doubt("several-students", tuple(sorted(candidates)))


def _quarantined(owner: str, theirs: Iterable[Piece], doubt: Doubt, owners: int = 0) -> Quarantined:
    reason = QUARANTINED[doubt.code].format(detail=owners or f"{len(doubt.candidates)} students")
    files = tuple(sorted(shown(piece.entry) for piece in theirs))
    return Quarantined(owner, files, doubt.code, reason, doubt.candidates)


def _attempts(theirs: Sequence[Piece]) -> Iterator[Attempt]:
    """The attempts of one owner; a readable file before one of another format, a file before a typed page."""
    files = [piece for piece in theirs if not piece.typed and _ending(piece.entry) in ENDINGS]
    typed = [piece for piece in theirs if piece.typed]
    best = files or typed or sorted(theirs, key=lambda piece: piece.entry.name)[:1]
    by_attempt: dict[tuple[int, str], list[Piece]] = {}
    for piece in best:
        by_attempt.setdefault(piece.attempt, []).append(piece)
    for number in sorted(by_attempt):
        some = by_attempt[number]
        yield Attempt(some[0].entry, some[0].late, some[0].typed, _several(some) if len(some) > 1 else None)


def _several(some: Sequence[Piece]) -> Rejected:
    names = " and ".join(shortened(shown(piece.entry), 80) for piece in some[:MENTIONED])
    return Rejected("two-files", detail=names + (" and more" if len(some) > MENTIONED else ""))


def _ending(entry: Entry) -> str:
    return PurePosixPath(entry.name).suffix.lower()
