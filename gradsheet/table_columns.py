"""Room: gradsheet. The columns of a class's table: which says whose a row is, which hold answers, which tells when.

Form tools put a time, an address or a number of their own first, and further questions in between. So nothing goes by
a column's place: cells are known by their ids, and the students' column by what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from exercises.errors import InputError
from exercises.names import nearest_id, parse_cell
from grader.collecting import People
from grader.collecting.shape import Claim
from grader.resolution import Paper, fits_a_cell
from grader.submissions import ClassTable
from grader.submissions.answers import shortened
from gradsheet.table_times import addresses, times

MOST_SHOWN = 6
"""Columns of a table that are named in a complaint."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of columns. ``cells`` go with the id they were given; ``others`` are passed over.

    ``when`` has the time of each row where a column tells it, ``senders`` likewise the address it came from.
    """

    student: int
    cells: tuple[tuple[int, str], ...]
    others: tuple[str, ...]
    when: Sequence[datetime | None] | None
    senders: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One column read one way, the first ways going before the others: by row, which student it means."""

    column: int
    way: int
    named: bool
    places: tuple[int | None, ...]

    @property
    def found(self) -> int:
        return len(self.places) - self.places.count(None)

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        return self.way, not self.named, -self.found, self.column


def columns_of(table: ClassTable, papers: Sequence[Paper], people: People, match: Sequence[str]) -> Columns:
    """Tell the columns apart; ``match`` names one of the table or of the roster.

    InputError where no column is a cell, where none says whose a row is, and where two say different things.
    """
    cells = {at for at, name in enumerate(table.columns) if fits_a_cell(name, papers)}
    rest = [at for at in range(len(table.columns)) if at not in cells]
    if not cells:
        raise _no_cells(table, papers)
    if not rest:  # a circuit may have a line of any name
        rest, cells = [0], cells - {0}
    meant = [at for at in rest if _meant_as_cell(table.columns[at], papers)]
    whose = _students(table, [at for at in rest if at not in meant] or rest, people, match)
    others = [at for at in rest if at not in meant and at != whose]
    answers = tuple((at, table.columns[at]) for at in sorted({*cells, *meant} - {whose}))
    texts = [[row.texts[at] if row.misfit is None else "" for row in table.rows] for at in others]
    when = next((found for column in texts if (found := times(column))), None)
    senders = next((column for column in texts if addresses(column)), None)
    return Columns(whose, answers, tuple(table.columns[at] for at in others), when, senders)


def _meant_as_cell(name: str, papers: Sequence[Paper]) -> bool:
    """Whether a heading that is no cell may have been mistyped: it is told as such to those who answered."""
    number, _, text = name.rpartition(":")
    if any(paper.is_given(text) for paper in papers):
        return True
    try:
        cell = parse_cell(name)
    except InputError:
        return False
    spelt = bool(number or cell.index) or any(sign in name for sign in "/|@0123456789")
    return spelt and any(nearest_id(text, paper.words or paper.task.lines.root) for paper in papers)


def _students(table: ClassTable, rest: Sequence[int], people: People, match: Sequence[str]) -> int:
    titles = {name.casefold() for name in match}
    named = [at for at in rest if table.columns[at].casefold() in titles]
    strangers = [name for name in match if name.casefold() != "id"]
    if not people.columns and strangers:  # no roster has it, so it is one of the table's own
        if not named:
            raise InputError(
                f'no column "{strangers[0]}" (found {shown_names(table.columns)}); name the one that says whose a row '
                "is, or the roster that has it with --roster",
                where=f"{table.name}, line 1",
            )
        rest = named
    if not table.rows:
        return rest[0]
    found = [reading for at in rest for reading in _readings(table, at, people, at in named) if reading.found]
    if not found:
        raise InputError(
            f"no column holds ids{', what --match names,' if people.columns else ''} or names of the roster (looked at "
            f"{shown_names(table.columns[at] for at in rest)}); if the form asked for something else, such as an "
            "address, name a roster that has it: --roster roster.csv --match email",
            where=f"{table.name}, line 1",
        )
    best = min(found, key=lambda reading: reading.rank)
    if not best.named:
        _refuse_rivals(table, best, found, people, match)
    return best.column


def _readings(table: ClassTable, at: int, people: People, named: bool) -> Iterable[_Reading]:
    """The column read as what ``--match`` names, as ids, and as names of the roster."""
    alone = People(people.ids, people.names, (), people.key)
    texts = [row.texts[at] if row.misfit is None else "" for row in table.rows]
    claims = [
        [people.find(Claim(text, marks=(text,))) if text and people.columns else None for text in texts],
        [alone.find(Claim(text, ids=(text,))) if text else None for text in texts],
        [alone.find(Claim(text, names=(text,))) if text else None for text in texts],
    ]
    for way, column in enumerate(claims):
        yield _Reading(at, way, named, tuple(found if isinstance(found, int) else None for found in column))


def _refuse_rivals(
    table: ClassTable, best: _Reading, found: Iterable[_Reading], people: People, match: Sequence[str]
) -> None:
    """Two columns that mostly mean different students: a form's own count of its answers, say, and a number asked."""
    for other in found:
        if other.column == best.column or (best.way == 0 and other.way > 0):
            continue
        pairs = [*zip(table.rows, best.places, other.places, strict=True)]
        both = [(row, one, two) for row, one, two in pairs if one is not None and two is not None]
        apart = [(row, one, two) for row, one, two in both if one != two]
        if 2 * len(apart) > len(both):
            row, one, two = apart[0]
            first, second = (shortened(table.columns[at]) for at in (best.column, other.column))
            say = f"name the one that counts: --match {first} or --match {second}"
            if people.columns:
                say = f'call the one that counts "{match[0]}" in the heading, as --match does'
            raise InputError(
                f"by the column {first} this is of {people.ids[one]}, by {second} of {people.ids[two]}; {say}",
                where=f"{table.name}, line {row.line}",
            )


def _no_cells(table: ClassTable, papers: Sequence[Paper]) -> InputError:
    number, asked = next((paper.number, paper.asked[0]) for paper in papers if paper.asked)
    cell = f"{number}:{asked}" if len(papers) > 1 else asked
    return InputError(
        f"expected a row a student and a column a cell, such as {cell}; found the columns "
        f"{shown_names(table.columns)}, none of which is a cell of this set; single hand-ins go in a folder",
        where=f"{table.name}, line 1",
    )


def shown_names(names: Iterable[str]) -> str:
    """The first of them, in quotation marks."""
    every = list(names)
    return ", ".join(map(shortened, every[:MOST_SHOWN])) + (", …" if len(every) > MOST_SHOWN else "")
