"""regrade: what a changed policy or a corrected exercise changes is told first, and kept when it is put in place."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from front_door import NETWORK, Terminal, as_csv, flawless, made_set, tree

from exercises.specification import parse_specification
from gradsheet import cli

CIRCUIT = (
    '\n[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * z"]\n'
    "given = { x = 2, y = 3 }\nask = ['q', 'f']\n"
)
LENIENT = 'carried = "1/2"\n'


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded set, made once and never changed."""
    folder = tmp_path_factory.mktemp("once")
    made = made_set(folder, NETWORK + CIRCUIT)
    inbox = folder / "in"
    inbox.mkdir()
    for name in ("ada", "ben"):
        answers = flawless(made / "teacher/sheets" / f"{name}.toml")
        if name == "ben":
            z = float(answers["2:f"]) / float(answers["2:q"])
            answers |= {"2:q": "6", "2:f": f"{6 * z:.6f}"}
        (inbox / f"{name}.csv").write_text(as_csv(answers))
    assert cli.main(["grade", str(made), str(inbox)]) == 0
    return folder


@pytest.fixture
def graded(once: Path, tmp_path: Path, terminal: Terminal) -> Path:
    """A set of two exercises: ada without a slip, ben with one in q that he carries on, cid without a hand-in."""
    terminal.capsys.readouterr()
    return Path(shutil.copytree(once, tmp_path / "class")) / "set"


def policy(graded: Path, text: str) -> list[str]:
    path = graded.parent / "policy.toml"
    path.write_text(text)
    return ["--policy", str(path)]


def audit(terminal: Terminal, graded: Path, *arguments: object) -> Any:
    return terminal("regrade", graded, graded.parent / "in", *arguments, "--json").data


def test_the_same_rules_change_nothing(graded: Path, terminal: Terminal) -> None:
    before = tree(graded)
    told = audit(terminal, graded, "--apply")
    assert (told["students"], told["changed"], told["applied"]) == (3, 0, False)
    assert "these already" in terminal("regrade", graded, graded.parent / "in", "--apply").out
    assert tree(graded) == before


def test_a_policy_is_audited_and_nothing_replaced_until_it_is_said(graded: Path, terminal: Terminal) -> None:
    before, lenient = tree(graded), policy(graded, LENIENT)
    told = audit(terminal, graded, *lenient)
    (ben,) = told["changes"]
    assert (told["up"], told["down"], told["applied"]) == (0, 1, False)
    assert told["rules"] == ['carried was "1", is "1/2"']
    assert (ben["id"], ben["difference"]) == ("ben", "-1/2")
    assert [(cell["id"], cell["old"], cell["new"], cell["why"]) for cell in ben["cells"]] == [
        ("2:f", "1", "1/2", "policy")
    ]
    shown = terminal("regrade", graded, graded.parent / "in", *lenient).out
    assert "2:f  1 → 0.5  carried as before, which earned 1 and earns 0.5" in shown
    assert "3 students: 0 up, 1 down" in shown and "add --apply" in shown
    assert tree(graded) == before


def test_applied_the_old_results_are_kept_beside_the_audit(graded: Path, terminal: Terminal) -> None:
    before = {name: data for name, data in tree(graded / "results").items() if not name.startswith(".")}
    lenient = policy(graded, LENIENT)
    outcome = terminal("regrade", graded, graded.parent / "in", *lenient, "--apply")
    assert outcome.code == 0 and str(graded / "results/audit-1.csv") in outcome.out
    assert tree(graded / "results/history/1") == before
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((graded / "results/audit-1.csv").read_text()))}
    assert (rows["ben"]["difference"], rows["ada"]["difference"], rows["cid"]["new status"]) == ("-0.5", "0", "missing")
    assert "carried as before" in rows["ben"]["why"] and rows["ada"]["why"] == ""
    kept = json.loads((graded / "results/audit-1.json").read_text())
    assert [student["id"] for student in kept["changes"]] == ["ben"]
    fresh = made_results(graded, terminal, *lenient)
    assert {name: (graded / "results" / name).read_bytes() for name in fresh} == fresh
    assert audit(terminal, graded, *lenient, "--apply")["applied"] is False
    back = audit(terminal, graded, "--apply")
    assert (back["up"], back["applied"]) == (1, True)
    assert (graded / "results/history/2/audit-1.csv").exists() is False
    assert (graded / "results/gradebook.csv").read_bytes() == before["gradebook.csv"]


