"""Every symbol as its textbook writes it, and back from what is typed to the cell that is meant."""

from __future__ import annotations

import keyword
from collections import Counter
from pathlib import Path

import pytest
from front_door import Terminal
from styles import circuits, everything, networks, written

from exercises.errors import InputError
from exercises.merging import merged, twins
from exercises.names import cell_ids, parse_cell
from exercises.notation import STYLES, notation_for, serving
from exercises.notation.spelling import spelled
from exercises.plan import run
from exercises.program import Program
from templates.formula import latex

TABLE = [
    # exercise, style, id, as it is written
    ("3-3-1 sigmoid", "layered", "z2", "z⁽²⁾"),
    ("3-3-1 sigmoid", "layered", "W1[2,3]", "w₂₃⁽¹⁾"),
    ("3-3-1 sigmoid", "layered", "a1[2]", "a₂⁽¹⁾"),
    ("3-3-1 sigmoid", "layered", "a2[1]", "ŷ"),
    ("3-3-1 sigmoid", "layered", "dJ/dW2[1,2]", "∂J/∂w₁₂⁽²⁾"),
    ("3-3-1 sigmoid", "delta", "dJ/dz2[1]", "δ₁⁽²⁾"),
    ("3-3-1 sigmoid", "delta", "dJ/dz1", "δ⁽¹⁾"),
    ("3-3-1 sigmoid", "delta", "dJ/dW2[1,2]", "∂J/∂w₁₂⁽²⁾"),
    ("3-3-1 sigmoid", "adventures", "x[2]", "h₂⁽¹⁾"),
    ("3-3-1 sigmoid", "adventures", "a2[1]", "h₁⁽³⁾"),
    ("3-3-1 sigmoid", "adventures", "dJ/da1[3]", "∂J/∂h₃⁽²⁾"),
    ("2-2-2 sigmoid", "adventures", "learning_rate", "α"),
    ("2-2-1 linear", "layered", "learning_rate", "η"),
    ("2-2-1 linear", "layered", "W1_new[1,2]", "w₁₂⁽¹⁾ⁿᵉʷ"),
    ("2-2-1 linear", "numbered", "W1[2,1]", "w₃"),
    ("2-2-1 linear", "numbered", "W2[1,2]", "w₆"),
    ("2-2-1 linear", "numbered", "z1[2]", "h₂"),
    ("2-2-1 linear", "numbered", "a1[2]", "h₂"),
    ("2-2-1 linear", "numbered", "a2[1]", "prediction"),
    ("2-2-1 linear", "numbered", "y[1]", "actual"),
    ("2-2-1 linear", "numbered", "J", "error"),
    ("2-2-1 linear", "numbered", "dJ/dz2[1]", "∂error/∂prediction"),
    ("2-2-1 linear", "numbered", "W2_new[1,1]", "w₅⁺"),
    ("2-2-2 sigmoid", "numbered", "W2[2,1]", "w₇"),
    ("2-2-2 sigmoid", "numbered", "b2", "b₂"),
    ("2-2-2 sigmoid", "numbered", "z1[1]", "net_h1"),
    ("2-2-2 sigmoid", "numbered", "a2[2]", "out_o2"),
    ("2-2-2 sigmoid", "numbered", "y[1]", "target_o1"),
    ("2-2-2 sigmoid", "numbered", "J", "E_total"),
    ("2-2-2 sigmoid", "numbered", "dJ/dW1[1,1]", "∂E_total/∂w₁"),
    ("2-2-2 sigmoid", "numbered", "z1@2[1]", "net_h1{2}"),
    ("deep", "numbered", "z2[3]", "net_h5"),
    ("deep", "numbered", "b2[3]", "b_h5"),
    ("neuron", "layered", "W1[1,2]", "w₂"),
    ("neuron", "layered", "z1[1]", "z"),
    ("neuron", "code", "W1[1,2]", "weights[0, 1]"),
    ("neuron", "code", "z1[1]", "layer_1"),
    ("neuron", "code", "dJ/da1[1]", "derror_dprediction"),
    ("neuron", "code", "da1/dz1[1]", "dprediction_dlayer1"),
    ("neuron", "code", "dJ/dW1[1,1]", "derror_dweights[0, 0]"),
    ("2-2-2 sigmoid", "code", "dJ/dW2[2,1]", "derror_dweights2[1, 0]"),
    ("chain", "layered", "W2[1,1]", "w⁽²⁾"),
    ("long way", "layered", "da1/dz1[1,3]", "∂ŷ₁/∂z₃⁽¹⁾"),
    ("examples", "layered", "z1[2,3]", "z₂₃⁽¹⁾"),
    ("wide", "layered", "W1[2,11]", "w[2,11]⁽¹⁾"),
    ("product", "layered", "df/dx", "df/dx"),
    ("product", "layered", "f|q", "∂f/∂q"),
    ("product", "code", "f|q", "local_df_dq"),
    ("fork", "layered", "df/dy.2", "df/dy via u₂"),
    ("names", "layered", "w1", "w₁"),
    ("names", "layered", "x_1", "x₁"),
    ("names", "code", "x_1", "x_1"),
    ("names", "layered", "np", "np"),
]


