"""Order of files, number of parts and of processes: none of it changes a byte; and the quick reader reads the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from front_door import SEVERAL, as_csv, flawless, made_set, tree
from hypothesis import given, settings
from hypothesis import strategies as some
from inboxes import zipped

from grader.resolution import Resolved, resolve
from grader.submissions import Rejected, read_submission
from grader.uniform import Uniform
from gradsheet import class_parts
from gradsheet.class_marking import sitting
from gradsheet.class_summary import Graded
from gradsheet.course_set import CourseSet, read_set
from gradsheet.papers import papers_of
from gradsheet.results_folder import grade_to_folder

STUDENTS = 12


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseSet:
    roster = "id,name\n" + "".join(f"s{number:02},Name {number}\n" for number in range(STUDENTS))
    return read_set(made_set(tmp_path_factory.mktemp("class"), SEVERAL, roster))


@pytest.fixture(scope="module")
def hand_ins(course: CourseSet) -> dict[str, bytes]:
    files: dict[str, bytes] = {"nobody.csv": b"1:J,1", "s00.pdf": b"", "s01.json": b"{"}
    for number in range(2, STUDENTS - 1):
        answers = flawless(course.folder / f"teacher/sheets/s{number:02}.toml")
        answers |= {list(answers)[number]: "9"} if number % 3 else {}
        text = as_csv(answers) if number % 2 else json.dumps({"answers": answers})
        files[f"s{number:02}.{'csv' if number % 2 else 'json'}"] = text.encode()
    return files


def graded(course: CourseSet, files: dict[str, bytes], folder: Path, jobs: int = 1) -> tuple[dict[str, bytes], Graded]:
    place = folder / "class.zip"
    place.write_bytes(zipped(files))
    told = grade_to_folder(sitting(course, place), jobs=jobs)
    return tree(course.folder / "results"), told


def test_nothing_of_how_it_is_done_changes_a_byte(
    course: CourseSet, hand_ins: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, first = graded(course, hand_ins, tmp_path)
    assert first.changed
    assert (first.ledger.graded, first.ledger.missing, first.ledger.rejected, first.ledger.quarantined) == (9, 1, 2, 1)
    shuffled = list(hand_ins.items())
    random.Random(7).shuffle(shuffled)
    again, second = graded(course, dict(shuffled), tmp_path)
    assert again == results and not second.changed
    monkeypatch.setattr(class_parts, "WITH_FEEDBACK", 5)
    again, third = graded(course, dict(shuffled[::-1]), tmp_path)
    assert again == results and not third.changed
    again, fourth = graded(course, hand_ins, tmp_path, jobs=2)
    assert again == results and not fourth.changed


TEXTS = some.sampled_from(["0.1", "-3", "1e5", "", " 1", "x", "½", "1,2", '"', "\\u0031", "\\n", "-", "0.10"])
IDS = some.sampled_from(["1:z1[1]", "1:z1[2]", "1: z1[1]", "2:q", "2:f", "q", "1:J", "zz", "`2:q`", "x", "W1", ""])


def ordinary(course: CourseSet, data: bytes) -> Resolved | str:
    try:
        return resolve(read_submission("ann.json", data), papers_of(course.exercises))
    except Rejected as trouble:
        return trouble.code


@settings(deadline=None)
@given(pairs=some.lists(some.tuples(IDS, TEXTS), max_size=6), beside=some.sampled_from(["", ', "name": "x"']))
def test_what_is_read_in_one_go_is_as_the_ordinary_readers_read_it(
    course: CourseSet, pairs: list[tuple[str, str]], beside: str
) -> None:
    inside = ", ".join(f'"{name}": "{text}"' for name, text in pairs)
    data = f'{{"answers": {{{inside}}}{beside}}}'.encode()
    quick = Uniform(papers_of(course.exercises)).resolved(data)
    assert quick is None or quick == ordinary(course, data)


def test_what_the_form_asks_is_read_in_one_go(course: CourseSet, hand_ins: dict[str, bytes]) -> None:
    found = Uniform(papers_of(course.exercises)).resolved(hand_ins["s02.json"])
    assert found is not None and found == ordinary(course, hand_ins["s02.json"])


@pytest.mark.parametrize(
    "data",
    [
        b'{"answers": {"2:q": "1", "2:q": "1"}}', b'{"answers": {"2:q": 1}}', b'{"answers": {"2:q": "1 "}}',
        b'{"answers": {"2:q": "-"}}', b'{"answers": {"2:q": "1", "q": "2"}}', b"\xff", b"",
        b'{"answers": {"nothing": "1"}}', b'{"answers": {}}', b'{"answers": {"2:q": "' + b"1" * 20_000 + b'"}}',
    ],
)  # fmt: skip
def test_what_is_peculiar_is_left_to_the_ordinary_readers(course: CourseSet, data: bytes) -> None:
    assert Uniform(papers_of(course.exercises)).resolved(data) is None
