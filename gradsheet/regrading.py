"""Room: gradsheet. A class marked again: what changes for whom and why, told before anything is replaced.

results/audit-N.csv, .json    what the N-th regrading changed: a row a student; and every cell, with the reason
results/history/N/            what stood in results/ before it
teacher/history/N/            and in teacher/, where the exercises were corrected
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from gradsheet.audit import Audit, Auditor
from gradsheet.audit_telling import json_pieces
from gradsheet.class_marking import Sitting
from gradsheet.correction import Correction, write_corrected
from gradsheet.course_set import RESULTS, TEACHER, CourseSet
from gradsheet.feedback import Reveal
from gradsheet.files import TEMPORARY, naming, replaced_file, staged_folder, write_atomically
from gradsheet.marking_record import rules_json
from gradsheet.results_folder import grade_only, grade_to_folder
from gradsheet.results_stream import FILE

HISTORY = "history"
NOT_KEPT = ("audit-", HISTORY)
"""What of results/ belongs to regradings and isn't copied into another one's history."""


@dataclass(frozen=True, slots=True)
class Regraded:
    """What a marking changes, or has changed: ``written`` is the number of the regrading, and its audit."""

    audit: Audit
    written: tuple[int, Path] | None = None


def regrade(
    desk: Sitting,
    formats: Collection[str] = ("md",),
    reveal: Reveal = Reveal.SOLUTION,
    *,
    in_place: bool = False,
    correction: Correction | None = None,
    jobs: int = 1,
) -> Regraded:
    """Mark a class again, and say what that changes; InputError where it hasn't been graded yet.

    With ``in_place``, and where anything changes: keep what stands in results/, write the audit down, and only then put
    the new results in place; with a correction the teacher's record is kept too, and replaced before the results are.
    One that was killed on the way is done again under the same number.
    """
    auditor = Auditor(desk.course, rules_json(desk.rules))
    if not in_place:
        grade_only(desk, jobs=jobs, seen=auditor.add)
        return Regraded(auditor.finished())
    found: list[Regraded] = []

    def kept() -> bool:
        told = auditor.finished()
        nothing_new = told.same and correction is None
        found.append(Regraded(told, None if nothing_new else _keep(desk.course, told, correction)))
        return not nothing_new

    grade_to_folder(desk, formats, reveal, jobs=jobs, seen=auditor.add, settled=kept, afresh=True)
    return found[0]


def _keep(course: CourseSet, told: Audit, correction: Correction | None) -> tuple[int, Path]:
    folder = course.folder / RESULTS
    turn = _turn(folder)
    kept = folder / HISTORY / str(turn)
    if not kept.exists():
        with staged_folder(kept) as place:
            _copy(folder, place, without=(*NOT_KEPT, "."))
    path = folder / f"audit-{turn}.csv"
    _write_pieces(path.with_suffix(".json"), (piece.encode() for piece in json_pieces(told, _indented)))
    write_atomically(path, told.table)
    if correction is not None:
        _keep_record(course.folder / TEACHER, turn)
        write_corrected(correction)
    return turn, path


def _indented(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


def _write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """As ``write_atomically``, for what is too large to be held in memory."""
    parts = path.parent / f"{TEMPORARY}audit"
    try:
        with naming(path):
            parts.mkdir(exist_ok=True)
            with replaced_file(path, parts) as file:
                file.writelines(pieces)
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _keep_record(teacher: Path, turn: int) -> None:
    kept = teacher / HISTORY / str(turn)
    if not kept.exists():
        with staged_folder(kept) as place:
            _copy(teacher, place, without=(HISTORY, "."))


def _copy(source: Path, target: Path, *, without: tuple[str, ...]) -> None:
    for entry in sorted(source.iterdir()):
        if not entry.name.startswith(without):
            copy = shutil.copytree if entry.is_dir() else shutil.copy2
            copy(entry, target / entry.name)


def _turn(folder: Path) -> int:
    """The number of this regrading: the last one's, if it was broken off before it replaced anything."""
    done = sorted(int(path.name) for path in (folder / HISTORY).glob("*") if path.name.isdecimal())
    if not done:
        return 1
    kept = folder / HISTORY / str(done[-1]) / FILE
    broken_off = kept.is_file() and filecmp.cmp(kept, folder / FILE, shallow=False)  # replaced last of all
    return done[-1] if broken_off else done[-1] + 1