@pytest.mark.parametrize("exercise, style, name, expected", TABLE)
def test_symbols_look_as_in_the_textbook(exercise: str, style: str, name: str, expected: str) -> None:
    assert everything()[exercise].in_style(style).text(name) == expected


TYPED = [
    ("2-2-1 linear", "numbered", "w5", "W2[1,1]"),
    ("2-2-1 linear", "numbered", " w₅ ", "W2[1,1]"),
    ("2-2-1 linear", "numbered", "∂J/∂w5", "dJ/dW2[1,1]"),
    ("2-2-1 linear", "numbered", "dJ/dw5", "dJ/dW2[1,1]"),
    ("2-2-1 linear", "numbered", "∂error / ∂w5", "dJ/dW2[1,1]"),
    ("2-2-1 linear", "numbered", "derror_dw5", "dJ/dW2[1,1]"),
    ("2-2-1 linear", "numbered", "derror/dprediction", "dJ/dz2[1]"),
    ("2-2-1 linear", "numbered", "w5+", "W2_new[1,1]"),
    ("2-2-1 linear", "numbered", "w5_new", "W2_new[1,1]"),
    ("2-2-1 linear", "numbered", "$w_{5}^{+}$", "W2_new[1,1]"),
    ("2-2-1 linear", "numbered", "prediction", "z2[1]"),
    ("2-2-1 linear", "numbered", "a2[1]", "a2[1]"),
    ("2-2-2 sigmoid", "numbered", "net_h1", "z1[1]"),
    ("2-2-2 sigmoid", "numbered", "neth1", "z1[1]"),
    ("2-2-2 sigmoid", "numbered", "net_h1{2}", "z1@2[1]"),
    ("2-2-2 sigmoid", "numbered", "dE_total/dw1", "dJ/dW1[1,1]"),
    ("3-3-1 sigmoid", "delta", "δ1(2)", "dJ/dz2[1]"),
    ("3-3-1 sigmoid", "delta", "delta1(2)", "dJ/dz2[1]"),
    ("3-3-1 sigmoid", "layered", "dJ/dw12(2)", "dJ/dW2[1,2]"),
    ("3-3-1 sigmoid", "layered", r"$\partial J/\partial w_{12}^{(2)}$", "dJ/dW2[1,2]"),
    ("3-3-1 sigmoid", "layered", "y_hat", "a2[1]"),
    ("3-3-1 sigmoid", "adventures", "h1(3)", "a2[1]"),
    ("neuron", "code", "derror_dprediction", "dJ/da1[1]"),
    ("neuron", "code", "weights[0,1]", "W1[1,2]"),
    ("product", "layered", "∂f/∂x", "df/dx"),
    ("2-2-1 linear", "numbered", "w7", None),
    ("2-2-1 linear", "numbered", "W1", None),
    ("2-2-1 linear", "numbered", "", None),
]


@pytest.mark.parametrize("exercise, style, text, expected", TYPED)
def test_what_is_typed_is_understood(exercise: str, style: str, text: str, expected: str | None) -> None:
    assert everything()[exercise].in_style(style).cell(text) == expected


