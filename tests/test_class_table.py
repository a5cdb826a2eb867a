"""A class in one table, as form tools export it: whatever stands first, every row finds its student or is told of."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from front_door import SEVERAL, Terminal, flawless, made_set
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.errors import InputError
from grader.resolution import Paper
from gradsheet.course_set import CourseSet, read_set
from gradsheet.hand_ins import HandIns, hand_ins_of
from gradsheet.papers import papers_of
from gradsheet.table_times import addresses, times

ROSTER = "id,name,email\n1,Ada Lee,ada@x.org\n2,Ben Ox,ben@x.org\n3,Cid Fox,cid@x.org\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("class"), SEVERAL, ROSTER)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    (tmp_path / "roster.csv").write_text(ROSTER)
    return Path(shutil.copytree(made, tmp_path / "set"))


def table(folder: Path, heading: list[str], *rows: tuple[str, list[str], bool]) -> Path:
    """A CSV whose rows are a student's flawless answers (or with one slip) behind some further fields."""
    text = io.StringIO()
    writer = csv.writer(text)
    for student, fields, slip in rows:
        answers = flawless(folder / "teacher" / "sheets" / f"{student}.toml")
        if not text.tell():
            writer.writerow([*heading, *answers])
        first = next(iter(answers))
        writer.writerow([*fields, *(answers | ({first: "77"} if slip else {})).values()])
    path = folder.parent / "class.csv"
    path.write_text(text.getvalue())
    return path


def scores(data: Any) -> dict[str, str]:
    return {student["id"]: student.get("score", student["status"]) for student in data["students"]}


GOOGLE = ["Timestamp", "Email Address", "What is your id?"]
MICROSOFT = ["ID", "Start time", "Completion time", "Email", "Name"]


def test_a_time_first_and_the_id_among_the_questions(terminal: Terminal, folder: Path) -> None:
    when = "2026/11/21 10:01:00"
    rows = [("2", [when, "ben@home.org", "2"], False), ("3", [when, "cid@home.org", "3"], True)]
    path = table(folder, GOOGLE, *rows)
    data = terminal("grade", folder, path, "--json").data
    assert data["ledger"] == {"roster": 3, "graded": 2, "missing": 1, "rejected": 0, "quarantined": 0, "strays": []}
    assert scores(data)["2"] != scores(data)["3"] and scores(data)["1"] == "missing"
    assert not any(student.get("ignored") for student in data["students"])
    said = terminal("grade", folder, path).out
    assert 'students by "What is your id?"; passed over: "Timestamp", "Email Address"' in said


def test_a_count_of_answers_is_nobodys_id(terminal: Terminal, folder: Path) -> None:
    """The form counts answers from 1, and the roster's ids are numbers: taken for ids, everybody has another's mark."""
    rows = [
        ("2", ["1", "11/21/26 10:01:00", "11/21/26 10:31:00", "Ben@x.org", "Ben Ox"], False),
        ("3", ["2", "11/21/26 10:02:00", "11/21/26 10:32:00", "cid@x.org", "Cid Fox"], False),
    ]
    path = table(folder, MICROSOFT, *rows)
    line = terminal.refused("grade", folder, path)
    assert line.endswith('line 2: by the column "ID" this is of 1, by "Name" of 2; '
                         'name the one that counts: --match "ID" or --match "Name"')  # fmt: skip
    for wishes in (["--match", "Name"], ["--roster", folder.parent / "roster.csv", "--match", "email"]):
        data = terminal("grade", folder, path, *wishes, "--json").data
        assert data["ledger"]["graded"] == 2 and scores(data)["1"] == "missing"
        assert scores(data)["2"] == scores(data)["3"]


@pytest.mark.parametrize(
    ("times", "latest"),
    [
        (["2026/11/21 9:59:00 AM GMT+1", "2026/11/21 10:01:00 AM GMT+1"], "second"),
        (["2026/11/21 10:01:00", "2026/11/21 9:59:00"], "first"),
        (["21.11.2026 10:01", "20.11.2026 10:01"], "first"),
        (["03/04/2026 10:01:00", "04/03/2026 9:00:00"], "second"),  # March or April? so the table's order counts
        (["soon", "later"], "second"),
    ],
)
def test_several_rows_are_several_attempts(terminal: Terminal, folder: Path, times: list[str], latest: str) -> None:
    rows = [("2", [times[0], "ben@x.org", "2"], True), ("2", [times[1], "ben@x.org", "2"], False)]
    path = table(folder, GOOGLE, *rows)
    marks = {}
    for which in ("latest", "first", "best"):
        data = terminal("grade", folder, path, "--attempts", which, "--json").data
        (ben,) = (student for student in data["students"] if student["id"] == "2")
        assert sorted(each["file"] for each in ben["attempts"]) == ["class.csv, line 2", "class.csv, line 3"]
        marks[which] = ben["score"]
    assert (
        marks["best"]
        == marks["latest" if latest == "second" else "first"]
        != marks["first" if latest == "second" else "latest"]
    )


