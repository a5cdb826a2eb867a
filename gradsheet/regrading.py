"""Room: gradsheet. A class marked again: what changes for whom and why, told before anything is replaced.

results/audit-N.csv, .json    what the N-th regrading changed: a row a student; and every cell, with the reason
results/history/N/            what stood in results/ before it
teacher/history/N/            and in teacher/, where the exercises were corrected
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from exercises.errors import InputError
from grader.gradebook import harmless, number
from gradsheet.class_marking import MarkedClass
from gradsheet.correction import Correction, write_corrected
from gradsheet.course_set import RESULTS, TEACHER
from gradsheet.feedback import Reveal
from gradsheet.files import staged_folder, write_atomically
from gradsheet.graded import FILE, GRADED, Exact
from gradsheet.results_folder import as_json as results_json
from gradsheet.results_folder import write_results

HISTORY = "history"
NOT_KEPT = ("audit-", HISTORY)
"""What of results/ belongs to regradings and isn't copied into another one's history."""


class Cell(msgspec.Struct, frozen=True):
    """One cell as ``results.json`` has it."""

    id: str
    verdict: str
    text: str = ""
    key: float | None = None
    marks: Exact | None = None
    worth: Exact | None = None
    note: str | None = None


class Result(msgspec.Struct, frozen=True):
    """One student as ``results.json`` has them."""

    id: str
    name: str
    status: str
    remark: str = ""
    score: Exact = "0"
    final_score: Exact = "0"
    cells: list[Cell] = []

    @property
    def final(self) -> Fraction:
        return Fraction(self.final_score) if self.status == GRADED else Fraction(0)


class _Results(msgspec.Struct, frozen=True):
    students: list[Result]
    rules: dict[str, Any] = {}


WHY = {
    # code: what the audit says; the first that applies is said of a cell
    "text": "handed in was {old_text}, is {new_text}",
    "key": "the key was {old_key}, is {new_key}",
    "worth": "the cell was worth {old_worth}, is worth {new_worth}",
    "decided": "decided by the teacher",
    "verdict": "was {old_verdict}, is {new_verdict}",
    "policy": "{new_verdict} as before, which earned {old_marks} and earns {new_marks}",
    "added": "marked now, and not before",
    "dropped": "marked before, and not now",
}


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is marked otherwise; ``why`` is a code of ``WHY``, ``said`` its sentence."""

    id: str
    old: Fraction | None
    new: Fraction | None
    why: str
    said: str


@dataclass(frozen=True, slots=True)
class StudentChange:
    """A student of the roster, before and after; ``cells`` are those that changed."""

    before: Result
    after: Result
    cells: tuple[CellChange, ...]

    @property
    def difference(self) -> Fraction:
        return self.after.final - self.before.final

    @property
    def changed(self) -> bool:
        return bool(self.cells or self.difference or self.before.status != self.after.status)

    @property
    def why(self) -> str:
        """The reason in a few words, for the row of a table."""
        if self.before.status != self.after.status:
            return f"was {self.before.status}, is {self.after.status}"
        if not self.cells:
            return "lateness or rounding of the total" if self.difference else ""
        moved = [cell for cell in self.cells if cell.old != cell.new] or self.cells
        said = [f"{cell.id}: {cell.said}" for cell in moved]
        return "; ".join(said[:MOST_REASONS]) + ("; …" if len(said) > MOST_REASONS else "")


MOST_REASONS = 3
"""Cells whose reasons stand in a student's row; the JSON has all."""


@dataclass(frozen=True)
class Audit:
    """The whole roster, before and after."""

    students: tuple[StudentChange, ...]
    same: bool
    """Whether the results would be the same throughout, explanations and expected numbers included."""
    rules: tuple[str, ...]
    """What is different in the rules of marking: whoever forgets an option sees it here."""

    @property
    def changed(self) -> tuple[StudentChange, ...]:
        return tuple(student for student in self.students if student.changed)

    def count(self, sign: int) -> int:
        """How many scores go up (1) or down (-1)."""
        return sum((one.difference > 0) - (one.difference < 0) == sign for one in self.students)


