"""Running a program: pinned and replaced steps, blocks of variants, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from exercises.expression import Constant, Symbol, apply
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.families.updates import Optimizer
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
    plan = flatten(program(("c", Constant(Fraction(7)))))  # type: ignore[arg-type]
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
