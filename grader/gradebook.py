"""Room: grader. The class in one table: a row a student, and a ledger that adds up."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

from grader.marking import Verdict
from grader.policy import Total
from grader.scripts import ScriptResult, exact_sum


class Status(Enum):
    """What became of a student's hand-in."""

    GRADED = "graded"
    MISSING = "missing"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AttemptTaken:
    """One of several hand-ins of a student: its file, whether it is the one that counts, and its marks where marked."""

    file: str
    counts: bool
    earned: Fraction | None = None


@dataclass(frozen=True)
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
    told_late: str = ""
    """What the platform tells of lateness; it costs nothing unless the teacher counts it as days."""
    attempts: tuple[AttemptTaken, ...] = ()
    """All hand-ins of a student who has several."""

    @cached_property
    def earned(self) -> Fraction:
        """The marks of the cells, before lateness and rounding."""
        return exact_sum(script.score for script in self.scripts)

    @cached_property
    def score(self) -> Fraction:
        return self.total.rounded(self.earned if self.keeps == 1 else self.earned * self.keeps)

    def count(self, verdict: Verdict) -> int:
        return sum(cell.verdict is verdict for script in self.scripts for cell in script.cells)


class LostHandIn(Exception):
    """A defect of ours: a student or a hand-in is not accounted for, so no results may be believed."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """graded + missing + rejected + quarantined = roster + strays.

    ``strays`` are the hand-ins that belong to nobody on the roster for sure, by what they call themselves; each of them
    is set aside (``quarantined``), none is dropped.
    """

    roster: int
    graded: int
    missing: int
    rejected: int
    strays: tuple[str, ...]
    quarantined: int = 0

    def __str__(self) -> str:
        text = f"{self.roster} students: {self.graded} graded, {self.missing} missing, {self.rejected} rejected"
        return f"{text}; {len(self.strays)} not on the roster" if self.strays else text

    @property
    def account(self) -> str:
        """The sum in one line, as a teacher can check it."""
        return (
            f"{self.graded} graded + {self.missing} missing + {self.rejected} rejected + {self.quarantined} quarantined"
            f" = {self.roster} on the roster + {len(self.strays)} not"
        )

    def reconciled(self) -> Ledger:
        """The ledger itself; LostHandIn where it doesn't add up."""
        if self.graded + self.missing + self.rejected + self.quarantined != self.roster + len(self.strays):
            raise LostHandIn(f"the ledger doesn't add up: {self.account}")
        return self


@dataclass(slots=True)
class Tally:
    """Rows counted as they come, so that no class need be held as a whole."""

    rows: int = 0
    by_status: Counter[Status] = field(default_factory=Counter)

    def add(self, rows: Collection[Row]) -> None:
        self.rows += len(rows)
        self.by_status.update(row.status for row in rows)

    def ledger(self, roster: int, strays: Sequence[str], quarantined: int) -> Ledger:
        """The ledger of all rows counted, reconciled with the roster; LostHandIn where a student or hand-in is lost."""
        if self.rows != roster:
            raise LostHandIn(f"{roster} students on the roster, {self.rows} in the gradebook")
        graded, missing, rejected = (self.by_status[each] for each in (Status.GRADED, Status.MISSING, Status.REJECTED))
        return Ledger(roster, graded, missing, rejected, tuple(strays), quarantined).reconciled()


def ledger_of(rows: Sequence[Row], strays: Sequence[str]) -> Ledger:
    """The ledger of a class held as a whole, each stray set aside."""
    tally = Tally()
    tally.add(rows)
    return tally.ledger(len(rows), strays, len(strays))


HARMFUL = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that a spreadsheet takes for a formula."""


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would work out."""
    return f"'{text}" if text.startswith(HARMFUL) else text


def gradebook_csv(rows: Sequence[Row], out_of: Sequence[Fraction], asked: Mapping[int, Sequence[str]]) -> str:
    """The gradebook: marks as exact as a spreadsheet can hold them, a column for each exercise and each asked cell.

    ``out_of`` is the full mark of each exercise, ``asked`` its cells by exercise number.
    """
    return gradebook_heading(out_of, asked) + gradebook_lines(rows, out_of, asked)


def gradebook_heading(out_of: Sequence[Fraction], asked: Mapping[int, Sequence[str]]) -> str:
    """The gradebook's first line."""
    several = len(out_of) > 1
    exercises = [f"exercise {number}" for number in asked] if several else []
    cells = [f"{number}:{cell}" if several else cell for number, names in asked.items() for cell in names]
    return _csv(
        [
            ["id", "name", "status", "score", "out of", "percent", *exercises]
            + [verdict.name.lower() for verdict in COUNTED]
            + ["days late", "remark", *cells]
        ]
    )


def gradebook_lines(rows: Sequence[Row], out_of: Sequence[Fraction], asked: Mapping[int, Sequence[str]]) -> str:
    """The lines of some students."""
    full = sum(out_of, Fraction(0))
    return _csv(_line(row, full, len(out_of) > 1, asked) for row in rows)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


_QUOTED = re.compile(r'[",\r\n]')


def csv_field(text: str) -> str:
    """An id or a name as a field of a line: harmless, and in quotation marks where it needs them."""
    text = harmless(text)
    return _csv([[text, ""]])[:-2] if _QUOTED.search(text) else text


_NOTHING = Fraction(0)

COUNTED = (Verdict.CORRECT, Verdict.CARRIED, Verdict.WRONG, Verdict.UNREADABLE, Verdict.MISSING)
"""Verdicts in the order of their columns."""


def graded_line(score: Fraction, full: Fraction) -> str:
    """What stands between name and counts for a student who was graded."""
    return ",".join([Status.GRADED.value, *_scored(score, full)])


def _scored(score: Fraction, full: Fraction) -> list[str]:
    return [number(score), number(full), number(100 * score / full if full else _NOTHING, 1)]


def _line(row: Row, full: Fraction, several: bool, asked: Mapping[int, Sequence[str]]) -> list[str]:
    head = [harmless(row.student), harmless(row.name), row.status.value]
    if row.status is not Status.GRADED:
        blanks = [""] * (len(asked) if several else 0)
        cells = [""] * sum(map(len, asked.values()))
        return [*head, "0", number(full), "0", *blanks, *[""] * len(COUNTED), "", harmless(row.remark), *cells]
    marks = {(cell.exercise, cell.cell): cell.marks for script in row.scripts for cell in script.cells}
    score, verdicts = row.score, Counter(cell.verdict for script in row.scripts for cell in script.cells)
    parts = [number(script.score) for script in row.scripts] if several else []
    counts = [str(verdicts[verdict]) for verdict in COUNTED]
    of_cells = [number(marks.get((exercise, cell)) or _NOTHING) for exercise, names in asked.items() for cell in names]
    late = number(row.days_late) if row.days_late else ""
    return [*head, *_scored(score, full), *parts, *counts, late, harmless(row.remark), *of_cells]


def number(value: Fraction, places: int = 4) -> str:
    """A fraction as a decimal without needless zeros."""
    if value.denominator == 1:
        return str(value.numerator)
    text = f"{float(value):.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
