"""Room: grader. How a class did, as numbers: how hard each item was, how well it tells students apart, how scores lie,
which mistakes are common and where they began.

Matrices hold a row a student and a column an item (an asked cell).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import numpy as np

from exercises.operations.row import Array

FEWEST_STUDENTS = 20
"""Below it no discrimination is told: with fewer, a correlation of mere noise is off by ±0.23 and more."""

MOST_BARS = 15
"""Of a histogram; more of them is a comb."""

ROUND_STEPS = (1, 2, 5)
"""Times a power of ten: the widths of a bar that people count in."""

ROWS = 4_096
"""Students whose marks are worked through at a time; what is made of them stays in cache."""

CONSTANT = 1e-12
"""A standard deviation, in parts of the largest mark, that is none: what double arithmetic leaves of equal numbers."""


def difficulty(marks: Array, worth: Array) -> Array:
    """The mean share of its full mark that each item earns, 0 to 1: easy items are near 1. NaN without students.

    ``marks`` (students, items), ``worth`` (items,) the full marks. An item that is worth nothing has NaN.
    """
    if not len(marks):
        return np.full(worth.shape, np.nan)
    return np.asarray(np.divide(marks.mean(axis=0), worth, out=np.full(worth.shape, np.nan), where=worth > 0))


def discrimination(marks: Array) -> Array:
    """The corrected item-total correlation: each item's marks against the total of all others. (students, items).

    NaN where an item, or all the rest, is the same for everybody; and for all with fewer than ``FEWEST_STUDENTS``.
    """
    students, items = marks.shape
    if students < FEWEST_STUDENTS:
        return np.full(items, np.nan)
    (mean,) = _means(marks, lambda some: [np.hstack([some, _rest(some)])])
    item, rest = mean[:items], mean[items:]

    def moments(some: Array) -> list[Array]:
        own, others = some - item, _rest(some) - rest
        return [own**2, others**2, own * others]

    squares, others_squares, together = _means(marks, moments)
    spread, others = np.sqrt(squares), np.sqrt(others_squares)
    least = CONSTANT * max(float(marks.max(initial=0.0)), -float(marks.min(initial=0.0)), 1.0)
    told = (spread > least) & (others > least)
    return np.asarray(np.divide(together, spread * others, out=np.full(items, np.nan), where=told))


def _rest(marks: Array) -> Array:
    """For each item the marks of all others."""
    return np.asarray(marks.sum(axis=1, keepdims=True) - marks)


def _means(marks: Array, of: Callable[[Array], Sequence[Array]]) -> list[Array]:
    """The means over the students of what is made of their marks, ``ROWS`` students at a time.

    Students are added in their order, as in one go: the blocks don't show in the last digit.
    """
    totals: list[Array] = []
    for start in range(0, len(marks), ROWS):
        made = of(marks[start : start + ROWS])
        added = zip(totals, made, strict=True) if start else ((np.zeros(each.shape[1]), each) for each in made)
        totals = [np.vstack([total, each]).sum(axis=0) for total, each in added]
    return [np.asarray(total / len(marks)) for total in totals]


@dataclass(frozen=True, slots=True)
class Spread:
    """How scores lie; quartiles between two scores are interpolated."""

    mean: float
    deviation: float
    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float


def spread_of(scores: Array) -> Spread | None:
    """The spread of some scores (students,); None where there are none. The deviation is the class's own (÷ n)."""
    if not len(scores):
        return None
    lowest, lower, median, upper, highest = np.quantile(scores, [0.0, 0.25, 0.5, 0.75, 1.0])
    return Spread(*map(float, (scores.mean(), scores.std(), lowest, lower, median, upper, highest)))


def bar_edges(full: Fraction) -> list[Fraction]:
    """Where the bars of a histogram begin and end: round steps from 0 to the full mark; the last may be narrower."""
    if full <= 0:
        return [Fraction(0), Fraction(1)]
    step = next(width for width in _round_widths() if width * MOST_BARS >= full)
    return [min(step * place, full) for place in range(ceil(full / step) + 1)]


