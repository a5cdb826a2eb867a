"""Room: gradsheet. A class's figures in words and symbols, on the page and on the terminal; here files are written."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path

from markupsafe import Markup

from exercises.errors import one_line
from grader.attention import Concern, Reason
from grader.gradebook import number
from grader.gradebook_exports import exported
from grader.identity import LookAlike
from grader.statistics import FEWEST_STUDENTS, Spread, Tally
from gradsheet.course_set import RESULTS
from gradsheet.files import private_folder, write_atomically
from gradsheet.graded import Student
from gradsheet.papers import notation_of
from gradsheet.reporting import KINDS, ClassFigures, Item, assignment_of, report_csv
from gradsheet.results import SIGNS
from templates.environment import Templates
from templates.html import symbol
from templates.plots import Bar, Mark, Part
from templates.report import (
    Absent,
    AlikeRow,
    ItemRow,
    ItemTable,
    Legend,
    MistakeRow,
    Report,
    Scores,
    StudentRow,
    report_html,
)

PAGE, TABLE = "report.html", "report.csv"

MEANINGS = {
    "correct": "right",
    "carried": "right, given an earlier slip",
    "wrong": "doesn’t follow from the student’s own numbers",
    "unreadable": "no number",
    "missing": "left blank",
}

REASONS = {
    Reason.LOWEST: "among the lowest scores",
    Reason.UNEXPLAINED: "{unexplained} wrong numbers that no known mistake explains",
    Reason.TENTATIVE: "only guesses at what went wrong",
}

MOST_ROWS = 15
"""Rows of a list on the page; the JSON has them all."""

MOST_SITES, MOST_CELLS = 3, 8
"""Places where a mistake began, and cells that fit another's sheet, named one by one."""

MOST_TIED = 3
"""Mistakes that explain a cell equally often, and are named."""

LEAST_CHANCE = 1e-9
"""No estimate of a chance is good enough to tell smaller ones."""


def report_of(figures: ClassFigures) -> Report:
    """The page's data: every number written out, every id as its symbol."""
    graded = figures.graded
    absent = [student for student in graded.students if not student.graded]
    return Report(
        title=graded.title,
        course=graded.course.specification.course,
        ledger=str(graded.ledger),
        scores=_scores(figures),
        legend=[Legend(kind, SIGNS_OF[kind], MEANINGS[kind]) for kind in KINDS],
        items=_tables(figures),
        too_few=_too_few(figures),
        mistakes=[_mistake(figures, each) for each in figures.mistakes[:MOST_ROWS]],
        more_mistakes=_more(figures.mistakes),
        students=[_student(figures, each) for each in figures.concerns[:MOST_ROWS]],
        more_students=_more(figures.concerns),
        alike=[_alike(figures, each) for each in figures.alike[:MOST_ROWS]],
        more_alike=_more(figures.alike),
        absent=[_absent(student) for student in absent[:MOST_ROWS]],
        more_absent=_more(absent),
    )


SIGNS_OF = {verdict.name.lower(): sign for verdict, sign in SIGNS.items()}


def _more(rows: Sequence[object]) -> int:
    return max(len(rows) - MOST_ROWS, 0)


def _scores(figures: ClassFigures) -> Scores | None:
    spread = figures.spread
    if spread is None:
        return None
    full = figures.out_of
    scale = float(figures.bars[-1][1])
    bars = [
        Bar(number(low), number(high), count, float(low) / scale, float(high) / scale)
        for low, high, count in figures.bars
    ]
    described = ", ".join(f"{bar.low} to {bar.high} marks: {bar.count}" for bar in bars)
    median = Mark(min(max(spread.median / float(full), 0.0), 1.0) if full else 0.0, f"median {_short(spread.median)}")
    return Scores(_figures(figures, spread), described, f"marks, of {number(full)}", bars, median)


def _figures(figures: ClassFigures, spread: Spread) -> list[tuple[str, str]]:
    return [
        ("graded", str(len(figures.scores))),
        ("mean", _short(spread.mean)),
        ("median", _short(spread.median)),
        ("middle half", f"{_short(spread.lower_quartile)} – {_short(spread.upper_quartile)}"),
        ("lowest – highest", f"{_short(spread.lowest)} – {_short(spread.highest)}"),
        ("full marks", number(figures.out_of)),
    ]


def _short(value: float) -> str:
    return number(Fraction(value), 1)


def _too_few(figures: ClassFigures) -> str:
    if len(figures.scores) >= FEWEST_STUDENTS:
        return ""
    return f"With fewer than {FEWEST_STUDENTS} hand-ins discrimination would be noise, so it isn’t told."


def _tables(figures: ClassFigures) -> list[ItemTable]:
    several = figures.graded.several
    return [
        ItemTable(
            f"Exercise {exercise.number}" if several else "",
            [_item(figures, item) for item in figures.items if item.exercise == exercise.number],
        )
        for exercise in figures.graded.course.exercises
    ]


