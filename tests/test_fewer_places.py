"""Scripts with fewer places than asked: what is right as far as it goes is no witness of a wrong rule."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from front_door import Terminal
from planted import Class, exercise_of, with_mistakes
from students import habits, work

from exercises.components import componentwise
from exercises.names import parse_cell
from exercises.operations.row import Array
from exercises.precision import Places, Precision
from grader.fewer_places import coarser
from grader.marking import Verdict
from grader.policy import EXAM, PRACTICE

UPDATED = 'decimals = 4\noptimizer = { name = "sgd" }\n'
SHEET = """
[[exercise]]
family = "mlp"
layers = [2, 2, 2]
bias = false
optimizer = { name = "sgd" }
rounds = 2
ask = ["z1", "a1", "z2", "a2", "J", "dJ/dz1", "dJ/dz2", "dJ/dW1", "dJ/dW2", "W1_new", "W2_new", "J@2"]
decimals = 4
given = { x = [1.1, 1.2], W1 = [[1.2, -1.2], [-0.65, 0.85]], W2 = [[-0.5, -0.95], [-0.9, 1.25]], y = [0.2, 0.15], \
learning_rate = 0.6 }
"""


@cache
def of_two_outputs() -> Class:
    return Class.drawn(exercise_of(UPDATED + "layers = [2, 2, 2]\nrounds = 2"), 60)


def worked(some: Class, precision: Precision, *, operations: float = 0.0) -> dict[str, Array]:
    """Flawless work with other places than asked."""
    rng = np.random.default_rng(5)
    script = work(componentwise(some.program), precision, some.given, habits(some.count, operations=operations), rng)
    return {cell: script.written[cell] for cell in some.asked}


@pytest.mark.parametrize("fewer", [1, 2])
@pytest.mark.parametrize("operations", [0.0, 1.0])
def test_who_works_with_fewer_places_throughout_is_accused_of_nothing(fewer: int, operations: float) -> None:
    some = of_two_outputs()
    marked = some.examine(worked(some, coarser(some.precision, fewer), operations=operations))
    assert marked.wrong.all()
    assert [one.explanations for one in marked.told.values()] == [()] * some.count
    for script in range(some.count):
        wrong = {cell for cell in some.asked if marked.judged[cell].verdict[script] == Verdict.WRONG}
        assert marked.told[script].short == wrong


@pytest.mark.parametrize("places", [2, 3])
def test_who_works_exactly_and_writes_fewer_places_is_accused_of_nothing(places: int) -> None:
    some = of_two_outputs()
    exact = worked(some, Precision(Places(12)))
    marked = some.examine({cell: np.round(values, places) for cell, values in exact.items()})
    assert marked.wrong.all()
    assert not any(one.explanations for one in marked.told.values())


def test_a_backward_pass_with_fewer_places_is_accused_of_nothing() -> None:
    some = of_two_outputs()
    exact = worked(some, Precision(Places(12)))
    marked = some.examine(
        {
            cell: np.round(values, 3 if parse_cell(cell).quantity.startswith("d") else 4)
            for cell, values in exact.items()
        }
    )
    assert any(one.short for one in marked.told.values())
    assert not any(marked.codes(script, sure=True) for script in marked.told)


def test_a_mistake_made_with_fewer_places_is_still_found() -> None:
    """At the places at which it was worked; what is right there is told apart from it."""
    some = of_two_outputs()
    (mistake,) = [each for each in some.mistakes if each.row.code == "ascent"]
    cells = with_mistakes(some.program, [mistake])
    assert cells is not None
    rng = np.random.default_rng(6)
    script = work(cells, coarser(some.precision, 1), some.given, habits(some.count), rng)
    marked = some.examine({cell: script.written[cell] for cell in some.asked})
    named = sum("ascent" in marked.codes(place) for place in marked.told)
    others = sum(bool(marked.codes(place, sure=True) - {"ascent"}) for place in marked.told)
    assert named >= 0.9 * some.count
    assert others <= 0.1 * some.count
    assert all(one.short for one in marked.told.values())


def test_a_nought_at_the_end_of_an_honest_number_hides_no_mistake() -> None:
    some = of_two_outputs()
    (mistake,) = [each for each in some.mistakes if each.row.code == "ascent"]
    marked = some.examine(some.write([mistake], slice(0, some.count), np.random.default_rng(7)))
    assert sum("ascent" in marked.codes(place, sure=True) for place in marked.told) >= 0.95 * some.count


def test_no_mistake_begins_where_every_number_is_right() -> None:
    """Wrong numbers far down, which some rule at the beginning would give to somebody who starts from the sheet."""
    some = of_two_outputs()
    rng = np.random.default_rng(8)
    right = worked(some, some.precision)
    noisy = {
        cell: values + np.where(rng.random(some.count) < 0.2, rng.integers(-9, 10, some.count), 0) * 1e-4
        for cell, values in right.items()
        if parse_cell(cell).quantity not in ("z1", "a1")
    }
    marked = some.examine({cell: noisy.get(cell, values) for cell, values in right.items()})
    begun = {one.sites[0] for told in marked.told.values() for one in told.explanations if not one.slip}
    assert begun
    assert not begun & {"z1", "a1"}


def test_what_it_lacks_is_said_and_earns_what_a_recognised_mistake_earns(terminal: Terminal, tmp_path: Path) -> None:
    sheet, answers = tmp_path / "sheet.toml", tmp_path / "answers.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    answers.write_text('id,value\n"a1[1]",0.470\n"a1[2]",0.576\n"z2[1]",-0.7823\n', encoding="utf-8")
    out = terminal("check", sheet, answers).out
    assert "a1[2]: Right as far as it goes, but 4 decimal places are asked." in out
    for preset, share in (("exam", EXAM.method), ("practice", PRACTICE.method)):
        told = json.loads(terminal("check", sheet, answers, "--policy", preset, "--json").out)
        (cell,) = [cell for cell in told["cells"] if cell["id"] == "a1[2]"]
        assert cell["verdict"] == "wrong"
        assert Fraction(cell["marks"]) == share
        assert cell["note"] == "Right as far as it goes, but 4 decimal places are asked."
    assert told["explanations"] == []
