"""A long campaign, not part of the ordinary run (its name keeps it out): flawless students in every combination.

python -m pytest tests/soak_rounding.py
"""

from __future__ import annotations

import numpy as np
import pytest
from students import AWAY, TO_EVEN, UPWARDS, any_habits, decimals, habits, significant
from test_rounding import MAIN, MANNERS, NETWORKS, OTHERS, PRECISIONS, ROOTS_OF_POSITIVE, flawless, looseness, lost

EVERY = {**MAIN, **OTHERS}
EVERY_PRECISION = {
    **PRECISIONS,
    **{f"{digits} decimals": decimals(digits) for digits in (2, 3, 4, 5)},
    **{f"{digits} significant": significant(digits) for digits in (2, 3, 4)},
}


@pytest.mark.parametrize("precision", EVERY_PRECISION)
@pytest.mark.parametrize("ties", [AWAY, TO_EVEN, UPWARDS])
@pytest.mark.parametrize("manner", [*MANNERS, "as it comes"])
@pytest.mark.parametrize("name", EVERY)
def test_flawless_students_lose_nothing(name: str, manner: str, ties: int, precision: str) -> None:
    seed = [*map(ord, name + manner + precision), ties]
    mixed = any_habits(NETWORKS, np.random.default_rng(seed))
    same = None if manner == "as it comes" else habits(NETWORKS, ties=ties, **MANNERS[manner])
    positive = name in ROOTS_OF_POSITIVE
    task, given, scripts = flawless(EVERY[name], EVERY_PRECISION[precision], same or mixed, seed, positive=positive)
    assert {way: lost(task, given, entries) for way, entries in scripts.items()} == {way: {} for way in scripts}


@pytest.mark.parametrize("digits", [2, 3, 4, 5])
@pytest.mark.parametrize("name", MAIN)
def test_the_bound_is_within_twice_what_rounding_does(name: str, digits: int) -> None:
    for way, most in (("everything", 1.2), ("last", 2.0)):
        ratios = looseness(MAIN[name], way, 200, digits, digits=digits)
        print(f"{name}, {digits} decimals, {way}: worst {ratios.max():.2f}, typical {np.median(ratios):.2f}")
        assert ratios.max() < most
