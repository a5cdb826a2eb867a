"""Room: grader. From the ids a student wrote to the cells of the exercises; what fits nowhere is listed, never
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from exercises.errors import InputError
from exercises.names import LONGEST_ID, nearest_id, parse_cell
from grader.diagnosis import Examiner
from grader.marking import Task
from grader.numbers import is_blank
from grader.submissions import Answer, Rejected, Submission

MOST_REMEMBERED = 10_000
"""Names whose cells are kept; far more than a sheet has, few enough for a hostile hand-in."""


@dataclass(frozen=True)
class Paper:
    """One exercise made ready for marking.

    ``asked`` lists the cells that earn marks, in the program's order. ``symbol`` finds the cell that one of the sheet's
    own names means (``w5``, ``∂J/∂w5``), or None. ``twins`` maps a cell to the one whose symbol and value it shares on
    the sheet (a = z of a unit without activation), so that one answer stands for both. ``examiner`` looks for the
    rule that went wrong; None where nobody wants to know. ``words`` are the ids of answers that are no cells; where
    there are some, nothing else is answered, and they are what is ``asked``.
    """

    number: int
    task: Task
    asked: tuple[str, ...]
    symbol: Callable[[str], str | None]
    twins: Mapping[str, str]
    examiner: Examiner | None = None
    words: tuple[str, ...] = ()
    _named: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cell_named(self, text: str) -> str | None:
        """The cell that an id or one of the sheet's own names means, or None."""
        if text in self._named:  # a class writes the same ids over and over
            return self._named[text]
        cell = self._word_named(text) if self.words else self.line_named(text)
        if len(self._named) < MOST_REMEMBERED and len(text) <= LONGEST_ID:
            self._named[text] = cell
        return cell

    def _word_named(self, text: str) -> str | None:
        plain = "-".join(re.split(r"[\s_-]+", text[:LONGEST_ID].strip(" \t\r\n`").lower()))
        return plain if plain in self.words else None

    def line_named(self, text: str) -> str | None:
        """The cell of the program that an id or one of the sheet's own names means, or None."""
        known = self.task.lines.root
        try:
            cell = parse_cell(text)
            for name in (str(cell), f"{cell.quantity}[1]", f"{cell.quantity}[1,1]"):
                whole = name == str(cell) or not cell.index
                if whole and name in known and (name == str(cell) or self._is_single(cell.quantity)):
                    return name
        except InputError:
            pass  # not an id of ours; it may be the sheet's own name
        named = self.symbol(text)
        return named if named in known else None

    def _is_single(self, quantity: str) -> bool:
        """Whether a quantity with an index has one cell only, so that it may be written without."""
        return f"{quantity}[2]" not in self.task.lines.root and f"{quantity}[1,2]" not in self.task.lines.root

    def is_given(self, text: str) -> bool:
        """Whether an id or name means a number that stands on the sheet."""
        return self.symbol(text) is not None and self.line_named(text) is None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An answer whose id is no cell that is worked out: ``given`` where it stands on the sheet, else ``nearest`` is the
    most similar id there is.
    """

    id_text: str
    place: str
    nearest: str | None
    given: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """One hand-in by exercise: ``texts[number][cell]`` is what was written; blank ones are left out."""

    texts: Mapping[int, Mapping[str, str]]
    ignored: tuple[Ignored, ...]


MOST_HINTS = 20
"""Ignored answers for which the nearest id is looked for; a hand-in of thousands would otherwise take minutes."""


def resolve(submission: Submission, papers: Sequence[Paper]) -> Resolved:
    """Find the cell of every answer. Raises Rejected where two answers mean one cell and differ.

    Where there are several exercises and an id has no number before it, it is looked for in the first, and in the
    others only if exactly one has it.
    """
    found: dict[int, dict[str, Answer]] = {paper.number: {} for paper in papers}
    ignored: list[Ignored] = []
    for answer in submission.answers:
        paper, cell = _find(answer.id_text, papers)
        if paper is None or cell is None:
            ignored.append(_ignored(answer, papers, hint=len(ignored) < MOST_HINTS))
        elif not is_blank(answer.text):
            _put(found[paper.number], cell, answer)
    texts = {paper.number: _with_twins(paper, found[paper.number]) for paper in papers}
    return Resolved(texts, tuple(ignored))


def fits_a_cell(id_text: str, papers: Sequence[Paper]) -> bool:
    """Whether an id or one of the sheets' own names means a cell that is worked out."""
    return _find(id_text, papers)[1] is not None


def _find(id_text: str, papers: Sequence[Paper]) -> tuple[Paper | None, str | None]:
    """The exercise that is meant, and the cell in it."""
    number, text = _exercise(id_text)
    if number is not None:
        paper = next((paper for paper in papers if paper.number == number), None)
        return paper, paper.cell_named(text) if paper else None
    having = [(paper, cell) for paper in papers if (cell := paper.cell_named(text)) is not None]
    if having and (having[0][0] is papers[0] or len(having) == 1):
        return having[0]
    return papers[0], None


def _with_twins(paper: Paper, answers: Mapping[str, Answer]) -> dict[str, str]:
    """The texts by cell; an asked cell that shares its symbol with an answered one has that answer."""
    texts = {cell: answer.text for cell, answer in answers.items()}
    pairs = [*paper.twins.items(), *((other, cell) for cell, other in paper.twins.items())]
    asked = frozenset(paper.asked)
    return texts | {
        cell: texts[other] for cell, other in pairs if cell in asked and cell not in texts and other in texts
    }


def _exercise(id_text: str) -> tuple[int | None, str]:
    """The number before the colon, None where there is none, and the rest."""
    head, colon, rest = id_text.replace("∶", ":").replace("：", ":").partition(":")
    if colon and head.strip().isdecimal() and len(head) < 8:
        return int(head), rest.strip()
    return None, id_text


def _ignored(answer: Answer, papers: Sequence[Paper], *, hint: bool) -> Ignored:
    number, text = _exercise(answer.id_text)
    paper = next((paper for paper in papers if paper.number == number), papers[0])
    if paper.is_given(text):
        return Ignored(answer.id_text, answer.place, None, given=True)
    close = nearest_id(text, paper.words or paper.task.lines.root) if hint else None
    return Ignored(answer.id_text, answer.place, f"{paper.number}:{close}" if close and len(papers) > 1 else close)


def _put(cells: dict[str, Answer], cell: str, answer: Answer) -> None:
    before = cells.get(cell)
    if before is not None and before.text != answer.text:
        detail = f"two different answers for {cell} (as {before.id_text} and as {answer.id_text})"
        raise Rejected("duplicate-id", f"{before.place} and {answer.place}", detail)
    cells[cell] = answer
