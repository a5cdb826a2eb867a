"""Room: grader. The class in one table: a row a student, and a ledger that adds up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from grader.marking import Verdict
from grader.policy import Total
from grader.scripts import ScriptResult


class Status(Enum):
    """What became of a student's hand-in."""

    GRADED = "graded"
    MISSING = "missing"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """One student of the roster: results per exercise where there is a hand-in that can be read."""

    student: str
    name: str
    status: Status
    scripts: tuple[ScriptResult, ...] = ()
    remark: str = ""
    days_late: Fraction = Fraction(0)
    keeps: Fraction = Fraction(1)
    """The share of the marks that is left after being late."""
    total: Total = field(default_factory=Total)

    @property
    def earned(self) -> Fraction:
        """The marks of the cells, before lateness and rounding."""
        return sum((script.score for script in self.scripts), Fraction(0))

    @property
    def score(self) -> Fraction:
        return self.total.rounded(self.earned * self.keeps)

    def count(self, verdict: Verdict) -> int:
        return sum(cell.verdict is verdict for script in self.scripts for cell in script.cells)


@dataclass(frozen=True, slots=True)
class Ledger:
    """graded + missing + rejected = roster; hand-ins of nobody on the roster are counted beside it."""

    roster: int
    graded: int
    missing: int
    rejected: int
    strays: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{self.roster} students: {self.graded} graded, {self.missing} missing, {self.rejected} rejected"
        return f"{text}; {len(self.strays)} not on the roster" if self.strays else text


def ledger_of(rows: Sequence[Row], strays: Sequence[str]) -> Ledger:
    """Count the rows; an AssertionError here means that a student was lost."""
    counts = Counter(row.status for row in rows)
    graded, missing, rejected = (counts[status] for status in (Status.GRADED, Status.MISSING, Status.REJECTED))
    ledger = Ledger(len(rows), graded, missing, rejected, tuple(strays))
    assert ledger.graded + ledger.missing + ledger.rejected == ledger.roster
    return ledger


HARMFUL = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that a spreadsheet takes for a formula."""


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would work out."""
    return f"'{text}" if text.startswith(HARMFUL) else text


def gradebook_csv(rows: Sequence[Row], out_of: Sequence[Fraction], asked: Mapping[int, Sequence[str]]) -> str:
    """The gradebook: marks as exact as a spreadsheet can hold them, a column for each exercise and each asked cell.

    ``out_of`` is the full mark of each exercise, ``asked`` its cells by exercise number.
    """
    several = len(out_of) > 1
    exercises = [f"exercise {number}" for number in asked] if several else []
    cells = [f"{number}:{cell}" if several else cell for number, names in asked.items() for cell in names]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(
        ["id", "name", "status", "score", "out of", "percent", *exercises]
        + [verdict.name.lower() for verdict in _COUNTED]
        + ["days late", "remark", *cells]
    )
    for row in rows:
        writer.writerow(_line(row, sum(out_of, Fraction(0)), several, asked))
    return lines.getvalue()


_COUNTED = (Verdict.CORRECT, Verdict.CARRIED, Verdict.WRONG, Verdict.UNREADABLE, Verdict.MISSING)


def _line(row: Row, full: Fraction, several: bool, asked: Mapping[int, Sequence[str]]) -> list[str]:
    head = [harmless(row.student), harmless(row.name), row.status.value]
    if row.status is not Status.GRADED:
        blanks = [""] * (len(asked) if several else 0)
        cells = [""] * sum(map(len, asked.values()))
        return [*head, "0", number(full), "0", *blanks, *[""] * len(_COUNTED), "", harmless(row.remark), *cells]
    marks = {(cell.exercise, cell.cell): cell.marks for script in row.scripts for cell in script.cells}
    percent = number(100 * row.score / full if full else Fraction(0), 1)
    parts = [number(script.score) for script in row.scripts] if several else []
    counts = [str(row.count(verdict)) for verdict in _COUNTED]
    of_cells = [
        number(marks.get((exercise, cell)) or Fraction(0)) for exercise, names in asked.items() for cell in names
    ]
    late = number(row.days_late) if row.days_late else ""
    return [*head, number(row.score), number(full), percent, *parts, *counts, late, harmless(row.remark), *of_cells]


def number(value: Fraction, places: int = 4) -> str:
    """A fraction as a decimal without needless zeros."""
    text = f"{float(value):.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
