"""Room: gradsheet. A part of a class as the files have it: lines of gradebook and results, feedback, what is counted.

Parts are made by this process, or by several; they come in the roster's order either way, and are the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from exercises.specification import Exercise
from grader.gradebook import Row, Status, Tally, gradebook_lines
from grader.resolution import Paper
from gradsheet.class_marking import PART, MarkedClass, Part, Sitting, mark_part
from gradsheet.class_summary import Shown, shown_of
from gradsheet.course_set import read_exercises
from gradsheet.executors import AHEAD, Executor, processes
from gradsheet.feedback import WEB, Reveal, feedback_of
from gradsheet.papers import papers_of
from gradsheet.results import HandInResult
from gradsheet.results import as_json as result_json
from templates.feedback import render_feedback
from templates.html import feedback_html

WITH_FEEDBACK = 100
"""Students to a part where feedback is rendered, which is much larger than the rest."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is made of a part: feedback in ``formats`` (none where empty), telling so much; lines for the terminal of
    everybody, or of those who can't be marked.
    """

    formats: tuple[str, ...] = ("md",)
    reveal: Reveal = Reveal.SOLUTION
    everybody: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A part as the files have it; ``late`` counts those of whom the platform says so."""

    students: int
    gradebook: str
    records: bytes
    feedback: tuple[tuple[str, bytes], ...]
    tally: Tally
    shown: tuple[Shown, ...]
    late: int


def made_of(marked: MarkedClass, recipe: Recipe) -> Made:
    """What the files have of a marked class, or of a slice of it."""
    full, cells = full_marks(marked), asked(marked)
    tally = Tally()
    tally.add(marked.rows)
    return Made(
        len(marked.rows),
        gradebook_lines(marked.rows, full, cells),
        b",\n".join(msgspec.json.encode(student_json(marked, row)) for row in marked.rows),
        tuple(feedback_files(marked, recipe.formats, recipe.reveal)) if recipe.formats else (),
        tally,
        tuple(
            shown_of(row, sum(full, Fraction(0)))
            for row in marked.rows
            if recipe.everybody or row.status is Status.REJECTED
        ),
        sum(bool(row.told_late) for row in marked.rows),
    )


def parts_made(desk: Sitting, recipe: Recipe, jobs: int = 1) -> Iterator[Made]:
    """Every part of a class in the roster's order, made by ``jobs`` processes."""
    parts = desk.parts(WITH_FEEDBACK if recipe.formats else PART)
    if jobs == 1:
        yield from (made_of(mark_part(part, desk.papers), recipe) for part in parts)
        return
    # Exercises hold functions and can't be sent; each process reads them itself, once.
    bare = (replace(part, course=replace(part.course, exercises=())) for part in parts)
    with processes(jobs) as executor:
        yield from _in_order(executor, jobs, bare, recipe)


def _in_order(executor: Executor, jobs: int, parts: Iterator[Part], recipe: Recipe) -> Iterator[Made]:
    """Never more than ``AHEAD`` parts for each process are under way, so that memory is bounded."""
    waiting = deque(executor.submit(_made, part, recipe) for part in islice(parts, AHEAD * jobs))
    try:
        while waiting:
            made: Made = waiting.popleft().result()
            waiting.extend(executor.submit(_made, part, recipe) for part in islice(parts, 1))
            yield made
    finally:
        for future in waiting:
            future.cancel()


def _made(part: Part, recipe: Recipe) -> Made:
    exercises, papers = _exercises(part.course.folder)
    return made_of(mark_part(replace(part, course=replace(part.course, exercises=exercises)), papers), recipe)


@lru_cache(maxsize=1)
def _exercises(folder: Path) -> tuple[tuple[Exercise, ...], tuple[Paper, ...]]:
    """What a process keeps from part to part."""
    exercises = read_exercises(folder)
    return exercises, papers_of(exercises)


def feedback_files(
    marked: MarkedClass, formats: Collection[str], reveal: Reveal, places: Sequence[int] | None = None
) -> Iterator[tuple[str, bytes]]:
    """The feedback of all who were graded, or of some, by file name."""
    for place in range(len(marked.rows)) if places is None else places:
        if marked.rows[place].status is Status.GRADED:
            yield from _feedback(marked, place, formats, reveal)


def _feedback(marked: MarkedClass, place: int, formats: Collection[str], reveal: Reveal) -> Iterator[tuple[str, bytes]]:
    row = marked.rows[place]
    result = result_of(marked, row)
    if "md" in formats:
        yield f"{row.student}.md", render_feedback(feedback_of(marked, place, result, reveal=reveal)).encode()
    if "html" in formats:
        yield f"{row.student}.html", feedback_html(feedback_of(marked, place, result, WEB, reveal)).encode()
    if "pdf" in formats:
        from gradsheet.feedback_paper import printed  # Typst is a large library, and the other formats need none of it

        yield f"{row.student}.pdf", printed(marked, place, result, reveal)


def result_of(marked: MarkedClass, row: Row) -> HandInResult:
    """A student's row as the result of one hand-in."""
    return HandInResult(marked.course.exercises, row.scripts, tuple(marked.ignored.get(row.student, ())))


def full_marks(marked: MarkedClass | Sitting) -> list[Fraction]:
    """The full mark of each exercise."""
    policy = marked.policy if isinstance(marked, MarkedClass) else marked.rules.policy
    return [sum(map(policy.weight, paper.asked), Fraction(0)) for paper in marked.papers]


def asked(marked: MarkedClass | Sitting) -> Mapping[int, Sequence[str]]:
    """The cells that earn marks, by exercise."""
    return {paper.number: paper.asked for paper in marked.papers}


def student_json(marked: MarkedClass, row: Row) -> dict[str, Any]:
    """A student's result as ``check --json`` gives it, with what became of the hand-in before it."""
    head: dict[str, Any] = {"id": row.student, "name": row.name, "status": row.status.value, "remark": row.remark}
    head |= {"final_score": str(row.score), "final_score_number": float(row.score), "days_late": float(row.days_late)}
    if row.told_late:
        head["told_late"] = row.told_late
    if row.attempts:
        head["attempts"] = [
            {"file": each.file, "counts": each.counts} | ({} if each.earned is None else {"score": str(each.earned)})
            for each in row.attempts
        ]
    return head | (result_json(result_of(marked, row)) if row.status is Status.GRADED else {})
