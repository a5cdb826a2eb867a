"""Room: templates. A class's results as one web page, from plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from templates.environment import Templates, ours
from templates.html import font_faces
from templates.plots import Bar, Mark, Part, histogram, strip, swatch


@dataclass(frozen=True, slots=True)
class Legend:
    """A verdict as the strips show it: its sign, its word, what it means."""

    kind: str
    sign: str
    meaning: str

    @property
    def swatch(self) -> Markup:
        return swatch(self.kind)


@dataclass(frozen=True, slots=True)
class Scores:
    """How scores lie: a sentence of figures, bars in order, and where the median is."""

    figures: Sequence[tuple[str, str]]
    description: str
    axis: str
    bars: Sequence[Bar]
    median: Mark

    @property
    def plot(self) -> Markup:
        return histogram("Distribution of scores", self.description, self.axis, self.bars, self.median)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One asked cell; numbers are ready to be shown, an empty one is not told.

    ``mistakes`` are the commonest ones, several where they are equally common; ``more_mistakes`` aren't named.
    """

    symbol: Markup
    cell: str
    parts: Sequence[Part]
    difficulty: str
    discrimination: str
    mistakes: Sequence[str]
    more_mistakes: int
    mistaken: str

    @property
    def strip(self) -> Markup:
        return strip(self.parts)


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The items of one exercise; ``heading`` is empty where there is but one."""

    heading: str
    rows: Sequence[ItemRow]


@dataclass(frozen=True, slots=True)
class MistakeRow:
    """One mistake over the class; ``parts`` are hand-ins in which it is told for sure, and in which perhaps."""

    code: str
    convention: bool
    sentence: str
    students: int
    sure: int
    parts: Sequence[Part]
    began: Sequence[tuple[Markup, int]]

    @property
    def strip(self) -> Markup:
        return strip(self.parts)


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student to talk to."""

    student: str
    name: str
    score: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """A student whose numbers fit another's variant."""

    student: str
    other: str
    cells: Sequence[Markup]
    more_cells: int
    missing_own: int
    chance: str


@dataclass(frozen=True, slots=True)
class Absent:
    """A student without a score, and why."""

    student: str
    remark: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a teacher reads about a class. ``scores`` is None where nobody was graded."""

    title: str
    course: str
    ledger: str
    scores: Scores | None
    legend: Sequence[Legend]
    items: Sequence[ItemTable]
    too_few: str
    mistakes: Sequence[MistakeRow]
    more_mistakes: int
    students: Sequence[StudentRow]
    more_students: int
    alike: Sequence[AlikeRow]
    more_alike: int
    absent: Sequence[Absent]
    more_absent: int


def report_html(report: Report, *, templates: Templates | None = None) -> str:
    """The page: one file, without scripts, that needs nothing else."""
    values = {"fonts": font_faces(), "report": report, "sure": swatch("sure"), "perhaps": swatch("perhaps")}
    return (templates or ours()).filled("html", "report.html.j2", values)
