"""Room: gradsheet. A student's feedback on paper, set like the sheet that it is about."""

from __future__ import annotations

from gradsheet.class_marking import MarkedClass
from gradsheet.feedback import Hand, Reveal, feedback_of
from gradsheet.results import HandInResult
from templates.feedback_pdf import feedback_pdf, sections, symbol, words
from templates.pdf import Layout

PAPER = Hand(symbol, words, sections)


def printed(marked: MarkedClass, place: int, result: HandInResult, reveal: Reveal) -> bytes:
    """One student's feedback as PDF; ``place`` is theirs on the roster."""
    told = feedback_of(marked, place, result, PAPER, reveal)
    return feedback_pdf(told, Layout(marked.course.specification.paper))
