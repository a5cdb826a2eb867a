"""Room: templates. A student's feedback as Markdown, from plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from templates.environment import Templates
from templates.render import markdown_text


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """One cell: ``symbol`` and numbers are ready to be set; ``sign`` and ``verdict`` say the same twice, for all
    readers. ``marks`` is empty for a cell that wasn't asked.
    """

    symbol: str
    cell: str
    text: str
    expected: str
    sign: str
    verdict: str
    marks: str


@dataclass(frozen=True, slots=True)
class FeedbackNote:
    """What is to be said about some cells: ``text`` is ready to be set, ``words`` are a person's, set as they are."""

    cells: str
    text: str
    words: str = ""


class FeedbackReading(Protocol):
    """One explanation of wrong numbers, ready to be set: how sure it is (may be empty), the rule, where it began."""

    @property
    def lead(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def where(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FeedbackPart:
    """One exercise: how it went in a sentence, which rules went wrong, what else to write down (or nothing), and its
    cells in the order worked.

    ``worked`` are sections of the page the feedback is for, with one line worked out, and ``lead`` says which one that
    is. ``carried`` says what that word means, where it is used.
    """

    number: int
    rows: Sequence[FeedbackRow]
    score: str
    out_of: str
    summary: str
    notes: Sequence[FeedbackNote] = ()
    carried: str = ""
    readings: Sequence[FeedbackReading] = ()
    advice: str = ""
    worked: Sequence[object] = ()
    lead: str = ""

    @property
    def tells(self) -> bool:
        """Whether what was expected is told."""
        return any(row.expected for row in self.rows)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one student reads about one hand-in; ``ignored`` says of answers that weren't marked where and why."""

    title: str
    student: str
    sheet: str
    score: str
    out_of: str
    parts: Sequence[FeedbackPart]
    ignored: Sequence[str]
    more_ignored: int
    account: Sequence[str] = ()
    """How the score comes about where it isn't just the sum of the marks below, a line a step."""


def render_feedback(feedback: Feedback, *, templates: Templates | None = None) -> str:
    """Markdown; texts of users are escaped."""
    return markdown_text("feedback.md.j2", templates, feedback=feedback)
