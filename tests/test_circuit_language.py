"""The language of circuits: what is read, how it binds, what it is called, and what is refused in one clear line."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from effort import calls_of, processor_limit
from hypothesis import given
from hypothesis import strategies as st

from exercises.errors import InputError
from exercises.expression import Apply, Constant, Expression, Symbol, apply
from exercises.families.circuit import CircuitOptions, build
from exercises.families.formula_language import LONGEST_LINE, MOST_OPERATIONS, parse_expression, parse_line
from exercises.names import parse_cell
from exercises.operations import CALLABLE
from exercises.plan import run
from exercises.program import Part, Program, Role

X, Y, Z = Symbol("x"), Symbol("y"), Symbol("z")


def number(value: str | int) -> Constant:
    return Constant(Fraction(value))


def parsed(text: str) -> Expression:
    return parse_expression(text, "expression")


def circuit(*lines: str, **options: object) -> Program:
    return build(CircuitOptions(lines=lines, **options))  # type: ignore[arg-type]


def formula(text: str) -> Program:
    return build(CircuitOptions(expression=text))


# --- how it binds ----------------------------------------------------------------------------------------------------

BINDS: list[tuple[str, Expression]] = [
    ("x + y * z", X + (Y * Z)),
    ("x * y + z", (X * Y) + Z),
    ("x - y - z", (X - Y) - Z),
    ("x - y + z", (X - Y) + Z),
    ("x / y / z", (X / Y) / Z),
    ("x / y * z", (X / Y) * Z),
    ("x * y ^ z", X * (Y**Z)),
    ("x ^ y ^ z", X ** (Y**Z)),
    ("(x ^ y) ^ z", (X**Y) ** Z),
    ("-x ^ y", -(X**Y)),
    ("(-x) ^ y", (-X) ** Y),
    ("x ^ -y", X ** (-Y)),
    ("x ^ -y ^ z", X ** (-(Y**Z))),
    ("-x * y", (-X) * Y),
    ("x * -y", X * (-Y)),
    ("x - -y", X - (-Y)),
    ("-x + y", (-X) + Y),
    ("-(x + y)", -(X + Y)),
    ("--x", X),
    ("---x", -X),
    ("x ** y", X**Y),
    ("(x + y) * z", (X + Y) * Z),
    ("((x))", X),
    ("x+y", X + Y),
    ("  x\t+\ny ", X + Y),
    ("x × y", X * Y),
    ("x · y ÷ z − x", ((X * Y) / Z) - X),
    ("2 * x", number(2) * X),
    ("-2 * x", number(-2) * X),
    ("-2 ^ 2 * x", number(-4) * X),
    ("(-2) ^ 2 * x", number(4) * X),
    ("x ^ 2", X ** number(2)),
    ("-x ^ 2", -(X ** number(2))),
    ("x ^ -1", X ** number(-1)),
    ("x ^ (1/2)", X ** number("1/2")),
    ("1/2 * x", number("1/2") * X),
    ("x * 1", X * number(1)),
    ("x + 0", X + number(0)),
    ("x + 1 + 2", (X + number(1)) + number(2)),
    (".5 + x", number("0.5") + X),
    ("5. + x", number(5) + X),
    ("0.1 + x", number("1/10") + X),
    ("2 + cos(x)", number(2) + apply("cos", X)),
    ("sin(x) ^ 2", apply("sin", X) ** number(2)),
    ("sin (x)", apply("sin", X)),
    ("max(x, y)", apply("maximum", X, Y)),
    ("max(x, y, z)", apply("maximum", apply("maximum", X, Y), Z)),
    ("max(x + y, 0)", apply("maximum", X + Y, number(0))),
    ("leaky_relu(x)", apply("leaky_relu", X, parameters=(Fraction(1, 100),))),
    ("ln(x)", apply("log", X)),
    ("x_1 * X", Symbol("x_1") * Symbol("X")),
    ("exp(1) * x", apply("exp", number(1)) * X),
]


@pytest.mark.parametrize("text, expected", BINDS, ids=[text for text, _ in BINDS])
def test_precedence(text: str, expected: Expression) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize("name", [name for name in CALLABLE if name != "max"])
def test_every_function_of_the_table_can_be_called(name: str) -> None:
    tree = parsed(f"{name}(x)")
    assert isinstance(tree, Apply) and tree.operation == CALLABLE[name] and tree.arguments == (X,)


trees = st.recursive(
    st.sampled_from(["x", "y", "z", "2", "0.5"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner).map(lambda t: f"{t[1]} {t[0]} {t[2]}"),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=12,
)


@given(trees)
def test_it_reads_as_python_reads(text: str) -> None:
    """Python's own parser on the same text gives the same number, wherever that is one."""
    values = {"x": 1.3, "y": 0.7, "z": 2.1}
    try:
        expected = eval(text, {"__builtins__": {}}, dict(values))
        program = formula(text.replace("**", "^"))
    except (ArithmeticError, InputError):
        return
    if isinstance(expected, complex):
        return
    found = run(program, {name: np.array([values[name]]) for name in (given.name for given in program.givens)})["f"]
    if np.isfinite(found).all() and abs(expected) < 1e12:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- ids: the design's section 4, line by line -----------------------------------------------------------------------


