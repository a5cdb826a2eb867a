"""Gradescope: the autograder's two scripts run in a folder laid out as Gradescope does, against `gradsheet check`."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gradsheet.demo_class import HAND_INS, Sitting, sitting_of
from gradsheet.export.gradescope import LIBRARIES, autograder
from gradsheet.export.gradescope_marking import main, marked
from gradsheet.papers import by_cell, places_of, read_sheet
from tests.front_door import SECRET, SEVERAL, Terminal, as_csv, flawless, made_set

MODULES = {"pyyaml": "yaml"}

ROSTER = "id,name,email\nada,Ada Lovelace,ada@uni.example\nben,Ben,ben@uni.example\ncid,,cid@uni.example\n"
FINDING = '\n[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\nactivations = "sigmoid"\nmode = "find-the-mistake"\n'


@pytest.fixture(scope="module")
def class_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("class"), SEVERAL, ROSTER)


def laid_out(home: Path, data: bytes) -> Path:
    """``home`` as Gradescope has /autograder: the zip in source/, run_autograder copied from there."""
    (home / "submission").mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for entry in archive.infolist():
            archive.extract(entry, home / "source")
            (home / "source" / entry.filename).chmod(entry.external_attr >> 16)
    shutil.copy(home / "source" / "run_autograder", home / "run_autograder")
    return home


@pytest.fixture(scope="module")
def home(class_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An autograder that knows students by their addresses too."""
    made = autograder(class_set, "exam", "hint", class_set.parent / "roster.csv", ["email"])
    return laid_out(tmp_path_factory.mktemp("gradescope") / "autograder", made.data)


def handed_in(home: Path, files: Mapping[str, str | bytes], **user: object) -> Path:
    """The folder with this hand-in in it, and no other."""
    shutil.rmtree(home / "submission")
    (home / "submission").mkdir()
    for name, content in files.items():
        path = home / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    users = [{"email": "x@uni.example", "id": 1234, "name": "Nobody", **user}] if user else []
    told = {"id": 1, "created_at": "2026-11-01T10:00:00.000000-07:00", "users": users, "previous_submissions": []}
    (home / "submission_metadata.json").write_text(json.dumps(told), encoding="utf-8")
    return home


def slips(class_set: Path, student: str, how: str) -> str:
    """A hand-in with the demo's slips, as CSV or JSON."""
    exercises = read_sheet(class_set / "teacher" / "sheets" / f"{student}.toml")
    answers: dict[str, str] = {}
    for exercise in exercises:
        given = by_cell(exercise.program.shapes, exercise.given)
        sitting: Sitting = sitting_of(exercise.program, given, places_of(exercise), exercise.asked)
        work = sitting.work() if exercise.number == 2 else _answers(HAND_INS[how](sitting))
        answers |= {f"{exercise.number}:{cell}": text for cell, text in work.items()}
    return as_csv(answers)


def _answers(hand_in: tuple[str, str]) -> dict[str, str]:
    ending, text = hand_in
    if ending == ".json":
        return dict(json.loads(text)["answers"])
    rows = (row.rsplit(",", 1) for row in text.splitlines()[1:])
    return {cell.strip('"'): value for cell, value in rows}


def stand_ins(folder: Path) -> Path:
    """Wheels of the libraries that only point at those installed here: pip really runs, and needs no network."""
    folder.mkdir()
    for name in LIBRARIES:
        spec = find_spec(MODULES.get(name, name))
        assert spec is not None and spec.origin is not None
        release = version(name)
        info = f"{name}-{release}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{release}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}_elsewhere.pth", f"{Path(spec.origin).parents[1]}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