@pytest.mark.parametrize("exercise, style", written())
def test_every_printed_symbol_means_its_own_cell(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    notation, same = worked.in_style(style), twins(worked.program)
    for quantity, shape in worked.program.shapes.items():
        for cell in cell_ids(quantity, shape):
            assert notation.cell(cell) == cell
            if notation.style.merged and _only_copied(worked.program, cell):
                continue
            stand_in = _stand_in(cell, same) if notation.style.merged else cell
            assert notation.cell(notation.text(cell)) == stand_in
            assert notation.cell(f" `{notation.text(cell)}` ") == stand_in
            pasted = f"${latex.inline(notation.sign(cell))}$"
            if notation.cell(pasted) is None:
                assert parse_cell(spelled(pasted)).quantity in worked.program.shapes  # another quantity's id
            elif "|" not in cell:
                assert notation.cell(pasted) == stand_in


def _stand_in(cell: str, same: dict[str, str]) -> str:
    quantity = parse_cell(cell).quantity
    return cell.replace(quantity, same.get(quantity, quantity), 1)


def _only_copied(program: Program, cell: str) -> bool:
    """∂prediction/∂prediction: no line of a notation with one symbol for both, so it is never printed."""
    quantity = parse_cell(cell).quantity
    return quantity not in merged(program).shapes and quantity not in twins(program)


@pytest.mark.parametrize("exercise, style", written())
def test_different_quantities_have_different_symbols(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    notation = worked.in_style(style)
    program = merged(worked.program) if notation.style.merged else worked.program
    counts = Counter(notation.text(cell) for name in program.shapes for cell in cell_ids(name, program.shapes[name]))
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("exercise, style", written())
def test_identifiers_are_python_names_and_distinct(exercise: str, style: str) -> None:
    worked = everything()[exercise]
    notation = worked.in_style(style)
    names = {name: notation.identifiers[name] for name in worked.program.shapes}
    assert all(text.isidentifier() and not keyword.iskeyword(text) and text != "np" for text in names.values())
    same = twins(worked.program) if notation.style.merged else {}
    owners = Counter({text: len({same.get(n, n) for n in names if names[n] == text}) for text in names.values()})
    assert [text for text, count in owners.items() if count > 1] == []


def test_styles_that_cannot_write_a_circuit_name_those_that_can() -> None:
    program = circuits()["product"].program
    assert serving(program) == ("layered", "code")
    for style in set(STYLES) - {"layered", "code"}:
        with pytest.raises(InputError, match="choose layered or code"):
            notation_for(style, program)
    assert serving(networks()["deep"].program) == tuple(STYLES)


def test_an_unknown_style_brings_the_nearest() -> None:
    with pytest.raises(InputError, match='did you mean "numbered"'):
        notation_for("numberd", networks()["neuron"].program)


@pytest.mark.parametrize("exercise", networks())
def test_merging_keeps_every_value(exercise: str) -> None:
    worked = networks()[exercise]
    program = merged(worked.program)
    values = run(program, worked.given)
    assert set(values) <= set(worked.values)
    for name, array in values.items():
        assert array == pytest.approx(worked.values[name], rel=1e-12, abs=1e-15)
    for name, other in twins(worked.program).items():
        assert worked.values[name] == pytest.approx(worked.values[other], rel=1e-12, abs=1e-15)


def test_solve_takes_another_notation_where_it_fits(terminal: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "two.toml"
    network = '[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\n'
    sheet.write_text(network + '[[exercise]]\nfamily = "circuit"\nexpression = "log(2 + cos(x))"\n')
    outcome = terminal("solve", sheet, "--notation", "numbered")
    assert outcome.code == 0 and "w₁" in outcome.out and "Exercise 2" in outcome.out
    assert outcome.err == "gradsheet: --notation numbered can't write exercise 2, which stays layered\n"
    sheet.write_text(network.replace("2, 2, 1]", '2, 2, 1]\nnotation = "numbered"'))
    assert terminal("solve", sheet).out == terminal("solve", sheet, "--notation", "numbered").out
