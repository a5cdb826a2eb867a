"""Worked solutions: every line right and reproducible by calculator, every symbol introduced, in all styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from introduced import every_function_and_sign_is_explained, every_symbol_is_introduced
from operation_cases import CASES
from oracle import program_of
from random_formulas import random_formula
from styles import everything, networks, written

from exercises.as_python import as_python
from exercises.chains import Chains
from exercises.definitions import DEFINITIONS
from exercises.errors import InputError
from exercises.expression import Expression, Symbol, apply, walk
from exercises.families.circuit import CircuitOptions, build
from exercises.names import cell_ids
from exercises.notation import notation_for, plain
from exercises.numpy_spelling import NUMPY
from exercises.operations import CALLABLE, OPERATIONS
from exercises.operations.scalar import SCALAR_ROWS
from exercises.outline import outline
from exercises.plan import flatten
from exercises.precision import Places, Precision
from exercises.reasons import SENTENCES
from exercises.shown import evaluated
from exercises.solution import Line, Solution, solve
from exercises.specification import parse_specification
from exercises.variants import draw, practice_seed
from exercises.writing import Function
from templates.formula import PRINTERS
from templates.stages import sentence
from templates.terminal import render_text

DETAILS = ("component", "matrix", "both")


def lines_of(solution: Solution) -> Iterator[Line]:
    for section in solution.sections:
        for block in section.blocks:
            yield from block.lines


def line_for(solution: Solution, cell: str) -> Line:
    return next(line for line in lines_of(solution) if cell in line.cells)


def chain_text(solution: Solution, cell: str) -> str:
    line = line_for(solution, cell)
    products = [line.whole] if line.whole else line.chain
    return " + ".join(" · ".join(plain(factor.sign) for factor in product) for product in products)


CHAINS = [
    ("3-3-1 sigmoid", "adventures", "dJ/dW2[1,2]", "∂J/∂z₁⁽²⁾ · ∂z₁⁽²⁾/∂w₁₂⁽²⁾"),
    ("neuron", "adventures", "dJ/dW1[1,2]", "∂J/∂h₁⁽²⁾ · ∂h₁⁽²⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₂⁽¹⁾"),
    ("2-2-1 linear", "numbered", "dJ/dW1[1,1]", "∂error/∂prediction · ∂prediction/∂h₁ · ∂h₁/∂w₁"),
    ("2-2-1 linear", "numbered", "dJ/dW2[1,2]", "∂error/∂prediction · ∂prediction/∂w₆"),
    ("2-2-2 sigmoid", "numbered", "dJ/dW2[1,1]", "∂E_total/∂out_o1 · ∂out_o1/∂net_o1 · ∂net_o1/∂w₅"),
    (
        "2-2-2 sigmoid",
        "numbered",
        "dJ/da1[1]",
        "∂E_total/∂net_o1 · ∂net_o1/∂out_h1 + ∂E_total/∂net_o2 · ∂net_o2/∂out_h1",
    ),
    ("neuron", "code", "dJ/dW1[1,2]", "derror_dprediction · dprediction_dlayer1 · dlayer1_dweights[0, 1]"),
    ("3-3-1 sigmoid", "delta", "dJ/dW2[1,2]", "δ₁⁽²⁾ · ∂z₁⁽²⁾/∂w₁₂⁽²⁾"),
    ("fork", "layered", "df/dy", "df/du₁ · ∂u₁/∂y + df/du₂ · ∂u₂/∂y"),
    ("product", "layered", "df/dx", "df/dq · ∂q/∂x"),
]


@pytest.mark.parametrize("exercise, style, cell, expected", CHAINS)
def test_chains_are_those_of_the_textbook(exercise: str, style: str, cell: str, expected: str) -> None:
    assert chain_text(everything()[exercise].solved(style), cell) == expected


def test_adventures_prints_three_factors_for_a_weight_of_the_output() -> None:
    sheet = networks()["2-2-2 sigmoid"].solved("adventures")
    assert chain_text(sheet, "dJ/dW2[1,2]") == "∂J/∂h₁⁽³⁾ · ∂h₁⁽³⁾/∂z₁⁽²⁾ · ∂z₁⁽²⁾/∂w₁₂⁽²⁾"


@pytest.mark.parametrize("exercise, style", written())
def test_a_calculator_gets_what_is_printed(exercise: str, style: str) -> None:
    """The numbers put in, worked out as printed, round to the result as printed."""
    for decimals in (2, 4):
        solution = everything()[exercise].solved(style, decimals=decimals, everything=True)
        for line in lines_of(solution):
            value = evaluated(line.expression, {name: float(str(text)) for name, text in line.numbers.items()})
            assert isinstance(line.result, str)
            digits = len(line.result.partition(".")[2])
            assert abs(value - float(line.result)) <= 0.5000001 * 10.0**-digits, (line.cells, value, line.result)


@pytest.mark.parametrize("exercise, style", written())
def test_every_asked_cell_has_its_line_and_its_value(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    solution = worked.solved(style, decimals=6)
    found = [cell for line in lines_of(solution) for cell in line.cells]
    assert set(worked.asked) <= set(found)
    for quantity, shape in worked.program.shapes.items():
        for cell, value in zip(cell_ids(quantity, shape), worked.values[quantity].reshape(-1), strict=True):
            assert float(solution.texts[cell]) == pytest.approx(float(value), rel=1e-2, abs=5.1e-7)


# --- no symbol that isn't introduced ------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("exercise, style", written())
def test_no_symbol_is_shown_before_it_is_introduced(exercise: str, style: str, detail: str) -> None:
    every_symbol_is_introduced(everything()[exercise].solved(style, detail))


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("exercise, style", written())
def test_every_function_and_sign_is_explained(exercise: str, style: str, detail: str) -> None:
    every_function_and_sign_is_explained(everything()[exercise].solved(style, detail))


# --- sentences ----------------------------------------------------------------------------------------------------


def reasons(solution: Solution) -> dict[str, str]:
    printer = PRINTERS["unicode"](solution.notation)
    return {
        block.quantity: sentence(block.reason, printer) for section in solution.sections for block in section.blocks
    }


REASONS = [
    ("2-2-1 linear", "numbered", "dJ/dW2", "w₅ reaches error only through prediction"),
    ("2-2-1 linear", "numbered", "dJ/dW2", "∂prediction/∂w₅ = h₁"),
    ("2-2-2 sigmoid", "numbered", "dJ/da1", "along two paths, through net_o1 and net_o2, so two products are added"),
    ("2-2-2 sigmoid", "numbered", "dJ/db2", "b₂ reaches E_total along two paths"),
    ("3-3-1 sigmoid", "layered", "dJ/db1", "added as it is: so ∂z₁⁽¹⁾/∂b₁⁽¹⁾ = 1"),
    ("3-3-1 sigmoid", "layered", "dJ/dz2", "the slope of the last activation cancels"),
    ("deep", "layered", "dJ/da1", "along three paths"),
    ("examples", "layered", "dJ/dW1", "along three paths, through z₁₁⁽¹⁾, z₁₂⁽¹⁾ and z₁₃⁽¹⁾"),
    ("long way", "layered", "da1/dz1", "a slope for each pair"),
    ("fork", "layered", "df/dy", "y reaches f along two paths, through u₁ and u₂, so two contributions are added"),
    ("fork", "layered", "df/du1", "u₁ goes straight into f"),
    ("unused", "layered", "df/db", "b does not reach f"),
    ("product", "layered", "df/dx", "x reaches f only through q"),
]


@pytest.mark.parametrize("exercise, style, quantity, expected", REASONS)
def test_sentences_say_why(exercise: str, style: str, quantity: str, expected: str) -> None:
    assert expected in reasons(everything()[exercise].solved(style))[quantity]


def test_code_names_functions_as_its_lines_do() -> None:
    sentences = reasons(everything()["2-2-2 sigmoid"].solved("code"))
    assert any("the function sigmoid makes of" in one for one in sentences.values())
    assert any("the slope of sigmoid" in one for one in sentences.values())
    assert not any("σ" in one for one in sentences.values())


def test_every_block_of_every_exercise_says_why() -> None:
    for exercise, style in written():
        for quantity, text in reasons(everything()[exercise].solved(style, everything=True)).items():
            assert text.endswith(".") and "{" not in re.sub(r"\{[0-9]+\}", "", text), (exercise, style, quantity, text)
    assert all(text.endswith((".", "….")) for text in SENTENCES.values())


# --- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", (50, 80, 120))
@pytest.mark.parametrize("exercise", ["2-2-1 linear", "2-2-2 sigmoid", "deep", "fork"])
def test_the_text_keeps_within_the_width(exercise: str, width: int) -> None:
    worked = everything()[exercise]
    for style in ("layered", "code"):
        text = render_text(worked.solved(style, "both"), width=width)
        assert max(map(len, text.splitlines())) <= width


def test_the_blog_posts_example_step_by_step() -> None:
    text = render_text(networks()["2-2-1 linear"].solved("numbered", decimals=3), width=80)
    for heading in ("Given", "Forward pass", "Error", "Backward pass", "Update"):
        assert f"{heading}\n{'-' * len(heading)}\n" in text
    assert "h₁ = x₁w₁ + x₂w₂ = " in text
    assert "∂error/∂prediction = prediction − actual = " in text
    assert "w₁⁺ = w₁ − a · ∂error/∂w₁ = " in text


def test_an_unknown_detail_is_refused() -> None:
    worked = networks()["neuron"]
    with pytest.raises(InputError, match='"both"'):
        solve(worked.program, worked.values, worked.in_style("layered"), Precision(Places(3)), detail="everything")


# --- other readings of the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise, style", written())
def test_python_source_gives_the_same_values(exercise: str, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    worked = everything()[exercise]
    source = as_python(worked.program, worked.given, worked.in_style(style), worked.asked, title=exercise)
    exec(compile(source, exercise, "exec"), {"__name__": "sheet"})
    printed = dict(line.split(" = ") for line in capsys.readouterr().out.splitlines())
    assert set(printed) == set(worked.asked)
    for quantity, shape in worked.program.shapes.items():
        for cell, value in zip(cell_ids(quantity, shape), worked.values[quantity].reshape(-1), strict=True):
            if cell in printed:
                assert float(printed[cell]) == pytest.approx(float(value), rel=1e-9, abs=1e-12)


def test_every_row_of_the_table_is_spelled_in_numpy_and_means_the_same() -> None:
    assert set(NUMPY) == set(OPERATIONS)
    for case in CASES:
        arguments = case.numbers(1)
        program = program_of(case.expression(arguments), arguments)
        given = {f"x{place}": array for place, array in enumerate(arguments)} | {
            "g": np.ones((*program.shapes["g"], 1))
        }
        source = as_python(program, given, notation_for("layered", program), cell_ids("out", program.shapes["out"]))
        names: dict[str, Any] = {}
        exec(re.sub(r"(?m)^print.*$", "", source), names)
        expected = flatten(program).run(given)["out"][..., 0]
        assert np.allclose(names["out"], expected), case.operation
        assert np.shape(names["out"]) == expected.shape, case.operation


@pytest.mark.parametrize("operation", DEFINITIONS)
def test_definitions_in_the_legend_are_the_functions(operation: str) -> None:
    parameters = (
        (next(n.parameters for n in walk(_leaky()) if getattr(n, "parameters", ())),)[0] if "leaky" in operation else ()
    )
    node = apply(operation, Symbol("z"), parameters=parameters)
    meaning = DEFINITIONS[operation](Symbol("z"), *parameters)
    for z in (-1.7, -0.2, 0.4, 2.5):
        assert evaluated(meaning, {"z": z}) == pytest.approx(evaluated(node, {"z": z}), rel=1e-12)


def _leaky() -> Expression:
    return everything()["deep"].program.by_name["a2"].expression


def test_every_callable_function_has_a_meaning() -> None:
    named = {row.name for row in SCALAR_ROWS if isinstance(row.written, Function)}
    assert named <= set(DEFINITIONS) | set(SENTENCES)
    assert set(CALLABLE.values()) <= set(OPERATIONS)


@pytest.mark.parametrize("seed", range(30))
def test_the_chain_of_a_circuits_gradient_comes_to_its_value(seed: int) -> None:
    """Also where a variable goes straight into the result beside a longer path."""
    formula = random_formula(seed)
    program = build(CircuitOptions(lines=formula.lines))
    values = flatten(program).run(formula.given)
    notation = notation_for("layered", program)
    chains = Chains(program, notation)
    by_sign = {notation.sign(step.name): values[step.name] for step in program.steps}
    for step in program.steps:
        products = chains.chain(step.name)
        if products:
            total = sum(np.prod([by_sign[factor.sign] for factor in product], axis=0) for product in products)
            np.testing.assert_allclose(total, values[step.name], rtol=1e-9, atol=1e-12)


def said_of(keys: str, quantity: str) -> str:
    """Why a step of a sheet is as it is, read in layered notation."""
    program = parse_specification(f"[[exercise]]\n{keys}", "sheet").exercises[0].program
    told = outline(program, notation_for("layered", program))
    return sentence(told.reasons[quantity], PRINTERS["unicode"](told.notation))


OPTIMISER, EMBEDDING = 'family = "optimiser"\noptimizer', 'family = "embedding"\n'
NETWORK = 'family = "mlp"\n'
SAID = [
    (f"{EMBEDDING}tokens = [2]", "dJ/dE", "E reaches J only through e⁽¹⁾, so"),
    (f"{EMBEDDING}tokens = [2, 1, 2]", "dJ/dE", "E reaches J along three paths, through e⁽¹⁾, e⁽²⁾ and e⁽³⁾, so"),
    (f"{EMBEDDING}tokens = [2, 1]", "dJ/dE.2", "Along this path E acts on J through e⁽²⁾."),
    ('family = "attention"\njacobian = true', "dJ/dS", "S reaches J along two paths, through s₁ and s₂, so"),
    ('family = "circuit"\nexpression = "a * b + a"', "df/da", "a reaches f along two paths, through u₁ and directly"),
    ('family = "circuit"\nexpression = "a * b + a"', "df/da.2", "Along this path a goes straight into f."),
    (f"{NETWORK}layers = [2, 1]", "J", "One number says how far ŷ is from y; the"),
    (f"{NETWORK}layers = [2, 2]", "J", "One number says how far ŷ₁ and ŷ₂ are from y₁ and y₂, taken together;"),
    (f"{NETWORK}layers = [2, 4]", "J", "how far ŷ₁, …, ŷ₄ are from y₁, …, y₄, taken together;"),
    (f"{OPTIMISER} = {{ name = 'sgd' }}", "w1", "A step against the slope: η times g₁⁽¹⁾ is taken off."),
    (f"{OPTIMISER} = {{ name = 'rmsprop' }}", "w1", "g₁⁽¹⁾ is divided by the root of v₁⁽¹⁾, the usual size"),
    (f"{OPTIMISER} = {{ name = 'adam' }}", "w1", "m̂₁⁽¹⁾ is divided by the root of v̂₁⁽¹⁾, the usual size"),
    (f"{OPTIMISER} = {{ name = 'adamw' }}", "w1", "Weight decay takes η times λ times w₁⁽⁰⁾ off as well."),
    (f"{OPTIMISER} = {{ name = 'momentum' }}", "w1", "made with what is kept of it in v₁⁽¹⁾; η says"),
    (f"{OPTIMISER} = {{ name = 'nesterov' }}", "w1", "made with g₁⁽¹⁾ and with what is kept of it in v₁⁽¹⁾; η says"),
    (f"{NETWORK}optimizer = {{ name = 'sgd' }}", "W1_new", "the way in which J falls: η times ∂J/∂w₁₁⁽¹⁾ is taken"),
]


@pytest.mark.parametrize("keys, quantity, expected", SAID)
def test_what_is_said_holds_for_all_that_it_is_said_of(keys: str, quantity: str, expected: str) -> None:
    assert expected in said_of(keys, quantity)


@pytest.mark.parametrize(
    "keys, expected",
    [
        (f"{NETWORK}decimals = 4", "to 4 decimal places, rounded"),
        (f"{OPTIMISER} = {{ name = 'adam' }}", "to 3 decimal places, some of them to 3 significant figures instead, "),
        (f"{NETWORK}decimals = {{ default = 2, J = 4 }}", "to 2 decimal places, some of them to 4 decimal places "),
    ],
)
def test_the_places_are_said_as_they_are(keys: str, expected: str) -> None:
    exercise = parse_specification(f"[[exercise]]\n{keys}", "sheet").exercises[0]
    variant = draw(exercise, practice_seed("places", 1)).exercise
    values = {**variant.given, **flatten(variant.program).run(variant.given)}
    assert variant.precision is not None
    notation = notation_for("layered", variant.program)
    solution = solve(variant.program, values, notation, variant.precision, asked=variant.asked)
    assert expected in sentence(solution.rounding, PRINTERS["unicode"](notation))


def test_a_matrix_of_one_number_has_no_rows_and_columns() -> None:
    program = parse_specification(f"[[exercise]]\n{NETWORK}layers = [1, 1, 1]", "sheet").exercises[0].program
    told = outline(program, notation_for("layered", program))
    printer = PRINTERS["unicode"](told.notation)
    assert not any("in row" in sentence(words, printer) for words in told.legend)
