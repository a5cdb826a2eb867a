"""`gradsheet feedback`: what grade would have written for a student, made when somebody asks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from front_door import SEVERAL, Terminal, as_csv, flawless, made_set, tree


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = made_set(tmp_path_factory.mktemp("class"), SEVERAL)
    place = folder.parent / "handins"
    place.mkdir()
    for student in ("ada", "ben"):
        slipped = flawless(folder / f"teacher/sheets/{student}.toml") | {"1:z1[2]": "9", "zz": "1", "2:q": "1,2.3"}
        (place / f"{student}.csv").write_text(as_csv({name: f'"{text}"' for name, text in slipped.items()}))
    (folder / "overrides.csv").write_text("student,cell,marks,reason\nada,1:J,0,\nben,2:f,1/2,half\n")
    (folder / "late.csv").write_text("student,days\nada,1.5\n")
    (folder / "policy.toml").write_text('carried = "1/3"\nlate = { per_day = "1/7" }\ntotal = { step = "1/4" }\n')
    return folder, place


WISHES = [[], ["--atol", "0.01"], ["--significant", "3"], ["--policy", "POLICY", "--late", "LATE"]]


@pytest.mark.parametrize("wishes", WISHES, ids=" ".join)
def test_on_demand_it_is_what_grade_would_have_written(
    graded: tuple[Path, Path], terminal: Terminal, wishes: list[str]
) -> None:
    folder, place = graded
    wishes = [
        {"POLICY": str(folder / "policy.toml"), "LATE": str(folder / "late.csv")}.get(each, each) for each in wishes
    ]
    assert terminal("grade", folder, place, "--format", "md,html", *wishes).code == 0
    whole = tree(folder / "results")
    shutil.rmtree(folder / "results")
    assert terminal("grade", folder, place, "--feedback", "none", *wishes).code == 0
    results = tree(folder / "results")
    assert results == {name: data for name, data in whole.items() if not name.startswith("feedback/")}
    made = terminal("feedback", folder, "ADA", "ben", "--format", "md,html")
    assert made.out.splitlines() == [
        str(folder / "results/feedback" / f"{student}.{ending}")
        for student in ("ada", "ben")
        for ending in ("md", "html")
    ]
    assert tree(folder / "results") == whole
    assert terminal("grade", folder, place, "--feedback", "none", *wishes).code == 0
    assert tree(folder / "results") == whole, "what is still true stays"


def test_nothing_to_make_it_from(graded: tuple[Path, Path], terminal: Terminal, tmp_path: Path) -> None:
    folder, place = graded
    terminal("grade", folder, place)
    assert 'unknown student "adda"; did you mean "ada"?' in terminal.refused("feedback", folder, "adda")
    assert "cid has no feedback, since the hand-in is missing" in terminal.refused("feedback", folder, "cid")
    (folder / "overrides.csv").write_text("student,cell,marks,reason\nada,1:J,1,changed\n")
    assert "ada comes out otherwise than these results say" in terminal.refused("feedback", folder, "ada")
    other = made_set(tmp_path, SEVERAL)
    terminal.capsys.readouterr()
    assert "not graded yet" in terminal.refused("feedback", other, "ada")


def test_results_that_were_tampered_with(graded: tuple[Path, Path], terminal: Terminal) -> None:
    folder, place = graded
    terminal("grade", folder, place)
    record = folder / "results/results.json"
    data = json.loads(record.read_text())
    data["students"][0]["cells"][0]["text"] = "0.5"
    lines = record.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith('{"id":"ada"'))
    lines[at] = json.dumps(data["students"][0], separators=(",", ":")) + ","
    record.write_text("\n".join(lines))
    assert "comes out otherwise" in terminal.refused("feedback", folder, "ada")
