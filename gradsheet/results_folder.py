"""Room: gradsheet. What `grade` writes and prints: gradebook, feedback for each student, the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import msgspec

from grader.gradebook import Row, Status, gradebook_csv, number
from gradsheet.class_marking import MarkedClass
from gradsheet.cli import one_line
from gradsheet.course_set import RESULTS
from gradsheet.feedback import WEB, Reveal, feedback_of
from gradsheet.files import private_folder, staged_folder, write_atomically
from gradsheet.result_table import padded, wide
from gradsheet.results import SIGNS, HandInResult
from gradsheet.results import as_json as result_json
from templates.feedback import render_feedback
from templates.html import feedback_html

MARKER = "gradebook.csv"


def result_of(marked: MarkedClass, row: Row) -> HandInResult:
    """A student's row as the result of one hand-in."""
    return HandInResult(marked.course.exercises, row.scripts, tuple(marked.ignored.get(row.student, ())))


def write_results(marked: MarkedClass, formats: Collection[str] = ("md",), reveal: Reveal = Reveal.SOLUTION) -> Path:
    """Write DIR/results, whole or not at all, with feedback in the formats wished; return the folder."""
    folder = marked.course.folder / RESULTS
    with staged_folder(folder, marker=MARKER) as place:
        private_folder(place)
        feedback = place / "feedback"
        feedback.mkdir()
        for number_on_roster, row in enumerate(marked.rows):
            if row.status is Status.GRADED:
                _write_feedback(marked, number_on_roster, feedback, formats, reveal)
        write_atomically(place / "results.json", _readable_json(as_json(marked)))
        write_atomically(place / MARKER, gradebook_csv(marked.rows, full_marks(marked), asked(marked)))
    _remove_reports(folder)
    return folder


REPORTS = ("report.html", "report.csv", "gradebook-*.csv")
"""What ``gradsheet report`` writes here: of an earlier grading, so it would tell old scores."""


def _remove_reports(folder: Path) -> None:
    for pattern in REPORTS:
        for path in folder.glob(pattern):
            path.unlink()


def _write_feedback(marked: MarkedClass, place: int, folder: Path, formats: Collection[str], reveal: Reveal) -> None:
    row = marked.rows[place]
    result = result_of(marked, row)
    if "md" in formats:
        told = feedback_of(marked, place, result, reveal=reveal)
        write_atomically(folder / f"{row.student}.md", render_feedback(told))
    if "html" in formats:
        told = feedback_of(marked, place, result, WEB, reveal)
        write_atomically(folder / f"{row.student}.html", feedback_html(told))
    if "pdf" in formats:
        from gradsheet.feedback_paper import printed  # Typst is a large library, and the other formats need none of it

        write_atomically(folder / f"{row.student}.pdf", printed(marked, place, result, reveal))


def _readable_json(data: dict[str, Any]) -> bytes:
    # Like json.dumps with an indent, which works in Python and takes seconds for a large class.
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def full_marks(marked: MarkedClass) -> list[Fraction]:
    """The full mark of each exercise."""
    weight = marked.policy.weight
    return [sum(map(weight, paper.asked), Fraction(0)) for paper in marked.papers]


def asked(marked: MarkedClass) -> Mapping[int, Sequence[str]]:
    return {paper.number: paper.asked for paper in marked.papers}


def as_json(marked: MarkedClass) -> dict[str, Any]:
    """The ledger, and each student's result as ``check --json`` gives it."""
    ledger = marked.ledger
    return {
        "set": marked.course.specification.name,
        "ledger": {
            "roster": ledger.roster,
            "graded": ledger.graded,
            "missing": ledger.missing,
            "rejected": ledger.rejected,
            "strays": list(ledger.strays),
        },
        "students": [_student_json(marked, row) for row in marked.rows],
    }


def _student_json(marked: MarkedClass, row: Row) -> dict[str, Any]:
    head: dict[str, Any] = {"id": row.student, "name": row.name, "status": row.status.value, "remark": row.remark}
    head |= {"final_score": str(row.score), "final_score_number": float(row.score), "days_late": float(row.days_late)}
    return head | (result_json(result_of(marked, row)) if row.status is Status.GRADED else {})


def summary(marked: MarkedClass, folder: Path | None) -> str:
    """What a teacher reads after the run: a line a student where the class is small, the ledger, the paths."""
    full = sum(full_marks(marked), Fraction(0))
    shown = marked.rows if len(marked.rows) <= SMALL_CLASS else _troubled(marked.rows)
    lines = [*_student_lines(shown, full), ""] if shown else []
    if marked.ledger.strays:
        strays = ", ".join(marked.ledger.strays[:5]) + (" …" if len(marked.ledger.strays) > 5 else "")
        lines.append(f"not on the roster, so not marked: {one_line(strays)}")
    if any(row.status is Status.GRADED for row in shown):
        lines.append(legend())
    lines.append(str(marked.ledger))
    if folder is not None:
        lines += [f"gradebook: {folder / MARKER}", f"feedback:  {folder / 'feedback'}"]
    return "\n".join(lines)


SMALL_CLASS = 40
"""Students listed one by one; more of them scroll the ledger away."""

MOST_TROUBLED = 20
"""Rejected hand-ins listed one by one in a larger class; the gradebook has them all."""

LONGEST_ID, LONGEST_NAME = 16, 20
"""Columns; longer ones are cut, so that a line fits the terminal."""


def _troubled(rows: Sequence[Row]) -> Sequence[Row]:
    return [row for row in rows if row.status is Status.REJECTED][:MOST_TROUBLED]


def _student_lines(rows: Sequence[Row], full: Fraction) -> list[str]:
    of_id = min(max((wide(row.student) for row in rows), default=0), LONGEST_ID)
    of_name = min(max((wide(row.name) for row in rows), default=0), LONGEST_NAME)
    heads = [padded(row.student, of_id) + (f"  {padded(row.name, of_name)}" if of_name else "") for row in rows]
    return [f"{head}  {_outcome(row, full)}" for head, row in zip(heads, rows, strict=True)]


def _outcome(row: Row, full: Fraction) -> str:
    if row.status is Status.MISSING:
        return click.style("nothing handed in", fg="yellow")
    if row.status is Status.REJECTED:
        return click.style(f"rejected: {one_line(row.remark)}", fg="red")
    counts = [f"{row.count(verdict)} {sign}" for verdict, sign in SIGNS.items() if row.count(verdict)]
    return f"{number(row.score):>{len(number(full))}} of {number(full)}  {'  '.join(counts)}"


def legend() -> str:
    """What the signs of the summary mean."""
    return "  ".join(f"{sign} {verdict.name.lower()}" for verdict, sign in SIGNS.items())
