"""What published pages got wrong, or note as wrong: each number comes out of a row of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

from exercises.misconceptions import mistakes
from exercises.operations.row import Array
from exercises.plan import flatten, run
from exercises.specification import Exercise, parse_specification, read_specification

REAL_PYTHON = """
[[exercise]]
family = "neuron"
activations = "sigmoid"
loss = "squared_error"
update_bias = false
optimizer = {{ name = "sgd", learning_rate = 1 }}
rounds = 2
given = {{ x = [{x}], y = [0], W1 = [[1.45, -0.66]], b1 = [0] }}
"""

SOFTMAX_SLIDE = """
[[exercise]]
family = "mlp"
layers = [1, 3]
activations = "softmax"
bias = false
given = { x = [1], y = [1, 0, 0], W1 = [[3.2], [5.1], [-1.7]] }
"""


def exercise(text: str) -> Exercise:
    """A published example by its name, or the exercise that a text describes."""
    found = parse_specification(text, "here") if "\n" in text else read_specification(text)
    return found.exercises[0]


def wrong(text: str, code: str, variant: int = 1, at: str = "") -> dict[str, Array]:
    """The values with the mistake made at all its sites, or only at those whose ids begin so; by quantity."""
    one = exercise(text)
    made = next(m for m in mistakes(one.program) if (m.row.code, m.variant) == (code, variant))
    replaced = {site: expression for site, expression in made.replaced.items() if site.startswith(at)}
    return {name: value[..., 0] for name, value in run(one.program, one.given, replaced=replaced).items()}


def test_the_error_printed_after_the_first_update_comes_of_updated_weights() -> None:
    one = exercise("mazur")
    assert f"{run(one.program, one.given)['J@2'][0]:.9f}" == "0.291027774"
    made = wrong("mazur", "updated-weights")
    assert f"{made['J@2']:.9f}" == "0.291027924"
    np.testing.assert_allclose(
        made["W1_new"].ravel(), [0.14981763856120295, 0.19963527712240592, 0.2497881851977662, 0.29957637039553237]
    )


def test_so_do_the_outputs_printed_after_ten_thousand_updates() -> None:
    one = exercise("mazur")
    made = next(m for m in mistakes(one.program) if m.row.code == "updated-weights")
    plan, numbers = flatten(one.program, made.replaced), dict(one.given)
    for _ in range(10_000):
        moved = plan.run(numbers, wanted=("W1_new", "W2_new"))
        numbers |= {"W1": moved["W1_new"], "W2": moved["W2_new"]}
    outputs = plan.run(numbers, wanted=("a2",))["a2"][:, 0]
    assert [f"{output:.9f}" for output in outputs] == ["0.015912196", "0.984065734"]


def test_the_linear_networks_weights_if_the_last_layer_is_updated_first() -> None:
    made = wrong("hmkcode", "updated-weights")
    np.testing.assert_allclose(made["W1_new"].ravel(), [0.124108, 0.231161, 0.133706, 0.100559], atol=5e-7)


@pytest.mark.parametrize(
    "x, weights, prediction, loss",
    [
        ("1.66, 1.56", [-0.14714620845939308, -2.257146208459393], 0.02263393819825477, 0.0005122951583624163),
        ("2, 1.5", [-0.2920382957075285, -2.4020382957075284], 0.014962479449257616, 0.00022387579126945649),
    ],
)
def test_the_articles_first_update_takes_the_upstream_derivative_for_the_gradient(
    x: str, weights: list[float], prediction: float, loss: float
) -> None:
    made = wrong(REAL_PYTHON.format(x=x), "upstream-as-gradient", at="dJ/dW1")
    np.testing.assert_allclose(made["W1_new"][0], weights)
    np.testing.assert_allclose([made["a1@2"][0], made["J@2"]], [prediction, loss])


def test_a_unit_that_is_off_and_lets_the_gradient_through() -> None:
    made = wrong("g-eoj", "relu-always-one")
    by_input = made["dJ/dW1"].T.ravel()
    expected = [-0.09093375673932373, -0.5890830344878768, 0.0341001587772464, 0.2209061379329538]
    np.testing.assert_allclose(by_input, expected)


def test_a_softmax_taken_place_by_place() -> None:
    np.testing.assert_allclose(wrong("dsse-softmax", "softmax-elementwise")["dJ/dz1"], [0, -0.5])


def test_the_slides_logarithm() -> None:
    assert f"{wrong(SOFTMAX_SLIDE, 'log-base-ten')['J']:.2f}" == "0.89"
    one = exercise(SOFTMAX_SLIDE)
    assert f"{run(one.program, one.given)['J'][0]:.2f}" == "2.04"


def test_a_gradient_overwritten_where_it_should_be_added_to() -> None:
    assert wrong("x-plus-x", "one-path-only")["dy/dx"] == 1


def test_one_path_of_a_fork_only() -> None:
    assert [wrong("cs224n", "one-path-only", variant)["df/dy"] for variant in (1, 2)] == [2, 3]


def test_the_slips_noted_for_a_logarithm_of_a_cosine() -> None:
    x = 1.0
    np.testing.assert_allclose(wrong("log-2-plus-cos", "omit-inner-derivative")["dh/dx"], 1 / (2 + np.cos(x)))
    np.testing.assert_allclose(wrong("log-2-plus-cos", "log-base-ten")["h"], np.log10(2 + np.cos(x)))
    slopes = [wrong("log-2-plus-cos", "outer-at-inner-argument", variant)["h|u2"] for variant in (1, 2, 3)]
    np.testing.assert_allclose(slopes, [1 / np.cos(x), 1 / x, -1 / np.sin(x)])
