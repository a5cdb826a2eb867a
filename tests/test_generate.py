"""`gradsheet generate`: what students may see holds no key, and a class's sheets appear whole or not at all."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from front_door import NETWORK, SECRET, SEVERAL, Terminal, flawless, made_set, names, tree, values, with_secret

from exercises.specification import Exercise
from gradsheet import cli, generation, shards
from gradsheet.papers import read_sheet

posix = pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
STUDENTS = ("ada", "ben", "cid")


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("several"), SEVERAL)


def sheet(folder: Path, student: str) -> tuple[Exercise, ...]:
    return read_sheet(folder / "teacher" / "sheets" / f"{student}.toml")


def numbers(folder: Path, student: str) -> list[dict[str, list[float]]]:
    return [{name: array.ravel().tolist() for name, array in one.given.items()} for one in sheet(folder, student)]


# --- what there is ---


def test_the_files_of_a_set(several: Path) -> None:
    assert names(several) == ["students", "teacher"]
    sheets = [f"{student}{end}" for student in STUDENTS for end in ("-1.svg", "-2.svg", ".csv", ".md")]
    assert names(several / "students") == sheets
    assert names(several / "teacher") == ["keys", "notes.md", "set.json", "sheets", "students.jsonl"]
    assert names(several / "teacher" / "keys") == [name for name in sheets if not name.endswith(".csv")]
    assert names(several / "teacher" / "sheets") == [f"{student}.toml" for student in STUDENTS]
    assert [path for path in tree(several) if "gradsheet-" in path] == []


@posix
def test_only_the_teacher_looks_into_the_teachers_folder(several: Path) -> None:
    assert stat.S_IMODE((several / "teacher").stat().st_mode) == 0o700
    assert stat.S_IMODE((several / "students").stat().st_mode) != 0o700


def test_students_have_numbers_of_their_own(several: Path) -> None:
    drawn = [numbers(several, student) for student in STUDENTS]
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


def test_a_sheet_says_whose_it_is_and_what_is_given(several: Path) -> None:
    for student, name in (("ada", "Ada"), ("ben", "Ben"), ("cid", "cid")):
        text = (several / "students" / f"{student}.md").read_text(encoding="utf-8")
        assert f"**{name}** · sheet `week-1-1-{student}`" in text
        for exercise in numbers(several, student):
            for value in (value for array in exercise.values() for value in array):
                assert re.search(rf"(?<![\d.]){re.escape(f'{value:g}')}(?![\d])", text), (student, value)


@pytest.mark.parametrize("student", STUDENTS)
def test_nothing_that_students_see_gives_an_answer_away(several: Path, student: str) -> None:
    hidden = set(flawless(several / "teacher/sheets" / f"{student}.toml").values())
    given: set[float] = set()
    for exercise in sheet(several, student):
        given |= {float(value) for array in exercise.given.values() for value in array.ravel()}
        worked = values(exercise)
        hidden |= {f"{worked[cell]:.6f}"[:-1] for cell in exercise.asked}
    hidden = {text.lstrip("-") for text in hidden if float(text) not in given and -float(text) not in given}
    assert len(hidden) > 30
    for path, content in tree(several / "students").items():
        text = content.decode()
        found = {number for number in hidden if re.search(rf"(?<![\d.]){re.escape(number)}", text)}
        if path.startswith(student):
            assert found == set(), path
        for word in ("teacher", SECRET, bytes.fromhex(SECRET).hex(), "seed", "set.json", "drawn_from", "key"):
            assert word not in text, (path, word)
        others = [name for name in STUDENTS if name not in path and re.search(rf"\b{name}\b", text.lower())]
        assert others == [], path


def test_the_record_keeps_no_secret(several: Path) -> None:
    for path, content in tree(several).items():
        assert SECRET.encode() not in content, path
        assert bytes.fromhex(SECRET) not in content, path
        assert str(several.parent).encode() not in content, path  # nor where it was made


# --- who gets what ---


def test_count_makes_numbered_students(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "sheet.toml").write_text(NETWORK)
    secret = with_secret(tmp_path)
    made = terminal(
        "generate", tmp_path / "sheet.toml", "--count", 2, "--out", tmp_path / "set", "--secret", secret, "--json"
    )
    assert made.data == {
        "folder": str(tmp_path / "set"), "name": "week-1", "attempt": 1, "students": 2, "written": True,
    }  # fmt: skip
    assert names(tmp_path / "set/students") == [
        f"{student}.{end}" for student in ("001", "002") for end in ("csv", "md", "svg")
    ]


def test_another_attempt_has_other_numbers_in_a_folder_of_its_own(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with_secret(tmp_path)
    Path("sheet.toml").write_text(NETWORK)
    for attempt in (1, 2):
        assert terminal("generate", "sheet.toml", "--count", 1, "--attempt", attempt).code == 0
    assert names(Path("output")) == ["week-1", "week-1-2"]
    first, second = (Path("output") / name for name in names(Path("output")))
    assert numbers(first, "001") != numbers(second, "001")
    assert "sheet `week-1-2-001`" in (second / "students/001.md").read_text(encoding="utf-8")


def test_a_late_student_changes_nobodys_sheet(tmp_path: Path) -> None:
    before = made_set(tmp_path / "before", SEVERAL)
    late = made_set(tmp_path / "after", SEVERAL, "id,name\nzoe,Zoë\ncid,\nada,Ada\nben,Ben\n")
    old, new = tree(before), tree(late)
    for path in old:
        if Path(path).name not in ("set.json", "students.jsonl", "notes.md"):
            assert new[path] == old[path], path
    assert len(flawless(late / "teacher/sheets/zoe.toml")) == len(flawless(late / "teacher/sheets/ada.toml"))
    places = [
        re.search("^decimals = (.*)$", new[f"teacher/sheets/{name}.toml"].decode(), re.M) for name in ("zoe", "ada")
    ]
    assert places[0] and places[1] and places[0][1] == places[1][1]


def test_a_second_run_changes_nothing(several: Path, tmp_path: Path) -> None:
    again = made_set(tmp_path, SEVERAL)
    assert tree(again) == tree(several)
    made_set(tmp_path, SEVERAL)
    assert tree(again) == tree(several)


def test_a_set_may_be_made_again_after_the_text_has_changed(tmp_path: Path) -> None:
    folder = made_set(tmp_path, SEVERAL)
    drawn = numbers(folder, "ada")
    (folder / "my notes.txt").write_text("stays")
    made_set(tmp_path, SEVERAL.replace('title = "Week 1"', 'title = "Week 1"\ncourse = "Spring"'))
    assert "Spring" in (folder / "students/ada.md").read_text(encoding="utf-8")
    assert numbers(folder, "ada") == drawn
    assert (folder / "my notes.txt").read_text() == "stays"


# --- what is refused, and leaves nothing ---


def test_another_set_in_the_folder_is_never_overwritten(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, NETWORK)
    terminal.capsys.readouterr()
    before = tree(tmp_path)
    (tmp_path / "other.toml").write_text(NETWORK.replace("Week 1", "Week 2"))
    (tmp_path / "strange").mkdir()
    strange = with_secret(tmp_path / "strange", "ab" * 32)
    usual = tmp_path / "gradsheet.secret"
    for options, said in [
        (["other.toml", usual], 'the set "week-1", attempt 1, is here'),
        (["sheet.toml", usual, "--attempt", "2"], 'the set "week-1", attempt 1, is here'),
        (["sheet.toml", strange], "drawn from another course secret"),
    ]:
        name, secret, *more = options
        for dry in ([], ["--dry-run"]):
            line = terminal.refused(
                "generate", tmp_path / str(name), "--count", 1, "--out", folder, "--secret", secret, *more, *dry
            )
            assert line.startswith(f"{folder}: ") and said in line and "name another folder with --out" in line
    assert {path: content for path, content in tree(tmp_path).items() if path in before} == before


def test_a_graded_set_keeps_its_exercises_and_its_students(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, NETWORK)
    roster, secret = tmp_path / "roster.csv", tmp_path / "gradsheet.secret"
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("".join(roster.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    (tmp_path / "other.toml").write_text(NETWORK.replace("[2, 2, 1]", "[2, 3, 1]"))
    (tmp_path / "in").mkdir()
    assert terminal("grade", folder, tmp_path / "in").code == 0
    before = tree(folder)
    for sheet, students, said in [
        ("sheet.toml", fewer, "1 of its students"),
        ("other.toml", roster, "graded with other exercises"),
    ]:
        order = ("generate", tmp_path / sheet, "--students", students, "--out", folder, "--secret", secret)
        line = terminal.refused(*order)
        assert "this set has been graded" in line and said in line and "name another folder with --out" in line
    assert tree(folder) == before
    with roster.open("a", encoding="utf-8") as more:
        more.write("late,Late Comer\n")
    late = ("generate", tmp_path / "sheet.toml", "--students", roster, "--out", folder, "--secret", secret)
    assert terminal(*late).code == 0 and (folder / "students/late.md").is_file()


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_foreign_folder_is_refused(terminal: Terminal, tmp_path: Path, dry: list[str]) -> None:
    (tmp_path / "sheet.toml").write_text(NETWORK)
    secret = with_secret(tmp_path)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.md").write_text("years of work")
    place = tmp_path / "thesis"
    line = terminal.refused("generate", tmp_path / "sheet.toml", "--count", 1, "--out", place, "--secret", secret, *dry)
    assert line.startswith(f"{place}: this folder has files in it that gradsheet didn't make")
    assert tree(place) == {"chapter.md": b"years of work"}


@pytest.mark.parametrize("json", [False, True])
def test_a_dry_run_writes_nothing(terminal: Terminal, tmp_path: Path, json: bool) -> None:
    (tmp_path / "sheet.toml").write_text(SEVERAL)
    arguments = ["generate", tmp_path / "sheet.toml", "--count", 30, "--secret", with_secret(tmp_path), "--dry-run"]
    before = tree(tmp_path)
    outcome = terminal(*arguments, "--out", tmp_path / "set", *(["--json"] if json else []))
    assert tree(tmp_path) == before
    if json:
        assert (outcome.data["students"], outcome.data["written"]) == (30, False)
        assert [one["family"] for one in outcome.data["exercises"]] == ["mlp", "circuit"]
        assert all(
            one["operations"] > 0 and one["minutes"] > 0 and one["asked"] > 0 for one in outcome.data["exercises"]
        )
    else:
        assert (
            "30 sheets" in outcome.out
            and "exercise 2 (circuit)" in outcome.out
            and "Nothing was written" in outcome.out
        )


def test_a_rendering_that_fails_midway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render, made = shards.key_files, []

    def fails_at_the_third(*arguments: Any, **wishes: Any) -> dict[str, str]:
        made.append(arguments)
        if len(made) == 3:
            raise ZeroDivisionError
        return render(*arguments, **wishes)

    monkeypatch.setattr(shards, "key_files", fails_at_the_third)
    with pytest.raises(ZeroDivisionError):
        made_set(tmp_path, NETWORK)
    assert names(tmp_path) == ["gradsheet.secret", "roster.csv", "sheet.toml"]


def test_a_rendering_that_fails_midway_leaves_the_set_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_set(tmp_path, NETWORK)
    before = tree(folder)

    def fails(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(generation, "render_notes", fails)
    secret = tmp_path / "gradsheet.secret"
    command = ["generate", tmp_path / "sheet.toml", "--count", 9, "--out", folder, "--secret", secret]
    assert cli.main([str(word) for word in command]) == 130
    assert tree(folder) == before and names(folder) == ["students", "teacher"]


def test_a_teacher_is_told_when_all_sheets_are_alike(terminal: Terminal, tmp_path: Path) -> None:
    secret = with_secret(tmp_path)
    outcome = terminal("generate", "cs231n-mul", "--count", 1, "--out", tmp_path / "set", "--secret", secret)
    assert "everybody gets the same" in outcome.out
    assert "everybody gets the same" in terminal(
        "generate", "cs231n-mul", "--count", 1, "--out", tmp_path / "new", "--secret", secret, "--dry-run"
    ).out  # fmt: skip


def test_options_that_would_be_ignored_are_refused(terminal: Terminal) -> None:
    line = terminal.refused("generate", "mazur", "--count", 1, "--id-column", "x")
    assert "--id-column and --name-column tell of a roster" in line


def test_what_a_teacher_writes_stays_text(tmp_path: Path) -> None:
    text = NETWORK.replace('title = "Week 1"', 'title = "{{ 7 * 7 }} | <b>`x`"\nnote = "$x$ *now*"')
    folder = made_set(tmp_path, text, 'id,name\nada,"=1+1|<script>`{{ 1 }}`"\n')
    sheet = (folder / "students/ada.md").read_text(encoding="utf-8")
    assert sheet.startswith("# \\{\\{ 7 \\* 7 \\}\\} \\| \\<b\\>\\`x\\`\n")
    assert "=1+1\\|\\<script\\>\\`\\{\\{ 1 \\}\\}\\`" in sheet
    assert "\\$x\\$ \\*now\\*" in sheet
