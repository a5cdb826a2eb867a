"""Room: gradsheet. What runs inside Gradescope: one hand-in of one student, marked, and written as results.json.

HOME/submission_metadata.json     who has handed in
HOME/submission/                  what
HOME/source/                      the autograder, as ``gradescope.autograder`` packs it
HOME/results/results.json         score, a test a cell, and the feedback
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec

from exercises.errors import InputError
from grader.collecting import Attempt, People, Reader
from grader.collecting.listing import entries
from grader.collecting.people import Doubt
from grader.collecting.shape import Claim, Entry
from grader.gradebook import Row, Status
from grader.messages import QUARANTINED
from grader.policy import Policy, parse_policy
from grader.submissions import ENDINGS, Rejected
from grader.submissions.answers import cleaned, shortened
from gradsheet.class_marking import Decisions, Part, Rules, mark_part
from gradsheet.course_set import CourseSet, read_set
from gradsheet.export.gradescope_results import nothing_marked, results_of, unmarked
from gradsheet.files import write_atomically
from gradsheet.hand_ins import File, HandIns
from gradsheet.papers import papers_of
from gradsheet.results import HandInResult
from gradsheet.roster import same_student

SET, POLICY, SETTINGS = "set", "policy.toml", "settings.json"

METADATA = "submission_metadata.json"
MENTIONED = 3

NO_FILE = "no file was handed in; upload the answer form"
STRANGER = "Nothing was marked, and nothing is deducted: {why}. Tell your teacher."
TOGETHER = "this was handed in by {count} people, and everybody has a sheet of their own; hand in alone"
UNNAMED = "Gradescope doesn't say whose this is"


Reveal = Literal["verdict", "hint", "solution"]
"""How much feedback tells: right or wrong; which rule went wrong, too; or what was expected as well."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``settings.json``: how much feedback tells, and further columns that identify the set's students, by place."""

    reveal: Reveal
    columns: tuple[tuple[str, ...], ...] = ()


class _User(msgspec.Struct, frozen=True):
    name: str | None = None
    email: str | None = None
    sid: str | int | None = None


class _Metadata(msgspec.Struct, frozen=True):
    users: list[_User] = []


@dataclass(frozen=True)
class Desk:
    """The autograder unpacked."""

    course: CourseSet
    people: People
    rules: Rules
    settings: Settings


def read_desk(source: Path) -> Desk:
    """The autograder in the folder ``source``; InputError where it is damaged."""
    course = read_set(source / SET)
    settings = msgspec.json.decode((source / SETTINGS).read_bytes(), type=Settings)
    policy = parse_policy((source / POLICY).read_text(encoding="utf-8"), POLICY)
    students = course.students
    people = People([each.id for each in students], [each.name for each in students], settings.columns, same_student)
    return Desk(course, people, Rules(policy=policy), settings)


def marked(home: Path) -> dict[str, Any]:
    """What results.json has to say of the hand-in that lies in ``home``."""
    desk = read_desk(home / "source")
    place = _owner(home / METADATA, desk.people)
    if isinstance(place, str):
        return unmarked(STRANGER.format(why=place))
    course, papers = desk.course.part(place, place + 1), papers_of(desk.course.exercises)
    try:
        row, result = _row(desk, course, home / "submission")
    except Rejected as error:
        return nothing_marked(str(error), papers, desk.rules.policy)
    if result is None:
        return nothing_marked(row.remark, papers, desk.rules.policy)
    return results_of(course, row, result, desk.settings.reveal, desk.rules.policy)


def _owner(path: Path, people: People) -> int | str:
    """The student's place in the set; why there is none where nobody is meant for sure."""
    try:
        users = msgspec.json.decode(path.read_bytes(), type=_Metadata).users
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return UNNAMED
    if len(users) != 1:
        return TOGETHER.format(count=len(users)) if users else UNNAMED
    user = users[0]
    marks = tuple(cleaned(str(each)) for each in (user.sid, user.email) if each)
    name = cleaned(user.name or "")
    found = people.find(Claim(" ".join((name, *marks)), marks, (name,) if name else (), marks))
    if not isinstance(found, Doubt):
        return found
    shown = shortened(", ".join(each for each in (name, *marks) if each), 80)
    return f"{shown}: {QUARANTINED[found.code].format(detail=f'{len(found.candidates)} students')}"


def _row(desk: Desk, course: CourseSet, folder: Path) -> tuple[Row, HandInResult | None]:
    """The student's line of a gradebook, and the result behind it. Raises Rejected where there is no one file."""
    papers = papers_of(course.exercises)
    hand_ins = HandIns("", 1, {0: (File(_attempt(folder)),)}, {}, {}, ())
    part = Part(course, hand_ins, Decisions(desk.rules.policy, {}, {}), desk.rules)
    marked = mark_part(part, papers)
    (row,) = marked.rows
    if row.status is not Status.GRADED:
        return row, None
    return row, HandInResult(course.exercises, row.scripts, marked.ignored.get(row.student, ()))


def _attempt(folder: Path) -> Attempt:
    """The one file to read: what can be read before what can't. Raises Rejected."""
    if not folder.is_dir():
        raise Rejected("row", detail=NO_FILE)
    with Reader() as reader:
        listed = entries(str(folder), reader)
    readable = [entry for entry in listed if PurePosixPath(entry.name).suffix.lower() in ENDINGS]
    if not listed:
        raise Rejected("row", detail=NO_FILE)
    if len(readable) > 1:
        raise Rejected("two-files", detail=_named(readable))
    return Attempt((readable or sorted(listed, key=lambda entry: entry.name))[0])


def _named(some: Sequence[Entry]) -> str:
    names = " and ".join(shortened("/".join(entry.parts), 80) for entry in some[:MENTIONED])
    return names + (" and more" if len(some) > MENTIONED else "")


def full_mark(course: CourseSet, policy: Policy) -> Fraction:
    """The marks that the assignment is out of."""
    weights = (policy.weight(cell, one.number) for one in course.exercises for cell in one.answers)
    return sum(weights, Fraction(0))


def main(arguments: Sequence[str]) -> int:
    """``--ready SOURCE`` tries the autograder out; ``HOME`` marks what lies there."""
    if arguments[0] == "--ready":
        desk = read_desk(Path(arguments[1]))
        sys.stdout.write(
            f"ready: {len(desk.course.students)} students, {full_mark(desk.course, desk.rules.policy)} marks\n"
        )
        return 0
    home = Path(arguments[0])
    try:
        found = marked(home)
    except InputError as error:  # the autograder itself: the instructor reads it, the student a sentence
        sys.stderr.write(f"gradsheet: {error}\n")
        return 2
    text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    write_atomically(home / "results" / "results.json", text + "\n")
    sys.stdout.write(f"{found['output'].splitlines()[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
