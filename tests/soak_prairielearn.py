"""The long campaign behind `make prairielearn`: over 1,000 random hand-ins, a question's marks beside check's."""

from __future__ import annotations

from pathlib import Path

import pytest
from practice_scripts import SHEETS, desk, hand_ins
from prairielearn_questions import differing, unpacked


@pytest.mark.parametrize("name", SHEETS)
def test_a_question_marks_as_check_marks(name: str, tmp_path: Path) -> None:
    """150 hand-ins on seven sheets: 1,050 in all."""
    (one,) = unpacked(tmp_path, f"[[exercise]]\n{SHEETS[name]}\n")
    told = [f"{what} in {texts}" for texts in hand_ins(desk(name), 150, seed=17) for what in differing(one, 0, texts)]
    assert told == []