def call(folder: Path, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "GRADSHEET"))}
    result = subprocess.run(
        command, cwd=folder, env=environment | variables, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result


@pytest.mark.skipif(os.name == "nt", reason="Gradescope's images are Linux")
def test_both_scripts_in_a_clean_folder_give_the_score_of_check(
    terminal: Terminal, class_set: Path, home: Path, tmp_path: Path
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin_folder / "python3").chmod(0o755)
    wheels = stand_ins(tmp_path / "wheels")
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    ready = call(tmp_path, "bash", home / "source" / "setup.sh", PATH=f"{bin_folder}:{os.environ['PATH']}", **pip)
    assert ready.stdout.endswith("ready: 3 students, 28 marks\n"), ready.stdout
    answers = slips(class_set, "ben", "ben")
    handed_in(home, {"answers.csv": answers}, email="ben@uni.example")
    call(home, home / "run_autograder")
    found = json.loads((home / "results" / "results.json").read_text(encoding="utf-8"))
    assert found == marked(home)
    (tmp_path / "ben.csv").write_text(answers, encoding="utf-8")
    _same_as_check(terminal, class_set / "teacher" / "sheets" / "ben.toml", tmp_path / "ben.csv", found)
    # A defect, or an autograder that was spoilt, is no fault of the student's.
    (home / "source" / "policy.toml").rename(home / "source" / "elsewhere.toml")
    call(home, home / "run_autograder")
    (home / "source" / "elsewhere.toml").rename(home / "source" / "policy.toml")
    failed = json.loads((home / "results" / "results.json").read_text(encoding="utf-8"))
    assert "no fault of your hand-in" in failed["output"] and "score" not in failed and failed["tests"] == []


def _same_as_check(terminal: Terminal, sheet: Path, answers: Path, found: Mapping[str, Any]) -> None:
    checked = terminal("check", sheet, answers, "--json").data
    assert found["score"] == checked["score_number"] and found["extra_data"]["score"] == checked["score"]
    asked = [cell for cell in checked["cells"] if cell["asked"]]
    assert len(found["tests"]) == len(asked)
    for test, cell in zip(found["tests"], asked, strict=True):
        assert test["name"].split(" (")[0] == cell["id"]
        assert (test["score"], test["max_score"]) == (cell["marks_number"], float(cell["worth"]))
        whole = cell["marks"] == cell["worth"]  # a mistake made again costs nothing
        assert test["status"] == ("passed" if whole or cell["verdict"] in ("correct", "carried") else "failed")
    for one in checked["explanations"]:
        assert one["sentence"] in found["output"]


@pytest.mark.parametrize("how", sorted(HAND_INS))
def test_every_kind_of_slip_earns_what_check_gives(
    terminal: Terminal, class_set: Path, home: Path, tmp_path: Path, how: str
) -> None:
    answers = slips(class_set, "ada", how) if how != "dan" else as_csv({"1:z1[1]": "=1+1", "2:q": "x"})
    (tmp_path / "ada.csv").write_text(answers, encoding="utf-8")
    found = marked(handed_in(home, {"ada.csv": answers}, sid="ada"))
    _same_as_check(terminal, class_set / "teacher" / "sheets" / "ada.toml", tmp_path / "ada.csv", found)
    if how == "ben":
        assert any("follows rightly from an earlier slip" in test["output"] for test in found["tests"])


def test_the_shape_is_the_one_gradescope_reads(class_set: Path, home: Path) -> None:
    """Keys and kinds as its specification has them."""
    found = marked(handed_in(home, {"a.csv": slips(class_set, "ben", "chloe")}, name="Ben", email="other@x"))
    kinds = {
        "score": float,
        "output": str,
        "output_format": str,
        "visibility": str,
        "stdout_visibility": str,
        "tests": list,
        "extra_data": dict,
    }
    assert {name: type(value) for name, value in found.items()} == kinds
    assert found["stdout_visibility"] == "hidden"  # the instructor's alone
    each = {"name": str, "score": float, "max_score": float, "status": str, "output": str}
    for test in found["tests"]:
        assert each.items() <= {name: type(value) for name, value in test.items()}.items()
        assert test["status"] in ("passed", "failed") and test["visibility"] == "visible"
    assert found["score"] == sum(test["score"] for test in found["tests"])


@pytest.mark.parametrize(
    "user, words",
    [
        ({"name": "Zoe", "email": "zoe@uni.example", "sid": "77"}, "nobody on the roster"),
        ({}, "doesn't say whose this is"),
    ],
)
def test_nobody_on_the_roster_gets_no_score_at_all(
    class_set: Path, home: Path, user: dict[str, str], words: str
) -> None:
    found = marked(handed_in(home, {"a.csv": "z1[1],1\n"}, **user))
    assert words in found["output"] and "nothing is deducted" in found["output"]
    assert "score" not in found and found["tests"] == []


def test_a_group_or_a_spoilt_list_is_nobody(home: Path) -> None:
    told = home / "submission_metadata.json"
    told.write_text(json.dumps({"users": [{"sid": "ada"}, {"sid": "ben"}]}), encoding="utf-8")
    assert "handed in by 2 people" in marked(home)["output"]
    for text in ("{", "[]", '{"users": 3}', '{"users": [{"sid": {}}]}'):
        told.write_text(text, encoding="utf-8")
        assert "score" not in marked(home)


@pytest.mark.parametrize(
    "files, words",
    [
        ({}, "no file was handed in"),
        ({"a.csv": "z1[1],1\n", "b/b.json": "{}"}, '"a.csv" and "b/b.json"; keep one file'),
        ({"a.pdf": b"%PDF"}, "a PDF or picture is not read"),
        ({"a.json": "{"}, "this is not JSON"),
        ({"a.csv": b"\xff\xfe\x00"}, "a.csv"),
        ({"a.csv": ""}, "the file is empty"),
    ],
)
def test_what_cannot_be_read_is_0_with_the_reason(home: Path, files: dict[str, str | bytes], words: str) -> None:
    found = marked(handed_in(home, files, sid="ada"))
    assert words in found["output"] and found["score"] == 0
    assert len(found["tests"]) == 28 and all(test["score"] == 0 < test["max_score"] for test in found["tests"])


def test_what_fits_no_cell_is_told_and_a_pdf_beside_the_form_is_passed_over(class_set: Path, home: Path) -> None:
    answers = slips(class_set, "cid", "ada") + '"1:z9[1]",3\n'
    found = marked(handed_in(home, {"a.csv": answers, "scan.pdf": b"%PDF", ".DS_Store": b"x"}, sid="CID"))
    assert found["score"] == 28 and 'there is no cell "1:z9[1]"' in found["output"]


@pytest.mark.parametrize("reveal", ["verdict", "hint", "solution"])
def test_feedback_tells_as_much_as_it_may(class_set: Path, tmp_path: Path, reveal: Any) -> None:
    home = laid_out(tmp_path / "autograder", autograder(class_set, "strict", reveal).data)
    found = marked(handed_in(home, {"a.csv": slips(class_set, "ada", "chloe")}, sid="ada"))
    told = json.dumps(found)
    assert ("Expected: " in told) == (reveal == "solution")
    assert ("•" in found["output"]) == (reveal != "verdict")
    # The strict policy gives nothing for what is carried.
    assert found["score"] < marked_with(class_set, tmp_path / "exam", "exam")


def marked_with(class_set: Path, folder: Path, policy: str) -> float:
    home = laid_out(folder, autograder(class_set, policy, "hint").data)
    return float(marked(handed_in(home, {"a.csv": slips(class_set, "ada", "chloe")}, sid="ada"))["score"])


def test_the_zip_holds_the_numbers_of_its_roster_and_no_secret(class_set: Path) -> None:
    data = autograder(class_set, "exam", "hint").data
    assert data == autograder(class_set, "exam", "hint").data
    record = json.loads((class_set / "teacher" / "set.json").read_text(encoding="utf-8"))
    assert record["drawn_from"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        own = {name for name in archive.namelist() if not name.startswith("packages/")}
        for name in archive.namelist():
            content = archive.read(name)
            assert SECRET.encode() not in content and record["drawn_from"].encode() not in content, name
    assert {name for name in own if name.startswith("set/")} == {"set/teacher/set.json", "set/teacher/students.jsonl"}
    assert not any("__pycache__" in name for name in own)


def test_a_mistake_to_be_found_is_marked_too(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path / "class", FINDING.lstrip())
    terminal.capsys.readouterr()
    home = laid_out(tmp_path / "autograder", autograder(folder, "exam", "solution").data)
    found = marked(handed_in(home, {"a.csv": "first-wrong,z1[1]\nright-value,0.5\n"}, sid="ben"))
    (tmp_path / "ben.csv").write_text("first-wrong,z1[1]\nright-value,0.5\n", encoding="utf-8")
    checked = terminal("check", folder / "teacher" / "sheets" / "ben.toml", tmp_path / "ben.csv", "--json").data
    assert found["score"] == checked["score_number"] and len(found["tests"]) == 2
    assert "The mistake:" in found["output"]


def test_the_command_writes_it_for_its_owner_alone(terminal: Terminal, class_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "grader.zip"
    policy = tmp_path / "policy.toml"
    policy.write_text('preset = "practice"\nweights = { "f" = 3 }\n', encoding="utf-8")
    said = terminal("export", class_set, "--to", "gradescope", "--out", out, "--policy", policy)
    assert said.code == 0 and "3 students, 30 marks; no secret in it" in said.out
    assert out.stat().st_mode & 0o077 == 0
    assert main(["--ready", str(laid_out(tmp_path / "autograder", out.read_bytes()) / "source")]) == 0


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--variants", "2"), "leave it out"),
        (("--policy", "none-such"), "none-such"),
        (("--match", "email"), 'the set has no column "email"'),
    ],
)
def test_what_makes_no_autograder_is_refused(
    terminal: Terminal, class_set: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "x.zip"
    assert words in terminal.refused("export", class_set, "--to", "gradescope", "--out", out, *arguments)
    assert not out.exists()
    assert "no generated set here" in terminal.refused("export", "mazur", "--to", "gradescope", "--out", out)
    assert "is for gradescope" in terminal.refused("export", class_set, "--to", "moodle", "--reveal", "hint")


def test_a_flawless_student_has_everything(class_set: Path, home: Path) -> None:
    right = flawless(class_set / "teacher" / "sheets" / "ada.toml")
    found = marked(handed_in(home, {"a.csv": as_csv(right)}, name="Ada Lovelace"))
    assert found["score"] == 28 and all(test["status"] == "passed" for test in found["tests"])
