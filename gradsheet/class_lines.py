"""Room: gradsheet. Lines of gradebook and results for a part of a class, put together column by column.

A line is the same as `gradebook.gradebook_lines` and `class_rows.student_json` make of a student's row; but no object
is made for a cell. Each form is asked of those once for every outcome there is, and cut where the numbers go.
Students with something of their own (a decision on appeal, several hand-ins, days late) have a row made for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.diagnosis import Diagnosis
from grader.gradebook import COUNTED, csv_field, graded_line, number
from grader.marked import NOTHING, Column, MarkedPile
from grader.policy import Total
from gradsheet.class_marking import MarkedPart
from gradsheet.class_rows import head_json
from gradsheet.examination import as_json as examination_json
from gradsheet.examination import called_in
from gradsheet.papers import notation_of
from gradsheet.results import cell_json, ignored_json, scores_json

BLOCK = 1_000
"""Scripts whose lines are put together at a time, so that their pieces stay in cache."""

Track = bytes | list[bytes]
"""A piece of every line of a block: the same in all, or one each."""

Some = NDArray[np.intp]
Made = TypeVar("Made")

_BLANK = b',"text":"","value":null,"key":null,"expected":null,"allowed":null'
_ENCODED = msgspec.json.encode


def plain_places(marked: MarkedPart) -> list[int]:
    """The students of whom there is nothing to say but what their one script earns, by place."""
    part, decisions = marked.part, marked.part.decisions
    if not all(isinstance(pile, MarkedPile) for pile in marked.piles):
        return []
    students = part.course.students
    return [
        place
        for place, sources in sorted(part.hand_ins.sources.items())
        if len(sources) == 1
        and place in marked.taken
        and not sources[0].late
        and place not in part.hand_ins.contested
        and students[place].id not in decisions.overrides
        and students[place].id not in decisions.days_late
    ]


@dataclass(frozen=True)
class Lines:
    """The lines of some students (``places``) of a part, of whom ``plain_places`` says that they are plain."""

    marked: MarkedPart
    places: Sequence[int]

    @cached_property
    def piles(self) -> tuple[MarkedPile, ...]:
        return tuple(pile for pile in self.marked.piles if isinstance(pile, MarkedPile))

    @cached_property
    def at(self) -> Mapping[int, int]:
        """Where each student stands among them."""
        return {place: at for at, place in enumerate(self.places)}

    @cached_property
    def scripts(self) -> Some:
        return np.array([self.marked.taken[place] for place in self.places], dtype=np.intp)

    @cached_property
    def earned(self) -> tuple[list[int], int]:
        """The marks of each of them, in parts of which so many are one mark."""
        parts = lcm(*(pile.earned[1] for pile in self.piles))
        total = sum(pile.earned[0] * (parts // pile.earned[1]) for pile in self.piles)
        return np.asarray(total)[self.scripts].tolist(), parts

    @cached_property
    def full(self) -> Fraction:
        return sum((pile.out_of for pile in self.piles), Fraction(0))

    @property
    def total(self) -> Total:
        return self.marked.part.decisions.policy.total

    # --- gradebook ---------------------------------------------------------------------------------------------------

    def gradebook(self) -> list[str]:
        """Lines of gradebook.csv."""
        if not self.places:
            return []
        students = self.marked.part.course.students
        names = [f"{csv_field(students[place].id)},{csv_field(students[place].name)}" for place in self.places]
        earned, parts = self.earned
        scores = _each(earned, lambda marks: graded_line(self.total.rounded(Fraction(marks, parts)), self.full))
        columns = [names, scores]
        if len(self.piles) > 1:
            columns += [self._of_exercise(pile) for pile in self.piles]
        columns.append(self._counts())
        columns += [self._marks(column) for pile in self.piles for column in pile.columns if column.asked]
        return [f"{line}\n" for line in map(",".join, zip(*columns, strict=True))]

    def _of_exercise(self, pile: MarkedPile) -> list[str]:
        earned, parts = pile.earned
        return _each(earned[self.scripts].tolist(), lambda marks: number(Fraction(marks, parts)))

    def _counts(self) -> list[str]:
        """How often each verdict; and the two columns after these, which are blank."""
        counts = [sum(pile.counts[verdict][self.scripts] for pile in self.piles) for verdict in COUNTED]
        rows = list(zip(*(np.asarray(count).tolist() for count in counts), strict=True))
        return _each(rows, lambda row: ",".join(map(str, row)) + ",,")

    def _marks(self, column: Column) -> list[str]:
        texts = ["" if outcome is None else number(outcome.marks or Fraction(0)) for outcome in column.outcomes]
        return [texts[code] for code in column.codes[self.scripts].tolist()]

    # --- results -----------------------------------------------------------------------------------------------------

    def results(self) -> Iterator[bytes]:
        """Students of results.json, a block made when its first is asked for: they are 6 KB each."""
        for start in range(0, len(self.places), BLOCK):
            yield from self._block(start)

    def _block(self, start: int) -> list[bytes]:
        some = self.scripts[start : start + BLOCK]
        tracks: list[Track] = [*self._heads(start), b',"cells":[']
        begun: NDArray[np.bool_] = np.zeros(len(some), dtype=bool)
        for cells in self._cells:
            for cell in cells:
                tracks += cell.among(some, begun)
                begun |= ~cell.missing[some]
        tracks += [b"]", self._explanations(some), self._ignored(start), b"}"]
        return _lines(tracks, len(some))

    @cached_property
    def _cells(self) -> list[list[_Cell]]:
        return [
            [_Cell(column, prefix + column.cell) for column in pile.columns]
            for pile, prefix in zip(self.piles, self._prefixes, strict=True)
        ]

    @cached_property
    def _prefixes(self) -> list[str]:
        return [f"{pile.paper.number}:" if len(self.piles) > 1 else "" for pile in self.piles]

    def _heads(self, start: int) -> list[Track]:
        """Everything before the cells."""
        students = [self.marked.part.course.students[place] for place in self.places[start : start + BLOCK]]
        earned, parts = self.earned

        def rest(marks: int) -> bytes:
            return _cut(self._head(Fraction(marks, parts)), b'{"id":"","name":""')[1][:-1]

        return [
            b'{"id":',
            [_ENCODED(student.id) for student in students],
            b',"name":',
            [_ENCODED(student.name) for student in students],
            _each(earned[start : start + BLOCK], rest),
        ]

    def _head(self, earned: Fraction) -> bytes:
        head = head_json("", "", "graded", "", self.total.rounded(earned), Fraction(0))
        return _ENCODED(head | scores_json(earned, self.full))

    def _explanations(self, some: Some) -> Track:
        """What is known of mistakes; scripts that are told the same share it."""
        known: dict[tuple[tuple[int, str | None], ...], bytes] = {}
        found = []
        for script in some.tolist():
            told = [pile.told.get(script, NOTHING) for pile in self.piles]
            same = tuple((id(one.explanations), one.advice) for one in told)
            if same not in known:
                known[same] = b',"explanations":' + _ENCODED(self._told_json(told))
            found.append(known[same])
        return found

    def _told_json(self, told: Sequence[Diagnosis]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        first, exercises = 0, self.marked.part.course.exercises
        for exercise, prefix, one in zip(exercises, self._prefixes, told, strict=True):
            notation = notation_of(exercise)
            found += examination_json(one, notation.text, prefix, first, called_in(notation))
            first += max((each.alternative for each in one.explanations), default=0)
        return found

    def _ignored(self, start: int) -> Track:
        places = self.places[start : start + BLOCK]
        return [
            b',"ignored":' + (_ENCODED(ignored_json(ignored)) if ignored else b"[]")
            for ignored in map(self.marked.ignored, places)
        ]


def _each(keys: Sequence[Any], make: Callable[[Any], Made]) -> list[Made]:
    """What is made of each key, made once for those that are the same."""
    known = {key: make(key) for key in set(keys)}
    return [known[key] for key in keys]


def _cut(whole: bytes, mark: bytes) -> tuple[bytes, bytes]:
    before, found, after = whole.partition(mark)
    if not found:
        raise ValueError(f"no {mark!r} in {whole!r}")
    return before, after


@dataclass(frozen=True)
class _Cell:
    """One cell of all scripts as pieces of lines: what is the same in them is written once for each outcome."""

    column: Column
    name: str

    @cached_property
    def forms(self) -> list[tuple[bytes, bytes] | None]:
        """What stands before a cell's text and after its numbers, by outcome; None where there is no cell."""
        return [
            None if outcome is None else _cut(_ENCODED(cell_json(self.name, outcome)), _BLANK)
            for outcome in self.column.outcomes
        ]

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """The scripts that have no such cell."""
        none = np.array([form is None for form in self.forms])
        return np.asarray(none[self.column.codes])

    def tracks(self, some: Some, begin: bytes) -> list[Track]:
        """The cell in a block of scripts that have it all; ``begin`` stands before it."""
        judged, codes = self.column.judged, self.column.codes[some].tolist()
        head = next(form[0] for form in self.forms if form is not None)
        ends = [b"" if form is None else form[1] for form in self.forms]
        return [
            self._texts(some, begin + head + b',"text":'),
            *self._values(some),
            _numbers(judged.key[some], b',"key":'),
            _numbers(judged.expected[some], b',"expected":'),
            _numbers(judged.allowed[some], b',"allowed":'),
            [ends[code] for code in codes],
        ]

    def among(self, some: Some, begun: NDArray[np.bool_]) -> list[Track]:
        """The cell in any block of scripts; ``begun`` says which of them have cells before it."""
        missing = self.missing[some]
        if missing.all():
            return []
        if not missing.any() and (begun.all() or not begun.any()):
            return self.tracks(some, b"," if begun.all() else b"")
        cells, commas = _lines(self.tracks(some, b""), len(some)), [b"," if before else b"" for before in begun]
        return [[b"" if no else c + cell for no, c, cell in zip(missing, commas, cells, strict=True)]]

    def _texts(self, some: Some, begin: bytes) -> Track:
        if self.column.written is None:
            return begin + b'""'
        texts = self.column.written.texts
        chosen = [texts[script] or "" for script in some.tolist()]
        if self.column.written.plain:  # no comma, and nothing to be escaped
            return _split(b'"' + ",".join(chosen).encode().replace(b",", b'","') + b'"', begin)
        return [begin + _ENCODED(text) for text in chosen]

    def _values(self, some: Some) -> list[Track]:
        begin = b',"value":'
        return [begin + b"null" if self.column.written is None else _numbers(self.column.written.values[some], begin)]


def _numbers(values: NDArray[np.float64], begin: bytes) -> list[bytes]:
    """JSON of each number, null for what is none, as msgspec writes them; with ``begin`` before each."""
    return _split(_ENCODED(values.tolist())[1:-1], begin)


def _split(listed: bytes, begin: bytes) -> list[bytes]:
    """What is listed with commas, and holds none, with ``begin`` before each."""
    return (begin + listed.replace(b",", b"\0" + begin)).split(b"\0")


def _lines(tracks: Sequence[Track], count: int) -> list[bytes]:
    """The pieces of each line, put together."""
    width = len(tracks)
    pieces = [b""] * (count * width)
    for at, track in enumerate(tracks):
        pieces[at::width] = [track] * count if isinstance(track, bytes) else track
    return [b"".join(pieces[start : start + width]) for start in range(0, count * width, width)]
