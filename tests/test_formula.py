"""Five printers: every row of the table in each, and what is printed means what the expression means."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from operation_cases import CASES
from oracle import Case
from styles import circuits, everything, networks, written

from exercises.components import componentwise
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.notation import Glyph, Kind, notation_for
from exercises.notation.layered import STYLE
from exercises.operations import OPERATIONS
from exercises.operations.tensor import spread, total
from exercises.program import Given, Part, Program, Role, Step
from exercises.shown import evaluated
from exercises.writing import Written
from templates.formula import PRINTERS
from templates.formula.common import _WAYS, Printer
from templates.formula.unicode import Unicode, fold

a, b, c = (Symbol(name) for name in "abc")


def circuit_of(*names: str) -> Program:
    givens = tuple(Given(name, (), Role.VARIABLE) for name in names)
    return Program(givens, (Step("out", Symbol(names[0]), Part.FORWARD, Role.LINE),), "out")


PLAIN = circuit_of("a", "b", "c")


def shown(expression: Expression, target: str = "unicode", style: str = "layered", **numbers: str) -> str:
    return PRINTERS[target](notation_for(style, PLAIN)).expression(expression, numbers)


LOOKS = [
    (a - (b - c), "a − (b − c)"),
    (a - b - c, "a − b − c"),
    (a + (b + c), "a + b + c"),
    ((a + b) * c, "(a + b) · c"),
    (a * b / c, "a · b / c"),
    (a / (b * c), "a / (b · c)"),
    (a / (b / c), "a / (b / c)"),
    (a * (b / c), "a · (b / c)"),
    (-a * b, "−a · b"),
    (a * -b, "a · (−b)"),
    (-(a + b), "−(a + b)"),
    (a + -b, "a + (−b)"),
    (a - (-b), "a − (−b)"),
    (apply("square", -a), "(−a)²"),
    (apply("square", apply("sin", a)), "(sin(a))²"),
    (apply("square", a / b), "(a / b)²"),
    (a ** (b + 1), "a^(b + 1)"),
    ((a**b) ** c, "(a^b)^c"),
    (apply("reciprocal", a + b), "1 / (a + b)"),
    (apply("sqrt", a + b), "√(a + b)"),
    (Constant(Fraction(1, 2)) * a, "½ · a"),
    (Constant(Fraction(-3, 7)) * a, "−3 / 7 · a"),
    (a * Constant(Fraction(-1, 4)), "a · (−¼)"),
    (Constant(Fraction(1, 100)) * a, "0.01 · a"),
    (apply("by_sign", a - b, parameters=(Fraction(1), Fraction(0), Fraction(1))), "(1 if a − b ≥ 0 else 0)"),
    (apply("maximum", a, b + c), "max(a, b + c)"),
]


@pytest.mark.parametrize("expression, expected", LOOKS, ids=[text for _, text in LOOKS])
def test_parentheses_stand_where_they_are_needed(expression: Expression, expected: str) -> None:
    assert shown(expression) == expected


def test_numbers_put_in_are_parenthesised_where_they_are_negative() -> None:
    assert shown(a + b * c, a="-0.3", b="-0.5", c="-2") == "−0.3 + (−0.5) · (−2)"
    assert shown(apply("square", a - b), a="0.2", b="-1") == "(0.2 − (−1))²"
    assert shown(apply("square", a), a="-1") == "(−1)²"
    assert shown(apply("square", a), a="-1", style="code") == "(-1) ** 2"
    assert shown(a * b + c, "latex", a="0.5") == r"0.5 \cdot b + c"


scalars = st.recursive(
    st.sampled_from([a, b, c, Constant(Fraction(2)), Constant(Fraction(-1, 2)), Constant(Fraction(1, 3))]),
    lambda inner: st.one_of(
        st.builds(lambda x, y: x + y, inner, inner),
        st.builds(lambda x, y: x - y, inner, inner),
        st.builds(lambda x, y: x * y, inner, inner),
        st.builds(lambda x, y: x / y, inner, inner),
        st.builds(lambda x: -x, inner),
        st.builds(lambda x: x ** Constant(Fraction(3)), inner),
        *(
            st.builds(lambda x, n=name: apply(n, x), inner)
            for name in ("square", "reciprocal", "sin", "sigmoid", "exp")
        ),
        st.builds(lambda x, y: apply("maximum", x, y), inner, inner),
        st.builds(lambda x: apply("by_sign", x, parameters=(Fraction(1), Fraction(1, 4), Fraction(1, 4))), inner),
    ),
    max_leaves=12,
)
POINT = {"a": 0.7, "b": -1.3, "c": 2.1}
FUNCTIONS = {
    "sin": math.sin, "exp": math.exp, "max": max, "sqrt": math.sqrt,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "σ": lambda z: 1 / (1 + math.exp(-z)),
}  # fmt: skip


def value_of(source: str) -> float:
    """The value of a formula typed as Python."""
    try:
        return float(eval(source, {"__builtins__": {}}, {**FUNCTIONS, **POINT}))
    except (ZeroDivisionError, OverflowError):
        return math.nan


def python_of_unicode(text: str) -> str:
    for sign, typed in (("−", "-"), ("·", "*"), ("½", "(1/2)"), ("⅓", "(1/3)"), ("¼", "(1/4)"), ("≥", ">=")):
        text = text.replace(sign, typed)
    return text.replace("²", "**2").replace("³", "**3").replace("^", "**")


def python_of_latex(text: str) -> str:
    """Enough of LaTeX for what the printer writes: fractions, powers, brackets, cases and named functions."""
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\cdot", "*")
    cases = re.compile(r"\\begin\{cases\}(.*?) & (.*?) \\cr (.*?) & .*?\\end\{cases\}")
    inner = r"((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)"
    for _ in range(40):
        text = re.sub(rf"\\frac\{{{inner}\}}\{{{inner}\}}", r"((\1)/(\2))", text)
        text = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", text)
    while cases.search(text):
        innermost = text.rindex(r"\begin{cases}")
        text = text[:innermost] + cases.sub(r"((\1) if \2 else (\3))", text[innermost:], count=1)
    return text.replace(r"\gt", ">").replace(r"\ge", ">=").replace("\\sigma", "σ").replace("\\", "")


def same(left: float, right: float) -> bool:
    if not (math.isfinite(left) and math.isfinite(right)) or max(abs(left), abs(right)) > 1e12:
        return True  # outside the domain: Python says so in another way than NumPy
    return math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-9)


@given(scalars)
def test_what_is_printed_has_the_value_of_the_expression(expression: Expression) -> None:
    truth = evaluated(expression, POINT)
    for source in (
        python_of_unicode(shown(expression)),
        shown(expression, style="code"),
        python_of_latex(shown(expression, "latex")),
    ):
        assert same(value_of(source), truth), source


@given(scalars)
def test_numbers_put_in_keep_the_value(expression: Expression) -> None:
    numbers = {name: str(value) for name, value in POINT.items()}
    assert same(value_of(python_of_unicode(shown(expression, **numbers))), evaluated(expression, POINT))


def _of_row(case: Case, target: str) -> str:
    arguments = case.numbers(2)
    expression = case.expression(arguments)
    givens = tuple(Given(f"x{place}", array.shape[:-1], Role.VARIABLE) for place, array in enumerate(arguments))
    program = Program(givens, (Step("out", expression, Part.FORWARD, Role.LINE),), "out")
    numbers = {given.name: _table(np.round(array[..., 0], 2)) for given, array in zip(givens, arguments, strict=True)}
    printer = PRINTERS[target](notation_for("layered", program))
    return printer.equal([printer.expression(expression), printer.expression(expression, numbers)])


def _table(array: np.ndarray) -> object:  # type: ignore[type-arg]
    return tuple(_table(row) for row in array) if array.shape else str(float(array))


@pytest.mark.parametrize("target", PRINTERS)
def test_every_row_of_the_table_is_printed_by_every_printer(target: str) -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)
    for case in CASES:
        text = _of_row(case, target)
        assert text, case.operation
        if target == "mathml":
            ElementTree.fromstring(f"<math>{text}</math>")
        if target == "typst":
            assert text.count("(") == text.count(")")
        if target == "latex":
            _is_safe_in_markdown(text)


def test_there_is_a_way_to_set_every_kind_of_writing() -> None:
    assert set(_WAYS) == set(Written.__args__)  # type: ignore[attr-defined]


def _is_safe_in_markdown(text: str) -> None:
    """Nothing that GitHub's Markdown would eat or take for emphasis, or that would end a table's cell."""
    assert not re.search(r"\\[^A-Za-z]", text), text
    assert not re.search(r"[}\])]_[{(\\]", text), text
    assert not set(text) & set("|*<>`$~\n"), text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("exercise, style", [pair for pair in written() if pair[1] != "code"])
def test_latex_of_whole_exercises_survives_markdown(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    printer = PRINTERS["latex"](worked.in_style(style))
    for step in (*worked.program.steps, *componentwise(worked.program).steps):
        _is_safe_in_markdown(printer.equal([printer.symbol(step.name), printer.expression(step.expression)]))


@pytest.mark.parametrize("exercise, style", written())
def test_mathml_is_well_formed_and_speech_is_words(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    mathml, speech = (PRINTERS[target](worked.in_style(style)) for target in ("mathml", "speech"))
    for step in componentwise(worked.program).steps:
        ElementTree.fromstring(f"<math>{mathml.symbol(step.name)}{mathml.expression(step.expression)}</math>")
        spoken = speech.equal([speech.symbol(step.name), speech.expression(step.expression)])
        assert re.fullmatch(r"[\w .,:;]+", spoken) and not set(spoken) & set("∂σ_"), spoken


def test_a_gradient_read_aloud() -> None:
    worked = networks()["3-3-1 sigmoid"]
    speech = PRINTERS["speech"](worked.in_style("layered"))
    line = componentwise(worked.program).by_name["dJ/dW2[1,2]"]
    assert speech.equal([speech.symbol(line.name), speech.expression(line.expression)]) == (
        "partial J by partial w 1 2 superscript 2 equals partial J by partial z 1 superscript 2 times a 2 superscript 1"
    )
    table = (("0.1", "-0.2"), ("0.3", "0.4"))
    assert speech.number(table) == (
        "the matrix with 2 rows and 2 columns, row 1: 0.1, minus 0.2; row 2: 0.3, 0.4; end of matrix"
    )


MATHS = [
    ("2-2-1 linear", "numbered", "z1[1]", "h₁ = x₁w₁ + x₂w₂"),
    ("2-2-1 linear", "numbered", "z2[1]", "prediction = h₁w₅ + h₂w₆"),
    ("2-2-1 linear", "numbered", "J", "error = ½(prediction − actual)²"),
    ("3-3-1 sigmoid", "adventures", "z1", "z⁽¹⁾ = W⁽¹⁾h⁽¹⁾ + b⁽¹⁾"),
    ("3-3-1 sigmoid", "adventures", "a1", "h⁽²⁾ = σ(z⁽¹⁾)"),
    ("2-2-2 sigmoid", "layered", "z2", "z⁽²⁾ = W⁽²⁾a⁽¹⁾ + b⁽²⁾"),
    ("2-2-2 sigmoid", "layered", "dJ/dz1", "∂J/∂z⁽¹⁾ = ∂J/∂a⁽¹⁾ ⊙ ∂a⁽¹⁾/∂z⁽¹⁾"),
    ("2-2-2 sigmoid", "delta", "dJ/dW2", "∂J/∂W⁽²⁾ = δ⁽²⁾(a⁽¹⁾)ᵀ"),
    ("2-2-2 sigmoid", "delta", "dJ/da1", "∂J/∂a⁽¹⁾ = (W⁽²⁾)ᵀδ⁽²⁾"),
    ("2-2-2 sigmoid", "layered", "da2/dz2[1]", "∂ŷ₁/∂z₁⁽²⁾ = ŷ₁(1 − ŷ₁)"),
    ("2-2-2 sigmoid", "layered", "W2_new", "W⁽²⁾ⁿᵉʷ = W⁽²⁾ − η · ∂J/∂W⁽²⁾"),
    ("neuron", "code", "dJ/da1[1]", "derror_dprediction = 2 * (prediction - target)"),
    ("neuron", "code", "dJ/dz1[1]", "derror_dlayer1 = derror_dprediction * dprediction_dlayer1"),
]


@pytest.mark.parametrize("exercise, style, name, expected", MATHS)
def test_formulas_read_as_in_the_textbook(exercise: str, style: str, name: str, expected: str) -> None:
    worked = everything()[exercise]
    notation = worked.in_style(style)
    printer = PRINTERS["unicode"](notation)
    program = worked.program if name in worked.program.by_name and "[" not in name else componentwise(worked.program)
    if notation.style.by_component:
        program = componentwise(worked.program)
    line = notation.arranged(program.by_name[name].expression)
    assert printer.equal([printer.symbol(name), printer.expression(line)]) == expected


@given(
    st.lists(st.sampled_from(["a₁", "w₁₂⁽¹⁾", "∂J/∂z₁", "(−0.5)", "0.25"]), min_size=1, max_size=30),
    st.integers(20, 90),
)
def test_folding_keeps_every_sign_and_the_width(parts: list[str], width: int) -> None:
    text = "z = " + " + ".join(" · ".join(parts[k : k + 2]) for k in range(0, len(parts), 2))
    lines = fold(text, width, 4)
    assert " ".join(" ".join(lines).split()) == text
    assert all(len(line) <= width for line in lines)


def test_a_circuit_authors_names_cannot_break_a_target() -> None:
    glyph = Glyph('evil"name_\\x', Kind.WORD)
    program = circuits()["product"].program
    notation = notation_for(STYLE.name, program)
    assert '\\"' in PRINTERS["typst"](notation).sign(glyph)
    ElementTree.fromstring(f"<math>{PRINTERS['mathml'](notation).sign(glyph)}</math>")


# --- numbers that are repeated ----------------------------------------------------------------------------------------

G, R, E, M = Symbol("g", ()), Symbol("r", (3,)), Symbol("E", (3, 2)), Symbol("P", (2, 2))
WINDOWS = apply("reshape", spread(Fraction(1, 4) * M, (1, 3), (3, 3)), parameters=((6, 6),))

REPEATED = [
    (E / spread(R, (1,), (2,)), "E / (r𝟏ᵀ)", "E / r[:, None]"),
    (spread(R, (1,), (2,)), "r𝟏ᵀ", "r[:, None]"),
    (spread(R, (0,), (2,)), "𝟏rᵀ", "r"),
    (Fraction(1, 3) * spread(G, (0,), (3,)), "⅓ · g · 𝟏", "(1 / 3) * g"),
    (spread(G, (0,), (3,)) * R, "g · r", "g * r"),
    (spread(total(E, (1,)), (1,), (2,)), "(Σ_columns(E))𝟏ᵀ", "(sum(E, axis=1))[:, None]"),
    (2 * spread(R, (1,), (2,)) * E, "2 · (r𝟏ᵀ) ⊙ E", "2 * r[:, None] * E"),
    (WINDOWS, "upsample(¼ · P)", "upsample(0.25 * P)"),
]


@pytest.mark.parametrize("expression, written, typed", REPEATED, ids=[written for _, written, _ in REPEATED])
def test_both_sides_of_a_line_have_one_shape(expression: Expression, written: str, typed: str) -> None:
    program = circuit_of("g", "r", "E", "P")
    assert Printer(Unicode(), notation_for("layered", program)).expression(expression) == written
    assert Printer(Unicode(typed=True), notation_for("code", program)).expression(expression) == typed


def test_a_factor_whose_index_ends_in_a_letter_is_set_off() -> None:
    """w_hgh would be read as one symbol."""
    text = Unicode()
    assert text.beside(["w_hg", "h⁽⁰⁾"]) == "w_hg · h⁽⁰⁾"
    assert text.beside(["w₁", "h⁽⁰⁾"]) == "w₁h⁽⁰⁾"
    assert text.beside(["W⁽²⁾", "a_x"]) == "W⁽²⁾a_x"
