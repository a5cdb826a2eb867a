"""What a teacher decides at the front door: policies, appeals, lateness; and how a student reads of it."""

from __future__ import annotations

import csv
import io
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, as_csv, flawless, made_set


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("class"), NETWORK, "id,name\nann,Ann\nben,Ben\n")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A set with two hand-ins: Ann's is right, Ben's has its first number wrong and goes on from the right one."""
    folder = Path(shutil.copytree(made, tmp_path / "set"))
    (tmp_path / "handins").mkdir()
    for student in ("ann", "ben"):
        answers = flawless(folder / "teacher" / "sheets" / f"{student}.toml")
        if student == "ben":
            answers["z1[1]"] = "9"
        (tmp_path / "handins" / f"{student}.csv").write_text(as_csv(answers), encoding="utf-8")
    return folder


def scores(folder: Path) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO((folder / "results/gradebook.csv").read_text(encoding="utf-8")))
    return {row["id"]: row["score"] for row in rows}


def graded(terminal: Terminal, folder: Path, *options: object) -> dict[str, str]:
    outcome = terminal("grade", folder, folder.parent / "handins", *options)
    assert (outcome.code, outcome.err) == (0, "")
    return scores(folder)


def full(folder: Path, terminal: Terminal) -> int:
    return int(graded(terminal, folder)["ann"])


def test_weights_make_the_full_mark(folder: Path, terminal: Terminal, tmp_path: Path) -> None:
    plain = full(folder, terminal)
    policy = tmp_path / "policy.toml"
    policy.write_text('weights = { "z1" = 3, J = "1/2" }\n', encoding="utf-8")
    assert graded(terminal, folder, "--policy", policy) == {"ann": f"{plain + 3.5}", "ben": f"{plain + 0.5}"}


def test_an_appeal_survives_a_second_grading_and_shows(folder: Path, terminal: Terminal) -> None:
    plain = full(folder, terminal)
    (folder / "overrides.csv").write_text("student,cell,marks,reason\nBEN,net_h1,1/2,typing error\n", encoding="utf-8")
    for _ in range(2):
        assert graded(terminal, folder) == {"ann": str(plain), "ben": f"{plain - 0.5}"}
    feedback = (folder / "results/feedback/ben.md").read_text(encoding="utf-8")
    assert "Decided by your teacher: typing error" in feedback


def test_lateness_and_rounding_are_accounted_for(folder: Path, terminal: Terminal, tmp_path: Path) -> None:
    plain = full(folder, terminal)
    policy, late = tmp_path / "policy.toml", tmp_path / "late.csv"
    policy.write_text('late = { per_day = "1/10" }\ntotal = { step = 1, towards = "up" }\n', encoding="utf-8")
    late.write_text("student,days\nann,2\n", encoding="utf-8")
    kept = -(-Fraction(plain * 8, 10) // 1)
    assert graded(terminal, folder, "--policy", policy, "--late", late) == {"ann": str(kept), "ben": str(plain - 1)}
    feedback = (folder / "results/feedback/ann.md").read_text(encoding="utf-8")
    assert f"The cells below earn {plain} marks." in feedback and "2 days late, of which 80 % are left" in feedback
    assert "marks." not in (folder / "results/feedback/ben.md").read_text(encoding="utf-8").split("|")[0]


def test_check_takes_a_policy_too(folder: Path, terminal: Terminal) -> None:
    sheet, answers = folder / "teacher/sheets/ben.toml", folder.parent / "handins/ben.csv"
    by = {policy: terminal("check", sheet, answers, "--json", "--policy", policy).data for policy in ("exam", "strict")}
    assert by["exam"]["score"] == str(int(by["exam"]["out_of"]) - 1)
    assert Fraction(by["strict"]["score"]) <= Fraction(by["exam"]["score"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("student,cell,marks\n", 'overrides.csv, line 1: no column "reason" (found student, cell, marks)'),
        ("", 'overrides.csv, line 1: no column "student" (found nothing)'),
        ("student,cell,marks,reason\nann,z1[1],-1,x\n", "line 2: expected marks from 0 on, found -1"),
        ("student,cell,marks,reason\nann,z1[1],much,x\n", "line 2: expected a number such as"),
        ("student,cell,marks,reason\nanne,z1[1],1,x\n", 'line 2: unknown student "anne"; did you mean "ann"?'),
        ("student,cell,marks,reason\nann,z7[1],1,x\n", 'line 2: unknown asked cell "z7[1]"'),
        ("student,cell,marks,reason\nann,J,1,x\nann,J,2,y\n", "line 3: ann and J stand in line 2 already"),
        ('student,cell,marks,reason\nann,J,1,"x\n', "this is no CSV"),
    ],
)
def test_a_decision_that_is_none_stops_before_anything_is_written(
    folder: Path, terminal: Terminal, table: str, expected: str
) -> None:
    (folder / "overrides.csv").write_text(table, encoding="utf-8")
    assert expected in terminal.refused("grade", folder, folder.parent / "handins")
    assert not (folder / "results").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--policy", "exams"], 'unknown preset "exams"; did you mean "exam"?'),
        (["--policy", "nowhere.toml"], "nowhere.toml: no such file or folder"),
        (["--late", "nowhere.csv"], "nowhere.csv: no such file or folder"),
    ],
)
def test_policies_that_are_none(folder: Path, terminal: Terminal, options: list[str], expected: str) -> None:
    assert expected in terminal.refused("grade", folder, folder.parent / "handins", *options)


def test_how_much_feedback_tells(folder: Path, terminal: Terminal) -> None:
    """Ben's first number should be what its line gives with the numbers of his own sheet."""
    key = flawless(folder / "teacher" / "sheets" / "ben.toml")["z1[1]"].lstrip("-")
    told = {}
    for reveal in ("verdict", "hint", "solution"):
        graded(terminal, folder, "--reveal", reveal, "--format", "md,html")
        told[reveal] = {
            ending: (folder / f"results/feedback/ben.{ending}").read_text(encoding="utf-8") for ending in ("md", "html")
        }
    worked = "The first line that went wrong, with your own numbers before it."
    for ending in ("md", "html"):
        assert [worked in told[reveal][ending] for reveal in told] == [False, False, True]
        assert [key in told[reveal][ending] for reveal in told] == [False, False, True]
    assert "wrong" in told["verdict"]["md"]


def test_the_line_that_went_wrong_is_worked_with_the_students_own_numbers(
    folder: Path, terminal: Terminal, tmp_path: Path
) -> None:
    """The loss is far off; what it should have been is worked with the prediction that Ann wrote, right as it is."""
    answers = flawless(folder / "teacher" / "sheets" / "ann.toml")
    hand_ins = tmp_path / "wrong"
    hand_ins.mkdir()
    (hand_ins / "ann.csv").write_text(as_csv(answers | {"J": "7"}), encoding="utf-8")
    assert terminal("grade", folder, hand_ins).code == 0
    told = (folder / "results/feedback/ann.md").read_text(encoding="utf-8").split("went wrong")[1]
    assert answers["a2[1]"] in told and answers["J"] in told
