"""`gradsheet demo`: a class of six from roster to gradebook, whose slips are found and paid for once."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from front_door import Terminal, names, tree

FULL = 22


def test_the_demo_shows_what_marking_is_about(terminal: Terminal, tmp_path: Path) -> None:
    outcome = terminal("demo", "--out", tmp_path / "demo")
    assert (outcome.code, outcome.err) == (0, "")
    assert "6 students: 5 graded, 1 missing, 0 rejected" in outcome.out
    folder = tmp_path / "demo"
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((folder / "results/gradebook.csv").read_text()))}
    verdicts = ("correct", "carried", "wrong", "unreadable", "missing")
    counts = {name: [int(row[verdict]) for verdict in verdicts] for name, row in rows.items() if row["correct"]}
    assert counts["ada"] == [FULL, 0, 0, 0, 0]  # without a slip
    assert counts["ben"][2:] == [1, 0, 0] and counts["ben"][1] > 10  # one slip, carried through
    assert counts["chloe"][2:] == [6, 0, 0]  # goes up the slope: every update, nothing before
    assert counts["dan"][3:] == [1, 2]  # a formula, two blanks, decimal commas
    assert counts["eva"][2] == 3  # every dJ/dz, what follows from them not
    assert rows["finn"]["status"] == "missing"
    for name, row in rows.items():
        if name in counts:
            again = {"chloe": 2, "eva": 2}.get(name, 0)  # the same mistake in further quantities costs nothing
            assert float(row["score"]) == counts[name][0] + counts[name][1] + again
            assert sum(counts[name]) == FULL == int(row["out of"])


def test_every_path_it_names_is_there(terminal: Terminal, tmp_path: Path) -> None:
    out = terminal("demo", "--out", tmp_path / "demo").out
    shown = [word for line in out.splitlines() for word in line.split() if word.startswith(str(tmp_path))]
    assert len(shown) >= 6
    for path in shown:
        assert Path(path).exists(), path


def test_a_second_demo_is_the_same(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal("demo", "--out", tmp_path / "demo").code == 0
    before = tree(tmp_path)
    assert terminal("demo", "--out", tmp_path / "demo").code == 0
    assert tree(tmp_path) == before
    assert names(tmp_path / "demo") == ["handins", "results", "roster.csv", "sheet.toml", "students", "teacher"]


def test_a_foreign_folder_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "thesis.md").write_text("years of work")
    assert "gradsheet didn't make" in terminal.refused("demo", "--out", tmp_path)
    assert names(tmp_path) == ["thesis.md"]
