"""Room: gradsheet. A student's result as the plain data that feedback is rendered from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from html import escape

from exercises.notation import Notation
from exercises.operations.row import Array
from exercises.solution import Solution
from exercises.specification import Exercise
from grader.gradebook import Row, number
from grader.marking import Verdict
from grader.scripts import CellResult, ScriptResult
from gradsheet.class_marking import MarkedClass
from gradsheet.examination import Write, advice_of, readings_of
from gradsheet.generation import sheet_name
from gradsheet.papers import notation_of
from gradsheet.result_table import reason_ignored
from gradsheet.results import SAID, SIGNS, HandInResult, expected_text, note_on
from gradsheet.worked_step import worked_step
from templates import html
from templates.feedback import Feedback, FeedbackPart, FeedbackRow
from templates.html_page import HtmlPage
from templates.markdown_page import MarkdownPage, escaped_words, symbol

LONGEST_ANSWER = 40
"""Characters of an answer that are shown again; a number has fewer."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How ids are written, and how words between them are: for Markdown, or for a web page."""

    symbol: Callable[[Notation, str], str]
    words: Callable[[str], str]
    sections: Callable[[Solution], Sequence[object]]


MARKDOWN = Hand(symbol, escaped_words, lambda solution: MarkdownPage(solution.notation).sections(solution))
WEB = Hand(html.symbol, escape, lambda solution: HtmlPage(solution.notation).sections(solution))


class Reveal(Enum):
    """How much feedback tells: right or wrong; which rule went wrong, too; or what was expected, and how, as well."""

    VERDICT = "verdict"
    HINT = "hint"
    SOLUTION = "solution"


def feedback_of(
    marked: MarkedClass, place: int, result: HandInResult, hand: Hand = MARKDOWN, reveal: Reveal = Reveal.SOLUTION
) -> Feedback:
    """What one student of a class reads; ``place`` is theirs on the roster."""
    row, specification = marked.rows[place], marked.course.specification
    return Feedback(
        title=specification.title or specification.name,
        student=row.name or row.student,
        sheet=sheet_name(specification, marked.course.attempt, row.student),
        score=number(row.score),
        account=account_of(row),
        out_of=number(result.out_of),
        parts=[
            _part(result, exercise, script, hand, _numbers(marked, exercise, place), reveal)
            for exercise, script in zip(result.exercises, result.scripts, strict=True)
        ],
        carried=sum(cell.verdict is Verdict.CARRIED for cell in result.cells),
        ignored=[f"{answer.place}: {reason_ignored(answer)}" for answer in result.ignored[:MOST_IGNORED]],
        more_ignored=max(len(result.ignored) - MOST_IGNORED, 0),
    )


def account_of(row: Row) -> list[str]:
    """How a score comes about that isn't just the sum of the cells' marks."""
    if row.score == row.earned:
        return []
    steps = [f"The cells below earn {number(row.earned)} marks."]
    after = row.earned * row.keeps
    if row.days_late:
        days = "1 day" if row.days_late == 1 else f"{number(row.days_late)} days"
        steps.append(f"Handed in {days} late, of which {number(100 * row.keeps)} % are left: {number(after)} marks.")
    if row.score != after:
        steps.append(f"Rounded to a multiple of {number(row.total.step)}: {number(row.score)} marks.")
    return steps


MOST_IGNORED = 10
"""Answers that weren't marked, listed one by one."""


def _numbers(marked: MarkedClass, exercise: Exercise, place: int) -> dict[str, Array]:
    """One student's numbers; shape + (1,)."""
    return {name: array[..., place : place + 1] for name, array in marked.course.numbers[exercise.number].items()}


def _part(
    result: HandInResult,
    exercise: Exercise,
    script: ScriptResult,
    hand: Hand,
    given: Mapping[str, Array],
    reveal: Reveal,
) -> FeedbackPart:
    write = partial(hand.symbol, notation_of(exercise))
    rows = [_row(result, exercise, _symbol(write, hand, cell), cell, reveal) for cell in script.cells]
    part = FeedbackPart(exercise.number, rows, number(script.score), number(script.out_of))
    if reveal is Reveal.VERDICT:
        return part
    part = replace(part, readings=readings_of(script, write, hand.words), advice=advice_of(script, write, hand.words))
    step = worked_step(exercise, given, script) if reveal is Reveal.SOLUTION else None
    return part if step is None else replace(part, worked=hand.sections(step))


def _symbol(write: Write, hand: Hand, cell: CellResult) -> str:
    return hand.words(SAID[cell.cell]) if cell.cell in SAID else write(cell.cell)


def _row(result: HandInResult, exercise: Exercise, symbol: str, cell: CellResult, reveal: Reveal) -> FeedbackRow:
    return FeedbackRow(
        symbol=symbol,
        cell=result.id_of(cell),
        text=cell.text if len(cell.text) <= LONGEST_ANSWER else cell.text[: LONGEST_ANSWER - 1] + "…",
        expected=expected_text(exercise, cell) if reveal is Reveal.SOLUTION else "",
        sign=SIGNS[cell.verdict],
        verdict=cell.verdict.name.lower(),
        marks="" if cell.marks is None else number(cell.marks),
        note=note_on(cell),
    )
