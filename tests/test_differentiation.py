"""The backward pass: right on random networks and circuits, and written the way it is taught."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from oracle import EXACT, INSTANCES, backward_disagreements, compare, paths_disagree
from random_formulas import evaluate, random_formula
from random_formulas import gradients as formula_gradients
from random_networks import Network, random_network, worked_out

from exercises.differentiation import differentiate, every_local, local_derivatives, pull_back
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.families.updates import Optimizer
from exercises.operations.tensor import spread, total
from exercises.plan import run
from exercises.program import Given, Part, Partial, Program, Role, Step
from exercises.tidy import tidy

SEEDS = range(INSTANCES)


@pytest.mark.parametrize("seed", SEEDS)
def test_networks(seed: int) -> None:
    network = random_network(seed)
    results, expected = run(network.program, network.given), worked_out(network)
    for step in network.program.steps:
        if step.role not in (Role.LOCAL, Role.PATH):
            assert compare(step.name, results[step.name], expected[step.name], EXACT) == [], network.options
    assert backward_disagreements(network.program, network.given, {}) == [], network.options
    assert paths_disagree(network.program, results) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_circuits(seed: int) -> None:
    formula = random_formula(seed)
    program = circuit(CircuitOptions(lines=formula.lines))
    results = run(program, formula.given)
    for name, expected in evaluate(formula.lines, formula.given).items():
        assert compare(name, results[name], np.asarray(expected), EXACT) == [], formula.lines
    assert backward_disagreements(program, formula.given, formula_gradients(formula)) == [], formula.lines
    assert paths_disagree(program, results) == []


def test_random_networks_reach_every_wish() -> None:
    """Of 200 networks, every value of every option is met several times, so that the checks above mean something."""
    options = [random_network(seed).options for seed in SEEDS]
    for wishes in (
        [name for wish in options for name in wish.activations],
        [wish.loss for wish in options],
        [wish.bias for wish in options],
        [wish.examples for wish in options],
        [wish.rounds for wish in options],
        [wish.reduction for wish in options],
        [wish.update_bias for wish in options],
        [wish.fused and wish.activations[-1] == "softmax" and wish.loss == "cross_entropy" for wish in options],
    ):
        counts = {wish: wishes.count(wish) for wish in wishes}
        assert len(counts) > 1 and min(counts.values()) >= 8, counts


def test_a_later_round_is_the_first_round_of_the_updated_parameters() -> None:
    wishes = {"layers": (2, 2, 1), "activations": ("tanh", "sigmoid"), "optimizer": Optimizer()}
    rounds, single = mlp(MlpOptions(**wishes, rounds=3)), mlp(MlpOptions(**wishes))
    rng = np.random.default_rng(4)
    given = {quantity.name: rng.uniform(0.1, 0.9, (*quantity.shape, 5)) for quantity in rounds.givens}
    results = run(rounds, given)
    for number, before in ((2, ""), (3, "@2")):
        moved = {
            name: results.get(f"{name}_new{before}", array) if name[0] in "Wb" else array
            for name, array in given.items()
        }
        for name, array in run(single, moved).items():
            np.testing.assert_array_equal(results[f"{name}@{number}"], array)


def test_biases_that_are_not_updated_stay_the_same_in_later_rounds() -> None:
    program = mlp(MlpOptions(layers=(1, 1), optimizer=Optimizer(), rounds=2, update_bias=False))
    assert "b1_new" not in program.shapes and "dJ/db1@2" in program.shapes
    assert program.by_name["z1@2"].reads == ("W1_new", "x", "b1")


# --- the form --------------------------------------------------------------------------------------------------------


def of(program: Program, name: str) -> Expression:
    return program.by_name[name].expression


def number(value: str | int) -> Constant:
    return Constant(Fraction(value))


A, Y = Symbol("a1", (2,)), Symbol("y", (2,))
ONE_EXAMPLE_LAYER = {"layers": (3, 2), "activations": "sigmoid"}


@pytest.mark.parametrize(
    "loss, expected",
    [
        ("half_squared_error", A - Y),
        ("squared_error", number(2) * (A - Y)),
        ("mean_squared_error", A - Y),  # two outputs: ½ · 2
    ],
)
def test_the_losses_slope_is_written_plainly(loss: str, expected: Expression) -> None:
    program = mlp(MlpOptions(**ONE_EXAMPLE_LAYER, loss=loss))
    assert of(program, "dJ/da1") == expected


def test_a_layer_is_gone_back_through_as_in_textbooks() -> None:
    program = mlp(MlpOptions(layers=(2, 3, 1), activations="sigmoid"))
    names = [step.name for step in program.steps if step.part is Part.BACKWARD]
    first = ["dJ/da2", "da2/dz2", "dJ/dz2", "dJ/dW2", "dJ/db2"]
    assert names == [*first, "dJ/da1", "da1/dz1", "dJ/dz1", "dJ/dW1", "dJ/db1", "dJ/dx"]
    a1, d1, d2 = Symbol("a1", (3,)), Symbol("dJ/dz1", (3,)), Symbol("dJ/dz2", (1,))
    assert of(program, "da1/dz1") == a1 * (1 - a1)
    assert of(program, "dJ/dz1") == Symbol("dJ/da1", (3,)) * Symbol("da1/dz1", (3,))
    assert of(program, "dJ/dW2") == apply("outer", d2, a1)
    assert of(program, "dJ/db2") == d2
    assert of(program, "dJ/da1") == Symbol("W2", (1, 3)).T @ d2
    assert of(program, "dJ/dx") == Symbol("W1", (3, 2)).T @ d1


def test_the_chain_of_partials_is_kept() -> None:
    program = mlp(MlpOptions(layers=(2, 1, 1)))
    assert program.by_name["dJ/dW1"].chain == (Partial("J", "z1"), Partial("z1", "W1"))
    assert program.by_name["dJ/da2"].chain == (Partial("J", "a2"),)
    assert program.by_name["da1/dz1"].chain == (Partial("a1", "z1"),)
    assert program.by_name["dJ/dW1"].through == "z1"
    assert program.by_name["z1"].chain == () and program.by_name["z1"].through == ""


FUSED = [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")]


@pytest.mark.parametrize("activation, loss", FUSED)
def test_cross_entropy_with_its_own_activation_gives_p_minus_y(activation: str, loss: str) -> None:
    program = mlp(MlpOptions(layers=(3, 2), activations=activation, loss=loss))
    assert of(program, "dJ/dz1") == A - Y
    assert "dJ/da1" not in program.shapes and "da1/dz1" not in program.shapes
    assert program.by_name["dJ/dz1"].chain == (Partial("J", "z1"),)


@pytest.mark.parametrize("activation, loss", FUSED)
def test_the_long_way_has_the_slope_and_the_same_gradients(activation: str, loss: str) -> None:
    wishes = {"layers": (3, 2), "activations": activation, "loss": loss}
    short, long = mlp(MlpOptions(**wishes)), mlp(MlpOptions(**wishes, fused=False))
    assert long.shapes["dJ/da1"] == (2,)
    assert long.shapes["da1/dz1"] == ((2, 2) if activation == "softmax" else (2,))
    rng = np.random.default_rng(5)
    given = {quantity.name: rng.uniform(0.1, 0.9, (*quantity.shape, 7)) for quantity in short.givens}
    given["y"] /= given["y"].sum(axis=0)
    for name in ("dJ/dz1", "dJ/dW1", "dJ/dx"):
        np.testing.assert_allclose(run(short, given)[name], run(long, given)[name], rtol=1e-12)


def test_with_several_examples_each_loss_is_their_mean_unless_the_sum_is_asked_for() -> None:
    wishes = {"layers": (3, 2), "activations": "sigmoid", "loss": "half_squared_error", "examples": 4}
    a, y = Symbol("a1", (2, 4)), Symbol("y", (2, 4))
    assert of(mlp(MlpOptions(**wishes)), "dJ/da1") == number("1/4") * (a - y)
    assert of(mlp(MlpOptions(**wishes, reduction="sum")), "dJ/da1") == a - y


# --- paths -----------------------------------------------------------------------------------------------------------


def test_a_fork_has_a_step_for_each_path_and_one_for_their_sum() -> None:
    program = circuit(CircuitOptions(lines=("q = x * y", "f = q * x")))
    q, x, y = Symbol("q"), Symbol("x"), Symbol("y")
    assert of(program, "q|x") == y and of(program, "f|x") == q and of(program, "f|q") == x
    assert of(program, "df/dx.1") == Symbol("df/dq") * Symbol("q|x"), "paths are numbered in forward order"
    assert of(program, "df/dx.2") == Symbol("f|x")
    assert of(program, "df/dx") == Symbol("df/dx.1") + Symbol("df/dx.2")
    assert program.by_name["df/dx.1"].chain == (Partial("f", "q"), Partial("q", "x"))
    assert program.by_name["df/dx.2"].chain == (Partial("f", "x"),)
    assert of(program, "df/dy") == Symbol("df/dq") * Symbol("q|y")


def test_a_line_that_nothing_reads_and_what_only_it_reads_have_derivative_zero() -> None:
    program = circuit(CircuitOptions(lines=("q = x * w", "f = x * x")))
    values = run(program, {"x": np.array([3.0]), "w": np.array([5.0])})
    assert (values["df/dq"], values["df/dw"], values["df/dx"]) == (0, 0, 6)


def layered(constant: tuple[str, ...] = ()) -> Program:
    x, w = Symbol("x"), Symbol("w")
    steps = [
        Step("p", x * w, Part.FORWARD, Role.LINE),
        Step("q", Symbol("p") * x, Part.FORWARD, Role.LINE),
        Step("f", Symbol("q") * Symbol("p"), Part.FORWARD, Role.LINE),
    ]
    givens = (Given("x", (), Role.VARIABLE), Given("w", (), Role.VARIABLE))
    return differentiate(Program(givens, tuple(steps), "f"), constant=constant, local_name=every_local)


def test_through_what_is_held_constant_no_path_leads() -> None:
    x, w = np.array([3.0]), np.array([5.0])
    free = run(layered(), {"x": x, "w": w})
    assert (free["df/dx"], free["df/dw"]) == (3 * x**2 * w**2, 2 * x**3 * w)
    held = layered(("w",))
    assert "df/dw" not in held.shapes and "p|w" not in held.shapes
    assert run(held, {"x": x, "w": w})["df/dx"] == free["df/dx"]
    frozen = run(layered(("q",)), {"x": x, "w": w})  # f = q·p with q a number: df/dp = q
    assert "df/dq" not in frozen and (frozen["df/dx"], frozen["df/dw"]) == (x**2 * w * w, x**2 * w * x)


def test_every_gradient_of_a_random_circuit_is_a_step() -> None:
    for seed in range(30):
        formula = random_formula(seed)
        program = circuit(CircuitOptions(lines=formula.lines))
        lines = [step.name for step in program.steps if step.part is Part.FORWARD and step.name != "f"]
        wanted = {f"df/d{name}" for name in (*lines, *(given.name for given in program.givens))}
        assert {step.name for step in program.steps if step.role is Role.GRADIENT} == wanted


# --- pull_back and tidy ----------------------------------------------------------------------------------------------


def test_a_symbol_read_twice_gets_the_sum() -> None:
    x, g = Symbol("x"), Symbol("g")
    assert pull_back(x + x, g) == {"x": number(2) * g}
    assert local_derivatives(Step("f", x + x, Part.FORWARD, Role.LINE)) == {"x": number(2)}
    assert local_derivatives(Step("f", x * x, Part.FORWARD, Role.LINE)) == {"x": number(2) * x}


def test_a_scalar_that_serves_many_places_gets_the_sum_over_them() -> None:
    b, z, g = Symbol("b"), Symbol("z", (2, 3)), Symbol("g", (2, 3))
    assert pull_back(z + b, g) == {"z": g, "b": total(g)}
    v = Symbol("v", (2,))
    assert pull_back(z + spread(v, (1,), (3,)), g)["v"] == total(g, (1,))


@pytest.mark.parametrize(
    "derived, taught",
    [
        (number("1/2") * (number(2) * (A - Y)), A - Y),
        (number(1) * A, A),
        (A * number(-1), -A),
        (number(0) * A, Constant(Fraction(0), (2,))),
        (apply("negate", -A), A),
        (A + A, number(2) * A),
        (A + -Y, A - Y),
        (A - -Y, A + Y),
        (A + number(0), A),
        (A - number(0), A),
        (number(0) - A, -A),
        (A * (1 / Y), A / Y),
        (A / number(2), number("1/2") * A),
        (-A / Y, -(A / Y)),
        ((-A) * (-Y), A * Y),
        (1 / (2 * Symbol("s")), 1 / (2 * Symbol("s"))),
        (-(1 / Symbol("s")), -(1 / Symbol("s"))),
        (Symbol("s") ** number(2), apply("square", Symbol("s"))),
        (Symbol("s") ** number(1), Symbol("s")),
        (A * apply("identity", Y), A * Y),
        (spread(number(1), (0,), (2,)) * A, A),
        (number(2) + number(3) + A, A + number(5)),
        (A / number(0), A / number(0)),
    ],
)
def test_derived_lines_are_tidied(derived: Expression, taught: Expression) -> None:
    assert tidy(derived) == taught


def random_tree(rng: np.random.Generator, depth: int, shape: tuple[int, ...]) -> Expression:
    """Sums, products and the like of vectors, scalars and a few constants that tidying looks for."""
    if depth == 0:
        symbol = Symbol("v", (2,)) if rng.random() < 0.5 else Symbol("s")
        constant = Constant(
            Fraction(str(rng.choice(["0", "1", "-1", "2", "-1/2", "0.3"]))), shape if rng.random() < 0.5 else ()
        )
        return symbol if rng.random() < 0.6 else constant
    kind = str(rng.choice(["add", "subtract", "multiply", "divide", "negate", "power", "identity", "spread", "exp"]))
    first = random_tree(rng, depth - 1, shape)
    if kind in ("negate", "identity", "exp"):
        return apply(kind, first)
    if kind == "power":
        return first ** int(rng.integers(0, 4))
    if kind == "spread":
        return spread(first, (0,), (2,)) if not first.shape else first
    return apply(kind, first, random_tree(rng, depth - 1, shape))


def test_tidying_changes_neither_shape_nor_value() -> None:
    rng = np.random.default_rng(6)
    given = {"v": rng.uniform(0.5, 2, (2, 4)), "s": rng.uniform(0.5, 2, 4)}
    givens = (Given("v", (2,), Role.VARIABLE), Given("s", (), Role.VARIABLE))
    compared = 0
    for _ in range(600):
        tree = random_tree(rng, int(rng.integers(1, 5)), (2,))
        neat = tidy(tree)
        assert neat.shape == tree.shape, tree
        steps = tuple(Step(name, one, Part.FORWARD, Role.LINE) for name, one in (("tree", tree), ("neat", neat)))
        values = run(Program(givens, steps, "neat"), given)
        if np.isfinite(values["tree"]).all() and np.abs(values["tree"]).max() < 1e6:
            compared += 1
            assert compare("tidied", values["neat"], values["tree"], 1e-9) == [], tree
    assert compared > 300


def test_networks_are_comparable_as_values() -> None:
    """Two builds of one wish are the same program: nothing depends on where or when it was built."""
    first: Network = random_network(11)
    assert mlp(first.options) == first.program
