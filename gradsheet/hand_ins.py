"""Room: gradsheet. What a class has handed in, by place on the roster: files of a download, or rows of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from exercises.errors import InputError
from grader.collecting import Attempt, Inbox, People, Quarantined, Reader, collect
from grader.messages import QUARANTINED
from grader.numbers import is_blank
from grader.resolution import Paper, Resolved, fits_a_cell, resolve
from grader.submissions import Rejected, Submission, read_wide_csv
from grader.submissions.answers import shortened
from grader.uniform import Uniform
from gradsheet.course_set import CourseSet
from gradsheet.roster import read_columns, same_student

MOST_SHOWN = 4
"""Columns of a table that are named in a complaint."""

TABLE = "table"
"""What is said in the place of a layout where a class comes as one table."""


class Source(Protocol):
    """One hand-in: its file, what the platform tells of lateness, and the way to its answers."""

    @property
    def file(self) -> str: ...

    @property
    def late(self) -> str: ...

    def resolved(self, reader: Reader, papers: Sequence[Paper], uniform: Uniform) -> Resolved:
        """The answers by cell. Raises Rejected."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A student's row of a table."""

    file: str
    outcome: Submission | Rejected
    late: str = ""

    def resolved(self, reader: Reader, papers: Sequence[Paper], uniform: Uniform) -> Resolved:
        """The answers by cell."""
        if isinstance(self.outcome, Rejected):
            raise self.outcome
        return resolve(self.outcome, papers)


@dataclass(frozen=True, slots=True)
class File:
    """A student's file in a download."""

    attempt: Attempt

    @property
    def file(self) -> str:
        return self.attempt.file

    @property
    def late(self) -> str:
        return self.attempt.late

    def resolved(self, reader: Reader, papers: Sequence[Paper], uniform: Uniform) -> Resolved:
        """The answers by cell."""
        data = self.attempt.content(reader)
        found = uniform.resolved(data) if self.attempt.is_json else None
        return resolve(self.attempt.parsed(data), papers) if found is None else found


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class HandIns:
    """What there is of each student, by place, the earliest first; ``found`` people have handed in.

    ``contested`` says why a student has hand-ins that can't be told apart; ``perhaps`` where one who has none may have
    one that was set aside.
    """

    layout: str
    found: int
    sources: Mapping[int, Sequence[Source]]
    contested: Mapping[int, str]
    perhaps: Mapping[int, str]
    quarantined: tuple[Quarantined, ...]

    @property
    def strays(self) -> tuple[str, ...]:
        return tuple(sorted(each.owner for each in self.quarantined))

    def part(self, start: int, stop: int) -> HandIns:
        """Those of a slice of the roster, by their place in the slice."""
        sources, contested = _part(self.sources, start, stop), _part(self.contested, start, stop)
        return HandIns(self.layout, self.found, sources, contested, _part(self.perhaps, start, stop), ())


def _part(by_place: Mapping[int, Kept], start: int, stop: int) -> dict[int, Kept]:
    return {place - start: by_place[place] for place in range(start, stop) if place in by_place}


def hand_ins_of(
    course: CourseSet,
    papers: Sequence[Paper],
    submissions: Path,
    layout: str = "auto",
    roster: Path | None = None,
    match: Sequence[str] = (),
) -> HandIns:
    """Collect what lies in a folder, an archive or one table; InputError where nothing can be told of anybody."""
    people = people_of(course, roster, match)
    if submissions.is_file() and submissions.suffix.lower() in (".csv", ".tsv"):
        return _of_table(submissions, papers, people)
    if not submissions.exists():
        raise InputError("no such file or folder; name what holds the hand-ins", where=str(submissions))
    return _of_inbox(collect(submissions, people, layout=layout))


def people_of(course: CourseSet, roster: Path | None, match: Sequence[str]) -> People:
    """The set's students as a download is held against them; ``match`` names columns of a roster file, or the id."""
    ids = [student.id for student in course.students]
    columns = [ids for name in match if name.casefold() == "id" and roster is None]
    others = [name for name in match if name.casefold() != "id" or roster is not None]
    if roster is not None and not match:
        raise InputError("say which of its columns the platform knows students by: --match email", where=str(roster))
    if others:
        if roster is None:
            raise InputError(f'the set has no column "{others[0]}"; name the roster that has it with --roster')
        table = read_columns(roster, others)
        columns += [[table.get(same_student(identity), {}).get(name, "") for identity in ids] for name in others]
    return People(ids, [student.name for student in course.students], columns, same_student)


def _of_inbox(inbox: Inbox) -> HandIns:
    contested = {
        place: "two hand-ins, as " + " and as ".join(f'"{name}"' for name in names[:2]) + "; keep one"
        for place, names in inbox.contested.items()
    }
    sources = {place: tuple(map(File, hand_in.attempts)) for place, hand_in in inbox.hand_ins.items()}
    return _hand_ins(inbox.layout, inbox.found, sources, contested, inbox.quarantined)


def _of_table(table: Path, papers: Sequence[Paper], people: People) -> HandIns:
    """The rows of one table; one that is blank throughout is the row of a student who has handed nothing in."""
    rows = read_wide_csv(table.name, table.read_bytes())
    _refuse_strange_columns(table, rows.values(), papers)
    by_key: dict[str, int] = {people.key(identity): place for place, identity in enumerate(people.ids)}
    found: dict[int, list[tuple[str, Submission | Rejected]]] = {}
    aside = []
    for student, row in rows.items():
        if isinstance(row, Rejected) or not all(is_blank(answer.text) for answer in row.answers):
            place = by_key.get(people.key(student))
            if place is None:
                code = "not-on-roster"
                aside.append(Quarantined(student, (table.name,), code, QUARANTINED[code]))
            else:
                found.setdefault(place, []).append((student, row))
    contested = {
        place: f'two hand-ins, as "{theirs[0][0]}" and as "{theirs[1][0]}"; keep one'
        for place, theirs in found.items()
        if len(theirs) > 1
    }
    sources = {place: (TableRow(table.name, theirs[0][1]),) for place, theirs in found.items() if len(theirs) == 1}
    count = sum(map(len, found.values())) + len(aside)
    return _hand_ins(TABLE, count, sources, contested, tuple(sorted(aside, key=lambda each: each.owner)))


def _refuse_strange_columns(table: Path, rows: Iterable[Submission | Rejected], papers: Sequence[Paper]) -> None:
    heading = next((row for row in rows if isinstance(row, Submission)), None)
    if heading is None or any(fits_a_cell(answer.id_text, papers) for answer in heading.answers):
        return
    shown = ", ".join(shortened(answer.id_text) for answer in heading.answers[:MOST_SHOWN])
    number, asked = next((paper.number, paper.asked[0]) for paper in papers if paper.asked)
    cell = f"{number}:{asked}" if len(papers) > 1 else asked
    raise InputError(
        f"expected a row a student and a column a cell, such as {cell}; found the columns {shown}, "
        "none of which is a cell of this set; single hand-ins go in a folder",
        where=f"{table}, line 1",
    )


def _hand_ins(
    layout: str,
    found: int,
    sources: Mapping[int, Sequence[Source]],
    contested: Mapping[int, str],
    quarantined: tuple[Quarantined, ...],
) -> HandIns:
    perhaps = {
        place: f'perhaps the hand-in of "{each.owner}", which was set aside: {each.reason}'
        for each in quarantined
        for place in each.candidates
        if place not in sources and place not in contested
    }
    return HandIns(layout, found, sources, contested, perhaps, quarantined)
