"""The course that comes along: twelve sheets that grow harder, each of them on two pages, and the command for them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from front_door import Terminal
from pypdf import PdfReader

from exercises.difficulty import effort
from exercises.errors import InputError
from exercises.lessons import course_file, course_files
from exercises.specification import read_specification
from exercises.variants import Variant, draw, practice_seed
from gradsheet.curriculum import rows
from gradsheet.sources import source_of
from templates.pdf import Layout, Script, key_pdf, sheet_pdf
from templates.render import Header

SHEETS = tuple(course_files())
ADDITIONS_A_MINUTE = 12
HEADER = Header(
    "A title of usual length", "Neural networks", "2026-11-22", "", "Ada Lovelace", "course-01-ada", "ada.csv"
)


@cache
def drawn(name: str) -> tuple[Variant, ...]:
    return tuple(draw(each, practice_seed(name, each.number)) for each in read_specification(name).exercises)


def pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def test_twelve_sheets_each_harder_than_the_one_before() -> None:
    course = rows()
    assert [row["name"] for row in course] == [f"course/{number:02}" for number in range(1, 13)]
    assert all(before["difficulty"] < after["difficulty"] for before, after in pairwise(course))
    assert all(before["minutes"] <= after["minutes"] for before, after in pairwise(course))
    assert course[0]["families"] == ["circuit"] and course[-1]["families"] == ["attention"]


def test_a_sheet_builds_on_earlier_ones_only_and_all_but_the_first_on_some() -> None:
    names = [row["name"] for row in rows()]
    for place, row in enumerate(rows()):
        assert set(row["needs"]) <= set(names[:place])
        assert bool(row["needs"]) == (place > 0)
        assert row["goal"] and not row["goal"].endswith(".")


@pytest.mark.parametrize("name", SHEETS)
def test_no_sheet_is_longer_than_two_pages_and_no_key_in_matrices_longer_than_four(name: str) -> None:
    exercises = tuple(variant.exercise for variant in drawn(name))
    in_matrices = tuple(replace(each, detail="matrix") for each in exercises)
    assert pages(sheet_pdf([Script(HEADER, exercises)], Layout())) <= 2
    assert pages(key_pdf([Script(HEADER, in_matrices)], Layout())) <= 4


@pytest.mark.parametrize("name", SHEETS)
def test_numbers_meet_every_condition(name: str) -> None:
    assert all(variant.notes == () for variant in drawn(name))


@pytest.mark.parametrize("name", ["course/03", "course/3", "course/03-two-units-in-a-row"])
def test_a_sheet_has_its_number_and_words_as_name(name: str) -> None:
    specification, text = source_of(name)
    assert specification.title == "Two sigmoid units in a row"
    assert text == course_files()["course/03"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["course/13", "course/0", "course", "course/", "course/../published/mazur", "Course/03"]
)
def test_other_names_are_no_sheets(name: str) -> None:
    assert course_file(name) is None
    with pytest.raises(InputError):
        read_specification(name)


def test_the_weighted_count_is_the_time_in_additions() -> None:
    exercise = drawn(SHEETS[0])[0].exercise
    work = effort(exercise.program, exercise.asked)
    assert 0 <= work.minutes * ADDITIONS_A_MINUTE - work.weighted < ADDITIONS_A_MINUTE


def test_the_table(terminal: Terminal) -> None:
    run = terminal("course")
    assert run.code == 0
    for row in rows():
        assert row["name"] in run.out and row["title"] in run.out and str(row["difficulty"]) in run.out
    assert terminal("course", "--list").out.split() == list(SHEETS)


def test_as_data(terminal: Terminal) -> None:
    assert json.loads(terminal("course", "--json").out)["course"] == rows()


def test_written_out_to_be_edited(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert terminal("course", "--out", folder).code == 0
    assert sorted(path.name for path in folder.iterdir()) == [path.name for path in course_files().values()]
    for name, path in course_files().items():
        own = folder / path.name
        assert own.read_bytes() == path.read_bytes()
        assert read_specification(own).title == read_specification(name).title
    assert "this folder" in terminal.refused("course", "--out", folder)


def test_names_alone_take_no_other_wish(terminal: Terminal) -> None:
    assert "--list" in terminal.refused("course", "--list", "--json")
