"""What the tests of collecting share: downloads laid out, and read as if everybody in them were on the roster."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.collecting import Attempt, People, Reader, collect
from grader.collecting.people import Doubt
from grader.collecting.shape import Claim
from grader.submissions import ENDINGS, Rejected


class Everybody(People):
    """A roster on which is whoever hands something in."""

    def __init__(self) -> None:
        super().__init__([], [])

    def find(self, claim: Claim) -> int | Doubt:
        assert isinstance(self.ids, list)
        if claim.shown not in self.ids:
            self.ids.append(claim.shown)
        return self.ids.index(claim.shown)


def attempts(path: Path) -> Iterator[tuple[str, Attempt]]:
    """The hand-ins that count, the latest of each student, by student."""
    people = Everybody()
    inbox = collect(path, people)
    found = {people.ids[place]: hand_in.attempts[-1] for place, hand_in in inbox.hand_ins.items()}
    yield from sorted(found.items())


def files(path: Path) -> Iterator[tuple[str, str, bytes | Rejected]]:
    """Student, file and bytes of every hand-in, by student; no bytes of a file that isn't read by its ending."""
    with Reader() as reader:
        for student, attempt in attempts(path):
            yield student, attempt.file, _bytes(attempt, reader)


def _bytes(attempt: Attempt, reader: Reader) -> bytes | Rejected:
    if attempt.trouble is not None:
        return attempt.trouble
    if attempt.entry.trouble is None and not attempt.file.lower().endswith(ENDINGS):
        return b""
    try:
        return reader.read(attempt.entry)
    except Rejected as trouble:
        return trouble


def zipped(members: Mapping[str, bytes]) -> bytes:
    """An archive in memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()
