"""The README's commands are run as they stand there, in a folder like a teacher's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gradsheet.cli import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADSHEET_SECRET_FILE", raising=False)
    (tmp_path / "sheet.toml").write_text(blocks("toml")[0], encoding="utf-8")
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann\nbo,Bo\n", encoding="utf-8")
    (tmp_path / "answers.csv").write_text(blocks("csv")[0], encoding="utf-8")
    (tmp_path / "handins").mkdir()
    (tmp_path / "handins" / "ann.csv").write_text("id,value\n2:u1,0.5\n", encoding="utf-8")
    return tmp_path


def test_every_command_runs_and_the_files_it_names_are_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    assert [command.split()[1] for command in commands] == ["init", "generate", "grade", "solve", "check"]
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    made = {path.name for path in (folder / "output" / "sheet-1").iterdir()}
    assert made == {"students", "teacher", "results"}
    assert "2 ✓" in capsys.readouterr().out


def test_the_step_in_the_readme_is_what_solve_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "hmkcode", "--width", "80"]) == 0
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    quoted = README.split("## One step, to verify by hand")[1].split("## Two commands")[0]
    lines = [line.strip() for line in quoted.splitlines() if line.startswith("    ")]
    assert len(lines) >= 6
    assert [line for line in lines if line not in printed] == []


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (Path(__file__).parent.parent / target).exists(), target