def made_results(graded: Path, terminal: Terminal, *arguments: str) -> dict[str, bytes]:
    """The results that grade itself would write with these options."""
    other = Path(shutil.copytree(graded, graded.parent / "other"))
    shutil.rmtree(other / "results")
    assert terminal("grade", other, graded.parent / "in", *arguments).code == 0
    return {
        name: data for name, data in tree(other / "results").items() if name in ("gradebook.csv", "feedback/ben.md")
    }


def test_a_run_that_was_killed_is_done_again_under_its_number(
    graded: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient, before = policy(graded, LENIENT), (graded / "results/results.json").read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("gradsheet.renewal.change_places", killed)
        assert terminal("regrade", graded, graded.parent / "in", *lenient, "--apply").code == 130
    assert (graded / "results/results.json").read_bytes() == before
    assert audit(terminal, graded, *lenient, "--apply")["applied"] is True
    assert sorted(path.name for path in (graded / "results/history").iterdir()) == ["1"]
    assert (graded / "results/history/1/results.json").read_bytes() == before


def test_what_a_policy_no_longer_forgives_is_no_decision_of_the_teacher(tmp_path: Path, terminal: Terminal) -> None:
    made = made_set(tmp_path, NETWORK)
    text = (made / "teacher/sheets/ada.toml").read_text()
    (worked,) = parse_specification(text, "ada.toml").exercises
    answers = flawless(made / "teacher/sheets/ada.toml")
    rate = float(worked.given["learning_rate"].item())
    places = worked.precision.default.digits
    for cell in [cell for cell in answers if "_new" in cell]:  # up the slope, in both layers
        step = rate * float(answers["dJ/d" + cell.replace("_new", "")])
        answers[cell] = f"{float(answers[cell]) + 2 * step:.{places}f}"
    (tmp_path / "in").mkdir()
    (tmp_path / "in/ada.csv").write_text(as_csv(answers))
    assert terminal("grade", made, tmp_path / "in").code == 0
    (ada,) = audit(terminal, made, *policy(made, 'repeat = "each"'))["changes"]
    assert {cell["why"] for cell in ada["cells"]} == {"policy"}


def test_every_cause_is_named_and_the_full_mark_told(graded: Path, terminal: Terminal) -> None:
    """ben's f falls from 1 to 0 since nothing carries any more, not since it weighs 2; ada's total is rounded."""
    stern = policy(graded, 'carried = 0\ntotal = { step = "1/2" }\n[weights]\nf = 2\nz = "1/5"\n')
    full = {"old": "24", "new": "113/5"}
    told = audit(terminal, graded, *stern)
    assert told["out_of"] == full and (told["up"], told["down"]) == (0, 2)
    changes = {one["id"]: one for one in told["changes"]}
    (f,) = (cell for cell in changes["ben"]["cells"] if cell["id"] == "2:f")
    assert (f["old"], f["new"], f["why"], f["causes"]) == ("1", "0", "policy", ["policy", "worth"])
    assert f["said"] == "carried as before, which earned 1 and earns 0, and the cell was worth 1, is worth 2"
    assert (changes["ada"]["old_out_of"], changes["ada"]["new_out_of"]) == (full["old"], full["new"])
    assert changes["ada"]["why"].endswith("; lateness or rounding of the total")
    place = graded.parent / "audit.csv"
    shown = terminal("regrade", graded, graded.parent / "in", *stern, "--audit", place).out
    assert "ada  Ada  24 of 24 → 22.5 of 22.6 (100 % → 99.6 %)" in shown
    assert "    1:z1[1], 1:z1[2], 1:z2[1]  1 → 0.2 each  the cell was worth 1, is worth 0.2" in shown
    assert "out of: the full mark was 24, is 22.6; up and down are told by percent" in shown
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(place.read_text()))}
    ben, cid = rows["ben"], rows["cid"]
    assert (ben["old out of"], ben["new out of"], ben["old percent"]) == ("24", "22.6", "95.8")
    assert (cid["old out of"], cid["new percent"], cid["why"]) == ("", "", "")


def test_other_reasons_are_told_apart(graded: Path, terminal: Terminal) -> None:
    weighed = audit(terminal, graded, *policy(graded, "[weights]\nf = 0\n"))
    assert {cell["why"] for student in weighed["changes"] for cell in student["cells"]} == {"worth"}
    (graded / "overrides.csv").write_text("student,cell,marks,reason\nben,2:q,1,misprint\n")
    (ben,) = audit(terminal, graded)["changes"]
    assert [(cell["id"], cell["why"]) for cell in ben["cells"]] == [("2:q", "decided")]
    (graded / "overrides.csv").unlink()
    (graded.parent / "in/cid.csv").write_text("id,value\n2:q,5\n")
    text = (graded.parent / "in/ada.csv").read_text().replace('"2:q",5', '"2:q",7')
    (graded.parent / "in/ada.csv").write_text(text)
    told = {student["id"]: student for student in audit(terminal, graded)["changes"]}
    assert told["cid"]["why"] == "was missing, is graded"
    assert told["ada"]["cells"][0]["said"].startswith('handed in was "5')
    late = graded.parent / "late.csv"
    late.write_text("student,days\nben,2\n")
    lately = audit(terminal, graded, "--late", late, *policy(graded, '[late]\nper_day = "1/10"\n'))
    assert {one["id"]: one["why"] for one in lately["changes"]}["ben"] == "lateness or rounding of the total"


