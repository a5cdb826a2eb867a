"""The TOML a teacher writes: what it becomes, what is refused, how; and that it can be written again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.errors import InputError
from exercises.plan import run
from exercises.precision import Places
from exercises.specification import (
    LARGEST_FILE,
    Specification,
    parse_specification,
    published_names,
    read_specification,
    to_toml,
)
from exercises.stream import seed
from exercises.variants import draw, filled

SHEET = """
title = "Backpropagation by hand"

[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = ["sigmoid", "identity"]
bias = false
loss = "half_squared_error"
optimizer = { name = "sgd", learning_rate = 0.05 }
notation = "numbered"
decimals = 3
ask = ["z", "a", "J", "dJ/dz", "dJ/dW", "W_new"]
given = { x = [2, 3], y = [1], W1 = [[0.11, 0.21], [0.12, 0.08]], W2 = [[0.14, 0.15]] }

[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * z"]
given = { x = -2, y = 5, z = -4 }
"""


def one(keys: str, family: str = "mlp") -> Specification:
    return parse_specification(f'[[exercise]]\nfamily = "{family}"\n{keys}', "sheet.toml")


def test_the_sheet_of_the_design() -> None:
    specification = parse_specification(SHEET, "sheet.toml")
    network, circuit = specification.exercises
    assert (network.number, circuit.number) == (1, 2)
    assert network.options.layers == (2, 2, 1)  # type: ignore[attr-defined]
    assert network.notation == "numbered"
    assert network.precision is not None
    assert network.precision.of("J") == Places(3)
    assert circuit.precision is None
    assert network.given["W1"][..., 0].tolist() == [[0.11, 0.21], [0.12, 0.08]]
    assert network.given["learning_rate"].tolist() == [0.05]
    assert network.asked[:4] == ("z1[1]", "z1[2]", "a1[1]", "a1[2]")
    assert network.asked[-2:] == ("W2_new[1,1]", "W2_new[1,2]")
    assert run(circuit.program, circuit.given)["f"].tolist() == [-12]
    assert not network.open_names


def test_examples_are_listed_as_rows_and_stand_as_columns() -> None:
    exercise = one("given = { x = [[1, 2], [3, 4], [5, 6]], y = [0.1, 0.2, 0.3] }").exercises[0]
    assert exercise.given["x"][..., 0].tolist() == [[1, 3, 5], [2, 4, 6]]
    assert exercise.given["y"][..., 0].tolist() == [[0.1, 0.2, 0.3]]


def test_one_number_needs_no_list() -> None:
    exercise = one("given = { x = 0.5, y = 1, W1 = [0.25], W2 = [[2]], b1 = 3 }", "chain").exercises[0]
    assert [exercise.given[name].shape for name in ("x", "y", "W1", "W2", "b1")] == [
        (1, 1), (1, 1), (1, 1, 1), (1, 1, 1), (1, 1),
    ]  # fmt: skip


def test_asked_cells_come_in_the_order_of_the_program() -> None:
    exercise = one('ask = ["J", "dJ/dW1[2,1]", "z", "∂J/∂b2"]').exercises[0]
    assert exercise.asked == ("z1[1]", "z1[2]", "z2[1]", "J", "dJ/db2[1]", "dJ/dW1[2,1]")


def test_a_quantity_may_have_its_own_places() -> None:
    exercise = one('decimals = { default = 4, "dJ/dW" = "3 significant" }').exercises[0]
    assert exercise.precision is not None
    assert exercise.precision.of("dJ/dW1[1,2]") == Places(3, significant=True)
    assert exercise.precision.of("J") == Places(4)


@pytest.mark.parametrize(
    "decimals, places",
    [
        ("4", Places(3, significant=True)),
        ('"5 significant"', Places(5, significant=True)),
        ("{ default = 4, v_W1 = 5 }", Places(5)),
    ],
)
def test_means_of_squares_keep_their_figures_unless_the_teacher_names_them(decimals: str, places: Places) -> None:
    """v is a thousandth of a square: with four decimals it is 0.0000, and any update would follow from it."""
    read = one(f'optimizer = {{ name = "adam" }}\ndecimals = {decimals}').exercises[0].precision
    assert read is not None
    assert read.of("v_W1[1,1]") == places
    assert read.default == (places if places.digits == 5 and places.significant else Places(4))


def test_its_name_doesn_t_change_when_the_file_moves() -> None:
    named = 'name = "week-3"\n' + SHEET
    assert parse_specification(named, "a/b.toml").name == "week-3"
    assert parse_specification(SHEET, "a/b.toml").name == parse_specification(SHEET, "c.toml").name
    assert one("").name == "sheet"
    assert parse_specification('title = "Übung №1"\n[[exercise]]\nfamily = "mlp"', "s.toml").name == "ubung-no1"


def test_toml_s_own_dates_are_dates() -> None:
    assert parse_specification('date = 2025-03-01\n[[exercise]]\nfamily = "mlp"', "s").date == "2025-03-01"


REFUSED = [
    ('activation = "relu"', 'exercise 1: unknown key "activation"; did you mean "activations"?'),
    ('notations = "code"', 'exercise 1: unknown key "notations"; did you mean "notation"?'),
    ('layers = [2, "a"]', "exercise 1, layers[2]: expected a whole number, found text"),
    ("optimizer = { learning = 3 }", 'optimizer: unknown key "learning"; did you mean "learning_rate"?'),
    ('optimizer = "sgd"', 'optimizer: expected a table { … }, found text; write optimizer = { name = "…" }'),
    ("optimizer = { learning_rate = -0.1 }", "optimizer.learning_rate: expected a number above 0, found -0.1"),
    ("optimizer = {}\ngiven = { learning_rate = -1 }", "learning_rate: expected a number from 0 on, found -1"),
    ('optimizer = { name = "adamm" }', 'optimizer.name: unknown choice "adamm"'),
    ('bias = "sharde"', 'bias: unknown choice "sharde"; did you mean "shared"?'),
    ('notation = "laiered"', 'notation: unknown notation "laiered"; did you mean "layered"?'),
    ('loss = "half_square_error"', 'did you mean "half_squared_error"?'),
    ("given = { W1 = [[1, 2]] }", "W1: expected 2 rows of 2 numbers, found 1 row of 2 numbers"),
    ("given = { W1 = [[1, 2], [3]] }", "W1: expected 2 rows of 2 numbers, found rows of different lengths"),
    ("given = { W1 = [[1, nan], [2, 3]] }", "W1: expected a finite number, found nan"),
    ("given = { x = [1, inf] }", "x: expected a finite number, found inf"),
    (f"given = {{ x = [1, 1{'0' * 400}] }}", "x: expected a finite number"),
    ('given = { x = [1, "2"] }', "x: expected a number, found '2'"),
    ("given = { x = [1, true] }", "x: expected a number, found True"),
    ("given = { x = [1, 2, 3] }", "x: expected a list of 2 numbers, found a list of 3 numbers"),
    ("given = { x = [[1, 2], [3, 4]], y = [[1], [2], [3]] }", "number of training examples differs"),
    ("given = { w1 = 1 }", 'given: unknown quantity "w1"'),
    ("given = { z1 = [1, 2] }", 'given: "z1" is worked out by the exercise'),
    ("optimizer = { learning_rate = 0.1 }\ngiven = { learning_rate = 0.2 }", "settled elsewhere"),
    ('ask = ["zz"]', 'ask: unknown quantity "zz"; did you mean "z"?'),
    ('ask = ["W1_new"]', "an update needs an optimizer"),
    ('ask = ["dJ/dW1[3,1]"]', 'ask: no cell "dJ/dW1[3,1]"; dJ/dW1 goes up to dJ/dW1[2,2]'),
    ('ask = ["x"]', 'ask: "x" is given'),
    ('ask = ["2:J"]', "ask: \"2:J\" belongs to exercise 2"),
    ("ask = []", "ask: expected at least one quantity"),
    ("decimals = 40", "decimals: expected 0 to 12 places, found 40"),
    ("decimals = { q = 3 }", 'decimals: unknown quantity "q"'),
    ('detail = "all"', 'detail: unknown choice "all"'),
    ('difficulty = "no-calculator"', "difficulty: \"no-calculator\" takes relu and identity layers, found sigmoid"),
    ('loss = "binary_cross_entropy"\ngiven = { y = [2] }', "y: binary_cross_entropy takes targets from 0 to 1"),
    (
        'layers = [2, 3]\nactivations = "softmax"\ngiven = { y = [0.5, 0.6, 0.2] }',
        "y: cross_entropy takes targets that add up to 1, these add up to 1.3",
    ),
]  # fmt: skip


@pytest.mark.parametrize("keys,complaint", REFUSED)
def test_what_is_refused_and_how(keys: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        one(keys)
    message = str(refused.value)
    assert complaint in message
    assert message.startswith("sheet.toml, exercise 1")
    assert "\n" not in message


WHOLE_FILES = [
    ("", "put a line [[exercise]] before"),
    ("a = ", "this is no TOML: end of document: invalid value"),
    ("layers = [2, 1]", "put a line [[exercise]] before"),
    ("[exercise]\nfamily = 'mlp'", "exercise: expected a list of exercises, found one table; write [[exercise]]"),
    ("[[exercise]]", 'exercise 1: expected a key "family"'),
    ("[[exercise]]\nfamily = 3", "exercise 1, family: expected text, found a whole number"),
    ("[[exercise]]\nfamily = 'mpl'", 'exercise 1, family: unknown family "mpl"; did you mean "mlp"?'),
    ("titel = 'x'\n[[exercise]]\nfamily = 'mlp'", 'unknown key "titel"; did you mean "title"?'),
    ("[[exercise]]\nfamily = 'mlp'\n" * 51, "expected 1 to 50 exercises, found 51"),
    ("x = " + "1" * 5000, "thousands of digits"),
    ("x = " + "[" * 5000, "nested too deeply"),
    ("#" * (LARGEST_FILE + 1), "expected at most"),
]


@pytest.mark.parametrize("text,complaint", WHOLE_FILES)
def test_whole_files_that_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=r"^sheet\.toml") as refused:
        parse_specification(text, "sheet.toml")
    assert complaint in str(refused.value)


def test_reading_files(tmp_path: Path) -> None:
    path = tmp_path / "sheet.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHEET.encode())
    assert len(read_specification(path).exercises) == 2
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(InputError, match="UTF-8"):
        read_specification(path)
    with pytest.raises(InputError, match="found a folder"):
        read_specification(tmp_path)
    with pytest.raises(InputError, match='did you mean "mazur"'):
        read_specification("mazurr")
    for hopeless in ("nosuch.toml", "a\0b", "x" * 5000):
        with pytest.raises(InputError, match="no such file"):
            read_specification(hopeless)


@pytest.mark.parametrize("name", published_names())
def test_what_is_written_reads_the_same(name: str) -> None:
    specification = read_specification(name)
    again = parse_specification(to_toml(specification), specification.where)
    assert to_toml(again) == to_toml(specification)
    assert (again.name, again.title, again.published) == (
        specification.name,
        specification.title,
        specification.published,
    )
    for before, after in zip(specification.exercises, again.exercises, strict=True):
        assert after.asked == before.asked
        assert after.precision == before.precision
        assert all(np.array_equal(after.given[name], array) for name, array in before.given.items())


OPEN = [
    'layers = [2, 3, 1]\noptimizer = { name = "sgd" }\nask = ["J", "W_new"]',
    'layers = [2, 3]\nactivations = "softmax"\nexamples = 2\ndecimals = 5',
    'activations = ["relu", "identity"]\ndifficulty = "no-calculator"\ndecimals = { default = 2, J = 3 }',
    "given = { x = [0.3, 0.7] }",
]


@pytest.mark.parametrize("keys", OPEN)
def test_a_drawn_sheet_is_written_with_all_its_numbers(keys: str) -> None:
    specification = one(keys)
    variant = draw(specification.exercises[0], seed(b"secret", set_name="s", exercise=1, student="a"))
    again = parse_specification(to_toml(filled(specification, [variant])), "sheet.toml").exercises[0]
    assert not again.open_names
    assert again.precision == variant.precision
    assert all(np.array_equal(again.given[name], array) for name, array in variant.given.items())
    assert draw(again, b"").given == again.given


def test_an_open_sheet_can_t_be_written() -> None:
    with pytest.raises(ValueError, match="open"):
        to_toml(one(""))


@settings(max_examples=60)
@given(st.text(max_size=60) | st.sampled_from(["x", "layers", "given", "[[exercise]]"]), st.text(max_size=60))
def test_no_text_makes_a_traceback(key: str, value: str) -> None:
    for text in (f"{key} = {value}", f'[[exercise]]\nfamily = "mlp"\n{key} = {value}', f'"{key}" = 1'):
        with suppress(InputError):
            parse_specification(text, "sheet.toml")


def test_a_complaint_is_one_short_line() -> None:
    with pytest.raises(InputError) as refused:
        parse_specification(f'"a\\nb{"c" * 5000}" = 1\n[[exercise]]\nfamily = "mlp"', "sheet.toml")
    assert str(refused.value).startswith('sheet.toml: unknown key "a b')
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600
