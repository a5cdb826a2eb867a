"""Room: gradsheet. A part of a class as the files have it: lines of gradebook and results, feedback, what is counted.

Parts are made by this process, or by several; they come in the roster's order either way, and are the same bytes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from exercises.specification import Exercise
from grader.gradebook import Row, Status, Tally, gradebook_lines
from grader.resolution import Paper
from gradsheet.class_lines import BLOCK, Lines, plain_places
from gradsheet.class_marking import PART, MarkedClass, MarkedPart, Part, Sitting, marked_part
from gradsheet.class_rows import asked, full_marks, result_of, student_json
from gradsheet.class_summary import Shown, shown_of
from gradsheet.course_set import read_exercises
from gradsheet.executors import AHEAD, Executor, processes
from gradsheet.feedback import WEB, Reveal, feedback_of
from gradsheet.papers import papers_of
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
    """A part as the files have it; ``late`` counts those of whom the platform says so.

    ``records`` are blocks of lines of the results, with commas between lines but not between blocks.
    """

    students: int
    gradebook: str
    records: tuple[bytes, ...]
    feedback: tuple[tuple[str, bytes], ...]
    tally: Tally
    shown: tuple[Shown, ...]
    late: int


def made_of(marked: MarkedPart, recipe: Recipe) -> Made:
    """What the files have of a slice of a class."""
    count, plain = len(marked.part.course.students), Lines(marked, plain_places(marked))
    rows = {
        place: marked.row(place)
        for place in range(count)
        if recipe.formats or recipe.everybody or place not in plain.at
    }
    own = {place: row for place, row in rows.items() if place not in plain.at}
    whole, full = marked.whole(rows), sum(full_marks(marked), Fraction(0))
    tally = Tally(len(plain.at), Counter({Status.GRADED: len(plain.at)}))
    tally.add(own.values())
    shown = (shown_of(row, full) for row in rows.values() if recipe.everybody or row.status is Status.REJECTED)
    return Made(
        count,
        "".join(_books(marked, plain, own)),
        tuple(_blocks(_records(whole, plain, own))),
        tuple(feedback_files(whole, recipe.formats, recipe.reveal)) if recipe.formats else (),
        tally,
        tuple(shown),
        sum(bool(row.told_late) for row in own.values()),
    )


def _books(marked: MarkedPart, plain: Lines, own: Mapping[int, Row]) -> Iterator[str]:
    """Lines of the gradebook by place."""
    lines, full, cells = plain.gradebook(), full_marks(marked), asked(marked)
    for place in range(len(marked.part.course.students)):
        at = plain.at.get(place)
        yield gradebook_lines([own[place]], full, cells) if at is None else lines[at]


def _records(whole: MarkedClass, plain: Lines, own: Mapping[int, Row]) -> Iterator[bytes]:
    """Students of the results by place, which is the order of those who are plain as well."""
    lines = plain.results()
    for place in range(len(whole.course.students)):
        yield next(lines) if place in plain.at else msgspec.json.encode(student_json(whole, own[place]))


def _blocks(records: Iterator[bytes]) -> Iterator[bytes]:
    """Joined as many at a time as are made at a time, so that a part's lines are never there twice."""
    while some := list(islice(records, BLOCK)):
        yield b",\n".join(some)


def parts_made(desk: Sitting, recipe: Recipe, jobs: int = 1) -> Iterator[Made]:
    """Every part of a class in the roster's order, made by ``jobs`` processes."""
    parts = desk.parts(WITH_FEEDBACK if recipe.formats else PART)
    if jobs == 1:
        yield from (made_of(marked_part(part, desk.papers), recipe) for part in parts)
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
    return made_of(marked_part(replace(part, course=replace(part.course, exercises=exercises)), papers), recipe)


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
