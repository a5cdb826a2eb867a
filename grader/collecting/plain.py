"""Room: grader. Layout `plain`: a file or a folder for each student, named by the student's id.

Also what every other layout falls back on for a file that isn't named as the platform names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.collecting.shape import Claim, Entry, Piece, stem_and_ending

NAME = "plain"


def share(entries: Sequence[Entry]) -> float:
    """Any file may lie so; whatever another layout knows for its own is better read by that."""
    return 0.0 if entries else 1.0


def pieces(entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> list[Piece]:
    """The file's own name counts, and so do those of the folders (and archives) that it lies in."""
    return [plain(entry) for entry in entries]


def plain(entry: Entry) -> Piece:
    """A file by the names it lies under."""
    *folders, name = entry.parts
    stem = stem_and_ending(name)[0]
    within = tuple(folder[:-4] if folder.lower().endswith(".zip") else folder for folder in reversed(folders))
    known = (stem, *(folder for folder in within if folder and folder != stem))
    return Piece(Claim(stem, known, known), entry)
