"""`gradsheet grade`: every student of the roster is accounted for, whatever the class hands in."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from front_door import NETWORK, SEVERAL, Terminal, as_csv, flawless, made_set, names, tree

from grader.submissions.archive import LARGEST_FILE
from gradsheet import class_parts

posix = pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")

ROSTER = 'id,name\nAda,Ada\nben,"=1+1|<script>`x`"\ncid,@cid\ndan,\neva,Eva\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("class"), SEVERAL, ROSTER)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A set of one's own, not graded yet."""
    return Path(shutil.copytree(made, tmp_path / "set"))


def answers(folder: Path, student: str) -> dict[str, str]:
    return flawless(folder / "teacher" / "sheets" / f"{student}.toml")


def laid_out(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / "handins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "handins"


def book(folder: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO((folder / "results/gradebook.csv").read_text(encoding="utf-8")))
    return {row["id"]: row for row in rows}


def by_student(data: Any) -> dict[str, Any]:
    return {student["id"]: student for student in data["students"]}


# --- nobody is lost ---


def test_huge_numbers_cost_who_wrote_them_alone(terminal: Terminal, folder: Path) -> None:
    right = answers(folder, "Ada")
    everywhere = dict.fromkeys(right, "1e15")
    files = {"Ada.csv": as_csv(right), "ben.csv": as_csv(everywhere), "cid.csv": as_csv({"1:a1[1]": "1234567890"})}
    assert terminal("grade", folder, laid_out(folder, files)).code == 0
    rows = book(folder)
    assert [rows[name]["status"] for name in ("Ada", "ben", "cid")] == ["graded"] * 3
    assert rows["Ada"]["score"] == str(len(right))


def test_one_bad_hand_in_costs_one_student_and_the_ledger_adds_up(
    terminal: Terminal, folder: Path, tmp_path: Path
) -> None:
    files = {
        "ada.csv": as_csv(answers(folder, "Ada")),  # Ada on the roster
        "ben.csv": as_csv(answers(folder, "ben")),
        "ben.json": "{}",
        "cid.csv": "id,value\n1:z1[1],0.5\n1:z1[1],0.6\n",
        "dan.pdf": b"a scan",
        "zoe.csv": "id,value\n1:z1[1],0.5\n",
        "\x1b[31mx.csv": "id,value\n1:z1[1],0.5\n",
    }
    data = terminal("grade", folder, laid_out(tmp_path, files), "--json").data
    assert data["ledger"] == {
        "roster": 5, "graded": 1, "missing": 1, "rejected": 3, "quarantined": 2, "strays": ["zoe", "\ufffd[31mx"],
    }  # fmt: skip
    status = {name: (student["status"], student["remark"]) for name, student in by_student(data).items()}
    assert status["Ada"] == ("graded", "") and status["eva"] == ("missing", "")
    assert status["ben"] == ("rejected", '"ben.csv" and "ben.json"; keep one file for each student')
    assert status["cid"][1].startswith("cid.csv, line 2 and line 3: two different answers")
    assert status["dan"][1].startswith("dan.pdf: a PDF or picture is not read; type the numbers")
    assert [row["status"] for row in book(folder).values()] == [student["status"] for student in data["students"]]
    assert names(folder / "results" / "feedback") == ["Ada.md"]
    said = terminal("grade", folder, tmp_path / "handins")
    assert "5 students: 1 graded, 1 missing, 3 rejected; 2 not on the roster" in said.out
    assert "not on the roster, so not marked: zoe, \ufffd[31mx" in said.out and "\x1b" not in said.out


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40, b'{"answers": ', b"0" * (LARGEST_FILE + 1)])
def test_a_file_that_cannot_be_read_costs_one_student(
    content: bytes, terminal: Terminal, folder: Path, tmp_path: Path
) -> None:
    files = {"Ada.csv": as_csv(answers(folder, "Ada")).encode(), "ben.json": content}
    data = terminal("grade", folder, laid_out(tmp_path, files), "--json").data
    assert (data["ledger"]["graded"], data["ledger"]["rejected"]) == (1, 1)
    assert by_student(data)["Ada"]["score"] == by_student(data)["Ada"]["out_of"]


