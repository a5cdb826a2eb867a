"""Room: gradsheet. A marked hand-in as Gradescope's results.json: a test a cell, and the feedback in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from exercises.specification import Exercise
from grader.gradebook import Row, number
from grader.marking import Verdict
from grader.policy import NONE, Policy
from grader.resolution import Paper
from grader.scripts import CellResult, ScriptResult
from gradsheet.cell_readings import sentences_about
from gradsheet.course_set import CourseSet
from gradsheet.examination import as_lines, called_in
from gradsheet.feedback_words import ALONE, account_of, carried_of, summary_of
from gradsheet.finding import planted_reading
from gradsheet.papers import notation_of
from gradsheet.result_table import MOST_IGNORED, reason_ignored
from gradsheet.results import SAID, HandInResult, expected_text, remark_on, said

LONGEST_ANSWER = 40

Json = dict[str, Any]


def unmarked(output: str) -> Json:
    """Where nobody's marks are concerned: no score at all, so that the instructor has to look."""
    return {**_head(output), "tests": []}


def nothing_marked(why: str, papers: Sequence[Paper], policy: Policy) -> Json:
    """A hand-in that can't be read: every cell is there with 0, and the reason stands above them."""
    tests = [
        _test(
            _name(paper.number, cell, "", len(papers) > 1),
            NONE,
            policy.weight(cell, paper.number),
            "Nothing was read here.",
        )
        for paper in papers
        for cell in paper.asked
    ]
    return {**_head(f"Your hand-in can't be marked: {why}"), "score": 0.0, "tests": tests}


def results_of(course: CourseSet, row: Row, result: HandInResult, reveal: str, policy: Policy) -> Json:
    """A student's marks and feedback; ``course`` holds that one student alone."""
    exercises = tuple(_own(course, exercise) for exercise in result.exercises)
    several = len(exercises) > 1
    tests = [
        _cell_test(exercise, script, cell, reveal, several=several)
        for exercise, script in zip(exercises, result.scripts, strict=True)
        for cell in script.cells
        if cell.marks is not None
    ]
    lines = [f"{number(row.score)} of {number(result.out_of)} marks.", *account_of(row)]
    for exercise, script in zip(exercises, result.scripts, strict=True):
        lines += ["", *_feedback(exercise, script, reveal, policy, several=several)]
    lines += _ignored(result)
    exact = {"score": str(row.score), "out_of": str(result.out_of), "student": row.student}
    return {**_head("\n".join(lines)), "score": float(row.score), "tests": tests, "extra_data": exact}


def _own(course: CourseSet, exercise: Exercise) -> Exercise:
    """The exercise with the student's numbers, and the mistake that is to be found in it where there is one."""
    numbers, labels = course.numbers[exercise.number], course.mistakes[exercise.number]
    return replace(exercise, given=dict(numbers), mistake=labels[0] if labels else "")


def _head(output: str) -> Json:
    # The program's own output is for the instructor; what it says of keys, if anything, is none of the student's.
    return {"output": output, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}


def _test(name: str, score: Fraction, worth: Fraction, output: str, *, passed: bool = False) -> Json:
    return {
        "name": name,
        "score": float(score),
        "max_score": float(worth),
        "status": "passed" if passed else "failed",
        "output": output,
        "output_format": "text",
        "visibility": "visible",
    }


def _name(exercise: int, cell: str, symbol: str, several: bool) -> str:
    before = f"{exercise}:" if several else ""
    return f"{before}{cell}" + (f" ({symbol})" if symbol and symbol != cell else "")


def _cell_test(exercise: Exercise, script: ScriptResult, cell: CellResult, reveal: str, *, several: bool) -> Json:
    symbol = SAID.get(cell.cell) or notation_of(exercise).text(cell.cell)
    marks = NONE if cell.marks is None else cell.marks
    # A number that follows rightly is no failure, whatever the policy gives for it.
    passed = cell.verdict in (Verdict.CORRECT, Verdict.CARRIED) or marks == cell.worth
    name = _name(exercise.number, cell.cell, symbol, several)
    return _test(name, marks, cell.worth, " ".join(_told(exercise, script, cell, reveal)), passed=passed)


def _told(exercise: Exercise, script: ScriptResult, cell: CellResult, reveal: str) -> Iterator[str]:
    """The line of one cell: what was written, how it is, which rule, what was expected."""
    short = cell.text if len(cell.text) <= LONGEST_ANSWER else cell.text[: LONGEST_ANSWER - 1] + "…"
    yield f"{short or 'Your number'} {ALONE[cell.verdict]}."
    notation = notation_of(exercise)
    if (remark := remark_on(cell)) is not None:
        told = said(remark, notation.text, cell=cell.cell, call=called_in(notation))
        yield f"{told} {remark.words}".rstrip()
    if reveal == "verdict":
        return
    if cell.verdict is not Verdict.CORRECT and (why := sentences_about(script, cell.cell, notation)):
        yield why
    expected = expected_text(exercise, cell)
    if reveal == "solution" and cell.verdict is not Verdict.CORRECT and expected:
        yield f"Expected: {expected}."


def _feedback(exercise: Exercise, script: ScriptResult, reveal: str, policy: Policy, *, several: bool) -> Iterator[str]:
    if several:
        yield f"Exercise {exercise.number}: {number(script.score)} of {number(script.out_of)} marks."
    yield from filter(None, (summary_of(script), carried_of(script, policy)))
    if reveal != "verdict":
        notation = notation_of(exercise)
        yield from (f"• {line}" for line in as_lines(script, notation.text, called_in(notation)))
    if reveal == "solution" and exercise.finding:
        told = planted_reading(exercise, notation_of(exercise).text)
        yield f"• {told.lead} {told.sentence} {told.where}"


def _ignored(result: HandInResult) -> list[str]:
    lines = [f"Not marked: {answer.place}: {reason_ignored(answer)}." for answer in result.ignored[:MOST_IGNORED]]
    more = len(result.ignored) - MOST_IGNORED
    return ["", *lines, *([f"Not marked: {more} more."] if more > 0 else [])] if lines else []
