"""Room: gradsheet. A class marked again: what changes for whom and why, told before anything is replaced.

results/audit-N.csv, .json    what the N-th regrading changed: a row a student; and every cell, with the reason
results/history/N/            what stood in results/ before it
teacher/history/N/            and in teacher/, where the exercises were corrected
"""

from __future__ import annotations

import csv
import filecmp
import io
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from exercises.errors import InputError
from grader.gradebook import harmless, number
from gradsheet.class_marking import Sitting
from gradsheet.correction import Correction, write_corrected
from gradsheet.course_set import RESULTS, TEACHER, CourseSet
from gradsheet.feedback import Reveal
from gradsheet.files import staged_folder, write_atomically
from gradsheet.graded import GRADED
from gradsheet.marking_record import rules_json
from gradsheet.result_records import Exact
from gradsheet.results import OVERRIDDEN
from gradsheet.results_folder import grade_only, grade_to_folder
from gradsheet.results_stream import FILE, not_results, results_file

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


class Brief(msgspec.Struct, frozen=True):
    """One student as ``results.json`` has them, without the cells."""

    id: str
    name: str
    status: str
    final_score: Exact = "0"

    @property
    def standing(self) -> Standing:
        return Standing(self.status, Fraction(self.final_score) if self.status == GRADED else Fraction(0))


class Result(Brief, frozen=True):
    """The same with the cells."""

    cells: list[Cell] = []


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
class Standing:
    """What became of a student's hand-in, and the score that counts."""

    status: str
    final: Fraction


@dataclass(frozen=True, slots=True)
class StudentChange:
    """A student who changes; ``cells`` are those that do."""

    id: str
    name: str
    before: Standing
    after: Standing
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
    """What a marking changes: of those who change everything, of the others the row of a table."""

    students: int
    changed: tuple[StudentChange, ...]
    table: str
    """A row a student of the roster, in its order."""
    same: bool
    """Whether the results would be the same throughout, explanations and expected numbers included."""
    rules: tuple[str, ...]
    """What is different in the rules of marking: whoever forgets an option sees it here."""

    def count(self, sign: int) -> int:
        """How many scores go up (1) or down (-1)."""
        return sum((one.difference > 0) - (one.difference < 0) == sign for one in self.changed)


COLUMNS = ("id", "name", "old status", "new status", "old", "new", "difference", "cells changed", "why")


class Auditor:
    """Holds new results against those that lie in the set's folder, part by part; neither is ever held as a whole."""

    def __init__(self, course: CourseSet, rules: Mapping[str, Any]) -> None:
        self.old = results_file(course.folder)
        self._students = self.old.students()
        self._rules = tuple(_other_rules(self.old.rest.get("rules", {}), rules))
        self._table = io.StringIO()
        self._writer = csv.writer(self._table, lineterminator="\n")
        self._writer.writerow(COLUMNS)
        self._count, self._same = 0, True
        self._changed: list[StudentChange] = []
        self._said: dict[str, str] = {}

    def add(self, records: bytes) -> None:
        """The next students, as ``results.json`` will have them."""
        for line in records.split(b",\n"):
            before = next(self._students, None)
            if before is None:
                raise self._others()
            self._count += 1
            self._row(self._same_student(line) if before == line else self._other_student(before, line))

    def finished(self) -> Audit:
        """All there is to say; InputError where the results in the folder are of other students."""
        if next(self._students, None) is not None:
            raise self._others()
        return Audit(self._count, tuple(self._changed), self._table.getvalue(), self._same, self._rules)

    def _same_student(self, line: bytes) -> StudentChange:
        one = msgspec.json.decode(line, type=Brief)
        return StudentChange(one.id, one.name, one.standing, one.standing, ())

    def _other_student(self, line: bytes, new_line: bytes) -> StudentChange:
        try:
            before = msgspec.json.decode(line, type=Result)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_results(self.old.path, error) from error
        after = msgspec.json.decode(new_line, type=Result)
        if before.id != after.id:
            raise self._others()
        self._same = self._same and msgspec.json.decode(line) == msgspec.json.decode(new_line)
        cells = tuple(replace(cell, said=self._said.setdefault(cell.said, cell.said)) for cell in _cells(before, after))
        change = StudentChange(after.id, after.name, before.standing, after.standing, cells)
        if change.changed:
            self._changed.append(change)
        return change

    def _others(self) -> InputError:
        return InputError("its students aren't those of the set; grade it again", where=str(self.old.path))

    def _row(self, one: StudentChange) -> None:
        scores = [number(one.before.final), number(one.after.final), number(one.difference)]
        head = [harmless(one.id), harmless(one.name), one.before.status, one.after.status]
        self._writer.writerow([*head, *scores, str(len(one.cells)), harmless(one.why)])


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
    told = [cell.note if cell.note and cell.note.startswith(OVERRIDDEN) else "" for cell in (one, other)]
    return "decided" if told[0] != told[1] else "policy"


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
    write_atomically(path.with_suffix(".json"), msgspec.json.format(msgspec.json.encode(as_json(told)), indent=1))
    write_atomically(path, told.table)
    if correction is not None:
        _keep_record(course.folder / TEACHER, turn)
        write_corrected(correction)
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
    broken_off = kept.is_file() and filecmp.cmp(kept, folder / FILE, shallow=False)  # replaced last of all
    return done[-1] if broken_off else done[-1] + 1


def as_json(told: Audit) -> dict[str, Any]:
    """The students that change, with every cell that does; exact fractions as text."""
    return {
        "students": told.students,
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
        "id": one.id,
        "name": one.name,
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
        lines.append(f"{_who(one)}  {scores}")
        lines += [f"    {line}" for line in _reasons(one)]
    if len(changed) > MOST_STUDENTS:
        lines.append(f"… and {len(changed) - MOST_STUDENTS} more students")
    lines += [""] if lines else []
    lines += [f"rules: {rule}" for rule in told.rules]
    same = told.students - len(changed)
    lines.append(
        f"{told.students} students: {told.count(1)} up, {told.count(-1)} down, "
        f"{len(changed) - told.count(1) - told.count(-1)} with other cells and the same score, {same} as before"
    )
    return lines


def _who(one: StudentChange) -> str:
    return f"{one.id}  {one.name}" if one.name else one.id


def _reasons(one: StudentChange) -> Sequence[str]:
    if not one.cells:
        return [one.why]
    cells = sorted(one.cells, key=lambda cell: cell.old == cell.new)  # those that cost or earn something first
    lines = [f"{cell.id}  {_shown(cell.old)} → {_shown(cell.new)}  {cell.said}" for cell in cells[:MOST_CELLS]]
    return lines + [f"… and {len(cells) - MOST_CELLS} more cells"] * (len(cells) > MOST_CELLS)
