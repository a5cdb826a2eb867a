"""output/sample: what gradsheet makes, committed to be looked at, and regenerated here byte for byte.

After a change that is meant to show: `make sample`, then look at the difference before committing it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from front_door import tree

from exercises.stream import seed
from gradsheet.generation import Order, generate
from gradsheet.papers import read_sheet
from gradsheet.roster import Student
from gradsheet.secret import DEMO_SECRET
from gradsheet.sources import source_of

SAMPLE = Path(__file__).resolve().parents[1] / "output" / "sample"
SPECIFICATION = "sheet.toml"
BY_HAND = {SPECIFICATION, "README.md"}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The set of one student that the committed specification gives with the demo's public secret."""
    specification, text = source_of(str(SAMPLE / SPECIFICATION))
    generate(Order(specification, text, (Student("ada", "Ada"),), DEMO_SECRET), tmp_path / "set")
    return tmp_path / "set"


def test_the_sample_is_what_gradsheet_makes(made: Path, update_goldens: bool) -> None:
    if update_goldens:
        for name in ("students", "teacher"):
            shutil.rmtree(SAMPLE / name, ignore_errors=True)
            shutil.copytree(made / name, SAMPLE / name)
    committed = {path: text for path, text in tree(SAMPLE).items() if path not in BY_HAND}
    assert sorted(committed) == sorted(tree(made))
    for path, text in tree(made).items():
        assert committed[path].decode() == text.decode(), f"output/sample/{path} is out of date; run make sample"


def test_the_sample_leaves_numbers_to_be_drawn() -> None:
    """Else another secret, or a broken stream, would go unseen here."""
    specification, _ = source_of(str(SAMPLE / SPECIFICATION))
    assert all(exercise.open_names for exercise in specification.exercises)
    own = seed(DEMO_SECRET, set_name=specification.name, exercise=1, student="ada")
    assert own != seed(b"another", set_name=specification.name, exercise=1, student="ada")
    assert [exercise.number for exercise in read_sheet(SAMPLE / "teacher/sheets/ada.toml")] == [1, 2]
