"""What is written without any work (a tiny number, the same number in every cell) earns no carried marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from planted import Class, exercise_of

from exercises.components import componentwise
from exercises.operations.row import Array
from grader.marking import Entries, Verdict, mark
from tests.students import Change, habits, work

FAMILIES = {
    "mlp": ('layers = [2, 2, 2]\ndecimals = 4\noptimizer = { name = "sgd" }', "mlp"),
    "attention": ("", "attention"),
    "lstm": ("", "lstm"),
    "convolution": ("", "convolution"),
}
COUNT = 3


@cache
def room(name: str) -> Class:
    keys, family = FAMILIES[name]
    return Class.drawn(exercise_of(keys, family), COUNT)


def carried(some: Class, written: dict[str, Array]) -> int:
    judged = mark(some.task, some.given, Entries(written))
    return sum(int((judged[cell].verdict == Verdict.CARRIED).sum()) for cell in some.asked)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("units", [0, 0.5, 1, 5, 10, -1000])
def test_the_same_number_in_every_cell_carries_nothing(name: str, units: float) -> None:
    some = room(name)
    unit = 10.0**-some.precision.default.digits
    assert carried(some, {cell: np.full(COUNT, units * unit) for cell in some.asked}) == 0


@pytest.mark.parametrize("name", FAMILIES)
def test_tiny_numbers_of_all_sorts_carry_little(name: str) -> None:
    some, rng = room(name), np.random.default_rng(3)
    unit = 10.0**-some.precision.default.digits
    tiny = {cell: rng.choice([-2, -1, 1, 2], COUNT) * unit for cell in some.asked}
    assert carried(some, tiny) <= 0.2 * COUNT * len(some.asked)


SLIPS: dict[str, Callable[[Array], Array]] = {
    "a sign": lambda right: -right,
    "a place": lambda right: right / 10,
    "a fifth": lambda right: right * 1.2,
}


@pytest.mark.parametrize("kind", SLIPS)
def test_one_honest_slip_loses_nothing_by_it(kind: str) -> None:
    """Each student makes one slip and works on with it: no other cell costs anything."""
    some = Class.drawn(exercise_of(FAMILIES["mlp"][0]), 40)
    cells, rng = componentwise(some.program), np.random.default_rng(4)
    where = np.arange(some.count) % len(some.asked)
    slips: dict[str, Change] = {
        cell: lambda right, row=row: np.where(where == row, np.round(SLIPS[kind](right), 4), np.nan)  # type: ignore[misc]
        for row, cell in enumerate(some.asked)
    }
    script = work(cells, some.precision, some.given, habits(some.count), rng, slips)
    judged = mark(some.task, some.given, Entries({cell: script.written[cell] for cell in some.asked}))
    wrong = sum((judged[cell].verdict == Verdict.WRONG).astype(int) for cell in some.asked)
    assert (wrong <= 1).all()
    assert any((judged[cell].verdict == Verdict.CARRIED).any() for cell in some.asked)