def test_each_named_line_is_its_own_id_and_the_last_is_the_output() -> None:
    program = circuit("q = x + y", "f = q * z")
    assert [step.name for step in program.steps if step.part is Part.FORWARD] == ["q", "f"]
    assert program.output == "f"
    assert [given.name for given in program.givens] == ["x", "y", "z"]
    assert {"df/dq", "df/dx", "df/dy", "df/dz", "f|q", "f|z", "q|x", "q|y"} <= set(program.shapes)
    assert circuit("a = w1 * x", "O = a + w2").output == "O"
    assert "dO/dw1" in circuit("a = w1 * x", "O = a + w2").shapes


def test_the_published_circuit_has_its_well_known_gradients() -> None:
    numbers = {name: np.array([value]) for name, value in {"x": -2.0, "y": 5.0, "z": -4.0}.items()}
    results = run(circuit("q = x + y", "f = q * z"), numbers)
    wanted = {"q": 3, "f": -12, "df/dq": -4, "df/dz": 3, "df/dx": -4, "df/dy": -4, "q|x": 1, "f|q": -4, "f|z": 3}
    assert {name: float(results[name][0]) for name in wanted} == wanted


def test_an_expressions_output_is_f_and_inner_nodes_count_in_the_order_worked_out() -> None:
    program = formula("log(2 + cos(x))")
    forward = {step.name: step.expression for step in program.steps if step.part is Part.FORWARD}
    assert forward == {
        "u1": apply("cos", X),
        "u2": number(2) + Symbol("u1"),
        "f": apply("log", Symbol("u2")),
    }
    x = np.array([0.4, 1.1])
    np.testing.assert_allclose(run(program, {"x": x})["df/dx"], -np.sin(x) / (2 + np.cos(x)), rtol=1e-14)


def test_inner_nodes_count_on_through_the_lines() -> None:
    program = circuit("q = (x + y) * (x - y)", "f = exp(q * 2) + sin(x)")
    names = [step.name for step in program.steps if step.part is Part.FORWARD]
    assert names == ["u1", "u2", "q", "u3", "u4", "u5", "f"]
    assert program.by_name["u3"].expression == Symbol("q") * number(2)
    assert program.by_name["f"].expression == Symbol("u4") + Symbol("u5")


def test_an_expressions_output_may_be_named() -> None:
    assert build(CircuitOptions(expression="x * y", output="J")).output == "J"


def test_the_total_and_the_local_derivative_have_different_ids() -> None:
    results = run(circuit("q = x * y", "f = q * x"), {"x": np.array([3.0]), "y": np.array([5.0])})
    assert results["f|x"] == 15 and results["df/dx"] == 30 and results["q|x"] == 5


def test_an_unused_line_has_derivative_zero() -> None:
    results = run(circuit("q = x * y", "f = x * 2"), {"x": np.array([3.0]), "y": np.array([5.0])})
    assert results["df/dq"] == 0 and results["df/dy"] == 0 and results["df/dx"] == 2


