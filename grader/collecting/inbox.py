"""Room: grader. A download sorted: each student's hand-ins by their place on the roster, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.collecting.layouts import AUTOMATIC, layout_of
from grader.collecting.listing import entries
from grader.collecting.people import Doubt, People
from grader.collecting.reading import Reader, shown
from grader.collecting.shape import Claim, Entry, Piece
from grader.gradebook import LostHandIn
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
        return self.parsed(self.content(reader))

    @property
    def is_json(self) -> bool:
        return not self.typed and self.entry.name.endswith(".json")

    def content(self, reader: Reader) -> bytes:
        """The file's bytes; none of a file whose ending says that it isn't read. Raises Rejected."""
        if self.trouble is not None:
            raise self.trouble
        known = self.typed or self.entry.trouble or self.entry.ending in ENDINGS
        return reader.read(self.entry) if known else b""

    def parsed(self, data: bytes) -> Submission:
        """What is written in these bytes. Raises Rejected."""
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
    by_place: dict[int, dict[str, list[Piece]]] = {}
    doubts: dict[tuple[str, ...], tuple[Doubt, list[Piece]]] = {}
    for piece in pieces:
        found = people.find(piece.claim)
        if isinstance(found, Doubt):
            doubts.setdefault(_stranger(piece), (found, []))[1].append(piece)
        else:
            by_place.setdefault(found, {}).setdefault(_owner(piece.claim, found, people), []).append(piece)
    aside = [_quarantined(theirs, doubt) for doubt, theirs in doubts.values()]
    count = len(aside) + sum(map(len, by_place.values()))
    contested: dict[int, tuple[str, ...]] = {}
    hand_ins: dict[int, HandIn] = {}
    for at, owners in by_place.items():
        if len(owners) == 1:
            ((owner, theirs),) = owners.items()
            hand_ins[at] = HandIn(owner, tuple(_attempts(theirs)))
        elif all(theirs[0].claim.marks for theirs in owners.values()):  # the platform knows them for different people
            aside += [_quarantined(theirs, Doubt("several-owners", (at,)), len(owners)) for theirs in owners.values()]
        else:
            contested[at] = tuple(sorted(owners))
    if count != len(hand_ins) + sum(map(len, contested.values())) + len(aside):
        raise LostHandIn(f"{count} people have handed in; found were {len(hand_ins)}, set aside {len(aside)}")
    return Inbox(layout, count, hand_ins, contested, tuple(sorted(aside, key=lambda each: (each.owner, each.files))))


def _owner(claim: Claim, place: int, people: People) -> str:
    """What its owner is called: by the platform, or by the one of its names that is the student's."""
    if claim.marks or len(claim.ids) == 1:
        return claim.shown
    return next((each for each in claim.ids if people.find(Claim(each, (each,), (each,))) == place), claim.shown)


def _stranger(piece: Piece) -> tuple[str, ...]:
    """Files of nobody are of the same person where the platform says so, or where they lie side by side."""
    return (piece.claim.shown,) if piece.claim.marks else (piece.claim.shown, *piece.entry.parts[:-1])


def _quarantined(theirs: Sequence[Piece], doubt: Doubt, owners: int = 0) -> Quarantined:
    reason = QUARANTINED[doubt.code].format(detail=owners or f"{len(doubt.candidates)} students")
    files = tuple(sorted(shown(piece.entry) for piece in theirs))
    return Quarantined(theirs[0].claim.shown, files, doubt.code, reason, doubt.candidates)


def _attempts(theirs: Sequence[Piece]) -> Iterator[Attempt]:
    """The attempts of one owner; a readable file before one of another format, a file before a typed page."""
    files = [piece for piece in theirs if not piece.typed and piece.entry.ending in ENDINGS]
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