def test_a_forgotten_option_shows(graded: Path, terminal: Terminal) -> None:
    assert terminal("grade", graded, graded.parent / "in", "--decimals", "2", "--attempts", "best").code == 0
    shown = terminal("regrade", graded, graded.parent / "in").out
    assert "rules: tolerance was decimals 2, is rounding by hand" in shown
    assert "rules: attempts was best, is latest" in shown


def test_without_feedback_none_is_made(graded: Path, terminal: Terminal) -> None:
    arguments = [*policy(graded, LENIENT), "--feedback", "none", "--apply"]
    assert terminal("regrade", graded, graded.parent / "in", *arguments).code == 0
    assert not (graded / "results/feedback/ben.md").exists()
    assert (graded / "results/history/1/feedback/ben.md").exists()


def test_the_audit_as_a_file_of_ones_own(graded: Path, terminal: Terminal) -> None:
    place = graded.parent / "audit.csv"
    before = tree(graded)
    terminal("regrade", graded, graded.parent / "in", *policy(graded, LENIENT), "--audit", place)
    assert place.read_text().startswith("id,name,old status") and "carried as before" in place.read_text()
    assert tree(graded) == before


def test_a_corrected_exercise(graded: Path, terminal: Terminal) -> None:
    """The product should have been a quotient, and x was 4: numbers drawn stay, keys and marks change."""
    sheet = graded.parent / "corrected.toml"
    sheet.write_text(
        (graded.parent / "sheet.toml").read_text().replace("q * z", "q / z").replace("x = 2, y", "x = 4, y")
    )
    before, students = tree(graded / "teacher"), tree(graded / "students")
    told = {student["id"]: student for student in audit(terminal, graded, "--corrected", sheet)["changes"]}
    assert told["ada"]["difference"] == "-2"
    assert {cell["id"]: cell["why"] for cell in told["ada"]["cells"]} == {"2:q": "key", "2:f": "key"}
    assert tree(graded / "teacher") == before
    assert terminal("regrade", graded, graded.parent / "in", "--corrected", sheet, "--apply").code == 0
    assert tree(graded / "teacher/history/1") == before
    assert tree(graded / "students") == students
    right = flawless(graded / "teacher/sheets/ada.toml")
    assert right["2:q"].startswith("7")
    assert f"| {right['2:f']} |" in (graded / "teacher/keys/ada.md").read_text()
    (graded.parent / "in/ada.csv").write_text(as_csv(right))
    assert terminal("grade", graded, graded.parent / "in", "--json").data["students"][0]["score"] == "24"
    kinds = {one["where"].split("/")[0] for one in json.loads(terminal("verify", graded, "--json").out)["findings"]}
    assert kinds == {"students"}  # what students have in hand says otherwise, and verify says so


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ('title = "Week 1"', 'title = "Week 2"', 'write name = "week-1"'),
        ("[2, 2, 1]", "[2, 3, 1]", "isn't on the students' sheets in this shape"),
        ("q * z", "q * z * k", "k isn't on the students' sheets"),
        (CIRCUIT, "", "expected 2 exercises as in the set, found 1"),
    ],
)
def test_what_is_no_correction_is_refused(graded: Path, terminal: Terminal, old: str, new: str, complaint: str) -> None:
    sheet = graded.parent / "corrected.toml"
    sheet.write_text((graded.parent / "sheet.toml").read_text().replace(old, new))
    assert complaint in terminal.refused("regrade", graded, graded.parent / "in", "--corrected", sheet)


def test_what_is_not_graded_or_damaged_is_refused(tmp_path: Path, terminal: Terminal) -> None:
    made = made_set(tmp_path, NETWORK)
    terminal.capsys.readouterr()
    (tmp_path / "in").mkdir()
    assert "not graded yet" in terminal.refused("regrade", made, tmp_path / "in")
    (made / "results").mkdir()
    (made / "results/results.json").write_text('{"students": 3}')
    assert "grade it again" in terminal.refused("regrade", made, tmp_path / "in")
