"""Lines put together by columns are those that a student's row makes, whatever a class hands in."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from front_door import SEVERAL, flawless, made_set

from grader.gradebook import gradebook_lines
from grader.policy import EXAM, PRACTICE, STRICT, Policy
from grader.rounding import ByDistance, Tolerance
from gradsheet.class_lines import Lines, plain_places
from gradsheet.class_marking import Rules, marked_part, sitting
from gradsheet.class_rows import asked, full_marks, student_json
from gradsheet.course_set import CourseSet, read_set

NAMES = ["Ada", 'Zoë "Z", Ü', "=1+1", "", "Eve", "Fay", "Gus", "Hal"]
CHANGES: list[dict[str, object]] = [
    {},
    {"1:z1[1]": "9", "2:q": "1,5"},
    {"1:z1[1]": "½", "2:f": '"\\x', "zz": "1"},
    {"1:dJ/dW1[1,1]": "1e400", "1:J": " 3 ", "2:u7": 5},
    {"1:z1[1]": "", "2:q": "-"},
    {"1:dJ/dz2[1]": "0.5", "1:dJ/da2[1]": "-0", "2:df/dq": "7", "2:df/dx": "7"},
]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseSet:
    quoted = (name.replace('"', '""') for name in NAMES)
    roster = "id,name\n" + "".join(f's{number},"{name}"\n' for number, name in enumerate(quoted))
    return read_set(made_set(tmp_path_factory.mktemp("class"), SEVERAL, roster))


@pytest.fixture
def hand_ins(course: CourseSet, tmp_path: Path) -> Path:
    for number, change in enumerate(CHANGES):
        right = flawless(course.folder / f"teacher/sheets/s{number}.toml")
        (tmp_path / f"s{number}.json").write_text(json.dumps({"answers": right | change}))
    wrong = {name: str(-float(value)) for name, value in flawless(course.folder / "teacher/sheets/s6.toml").items()}
    (tmp_path / "s6.json").write_text(json.dumps({"answers": wrong}))
    return tmp_path


WEIGHED = replace(PRACTICE, weights={"z1": Fraction(1, 3), "J": Fraction(0)}, carried=Fraction(2, 7))


@pytest.mark.parametrize("policy", [EXAM, STRICT, PRACTICE, WEIGHED])
@pytest.mark.parametrize("tolerance", [None, ByDistance(0.1)])
def test_columns_say_what_rows_say(
    course: CourseSet, hand_ins: Path, policy: Policy, tolerance: Tolerance | None
) -> None:
    desk = sitting(course, hand_ins, Rules(tolerance, policy))
    (part,) = desk.parts()
    marked = marked_part(part, desk.papers)
    places, whole = plain_places(marked), marked.whole()
    assert places == list(range(len(CHANGES) + 1))
    plain = Lines(marked, places)
    rows = [whole.rows[place] for place in places]
    assert len({row.score for row in rows}) > 2 and any(script.explanations for row in rows for script in row.scripts)
    assert list(plain.results()) == [msgspec.json.encode(student_json(whole, row)) for row in rows]
    assert "".join(plain.gradebook()) == gradebook_lines(rows, full_marks(marked), asked(marked))


def test_what_has_something_of_its_own_is_left_to_rows(course: CourseSet, hand_ins: Path, tmp_path: Path) -> None:
    (tmp_path / "late").write_text("student,days\ns1,2\n")
    (hand_ins / "s2.json").write_text("{")
    desk = sitting(course, hand_ins, Rules(late=tmp_path / "late"))
    (part,) = desk.parts()
    assert plain_places(marked_part(part, desk.papers)) == [0, 3, 4, 5, 6]
