"""A long campaign, not part of the ordinary run (its name keeps it out): two hundred random sheets and their keys.

python -m pytest tests/soak_pdf.py
"""

from __future__ import annotations

import pytest
from random_sheets import SLACK, random_network, widths

from exercises.specification import parse_specification
from gradsheet.solving import settled_exercises
from templates.pdf import Script
from templates.render import Header


@pytest.mark.parametrize("kind", ["sheet", "key"])
@pytest.mark.parametrize("batch", range(20))
def test_no_formula_is_wider_than_its_room(batch: int, kind: str) -> None:
    texts = [random_network(seed) for seed in range(1000 + 10 * batch, 1010 + 10 * batch)]
    exercises = [settled_exercises(parse_specification(text, "sheet.toml")) for text in texts]
    found = widths([Script(Header("Random"), each) for each in exercises], kind)  # type: ignore[arg-type]
    assert len(found) > 100
    assert [pair for pair in found if pair[0] > pair[1] + SLACK] == []
