"""Running a program: pinned and replaced steps, blocks of variants, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from random_formulas import random_formula
from random_networks import random_network

from exercises.components import componentwise
from exercises.expression import Apply, Constant, Expression, Symbol, apply
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.families.updates import Optimizer
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.plan import BLOCK, flatten, run
from exercises.program import Given, Part, Program, Role, Step, in_order_of_need

X, Y = Symbol("x"), Symbol("y")


def program(*steps: tuple[str, object]) -> Program:
    givens = (Given("x", (), Role.VARIABLE), Given("y", (), Role.VARIABLE))
    made = tuple(Step(name, expression, Part.FORWARD, Role.LINE) for name, expression in steps)  # type: ignore[arg-type]
    return Program(givens, made, made[-1].name)


CHAIN = program(("p", X + Y), ("q", Symbol("p") * 2), ("r", Symbol("q") - X))


def numbers(*values: float) -> Array:
    return np.array(values, dtype=float)


GIVEN = {"x": numbers(1, 2, 3), "y": numbers(10, 20, 30)}


def test_every_step_is_worked_out() -> None:
    results = run(CHAIN, GIVEN)
    assert list(results) == ["p", "q", "r"]
    assert results["r"].tolist() == [21, 42, 63]


def test_only_what_is_wanted_comes_back() -> None:
    assert list(run(CHAIN, GIVEN, wanted=["q"])) == ["q"]
    assert run(CHAIN, GIVEN, wanted=[]) == {}


# --- pinned ----------------------------------------------------------------------------------------------------------


def test_a_pinned_number_is_carried_on_and_nan_means_the_steps_own() -> None:
    results = run(CHAIN, GIVEN, pinned={"p": numbers(100, np.nan, 0)})
    assert results["p"].tolist() == [11, 22, 33], "the result is the value before pinning"
    assert results["q"].tolist() == [200, 44, 0]
    assert results["r"].tolist() == [199, 42, -3]


def test_pins_count_one_after_the_other() -> None:
    results = run(CHAIN, GIVEN, pinned={"p": numbers(1, 1, 1), "q": numbers(np.nan, 7, np.nan)})
    assert results["q"].tolist() == [2, 2, 2]
    assert results["r"].tolist() == [1, 5, -1]


def test_a_pin_for_all_variants_and_pins_for_more_variants_than_there_are_numbers() -> None:
    assert run(CHAIN, GIVEN, pinned={"p": numbers(5)})["r"].tolist() == [9, 8, 7]
    one = {"x": numbers(1), "y": numbers(10)}
    results = run(CHAIN, one, pinned={"p": numbers(5, np.nan)})
    assert results["r"].tolist() == [9, 21]
    assert results["p"].tolist() == [11, 11], "every result is as wide as the widest"


def test_single_cells_of_a_tensor_can_be_pinned() -> None:
    network = mlp(MlpOptions(layers=(2, 2, 1), activations="identity", bias=False))
    given = {quantity.name: np.ones((*quantity.shape, 2)) for quantity in network.givens}
    pins = np.full((2, 2), np.nan)
    pins[1, 0] = 7.0  # second unit, first variant
    results = run(network, given, pinned={"z1": pins})
    assert results["z1"].tolist() == [[2, 2], [2, 2]]
    assert results["a1"].tolist() == [[2, 2], [7, 2]]


def test_a_step_may_be_pinned_though_another_has_the_same_expression() -> None:
    twice = program(("p", X + Y), ("q", X + Y), ("r", Symbol("p") - Symbol("q")))
    results = run(twice, GIVEN, pinned={"p": numbers(0, 0, 0)})
    assert results["q"].tolist() == [11, 22, 33] and results["r"].tolist() == [-11, -22, -33]


def test_a_shared_subexpression_reads_the_pinned_number() -> None:
    p = Symbol("p")
    nested = program(("p", X + Y), ("q", (p * 2) + 1), ("r", (p * 2) - 1))
    assert run(nested, GIVEN, pinned={"p": numbers(0, 1, np.nan)})["r"].tolist() == [-1, 1, 65]


# --- replaced --------------------------------------------------------------------------------------------------------


def test_a_replaced_step_changes_what_follows() -> None:
    assert run(CHAIN, GIVEN, replaced={"p": X - Y})["r"].tolist() == [-19, -38, -57]
    assert run(CHAIN, GIVEN)["r"].tolist() == [21, 42, 63], "the program itself is as it was"


def test_a_wrong_step_may_read_what_is_worked_out_later() -> None:
    """The best-known mistake of all: going back through the weights that have been updated already."""
    network = mlp(MlpOptions(layers=(2, 2, 1), optimizer=Optimizer()))
    rng = np.random.default_rng(1)
    given = {quantity.name: rng.uniform(0.1, 0.9, (*quantity.shape, 4)) for quantity in network.givens}
    wrong = Symbol("W2_new", (1, 2)).T @ Symbol("dJ/dz2", (1,))
    right, mistaken = run(network, given), run(network, given, replaced={"dJ/da1": wrong})
    expected = np.einsum("ijv,iv->jv", right["W2_new"], right["dJ/dz2"])
    np.testing.assert_allclose(mistaken["dJ/da1"], expected, rtol=1e-13)
    np.testing.assert_array_equal(mistaken["W2_new"], right["W2_new"])
    assert (mistaken["W1_new"] != right["W1_new"]).any()
    x_part = np.einsum("iv,jv->ijv", mistaken["dJ/da1"] * right["da1/dz1"], given["x"])
    np.testing.assert_allclose(mistaken["dJ/dW1"], x_part, rtol=1e-13)
    assert set(mistaken) == set(right)


def test_replaced_and_pinned_go_together() -> None:
    results = run(CHAIN, GIVEN, replaced={"p": X - Y}, pinned={"q": numbers(np.nan, 0, np.nan)})
    assert results["q"].tolist() == [-18, -36, -54] and results["r"].tolist() == [-19, -2, -57]


def test_steps_that_come_to_need_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="needs itself"):
        flatten(CHAIN, {"p": Symbol("r") + X})
    with pytest.raises(ValueError, match="needs itself"):
        flatten(CHAIN, {"p": Symbol("p") + X})


def test_order_of_need_keeps_the_order_where_it_can() -> None:
    assert in_order_of_need(CHAIN.steps) == CHAIN.steps
    assert in_order_of_need(CHAIN.steps[::-1]) == CHAIN.steps


# --- variants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variants", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 5000])
def test_blocks_change_nothing(variants: int) -> None:
    """Number k of many is the number that k gives alone, whichever block it falls into; pins and constants included."""
    network = mlp(MlpOptions(layers=(2, 3, 2), activations=("tanh", "softmax"), optimizer=Optimizer()))
    plan = flatten(network)
    rng = np.random.default_rng(2)
    given = {quantity.name: rng.uniform(0.1, 0.9, (*quantity.shape, variants)) for quantity in network.givens}
    given["learning_rate"] = numbers(0.3)
    pins = {"z1": np.where(rng.random((3, variants)) < 0.3, rng.uniform(-1, 1, (3, variants)), np.nan)}
    results = plan.run(given, pinned=pins)
    assert all(array.shape == (*network.shapes[name], variants) for name, array in results.items())
    for k in {0, 1, variants // 2, BLOCK - 1, BLOCK, BLOCK + 1, variants - 1} & set(range(variants)):
        alone = {name: array[..., [k]] if array.shape[-1] > 1 else array for name, array in given.items()}
        for name, array in plan.run(alone, pinned={"z1": pins["z1"][..., [k]]}).items():
            np.testing.assert_allclose(results[name][..., [k]], array, rtol=1e-13, atol=1e-15)


def test_numbers_for_one_and_for_all_variants_mix() -> None:
    for variants in (3, BLOCK + 7):
        many = np.linspace(1, 2, variants)
        results = run(CHAIN, {"x": many, "y": numbers(10)})
        np.testing.assert_array_equal(results["p"], many + 10)
        assert results["r"].shape == (variants,)


def test_constants_are_as_wide_as_the_rest() -> None:
    constant = program(("c", Constant(Fraction(7))), ("v", Symbol("c") * X))
    for variants in (1, 3, BLOCK + 1):
        results = run(constant, {"x": np.ones(variants), "y": numbers(0)})
        assert results["c"].shape == (variants,) and (results["c"] == 7).all() and (results["v"] == 7).all()


def test_a_result_can_not_spoil_the_plan() -> None:
    plan = flatten(program(("c", Constant(Fraction(7)))))
    given = {"x": numbers(1), "y": numbers(1)}
    plan.run(given)["c"][:] = 8
    assert plan.run(given)["c"] == 7


def test_outside_a_domain_there_is_no_number_and_no_warning() -> None:
    odd = circuit(CircuitOptions(expression="log(x) + 1 / y"))
    values = run(odd, {"x": numbers(-1, 1, 0), "y": numbers(1, 0, 1)})["f"]
    assert np.isfinite(values).tolist() == [False, False, False]


def test_numpy_keeps_its_own_settings() -> None:
    before = np.geterr()
    run(CHAIN, GIVEN)
    assert np.geterr() == before


# --- against the plainest way to do it -----------------------------------------------------------------------------


def plainly(expression: Expression, values: dict[str, Array]) -> Array:
    """One node after another, each in an array of its own."""
    if isinstance(expression, Symbol):
        return values[expression.name]
    if isinstance(expression, Constant):
        return np.full((*expression.shape, 1), float(expression.value))
    assert isinstance(expression, Apply)
    arguments = [plainly(argument, values) for argument in expression.arguments]
    return OPERATIONS[expression.operation].value(*arguments, *expression.parameters)


def step_by_step(program: Program, given: dict[str, Array], pins: dict[str, Array], variants: int) -> dict[str, Array]:
    values, results = dict(given), {}
    for step in program.steps:
        value = plainly(step.expression, values)
        value = np.broadcast_to(value, (*step.shape, value.shape[-1]))
        results[step.name] = np.broadcast_to(value, (*step.shape, variants))
        pin = pins.get(step.name)
        values[step.name] = value if pin is None else np.where(np.isnan(pin), value, pin)
    return results


def some(rng: np.random.Generator, array: Array) -> Array:
    """The array with about half of its numbers left open."""
    return np.where(rng.random(array.shape) < 0.5, np.nan, array)


@pytest.mark.parametrize("seed", range(120))
def test_whatever_is_pinned_wanted_or_the_same_for_all_variants(seed: int) -> None:
    """Buffers are used again and steps left out; neither may show in any number."""
    rng = np.random.default_rng(seed)
    whole = random_network(seed).program if seed % 3 else circuit(CircuitOptions(lines=random_formula(seed).lines))
    spelled_out = componentwise(whole) if seed % 4 == 0 else whole
    variants = BLOCK + 5 if seed % 10 == 0 else int(rng.integers(1, 6))

    def width() -> int:
        return 1 if rng.random() < 0.4 else variants

    given = {one.name: rng.uniform(0.1, 0.9, (*one.shape, width())) for one in spelled_out.givens}
    pins = {
        step.name: some(rng, rng.uniform(0.1, 0.9, (*step.shape, width())))
        for step in spelled_out.steps
        if rng.random() < 0.3
    }
    wide = max(array.shape[-1] for array in (*given.values(), *pins.values()))
    with np.errstate(all="ignore"):
        expected = step_by_step(spelled_out, given, pins, wide)
    before = {name: array.copy() for name, array in (given | pins).items()}
    plan = flatten(spelled_out)
    for wanted in (None, [name for name in expected if rng.random() < 0.2], list(expected)[-1:]):
        results = plan.run(given, pinned=pins, wanted=wanted)
        assert list(results) == [name for name in expected if wanted is None or name in wanted]
        for name, array in results.items():
            assert array.shape == expected[name].shape
            np.testing.assert_allclose(array, expected[name], rtol=1e-12, atol=1e-14, err_msg=name)
    for name, array in (given | pins).items():
        np.testing.assert_array_equal(array, before[name], err_msg="what is given stays as it is")


def test_a_sum_of_what_is_the_same_for_all_variants() -> None:
    """A result as wide as the rest, of arguments that are narrow."""
    vector = Symbol("v", (3,))
    givens = (Given("v", (3,), Role.VARIABLE), Given("x", (), Role.VARIABLE))
    steps = (
        Step("s", apply("sum", vector, parameters=((0,),)), Part.FORWARD, Role.LINE),
        Step("m", apply("outer", vector, vector), Part.FORWARD, Role.LINE),
        Step("f", Symbol("s") * X, Part.FORWARD, Role.LINE),
    )
    for variants in (1, 4, BLOCK + 2):
        results = run(Program(givens, steps, "f"), {"v": np.arange(3.0)[:, None], "x": np.ones(variants)})
        assert results["s"].shape == (variants,) and (results["s"] == 3).all() and (results["f"] == 3).all()
        assert results["m"].shape == (3, 3, variants) and (results["m"][2, 2] == 4).all()


def test_results_are_the_callers_own() -> None:
    """Writing into one result changes neither another, nor what is given, nor the next run."""
    copies = program(("p", X + Symbol("y")), ("q", Symbol("p")), ("r", X))
    given = {"x": numbers(1, 2), "y": numbers(3, 4)}
    plan = flatten(copies)
    first = plan.run(given)
    first["p"][:] = 99
    first["r"][:] = 99
    assert first["q"].tolist() == [4, 6] and given["x"].tolist() == [1, 2]
    assert plan.run(given)["r"].tolist() == [1, 2] and plan.run(given)["p"].tolist() == [4, 6]


def test_arguments_are_written_over_only_when_nothing_reads_them_any_more() -> None:
    """Sums of three terms, an argument read twice, and a transposed view of what is written over."""
    p, q, r, s, t = (Symbol(name) for name in "pqrst")
    sums = program(
        ("p", X * Y),
        ("q", X + 1),
        ("r", Y + 1),
        ("s", apply("add", p, q, r)),  # r isn't read again, p and q are
        ("t", apply("add", s, s * 2, s)),  # the first term is the third as well
        ("u", t + p + q),
    )
    x, y = GIVEN["x"], GIVEN["y"]
    expected = 4 * (x * y + x + y + 2) + x * y + x + 1
    np.testing.assert_array_equal(run(sums, GIVEN, wanted=["u"])["u"], expected)
    A = Symbol("A", (2, 2))
    turned = Step("B", (A * 2) * (A * 2).T, Part.FORWARD, Role.LINE)
    square = Program((Given("A", (2, 2), Role.VARIABLE),), (turned,), "B")
    numbers_ = np.arange(4.0).reshape(2, 2, 1) + np.linspace(0, 1, BLOCK + 9)
    np.testing.assert_array_equal(run(square, {"A": numbers_})["B"], 4 * numbers_ * numbers_.swapaxes(0, 1))


# --- refused ---------------------------------------------------------------------------------------------------------


def test_unknown_symbols_are_refused() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        flatten(program(("p", X + Symbol("nowhere"))))
    with pytest.raises(KeyError, match="nowhere"):
        flatten(CHAIN, {"p": X + Symbol("nowhere")})
    with pytest.raises(KeyError, match="nowhere"):
        flatten(CHAIN, {"nowhere": X + Y})
    with pytest.raises(KeyError, match="nowhere"):
        run(CHAIN, GIVEN, pinned={"nowhere": numbers(1)})
    with pytest.raises(KeyError, match="nowhere"):
        run(CHAIN, GIVEN, wanted=["nowhere"])
    with pytest.raises(KeyError, match="y"):
        run(CHAIN, {"x": numbers(1)})


def test_a_given_is_no_step_to_pin() -> None:
    with pytest.raises(KeyError, match="x"):
        run(CHAIN, GIVEN, pinned={"x": numbers(1)})


def test_a_symbol_of_another_shape_is_another_symbol() -> None:
    with pytest.raises(KeyError, match="p"):
        flatten(program(("p", X + Y), ("q", apply("sum", Symbol("p", (2,)), parameters=((0,),)))))


def test_arrays_of_another_shape_are_refused() -> None:
    network = mlp(MlpOptions(layers=(2, 1), bias=False))
    given = {"x": np.ones((2, 3)), "y": np.ones((1, 3)), "W1": np.ones((1, 2, 3))}
    assert run(network, given)["z1"].tolist() == [[2, 2, 2]]
    with pytest.raises(ValueError, match="x has shape"):
        run(network, {**given, "x": np.ones((3, 3))})
    with pytest.raises(ValueError, match="W1 has shape"):
        run(network, {**given, "W1": np.ones((2, 3))})
    with pytest.raises(ValueError, match="z1 has shape"):
        run(network, given, pinned={"z1": np.ones(3)})
    with pytest.raises(ValueError, match="shape"):
        flatten(network, {"z1": Symbol("x", (2,))})


def test_different_numbers_of_variants_are_refused_even_where_blocks_would_fit() -> None:
    for first, second in ((2, 3), (BLOCK + 1, 2 * BLOCK)):
        with pytest.raises(ValueError, match="variants"):
            run(CHAIN, {"x": np.ones(first), "y": np.ones(second)})
        with pytest.raises(ValueError, match="variants"):
            run(CHAIN, {"x": np.ones(first), "y": np.ones(first)}, pinned={"p": np.ones(second)})
