"""Room: templates. A student's feedback as PDF: tagged like the sheets, texts of users as data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from exercises.notation import Notation
from exercises.solution import Solution
from templates.environment import ours
from templates.feedback import Feedback, FeedbackPart
from templates.formula.typst import quoted
from templates.paper import symbols_of
from templates.pdf import Layout, compiled
from templates.typst_page import PaperSection, TypstPage
from templates.typst_symbols import in_markup

TEMPLATE = "feedback.typ.j2"


def symbol(notation: Notation, cell: str) -> str:
    """A quantity or cell between the words of markup."""
    return in_markup(symbols_of(notation).symbol(cell))


def words(text: str) -> str:
    """Words of ours between what else stands in markup."""
    return in_markup(quoted(text))


def sections(solution: Solution) -> Sequence[PaperSection]:
    """Working as this page takes it."""
    return TypstPage(solution, symbols_of(solution.notation)).sections(worked=True)


def feedback_pdf(feedback: Feedback, layout: Layout) -> bytes:
    """What a student reads about a hand-in; it was made with ``symbol``, ``words`` and ``sections`` of this module.

    InputError where a teacher's template doesn't compile.
    """
    source, data = feedback_source(feedback, layout)
    return compiled(source, data, layout, TEMPLATE)


def feedback_source(feedback: Feedback, layout: Layout) -> tuple[bytes, str]:
    """The Typst source, which holds no text of users, and the data with those texts, as JSON."""
    values = {"feedback": feedback, "layout": layout}
    source = (layout.templates or ours()).filled("typst", TEMPLATE, values)
    return source.encode(), json.dumps(_data(feedback, layout), ensure_ascii=False)


def _data(feedback: Feedback, layout: Layout) -> dict[str, object]:
    return {
        "head": {
            "title": feedback.title,
            "short": feedback.title,
            "course": "",
            "date": "",
            "student": feedback.student,
            "sheet": feedback.sheet,
            "kind": "feedback",
        },
        "logo": layout.logo,
        "score": feedback.score,
        "out_of": feedback.out_of,
        "account": list(feedback.account),
        "ignored": list(feedback.ignored),
        "parts": [_part(part) for part in feedback.parts],
    }


def _part(part: FeedbackPart) -> dict[str, object]:
    return {
        "rows": [
            {
                "sign": row.sign,
                "verdict": row.verdict,
                "cell": row.cell,
                "text": row.text,
                "expected": row.expected,
                "marks": row.marks,
            }
            for row in part.rows
        ],
        "notes": [{"cells": note.cells, "words": note.words} for note in part.notes],
    }
