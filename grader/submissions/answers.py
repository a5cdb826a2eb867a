"""Room: grader. What one hand-in holds, whatever its format, and how it is turned away.

Ids are not resolved here: an answer carries what was written. Only for finding two answers to one cell are ids
compared as cells, so that ``W1[1,2]`` and ``W1[1, 2]`` are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from exercises.errors import InputError
from exercises.names import LONGEST_ID, cell_ids, parse_cell
from grader.messages import REJECTED
from grader.numbers import is_blank

MOST_ANSWERS = 100_000
"""Cells in one hand-in: a hundred times the largest sheet a person would fill in; bounds time and memory."""

LONGEST_TEXT = 10_000
"""Characters of one value: thousands of times a number, so that whoever writes the working beside it is still read."""

MOST_INDICES = 3
"""Lists nest as deep as a cell has indices."""

ID_COLUMNS = ("id", "cell", "quantity")
ANSWER_COLUMNS = ("your answer", "answer", "your value", "value", "result", "number")
"""Headings of the columns that count, best first: where a table has both "answer" and "value", "answer" is meant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One cell as it was written: its id and its text, stripped; ``place`` says where (``line 4``)."""

    id_text: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Submission:
    """All answers of one hand-in, in the order written, no cell twice."""

    answers: tuple[Answer, ...]


class Rejected(InputError):
    """A hand-in that can't be read as a whole; ``code`` is one of ``messages.REJECTED``."""

    def __init__(self, code: str, place: str = "", detail: str = "") -> None:
        super().__init__(REJECTED[code].format(detail=detail), where=place)
        self.code = code
        self.place = place
        self.detail = detail

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, str, str]]:
        return Rejected, (self.code, self.place, self.detail)  # from one process to another

    def at(self, where: str) -> Rejected:
        """The same rejection, with a place put before the one it has."""
        return Rejected(self.code, f"{where}, {self.place}" if self.place else where, self.detail)


def gather(found: Iterable[Answer]) -> Submission:
    """One submission from answers as they come: rows without id and text dropped, equal repeats and blanks merged."""
    by_cell: dict[str, Answer] = {}
    for answer in found:
        if not answer.id_text:
            if not is_blank(answer.text):
                raise Rejected("no-id", answer.place)
            continue
        refuse_lengths(answer)
        key = cell_key(answer.id_text)
        by_cell[key] = _one_of(by_cell[key], answer) if key in by_cell else answer
        if len(by_cell) > MOST_ANSWERS:
            raise Rejected("too-many-answers", detail=f"{MOST_ANSWERS:,}")
    return Submission(tuple(by_cell.values()))


def refuse_lengths(answer: Answer) -> None:
    """Raise Rejected for an id or a value so long that carrying it on would be a burden; neither is an answer."""
    if len(answer.id_text) > LONGEST_ID:
        raise Rejected("long-id", answer.place, str(LONGEST_ID))
    if len(answer.text) > LONGEST_TEXT:
        raise Rejected("long-text", answer.place, f"{LONGEST_TEXT:,}")


def answer_columns(names: Sequence[str]) -> tuple[int, int] | None:
    """Where a heading (in lower case) has the column of the ids and that of the answers; None if it lacks either."""
    ids = [names.index(name) for name in ID_COLUMNS if name in names]
    answers = [names.index(name) for name in ANSWER_COLUMNS if name in names]
    return (ids[0], answers[0]) if ids and answers else None


def cell_key(id_text: str) -> str:
    """The id in its canonical spelling where it is one, else as it was written."""
    return _canonical(id_text) if len(id_text) <= LONGEST_ID else id_text


@lru_cache(maxsize=4096)
def _canonical(id_text: str) -> str:  # a class writes the same ids over and over
    try:
        return str(parse_cell(id_text))
    except InputError:
        return id_text


def _one_of(first: Answer, second: Answer) -> Answer:
    if first.text == second.text or is_blank(second.text):
        return first
    if is_blank(first.text):
        return second
    both = first.place if first.place == second.place else f"{first.place} and {second.place}"
    raise Rejected("duplicate-id", both, f"two different answers for {shortened(first.id_text)}")


def spread(id_text: str, value: object, place: str) -> Iterator[Answer]:
    """The answers of a key: one for a single value, ``id[1,1]``, ``id[1,2]`` … for nested lists.

    Raises Rejected where rows differ in length, where a value is a mapping, and where there are more than MOST_ANSWERS.
    """
    shape, elements = _flattened(value, place)
    if len(id_text) > LONGEST_ID:  # before each element repeats it
        raise Rejected("long-id", place, str(LONGEST_ID))
    if len(elements) > MOST_ANSWERS:
        raise Rejected("too-many-answers", place, f"{MOST_ANSWERS:,}")
    for cell, element in zip(cell_ids(cleaned(id_text), shape), elements, strict=True):
        if isinstance(element, dict):
            raise Rejected("not-a-value", place)
        yield Answer(cell, cleaned(_as_text(element)), place)


def _flattened(value: object, place: str) -> tuple[tuple[int, ...], list[object]]:
    level: list[object] = [value]
    shape: list[int] = []
    while rows := [element for element in level if isinstance(element, list)]:
        if len(rows) < len(level) or len({len(row) for row in rows}) > 1:
            raise Rejected("uneven-list", place)
        if len(shape) == MOST_INDICES:
            raise Rejected("too-deep", place, str(MOST_INDICES))
        shape.append(len(rows[0]))
        level = [element for row in rows for element in row]
    return tuple(shape), level


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# Control characters and writing-direction marks would let a hand-in rewrite the teacher's terminal; a lone surrogate
# can't be printed at all.
_UNPRINTABLE = (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))
_REPLACEMENT = dict.fromkeys(_UNPRINTABLE, "\ufffd") | {ord(space): " " for space in "\t\n\v\f\r\u2028\u2029"}


def cleaned(text: str) -> str:
    """The text stripped, with what can't be shown safely replaced by U+FFFD."""
    return text.strip() if text.isascii() and text.isprintable() else text.translate(_REPLACEMENT).strip()


def shortened(text: str, length: int = 40) -> str:
    """The text in quotation marks, cut to a length that fits in a message."""
    safe = cleaned(text[: length + 1])
    return f'"{safe}"' if len(safe) <= length else f'"{safe[: length - 1]}…"'
