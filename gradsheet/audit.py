"""Room: gradsheet. New results held against old ones: who changes, by how much, and why."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import msgspec

from exercises.errors import InputError
from grader.gradebook import harmless, number
from gradsheet.audit_reasons import Cell, CellChange, cell_changes
from gradsheet.course_set import CourseSet
from gradsheet.graded import GRADED
from gradsheet.result_records import Exact
from gradsheet.results_stream import not_results, results_file


class Brief(msgspec.Struct, frozen=True):
    """One student as ``results.json`` has them, without the cells."""

    id: str
    name: str
    status: str
    final_score: Exact = "0"
    score: Exact = "0"
    out_of: Exact | None = None

    @property
    def standing(self) -> Standing:
        if self.status != GRADED:
            return Standing(self.status, Fraction(0))
        full = None if self.out_of is None else Fraction(self.out_of)
        final = Fraction(self.final_score)
        return Standing(self.status, final, full, final - Fraction(self.score))


class Result(Brief, frozen=True):
    """The same with the cells."""

    cells: list[Cell] = []


_BRIEF, _RESULT = msgspec.json.Decoder(Brief), msgspec.json.Decoder(Result)


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a student's hand-in, the score that counts, and the full mark where there is one.

    ``settled`` is what lateness and the rounding of the total have changed in the sum of the cells.
    """

    status: str
    final: Fraction
    out_of: Fraction | None = None
    settled: Fraction = Fraction(0)

    @property
    def share(self) -> Fraction:
        """Of the full mark, 0 where there is none."""
        return self.final / self.out_of if self.out_of else Fraction(0)

    @property
    def percent(self) -> str:
        """Of the full mark, to a tenth; empty where there is none."""
        return number(Fraction(round(self.share * 1000), 10)) if self.out_of else ""


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
    def other_full(self) -> bool:
        """Whether the full mark is another, so that only percents can be compared."""
        return None not in (self.before.out_of, self.after.out_of) and self.before.out_of != self.after.out_of

    @property
    def gain(self) -> Fraction:
        """More than 0 where the student does better: in marks, or in the share of a full mark that is another."""
        return self.after.share - self.before.share if self.other_full else self.difference

    @property
    def changed(self) -> bool:
        return bool(self.cells or self.difference or self.other_full or self.before.status != self.after.status)

    @property
    def why(self) -> str:
        """The reason in a few words, for the row of a table."""
        if self.before.status != self.after.status:
            return f"was {self.before.status}, is {self.after.status}"
        said: dict[str, list[CellChange]] = {}
        for cell in [cell for cell in self.cells if cell.old != cell.new] or self.cells:
            said.setdefault(cell.said, []).append(cell)
        weight = {reason: abs(sum((cell.difference for cell in cells), Fraction(0))) for reason, cells in said.items()}
        order = sorted(said, key=weight.__getitem__, reverse=True)
        reasons = [f"{cells_named(said[reason])}: {reason}" for reason in order]
        more = f"{len(reasons) - MOST_REASONS} more reasons"
        reasons = reasons[:MOST_REASONS] + [more] * (len(reasons) > MOST_REASONS)
        return "; ".join(reasons + [TOTAL] * self.otherwise_settled)

    @property
    def otherwise_settled(self) -> bool:
        """Whether lateness or the rounding of the total comes to something else than before."""
        return self.before.settled != self.after.settled

    def as_json(self) -> dict[str, Any]:
        """Exact fractions as text."""
        cells = [
            {
                "id": cell.id,
                "old": None if cell.old is None else str(cell.old),
                "new": None if cell.new is None else str(cell.new),
                "why": cell.causes[0],
                "causes": cell.causes,
                "said": cell.said,
            }
            for cell in self.cells
        ]
        return {
            "id": self.id,
            "name": self.name,
            "old_status": self.before.status,
            "new_status": self.after.status,
            "old": str(self.before.final),
            "new": str(self.after.final),
            "old_out_of": None if self.before.out_of is None else str(self.before.out_of),
            "new_out_of": None if self.after.out_of is None else str(self.after.out_of),
            "difference": str(self.difference),
            "difference_number": float(self.difference),
            "why": self.why,
            "cells": cells,
        }


TOTAL = "lateness or rounding of the total"

MOST_REASONS = 4
"""Those that stand in a student's row, the weightiest first; the JSON has all."""

MOST_NAMED = 2
"""Cells with one reason that are named, where there are more."""


def cells_named(cells: Sequence[CellChange]) -> str:
    """Those that share a reason, in few words."""
    if len(cells) <= MOST_NAMED + 1:
        return ", ".join(cell.id for cell in cells)
    return f"{', '.join(cell.id for cell in cells[:MOST_NAMED])} and {len(cells) - MOST_NAMED} more"


