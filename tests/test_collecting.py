"""Downloads of learning platforms: whose each hand-in is, which one counts, and what is set aside; never a guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, as_csv, flawless, made_set
from hypothesis import given
from hypothesis import strategies as some
from inboxes import zipped

from exercises.errors import InputError
from grader.collecting import Inbox, People, Reader, collect, listing
from grader.collecting.people import Doubt, squeezed
from grader.collecting.shape import Claim
from grader.gradebook import Ledger, LostHandIn
from grader.submissions import Rejected

ROSTER = People(
    ["ada", "ben", "cid", "dan", "dan2", "eva"],
    ["Ada Lovelace", "Ben Çelik", "Cid van der Berg", "Dan Doe", "Dan Doe", "Éva O'Hara-Nagy"],
    [["ada@x.org", "", "cid@x.org", "dan@x.org", "dan2@x.org", ""], ["11", "12", "13", "14", "15", ""]],
)
NAMED = People(ROSTER.ids, ROSTER.names)

MOODLE = {
    "Ada Lovelace_901_assignsubmission_file_/answers.csv": b"J,1",
    "Ada Lovelace_901_assignsubmission_file_/scan.pdf": b"%PDF",
    "Ben Çelik_902_assignsubmission_onlinetext_/onlinetext.html": b"<p>J, 2</p><p>z1[1] ,0.5</p>",
    "Cid van der Berg_903_assignsubmission_file_answers.csv": b"J,3",
    "Cid van der Berg_903_assignsubmission_onlinetext_/onlinetext.html": b"<p>see the file</p>",
    "Dan Doe_904_assignsubmission_file_/answers.csv": b"J,4",
    "Zoe Doe_905_assignsubmission_file_/answers.csv": b"J,5",
    "__MACOSX/Eva.csv": b"x",
    "Thumbs.db": b"x",
    "~$answers.csv": b"x",
}

CANVAS = {
    "lovelaceada_11_501_answers.csv": b"J,1",
    "lovelaceada_11_502_answers-1.csv": b"J,11",
    "celikben_LATE_12_503_answers.csv": b"J,2",
    "vanderbergcid_13_504_scan.pdf": b"%PDF",
    "vanderbergcid_LATE_13_text.html": b"<table><tr><td>J</td><td>3</td></tr></table>",
    "doedan_15_505_answers.csv": b"J,4",
    "oharanagyeva_16_506_my answers.csv": b"J,6",
}

SCOPE = {
    "assignment_1_export/submission_metadata.yml": b"""\
---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
    :email: ada@x.org
  :created_at: 2026-01-02 10:00:00 Z
  :score: 1.0
submission_2:
  :submitters:
  - :name: B. Celik
    :sid: ''
    :email: ben@x.org
  - :name: Cid van der Berg
    :sid: cid
    :email: cid@x.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-01-03 10:00:00 Z
    time: *1
  :lateness: '26:03:10'
submission_3:
  :submitters:
  - :name: Dan Doe
    :sid: dan2
    :email: dan2@x.org
  :created_at: 2026-01-04 10:00:00 Z
submission_4:
  :submitters:
  - :name: Dan Doe
    :sid: dan2
    :email: dan2@x.org
  :created_at: 2026-01-03 10:00:00 Z