def audit(marked: MarkedClass) -> Audit:
    """What a new marking changes of the results that lie in the set's folder; InputError where none do."""
    path = marked.course.folder / RESULTS / FILE
    if not path.is_file():
        raise InputError(
            f"not graded yet (no {RESULTS}/{FILE}); run gradsheet grade {marked.course.folder} SUBMISSIONS first",
            where=str(marked.course.folder),
        )
    old_data = path.read_bytes()
    new_data = msgspec.json.encode(results_json(marked))
    told, telling = _results(old_data, path), _results(new_data, path)
    old, new = told.students, telling.students
    if [student.id for student in old] != [student.id for student in new]:
        raise InputError("its students aren't those of the set; grade it again", where=str(path))
    students = tuple(
        StudentChange(before, after, tuple(_cells(before, after))) for before, after in zip(old, new, strict=True)
    )
    same = msgspec.json.decode(old_data)["students"] == msgspec.json.decode(new_data)["students"]
    return Audit(students, same, tuple(_other_rules(told.rules, telling.rules)))


def _other_rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = _single_rules(old), _single_rules(new)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"{name} was {before.get(name, 'not said')}, is {after.get(name, 'not said')}"


def _single_rules(rules: Mapping[str, Any]) -> dict[str, str]:
    """Each rule by its name; the policy's are lines of TOML."""
    lines = (line.partition(" = ") for line in str(rules.get("policy", "")).splitlines())
    single = {name: value for name, _, value in lines}
    tolerance = rules.get("tolerance") or {"rounding": "by hand"}
    single["tolerance"] = ", ".join(f"{name} {value}" for name, value in tolerance.items())
    return single | {"attempts": str(rules.get("attempts", "latest"))}


def _results(data: bytes, path: Path) -> _Results:
    try:
        return msgspec.json.decode(data, type=_Results)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"expected what gradsheet grade wrote of this set, found something else ({error}); grade it again",
            where=str(path),
        ) from error


def _cells(before: Result, after: Result) -> Iterator[CellChange]:
    old = {cell.id: cell for cell in before.cells}
    new = {cell.id: cell for cell in after.cells}
    if before.status != after.status:
        return
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            found = other or one
            if found is not None and found.marks is not None:
                why = "added" if one is None else "dropped"
                yield CellChange(name, _marks(one), _marks(other), why, WHY[why])
        elif (one.marks, one.worth, one.verdict) != (other.marks, other.worth, other.verdict):
            why = _why(one, other)
            yield CellChange(name, _marks(one), _marks(other), why, WHY[why].format(**_words(one, other)))


def _marks(cell: Cell | None) -> Fraction | None:
    return None if cell is None or cell.marks is None else Fraction(cell.marks)


SAME_KEY = 1e-9
"""Keys that differ by less are the same, worked out on another machine."""


def _why(one: Cell, other: Cell) -> str:
    if one.text != other.text:
        return "text"
    if _key_changed(one.key, other.key):
        return "key"
    if one.worth != other.worth:
        return "worth"
    if one.verdict != other.verdict:
        return "verdict"
    return "decided" if one.note != other.note else "policy"


