"""Room: gradsheet. A student's result as the plain data that feedback is rendered from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from html import escape

from exercises.bounds import Lines
from exercises.notation import Notation
from exercises.operations.row import Array
from exercises.solution import Solution
from exercises.specification import Exercise
from grader.gradebook import number
from grader.scripts import CellResult, ScriptResult
from gradsheet.class_marking import MarkedClass
from gradsheet.examination import Write, advice_of, called_in, readings_of
from gradsheet.feedback_words import account_of, carried_of, summary_of
from gradsheet.finding import line_put_right, planted_reading
from gradsheet.generation import sheet_name
from gradsheet.papers import notation_of
from gradsheet.result_table import reason_ignored
from gradsheet.results import SAID, SIGNS, HandInResult, expected_text, listed, remarks_on, said
from gradsheet.worked_step import worked_step
from templates import html
from templates.feedback import Feedback, FeedbackNote, FeedbackPart, FeedbackRow
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
            _part(_Script(marked, place, result, exercise, script, hand, reveal))
            for exercise, script in zip(result.exercises, result.scripts, strict=True)
        ],
        ignored=[f"{answer.place}: {reason_ignored(answer)}" for answer in result.ignored[:MOST_IGNORED]],
        more_ignored=max(len(result.ignored) - MOST_IGNORED, 0),
    )


MOST_IGNORED = 10
"""Answers that weren't marked, listed one by one."""


@dataclass(frozen=True, slots=True)
class _Script:
    """One exercise of one student, and for what kind of page."""

    marked: MarkedClass
    place: int
    result: HandInResult
    exercise: Exercise
    script: ScriptResult
    hand: Hand
    reveal: Reveal

    @property
    def write(self) -> Write:
        return partial(self.hand.symbol, notation_of(self.exercise))

    @property
    def given(self) -> dict[str, Array]:
        """The student's own numbers; shape + (1,)."""
        numbers = self.marked.course.numbers[self.exercise.number]
        return {name: array[..., self.place : self.place + 1] for name, array in numbers.items()}

    @property
    def lines(self) -> Lines:
        return next(paper.task.lines for paper in self.marked.papers if paper.number == self.exercise.number)


def _part(one: _Script) -> FeedbackPart:
    script = one.script
    part = FeedbackPart(
        number=one.exercise.number,
        rows=[_row(one, cell) for cell in script.cells],
        score=number(script.score),
        out_of=number(script.out_of),
        summary=summary_of(script),
        notes=_notes(one),
        carried=carried_of(script, one.marked.policy),
    )
    if one.reveal is Reveal.VERDICT:
        return part
    if one.exercise.finding:
        return _with_finding(part, one)
    write, words = one.write, one.hand.words
    readings = readings_of(script, write, words, called_in(notation_of(one.exercise)))
    part = replace(part, readings=readings, advice=advice_of(script, write, words))
    worked = worked_step(one.exercise, one.given, script, one.lines) if one.reveal is Reveal.SOLUTION else None
    if worked is None:
        return part
    return replace(part, worked=one.hand.sections(worked.solution), lead=LEFT_OUT if worked.left_out else WENT_WRONG)


WENT_WRONG = "The first line that went wrong, with your own numbers before it."
LEFT_OUT = "It went wrong in a line that you didn't write down; here it is, with your own numbers before it."
PUT_RIGHT = "The line as it should be, with the numbers printed before it."


def _with_finding(part: FeedbackPart, one: _Script) -> FeedbackPart:
    """The rule that was planted; where the solution is told, also its line, and how that should be worked out."""
    label = one.marked.course.mistakes[one.exercise.number][one.place]
    exercise = replace(one.exercise, given=one.given, mistake=label)
    rule_only = one.reveal is Reveal.HINT
    part = replace(part, readings=[planted_reading(exercise, one.write, one.hand.words, rule_only=rule_only)])
    solution = None if rule_only else line_put_right(exercise)
    return part if solution is None else replace(part, worked=one.hand.sections(solution), lead=PUT_RIGHT)


def _notes(one: _Script) -> list[FeedbackNote]:
    return [
        FeedbackNote(
            listed([one.result.id_of(cell) for cell in cells]),
            said(remark, one.write, one.hand.words, cells[0].cell, called_in(notation_of(one.exercise))),
            remark.words,
        )
        for remark, cells in remarks_on(one.script.cells).items()
    ]


def _row(one: _Script, cell: CellResult) -> FeedbackRow:
    return FeedbackRow(
        symbol=one.hand.words(SAID[cell.cell]) if cell.cell in SAID else one.write(cell.cell),
        cell=one.result.id_of(cell),
        text=cell.text if len(cell.text) <= LONGEST_ANSWER else cell.text[: LONGEST_ANSWER - 1] + "…",
        expected=expected_text(one.exercise, cell) if one.reveal is Reveal.SOLUTION else "",
        sign=SIGNS[cell.verdict],
        verdict=cell.verdict.name.lower(),
        marks="" if cell.marks is None else number(cell.marks),
    )
