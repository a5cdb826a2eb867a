"""Room: gradsheet. A class's hand-ins marked together: one bad hand-in costs one student, and nobody is lost.

A class is marked in parts, each a slice of the roster, so that memory doesn't grow with it; a part needs nothing of the
others, so parts may be marked in any order and by several processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from exercises.errors import InputError
from grader.collecting import Quarantined, Reader
from grader.gradebook import AttemptTaken, Ledger, Row, Status, ledger_of
from grader.policy import EXAM, Policy
from grader.resolution import Ignored, Paper, Resolved
from grader.rounding import Tolerance
from grader.scripts import ScriptResult, mark_pile
from grader.submissions import Rejected
from grader.uniform import Uniform
from gradsheet.course_set import NUMBERS, TEACHER, CourseSet
from gradsheet.decisions import OVERRIDES, Overrides, decided, read_late, read_overrides
from gradsheet.hand_ins import HandIns, Source, hand_ins_of
from gradsheet.papers import by_cell, mark_exercise, papers_of

Attempts = Literal["latest", "best", "first"]

PART = 2_000
"""Students marked together: enough to make good use of arrays (1,000 took 1.4 times as long, 4,000 hardly less), few
enough that they take some dozen megabytes.
"""


@dataclass(frozen=True)
class MarkedClass:
    """All rows of the roster (or of a slice of it) in its order, the papers they were marked on, what fits nowhere."""

    course: CourseSet
    papers: tuple[Paper, ...]
    policy: Policy
    rows: tuple[Row, ...]
    ignored: Mapping[str, tuple[Ignored, ...]]
    ledger: Ledger
    rules: Rules = field(default_factory=lambda: Rules())
    quarantined: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """How a class is marked: tolerance (that of rounding by hand where None), policy, and who was late (a CSV).

    Of several hand-ins of a student ``attempts`` says which one counts. ``layout`` is how a platform names the files.
    ``match`` names columns of ``roster`` (a CSV; the set's own ids where None) by which a platform knows a student.
    """

    tolerance: Tolerance | None = None
    policy: Policy = EXAM
    late: Path | None = None
    attempts: Attempts = "latest"
    layout: str = "auto"
    roster: Path | None = None
    match: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the teacher has decided by hand."""

    policy: Policy
    overrides: Overrides
    days_late: Mapping[str, Fraction]

    @classmethod
    def read(cls, course: CourseSet, papers: tuple[Paper, ...], rules: Rules) -> Decisions:
        table = course.folder / OVERRIDES
        overrides = read_overrides(table, course.students, papers) if table.is_file() else {}
        return cls(rules.policy, overrides, read_late(rules.late, course.students) if rules.late else {})

    def of(self, course: CourseSet) -> Decisions:
        """Those that concern the students of a slice."""
        ids = [student.id for student in course.students]
        overrides = {name: self.overrides[name] for name in ids if name in self.overrides}
        return replace(
            self,
            overrides=overrides,
            days_late={name: self.days_late[name] for name in ids if name in self.days_late},
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of a class to be marked; all that another process needs besides the set's exercises."""

    course: CourseSet
    hand_ins: HandIns
    decisions: Decisions
    rules: Rules


@dataclass(frozen=True)
class Sitting:
    """A class about to be marked: everything collected, nothing read yet but names."""

    course: CourseSet
    papers: tuple[Paper, ...]
    hand_ins: HandIns
    decisions: Decisions
    rules: Rules

    def parts(self, size: int = PART) -> Iterator[Part]:
        """The class in slices of the roster, in its order."""
        for start in range(0, len(self.course.students), size):
            course = self.course.part(start, start + size)
            hand_ins = self.hand_ins.part(start, start + size)
            yield Part(course, hand_ins, self.decisions.of(course), self.rules)


def sitting(course: CourseSet, submissions: Path, rules: Rules | None = None) -> Sitting:
    """Collect a class's hand-ins; InputError where the submissions as a whole can't be read."""
    rules = rules or Rules()
    papers = papers_of(course.exercises)
    hand_ins = hand_ins_of(course, papers, submissions, rules.layout, rules.roster, rules.match)
    return Sitting(course, papers, hand_ins, Decisions.read(course, papers, rules), rules)


def grade_class(course: CourseSet, submissions: Path, rules: Rules | None = None) -> MarkedClass:
    """Mark every hand-in, and hold it all; InputError only where the submissions as a whole can't be read."""
    desk = sitting(course, submissions, rules)
    marked = [mark_part(part, desk.papers) for part in desk.parts()]
    rows = tuple(row for each in marked for row in each.rows)
    ignored = {student: answers for each in marked for student, answers in each.ignored.items()}
    ledger = ledger_of(rows, desk.hand_ins.strays)
    aside = desk.hand_ins.quarantined
    return MarkedClass(course, desk.papers, desk.rules.policy, rows, ignored, ledger, desk.rules, aside)


@dataclass(frozen=True, slots=True)
class Script:
    """One hand-in that can be read: whose (place), which of theirs, and what it holds."""

    place: int
    number: int
    resolved: Resolved


class Pile(Protocol):
    """All scripts on one exercise, marked."""

    def script(self, at: int) -> ScriptResult: ...


@dataclass(frozen=True, slots=True)
class _Listed:
    """A pile of scripts that were marked one by one."""

    results: Sequence[ScriptResult]

    def script(self, at: int) -> ScriptResult:
        return self.results[at]


@dataclass(frozen=True)
class MarkedPart:
    """A slice of a class, marked; ``piles`` are in the exercises' order, ``taken`` says by place which script counts.

    A student's row is made of it when it is asked for.
    """

    part: Part
    papers: tuple[Paper, ...]
    scripts: Sequence[Script]
    piles: Sequence[Pile]
    taken: Mapping[int, int]
    rejected: Mapping[int, str]

    def row(self, place: int) -> Row:
        """What the gradebook says of a student."""
        at, trouble = self.taken.get(place), self.trouble(place)
        results = None if trouble or at is None else self.results(at)
        return _with_attempts(_row(self.part, place, results, trouble), self, place)

    def trouble(self, place: int) -> str:
        """Why a student's hand-in can't be marked; empty where it can, or where there is none."""
        contested = self.part.hand_ins.contested.get(place)
        return contested or ("" if place in self.taken else self.rejected.get(place, ""))

    def results(self, at: int) -> list[ScriptResult]:
        """One script, by exercise."""
        return [pile.script(at) for pile in self.piles]

    def ignored(self, place: int) -> tuple[Ignored, ...]:
        """The answers of a student who was graded whose ids fit no cell."""
        at = self.taken.get(place)
        return () if at is None or self.trouble(place) else self.scripts[at].resolved.ignored

    def whole(self, rows: Mapping[int, Row] | None = None) -> MarkedClass:
        """The rows of every student, or those that are there; the ledger is of these alone, without strays."""
        students = self.part.course.students
        if rows is None:
            rows = {place: self.row(place) for place in range(len(students))}
        ignored = {students[place].id: found for place in rows if (found := self.ignored(place))}
        own, policy = tuple(rows.values()), self.rules.policy
        return MarkedClass(self.part.course, self.papers, policy, own, ignored, ledger_of(own, ()), self.rules)

    @property
    def rules(self) -> Rules:
        return self.part.rules


def mark_part(part: Part, papers: tuple[Paper, ...]) -> MarkedClass:
    """Mark a slice of a class, and hold every row."""
    return marked_part(part, papers).whole()


def marked_part(part: Part, papers: tuple[Paper, ...]) -> MarkedPart:
    """Mark a slice of a class."""
    scripts, rejected = _read(part, papers)
    piles = _mark(part, papers, scripts) if scripts else []
    return MarkedPart(part, papers, scripts, piles, _taken(scripts, piles, part.rules.attempts), rejected)


def _read(part: Part, papers: tuple[Paper, ...]) -> tuple[list[Script], dict[int, str]]:
    """Every hand-in that may count, read; and why a student has none that can be."""
    scripts: list[Script] = []
    rejected: dict[int, str] = {}
    uniform = Uniform(papers)
    with Reader() as reader:
        for place, sources in sorted(part.hand_ins.sources.items()):
            for number in _which(len(sources), part.rules.attempts):
                try:
                    scripts.append(Script(place, number, sources[number].resolved(reader, papers, uniform)))
                except Rejected as error:
                    rejected[place] = str(error)
    return scripts, rejected


def _which(count: int, attempts: Attempts) -> Sequence[int]:
    return range(count) if attempts == "best" else (0,) if attempts == "first" else (count - 1,)


def _mark(part: Part, papers: tuple[Paper, ...], scripts: Sequence[Script]) -> list[Pile]:
    """Each exercise for all scripts at once: their numbers differ, their lines are the same."""
    course, rules = part.course, part.rules
    some = np.array([script.place for script in scripts], dtype=np.intp)
    piles: list[Pile] = []
    for exercise, paper in zip(course.exercises, papers, strict=True):
        given = {name: array[..., some] for name, array in course.numbers[exercise.number].items()}
        texts = [script.resolved.texts[paper.number] for script in scripts]
        policy, tolerance = rules.policy, rules.tolerance
        if not exercise.finding:
            cells = by_cell(exercise.program.shapes, given)
            piles.append(mark_pile(paper, cells, texts, tolerance=tolerance, policy=policy))
            continue
        labels = [course.mistakes[exercise.number][place] for place in some.tolist()]
        try:
            found = mark_exercise(exercise, paper, given, texts, labels, tolerance=tolerance, policy=policy)
        except InputError as error:
            raise error.at(str(course.folder / TEACHER / NUMBERS)) from error
        piles.append(_Listed(found))
    return piles


def _taken(scripts: Sequence[Script], piles: Sequence[Pile], attempts: Attempts) -> dict[int, int]:
    """By place which script counts; of equally good ones the latest."""
    taken: dict[int, int] = {}
    for at, script in enumerate(scripts):
        before = taken.get(script.place)
        if before is None or attempts != "best" or _earned(piles, at) >= _earned(piles, before):
            taken[script.place] = at
    return taken


def _earned(piles: Sequence[Pile], at: int) -> Fraction:
    return sum((pile.script(at).score for pile in piles), Fraction(0))


def _with_attempts(row: Row, marked: MarkedPart, place: int) -> Row:
    """The row with what is known of lateness, and of all the student's hand-ins where there are several."""
    sources: Sequence[Source] = marked.part.hand_ins.sources.get(place, ())
    if not sources:
        return row
    taken, wished = marked.taken.get(place), marked.part.rules.attempts
    counted = marked.scripts[taken].number if taken is not None else _which(len(sources), wished)[-1]
    row = replace(row, told_late=sources[counted].late) if sources[counted].late else row
    if len(sources) == 1:
        return row
    earned = {
        script.number: _earned(marked.piles, at)
        for at, script in enumerate(marked.scripts)
        if script.place == place and wished == "best"
    }
    attempts = tuple(
        AttemptTaken(source.file, number == counted, earned.get(number)) for number, source in enumerate(sources)
    )
    return replace(row, attempts=attempts)


def _row(part: Part, place: int, scripts: list[ScriptResult] | None, trouble: str) -> Row:
    student, decisions = part.course.students[place], part.decisions
    if trouble:
        return Row(student.id, student.name, Status.REJECTED, remark=trouble)
    if scripts is None:
        return Row(student.id, student.name, Status.MISSING, remark=part.hand_ins.perhaps.get(place, ""))
    marked = decided(scripts, overrides) if (overrides := decisions.overrides.get(student.id)) else tuple(scripts)
    days, policy = decisions.days_late.get(student.id, Fraction(0)), decisions.policy
    kept = policy.late.keeps(days)
    return Row(student.id, student.name, Status.GRADED, marked, days_late=days, keeps=kept, total=policy.total)
