"""The same secret gives the same files: in another folder, with another hash seed, language, time zone and encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from front_door import SEVERAL, as_csv, flawless, tree, with_secret

ROOT = Path(__file__).resolve().parents[1]

ROSTER = "id,name\nzoe,Zoë\nada,Ada\n"

ELSEWHERE = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "America/St_Johns"},
]


def run(*arguments: object, cwd: Path, **settings: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-m", "gradsheet", *map(str, arguments)]
    made = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
    assert (made.returncode, made.stderr) == (0, b"")


def whole_job(folder: Path, **settings: str) -> dict[str, bytes]:
    """Generate, hand in, grade, by the installed command's way; everything that was written."""
    folder.mkdir(parents=True)
    (folder / "sheet.toml").write_text(SEVERAL, encoding="utf-8")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    with_secret(folder)
    run("generate", "sheet.toml", "--students", "roster.csv", cwd=folder, **settings)
    made = folder / "output" / "week-1"
    (folder / "handins").mkdir()
    for student, changed in (("ada", {"1:z1[1]": "0.5"}), ("zoe", {"2:q": "∂"})):
        answers = flawless(made / "teacher" / "sheets" / f"{student}.toml") | changed
        (folder / "handins" / f"{student}.csv").write_text(as_csv(answers), encoding="utf-8")
    run("grade", "output/week-1", "handins", cwd=folder, **settings)
    return tree(made)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return whole_job(tmp_path_factory.mktemp("here") / "set", PYTHONHASHSEED="1")


@pytest.mark.parametrize("settings", ELSEWHERE, ids=["C, Tokyo", "Turkish, Newfoundland"])
def test_the_same_bytes_elsewhere(settings: dict[str, str], here: dict[str, bytes], tmp_path: Path) -> None:
    there = whole_job(tmp_path / "another" / "folder with spaces", **settings)
    assert sorted(there) == sorted(here)
    assert [path for path in here if there[path] != here[path]] == []
    assert {"students/zoe.md", "teacher/keys/ada.md", "results/gradebook.csv", "results/feedback/zoe.md"} <= set(here)


def test_files_end_their_lines_alike_everywhere(here: dict[str, bytes]) -> None:
    texts = {path: content for path, content in here.items() if not path.endswith(".xlsx")}
    assert len(texts) > 10
    for path, content in texts.items():
        assert b"\r" not in content and content.endswith(b"\n"), path


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names there are Unicode whatever is set")
def test_a_system_that_cannot_name_a_file_says_so(tmp_path: Path) -> None:
    with_secret(tmp_path)
    (tmp_path / "roster.csv").write_text("id\nzoë\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **ELSEWHERE[0]}
    command = [sys.executable, "-m", "gradsheet", "generate", "mazur", "--students", "roster.csv"]
    made = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert made.returncode == 2
    assert made.stderr.startswith(b"gradsheet: file names are limited to ascii here, and ")
    assert made.stderr.count(b"\n") == 1 and b"PYTHONUTF8=1" in made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gradsheet.secret", "roster.csv"]
