"""The long campaign behind `make practice`: over 1,000 random hand-ins, the page's marks beside those of `check`."""

from __future__ import annotations

import pytest
from practice_scripts import NO_NODE, NODE, SHEETS, desk, differing

pytestmark = pytest.mark.skipif(NODE is None, reason=NO_NODE)


@pytest.mark.parametrize("attempt", [1, 2])
@pytest.mark.parametrize("name", SHEETS)
def test_the_page_marks_as_check_marks(name: str, attempt: int) -> None:
    """75 hand-ins on each of two sets of numbers of seven sheets: 1,050 in all."""
    assert differing(desk(name, attempt), 75, seed=100 + attempt) == []
