"""A program spelled out cell by cell: the same numbers, and the lines a person writes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from oracle import EXACT, compare
from random_networks import random_network

from exercises.components import component, componentwise
from exercises.expression import Constant, Expression, Symbol, apply, symbols, walk
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.families.updates import Optimizer
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.operations.tensor import total
from exercises.plan import run
from exercises.program import Part, Program


def by_cell(quantities: dict[str, Array]) -> dict[str, Array]:
    return {
        cell: array[index]
        for name, array in quantities.items()
        for index, cell in zip(np.ndindex(*array.shape[:-1]), cell_ids(name, array.shape[:-1]), strict=True)
    }


@pytest.mark.parametrize("seed", range(60))
def test_cells_have_the_values_of_the_tensors(seed: int) -> None:
    network = random_network(seed)
    whole = by_cell(run(network.program, network.given))
    cells = run(componentwise(network.program), by_cell(dict(network.given)))
    assert list(cells) == list(whole)
    for name, array in whole.items():
        assert compare(name, cells[name], array, EXACT) == [], network.options


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_cells_are_scalars_that_read_cells(seed: int) -> None:
    program = componentwise(random_network(seed).program)
    known = {given.name for given in program.givens}
    for step in program.steps:
        assert all(node.shape == () for node in walk(step.expression))
        assert {symbol.name for symbol in symbols(step.expression)} <= known, "in order, and nothing but cells"
        known.add(step.name)
    assert program.output == "J"


@pytest.fixture(scope="module")
def cells() -> Program:
    wishes = {"layers": (2, 2, 1), "activations": ("sigmoid", "identity"), "optimizer": Optimizer()}
    return componentwise(mlp(MlpOptions(**wishes)))


def s(name: str) -> Symbol:
    return Symbol(name)


def half(expression: Expression) -> Expression:
    return Constant(Fraction(1, 2)) * expression


def test_lines_read_as_they_are_written_by_hand(cells: Program) -> None:
    line = {step.name: step.expression for step in cells.steps}
    products = s("W1[1,1]") * s("x[1]"), s("W1[1,2]") * s("x[2]")
    assert line["z1[1]"] == apply("add", *products, s("b1[1]")), "one sum, not a sum of sums"
    assert line["a1[2]"] == apply("sigmoid", s("z1[2]"))
    assert line["a2[1]"] == apply("identity", s("z2[1]"))
    assert line["J"] == half(apply("square", s("a2[1]") - s("y[1]")))
    assert line["dJ/da2[1]"] == s("a2[1]") - s("y[1]")
    assert line["da1/dz1[1]"] == s("a1[1]") * (1 - s("a1[1]"))
    assert line["dJ/dz1[2]"] == s("dJ/da1[2]") * s("da1/dz1[2]")
    assert line["dJ/dW1[2,1]"] == s("dJ/dz1[2]") * s("x[1]"), "the gradient first, as in the chain"
    assert line["dJ/db1[1]"] == s("dJ/dz1[1]")
    assert line["dJ/da1[2]"] == s("dJ/dz2[1]") * s("W2[1,2]"), "the gradient first here too"
    dx = s("dJ/dz1[1]") * s("W1[1,2]"), s("dJ/dz1[2]") * s("W1[2,2]")
    assert line["dJ/dx[2]"] == apply("add", *dx)
    assert line["W1_new[1,2]"] == s("W1[1,2]") - s("learning_rate") * s("dJ/dW1[1,2]")


def test_every_quantity_has_all_its_cells_in_order(cells: Program) -> None:
    program = mlp(MlpOptions(layers=(2, 2, 1), activations=("sigmoid", "identity"), optimizer=Optimizer()))
    names = [cell for name, shape in program.shapes.items() for cell in cell_ids(name, shape)]
    assert list(cells.shapes) == names
    assert {cells.roles[cell] for cell in ("W1[1,1]", "W1[2,2]")} == {program.roles["W1"]}


def test_with_examples_the_last_index_counts_them() -> None:
    program = componentwise(mlp(MlpOptions(layers=(2, 2), activations="tanh", examples=3)))
    line = {step.name: step.expression for step in program.steps}
    assert line["z1[2,3]"] == apply("add", s("W1[2,1]") * s("x[1,3]"), s("W1[2,2]") * s("x[2,3]"), s("b1[2]"))
    flows = [s(f"dJ/dz1[1,{k}]") for k in (1, 2, 3)]
    assert line["dJ/db1[1]"] == apply("add", *flows)
    shared = componentwise(mlp(MlpOptions(layers=(2, 2), activations="tanh", bias="shared", examples=2)))
    flows = [s(f"dJ/dz1[{i},{k}]") for i in (1, 2) for k in (1, 2)]
    assert shared.by_name["dJ/db1"].expression == apply("add", *flows)


def test_softmax_by_cells_is_a_quotient_of_exponentials() -> None:
    program = componentwise(mlp(MlpOptions(layers=(2, 2), activations="softmax", fused=False)))
    line = {step.name: step.expression for step in program.steps}
    grown = [apply("exp", s(f"z1[{k}]")) for k in (1, 2)]
    assert line["a1[2]"] == grown[1] / apply("add", *grown)
    a1, a2 = s("a1[1]"), s("a1[2]")
    assert line["da1/dz1[1,2]"] == -(a1 * a2)
    assert line["da1/dz1[1,1]"] == a1 - a1 * a1


def test_derived_lines_lose_zeros_and_ones_but_an_authors_own_stay() -> None:
    lines = {step.name: step for step in componentwise(circuit(CircuitOptions(lines=("f = x * 1 + 0",)))).steps}
    assert lines["u1"].expression == s("x") * Constant(Fraction(1))
    assert lines["f"].expression == s("u1") + Constant(Fraction(0))
    assert lines["u1|x"].expression == Constant(Fraction(1))
    matrix = apply("diagonal", Symbol("v", (2,))) @ Symbol("w", (2,))
    assert component(matrix, (0,)) == apply("add", s("v[1]") * s("w[1]"), Constant(Fraction(0)) * s("w[2]")), (
        "expansion itself leaves nothing out"
    )


def test_a_sum_over_one_place_is_that_place() -> None:
    assert component(total(Symbol("v", (1,))), ()) == s("v[1]")
    assert component(Symbol("A", (1, 1)) @ Symbol("v", (1,)), (0,)) == s("A[1,1]") * s("v[1]")


def test_parts_roles_and_chains_are_those_of_the_tensor_step(cells: Program) -> None:
    step = cells.by_name["dJ/dW1[2,1]"]
    assert step.part is Part.BACKWARD and step.through == "z1"
    assert [link.bottom for link in step.chain] == ["z1", "W1"]
