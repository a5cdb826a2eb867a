"""Ids: what is read, what is refused, and that printing and reading are inverse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.errors import InputError
from exercises.names import Cell, cell_ids, matches, nearest_id, parse_cell, split_id_and_value, stem

QUANTITIES = [
    "x", "y", "W1", "b1", "z1", "a1", "J", "W1_new",
    "learning_rate", "q", "u1", "dJ/dW1", "da1/dz1", "f|x", "df/dx", "dJ/dx.1",
    "z1@2", "dJ/dW1@2", "W1_new@2", "dJ/dx.1@2", "f|x@3",
    "d", "dd", "dd/dd", "W12", "θ", "u1|u2", "dx_1/dy_new", "dz/dx.12@10",
]  # fmt: skip


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("index", [(), (2,), (1, 2), (3, 1, 20)])
@pytest.mark.parametrize("exercise", [None, 2])
def test_printing_and_reading_are_inverse(quantity: str, index: tuple[int, ...], exercise: int | None) -> None:
    cell = Cell(quantity, index, exercise)
    assert parse_cell(str(cell)) == cell


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("W1[ 1 , 2 ]", "W1[1,2]"),
        (" dJ / dW1 [1,2] ", "dJ/dW1[1,2]"),
        ("∂J/∂W1[1,2]", "dJ/dW1[1,2]"),
        ("∂J⁄∂w₅", "dJ/dw5"),
        ("Ｗ１［１，２］", "W1[1,2]"),
        ("2 : z1", "2:z1"),
        ("z1\u00a0[2]", "z1[2]"),
        ("\ufeffJ", "J"),
        ("z1[02]", "z1[2]"),
        ("f｜x", "f|x"),
        ("z1 @ 2 [1]", "z1@2[1]"),
    ],
)
def test_look_alikes_are_read(written: str, canonical: str) -> None:
    assert str(parse_cell(written)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1", "W 1", "W1[", "W1]", "W1[]", "W1[1;2]", "W1[1][2]", "W1(1,2)", "W1[-1]", "W1[1.5]", "W1[1,2,3,4]",
        "z1@", "z1@1", "z1@0", "z1@2@3", "0:z1", ":z1", "1:2:z1", "dJ/W1", "J/dW1", "dJ/d", "d/dx", "dJ/dx.", "x.1",
        "dJ/dx.0", "_x", "1x", "f|", "|x", "f|x|y", "W1[٢]", "x\ny", "=J", "../x", "W1[99999999]", "x" * 201,
        "[" * 10**6,
    ],
)  # fmt: skip
def test_what_is_no_id_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_cell(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["W1[0,1]", "W1[1,0]", "z1[0]", "z1[ 00 ]"])
def test_counting_from_zero_is_named(text: str) -> None:
    with pytest.raises(InputError, match="count from 1"):
        parse_cell(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cell = parse_cell(text)
    except InputError:
        return
    assert parse_cell(str(cell)) == cell


def test_cells_in_row_major_order() -> None:
    assert cell_ids("W1", (2, 3)) == ("W1[1,1]", "W1[1,2]", "W1[1,3]", "W1[2,1]", "W1[2,2]", "W1[2,3]")
    assert cell_ids("z1@2", (2,)) == ("z1@2[1]", "z1@2[2]")
    assert cell_ids("J", ()) == ("J",)
    assert cell_ids("x", (0,)) == ()


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("dJ/dW1", "dJ/dW"), ("W1_new", "W_new"), ("z1@2", "z@2"), ("da1/dz1", "da/dz"), ("J", "J"), ("W12", "W"),
        ("dJ/da1.2", "dJ/da.2"), ("W1_new@2", "W_new@2"), ("learning_rate", "learning_rate"), ("f|x", "f|x"),
        ("u1|u2", "u|u"), ("x2y", "x2y"), ("x_1", "x_1"), ("dJ/dW10@12", "dJ/dW@12"),
    ],
)  # fmt: skip
def test_stems(quantity: str, expected: str) -> None:
    assert stem(quantity) == expected
    assert matches(expected, quantity)
    assert matches(quantity, quantity)


@pytest.mark.parametrize(
    ("asked", "quantity"), [("z", "z1@2"), ("z1", "z2"), ("dJ/dz", "z1"), ("W", "W1_new"), ("z1", "z")]
)
def test_other_quantities_do_not_match(asked: str, quantity: str) -> None:
    assert not matches(asked, quantity)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("W1[1,2],0.35", ("W1[1,2]", "0.35")),
        ("W1[1,2];0,35", ("W1[1,2]", "0,35")),
        ("W1[1, 2] \t 0,35", ("W1[1, 2]", "0,35")),
        ("J,0,35", ("J", "0,35")),
        ('"W1[1,2]",0.35', ("W1[1,2]", "0.35")),
        ('"W1[1,2]","0,35"', ("W1[1,2]", "0,35")),
        ('"J"\t0.35', ("J", "0.35")),
        (' "J" ; 0.35', ("J", "0.35")),
        ('"W1[1,2],0.35"', ("W1[1,2]", "0.35")),
        ("2:dJ/dW1@2[1,2],-1e-3", ("2:dJ/dW1@2[1,2]", "-1e-3")),
        ("∂J/∂w5,0.1", ("∂J/∂w5", "0.1")),
        ("w_{1,2}^{(2)},0.1", ("w_{1,2}^{(2)}", "0.1")),
        ("w5 , 0.1", ("w5", "0.1")),
        ("J,", ("J", "")),
        ("J", ("J", "")),
        ("W1[1,2]", ("W1[1,2]", "")),
        ("J,0.35,,", ("J", "0.35")),
        ('J,"0.35",,', ("J", "0.35")),
        ("f|x;1", ("f|x", "1")),
        ("J,=1+1", ("J", "=1+1")),
        ("J,1,234.5", ("J", "1,234.5")),
    ],
)
def test_rows_are_split_after_the_id(row: str, expected: tuple[str, str]) -> None:
    assert split_id_and_value(row) == expected


@pytest.mark.parametrize(
    "row",
    [",0.35", "\t1", '"",1', "J 0.35", "J = 0.35", "W1[1,2", "W1]1,2", '"J,0.35', 'J,"0.35', 'J,"0.35"x', '"J"x,1', ""],
)
def test_rows_that_cannot_be_split_are_refused(row: str) -> None:
    with pytest.raises(InputError):
        split_id_and_value(row)


@given(st.text())
def test_any_row_is_split_or_refused(row: str) -> None:
    try:
        head, value = split_id_and_value(row)
    except InputError:
        return
    assert head in row.replace('""', '"')
    assert value in row.replace('""', '"')


def test_nearest_id() -> None:
    known = ["dJ/dW1[1,1]", "dJ/dW1[1,2]", "z1[1]"]
    assert nearest_id("∂J/∂W1 [1, 2]", known) == "dJ/dW1[1,2]"
    assert nearest_id("dJ/dw1[1,1]", known) == "dJ/dW1[1,1]"
    assert nearest_id("%%%%", known) is None
