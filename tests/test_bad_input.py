"""What a user can mend is told in one line with place and remedy, ends with exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, as_csv, made_set, tree, with_secret

MLP = '[[exercise]]\nfamily = "mlp"\n'
CIRCUIT = '[[exercise]]\nfamily = "circuit"\n'


@dataclass(frozen=True)
class Case:
    """A command line in a folder with these files; what the line on stderr has to hold."""

    arguments: str
    said: tuple[str, ...]
    files: dict[str, str | bytes] = field(default_factory=dict)


def specification(text: str | bytes, *said: str) -> Case:
    return Case("generate bad.toml --count 2", ("bad.toml", *said), {"bad.toml": text})


def roster(text: str | bytes, *said: str) -> Case:
    return Case("generate good.toml --students class.csv", ("class.csv", *said), {"class.csv": text})


def hand_in(name: str, text: str | bytes, *said: str) -> Case:
    return Case(f"check hmkcode {name}", (name, *said), {name: text})


CASES: dict[str, Case] = {
    # --- what a specification says ---
    "unknown key": specification(MLP + "layer = [2, 2, 1]", "exercise 1", 'unknown key "layer"', 'mean "layers"'),
    "unknown key of the set": specification("titel = 'x'\n" + MLP, 'unknown key "titel"', 'mean "title"'),
    "unknown family": specification('[[exercise]]\nfamily = "mpl"', "exercise 1, family", 'mean "mlp"'),
    "no family": specification("[[exercise]]\nlayers = [2, 1]", "exercise 1", '"family"'),
    "unknown notation": specification(MLP + 'notation = "numberd"', "notation", 'mean "numbered"'),
    "notation that can't": specification(CIRCUIT + 'notation = "numbered"', "layered networks only", "choose layered"),
    "unknown quantity asked": specification(MLP + 'ask = ["dJ/dW9"]', "exercise 1, ask", 'unknown quantity "dJ/dW9"'),
    "unknown quantity given": specification(MLP + "given = { W3 = 1 }", "exercise 1, given", 'unknown quantity "W3"'),
    "small letters given": specification(MLP + "given = { w1 = 1 }", "exercise 1, given", 'mean "W1"'),
    "single brackets": specification(MLP.replace("[[exercise]]", "[exercise]"), "exercise: ", "write [[exercise]]"),
    "unknown notation of solve": Case("solve mazur --notation nummered", ("--notation: unknown", 'mean "numbered"')),
    "notation of solve that can't": Case(
        "solve circuit.toml --notation numbered",
        ("circuit.toml, exercise 1, --notation: ", "layered networks only", "choose layered or code"),
        {"circuit.toml": CIRCUIT + 'expression = "x * y"'},
    ),
    "unknown loss": specification(MLP + 'loss = "half_square_error"', "loss", 'mean "half_squared_error"'),
    "unknown optimizer": specification(MLP + 'optimizer = { name = "lion" }', "optimizer", '"lion"', "sgd"),
    "misfit": specification(
        MLP + "given = { W1 = [[1, 2, 3], [4, 5, 6]] }", "W1", "expected 2 rows of 2", "found 2 rows of 3"
    ),
    "no number": specification(MLP + 'given = { x = ["two", 3] }', "exercise 1, x", "expected a number", "'two'"),
    "no finite number": specification(MLP + "given = { x = [inf, 3] }", "x: expected a finite number, found inf"),
    "too many places": specification(MLP + "decimals = 40", "decimals", "expected 0 to 12", "found 40"),
    "a giant": specification(MLP + "layers = [9999, 9999, 1]", "layers", "from 1 to 64", "9999"),
    "no exercise": specification('title = "x"', "expected at least one exercise", "[[exercise]]"),
    "empty": specification("", "expected at least one exercise"),
    "broken TOML": specification('title = "x"\n[[exercise]]\nfamily = = "mlp"', "line 3, column 10"),
    "key twice": specification(MLP + 'family = "mlp"\n', "line 3"),
    "binary": specification(b"\x89PNG\r\n\x1a\n\x00\xff\xfe" * 20, "UTF-8"),
    "a formula that is none": specification(CIRCUIT + 'expression = "log(2 + cos(x)"', "exercise 1, expression", ")"),
    "no value": specification(
        CIRCUIT + 'expression = "log(x)"\ngiven = { x = -1 }',
        "exercise 1",
        "f has no value",
        "log(-1) where x = -1",
        "a logarithm takes a number above 0",
        "change what is given",
    ),
    "no value, solved": Case(
        "solve sheet.toml",
        ("sheet.toml, exercise 1: f has no value",),
        {"sheet.toml": CIRCUIT + 'expression = "log(x)"\ngiven = { x = -1 }'},
    ),
    "nothing to be found": specification(
        CIRCUIT + 'expression = "log(-1 - x^2)"', "exercise 1", "none of 2000 draws", "change what is given"
    ),
    "missing specification": Case("generate absent.toml --count 1", ("absent.toml: no such file",)),
    "mistyped example": Case("generate mazor --count 1", ("mazor: ", 'mean "mazur"')),
    "folder as specification": Case(
        "generate folder.toml --count 1", ("folder.toml: expected a TOML file, found a folder",), {"folder.toml/x": ""}
    ),
    # --- for whom ---
    "nobody": Case("generate good.toml", ("--students", "--count", "try: gradsheet generate --help")),
    "both": Case("generate good.toml --count 1 --students class.csv", ("--students", "--count")),
    "count 0": Case("generate good.toml --count 0", ("--count", "0 is not in the range")),
    "count of words": Case("generate good.toml --count many", ("--count", "'many'")),
    "attempt 0": Case("generate good.toml --count 1 --attempt 0", ("--attempt",)),
    "empty roster": roster("", "the roster is empty"),
    "roster without students": roster("id,name\n", "has no students"),
    "roster without ids": roster("number,name\n1,Ada\n", "line 1", 'no column "id"', "--id-column"),
    "one id twice": roster("id\nada\nben\nada\n", "line 4", '"ada" is on line 2 already'),
    "two ids alike": roster("id\nAnn\nben\nann\n", "line 4", '"ann" can\'t be told from "Ann" on line 2'),
    "an id that climbs": roster("id\n../x\n", "line 2", '"../x"', "can't name a file"),
    "an id of a device": roster("id\nada\nCON\n", "line 3", '"CON"', "device"),
    "a spreadsheet as roster": roster(b"PK\x03\x04" + bytes(50), "save the class as CSV"),
    "missing roster": Case("generate good.toml --students absent.csv", ("absent.csv: no such file",)),
    "folder as roster": Case(
        "generate good.toml --students folder.csv", ("folder.csv: this is a folder",), {"folder.csv/x": ""}
    ),
    # --- how, and where ---
    "unknown format": Case("generate good.toml --count 1 --format md,docx", ("md", '"md,docx"')),
    "no format": Case("generate good.toml --count 1 --format ,", ('found ","',)),
    "foreign folder": Case(
        "generate good.toml --count 1 --out thesis", ("thesis: this folder has files",), {"thesis/a.md": "x"}
    ),
    "file for a folder": Case(
        "generate good.toml --count 1 --out class.csv/set", ("class.csv/set: ", "a file stands"), {"class.csv": "id\n"}
    ),
    "missing secret": Case(
        "generate good.toml --count 1 --secret absent", ("absent: there is no course secret", "gradsheet init")
    ),
    "misspelt option": Case("generate good.toml --cuont 1", ("--cuont", "--count")),
    "misspelt command": Case("genrate good.toml", ('unknown command "genrate"', 'mean "generate"')),
    # --- what is handed in ---
    "missing hand-in": Case("check hmkcode absent.csv", ("absent.csv: no such file",)),
    "folder as hand-in": Case("check hmkcode folder.csv", ("folder.csv: this is a folder",), {"folder.csv/x": ""}),
    "empty hand-in": hand_in("a.csv", "", "the file is empty"),
    "binary hand-in": hand_in("a.csv", bytes(range(128, 256)) * 9, "no text file"),
    "unknown ending": hand_in("a.docx", "J,1", ".csv .tsv .json"),
    "row without a value": hand_in("a.csv", "id,value\nz1[1] 0.5\n", "line 2", "z1[2],0.35"),
    "broken JSON": hand_in("a.json", '{"answers": {"J": 1}', "JSON", "line 1"),
    "broken notebook": hand_in("a.ipynb", '{"cells": 1}', "cells"),
    "code for an answer": hand_in(
        "a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": "# answers\nimport os"}]}), "never run"
    ),
    "broken archive": hand_in("a.npz", b"PK\x03\x04 and no more", "zip archive"),
    "open sheet": Case(
        "check good.toml a.csv", ("good.toml: expected a sheet with all its numbers", "x, W1"), {"a.csv": "J,1\n"}
    ),
    "two tolerances": Case(
        "check hmkcode a.csv --atol 1 --decimals 3", ("--atol and --decimals don't go together",), {"a.csv": "J,1\n"}
    ),
    "places twice": Case(
        "check hmkcode a.csv --significant 1 --decimals 3", ("don't go together",), {"a.csv": "J,1\n"}
    ),
    "negative tolerance": Case("check hmkcode a.csv --atol -1", ("--atol", "-1", "x>=0"), {"a.csv": "J,1\n"}),
    "tolerance nan": Case("check hmkcode a.csv --rtol nan", ("--rtol", "found nan"), {"a.csv": "J,1\n"}),
    "tolerance without end": Case("check hmkcode a.csv --rtol 1e999", ("--rtol", "1e999"), {"a.csv": "J,1\n"}),
    # --- a class ---
    "no set": Case("grade nothing handins", ("nothing: no generated set here", "teacher/set.json")),
    "no hand-ins": Case("grade set absent", ("absent: no such file or folder",)),
    "file for hand-ins": Case(
        "grade set class.zip", ("class.zip: neither a folder nor a zip archive",), {"class.zip": "x"}
    ),
    "a table of another class": Case(
        "grade set class.csv", ("class.csv, line 1", '"q"', "z1[1]"), {"class.csv": "student,q\nada,1\n"}
    ),
    "a column twice": Case(
        "grade set class.csv", ("class.csv, line 1", "two columns"), {"class.csv": "student,J,J\nada,1,2\n"}
    ),
    "a row of nobody": Case(
        "grade set class.csv", ("class.csv, line 3", "nobody is named"), {"class.csv": "student,J\nada,1\n,2\n"}
    ),
    "empty table": Case("grade set class.csv", ("class.csv: the file is empty",), {"class.csv": ""}),
    "unknown group": Case("list publishd", ('unknown group "publishd"', 'mean "published"')),
}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("week"), NETWORK, "id\nada\nben\n")


def laid_out(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("name", CASES)
def test_one_line_and_nothing_left_behind(
    name: str, terminal: Terminal, tmp_path: Path, week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    monkeypatch.chdir(tmp_path)
    with_secret(tmp_path)
    laid_out(tmp_path, {"good.toml": NETWORK, **case.files})
    if "set" in case.arguments.split():
        os.symlink(week, "set")
    before = sorted(tmp_path.rglob("*"))
    line = terminal.refused(*case.arguments.split())
    assert [part for part in case.said if part not in line] == [], line
    assert len(line) < 600 and str(tmp_path) not in line
    assert sorted(tmp_path.rglob("*")) == before
    assert not (week / "results").exists()


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_a_secret_that_others_can_read(terminal: Terminal, tmp_path: Path) -> None:
    secret = with_secret(tmp_path)
    secret.chmod(0o644)
    line = terminal.refused("generate", "mazur", "--count", 1, "--out", tmp_path / "set", "--secret", secret)
    assert "others can read the course secret (mode 0644); run: chmod 600" in line
    assert not (tmp_path / "set").exists()


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_a_folder_that_can_only_be_read(terminal: Terminal, tmp_path: Path) -> None:
    secret = with_secret(tmp_path)
    (tmp_path / "fixed").mkdir()
    (tmp_path / "fixed").chmod(0o500)
    # The superuser may write anywhere but here.
    place = tmp_path / "fixed/set" if os.geteuid() else Path("/sys/kernel/set")
    if not os.geteuid() and sys.platform != "linux":
        pytest.skip("the superuser may write anywhere")
    line = terminal.refused("generate", "mazur", "--count", 1, "--out", place, "--secret", secret)
    assert line.startswith(f"{place}: ") and ("permission denied" in line or "can only be read" in line)
    assert not place.exists()


# --- a record that isn't what generate wrote ---


def edited(key: str, value: object) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "teacher/set.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))

    return edit


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "teacher" / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return edit


DAMAGES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "cut off": (lambda folder: os.truncate(folder / "teacher/set.json", 30), "set.json", "damaged"),
    "emptied": (lambda folder: os.truncate(folder / "teacher/students.jsonl", 0), "students.jsonl", "expected 2"),
    "a student less": (edited("students", 3), "students.jsonl", "expected 3 students, found 2"),
    "places for none": (edited("places", []), "set.json", "places for 0 of 1 exercises"),
    "no places": (edited("places", ["many"]), "set.json", "'many'"),
    "another version": (edited("version", 9), "set.json", "expected a record of version 1, found 9"),
    "an unknown key": (edited("extra", 9), "set.json", "extra"),
    "another exercise": (
        edited("specification", "[[exercise]]\nfamily='circuit'"),
        "students.jsonl, line 1",
        "expected one number",
    ),
    "no exercise": (edited("specification", ""), "sheet.toml", "expected at least one exercise"),
    "no line": (replaced("students.jsonl", '{"id": "ben"', '{"id": "ben'), "students.jsonl, line 2", "damaged"),
    "an id that climbs": (replaced("students.jsonl", '"ben"', '"../ben"'), "students.jsonl, line 2", "can't be one"),
    "an id that is a number": (replaced("students.jsonl", '"ben"', "7"), "students.jsonl, line 2", "can't be one"),
    "one student twice": (replaced("students.jsonl", '"ben"', '"ADA"'), "students.jsonl", "damaged"),
    "a number that is none": (replaced("students.jsonl", '"y": [', '"y": ["a", '), "students.jsonl, line 1", "y"),
    "a list for a student": (replaced("students.jsonl", '{"id": "ada"', '[{"id": "ada"'), "students.jsonl, line 1", ""),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_record_is_not_guessed_at(name: str, terminal: Terminal, tmp_path: Path, week: Path) -> None:
    damage, where, said = DAMAGES[name]
    folder = Path(shutil.copytree(week, tmp_path / "set"))
    damage(folder)
    (tmp_path / "handins").mkdir()
    (tmp_path / "handins/ada.csv").write_text(as_csv({"J": "1"}))
    before = tree(tmp_path)
    line = terminal.refused("grade", folder, tmp_path / "handins")
    assert where in line and said in line, line
    assert tree(tmp_path) == before
