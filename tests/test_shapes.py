"""The shapes in the margin of matrix lines: what is multiplied, what comes of it, and where they are shown."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import pytest
from every_family import SOME, Example, sheet_of
from pypdf import PdfReader

from exercises.expression import Expression, Symbol, apply
from exercises.fading import faded
from exercises.operations.tensor import spread, total
from exercises.operations.windows import convolve
from exercises.shapes import shapes_of
from exercises.specification import Exercise, parse_specification
from gradsheet.solving import as_text, settled_exercises
from templates.html import key_html
from templates.pdf import Layout, Script, key_pdf
from templates.render import Header, render_key, solution_of

W, V, x, b, d = Symbol("W", (2, 3)), Symbol("V", (3, 2)), Symbol("x", (3,)), Symbol("b", (2,)), Symbol("d", (2,))
J, X = Symbol("J"), Symbol("X", (2, 4))

CASES: tuple[tuple[Expression, str, str], ...] = (
    (W @ x, "(2×3)(3×1) → 2×1", "(2, 3) @ (3,) → (2,)"),
    (W @ x + b, "(2×3)(3×1) + 2×1 → 2×1", "(2, 3) @ (3,) + (2,) → (2,)"),
    (W.T @ d, "(3×2)(2×1) → 3×1", "(3, 2) @ (2,) → (3,)"),
    (apply("outer", d, x), "(2×1)(1×3) → 2×3", "outer((2,), (3,)) → (2, 3)"),
    (W @ (V @ b), "(2×3)(3×2)(2×1) → 2×1", "(2, 3) @ ((3, 2) @ (2,)) → (2,)"),
    (d * b, "2×1", "(2,)"),
    (apply("tanh", W @ x), "(2×3)(3×1) → 2×1", "(2, 3) @ (3,) → (2,)"),
    (d * (1 - d), "2×1", "(2,)"),
    (d - J * b, "2×1", "(2,)"),
    ((W.T @ d) * x, "(3×2)(2×1) ⊙ 3×1 → 3×1", "((3, 2) @ (2,)) * (3,) → (3,)"),
    (total(X, (1,)), "Σ(2×4) → 2×1", "sum((2, 4)) → (2,)"),
    (X - spread(b, (1,), (4,)), "2×4 − (2×1)(1×4) → 2×4", "(2, 4) - (2, 1) → (2, 4)"),
    (convolve(X, Symbol("K", (2, 2)), 1, 0), "conv(2×4, 2×2) → 1×3", "conv((2, 4), (2, 2)) → (1, 3)"),
    (apply("reshape", X, parameters=((8,),)), "2×4 → 8×1", "(2, 4) → (8,)"),
)


@pytest.mark.parametrize("expression, written, typed", CASES, ids=[written for _, written, _ in CASES])
def test_what_is_put_together_and_what_comes_of_it(expression: Expression, written: str, typed: str) -> None:
    assert shapes_of(expression) == written
    assert shapes_of(expression, typed=True) == typed


@pytest.mark.parametrize("example", SOME, ids=str)
def test_matrix_products_of_every_family_fit_together(example: Example) -> None:
    """Of factors side by side the inner sizes agree, and the outer ones are those of what comes out."""
    solution = solution_of(sheet_of(example), detail="matrix")
    lines = [block.matrix for section in solution.sections for block in section.blocks if block.matrix]
    for line in lines:
        shape = solution.notation.program.shapes[line.cells[0]]
        assert line.margin.rpartition("→ ")[2] == "×".join(map(str, shape if len(shape) > 1 else (*shape, 1)))
        for product in re.findall(r"(?:\(\d+×\d+\)){2,}", line.margin):
            sizes = re.findall(r"\d+", product)
            assert sizes[1:-1:2] == sizes[2:-1:2], line.margin


NETWORK = '[[exercise]]\nfamily = "mlp"\nlayers = [3, 2, 2]\noptimizer = { name = "sgd" }\n'
MARGIN = "(2×3)(3×1) + 2×1 → 2×1"
HEADER = Header("Title", student="Ada", sheet="set-1-ada")


@cache
def network() -> Exercise:
    return settled_exercises(parse_specification(NETWORK, "sheet.toml"))[0]


@pytest.mark.parametrize("detail", ["matrix", "both", "component"])
def test_they_stand_where_matrices_stand_alone(detail: str) -> None:
    exercise = replace(network(), detail=detail)
    paper = PdfReader(io.BytesIO(key_pdf([Script(HEADER, (exercise,))], Layout())))
    pages = (
        as_text([exercise], 80),
        render_key(HEADER, [exercise]),
        key_html(HEADER, [exercise]),
        " ".join(page.extract_text() for page in paper.pages),
    )
    for page in pages:
        assert (MARGIN in page) == (detail == "matrix")


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_in_a_terminal_they_end_at_its_edge(width: int) -> None:
    lines = as_text([network()], width, detail="matrix").splitlines()
    shown = [line for line in lines if line.endswith(MARGIN)]
    assert shown and all(len(line) == width for line in shown)
    assert all(len(line) <= width for line in lines if "→" in line)


def test_code_has_numpys_shapes() -> None:
    text = as_text([network()], 90, detail="matrix", notation="code")
    assert "(2, 3) @ (3,) + (2,) → (2,)" in text and "×" not in text
    assert "# (2, 3) @ (3,) + (2,) → (2,)" in render_key(HEADER, [replace(network(), notation="code", detail="matrix")])


def test_a_blank_line_does_not_give_its_shapes_away() -> None:
    exercise = network()
    shown = faded(solution_of(exercise, detail="matrix"), exercise.asked)
    lines = [block.matrix for section in shown.sections for block in section.blocks if block.matrix]
    assert any(line.blank and line.shapes for line in lines)
    assert not any(line.margin for line in lines if line.blank)