def test_one_id_from_two_addresses_is_a_question(terminal: Terminal, folder: Path) -> None:
    rows = [("2", ["now", "ben@x.org", "2"], False), ("3", ["now", "cid@x.org", "2"], False)]
    data = terminal("grade", folder, table(folder, GOOGLE, *rows), "--json").data
    (ben,) = (student for student in data["students"] if student["id"] == "2")
    assert (ben["status"], ben["remark"]) == (
        "rejected",
        'two hand-ins, from "ben@x.org" and from "cid@x.org"; keep one',
    )


def test_nobody_is_dropped(terminal: Terminal, folder: Path) -> None:
    """A stranger, a row that doesn't fit, and a heading that was mistyped are all told of."""
    path = table(folder, ["Timestamp", "id"], ("2", ["now", "2"], False))
    text = path.read_text().rstrip("\r\n")
    fields = text.count(",") - text.splitlines()[0].count(",") - 1
    path.write_text(text + f"\nnow,3,0,5{',1' * fields}\nnow,zoe{',1' * fields}\nnow,zoe{',2' * fields}\n")
    heading, rest = path.read_text().split("\n", 1)
    mistyped = heading.replace("1:z1[1]", "1:z1[9]", 1)
    assert mistyped != heading
    path.write_text(mistyped + "\n" + rest)
    data = terminal("grade", folder, path, "--json").data
    assert data["ledger"] == {
        "roster": 3, "graded": 1, "missing": 1, "rejected": 1, "quarantined": 1, "strays": ["zoe"],
    }  # fmt: skip
    by_id = {student["id"]: student for student in data["students"]}
    assert by_id["3"]["remark"].startswith("class.csv, line 3: expected")
    assert [each["id"] for each in by_id["2"]["ignored"]] == ["1:z1[9]"]
    assert data["quarantined"][0]["files"] == ["class.csv, line 4", "class.csv, line 5"]


@pytest.mark.parametrize(
    ("heading", "wishes", "expected"),
    [
        (["Timestamp", "Email"], [], 'line 1: no column holds ids or names of the roster (looked at "Timestamp", "Em'),
        (["Timestamp", "id"], ["--match", "user"], 'line 1: no column "user" (found "Timestamp", "id", "1:'),
    ],
)
def test_refused(terminal: Terminal, folder: Path, heading: list[str], wishes: list[str], expected: str) -> None:
    path = table(folder, heading, ("2", ["now", "someone@x.org"], False))
    assert expected in terminal.refused("grade", folder, path, *wishes)


@settings(max_examples=60)
@given(st.lists(st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)), min_size=1, max_size=6))  # noqa: DTZ001
def test_times_keep_their_order(moments: list[datetime]) -> None:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %I:%M:%S %p GMT+1", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d %H:%M:%S"):
        found = times([moment.strftime(form) for moment in moments])
        assert found is not None
        told = [time.replace(tzinfo=None) for time in found if time is not None]
        assert told == [moment.replace(microsecond=0) for moment in moments]


def test_what_is_no_time() -> None:
    assert times(["2026/13/01 10:00", "2026/12/01 10:00"]) is None
    assert times(["3", "4"]) is None and times(["", ""]) is None
    assert times(["2026/11/01 25:00"]) is None
    assert addresses(["a@b", ""]) and not addresses(["anonymous", "a@b"]) and not addresses([""])


FIELDS = st.sampled_from(["1", "2", "3", "4", "Ada Lee", "ox, ben", "zoe", "a@b", "c@d", "2026/11/21 9:59", "", "0,5"])
HEADS = st.lists(
    st.sampled_from(["ID", "Email", "Name", "When", "1:z1[1]", "1:J", "2:f", "z1[9]", "x", ""]),
    min_size=2,
    max_size=5,
    unique=True,
)
ROWS = st.lists(st.lists(FIELDS, min_size=3, max_size=5), max_size=6)


@settings(max_examples=200, deadline=None)
@given(heads=HEADS, rows=ROWS, match=st.sampled_from(["", "ID"]))
def test_every_row_is_somebodys_or_set_aside(made: Path, heads: list[str], rows: list[list[str]], match: str) -> None:
    """Or the table is turned away as a whole, in one line."""
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    course, papers = of_set(made)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "class.csv"
        path.write_text(text.getvalue())
        found: HandIns | InputError
        try:
            found = hand_ins_of(course, papers, path, match=[match] if match else [])
        except InputError as error:
            found = error
    if isinstance(found, InputError):
        assert "\n" not in str(found) and str(found).startswith("class.csv")
        return
    told = [int(source.file.rpartition(" ")[2]) for sources in found.sources.values() for source in sources]
    aside = [int(file.rpartition(" ")[2]) for each in found.quarantined for file in each.files]
    assert len({*told, *aside}) == len(told) + len(aside)
    assert not set(found.sources) & set(found.contested)
    if not found.contested:
        answered = [at for at, row in enumerate(rows, start=2) if len(row) >= len(heads) and all(row)]
        assert {*answered} <= {*told, *aside}


@cache
def of_set(folder: Path) -> tuple[CourseSet, tuple[Paper, ...]]:
    course = read_set(folder)
    return course, papers_of(course.exercises)
