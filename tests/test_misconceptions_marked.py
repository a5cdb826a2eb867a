"""Mistakes made on the way forward, as hand-ins worked by plain arithmetic: what is said, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pytest

from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.misconceptions import mistakes
from exercises.operations.row import Array
from exercises.plan import run
from exercises.specification import Exercise, parse_specification
from grader.scripts import ScriptResult
from grader.submissions import read_submission
from gradsheet.marking_desk import mark_one

NETWORK = """[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = "sigmoid"
optimizer = { name = "sgd", learning_rate = 0.5 }
decimals = 4

[exercise.given]
x = [0.9, 1.2]
y = [0.7]
W1 = [[0.6, 0.75], [1.2, 1.1]]
b1 = [0.45, -0.3]
W2 = [[-0.85, -0.4]]
b2 = [0.15]
"""

FORMULA = """[[exercise]]
family = "circuit"
expression = "log(2 + cos(x))"
decimals = 3

[exercise.given]
x = 0.5
"""


def network(*, turned: bool = False, gradient_turned: bool = False, signs: Sequence[float] = (1, 1)) -> dict[str, str]:
    """What a student writes who rounds every line; ``signs`` are those with which the first layer's biases count."""
    x, y, rate = np.array([0.9, 1.2]), np.array([0.7]), 0.5
    W1, b1 = np.array([[0.6, 0.75], [1.2, 1.1]]), np.array([0.45, -0.3])
    W2, b2 = np.array([[-0.85, -0.4]]), np.array([0.15])
    lines: dict[str, Array] = {}

    def line(name: str, values: Array) -> Array:
        lines[name] = np.round(values, 4)
        return lines[name]

    z1 = line("z1", (W1.T if turned else W1) @ x + np.array(signs) * b1)
    a1 = line("a1", 1 / (1 + np.exp(-z1)))
    z2 = line("z2", W2 @ a1 + b2)
    a2 = line("a2", 1 / (1 + np.exp(-z2)))
    line("J", np.array(((a2 - y) ** 2).sum() / 2))
    dz2 = line("dJ/dz2", (a2 - y) * a2 * (1 - a2))
    dW2, db2 = line("dJ/dW2", np.outer(dz2, a1)), line("dJ/db2", dz2)
    dz1 = line("dJ/dz1", (W2.T @ dz2) * a1 * (1 - a1))
    dW1 = line("dJ/dW1", np.outer(x, dz1) if gradient_turned else np.outer(dz1, x))
    db1 = line("dJ/db1", dz1)
    for name, weight, slope in (("W1", W1, dW1), ("b1", b1, db1), ("W2", W2, dW2), ("b2", b2, db2)):
        line(f"{name}_new", weight - rate * slope)
    return {cell: f"{value:.4f}" for name, values in lines.items() for cell, value in _cells(name, values)}


def _cells(name: str, values: Array) -> list[tuple[str, float]]:
    places = [",".join(str(k + 1) for k in index) for index in np.ndindex(values.shape)]
    return [(f"{name}[{place}]" if place else name, value) for place, value in zip(places, values.ravel(), strict=True)]


def marked(sheet: str, answers: Mapping[str, str]) -> ScriptResult:
    exercise: Exercise = parse_specification(sheet, "sheet.toml").exercises[0]
    assert set(exercise.asked) <= set(answers)
    data = "id,value\n" + "".join(f'"{cell}",{answers[cell]}\n' for cell in exercise.asked)
    return mark_one((exercise,), read_submission("answers.csv", data.encode())).scripts[0]


def told(script: ScriptResult) -> dict[str, tuple[tuple[str, ...], bool]]:
    """By code, the cells of which something is said, and whether it is sure."""
    return {one.code: (tuple(one.cells), not one.tentative) for one in script.explanations}


def lost(script: ScriptResult) -> float:
    return len(script.cells) - sum(float(cell.marks or 0) for cell in script.cells)


def test_the_flawless_script_says_nothing() -> None:
    script = marked(NETWORK, network())
    assert not script.explanations and lost(script) == 0


def test_weights_by_columns_cost_the_sums_and_all_else_is_carried() -> None:
    script = marked(NETWORK, network(turned=True))
    assert told(script) == {"transposed-weights-forward": (("z1[1]", "z1[2]"), True)}
    assert lost(script) == 2


def test_a_gradient_with_rows_and_columns_exchanged_costs_itself_and_the_update_is_carried() -> None:
    script = marked(NETWORK, network(gradient_turned=True))
    assert told(script) == {"transposed-gradient": (("dJ/dW1[1,2]", "dJ/dW1[2,1]"), True)}
    assert lost(script) == 2


def test_a_bias_subtracted_in_one_unit_is_a_guess_and_in_both_is_sure() -> None:
    script = marked(NETWORK, network(signs=(1, -1)))
    assert told(script) == {"bias-sign": (("z1[2]",), False)} and lost(script) == 1
    script = marked(NETWORK, network(signs=(-1, -1)))
    assert told(script) == {"bias-sign": (("z1[1]", "z1[2]"), True)} and lost(script) == 2


def test_a_wrong_sign_of_the_whole_sum_is_no_bias_subtracted() -> None:
    answers = network()
    script = marked(NETWORK, answers | {"z1[2]": f"-{answers['z1[2]']}"})
    assert set(told(script)) == {"sign-slip"}


def test_a_calculator_in_degrees_is_told_in_value_and_slope_alike() -> None:
    u1 = round(math.cos(math.radians(0.5)), 3)
    u2, f = 2 + u1, math.log(2 + u1)
    by_u = round(1 / u2, 3)
    by_x = -math.sin(math.radians(0.5)) * by_u
    numbers = {"u1": u1, "u2": u2, "f": f, "df/du2": by_u, "df/du1": by_u, "df/dx": by_x}
    script = marked(FORMULA, {cell: f"{value:.3f}" for cell, value in numbers.items()})
    assert told(script) == {"degrees-for-radians": (("u1", "df/dx"), True)}
    assert numbers["u1"] == 1.0 and lost(script) == 1


@pytest.mark.parametrize(
    "line, sites",
    [
        ("f = tanh(x)", set()),
        ("f = sin(x) + tanh(x)", {"u1", "u1|x"}),
        ("f = exp(cos(x))", {"u1", "u1|x"}),
    ],
)
def test_only_functions_of_an_angle_ask_how_the_calculator_is_set(line: str, sites: set[str]) -> None:
    made = mistakes(circuit(CircuitOptions(lines=(line,))))
    assert {site for one in made if one.row.code == "degrees-for-radians" for site in one.sites} == sites


@pytest.mark.parametrize("bias, examples", [(True, None), ("shared", None), (True, 3), ("shared", 3)])
def test_a_bias_is_subtracted_in_every_layer_and_form(bias: bool | Literal["shared"], examples: int | None) -> None:
    program = mlp(MlpOptions(layers=(2, 3, 1), bias=bias, examples=examples))
    (made,) = (one for one in mistakes(program) if one.row.code == "bias-sign")
    assert set(made.sites) == {"z1", "z2"}
    rng = np.random.default_rng(3)
    given = {one.name: rng.uniform(0.2, 1.8, (*one.shape, 4)) for one in program.givens}
    right, wrong = (run(program, given, wanted=["z1"], replaced=one)["z1"] for one in ({}, made.replaced))
    b = given["b1"] if bias != "shared" else given["b1"][None]
    np.testing.assert_allclose(right - wrong, 2 * np.broadcast_to(b if examples is None else b[:, None], right.shape))
