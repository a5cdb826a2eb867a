"""Room: gradsheet. Moodle: the quiz report "Responses" as CSV, a row an attempt, a column of responses a question.

Last name,First name,ID number,Email address,Status,Started,Completed,Duration,Grade/10.00,Question 1,Response 1,
Right answer 1,…

A cloze question's response is one text: ``part 1: 0.35; part 2: 0.4``. Marks of single gaps aren't in the file: they
are worked out from the answers of the export, the first that fits, as Moodle does it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from exercises.errors import InputError
from grader.numbers import is_blank, read_number
from gradsheet.responses import Exported, Response, Table, Taken, references, share, unknown_code
from templates.export.item import AskedCell, Item, ItemSet
from templates.export.moodle import share_of
from templates.export.reference import referred

NAME = "Moodle"

_RESPONSE = re.compile(r"response ([0-9]{1,4})", re.IGNORECASE)
_GRADE = re.compile(r"grade/([0-9]+(?:[.,][0-9]+)?)", re.IGNORECASE)
_PART = re.compile(r"(?:\A|; )[^\W\d_]+ ([0-9]{1,4})\s?: ?")

FINISHED = "finished"
NOTHING = "-"

TICK = 'tick "question text" among the display options of Moodle\'s responses report and download it again'


class _Unmapped(Exception):
    """A row whose response can't be taken apart."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A question of the quiz by its number: where its text, responses and right answers stand."""

    number: int
    response: int
    question: int | None
    right: int | None


def is_moodle(table: Table) -> bool:
    """Whether the heading is that of a responses report."""
    return any(_RESPONSE.fullmatch(title.strip()) for title in table.heading)


def read_moodle(table: Table, items: ItemSet) -> Exported:
    """The finished attempts of a responses report; InputError where nobody can tell what was asked."""
    slots = [
        _Slot(number, at, table.column(f"question {number}"), table.column(f"right answer {number}"))
        for at, title in enumerate(table.heading)
        if (found := _RESPONSE.fullmatch(title.strip()))
        for number in (int(found[1]),)
    ]
    reader = _Reader(table, items, references(items))
    taken: list[Taken] = []
    aside: list[str] = []
    foreign: set[int] = set()
    for line, row in table.rows:
        if why := reader.unfinished(row):
            aside += [] if why == NOTHING else [f"{reader.who(row)[0]}: {why}"]
            continue
        try:
            responses = [(slot, reader.response(slot, row, line)) for slot in slots]
        except _Unmapped as trouble:
            aside.append(f"{reader.who(row)[0]}: {trouble}")
            continue
        foreign |= {slot.number for slot, response in responses if response is None}
        ours = tuple(response for _, response in responses if response is not None)
        attempt = str(1 + sum(other.ids == reader.who(row)[1] for other in taken))
        taken.append(Taken(*reader.who(row), attempt, ours, reader.reported(row)))
    if taken and not any(each.responses for each in taken):
        raise InputError(
            "none of its questions has a code such as gs-4f1c09ab7e, by which responses find their sheet; export the "
            "set again, since older exports have no codes",
            where=table.where,
        )
    return Exported(NAME, tuple(taken), tuple(aside), len(foreign))


@dataclass(frozen=True, slots=True)
class _Reader:
    table: Table
    items: ItemSet
    known: Mapping[str, int]

    def who(self, row: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
        """How the student is called here, their ids, and their name."""
        first, last = self._text(row, "first name"), self._text(row, "last name", "surname")
        name = " ".join(filter(None, (first, last)))
        wanted = (("id number",), ("username",), ("email address", "email"))
        ids = tuple(filter(None, (self._text(row, *names) for names in wanted)))
        return (name or next(iter(ids), "nobody")), ids, name

    def unfinished(self, row: Sequence[str]) -> str:
        """Why an attempt can't be marked; ``-`` for a row that is no attempt at all."""
        at = self.table.column("state", "status")
        state = row[at].strip() if at is not None else FINISHED
        if state in ("", NOTHING):
            return NOTHING
        return "" if state.casefold() == FINISHED else f'the attempt is "{state}", not finished'

    def reported(self, row: Sequence[str]) -> Fraction | None:
        for at, title in enumerate(self.table.heading):
            if found := _GRADE.fullmatch(title.strip()):
                return share(row[at], Fraction(found[1].replace(",", ".")))
        return None

    def response(self, slot: _Slot, row: Sequence[str], line: int) -> Response | None:
        """The response to one question; None where the question isn't ours."""
        place = self._item(slot, row, line)
        if place is None:
            return None
        item = self.items.items[place]
        texts = _texts(row[slot.response], item)
        return Response(place, texts, {cell.id: _marks(texts[cell.id], cell) for cell in item.cells})

    def _item(self, slot: _Slot, row: Sequence[str], line: int) -> int | None:
        where = f"{self.table.where}, line {line}"
        if slot.question is not None:
            code = referred(row[slot.question])
            if code is not None and code[0] not in self.known:
                raise unknown_code(code[0], self.items, where)
            return None if code is None else self.known[code[0]]
        if slot.right is not None:
            fitting = [at for at, item in enumerate(self.items.items) if _is_right(row[slot.right], item)]
            if len(fitting) == 1:
                return fitting[0]
            raise InputError(f"the right answers of response {slot.number} tell no sheet for sure; {TICK}", where=where)
        if len(self.items.items) == 1:
            return 0
        raise InputError(f"nothing tells which sheet response {slot.number} is to; {TICK}", where=where)

    def _text(self, row: Sequence[str], *names: str) -> str:
        at = self.table.column(*names)
        text = "" if at is None else row[at].strip()
        return "" if text == NOTHING else text


def _texts(text: str, item: Item) -> dict[str, str]:
    """What stands in each gap. Raises _Unmapped where the text isn't one part a gap, in order."""
    ids = [cell.id for cell in item.cells]
    if text.strip() == NOTHING or not text.strip():
        return dict.fromkeys(ids, "")
    if len(ids) == 1:
        return {ids[0]: text.strip()}
    parts = _PART.split(text)
    if parts[0] or [int(number) for number in parts[1::2]] != list(range(1, len(ids) + 1)):
        # Somebody may have typed "; part 2: 3" into a gap: then nobody can tell the parts apart.
        raise _Unmapped(f"its response is not {len(ids)} parts in order")
    return dict(zip(ids, map(str.strip, parts[2::2]), strict=True))


def _is_right(text: str, item: Item) -> bool:
    try:
        texts = _texts(text, item)
    except _Unmapped:
        return False
    # The right answers in the file are the export's very decimals, perhaps with a decimal comma.
    return all(_same(texts[cell.id], cell.right.value) for cell in item.cells)


def _same(text: str, value: Decimal) -> bool:
    return share(text, Fraction(1)) == Fraction(value)


def _marks(text: str, cell: AskedCell) -> Fraction:
    """The share that the first fitting answer of the export gives."""
    number = None if is_blank(text) else read_number(text)
    if not isinstance(number, float):
        return Fraction(0)
    value = Decimal(str(number))
    if cell.right.low <= value <= cell.right.high:
        return Fraction(1)
    fitting = (known for known in cell.known if known.accepted.low <= value <= known.accepted.high)
    return next((Fraction(share_of(known), 100) for known in fitting), Fraction(0))
