"""A sheet that asks for fewer decimals than its numbers need: how many would do, and what counts as right only so."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, flawless, made_set


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def notes_of(folder: Path, more: str) -> str:
    return (made_set(folder, f"{NETWORK}{more}", "id\nada\n") / "teacher/notes.md").read_text(encoding="utf-8")


def test_the_notes_say_how_many_decimals_would_do(tmp_path: Path) -> None:
    assert "asks for 0 decimals, fewer than its numbers need: with `decimals = 4`" in notes_of(tmp_path, "decimals = 0")


@pytest.mark.parametrize("more", ["", "decimals = 4\n", 'decimals = "1 significant"\n'])
def test_where_they_are_enough_or_of_another_kind_there_is_no_such_advice(tmp_path: Path, more: str) -> None:
    assert "than its numbers need" not in notes_of(tmp_path, more)


@pytest.mark.parametrize("decimals, said", [(0, True), (4, False)])
def test_check_says_which_numbers_count_as_right_only_because_so_much_is_allowed(
    tmp_path: Path, run: Terminal, decimals: int, said: bool
) -> None:
    sheet = made_set(tmp_path, f"{NETWORK}decimals = {decimals}\n", "id\nada\n") / "teacher/sheets/ada.toml"
    for hand_in, expected in (("3", said), ("", False)):
        answers = {cell: hand_in or text for cell, text in flawless(sheet).items()}
        (tmp_path / "a.csv").write_text("id,value\n" + "".join(f'"{cell}",{text}\n' for cell, text in answers.items()))
        run.capsys.readouterr()
        shown = " ".join(run("check", sheet, tmp_path / "a.csv").out.split())
        assert (
            "to 0 decimal places a right number is hardly told from a wrong one. Ask for more." in shown
        ) == expected
