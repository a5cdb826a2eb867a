"""The operations table: every column of every row filled, and right."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from operation_cases import CASES, SCALAR_CASES
from oracle import EXACT, INSTANCES, Case, compare, disagreements, program_of

from exercises.components import componentwise
from exercises.differentiation import local_derivatives
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.names import cell_ids
from exercises.operations import CALLABLE, OPERATIONS
from exercises.operations.row import ByComponents, Jacobian, Operation, Partials, Pullback
from exercises.operations.scalar import SCALAR_ROWS
from exercises.operations.tensor import mean, total
from exercises.plan import run
from exercises.program import Part, Role, Step
from exercises.writing import Written


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_derivative_are_those_of_numpy_autograd_and_differences(case: Case) -> None:
    assert disagreements(case) == []


def test_every_operation_has_a_case_and_every_case_two_hundred_instances() -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)
    assert INSTANCES >= 200


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_every_column_is_filled(row: Operation) -> None:
    for column in fields(row):
        assert getattr(row, column.name) is not None, column.name
    assert OPERATIONS[row.name] is row
    assert callable(row.shape) and callable(row.value) and callable(row.expand)
    assert isinstance(row.derivative, (Partials, Pullback, Jacobian))
    assert isinstance(row.bounds, ByComponents) or callable(row.bounds)
    assert isinstance(row.written, get_args(Written))


def test_rows_that_work_place_by_place_have_bounds_of_their_own() -> None:
    assert all(callable(row.bounds) for row in SCALAR_ROWS)
    assert {case.operation for case in SCALAR_CASES} == {row.name for row in SCALAR_ROWS}


def test_a_row_can_not_leave_a_column_out() -> None:
    row = OPERATIONS["exp"]
    columns = {column.name: getattr(row, column.name) for column in fields(row)}
    assert Operation(**columns) == row
    for name in columns:
        if name not in ("called", "fills"):
            with pytest.raises(TypeError, match=name):
                Operation(**{key: value for key, value in columns.items() if key != name})


def test_names_that_circuits_may_call_belong_to_one_row_each() -> None:
    assert len(CALLABLE) == sum(len(row.called) for row in OPERATIONS.values())
    wanted = "identity sigmoid tanh relu leaky_relu softplus exp log sin cos square sqrt reciprocal max"
    assert set(wanted.split()) <= set(CALLABLE)


UNARY = (
    *("negate", "square", "sqrt", "reciprocal", "identity", "sigmoid", "tanh"),
    *("relu", "softplus", "exp", "log", "log10", "sin", "cos", "sin_degrees", "cos_degrees"),
)

MISFITS = [
    ("add", [], ()),
    ("add", [(2,), (3,)], ()),
    ("add", [(2,), (2, 2)], ()),
    ("subtract", [(2,)], ()),
    ("subtract", [(2,), (3,)], ()),
    ("multiply", [(2,), (3,)], ()),
    ("multiply", [(2,), (2,), (2,)], ()),
    ("divide", [(2, 2), (3, 2)], ()),
    ("divide", [()], ()),
    ("power", [(2,), (3,)], ()),
    ("power", [(2,)], ()),
    *((name, [(2,), (2,)], ()) for name in UNARY),
    ("leaky_relu", [(), ()], (Fraction(1, 8),)),
    ("by_sign", [(), ()], (Fraction(1), Fraction(0), Fraction(0))),
    ("maximum", [(2,), (3,)], ()),
    ("maximum", [(2,), (2,), (2,)], ()),
    ("matmul", [(2, 3), (2,)], ()),
    ("matmul", [(), (2,)], ()),
    ("matmul", [(2,), ()], ()),
    ("matmul", [(1, 2, 2), (2,)], ()),
    ("matmul", [(2, 2)], ()),
    ("outer", [(2,), (2, 2)], ()),
    ("outer", [(2,)], ()),
    ("outer", [(2,), (2,), (2,)], ()),
    ("transpose", [(2,)], ()),
    ("diagonal", [(2, 2)], ()),
    ("diagonal_of", [(2, 3)], ()),
    ("diagonal_of", [(2,)], ()),
    ("sum", [(2,)], ((1,),)),
    ("sum", [(2,)], ((-1,),)),
    ("sum", [(2, 3)], ((0, 0),)),
    ("spread", [(2,)], ((1,), (3, 4))),
    ("spread", [(2,)], ((2,), (3,))),
    ("softmax", [(2,)], (1,)),
    ("softmax", [()], (0,)),
    ("largest", [(2,)], ((1,),)),
    ("is_largest", [(2,)], ((1,),)),
    ("gather", [(2,)], ((0, 2),)),
    ("gather", [()], ((0,),)),
    ("scatter", [(2,)], ((0, 2), 2)),
    ("scatter", [(3,)], ((0, 1), 2)),
    ("concatenate", [(2,), (2, 2)], ()),
    ("concatenate", [()], ()),
    ("concatenate", [], ()),
    ("reshape", [(2, 3)], ((5,),)),
    ("slice", [(3,)], (((0, 4, 1),),)),
    ("slice", [(3,)], (((2, 0, -1),),)),
    ("slice", [(3, 3)], (((0, 2, 1),),)),
    ("convolve", [(3,), (2,)], ((1, 0, 1), (3,))),
    ("convolve", [(3,), (2, 2)], ((1, 0, 1), (2,))),
    ("spread_windows", [(3,), (2,)], ((1, 0, 1), (3,))),
    ("spread_windows", [(2,), (2,)], ((0, 0, 1), (3,))),
    ("pad", [(3,)], (((0, 2, 1),), (4,))),
    ("pad", [(2,)], (((0, 2, 1),), (1,))),
]


@pytest.mark.parametrize("operation, shapes, parameters", MISFITS, ids=lambda value: str(value))
def test_shapes_that_do_not_fit_are_refused(
    operation: str, shapes: list[tuple[int, ...]], parameters: tuple[object, ...]
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        apply(operation, *(Symbol(f"x{k}", shape) for k, shape in enumerate(shapes)), parameters=parameters)


def test_every_row_has_shapes_that_it_refuses() -> None:
    assert {operation for operation, _, _ in MISFITS} == set(OPERATIONS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cell_by_cell_is_the_same_value(case: Case) -> None:
    arguments = case.numbers(20)
    expression = case.expression(arguments)
    tensors = program_of(expression, arguments)
    given = {f"x{k}": array for k, array in enumerate(arguments)} | {"g": np.zeros((*expression.shape, 1))}
    whole = run(tensors, given)["out"]
    cells = run(componentwise(tensors), by_cell(given))
    for index, cell in zip(np.ndindex(*expression.shape), cell_ids("out", expression.shape), strict=True):
        assert compare(cell, cells[cell], whole[index], EXACT) == []


def by_cell(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        cell: array[index]
        for name, array in given.items()
        for index, cell in zip(np.ndindex(*array.shape[:-1]), cell_ids(name, array.shape[:-1]), strict=True)
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_number_for_all_variants_stands_for_many(case: Case) -> None:
    """An argument of V = 1 beside others of V = n gives what n copies of it give."""
    arguments = case.numbers(3)
    expression = case.expression(arguments)
    for lone in range(len(arguments)):
        mixed = [array[..., :1] if k == lone else array for k, array in enumerate(arguments)]
        wide = [np.broadcast_to(array, (*array.shape[:-1], 3)) for array in mixed]
        program = program_of(expression, arguments)
        results = [
            run(program, {f"x{k}": array for k, array in enumerate(arrays)} | {"g": np.zeros((*expression.shape, 1))})
            for arrays in (mixed, wide)
        ]
        np.testing.assert_allclose(np.broadcast_to(results[0]["out"], results[1]["out"].shape), results[1]["out"])


def value(name: str, *arguments: float, parameters: tuple[object, ...] = ()) -> float:
    with np.errstate(all="ignore"):
        return float(OPERATIONS[name].value(*(np.array([float(x)]) for x in arguments), *parameters)[0])


def slope(name: str, *arguments: float, parameters: tuple[object, ...] = ()) -> list[float]:
    symbols = [Symbol(f"x{k}") for k in range(len(arguments))]
    step = Step("out", apply(name, *symbols, parameters=parameters), Part.FORWARD, Role.LINE)
    found = local_derivatives(step)
    more = [Step(f"by {name}", slope, Part.BACKWARD, Role.LOCAL) for name, slope in found.items()]
    given = {f"x{k}": np.array([float(x)]) for k, x in enumerate(arguments)}
    results = run(program_of(step.expression, given.values(), more), given | {"g": np.ones(1)})
    return [float(results[f"by x{k}"][0]) for k in range(len(arguments))]


LEAK = (Fraction(1, 100),)


def test_at_a_kink_the_slope_is_the_one_that_is_taught() -> None:
    assert slope("relu", 0) == [0]
    assert slope("leaky_relu", 0, parameters=LEAK) == [0.01]
    assert slope("maximum", 2, 2) == [1, 0], "a tie goes to the first"


def test_of_several_largest_places_only_the_first_gets_the_gradient() -> None:
    x = np.array([[1.0, 3.0, 3.0], [3.0, 0.0, 3.0]])[..., None]
    for axes, marks in (
        ((1,), [[0, 1, 0], [1, 0, 0]]),
        ((0,), [[0, 1, 1], [1, 0, 0]]),
        ((0, 1), [[0, 1, 0], [0, 0, 0]]),
    ):
        expression = apply("is_largest", Symbol("x0", (2, 3)), parameters=(axes,))
        program = program_of(expression, [x])
        given = {"x0": x, "g": np.zeros((2, 3, 1))}
        assert run(program, given)["out"][..., 0].tolist() == marks
        cells = run(componentwise(program), by_cell(given))
        assert [cells[cell][0] for cell in cell_ids("out", (2, 3))] == [mark for row in marks for mark in row]


def test_far_out_the_functions_do_not_overflow() -> None:
    assert value("sigmoid", -1000) == 0 and value("sigmoid", 1000) == 1
    assert value("softplus", 1000) == 1000 and value("softplus", -1000) == 0
    assert value("tanh", 1000) == 1
    z = np.array([1000.0, 1001.0, -1000.0])[:, None]
    np.testing.assert_allclose(OPERATIONS["softmax"].value(z, 0)[:, 0], [1 / (1 + np.e), np.e / (1 + np.e), 0])


UNDEFINED = [
    ("log", (0.0,), ()),
    ("log", (-1.0,), ()),
    ("sqrt", (-1.0,), ()),
    ("reciprocal", (0.0,), ()),
    ("divide", (1.0, 0.0), ()),
    ("divide", (0.0, 0.0), ()),
    ("power", (0.0, -1.0), ()),
    ("power", (-2.0, 0.5), ()),
]


@pytest.mark.parametrize("name, arguments, parameters", UNDEFINED)
def test_outside_its_domain_a_function_has_no_finite_value(
    name: str, arguments: tuple[float, ...], parameters: tuple[object, ...]
) -> None:
    assert not np.isfinite(value(name, *arguments, parameters=parameters))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "by_sign", "maximum", "square", "sigmoid", "tanh", "softplus"])
def test_what_is_no_number_stays_no_number(name: str) -> None:
    parameters = {"leaky_relu": LEAK, "by_sign": (Fraction(1), Fraction(0), Fraction(0))}.get(name, ())
    arguments = (np.nan, 1.0) if name == "maximum" else (np.nan,)
    assert np.isnan(value(name, *arguments, parameters=parameters))


def test_marks_of_the_largest_of_what_is_no_number_are_none() -> None:
    assert np.isnan(OPERATIONS["is_largest"].value(np.array([[1.0], [np.nan]]), (0,))).all()


def local(expression: Expression, name: str = "a") -> list[Expression]:
    return list(local_derivatives(Step(name, expression, Part.FORWARD, Role.ACTIVATION)).values())


def test_derivatives_are_written_as_they_are_taught() -> None:
    z, a, one = Symbol("z"), Symbol("a"), Constant(Fraction(1))
    assert local(apply("sigmoid", z)) == [a * (1 - a)]
    assert local(apply("tanh", z)) == [1 - apply("square", a)]
    assert local(apply("exp", z)) == [a]
    assert local(apply("log", z)) == [1 / z]
    assert local(apply("sqrt", z)) == [1 / (2 * a)]
    assert local(apply("square", z)) == [2 * z]
    assert local(apply("identity", z)) == [one]
    assert local(apply("softplus", z)) == [apply("sigmoid", z)]
    assert local(apply("sin", z)) == [apply("cos", z)]
    assert local(apply("cos", z)) == [-apply("sin", z)]
    assert local(z**3) == [3 * apply("square", z)]
    assert local(z**2) == [2 * z]
    assert local(z**1) == [one]
    assert local(z**0) == [Constant(Fraction(0))]
    assert local(z + z) == [Constant(Fraction(2))]


def test_softmaxs_table_of_slopes_is_diagonal_minus_outer() -> None:
    z, a = Symbol("z", (3,)), Symbol("a", (3,))
    table = local(apply("softmax", z, parameters=(0,)))
    assert table == [apply("diagonal", a) - apply("outer", a, a)]


def test_totals_and_means() -> None:
    x = np.arange(6.0).reshape(2, 3, 1)
    symbol = Symbol("x0", (2, 3))
    for expression, expected in (
        (total(symbol), [15.0]),
        (mean(symbol), [2.5]),
        (mean(symbol, (1,)), [[1.0], [4.0]]),
        (total(symbol, (0,)), [[3.0], [5.0], [7.0]]),
    ):
        out = run(program_of(expression, [x]), {"x0": x, "g": np.zeros((*expression.shape, 1))})["out"]
        np.testing.assert_allclose(out, expected)