def test_ids_differ_in_case_only_and_files_in_place(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    files = {"late/ADA.csv": as_csv(answers(folder, "Ada")), "Ben.csv": as_csv(answers(folder, "ben"))}
    data = terminal("grade", folder, laid_out(tmp_path, files), "--json").data
    assert {name for name, student in by_student(data).items() if student["status"] == "graded"} == {"Ada", "ben"}


def test_two_hand_ins_under_two_spellings_of_one_id(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    files = {"ADA.csv": as_csv(answers(folder, "Ada")), "ada.csv": as_csv(answers(folder, "Ada"))}
    if os.path.exists(laid_out(tmp_path, {"A": ""}) / "a"):
        pytest.skip("this file system can't tell ADA from ada")
    (tmp_path / "handins/A").unlink()
    data = terminal("grade", folder, laid_out(tmp_path, files), "--json").data
    student = by_student(data)["Ada"]
    assert (student["status"], student["remark"]) == ("rejected", 'two hand-ins, as "ADA" and as "ada"; keep one')


def test_nothing_handed_in_at_all(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert terminal("grade", folder, tmp_path / "empty", "--json").data["ledger"] == {
        "roster": 5, "graded": 0, "missing": 5, "rejected": 0, "quarantined": 0, "strays": [],
    }  # fmt: skip
    assert {row["status"] for row in book(folder).values()} == {"missing"}


# --- the same marks however they come ---


def test_files_archive_and_table_earn_the_same(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    work = {student: answers(folder, student) for student in ("Ada", "ben", "cid")}
    work["ben"]["1:z1[1]"] = "7"
    del work["cid"]["2:f"]
    columns = list(work["Ada"])
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Timestamp of nothing: student", *columns, "Comment"])
    for student in ("cid", "Ada", "ben"):
        writer.writerow([student, *(work[student].get(name, "") for name in columns), "thanks"])
    writer.writerow(["eva", *[""] * (len(columns) + 1)])  # form tools list those who never answered, too
    (tmp_path / "class.csv").write_text(table.getvalue())
    files = laid_out(tmp_path, {f"{student}.csv": as_csv(of_one) for student, of_one in work.items()})
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for path in sorted(files.iterdir(), reverse=True):
            archive.write(path, f"download/{path.name}")
    seen = [terminal("grade", folder, place, "--json").data for place in (files, tmp_path / "class.zip")]
    assert seen[0] == seen[1]
    of_table = terminal("grade", folder, tmp_path / "class.csv", "--json").data
    assert of_table["ledger"] == seen[0]["ledger"]
    for student in of_table["students"]:
        assert not student.pop("ignored", [])
        like = by_student(seen[0])[student["id"]]
        like.pop("ignored", None)
        assert student == like


def test_a_bad_row_of_a_table_costs_one_student(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("student,2:q,2:f\nAda,1,2\nben,1\ncid,1,2\ndan,1,2\n")
    data = terminal("grade", folder, tmp_path / "class.csv", "--json").data
    remarks = {name: student["remark"] for name, student in by_student(data).items()}
    assert data["ledger"] == {"roster": 5, "graded": 3, "missing": 1, "rejected": 1, "quarantined": 0, "strays": []}
    assert remarks["ben"].startswith("class.csv, line 3: expected 3, found 2 columns")


def test_a_table_of_one_hand_in_is_no_class(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ada.csv").write_text(as_csv(answers(folder, "Ada")))
    line = terminal.refused("grade", folder, tmp_path / "ada.csv")
    assert 'a column a cell, such as 1:z1[1]; found the columns "id", "value"' in line and "go in a folder" in line
    assert not (folder / "results").exists()


def test_grading_again_changes_nothing_and_the_order_of_files_neither(
    terminal: Terminal, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{student}.csv": as_csv(answers(folder, student)) for student in ("Ada", "ben", "cid")}
    place = laid_out(tmp_path, {**files, "x.csv": "J,1", "b.csv": "J,1"})
    assert terminal("grade", folder, place).code == 0
    before = tree(folder)
    walk = os.walk

    def backwards(top: Path, **wishes: Any) -> Any:
        return ((where, folders, sorted(found, reverse=True)) for where, folders, found in walk(top, **wishes))

    monkeypatch.setattr(os, "walk", backwards)
    assert terminal("grade", folder, place).code == 0
    assert tree(folder) == before


def test_marks_agree_everywhere(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    slipped = answers(folder, "ben") | {"1:z1[2]": "9", "2:q": ""}
    place = laid_out(tmp_path, {"ben.csv": as_csv(slipped)})
    (student,) = (one for one in terminal("grade", folder, place, "--json").data["students"] if one["id"] == "ben")
    row = book(folder)["ben"]
    one = terminal("check", folder / "teacher/sheets/ben.toml", place / "ben.csv", "--json").data
    assert {key: student[key] for key in one} == one
    assert Fraction(one["score"]) == Fraction(row["score"]) == Fraction(row["exercise 1"]) + Fraction(row["exercise 2"])
    assert row["out of"] == one["out_of"]
    marked = {cell["id"]: cell["marks"] for cell in one["cells"]}
    assert {name: row[name] for name in marked} == marked
    assert int(row["wrong"]) == sum(cell["verdict"] == "wrong" for cell in one["cells"]) > 0
    saved = json.loads((folder / "results/results.json").read_text(encoding="utf-8"))
    assert by_student(saved)["ben"] == student
    head = (folder / "results/feedback/ben.md").read_text(encoding="utf-8").splitlines()[2]
    assert head.endswith(f"**{one['score']} of {one['out_of']} marks**")


def test_a_teachers_tolerance_holds_for_the_class(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    rough = {name: f"{float(text):.1f}" for name, text in answers(folder, "ben").items()}
    place = laid_out(tmp_path, {"ben.csv": as_csv(rough)})
    strict, lenient = (
        by_student(terminal("grade", folder, place, "--json", "--dry-run", *options).data)["ben"]["score_number"]
        for options in ([], ["--atol", "0.06"])
    )
    assert strict < lenient


# --- what is written ---


def test_a_dry_run_writes_nothing(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    place = laid_out(tmp_path, {"ben.csv": as_csv(answers(folder, "ben"))})
    before = tree(folder)
    assert "gradebook" not in terminal("grade", folder, place, "--dry-run").out
    assert tree(folder) == before


@posix
def test_results_are_private(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    terminal("grade", folder, laid_out(tmp_path, {"ben.csv": as_csv(answers(folder, "ben"))}))
    terminal("grade", folder, tmp_path / "handins")
    assert stat.S_IMODE((folder / "results").stat().st_mode) == 0o700


def test_results_that_cannot_be_written_leave_the_old_ones(
    terminal: Terminal, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = laid_out(tmp_path, {"ben.csv": as_csv(answers(folder, "ben"))})
    terminal("grade", folder, place)
    before = tree(folder)
    (place / "Ada.csv").write_text(as_csv(answers(folder, "Ada")))

    def fails(*_: object) -> str:
        raise OSError(28, "No space left on device", "gradebook.csv")

    monkeypatch.setattr(class_parts, "gradebook_lines", fails)
    assert "the disk is full" in terminal.refused("grade", folder, place)
    assert tree(folder) == before


def test_a_spreadsheet_works_nothing_out(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    terminal("grade", folder, laid_out(tmp_path, {"ben.csv": "=cmd|x,1\n", "cid.csv": '"=1+1",2\n"2:q",1\n"2:q",2\n'}))
    rows = book(folder)
    assert (rows["ben"]["name"], rows["cid"]["name"]) == ("'=1+1|<script>`x`", "'@cid")
    for row in csv.reader(io.StringIO((folder / "results/gradebook.csv").read_text(encoding="utf-8"))):
        assert [field for field in row if field.startswith(("=", "+", "-", "@", "\t"))] == []


def test_feedback_is_text_whatever_is_written(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    hand_in = {"1:z1[1]": "a|b`c`<script>", "2:q": "![x](http://y)", "`2:zz`|<b>": "**1**", "2:f": "9" * 500}
    terminal("grade", folder, laid_out(tmp_path, {"ben.json": json.dumps({"answers": hand_in})}))
    text = (folder / "results/feedback/ben.md").read_text(encoding="utf-8")
    assert "=1+1\\|\\<script\\>\\`x\\`" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {7}
    (row,) = (line for line in rows if "`1:z1[1]`" in line)
    assert "``a∣b`c`<script>``" in row  # inline code, its backticks inside
    assert 'there is no cell "\\`2:zz\\`\\|\\<b\\>"' in text
    assert "<script>" not in text.replace("``a∣b`c`<script>``", "")
    assert max(map(len, text.splitlines())) < 400


def test_feedback_in_the_sheets_notation(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, NETWORK.replace('"numbered"', '"code"'), "id\nada\n")
    terminal("grade", folder, laid_out(tmp_path, {"ada.csv": as_csv(answers(folder, "ada"))}))
    text = (folder / "results/feedback/ada.md").read_text(encoding="utf-8")
    assert "| ✓ correct | `prediction` | `a2[1]` |" in text and "$" not in text
    assert "sheet `week-1-1-ada`" in text
