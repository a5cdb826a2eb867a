"""The checker is checked: a rule that is wrong by 0.05 % must not pass, whichever row it stands in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from operation_cases import CASES
from oracle import EXACT, Case, backward_disagreements, compare, disagreements, forward_of, paths_disagree, slopes

from exercises.expression import Constant, Expression
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.operations import OPERATIONS
from exercises.operations.row import Jacobian, Operation, Partials, Pullback
from exercises.plan import run

WRONG = Fraction(10_005, 10_000)

FLAT = {"by_sign", "is_largest"}
"""Their derivative is 0, and 0.05 % of nothing is nothing; 0.0005 is put in instead."""

FEW = 40


def off_by_little(row: Operation, place: int) -> Operation:
    """The row with the derivative by one argument 0.05 % too large."""

    def spoilt(rule):  # type: ignore[no-untyped-def]
        def wrong(*arguments: object) -> tuple[Expression, ...]:
            flows = list(rule(*arguments))
            flow = flows[place]
            flows[place] = flow + Constant(WRONG - 1, flow.shape) if row.name in FLAT else Constant(WRONG) * flow
            return tuple(flows)

        return wrong

    derivative = row.derivative
    if isinstance(derivative, Jacobian):
        return replace(row, derivative=Jacobian(derivative.matrix, spoilt(derivative.rule)))
    kind = Partials if isinstance(derivative, Partials) else Pullback
    return replace(row, derivative=kind(spoilt(derivative.rule)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_derivative_wrong_by_little_is_found_twice(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    right = OPERATIONS[case.operation]
    for place in range(len(case.numbers(1))):
        monkeypatch.setitem(OPERATIONS, case.operation, off_by_little(right, place))
        found = disagreements(case, FEW)
        assert any(line.startswith(f"autograd by x{place}") for line in found), found
        assert any(line.startswith(f"differences by x{place}") for line in found), found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_wrong_by_little_is_found(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    row = OPERATIONS[case.operation]
    wrong = replace(row, value=lambda *arguments: row.value(*arguments) * float(WRONG), fills=False)
    monkeypatch.setitem(OPERATIONS, case.operation, wrong)
    assert any(line.startswith("value") for line in disagreements(case, FEW))


def test_a_gradient_of_another_shape_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in CASES if str(case) == "outer-2-3")
    row = OPERATIONS["outer"]
    swapped = Pullback(lambda g, out, u, v: (g.T @ u, g @ v))
    monkeypatch.setitem(OPERATIONS, "outer", replace(row, derivative=swapped))
    assert any(line.startswith("shape of the gradient") for line in disagreements(case, FEW))


def test_comparison_notices_shapes_numbers_and_what_is_no_number() -> None:
    ones = np.ones((2, 3))
    assert compare("same", ones, ones, EXACT) == []
    assert compare("one for all", ones, np.ones((2, 1)), EXACT) == []
    assert compare("shape", ones, np.ones((3, 3)), EXACT)
    assert compare("little", ones, ones * 1.0005, 1e-4)
    assert compare("nothing", ones * np.nan, ones, EXACT)
    assert compare("endless", ones * np.inf, ones, EXACT)


NUMBERS = {"x": np.array([0.7, -1.2]), "y": np.array([1.1, 0.4])}


def spoilt(program, name: str, factor: Fraction = WRONG):  # type: ignore[no-untyped-def]
    """The program with one step's value 0.05 % too large."""
    steps = [replace(s, expression=Constant(factor) * s.expression) if s.name == name else s for s in program.steps]
    return replace(program, steps=tuple(steps))


@pytest.mark.parametrize("name", ["f|q", "q|x", "df/dq", "df/dx.2", "df/dx"])
def test_a_circuits_step_wrong_by_little_is_found(name: str) -> None:
    program = circuit(CircuitOptions(lines=("q = x * y", "f = q * sin(x)")))
    assert backward_disagreements(program, NUMBERS, {}) == []
    assert backward_disagreements(spoilt(program, name), NUMBERS, {})


@pytest.mark.parametrize("name", ["da2/dz2", "dJ/da2", "dJ/dz1", "dJ/dW1", "dJ/db2", "dJ/dx"])
def test_a_networks_step_wrong_by_little_is_found(name: str) -> None:
    program = mlp(MlpOptions(layers=(2, 3, 2), activations=("tanh", "softmax"), fused=False))
    rng = np.random.default_rng(3)
    given = {quantity.name: rng.uniform(0.1, 0.9, (*quantity.shape, 2)) for quantity in program.givens}
    assert backward_disagreements(program, given, {}) == []
    assert backward_disagreements(spoilt(program, name), given, {})


def test_a_total_that_leaves_out_a_path_is_found() -> None:
    program = circuit(CircuitOptions(lines=("q = x * y", "f = q * sin(x)")))
    partial = [replace(s, expression=program.symbol("df/dx.1")) if s.name == "df/dx" else s for s in program.steps]
    wrong = replace(program, steps=tuple(partial))
    assert paths_disagree(program, run(program, NUMBERS)) == []
    assert paths_disagree(wrong, run(wrong, NUMBERS))
    fewer = replace(program, steps=tuple(step for step in wrong.steps if step.name != "df/dx.2"))
    assert paths_disagree(fewer, run(program, NUMBERS))


def test_differences_hold_what_they_are_told_to_hold() -> None:
    program = forward_of(circuit(CircuitOptions(lines=("q = x * y", "f = q * x"))))
    x, y = NUMBERS["x"], NUMBERS["y"]
    total = slopes(program, NUMBERS, of="f", by="x")
    local = slopes(program, NUMBERS, of="f", by="x", held=["q"])
    np.testing.assert_allclose(total[0, 0], 2 * x * y, rtol=1e-9)
    np.testing.assert_allclose(local[0, 0], x * y, rtol=1e-9)
