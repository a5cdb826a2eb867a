"""Room: gradsheet. What a teacher reads on the terminal after a class was graded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import click

from exercises.errors import one_line
from grader.collecting import Quarantined
from grader.gradebook import Ledger, Row, Status, number
from gradsheet.result_table import padded, wide
from gradsheet.results import SIGNS

SMALL_CLASS = 40
"""Students listed one by one; more of them scroll the ledger away."""

MOST_TROUBLED = 20
"""Rejected hand-ins listed one by one in a larger class; the gradebook has them all."""

MOST_ASIDE = 5
"""Hand-ins set aside that are named; the folder has them all."""

LATE = "late"
"""What a platform tells that doesn't say by how much."""

LONGEST_ID, LONGEST_NAME = 16, 20
"""Columns; longer ones are cut, so that a line fits the terminal."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One student's line."""

    student: str
    name: str
    graded: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of a grading: who is shown, what was counted, and what was written where.

    ``folder`` is None where nothing was to be written, ``changed`` says whether anything had to be. ``feedback`` says
    whether there is some. ``layout`` is how the download was read, "" where nobody wants to know.
    """

    ledger: Ledger
    shown: Sequence[Shown]
    folder: Path | None = None
    changed: bool = True
    feedback: bool = True
    layout: str = ""
    late: int = 0
    quarantined: Sequence[Quarantined] = ()


def summary(graded: Graded) -> str:
    """A line a student where the class is small, those who can't be marked where it isn't, the ledger, the paths."""
    shown = graded.shown if graded.ledger.roster <= SMALL_CLASS else graded.shown[:MOST_TROUBLED]
    lines = [*_student_lines(shown), ""] if shown else []
    lines += _asides(graded)
    if any(each.graded for each in shown):
        lines.append(legend())
    if graded.late:
        lines.append(f"late, as the platform says: {graded.late} (costs marks only with --late FILE)")
    lines.append(str(graded.ledger))
    if graded.ledger.strays:
        lines.append(graded.ledger.account)
    return "\n".join([*lines, *_places(graded)])


def _asides(graded: Graded) -> list[str]:
    strangers = graded.ledger.strays
    if not strangers:
        return []
    named = ", ".join(strangers[:MOST_ASIDE]) + (" …" if len(strangers) > MOST_ASIDE else "")
    lines = [f"not on the roster, so not marked: {one_line(named)}"]
    return lines + [f"  {one_line(each.owner)}: {each.reason}" for each in _doubtful(graded.quarantined)[:MOST_ASIDE]]


def _doubtful(quarantined: Iterable[Quarantined]) -> list[Quarantined]:
    return [each for each in quarantined if each.code != "not-on-roster"]


def _places(graded: Graded) -> list[str]:
    lines = [f"read as: {graded.layout}"] if graded.layout not in ("", "plain", "table") else []
    if graded.folder is None:
        return lines
    lines.append(f"gradebook: {graded.folder / 'gradebook.csv'}")
    if graded.feedback:
        lines.append(f"feedback:  {graded.folder / 'feedback'}")
    else:
        lines.append(f"feedback:  none was made; for a student: gradsheet feedback {graded.folder.parent} ID")
    if graded.quarantined:
        lines.append(f"set aside: {graded.folder / 'quarantine.csv'}")
    return lines if graded.changed else [*lines, "nothing has changed since the last grading, so nothing was written"]


def _student_lines(rows: Sequence[Shown]) -> list[str]:
    of_id = min(max((wide(row.student) for row in rows), default=0), LONGEST_ID)
    of_name = min(max((wide(row.name) for row in rows), default=0), LONGEST_NAME)
    heads = [padded(row.student, of_id) + (f"  {padded(row.name, of_name)}" if of_name else "") for row in rows]
    return [f"{head}  {row.outcome}" for head, row in zip(heads, rows, strict=True)]


def shown_of(row: Row, full: Fraction) -> Shown:
    """A student's line, ``full`` being the full mark."""
    return Shown(row.student, row.name, row.status is Status.GRADED, _outcome(row, full))


def _outcome(row: Row, full: Fraction) -> str:
    if row.status is Status.MISSING:
        remark = f" ({one_line(row.remark)})" if row.remark else ""
        return click.style(f"nothing handed in{remark}", fg="yellow")
    if row.status is Status.REJECTED:
        return click.style(f"rejected: {one_line(row.remark)}", fg="red")
    counts = [f"{row.count(verdict)} {sign}" for verdict, sign in SIGNS.items() if row.count(verdict)]
    late = (
        f"  late ({one_line(row.told_late)})" if row.told_late not in ("", "late") else "  late" * bool(row.told_late)
    )
    return f"{number(row.score):>{len(number(full))}} of {number(full)}  {'  '.join(counts)}{late}"


def legend() -> str:
    """What the signs of the summary mean."""
    return "  ".join(f"{sign} {verdict.name.lower()}" for verdict, sign in SIGNS.items())