def _item(figures: ClassFigures, item: Item) -> ItemRow:
    return ItemRow(
        symbol=_symbol(figures, item.id),
        cell=item.id,
        parts=[Part(kind, kind, share) for kind, share in item.verdicts.items()],
        difficulty="–" if math.isnan(item.difficulty) else f"{item.difficulty:.2f}",
        discrimination=""
        if math.isnan(item.discrimination)
        else f"{round(item.discrimination, 2) + 0.0:.2f}".replace("-", "−"),
        mistakes=item.mistakes[:MOST_TIED],
        more_mistakes=max(len(item.mistakes) - MOST_TIED, 0),
        mistaken=f"{item.mistaken} ×" if item.mistaken else "",
    )


def _symbol(figures: ClassFigures, name: str) -> Markup:
    """An id, with its exercise before it where there are several, as the sheet writes it."""
    exercises = figures.graded.course.exercises
    number_of, _, cell = name.rpartition(":")
    exercise = next((each for each in exercises if str(each.number) == number_of), exercises[0])
    return symbol(notation_of(exercise), cell)


def _mistake(figures: ClassFigures, tally: Tally) -> MistakeRow:
    every = max(len(figures.scores), 1)
    sure, perhaps = tally.sure / every, (tally.students - tally.sure) / every
    return MistakeRow(
        code=tally.code,
        convention=tally.kind == "convention",
        sentence=tally.sentence,
        students=tally.students,
        sure=tally.sure,
        parts=[Part("sure", "sure", sure), Part("perhaps", "perhaps", perhaps)],
        began=[(_symbol(figures, site), count) for site, count in tally.began[:MOST_SITES]],
    )


def _student(figures: ClassFigures, concern: Concern) -> StudentRow:
    student = next(each for each in figures.graded.graded if each.id == concern.work.student)
    reasons = [REASONS[reason].format(unexplained=concern.work.unexplained) for reason in concern.reasons]
    return StudentRow(student.id, student.name, number(student.score, 2), reasons)


def _alike(figures: ClassFigures, each: LookAlike) -> AlikeRow:
    students = figures.graded.students
    cells = [_symbol(figures, figures.cell_alike(cell)) for cell in each.cells]
    return AlikeRow(
        _known_as(students[each.student]),
        _known_as(students[each.other]),
        cells[:MOST_CELLS],
        max(len(cells) - MOST_CELLS, 0),
        each.missing_own,
        odds(each.chance),
    )


def _known_as(student: Student) -> str:
    return f"{student.name} ({student.id})" if student.name and student.name != student.id else student.id


def odds(chance: float) -> str:
    """A chance as one in so many, to two digits."""
    if chance < LEAST_CHANCE:
        return f"less than 1 in {1 / LEAST_CHANCE:,.0f}"
    times = 1 / chance
    scale = 10 ** max(int(math.log10(times)) - 1, 0)
    return f"1 in {int(times / scale) * scale:,}"


def _absent(student: Student) -> Absent:
    remark = f"rejected: {student.remark}" if student.status == "rejected" else "nothing handed in"
    return Absent(_known_as(student), remark)


def write_report(
    figures: ClassFigures, platforms: Collection[str] = (), templates: Templates | None = None
) -> list[Path]:
    """Write page, table and gradebooks into DIR/results, which only its owner can enter; return their paths."""
    folder = private_folder(figures.graded.course.folder / RESULTS)
    texts = {PAGE: report_html(report_of(figures), templates=templates), TABLE: report_csv(figures)}
    assignment, grades = assignment_of(figures.graded)
    texts |= {f"gradebook-{platform}.csv": exported(platform, assignment, grades) for platform in platforms}
    for name, text in texts.items():
        write_atomically(folder / name, text)
    return [folder / name for name in texts]


MOST_TOLD = 3
"""Hardest items and commonest mistakes on the terminal; the page has them all."""


def summary(figures: ClassFigures, paths: Sequence[Path]) -> str:
    """What a teacher reads after the run."""
    lines = [one_line(figures.graded.title), str(figures.graded.ledger)]
    if (spread := figures.spread) is not None:
        lines.append(
            f"scores:    median {_short(spread.median)}, middle half {_short(spread.lower_quartile)} to "
            f"{_short(spread.upper_quartile)}, of {number(figures.out_of)}"
        )
        hardest = sorted((item for item in figures.items if item.difficulty < 1), key=lambda item: item.difficulty)
        shown = ", ".join(f"{item.id} ({item.difficulty:.0%})" for item in hardest[:MOST_TOLD])
        lines.append(f"hardest:   {shown or 'none, all right throughout'}")
        common = ", ".join(f"{each.code} ({each.students})" for each in figures.mistakes[:MOST_TOLD])
        lines.append(f"mistakes:  {common or 'none that is known'}")
        lines.append(f"to talk to: {len(figures.concerns)}; answers that fit another's sheet: {len(figures.alike)}")
    return "\n".join([*lines, *(f"written:   {path}" for path in paths)])
