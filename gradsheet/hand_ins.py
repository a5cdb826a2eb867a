"""Room: gradsheet. What a class has handed in, by place on the roster: files of a download, or rows of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from exercises.errors import InputError
from grader.collecting import Attempt, Inbox, People, Quarantined, Reader, collect
from grader.collecting.people import Doubt
from grader.collecting.shape import Claim
from grader.messages import QUARANTINED
from grader.numbers import is_blank
from grader.resolution import Paper, Resolved, resolve
from grader.submissions import ClassTable, Rejected, read_class_table
from grader.submissions.answers import shortened
from grader.submissions.class_table import row_answers
from grader.submissions.delimited import WideRow
from grader.uniform import Uniform
from gradsheet.course_set import CourseSet
from gradsheet.roster import read_columns, same_student
from gradsheet.table_columns import Columns, columns_of, shown_names

TABLE = "one table"
"""What is said in the place of a layout where a class comes as one table."""

TABLES = (".csv", ".tsv", ".xlsx")
"""Endings of a class in one table."""


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

    table: str
    row: WideRow
    columns: Sequence[tuple[int, str]]
    late: str = ""

    @property
    def file(self) -> str:
        return f"{self.table}, line {self.row.line}"

    def resolved(self, reader: Reader, papers: Sequence[Paper], uniform: Uniform) -> Resolved:
        """The answers by cell."""
        return resolve(row_answers(self.table, self.row, self.columns), papers)


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
    if submissions.is_file() and submissions.suffix.lower() in TABLES:
        table = read_class_table(submissions.name, submissions.read_bytes())
        # without a roster a name may be that of a column of the table itself
        people = people_of(course, roster, match if roster else [name for name in match if name.casefold() == "id"])
        return _of_table(table, columns_of(table, papers, people, match), people)
    people = people_of(course, roster, match)
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


def _of_table(table: ClassTable, columns: Columns, people: People) -> HandIns:
    """The rows of one table; one that is blank throughout is the row of a student who has handed nothing in."""
    by_place: dict[int, list[int]] = {}
    strangers: dict[str, tuple[Doubt, list[int]]] = {}
    for at, row in enumerate(table.rows):
        if row.misfit is None and all(is_blank(row.texts[column]) for column, _ in columns.cells):
            continue
        owner = _owner(table, row, columns)
        found = people.find(Claim(owner, (owner,), (owner,), (owner,)))
        if isinstance(found, Doubt):
            strangers.setdefault(people.key(owner), (found, []))[1].append(at)
        else:
            by_place.setdefault(found, []).append(at)
    contested, sources = _by_sender(table, columns, by_place)
    aside = [_stranger(table, columns, doubt, rows) for doubt, rows in strangers.values()]
    layout = f"{TABLE}, a row a hand-in, students by {shortened(table.columns[columns.student])}"
    if columns.others:
        layout += f"; passed over: {shown_names(columns.others)}"
    if several := sum(len(rows) > 1 for rows in sources.values()):
        layout += f"; {several} of them with several rows, of which one counts (--attempts)"
    count = len(by_place) + len(aside)
    return _hand_ins(layout, count, sources, contested, tuple(sorted(aside, key=lambda each: each.owner)))


def _owner(table: ClassTable, row: WideRow, columns: Columns) -> str:
    """What the row calls its student. One with too many or too few fields is counted from the end where its cells come
    before, since it is among these that a decimal comma splits one in two.
    """
    at = columns.student
    if row.misfit is not None and columns.cells and at > columns.cells[0][0]:
        at -= len(table.columns)
    owner = row.texts[at] if -len(row.texts) <= at < len(row.texts) else ""
    if not owner and row.misfit is None:
        raise Rejected("no-student", f"{table.name}, line {row.line}")
    return owner or f"line {row.line}"


def _by_sender(
    table: ClassTable, columns: Columns, by_place: Mapping[int, list[int]]
) -> tuple[dict[int, str], dict[int, tuple[TableRow, ...]]]:
    """Who is claimed from several addresses, one of which has a slip in the id; and the attempts of the others."""
    contested: dict[int, str] = {}
    sources: dict[int, tuple[TableRow, ...]] = {}
    for place, rows in by_place.items():
        senders = columns.senders or ()
        several = list(dict.fromkeys(senders[at].casefold() for at in rows if at < len(senders) and senders[at]))
        if len(several) > 1:
            first, second = map(shortened, several[:2])
            contested[place] = f"two hand-ins, from {first} and from {second}; keep one"
            continue
        when = [columns.when[at] for at in rows] if columns.when else []
        told = [time for time in when if time is not None]
        ordered = [at for _, at in sorted(zip(told, rows, strict=True))] if len(told) == len(rows) else rows
        sources[place] = tuple(TableRow(table.name, table.rows[at], columns.cells) for at in ordered)
    return contested, sources


def _stranger(table: ClassTable, columns: Columns, doubt: Doubt, rows: Sequence[int]) -> Quarantined:
    misfit = next((trouble for at in rows if (trouble := table.rows[at].misfit) is not None), None)
    files = tuple(f"{table.name}, line {table.rows[at].line}" for at in rows)
    reason = QUARANTINED[doubt.code].format(detail=f"{len(doubt.candidates)} students")
    if misfit is not None:
        reason = f"{misfit.at(table.name)}; and {reason}"
    return Quarantined(_owner(table, table.rows[rows[0]], columns), files, doubt.code, reason, doubt.candidates)


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
