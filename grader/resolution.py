"""Room: grader. From the ids a student wrote to the cells of the exercises; what fits nowhere is listed, never
dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from exercises.errors import InputError
from exercises.names import nearest_id, parse_cell
from grader.marking import Task
from grader.numbers import is_blank
from grader.submissions import Answer, Rejected, Submission


@dataclass(frozen=True)
class Paper:
    """One exercise made ready for marking.

    ``asked`` lists the cells that earn marks, in the program's order. ``symbol`` finds the cell that one of the sheet's
    own names means (``w5``, ``∂J/∂w5``), or None. ``twins`` maps a cell to the one whose symbol and value it shares on
    the sheet (a = z of a unit without activation), so that one answer stands for both.
    """

    number: int
    task: Task
    asked: tuple[str, ...]
    symbol: Callable[[str], str | None]
    twins: Mapping[str, str]

    def cell_named(self, text: str) -> str | None:
        """The cell that an id or one of the sheet's own names means, or None."""
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


@dataclass(frozen=True, slots=True)
class Ignored:
    """An answer whose id is no cell that is worked out; ``nearest`` is the most similar id there is."""

    id_text: str
    place: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """One hand-in by exercise: ``texts[number][cell]`` is what was written; blank ones are left out."""

    texts: Mapping[int, Mapping[str, str]]
    ignored: tuple[Ignored, ...]


def resolve(submission: Submission, papers: Sequence[Paper]) -> Resolved:
    """Find the cell of every answer. Raises Rejected where two answers mean one cell and differ."""
    by_number = {paper.number: paper for paper in papers}
    found: dict[int, dict[str, Answer]] = {paper.number: {} for paper in papers}
    ignored: list[Ignored] = []
    for answer in submission.answers:
        number, text = _exercise(answer.id_text, papers)
        paper = by_number.get(number)
        cell = paper.cell_named(text) if paper else None
        if cell is None:
            ignored.append(Ignored(answer.id_text, answer.place, _nearest(text, paper or papers[0], len(papers) > 1)))
        elif not is_blank(answer.text):
            _put(found[number], cell, answer)
    texts = {number: _with_twins(by_number[number], cells) for number, cells in found.items()}
    return Resolved(texts, tuple(ignored))


def _with_twins(paper: Paper, answers: Mapping[str, Answer]) -> dict[str, str]:
    """The texts by cell; an asked cell that shares its symbol with an answered one has that answer."""
    texts = {cell: answer.text for cell, answer in answers.items()}
    pairs = [*paper.twins.items(), *((other, cell) for cell, other in paper.twins.items())]
    asked = frozenset(paper.asked)
    return texts | {
        cell: texts[other] for cell, other in pairs if cell in asked and cell not in texts and other in texts
    }


def _exercise(id_text: str, papers: Sequence[Paper]) -> tuple[int, str]:
    """The number before the colon and the rest; the first exercise where there is no number."""
    head, colon, rest = id_text.partition(":")
    if colon and head.strip().isdecimal() and len(head) < 8:
        return int(head), rest.strip()
    return papers[0].number, id_text


def _nearest(text: str, paper: Paper, several: bool) -> str | None:
    close = nearest_id(text, paper.task.lines.root)
    return f"{paper.number}:{close}" if close and several else close


def _put(cells: dict[str, Answer], cell: str, answer: Answer) -> None:
    before = cells.get(cell)
    if before is not None and before.text != answer.text:
        detail = f"two different answers for {cell} (as {before.id_text} and as {answer.id_text})"
        raise Rejected("duplicate-id", f"{before.place} and {answer.place}", detail)
    cells[cell] = answer