def _key_changed(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > SAME_KEY * (1 + abs(other))


def _words(one: Cell, other: Cell) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for when, cell in (("old", one), ("new", other)):
        words[f"{when}_text"] = f'"{cell.text}"' if cell.text else "nothing"
        words[f"{when}_key"] = "none" if cell.key is None else f"{cell.key:.6g}"
        words[f"{when}_worth"] = _shown(None if cell.worth is None else Fraction(cell.worth))
        words[f"{when}_marks"] = _shown(_marks(cell))
        words[f"{when}_verdict"] = cell.verdict
    return words


def _shown(marks: Fraction | None) -> str:
    return "–" if marks is None else number(marks)


# ------------------------------------------------------------------------------------------------ what is written of it


def apply(
    marked: MarkedClass, told: Audit, formats: Collection[str], reveal: Reveal, correction: Correction | None = None
) -> tuple[int, Path]:
    """Keep what stands in results/, write the audit down, and only then put the new results in place.

    With a correction the teacher's record is kept too, and replaced before the results are.

    The number of the regrading, and its audit. One that was killed on the way is done again under the same number.
    """
    folder = marked.course.folder / RESULTS
    turn = _turn(folder)
    kept = folder / HISTORY / str(turn)
    if not kept.exists():
        with staged_folder(kept) as place:
            _copy(folder, place, without=(*NOT_KEPT, "."))
    path = folder / f"audit-{turn}.csv"
    write_atomically(path.with_suffix(".json"), msgspec.json.format(msgspec.json.encode(as_json(told)), indent=1))
    write_atomically(path, as_csv(told))
    if correction is not None:
        _keep_record(marked.course.folder / TEACHER, turn)
        write_corrected(correction)
    write_results(marked, formats, reveal)
    return turn, path


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
    broken_off = kept.is_file() and kept.read_bytes() == (folder / FILE).read_bytes()  # replaced last of all
    return done[-1] if broken_off else done[-1] + 1


def as_csv(told: Audit) -> str:
    """A row a student of the roster, in its order."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["id", "name", "old status", "new status", "old", "new", "difference", "cells changed", "why"])
    for one in told.students:
        scores = [number(one.before.final), number(one.after.final), number(one.difference)]
        head = [harmless(one.before.id), harmless(one.before.name), one.before.status, one.after.status]
        writer.writerow([*head, *scores, str(len(one.cells)), harmless(one.why)])
    return lines.getvalue()


def as_json(told: Audit) -> dict[str, Any]:
    """The students that change, with every cell that does; exact fractions as text."""
    return {
        "students": len(told.students),
        "changed": len(told.changed),
        "up": told.count(1),
        "down": told.count(-1),
        "rules": list(told.rules),
        "changes": [_student_json(one) for one in told.changed],
    }


def _student_json(one: StudentChange) -> dict[str, Any]:
    cells = [
        {
            "id": cell.id,
            "old": None if cell.old is None else str(cell.old),
            "new": None if cell.new is None else str(cell.new),
            "why": cell.why,
            "said": cell.said,
        }
        for cell in one.cells
    ]
    return {
        "id": one.before.id,
        "name": one.before.name,
        "old_status": one.before.status,
        "new_status": one.after.status,
        "old": str(one.before.final),
        "new": str(one.after.final),
        "difference": str(one.difference),
        "difference_number": float(one.difference),
        "why": one.why,
        "cells": cells,
    }


MOST_STUDENTS, MOST_CELLS = 40, 6
"""Listed one by one on a terminal; the audit has all."""


def table(told: Audit) -> list[str]:
    """What a teacher reads: who changes, by how much, and why; those who lose marks first."""
    changed = sorted(told.changed, key=lambda one: one.difference)
    lines = []
    for one in changed[:MOST_STUDENTS]:
        sign = "+" if one.difference > 0 else ""
        scores = f"{number(one.before.final)} → {number(one.after.final)} ({sign}{number(one.difference)})"
        lines.append(f"{_who(one.before)}  {scores}")
        lines += [f"    {line}" for line in _reasons(one)]
    if len(changed) > MOST_STUDENTS:
        lines.append(f"… and {len(changed) - MOST_STUDENTS} more students")
    lines += [""] if lines else []
    lines += [f"rules: {rule}" for rule in told.rules]
    same = len(told.students) - len(changed)
    lines.append(
        f"{len(told.students)} students: {told.count(1)} up, {told.count(-1)} down, "
        f"{len(changed) - told.count(1) - told.count(-1)} with other cells and the same score, {same} as before"
    )
    return lines


def _who(one: Result) -> str:
    return f"{one.id}  {one.name}" if one.name else one.id


def _reasons(one: StudentChange) -> Sequence[str]:
    if not one.cells:
        return [one.why]
    cells = sorted(one.cells, key=lambda cell: cell.old == cell.new)  # those that cost or earn something first
    lines = [f"{cell.id}  {_shown(cell.old)} → {_shown(cell.new)}  {cell.said}" for cell in cells[:MOST_CELLS]]
    return lines + [f"… and {len(cells) - MOST_CELLS} more cells"] * (len(cells) > MOST_CELLS)