""",
    "assignment_1_export/submission_1/answers.csv": b"J,1",
    "assignment_1_export/submission_2/work/answers.json": b'{"answers": {"J": 2}}',
    "assignment_1_export/submission_3/answers.csv": b"J,42",
    "assignment_1_export/submission_4/answers.csv": b"J,41",
}

FOLDERS = {
    "spring/ada/answers.csv": b"J,1",
    "spring/Ben Çelik/answers.csv": b"J,2",
    "spring/cid.zip": zipped({"cid/answers.csv": b"J,3", "cid/__MACOSX/._x.csv": b""}),
    "spring/dan/dan2.csv": b"J,4",
    "spring/readme.txt": b"",
}


def taken(files: dict[str, bytes], people: People, folder: Path, *, as_zip: bool = True) -> Inbox:
    place = folder / "class.zip"
    if as_zip:
        place.write_bytes(zipped(files))
    else:
        place = folder / "class"
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
    return collect(place, people)


def read(found: Inbox, people: People = ROSTER) -> dict[str, str]:
    """What each student's last hand-in says of J, or why it can't be read."""
    said = {}
    with Reader() as reader:
        for place, hand_in in found.hand_ins.items():
            try:
                answers = hand_in.attempts[-1].read(reader).answers
                said[people.ids[place]] = next(each.text for each in answers if each.id_text == "J")
            except Rejected as trouble:
                said[people.ids[place]] = trouble.code
    return said


def aside(found: Inbox) -> dict[str, str]:
    return {each.owner: each.code for each in found.quarantined}


CASES = {
    # files, roster, layout, what each has answered, what is set aside
    "moodle": (
        MOODLE, NAMED, "moodle", {"ada": "1", "ben": "2", "cid": "3"},
        {"Dan Doe (904)": "several-students", "Zoe Doe (905)": "not-on-roster"},
    ),
    "canvas by name": (
        CANVAS, NAMED, "canvas", {"ada": "11", "ben": "2", "cid": "3", "eva": "6"},
        {"doedan (15)": "several-students"},
    ),
    "canvas by number": (
        CANVAS, ROSTER, "canvas", {"ada": "11", "ben": "2", "cid": "3", "dan2": "4", "eva": "6"}, {},
    ),
    "gradescope": (
        SCOPE, NAMED, "gradescope", {"ada": "1", "cid": "2", "dan2": "42"}, {"B. Celik (ben@x.org)": "not-on-roster"},
    ),
    "folders": (
        FOLDERS, NAMED, "plain", {"ada": "1", "ben": "2", "cid": "3"},
        {"dan2": "several-students", "readme": "not-on-roster"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_whose_is_what(name: str, as_zip: bool, tmp_path: Path) -> None:
    files, people, layout, answers, strays = CASES[name]
    if name == "folders":  # "answers" is what all files are called, hence nobody
        assert people.find(Claim("answers", ("answers",))) == Doubt("not-on-roster")
    found = taken(files, people, tmp_path, as_zip=as_zip)
    assert (found.layout, read(found)) == (layout, answers)
    assert aside(found) == strays
    assert found.found == len(found.hand_ins) + len(strays)


def test_lateness_and_attempts_are_known(tmp_path: Path) -> None:
    found = taken(CANVAS, ROSTER, tmp_path)
    assert [(each.file, each.late) for each in found.hand_ins[0].attempts] == [
        ("lovelaceada_11_501_answers.csv", ""),
        ("lovelaceada_11_502_answers-1.csv", ""),
    ]
    assert found.hand_ins[1].attempts[0].late == "late"
    found = taken(SCOPE, ROSTER, tmp_path)
    assert found.hand_ins[2].attempts[0].late == "26:03:10"
    assert [each.file[-24:] for each in found.hand_ins[4].attempts] == [
        "submission_4/answers.csv",
        "submission_3/answers.csv",
    ]


def test_two_people_of_one_name_when_the_roster_has_one(tmp_path: Path) -> None:
    files = {f"Ada Lovelace_{number}_assignsubmission_file_/a.csv": b"J,1" for number in (1, 2)}
    found = taken(files, NAMED, tmp_path)
    assert not found.hand_ins and not found.contested
    assert aside(found) == {"Ada Lovelace (1)": "several-owners", "Ada Lovelace (2)": "several-owners"}
    assert found.quarantined[0].candidates == (0,) and "2 people of this name" in found.quarantined[0].reason


def test_a_platforms_number_is_nobodys_id(tmp_path: Path) -> None:
    people = People(["11", "12"], ["Ada Lovelace", "Ben Celik"])
    found = taken({"unknownx_11_5_a.csv": b"J,1", "celikben_11_6_a.csv": b"J,2"}, people, tmp_path)
    assert read(found, people) == {"12": "2"} and aside(found) == {"unknownx (11)": "not-on-roster"}


@pytest.mark.parametrize(
    "name, known",
    [
        ("Lovelace, Ada", 0), ("ADA  LOVELACE", 0), ("lovelaceada", 0), ("Celik Ben", 1), ("vanderbergcid", 2),
        ("Van der Berg Cid", 2), ("Berg van der", None), ("Ada", None), ("Dan Doe", None), ("", None), ("…", None),
        ("E\u0301va O’Hara Nagy", 5),
    ],
)  # fmt: skip
def test_names_as_platforms_write_them(name: str, known: int | None) -> None:
    found = NAMED.find(Claim("x", (), (name,)))
    assert (found if isinstance(found, int) else None) == known


@given(some.text(max_size=12))
def test_a_name_squeezed_holds_letters_and_digits_alone(name: str) -> None:
    assert squeezed(squeezed(name)) == squeezed(name)
    assert all(char.isalnum() for char in squeezed(name))


def test_a_layout_is_taken_by_most_files_or_by_wish(tmp_path: Path) -> None:
    files = {"ada.csv": b"J,1", "ben.csv": b"J,2", "lovelaceada_11_501_answers.csv": b"J,3"}
    found = taken(files, ROSTER, tmp_path)
    assert (found.layout, read(found)) == ("plain", {"ada": "1", "ben": "2"})
    with pytest.raises(InputError, match='unknown layout "moodel"; did you mean "moodle"'):
        collect(tmp_path / "class.zip", ROSTER, layout="moodel")
    assert collect(tmp_path / "class.zip", ROSTER, layout="canvas").layout == "canvas"


def test_more_than_all_hand_ins_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LARGEST_UNPACKED", 5)
    taken({"ada.csv": b"J,1"}, ROSTER, tmp_path)
    with pytest.raises(Rejected, match="unpacks to more than 0 GB") as caught:
        taken({"ada.csv": b"J,1", "ben.csv": b"J,1"}, ROSTER, tmp_path)
    assert caught.value.code == "too-much"
    monkeypatch.setattr(listing, "MOST_FILES", 1)
    with pytest.raises(Rejected, match="more than 1 files"):
        taken({"ada.csv": b"", "ben.csv": b""}, ROSTER, tmp_path, as_zip=False)


def test_one_hand_in_cannot_use_up_the_budget_of_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LARGEST_HAND_IN", 1_000)
    found = taken({"ada.zip": zipped({"a.csv": b"0" * 2_000}), "ben.csv": b"J,2"}, ROSTER, tmp_path)
    assert read(found) == {"ada": "too-large", "ben": "2"}


def test_a_ledger_that_does_not_add_up_is_a_defect_that_shows() -> None:
    ledger = Ledger(roster=3, graded=1, missing=1, rejected=0, strays=("x",), quarantined=1)
    with pytest.raises(
        LostHandIn, match=r"1 graded \+ 1 missing \+ 0 rejected \+ 1 quarantined = 3 on the roster \+ 1"
    ):
        ledger.reconciled()


# --- from the download to the gradebook ---


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(
        tmp_path_factory.mktemp("class"),
        NETWORK,
        "id,name\nada,Ada Lovelace\nben,Ben Celik\ncid,\n",
    )


def test_attempts_latest_best_first(made: Path, terminal: Terminal, tmp_path: Path) -> None:
    right = flawless(made / "teacher/sheets/ada.toml")
    poor = as_csv(right | {"z1[1]": "9", "J": "9"}).encode()
    files = {
        "lovelaceada_1_1_a.csv": poor,
        "lovelaceada_1_2_a-1.csv": as_csv(right).encode(),
        "lovelaceada_LATE_1_3_a-2.csv": as_csv(right | {"J": "9"}).encode(),
        "celikben_2_4_a.csv": b"",
        "celikben_2_5_a-1.csv": b"id,value\nJ,1\n",
    }
    (tmp_path / "class.zip").write_bytes(zipped(files))
    counted = {}
    for policy in ("latest", "best", "first"):
        data = terminal("grade", made, tmp_path / "class.zip", "--json", "--dry-run", "--attempts", policy).data
        ada, ben, _ = data["students"]
        (at,) = (number for number, each in enumerate(ada["attempts"]) if each["counts"])
        counted[policy] = (at, ada["score"] == ada["out_of"], ada.get("told_late"), ben["status"])
        assert [each["file"] for each in ada["attempts"]] == sorted(files)[2:4] + sorted(files)[4:]
    assert counted == {
        "latest": (2, False, "late", "graded"),
        "best": (1, True, None, "graded"),
        "first": (0, False, None, "rejected"),
    }


def test_by_a_column_of_the_roster(made: Path, terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(
        zipped({"x_71_1_a.csv": b"J,1", "y_72_2_a.csv": b"J,1", "z_73_3_a.csv": b"J,1"})
    )
    (tmp_path / "roster.csv").write_text("id,Canvas ID\nada,71\nben,72\ncid,72\n")
    ways = ["--roster", tmp_path / "roster.csv", "--match", "canvas id"]
    data = terminal("grade", made, tmp_path / "class.zip", "--json", "--dry-run", *ways).data
    assert [student["status"] for student in data["students"]] == ["graded", "missing", "missing"]
    assert data["students"][1]["remark"].startswith('perhaps the hand-in of "y (72)", which was set aside: 2 students')
    assert {each["owner"]: each["code"] for each in data["quarantined"]} == {
        "y (72)": "several-students", "z (73)": "not-on-roster",
    }  # fmt: skip
    assert data["ledger"] == {
        "roster": 3, "graded": 1, "missing": 2, "rejected": 0, "quarantined": 2, "strays": ["y (72)", "z (73)"],
    }  # fmt: skip
    assert 'no column "mail"' in terminal.refused("grade", made, tmp_path / "class.zip", *ways[:2], "--match", "mail")
    assert "name the roster that has it" in terminal.refused("grade", made, tmp_path / "class.zip", "--match", "mail")


def test_who_is_set_aside_is_written_down(made: Path, terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(zipped({"=x_71_1_a.csv": b"J,1", "lovelaceada_LATE_2_2_a.csv": b"J,1"}))
    said = terminal("grade", made, tmp_path / "class.zip").out
    assert "1 graded + 2 missing + 0 rejected + 1 quarantined = 3 on the roster + 1 not" in said
    assert "late, as the platform says: 1" in said and "read as: canvas" in said
    assert (made / "results/quarantine.csv").read_text() == (
        "owner,files,code,reason\n'=x (71),'=x_71_1_a.csv,not-on-roster,"
        '"nobody on the roster has this id or name; add the student, or a column that has it (--match)"\n'
    )
