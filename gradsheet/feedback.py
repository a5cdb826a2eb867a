"""Room: gradsheet. A student's result as the plain data that feedback is rendered from."""

from __future__ import annotations

from exercises.notation import Notation, notation_for
from exercises.specification import Exercise
from grader.gradebook import Row, number
from grader.marking import Verdict
from grader.scripts import CellResult, ScriptResult
from gradsheet.class_marking import MarkedClass
from gradsheet.results import SIGNS, HandInResult, note_on
from templates.feedback import Feedback, FeedbackPart, FeedbackRow
from templates.formula.latex import inline


def feedback_of(marked: MarkedClass, row: Row, result: HandInResult) -> Feedback:
    """What one student of a class reads."""
    specification = marked.course.specification
    return Feedback(
        title=specification.title or specification.name,
        student=row.name or row.student,
        sheet=f"{specification.name}-{row.student}",
        score=number(result.score),
        out_of=number(result.out_of),
        parts=[
            _part(exercise, script) for exercise, script in zip(marked.course.exercises, result.scripts, strict=True)
        ],
        carried=sum(cell.verdict is Verdict.CARRIED for cell in result.cells),
        ignored=[answer.id_text for answer in result.ignored],
    )


def _part(exercise: Exercise, script: ScriptResult) -> FeedbackPart:
    notation = notation_for(exercise.notation, exercise.program)
    rows = [_row(exercise, notation, cell) for cell in script.cells]
    return FeedbackPart(exercise.number, rows, number(script.score), number(script.out_of))


def _row(exercise: Exercise, notation: Notation, cell: CellResult) -> FeedbackRow:
    assert exercise.precision is not None
    expected = "" if cell.expected is None else exercise.precision.of(cell.cell).text(cell.expected)
    return FeedbackRow(
        symbol=f"${inline(notation.sign(cell.cell))}$",
        cell=cell.cell,
        text=cell.text,
        expected=expected,
        sign=SIGNS[cell.verdict],
        verdict=cell.verdict.name.lower(),
        marks="" if cell.marks is None else number(cell.marks),
        note=note_on(cell),
    )
