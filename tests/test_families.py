"""Families: what they offer by default, and wishes that can't be met, refused with one line that says what to do."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest

from exercises.errors import InputError
from exercises.families import FAMILIES, family_named
from exercises.families.circuit import CircuitOptions
from exercises.families.family import Family
from exercises.families.mlp import MlpOptions, build
from exercises.families.updates import Optimizer
from exercises.families.usual import ACTIVATIONS
from exercises.plan import run
from exercises.program import Part, Role, in_order_of_need

SGD = Optimizer(learning_rate=0.1)

IMPOSSIBLE: list[tuple[dict[str, object], str, str]] = [
    ({"layers": (2,)}, "layers", "one size a layer, as in [2, 2, 1]"),
    ({"layers": ()}, "layers", "found []"),
    ({"layers": (2, 0, 1)}, "layers", "each from 1 to 64"),
    ({"layers": (2, -1)}, "layers", "found [2, -1]"),
    ({"layers": (2, 65)}, "layers", "found [2, 65]"),
    ({"layers": (2,) * 14}, "layers", "one size a layer"),
    ({"activations": "sigmod"}, "activations", 'unknown activation "sigmod"; did you mean "sigmoid"?'),
    ({"activations": ("relu", "swish")}, "activations", 'unknown activation "swish"'),
    ({"activations": ("relu",)}, "activations", "expected 2 names for layers = [2, 2, 1]"),
    ({"activations": ("relu", "relu", "relu")}, "activations", "found 3"),
    ({"activations": ()}, "activations", "found 0"),
    ({"loss": "half_square_error"}, "loss", 'did you mean "half_squared_error"?'),
    ({"loss": "binary_cross_entropy", "activations": "identity"}, "loss", "must be sigmoid, not identity"),
    ({"loss": "binary_cross_entropy", "activations": ("sigmoid", "softmax")}, "loss", "must be sigmoid, not softmax"),
    ({"loss": "cross_entropy", "activations": "tanh"}, "loss", "must be softmax or sigmoid, not tanh"),
    ({"rounds": 2}, "rounds", 'add optimizer = { name = "sgd"'),
    ({"rounds": 0}, "rounds", "expected 1 to 100 rounds, found 0"),
    ({"rounds": 101, "optimizer": SGD}, "rounds", "found 101"),
    ({"examples": 0}, "examples", "expected 1 to 64 training examples, found 0"),
    ({"examples": 65}, "examples", "found 65"),
    ({"given": {"x": [[1, 2], [3, 4]], "y": [[1]]}}, "given", "x has 2, y has 1"),
    ({"given": {"x": [[1, 2], [3, 4]]}, "examples": 3}, "given", "x has 2, examples has 3"),
    ({"activations": "leaky_relu", "leaky_slope": 1.5}, "leaky_slope", "found 1.5"),
    ({"activations": "leaky_relu", "leaky_slope": -0.1}, "leaky_slope", "found -0.1"),
]


@pytest.mark.parametrize("wish, where, message", IMPOSSIBLE, ids=[str(wish)[:40] for wish, _, _ in IMPOSSIBLE])
def test_a_network_that_can_not_be_is_refused(wish: dict[str, object], where: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        build(MlpOptions(**wish))  # type: ignore[arg-type]
    assert caught.value.where == where
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 220


def test_unknown_families_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match='did you mean "circuit"'):
        family_named("circut")
    with pytest.raises(InputError, match="known: "):
        family_named("qqqq")


def test_class_probabilities_that_do_not_add_up_are_refused() -> None:
    """∂J/∂z = p − y holds for probabilities only; with others it would be a wrong key."""
    options = MlpOptions(layers=(2, 2), activations="softmax")
    family = FAMILIES["mlp"]
    family.check(options, {"y": np.array([[0.0], [1.0]])})
    with pytest.raises(InputError, match="y"):
        family.check(options, {"y": np.array([[0.5], [0.2]])})


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_has_an_exercise_without_any_wish(family: Family) -> None:
    options = msgspec.convert(dict(family.preset), family.options)
    program = family.build(options)
    assert in_order_of_need(program.steps) == program.steps
    asked = family.asks(program)
    assert asked and set(asked) <= {step.name for step in program.steps}
    drawn = family.draws(options, program)
    assert {slot.name for slot in drawn.slots} | family.settled(options).keys() == set(program.shapes) - {
        *program.by_name
    }
    if any(step.role is Role.GRADIENT for step in program.steps):
        assert program.by_name[program.output].shape == ()
    assert FAMILIES[family.name] is family and family.summary


def test_presets_are_networks_of_their_shape() -> None:
    for name, shapes in (("neuron", {"W1": (1, 2), "b1": (1,)}), ("chain", {"W1": (1, 1), "W2": (1, 1)})):
        family = FAMILIES[name]
        program = family.build(msgspec.convert(dict(family.preset), family.options))
        assert {key: program.shapes[key] for key in shapes} == shapes
        assert "W3" not in program.shapes


def test_a_network_that_has_everything_is_named_as_the_design_says() -> None:
    program = build(MlpOptions(layers=(2, 3, 1), activations=("tanh", "sigmoid"), optimizer=SGD, rounds=2))
    givens = {given.name: (given.shape, given.role) for given in program.givens}
    assert givens == {
        "x": ((2,), Role.INPUT),
        "y": ((1,), Role.TARGET),
        "W1": ((3, 2), Role.WEIGHT),
        "b1": ((3,), Role.BIAS),
        "W2": ((1, 3), Role.WEIGHT),
        "b2": ((1,), Role.BIAS),
        "learning_rate": ((), Role.RATE),
    }
    forward = [step.name for step in program.steps if step.part in (Part.FORWARD, Part.LOSS)]
    assert forward == ["z1", "a1", "z2", "a2", "J", "z1@2", "a1@2", "z2@2", "a2@2", "J@2"]
    assert {"W1_new", "b1_new", "W2_new", "b2_new", "W1_new@2"} <= set(program.shapes)
    assert {"dJ/dx", "dJ/dW1", "da1/dz1", "dJ/dz1@2", "dJ/dW1@2"} <= set(program.shapes)


@pytest.mark.parametrize(
    "bias, shape, given", [(True, (3,), True), ("shared", (), True), (False, None, False)], ids=str
)
def test_biases_are_there_shared_or_absent(bias: bool | str, shape: tuple[int, ...] | None, given: bool) -> None:
    program = build(MlpOptions(layers=(2, 3), activations="relu", bias=bias))  # type: ignore[arg-type]
    assert ("b1" in program.shapes) is given and ("dJ/db1" in program.shapes) is given
    assert program.shapes.get("b1") == shape


def test_no_optimizer_no_update() -> None:
    program = build(MlpOptions())
    assert not [step for step in program.steps if step.part is Part.UPDATE]
    assert "learning_rate" not in program.shapes


def test_biases_may_be_left_as_they_are() -> None:
    program = build(MlpOptions(optimizer=SGD, update_bias=False))
    assert [step.name for step in program.steps if step.part is Part.UPDATE] == ["W1_new", "W2_new"]
    assert "dJ/db1" in program.shapes


def test_several_examples_are_columns() -> None:
    program = build(MlpOptions(layers=(3, 2), given={"x": [[1, 2, 3], [4, 5, 6]], "y": [[1, 0], [0, 1]]}))
    assert program.shapes["x"] == (3, 2) and program.shapes["z1"] == (2, 2) and program.shapes["J"] == ()
    assert build(MlpOptions(layers=(3, 2), given={"x": [1, 2, 3]})).shapes["x"] == (3,)
    assert build(MlpOptions(layers=(3, 2), examples=1)).shapes["x"] == (3,)
    assert build(MlpOptions(layers=(3, 2), given={"x": [[1, 2, 3]]})).shapes["x"] == (3, 1)


LOSSES = [
    ("half_squared_error", "identity", lambda a, y: 0.5 * ((a - y) ** 2).sum()),
    ("squared_error", "identity", lambda a, y: ((a - y) ** 2).sum()),
    ("mean_squared_error", "identity", lambda a, y: ((a - y) ** 2).mean()),
    ("binary_cross_entropy", "sigmoid", lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum()),
    ("cross_entropy", "softmax", lambda a, y: -(y * np.log(a)).sum()),
]


@pytest.mark.parametrize("loss, activation, expected", LOSSES, ids=[loss for loss, _, _ in LOSSES])
def test_the_losses_are_what_the_design_says(loss: str, activation: str, expected: object) -> None:
    assert callable(expected)
    x, y = np.array([0.4, -0.7]), np.array([0.25, 0.75])
    wish = {"layers": (2, 2), "activations": activation, "loss": loss, "bias": False}
    numbers = {"W1": np.array([[0.3, 0.8], [-0.2, 0.5]])[..., None]}
    single = run(build(MlpOptions(**wish)), {**numbers, "x": x[:, None], "y": y[:, None]})  # type: ignore[arg-type]
    first = expected(single["a1"][:, 0], y)
    assert single["J"] == pytest.approx(first)
    both = {**numbers, "x": np.stack([x, 2 * x], axis=1)[..., None], "y": np.stack([y, y], axis=1)[..., None]}
    for reduction, factor in (("mean", 0.5), ("sum", 1.0)):
        pair = build(MlpOptions(**wish, examples=2, reduction=reduction))  # type: ignore[arg-type]
        results = run(pair, both)
        total = expected(results["a1"][:, 0, 0], y) + expected(results["a1"][:, 1, 0], y)
        assert results["J"] == pytest.approx(factor * total)


def test_without_a_wish_the_loss_goes_with_the_output() -> None:
    assert "dJ/da1" not in build(MlpOptions(layers=(2, 2), activations="softmax")).shapes, "cross-entropy, fused"
    assert "dJ/da1" in build(MlpOptions(layers=(2, 2), activations="tanh")).shapes


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_makes_a_network(activation: str) -> None:
    program = build(MlpOptions(activations=(activation, "sigmoid")))
    assert program.shapes["a1"] == (2,)
    assert program.shapes["da1/dz1"] == ((2, 2) if activation == "softmax" else (2,))


def test_the_leak_is_the_one_asked_for() -> None:
    program = build(MlpOptions(layers=(1, 1), activations="leaky_relu", leaky_slope=0.2, bias=False))
    given = {"x": np.array([[-1.0]]), "W1": np.array([[[3.0]]]), "y": np.array([[0.0]])}
    results = run(program, given)
    assert results["a1"].item() == pytest.approx(-0.6) and results["da1/dz1"].item() == pytest.approx(0.2)


def test_asked_by_default_is_what_is_worked_out_not_what_is_copied() -> None:
    program = build(MlpOptions(layers=(2, 2, 1), activations=("sigmoid", "identity"), optimizer=SGD))
    asked = FAMILIES["mlp"].asks(program)
    assert "a2" not in asked and {"z1", "a1", "z2", "J", "dJ/dz1", "dJ/dW1", "W1_new"} <= set(asked)
    circuit = FAMILIES["circuit"]
    lines = circuit.build(CircuitOptions(lines=("q = x + y", "f = q * z")))
    assert circuit.asks(lines) == ("q", "f", "df/dz", "df/dq", "df/dx", "df/dy")
