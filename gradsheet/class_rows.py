"""Room: gradsheet. A student's row of a marked class as the result of a hand-in, and as ``results.json`` has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.gradebook import Row, Status
from gradsheet.class_marking import MarkedClass, MarkedPart, Sitting
from gradsheet.results import HandInResult
from gradsheet.results import as_json as result_json


def result_of(marked: MarkedClass, row: Row) -> HandInResult:
    """A student's row as the result of one hand-in."""
    return HandInResult(marked.course.exercises, row.scripts, tuple(marked.ignored.get(row.student, ())))


def full_marks(marked: MarkedClass | MarkedPart | Sitting) -> list[Fraction]:
    """The full mark of each exercise."""
    policy = marked.rules.policy
    return [sum(map(policy.weight, paper.asked), Fraction(0)) for paper in marked.papers]


def asked(marked: MarkedClass | MarkedPart | Sitting) -> Mapping[int, Sequence[str]]:
    """The cells that earn marks, by exercise."""
    return {paper.number: paper.asked for paper in marked.papers}


def student_json(marked: MarkedClass, row: Row) -> dict[str, Any]:
    """A student's result as ``check --json`` gives it, with what became of the hand-in before it."""
    head = head_json(row.student, row.name, row.status.value, row.remark, row.score, row.days_late)
    if row.told_late:
        head["told_late"] = row.told_late
    if row.attempts:
        head["attempts"] = [
            {"file": each.file, "counts": each.counts} | ({} if each.earned is None else {"score": str(each.earned)})
            for each in row.attempts
        ]
    return head | (result_json(result_of(marked, row)) if row.status is Status.GRADED else {})


def head_json(
    student: str, name: str, status: str, remark: str, score: Fraction, days_late: Fraction
) -> dict[str, Any]:
    """What became of a hand-in, and the score that counts."""
    return {
        "id": student,
        "name": name,
        "status": status,
        "remark": remark,
        "final_score": str(score),
        "final_score_number": float(score),
        "days_late": float(days_late),
    }