def test_a_quantity_read_twice_by_one_line() -> None:
    numbers = {"x": np.array([3.0])}
    assert run(formula("x + x"), numbers)["df/dx"] == 2
    assert run(formula("x - x"), numbers)["df/dx"] == 0
    assert run(formula("x * x"), numbers)["df/dx"] == 6
    assert run(formula("x / x"), numbers)["df/dx"] == 0
    assert run(formula("max(x, x)"), numbers)["df/dx"] == 1


def test_repeated_subexpressions_stay_separate() -> None:
    program = formula("sin(x) * sin(x)")
    forward = [step for step in program.steps if step.part is Part.FORWARD]
    assert [step.name for step in forward] == ["u1", "u2", "f"]
    assert forward[0].expression == forward[1].expression
    paths = [step.name for step in program.steps if step.role is Role.PATH]
    assert paths == ["df/dx.1", "df/dx.2"]


def test_a_line_may_only_copy() -> None:
    program = circuit("q = x", "f = q * q")
    assert run(program, {"x": np.array([3.0])})["df/dx"] == 6
    assert run(formula("x"), {"x": np.array([3.0])})["df/dx"] == 1


def test_log_is_the_natural_one() -> None:
    assert run(formula("log(x)"), {"x": np.array([np.e])})["f"] == pytest.approx(1)


def test_arithmetic_of_numbers_is_a_number_and_no_line() -> None:
    program = formula("x^(1/2) + 2 * 3 * y")
    assert [step.name for step in program.steps if step.part is Part.FORWARD] == ["u1", "u2", "f"]
    results = run(program, {"x": np.array([4.0]), "y": np.array([1.0])})
    assert results["df/dx"] == 0.25 and results["df/dy"] == 6
    negative = run(formula("x^(1 + 1)"), {"x": np.array([-3.0])})
    assert negative["f"] == 9 and negative["df/dx"] == -6


def test_what_reads_no_quantity_is_no_line_either() -> None:
    program = formula("exp(1) * x")
    assert [step.name for step in program.steps if step.part is Part.FORWARD] == ["f"]
    assert run(program, {"x": np.array([2.0])})["df/dx"] == pytest.approx(np.e)


def test_every_id_can_be_read_back() -> None:
    program = circuit("q_1 = (x + yy) * (x - z2)", "f = exp(q_1 * 2) + sin(x)")
    for name in program.shapes:
        assert str(parse_cell(name)) == name


def test_derivatives_come_backwards_line_by_line() -> None:
    names = [step.name for step in circuit("q = x + y", "f = q * z").steps]
    assert names == ["q", "f", "f|q", "f|z", "df/dz", "df/dq", "q|x", "q|y", "df/dx", "df/dy"]


# --- refused ---------------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, str, str]] = [
    ("", "column 1", "found the end"),
    ("   ", "", "found the end"),
    ("x +", "column 4", "found the end"),
    ("x + * y", "column 5", 'found "* y"'),
    ("* x", "column 1", 'found "* x"'),
    ("+x", "column 1", 'found "+x"'),
    ("(x", "column 3", 'expected ")"'),
    ("x)", "column 2", 'found ")"'),
    ("()", "column 2", "expected a number, a name or a parenthesis"),
    ("2x", "column 2", "expected an operation"),
    ("x y", "column 3", "expected an operation"),
    ("1e5 * x", "column 2", "expected an operation"),
    ("x == y", "column 3", "expected an operation"),
    ("x & y", "column 3", "expected an operation"),
    ("x % y", "column 3", "expected an operation"),
    ("x[0]", "column 2", "expected an operation"),
    ("x.real", "column 2", "expected an operation"),
    ("x; y", "column 2", "expected an operation"),
    ("'x'", "column 1", "expected a number, a name or a parenthesis"),
    ("x, y", "column 2", "expected an operation"),
    ("sin", "column 1", 'expected "(" after the function sin'),
    ("sin x", "column 1", 'expected "(" after the function sin'),
    ("sin()", "column 5", "expected a number, a name or a parenthesis"),
    ("sin(x, y)", "", "expected one argument of sin"),
    ("max(x)", "", "expected max of at least two numbers"),
    ("sigmod(x)", "column 1", 'did you mean "sigmoid"?'),
    ("q(x)", "column 1", "expected a known function"),
    ("__import__('os')", "column 1", "expected a known function"),
    ("__import__", "column 1", "starts with a letter"),
    ("_x + 1", "column 1", "starts with a letter"),
    ("x + u1", "column 5", "u1, u2, … name the unnamed inner results"),
    ("w_new * 2", "column 1", "looks like a derivative or an update"),
    ("dJ_dx * 2", "column 1", "looks like a derivative or an update"),
    ("２ * x", "column 1", "expected a number"),
    ("٣ * x", "column 1", "expected a number"),
    ("σ(x)", "column 1", "expected a number"),
    ("x²", "column 2", "expected an operation"),
    ("lambda: x", "column 7", "expected an operation"),
    ("x / 0", "column 5", "a division by 0"),
    ("x / (1 - 1)", "column 5", "a division by 0"),
    ("1 / 0 + x", "column 5", "a division by 0"),
    ("1000000000001 * x", "column 1", "at most 10^12"),
    ("9" * 31 + " * x", "column 1", "at most 30 digits"),
    ("2 + 3", "", "reads no quantity"),
    ("exp(1)", "", "reads no quantity"),
    ("7", "", "reads no quantity"),
    ("f * x", "", "worked out from itself"),
    ("x" * 41, "column 1", "at most 40 characters"),
]


