"""Room: gradsheet. One hand-in on one sheet, all exercises."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.specification import Exercise
from grader.policy import EXAM, Policy
from grader.resolution import resolve
from grader.rounding import Tolerance
from grader.submissions import Submission
from gradsheet.papers import mark_exercise, papers_of
from gradsheet.results import HandInResult


def mark_one(
    exercises: Sequence[Exercise], submission: Submission, tolerance: Tolerance | None = None, policy: Policy = EXAM
) -> HandInResult:
    """The result of one hand-in; the exercises must be settled (all numbers and places given)."""
    papers = papers_of(exercises)
    resolved = resolve(submission, papers)
    scripts = []
    for exercise, paper in zip(exercises, papers, strict=True):
        texts, labels = [resolved.texts[paper.number]], [exercise.mistake]
        scripts += mark_exercise(exercise, paper, exercise.given, texts, labels, tolerance=tolerance, policy=policy)
    return HandInResult(tuple(exercises), tuple(scripts), resolved.ignored)
