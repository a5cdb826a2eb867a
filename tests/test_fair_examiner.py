"""What an examiner who didn't write the marker found unjust, in whole hand-ins: each stays mended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import gradsheet
from grader.judging import Verdict
from grader.script_results import ScriptResult
from gradsheet.papers import mark_exercise, papers_of


class Desk:
    """A sheet, its key to the places asked, and marks for hand-ins."""

    def __init__(self, specification: str, variant: int = 1) -> None:
        (self.exercise,) = gradsheet.sheet(f"[[exercise]]\n{specification}", variant=variant).exercises
        (self.paper,) = papers_of([self.exercise])
        (blank,) = self.marked({})
        self.values = {cell.cell: cell.key for cell in blank.cells}

    @property
    def key(self) -> dict[str, str]:
        return {cell: self.text(cell, self.values[cell]) for cell in self.exercise.asked}

    def text(self, cell: str, value: float) -> str:
        return self.paper.task.precision.of(cell).text(value)

    def marked(self, *hand_ins: Mapping[str, str]) -> list[ScriptResult]:
        return mark_exercise(self.exercise, self.paper, self.exercise.given, list(hand_ins), [""] * len(hand_ins))


def lost(result: ScriptResult) -> list[str]:
    return [cell.cell for cell in result.cells if cell.marks is not None and cell.marks != cell.worth]


def sure(result: ScriptResult) -> list[str]:
    return [explanation.code for explanation in result.explanations if not explanation.tentative]


def test_a_number_that_rounding_may_carry_anywhere_bears_no_witness() -> None:
    """1 − β₂ is a thousandth: what is divided by it may be nearly anything, and so is nobody's mistake."""
    desk, rng = Desk('family = "optimiser"', 3), np.random.default_rng(5)
    nonsense = [
        {cell: f"{rng.choice([-1, 1]) * rng.uniform(0.05, 0.95):.3f}" for cell in desk.exercise.asked}
        for _ in range(20)
    ]
    accused = [codes for codes in map(sure, desk.marked(*nonsense)) if codes]
    assert len(accused) <= 1


def test_no_mistake_began_above_numbers_that_are_all_right() -> None:
    """Only the new parameters are wrong: they hold the step. What gave the right gradients isn't accused."""
    desk = Desk(
        'family = "mlp"\nlayers = [3, 3]\nactivations = "sigmoid"\ndecimals = 2\n'
        'loss = "half_squared_error"\noptimizer = { name = "sgd" }',
        32,
    )
    rate = float(np.ravel(desk.exercise.given["learning_rate"])[0])
    step = {
        cell: desk.text(cell, rate * desk.values[cell.replace("_new", "").replace(cell[0], f"dJ/d{cell[0]}", 1)])
        for cell in desk.exercise.asked
        if "_new" in cell
    }
    (result,) = desk.marked(desk.key | step)
    assert set(lost(result)) == set(step)
    assert "derivative-of-preactivation" not in sure(result)


def test_the_largest_of_some_numbers_is_one_of_them_and_earns_its_mark() -> None:
    desk = Desk(
        'family = "circuit"\nlines = ["q = x*y", "r = max(q, z)", "f = r*x"]\ndecimals = 3\n'
        "given = { x = 1.3, y = 0.7, z = 1.1 }"
    )
    slipped = {"q": "1.910", "r": "1.910", "f": "2.483", "df/dr": "1.300"}
    slipped |= {"df/dz": "0.000", "df/dq": "1.300", "df/dx": "2.820", "df/dy": "1.690"}
    (result,) = desk.marked(slipped)
    assert lost(result) == ["q", "df/dz"]  # the winner is another one, and z has nothing left to do


def test_two_numbers_that_are_equal_by_chance_are_no_copy() -> None:
    """m̂ = 0.09 / (1 − 0.9) is 0.9, and so is β₁."""
    desk = Desk(
        'family = "optimiser"\nsize = 1\nsteps = 1\ndecimals = 4\n'
        "given = { w0 = [-0.8], g1 = [1.8], learning_rate = 0.15 }"
    )
    (result,) = desk.marked(desk.key | {"m1[1]": "0.0900", "mhat1[1]": "0.9000", "w1[1]": "-0.8750"})
    assert lost(result) == ["m1[1]"]


def test_a_weight_entered_as_one_still_makes_a_copy() -> None:
    desk = Desk(
        'family = "circuit"\nlines = ["q = x*y", "f = q*z"]\ndecimals = 3\ngiven = { x = 1.3, y = 0.7, z = 1.1 }'
    )
    (easy,) = desk.marked(desk.key | {"q": "1.000", "f": "1.100"})
    (honest,) = desk.marked(desk.key | {"q": "0.900", "f": "0.990"})
    assert lost(easy) == ["q", "f"]
    assert lost(honest) == ["q"]


def test_behind_a_mask_the_scores_gradient_follows_from_what_is_shown() -> None:
    desk = Desk('family = "attention"\ncausal = true\ndecimals = 4', 3)
    for cell in ("E[2,1]", "E[2,2]"):
        carried = {cell: float(desk.key[cell]) * 0.7}
        shown = {name: float(text) for name, text in desk.key.items()} | carried
        back = cell.replace("E", "dJ/dS", 1)
        (result,) = desk.marked(
            {
                cell: desk.text(cell, shown[cell]),
                back: desk.text(back, shown[cell] * shown[cell.replace("E", "dJ/dE", 1)]),
            }
            | {name: desk.key[name] for name in ("S[2,1]", "S[2,2]", "dJ/dE[2,1]", "dJ/dE[2,2]")}
        )
        (verdict,) = (one.verdict for one in result.cells if one.cell == back)
        assert verdict is Verdict.CARRIED