class Packed:
    """Bytes put away for later, compressed: what a policy changes for 100,000 students is 70 MB of text."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._waiting: list[bytes] = []
        self._room = CHUNK

    def write(self, piece: bytes) -> None:
        """Put a piece behind the others."""
        self._waiting.append(piece)
        self._room -= len(piece)
        if self._room <= 0:
            self._chunks.append(zlib.compress(b"".join(self._waiting), level=1))
            self._waiting, self._room = [], CHUNK

    def chunks(self) -> Iterator[bytes]:
        """What was put away, some pieces at a time, each of them whole."""
        yield from map(zlib.decompress, self._chunks)
        yield b"".join(self._waiting)


CHUNK = 1 << 18
"""Bytes that are compressed together."""

MOST_STUDENTS = 40
"""Listed one by one on a terminal; the audit has all."""


@dataclass(slots=True)
class Audit:
    """What a marking changes: of those who change everything, of the others the row of a table."""

    rules: tuple[str, ...]
    """What is different in the rules of marking: whoever forgets an option sees it here."""
    students: int = 0
    changed: int = 0
    up: int = 0
    down: int = 0
    """How many do better or worse: in marks, and where the full mark is another, in the share of it."""
    out_of: tuple[Fraction, Fraction] | None = None
    """The full mark before and now, where it is another."""
    same: bool = True
    """Whether the results would be the same throughout, explanations and expected numbers included."""
    changes: Packed = field(default_factory=Packed)
    """Everything of those who change, as JSON, a student a line."""
    rows: Packed = field(default_factory=Packed)
    """The table: a row a student of the roster, in its order."""
    first: list[StudentChange] = field(default_factory=list)
    """``MOST_STUDENTS`` of those who change, who lose most and then who gain least; while it grows, some more."""

    @property
    def table(self) -> bytes:
        """The table as CSV."""
        return b"".join(self.rows.chunks())

    def note(self, one: StudentChange) -> None:
        """A student who changes."""
        self.changed += 1
        self.up += one.gain > 0
        self.down += one.gain < 0
        if one.other_full and one.before.out_of is not None and one.after.out_of is not None:
            self.out_of = one.before.out_of, one.after.out_of
        self.changes.write(msgspec.json.encode(one.as_json()) + b"\n")
        self.first.append(one)
        if len(self.first) > 4 * MOST_STUDENTS:
            self.settle()

    def settle(self) -> None:
        """Leave no more in ``first`` than belong there, in their order."""
        self.first = sorted(self.first, key=lambda one: one.gain)[:MOST_STUDENTS]


COLUMNS = (
    *("id", "name", "old status", "new status", "old", "new", "difference"),
    *("old out of", "new out of", "old percent", "new percent", "cells changed", "why"),
)


class Auditor:
    """Holds new results against those that lie in the set's folder, part by part; neither is ever held as a whole."""

    def __init__(self, course: CourseSet, rules: Mapping[str, Any]) -> None:
        self.old = results_file(course.folder)
        self._students = self.old.students()
        self._audit = Audit(tuple(_other_rules(self.old.rest.get("rules", {}), rules)))
        self._row(COLUMNS)

    def add(self, records: bytes) -> None:
        """The next students, as ``results.json`` will have them."""
        for line in records.split(b",\n"):
            before = next(self._students, None)
            if before is None:
                raise self._others()
            self._audit.students += 1
            one = self._same_student(line) if before == line else self._other_student(before, line)
            scores = [number(one.before.final), number(one.after.final), number(one.difference)]
            head = [harmless(one.id), harmless(one.name), one.before.status, one.after.status]
            full = ["" if each.out_of is None else number(each.out_of) for each in (one.before, one.after)]
            percents = [one.before.percent, one.after.percent]
            self._row([*head, *scores, *full, *percents, str(len(one.cells)), harmless(one.why)])

    def finished(self) -> Audit:
        """All there is to say; InputError where the results in the folder are of other students."""
        if next(self._students, None) is not None:
            raise self._others()
        self._audit.settle()
        return self._audit

    def _same_student(self, line: bytes) -> StudentChange:
        one = _BRIEF.decode(line)
        return StudentChange(one.id, one.name, one.standing, one.standing, ())

    def _other_student(self, line: bytes, new_line: bytes) -> StudentChange:
        after = _RESULT.decode(new_line)
        try:
            before = _RESULT.decode(line)
            same_status = before.status == after.status
            cells = tuple(cell_changes(before.cells, after.cells)) if same_status else ()
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            raise not_results(self.old.path, error) from error
        if before.id != after.id:
            raise self._others()
        told = self._audit
        told.same = told.same and msgspec.json.decode(line) == msgspec.json.decode(new_line)
        change = StudentChange(after.id, after.name, before.standing, after.standing, cells)
        if change.changed:
            told.note(change)
        return change

    def _others(self) -> InputError:
        return InputError("its students aren't those of the set; grade it again", where=str(self.old.path))

    def _row(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        self._audit.rows.write(line.getvalue().encode())


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