def _round_widths() -> Iterator[Fraction]:
    power = Fraction(1, 1000)
    while True:
        yield from (step * power for step in ROUND_STEPS)
        power *= 10


def histogram(scores: Sequence[Fraction], edges: Sequence[Fraction]) -> list[int]:
    """How many scores lie in each bar; a bar holds its lower edge, the last one both. What lies beyond counts there."""
    counts = Counter(min(bisect_right(edges, score), len(edges) - 1) for score in scores)
    return [counts[bar] + (counts[0] if bar == 1 else 0) for bar in range(1, len(edges))]


@dataclass(frozen=True, slots=True)
class Told:
    """One explanation in one hand-in. ``rival``: another one reads the same cells differently."""

    code: str
    kind: str
    sentence: str
    sites: tuple[str, ...]
    cells: tuple[str, ...]
    tentative: bool
    rival: bool = False

    @property
    def sure(self) -> bool:
        return not (self.tentative or self.rival)


@dataclass(frozen=True, slots=True)
class Tally:
    """One mistake over the class: in how many hand-ins it is told, in how many of them for sure, and where it began.

    ``sentence`` is the commonest wording; ``began`` counts hand-ins by the first step that went wrong, commonest
    first.
    """

    code: str
    kind: str
    sentence: str
    students: int
    sure: int
    began: tuple[tuple[str, int], ...]


def tallies(told: Iterable[Sequence[Told]]) -> list[Tally]:
    """The mistakes of a class, commonest first; ``told`` holds what is said of each hand-in."""
    counts: dict[str, _Count] = {}
    for explanations in told:
        by_code: dict[str, list[Told]] = {}
        for one in explanations:
            by_code.setdefault(one.code, []).append(one)
        for code, some in by_code.items():
            counts.setdefault(code, _Count(some[0].kind)).add(some)
    counted = [count.tally(code) for code, count in counts.items()]
    return sorted(counted, key=lambda each: (-each.sure, -each.students, each.code))


@dataclass(slots=True)
class _Count:
    """One mistake, counted a hand-in at a time."""

    kind: str
    students: int = 0
    sure: int = 0
    sentences: Counter[str] = field(default_factory=Counter)
    began: Counter[str] = field(default_factory=Counter)

    def add(self, some: Sequence[Told]) -> None:
        """A hand-in in which it is told, be it several times."""
        self.students += 1
        self.sure += any(one.sure for one in some)
        self.sentences.update(one.sentence for one in some)
        self.began.update({one.sites[0] for one in some if one.sites})

    def tally(self, code: str) -> Tally:
        sentence = min(self.sentences, key=lambda text: (-self.sentences[text], text))
        began = sorted(self.began.items(), key=lambda each: (-each[1], each[0]))
        return Tally(code, self.kind, sentence, self.students, self.sure, tuple(began))


def commonest_by_cell(
    told: Iterable[tuple[Sequence[Told], Collection[str]]],
) -> dict[str, tuple[tuple[str, ...], int]]:
    """For each cell the mistake that explains it most often, or all that do so equally often, and in how many hand-ins.

    ``told`` holds what is said of each hand-in, and its wrong cells: two mistakes may make a number right again, and
    where it is right, neither is counted.
    """
    counts: dict[str, Counter[str]] = {}
    for explanations, wrong in told:
        for cell, code in {(cell, one.code) for one in explanations for cell in one.cells if cell in wrong}:
            counts.setdefault(cell, Counter())[code] += 1
    return {cell: _most_often(counter) for cell, counter in sorted(counts.items())}


def _most_often(counter: Counter[str]) -> tuple[tuple[str, ...], int]:
    most = max(counter.values())
    return tuple(sorted(code for code, count in counter.items() if count == most)), most
