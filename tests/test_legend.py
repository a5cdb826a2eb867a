"""What the legend leaves out: signs and functions that don't stand in the solution, and what is said already."""

from __future__ import annotations

import pytest
from every_family import FIRST, SOME, Example, sheet_of

from exercises.expression import Symbol, apply
from exercises.families import FAMILIES
from exercises.notation import notation_for
from exercises.operations import OPERATIONS
from exercises.solution import Solution
from exercises.specification import parse_specification
from exercises.variants import draw, practice_seed
from exercises.writing import Function
from templates.formula import PRINTERS
from templates.render import Header, render_sheet, solution_of
from templates.stages import sentence

NAMES = {row.written.name for row in OPERATIONS.values() if isinstance(row.written, Function)}
SIGNS = {"⊙": "⊙", "ᵀ": "ᵀ", "Σ": "Σ", "σ": "σ("}
"""With what a sentence of the legend begins, and what then has to stand in a formula."""


def legend(solution: Solution) -> list[str]:
    printer = PRINTERS["unicode"](solution.notation)
    return [sentence(words, printer) for words in solution.legend]


def formulas(solution: Solution) -> str:
    printer = PRINTERS["unicode"](solution.notation)
    blocks = [block for section in solution.sections for block in section.blocks]
    lines = [line for block in blocks for line in (*block.lines, *((block.matrix,) if block.matrix else ()))]
    return " ".join(printer.expression(line.expression) for line in lines)


@pytest.mark.parametrize("example", SOME, ids=str)
@pytest.mark.parametrize("detail", ["component", "matrix", "both"])
def test_nothing_is_explained_that_does_not_stand_there(example: Example, detail: str) -> None:
    solution = solution_of(sheet_of(example), detail=detail)
    said, shown = legend(solution), formulas(solution)
    called = {**{name: f"{name}(" for name in NAMES}, **SIGNS}
    within = shown + " ".join(said)  # a function may be explained by another, σ by exp
    for text in said:
        first = text.partition(" ")[0].partition("(")[0]
        if first in called and first not in ("rows", "into"):
            assert called[first] in (shown if first in SIGNS else within), text


@pytest.mark.parametrize("example", FIRST, ids=str)
def test_what_the_family_explains_is_not_explained_again(example: Example) -> None:
    said = legend(solution_of(sheet_of(example), detail="both"))
    assert len(said) == len(set(said))
    for text in said:
        name = text.partition(" is read:")[0]
        assert name == text or not any(other.startswith(f"{name} ") for other in said if other != text)


def test_no_function_of_a_family_is_only_read_aloud() -> None:
    """Whoever doesn't know what conv is isn't helped by hearing that it is the convolution of."""
    found = [
        text
        for family in FAMILIES
        for example in SOME
        if example.family == family
        for text in legend(solution_of(sheet_of(example), detail="both"))
        if " is read:" in text
    ]
    assert found == []


def test_softmax_of_a_matrix_goes_along_its_rows() -> None:
    said = legend(solution_of(sheet_of(next(one for one in FIRST if one.family == "attention")), detail="matrix"))
    assert "softmax divides exp of each entry by the sum of exp of its row." in said


def test_the_largest_of_several_is_written_once() -> None:
    program = parse_specification('[[exercise]]\nfamily = "circuit"\nexpression = "x*y"\n', "one").exercises[0].program
    a, b = Symbol("x"), Symbol("y")
    largest = apply("maximum", apply("maximum", a, b), apply("square", a))
    written = {name: PRINTERS[name](notation_for("layered", program)).expression(largest) for name in PRINTERS}
    assert written["unicode"] == "max(x, y, x²)"
    assert written["latex"].count("max") == 1


def test_a_vector_of_one_number_is_written_as_a_number() -> None:
    given = solution_of(sheet_of(Example("chain", 1, ())), detail="both").given
    assert [line.whole for line in given if line.entries[0][0].startswith(("x[", "y["))] == [None, None]


@pytest.mark.parametrize("optimizer", ['{ name = "adam" }', '{ name = "adamw", weight_decay = 0.1 }'])
def test_an_optimizers_settings_are_introduced_once(optimizer: str) -> None:
    text = f'[[exercise]]\nfamily = "optimiser"\noptimizer = {optimizer}\n'
    (exercise,) = parse_specification(text, "a.toml").exercises
    page = render_sheet(Header("T"), [draw(exercise, practice_seed("", 1)).exercise])
    legend = page.partition("## What the symbols mean")[2].partition("##")[0].splitlines()
    introduced = [line.split("$")[1] for line in legend if line.startswith("- $")]
    assert {r"\eta", r"\varepsilon"} <= set(introduced) and len(set(introduced)) == len(introduced)
