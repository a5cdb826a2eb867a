"""Room: grader. Answers that fit another student's variant and not one's own, with the chance that it is coincidence.

Evidence for a person, never a deduction. The chance is an upper estimate, so made:

- Only numbers that miss the student's own key count. Each is looked up among all keys of the class (``key_index``).
- What that many numbers are worth together is reckoned with how they hang together (``coincidence``), and where drawn
  numbers are often the same for two students, with the chance of that.
- The product is multiplied by the ways to choose so many out of the student's numbers that miss, and by the number of
  other variants. What is reported happens by chance in fewer than one class in a hundred (``RATE``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, exp, log

import numpy as np

from exercises.operations.row import Mask
from grader.coincidence import Matched, Moves, least_log_chances, log_chance, log_chance_by_sameness
from grader.key_index import Answers, Column, Short, Students, columns_of, likeliest, missing_own

__all__ = ["RATE", "Answers", "LookAlike", "look_alikes"]

RATE = 0.01
"""Expected false reports in a whole class."""

BLOCK = 256
"""Pairs at a time whose slopes are held in memory."""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A student (by place) some of whose numbers fit another's variant: (exercise, cell) by place in what was given.

    ``missing_own``: how many numbers miss the student's own key. ``chance``: an upper estimate that any other variant
    of the class fits so well by coincidence.
    """

    student: int
    other: int
    cells: tuple[tuple[int, str], ...]
    missing_own: int
    chance: float


def look_alikes(exercises: Sequence[Answers], *, rate: float = RATE) -> list[LookAlike]:
    """Students whose numbers fit another's variant too well for coincidence, the least likely first.

    ``rate`` is how many false reports are expected in a whole class, at most.
    """
    columns = [column for place, exercise in enumerate(exercises) for column in columns_of(place, exercise)]
    if not columns or len(columns[0].value) < 2:
        return []
    missing = missing_own(columns, len(columns[0].value))
    students, others, fits = likeliest(columns, len(missing))
    if not len(students):
        return []
    least = log(rate / np.count_nonzero(missing))
    desk = _Desk.of(exercises, columns, missing)
    blocks = (slice(start, start + BLOCK) for start in range(0, len(students), BLOCK))
    found = [one for some in blocks for one in desk.told(students[some], others[some], fits[some], least)]
    return sorted(found, key=lambda each: (each.chance, each.student))


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is needed to reckon a chance: all cells, by exercise which of them, and how these move."""

    columns: Sequence[Column]
    missing: Short
    places: Sequence[Sequence[int]]
    moves: Sequence[Moves]

    @classmethod
    def of(cls, exercises: Sequence[Answers], columns: Sequence[Column], missing: Short) -> _Desk:
        places = [
            [at for at, column in enumerate(columns) if column.exercise == place] for place in range(len(exercises))
        ]
        moves = [
            Moves.of(exercise, [columns[at].cell for at in some])
            for exercise, some in zip(exercises, places, strict=True)
        ]
        return cls(columns, missing, places, moves)

    def told(self, students: Students, others: Students, fits: Mask, least: float) -> Iterator[LookAlike]:
        """The pairs the logarithm of whose chance is below ``least``."""
        matched = self._matched(students, others)
        pairs = zip(self.missing[students].tolist(), fits.sum(axis=1).tolist(), strict=True)
        ways = np.array([log(comb(*each)) + log(len(self.missing) - 1) for each in pairs])
        floor = ways.copy()
        for some, one in zip(self.places, matched, strict=True):
            floor += least_log_chances(one, fits[:, some])
        for row in np.flatnonzero(floor < least).tolist():  # one of a hundred
            parts = [_picked(one, row, fits[row, some]) for some, one in zip(self.places, matched, strict=True)]
            exponent = self._log_chance(float(ways[row]), parts, least)
            if exponent < least:
                cells = tuple(
                    (self.columns[at].exercise, self.columns[at].cell) for at in np.flatnonzero(fits[row]).tolist()
                )
                student = int(students[row])
                yield LookAlike(student, int(others[row]), cells, int(self.missing[student]), exp(min(exponent, 0.0)))

    def _log_chance(self, ways: float, parts: Sequence[Matched], least: float) -> float:
        exponent = ways + sum(log_chance(part) for part in parts)
        if exponent < least:  # worth a closer look, which can only raise it
            exponent = ways + sum(
                log_chance_by_sameness(part, move.log_same) for part, move in zip(parts, self.moves, strict=True)
            )
        return exponent

    def _matched(self, students: Students, others: Students) -> list[Matched]:
        """By exercise all numbers of the students, whether they fit or not: (students, numbers)."""
        found = []
        for some, move in zip(self.places, self.moves, strict=True):
            share, window = np.ones((2, len(students), len(some)))
            for place, at in enumerate(some):
                share[:, place] = self.columns[at].share(students)
                window[:, place] = 2 * self.columns[at].reach(students)
            found.append(Matched(share, window, move.slopes(others)))
        return found


def _picked(matched: Matched, row: int, fits: Mask) -> Matched:
    return Matched(matched.share[row, fits], matched.window[row, fits], matched.slopes[row, fits])