@pytest.mark.parametrize("text, column, message", REFUSED, ids=[text[:20] or "empty" for text, _, _ in REFUSED])
def test_slips_are_refused_with_their_place(text: str, column: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        formula(text)
    line = str(caught.value)
    assert line.startswith("expression") and "\n" not in line and len(line) < 200
    assert column in caught.value.where


def test_columns_count_from_the_start_of_the_line() -> None:
    with pytest.raises(InputError) as caught:
        circuit("q = x + y", "  f = q +* y")
    assert caught.value.where == "lines[2], column 10"


LINES: list[tuple[tuple[str, ...], str, str]] = [
    ((), "lines", "expected at least one line"),
    (("x * y",), "lines[1]", 'expected "name = expression"'),
    (("= x",), "lines[1]", "starts with a letter"),
    (("2q = x",), "lines[1]", "starts with a letter"),
    (("q x = x",), "lines[1]", "starts with a letter"),
    (("f = ",), "lines[1], column 5", "found the end"),
    (("q = x", "q = q * y"), "lines[2]", "a name is assigned once"),
    (("q = x", "q = x * y"), "lines[2]", "a name is assigned once"),
    (("q = x * y", "x = q + 1"), "lines[1]", "put that line first"),
    (("f = q * x", "q = x + 1"), "lines[1]", "put that line first"),
    (("f = f * x",), "lines[1]", "worked out from itself"),
    (("c = 2", "f = c * x"), "lines[1]", "reads no quantity"),
    (("u1 = x", "f = u1 * x"), "lines[1]", "name the unnamed inner results"),
    (("sin = x", "f = x * 2"), "lines[1]", "name of a function"),
    (("w_new = x", "f = x * 2"), "lines[1]", "derivative or an update"),
    (("derror_dx = x", "f = x * 2"), "lines[1]", "derivative or an update"),
    (("ｆ = x",), "lines[1]", "starts with a letter"),
    (("f = x == y",), "lines[1], column 7", "expected an operation"),
    (("a" * 41 + " = x",), "lines[1]", "at most 40 characters"),
]


@pytest.mark.parametrize("lines, where, message", LINES, ids=[" / ".join(lines)[:30] for lines, _, _ in LINES])
def test_lines_that_make_no_circuit_are_refused(lines: tuple[str, ...], where: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        circuit(*lines)
    assert caught.value.where == where


AT_ONCE = 100_000
"""Calls of functions: each of these takes at most a quarter of that, and took minutes or crashed."""

ENDLESS = [
    "(" * 10_000,
    "(" * 900 + "x" + ")" * 900,
    "sin(" * 400 + "x" + ")" * 400,
    "x" + "^x" * 900,
    "x" + "+x" * 900,
    "x" + "*x" * 900,
    "max(" + "x," * 500 + "x)",
    "x" + "^-x" * 600,
    "-" * 1_500 + "(" * 400,
    "9^9^9^9^9^9",
    "x" * 1_000_000,
    "9" * 1_000_000,
    " " * 1_000_000,
    "+".join(["x"] * 100_000),
]


@pytest.mark.parametrize("text", ENDLESS, ids=[text[:8].strip() or "blank" for text in ENDLESS])
def test_hostile_lines_are_refused_at_once(text: str) -> None:
    for build_it in (lambda: formula(text), lambda: circuit(f"f = {text}"), lambda: circuit(f"{text} = x")):
        with pytest.raises(InputError) as caught, processor_limit():
            calls_of(build_it, AT_ONCE)
        assert len(str(caught.value)) < 300


def test_too_many_lines_are_refused_at_once() -> None:
    lines = tuple(f"q{k} = x * y" for k in range(20_000))
    with pytest.raises(InputError, match="at most 200 lines"):
        calls_of(lambda: circuit(*lines), AT_ONCE)


def test_as_many_operations_as_are_allowed_can_be_worked_out() -> None:
    longest = "x" + "+x" * MOST_OPERATIONS
    assert run(formula(longest), {"x": np.array([1.0])})["df/dx"] == MOST_OPERATIONS + 1
    with pytest.raises(InputError, match="at most 200 operations"):
        formula(longest + "+x")
    with pytest.raises(InputError, match="at most 200 operations"):
        circuit(f"q = {'x' + '+x' * 150}", f"f = {'q' + '+q' * 150}")
    assert len(longest) < LONGEST_LINE


def test_deep_nesting_within_bounds_is_read() -> None:
    assert parsed("(" * 50 + "x" + ")" * 50) == X
    deep = parsed("sin(" * 50 + "x" + ")" * 50)
    assert isinstance(deep, Apply)
    assert run(formula("-" * 501 + "x"), {"x": np.array([1.0])})["f"] == -1


def refusal(build_it: Callable[[], object]) -> InputError | None:
    try:
        build_it()
    except InputError as error:
        return error
    return None


@given(st.text(alphabet="xyzu1 +-*/^(),.=_0sinmax２\n\\'\"[]{}", max_size=40))
def test_whatever_is_typed_it_is_a_circuit_or_one_clear_line(text: str) -> None:
    for build_it in (lambda: formula(text), lambda: parse_line(text, 1)):
        if complaint := refusal(build_it):
            assert complaint.message and complaint.where and len(str(complaint)) < 300


@given(st.text(max_size=60))
def test_any_text_at_all(text: str) -> None:
    complaint = refusal(lambda: formula(text))
    assert complaint is None or complaint.where.startswith("expression")


# --- wishes that exclude each other ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        ({"lines": ("f = x",), "expression": "x"}, 'either "lines" or "expression"'),
        ({"lines": ("f = x",), "output": "J"}, "elsewhere the last line is the output"),
        ({"output": "J"}, "elsewhere the last line is the output"),
        ({"lines": ("f = x",), "size": 4}, "size: only a random circuit has it"),
        ({"expression": "x", "structure": 2}, "structure: only a random circuit has it"),
        ({"expression": "x", "output": "u1"}, "output: "),
        ({"expression": "x", "output": ""}, "output: "),
        ({"expression": "x * y", "given": {"z": 1}}, 'given: unknown quantity "z"'),
        ({"lines": ("q = x * y", "f = q * x"), "given": {"q": 1}}, "worked out by a line"),
        ({"size": 1}, "size: expected 2 to 12"),
        ({"size": 13}, "size: expected 2 to 12"),
        ({"structure": 0}, "structure: "),
    ],
)
def test_wishes_that_can_not_be_met_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        build(CircuitOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", range(2, 13))
def test_a_random_circuit_has_the_size_asked_for_and_a_fork(size: int) -> None:
    for structure in range(1, 30):
        program = build(CircuitOptions(size=size, structure=structure))
        forward = [step for step in program.steps if step.part is Part.FORWARD]
        assert len(forward) == size
        assert any(step.role is Role.PATH for step in program.steps), "some quantity is read twice"
        read = {name for step in forward for name in step.reads}
        assert {step.name for step in forward} - read == {program.output}, "no line is worked out for nothing"
        assert program == build(CircuitOptions(size=size, structure=structure))
