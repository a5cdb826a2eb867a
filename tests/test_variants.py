"""Drawn numbers: the same for ever, fit to be worked out by hand, and a note wherever they can't be."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from exercises.conditions import BY_HEAD, STANDARD
from exercises.difficulty import effort
from exercises.errors import InputError
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.plan import run
from exercises.precision import Places, Precision
from exercises.specification import Exercise, parse_specification
from exercises.stream import seed
from exercises.variants import Variant, draw, draw_many, practice_seed

DIGESTS = Path(__file__).parent / "data/variant_digests.txt"

UPDATED = 'optimizer = { name = "sgd" }\n'


def exercise_of(keys: str, family: str = "mlp") -> Exercise:
    return parse_specification(f'[[exercise]]\nfamily = "{family}"\n{keys}', "sheet.toml").exercises[0]


def student(name: str, attempt: int = 1) -> bytes:
    return seed(b"the course secret", set_name="week 3", exercise=1, student=name, attempt=attempt)


def values_of(variant: Variant) -> dict[str, Array]:
    return {**variant.given, **run(variant.exercise.program, variant.given)}


def cells(variant: Variant, names: list[str]) -> dict[str, float]:
    values = values_of(variant)
    return {
        cell: float(number)
        for name in names
        for cell, number in zip(cell_ids(name, values[name].shape[:-1]), values[name].ravel(), strict=True)
    }


def asked(variant: Variant) -> dict[str, float]:
    every = cells(variant, [step.name for step in variant.exercise.program.steps])
    return {cell: every[cell] for cell in variant.exercise.asked}


# --- the same for ever ---------------------------------------------------------------------------------------------

PINNED = {
    "2-2-1": UPDATED,
    "2-2-2": UPDATED + 'layers = [2, 2, 2]\nbias = "shared"',
    "3-3-1": UPDATED + "layers = [3, 3, 1]\ndecimals = 4",
    "5-5-5": UPDATED + "layers = [5, 5, 5]\ndecimals = 4",
    "relu": 'layers = [2, 3, 1]\nactivations = ["relu", "identity"]',
    "softmax": 'layers = [2, 3, 3]\nactivations = ["tanh", "softmax"]',
    "examples": "examples = 3",
    "by head": UPDATED + 'activations = ["relu", "identity"]\ndifficulty = "no-calculator"',
}
PINNED_CIRCUITS = {"circuit 4": "", "circuit 6": "size = 6\nstructure = 2"}
EACH = 100


def digest(variant: Variant) -> str:
    """Of everything that a student's sheet depends on."""
    numbers = [f"{name} {array.ravel().tolist()!r}" for name, array in variant.given.items()]
    told = [str(variant.precision.default), *(note.code for note in variant.notes), str(variant.attempts)]
    return hashlib.sha256("\n".join(numbers + told).encode()).hexdigest()[:12]


def digests() -> list[str]:
    exercises = {name: exercise_of(keys) for name, keys in PINNED.items()}
    exercises |= {name: exercise_of(keys, "circuit") for name, keys in PINNED_CIRCUITS.items()}
    lines = []
    for name, exercise in exercises.items():
        variants = draw_many(exercise, [student(f"s{number}") for number in range(EACH)])
        lines += [f"{name}, s{number}: {digest(variant)}" for number, variant in enumerate(variants)]
    return lines


def test_a_thousand_variants_are_what_they_were() -> None:
    """A change of draw is a new scheme: students' sheets must not change under their hands.

    Before a first release: python -m tests.test_variants > tests/data/variant_digests.txt
    """
    assert digests() == DIGESTS.read_text("utf-8").splitlines()


def test_neither_hash_seed_nor_zone_nor_language_matter() -> None:
    script = "from tests.test_variants import *; print(digest(draw(exercise_of(UPDATED), student('a'))))"
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": number, "TZ": zone, "LC_ALL": "C"},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert told == {digest(draw(exercise_of(UPDATED), student("a"))) + "\n"}


def test_drawn_together_or_alone_is_the_same() -> None:
    exercise = exercise_of("layers = [3, 3, 1]\ndecimals = 3\n" + UPDATED)
    seeds = [student(f"s{number}") for number in range(11)]
    together = draw_many(exercise, seeds)
    assert any(variant.notes for variant in together)
    assert any(variant.attempts > 256 for variant in together)
    assert [digest(draw(exercise, one)) for one in seeds] == [digest(variant) for variant in together]
    assert len({digest(variant) for variant in together}) == len(seeds)


def test_practice_is_public_and_no_student_s() -> None:
    exercise = exercise_of(UPDATED)
    assert digest(draw(exercise, practice_seed("set", 1))) == digest(draw(exercise, practice_seed("set", 1)))
    assert practice_seed("set", 1) != practice_seed("set", 1, attempt=2) != practice_seed("set", 2)


# --- worth solving -------------------------------------------------------------------------------------------------

SHEETS = [
    *((keys, "mlp") for keys in PINNED.values()),
    *((keys, "circuit") for keys in PINNED_CIRCUITS.values()),
    (UPDATED, "chain"),
    (UPDATED, "neuron"),
    ('expression = "log(x) * sqrt(y) + max(x, y)"', "circuit"),
]


@pytest.mark.parametrize("keys,family", SHEETS)
def test_what_a_sheet_without_notes_promises(keys: str, family: str) -> None:
    """Worked out here once more, number by number, without the conditions' own code."""
    exercise = exercise_of(keys, family)
    variants = draw_many(exercise, [student(f"t{number}") for number in range(12)])
    clean = [variant for variant in variants if not variant.notes]
    assert len(clean) >= 9
    for variant in clean:
        unit = 10.0**-variant.precision.default.digits
        answers = asked(variant)
        exact = all(abs(value / unit - round(value / unit)) < 1e-6 for value in answers.values())
        for value in answers.values():
            assert np.isfinite(value)
            assert abs(value) <= 100
            assert exact or value == 0 or abs(value) >= 20 * unit
            assert abs(abs(value / unit) % 1 - 0.5) > 1e-7
        _check_givens(variant)
        _check_updates(variant, answers, 0 if exact else 5 * unit)


def _check_givens(variant: Variant) -> None:
    for given in variant.exercise.program.givens:
        entries = variant.given[given.name].ravel().tolist()
        if given.role.name in ("WEIGHT", "INPUT", "VARIABLE"):
            assert not {-1.0, 0.0, 1.0} & set(entries)
            assert len(set(entries)) == len(entries)
        if given.role.name == "RATE":
            assert entries[0] not in (0.5, 1)


def _check_updates(variant: Variant, answers: dict[str, float], least: float) -> None:
    before = cells(variant, [name for name in variant.given if name[0] in "Wb"])
    for cell, value in answers.items():
        if "_new" in cell and value != before[cell.replace("_new", "")]:
            assert abs(value - before[cell.replace("_new", "")]) >= least


@pytest.mark.parametrize("keys", [PINNED["2-2-1"], PINNED["softmax"], PINNED["5-5-5"]])
def test_saturating_units_are_lively_and_answers_differ(keys: str) -> None:
    exercise = exercise_of(keys)
    for variant in draw_many(exercise, [student(f"u{number}") for number in range(8)]):
        assert not variant.notes
        assert all(0.1 <= abs(value) <= 2 for value in cells(variant, ["z1", "z2"]).values())
        texts = [variant.precision.of(cell).text(value) for cell, value in asked(variant).items() if "/db" not in cell]
        repeated_by_rule = sum(cell.startswith("dJ/dz") for cell in asked(variant)) if "tanh" in keys else 0
        assert len(set(texts)) >= len(texts) - repeated_by_rule


def test_one_rectifier_is_off_on_every_sheet() -> None:
    exercise = exercise_of(PINNED["relu"])
    for variant in draw_many(exercise, [student(f"u{number}") for number in range(20)]):
        assert sum(value < 0 for value in cells(variant, ["z1"]).values()) == 1
        assert min(abs(value) for value in cells(variant, ["z1"]).values()) > 10 * 10.0**-3


def test_no_calculator_means_short_numbers_throughout() -> None:
    exercise = exercise_of(PINNED["by head"])
    for variant in draw_many(exercise, [student(f"u{number}") for number in range(20)]):
        names = [*variant.given, *(step.name for step in exercise.program.steps)]
        for value in cells(variant, names).values():
            assert abs(value * 100 - round(value * 100)) < 1e-9
            assert abs(value) <= 100


@pytest.mark.parametrize("size", range(2, 13))
def test_random_circuits_come_out(size: int) -> None:
    for structure in (1, 2, 3):
        exercise = exercise_of(f"size = {size}\nstructure = {structure}", "circuit")
        lines = [step for step in exercise.program.steps if step.role.name == "LINE"]
        assert len(lines) == size
        assert sum("x" in step.reads for step in lines) == 2
        assert not draw(exercise, student("a")).notes


def test_leaving_out_an_inner_derivative_is_neither_hidden_nor_a_wrong_sign() -> None:
    """Near x = 1.6 the slope −sin x is about −1. The sheet is asked to three places."""
    exercise = exercise_of('expression = "log(2 + cos(x)) * y"\ndecimals = 3', "circuit")
    variants = draw_many(exercise, [student(f"s{number}") for number in range(200)])
    assert not any(variant.notes for variant in variants)
    for variant in variants:
        values = cells(variant, ["df/du1", "df/dx"])
        assert abs(abs(values["df/dx"]) - abs(values["df/du1"])) > 2e-3


# --- what can't be ---------------------------------------------------------------------------------------------------


def test_a_network_that_is_too_fine_for_its_decimals_comes_out_with_notes() -> None:
    """The goals let go are the last ones: what is undefined, ambiguous or flat never is."""
    codes = [condition.code for condition in STANDARD]
    for layers in ("[2, 2, 2]", "[5, 5, 5]"):
        exercise = exercise_of(f"{UPDATED}decimals = 2\nlayers = {layers}")
        for variant in draw_many(exercise, [student(f"v{number}") for number in range(4)]):
            assert variant.notes
            assert all(codes.index(note.code) > codes.index("flat") for note in variant.notes)
            assert all(note.places and note.drawn for note in variant.notes)
            assert variant.precision == Precision(Places(2))


@pytest.mark.parametrize("decimals", [0, 2])
def test_a_note_names_a_mistake_once_and_in_no_pair_when_it_is_hidden_anyway(decimals: int) -> None:
    exercise = exercise_of(f"{UPDATED}decimals = {decimals}")
    (places,) = [note.places for note in draw(exercise, student("a")).notes if note.code == "alike"]
    assert len(set(places)) == len(places) < 40
    hidden = {place for place in places if " / " not in place}
    assert hidden and not any(hidden & set(place.split(" / ")) for place in places if " / " in place)


CHAIN = "given = { x = 0.7, y = 0.5, W1 = 0.3, b1 = 0.2, W2 = 0.7, b2 = 0.3 }"
RELUS = 'layers = [1, 2, 1]\nactivations = ["relu", "identity"]\n'

GIVEN_BUT_POOR = [
    ("large", 'lines = ["f = x * y"]\ndecimals = 1\ngiven = { x = 20, y = 30.5 }', "circuit", "f"),
    ("kink", 'lines = ["f = max(x, y)"]\ndecimals = 2\ngiven = { x = 0.5131, y = 0.5242 }', "circuit", "f"),
    ("tie", 'lines = ["f = x * y"]\ndecimals = 2\ngiven = { x = 0.5, y = 2.43 }', "circuit", "f"),
    ("plain-numbers", 'lines = ["f = x * y"]\ngiven = { x = 1, y = 2.43 }', "circuit", "x"),
    ("equal-numbers", 'lines = ["f = x * y + z"]\ngiven = { x = 2.5, y = 2.43, z = 2.5 }', "circuit", "z"),
    ("equal-answers", 'lines = ["q = x * y", "f = q + z"]\ngiven = { x = 1.2, y = 5, z = 4e-4 }', "circuit", "f"),
    ("hidden-factor", 'expression = "log(2 + cos(x)) * y"\ngiven = { x = 1.6, y = -2.8 }', "circuit", "df/dx"),
    ("flat", CHAIN.replace("x = 0.7", "x = 7"), "chain", "z1[1]"),
    ("small", f"decimals = 3\n{CHAIN}", "chain", "dJ/db1[1]"),
    ("still", f"{UPDATED}decimals = 2\n{CHAIN}", "chain", "W1_new[1,1]"),
    ("uphill", f'activations = "identity"\noptimizer = {{ name = "sgd", learning_rate = 4 }}\n{CHAIN}', "chain", "J"),
    ("units-off", RELUS + "given = { x = 0.7, W1 = [[0.3], [0.6]], b1 = [0.2, 0.4] }", "mlp", "z1"),
]


@pytest.mark.parametrize("code,keys,family,place", GIVEN_BUT_POOR)
def test_given_numbers_are_left_alone_and_noted(code: str, keys: str, family: str, place: str) -> None:
    exercise = exercise_of(keys, family)
    variant = draw(exercise, student("a"))
    assert all(np.array_equal(variant.given[name], array) for name, array in exercise.given.items())
    noted = {note.code: note for note in variant.notes}
    assert code in noted
    assert place in noted[code].places
    assert noted[code].sentence in str(noted[code])


OVERSHOOTING = {
    "tanh": 'activations = ["tanh", "identity"]\noptimizer = { name = "sgd" }',
    "linear": 'activations = "identity"\noptimizer = { name = "sgd" }',
    "momentum": 'activations = ["tanh", "identity"]\nexamples = 3\noptimizer = { name = "momentum" }\nrounds = 2',
    "adam": 'activations = ["relu", "identity"]\noptimizer = { name = "adam" }\nrounds = 2',
    "by head": PINNED["by head"],
}


@pytest.mark.parametrize("keys", OVERSHOOTING.values(), ids=OVERSHOOTING)
def test_the_error_falls_with_every_update_of_drawn_numbers(keys: str) -> None:
    exercise = exercise_of(keys)
    for variant in draw_many(exercise, [student(f"d{number}") for number in range(8)]):
        values = values_of(variant)
        steps = [step.name for step in exercise.program.steps]  # rounds in order
        parameters = [name for name in variant.given if name[0] in "Wb"]
        new = {name: values[step] for name in parameters for step in steps if step.startswith(f"{name}_new")}
        losses = [values[step] for step in steps if step.partition("@")[0] == "J"]
        losses.append(run(exercise.program, {**variant.given, **new})["J"])
        assert (np.diff(np.concatenate(losses)) < 0).all()


STARTING = {
    "lstm": ("lstm", "", -1),
    "gru": ("gru", "hidden = 2\ninputs = 1", -1),
    "tanh": ("recurrent", 'initial = "given"', -1),
    "sigmoid": ("recurrent", 'initial = "given"\nactivation = "sigmoid"', 0),
}


@pytest.mark.parametrize("family, keys, least", STARTING.values(), ids=STARTING)
def test_a_network_starts_from_a_state_that_it_could_be_in(family: str, keys: str, least: int) -> None:
    variants = draw_many(exercise_of(keys, family), [student(f"h{number}") for number in range(12)])
    states = np.concatenate([variant.given["h0"].ravel() for variant in variants])
    assert ((least < states) & (states < 1)).all()
    assert (states < 0).any() == (least < 0)


def test_every_condition_has_a_sheet_that_fails_it() -> None:
    shown = {code for code, *_ in GIVEN_BUT_POOR}
    elsewhere = {"undefined", "long-decimals", "tiny", "zeros", "alike"}
    assert {condition.code for condition in (*STANDARD, *BY_HEAD)} == shown | elsewhere


def test_numbers_that_need_a_calculator_are_noted_where_none_is_allowed() -> None:
    exercise = exercise_of(
        'lines = ["f = x * y"]\ndifficulty = "no-calculator"\ngiven = { x = 2.37, y = 3.1 }', "circuit"
    )
    assert "long-decimals" in [note.code for note in draw(exercise, b"").notes]


SGD = 'optimizer = { name = "sgd" }'
WITHOUT_CALCULATOR = {
    "line": ("convolution", "size = [5]\nkernel = [2]"),
    "plane": ("convolution", ""),
    "maxout": ("maxout", ""),
    "residual": ("residual", 'activation = "relu"\nblocks = 1'),
    "dropout": ("dropout", 'activation = "relu"'),
    "embedding": ("embedding", 'output_activation = "identity"'),
    "sgd": ("optimiser", SGD),
    "momentum": ("optimiser", 'optimizer = { name = "momentum" }'),
    "network": ("mlp", f'activations = ["relu", "identity"]\n{SGD}'),
    "circuit": ("circuit", "size = 5"),
}


@pytest.mark.parametrize("family, keys", WITHOUT_CALCULATOR.values(), ids=WITHOUT_CALCULATOR)
def test_small_numbers_come_out_where_no_calculator_is_needed(family: str, keys: str) -> None:
    exercise = exercise_of(f'difficulty = "no-calculator"\n{keys}', family)
    for variant in draw_many(exercise, [student(f"n{number}") for number in range(3)]):
        assert "long-decimals" not in [note.code for note in variant.notes]
        assert max(float(np.abs(array).max()) for array in variant.given.values()) <= 9
        if family == "convolution":
            assert 0 < float((values_of(variant)["z"] < 0).mean()) <= 1 / 2
        for name, array in values_of(variant).items():
            hundredths = 100 * array
            assert np.allclose(hundredths, np.round(hundredths), atol=1e-6), name


NOT_BY_HEAD = {
    "recurrent": ("recurrent", "", "tanh"),
    "lstm": ("lstm", "", "tanh"),
    "gru": ("gru", "", "sigmoid"),
    "attention": ("attention", "", "sqrt"),
    "normalisation": ("normalisation", "", "sqrt"),
    "embedding": ("embedding", "", "softmax"),
    "convolution": ("convolution", 'activation = "sigmoid"', "sigmoid"),
    "adam": ("mlp", 'activations = "identity"\noptimizer = { name = "adam" }', "sqrt"),
    "adam by itself": ("optimiser", "", "sqrt"),
}


@pytest.mark.parametrize("family, keys, hard", NOT_BY_HEAD.values(), ids=NOT_BY_HEAD)
def test_what_needs_a_calculator_is_refused_where_none_is_allowed(family: str, keys: str, hard: str) -> None:
    with pytest.raises(InputError, match=f'difficulty: "no-calculator" takes .* this exercise has {hard};'):
        exercise_of(f'difficulty = "no-calculator"\n{keys}', family)


def test_too_many_decimals_are_refused_where_no_calculator_is_allowed() -> None:
    keys = 'difficulty = "no-calculator"\nsteps = 3\noptimizer = { name = "nesterov" }'
    with pytest.raises(InputError, match=r"^exercise 1, difficulty: .* of at most 1 decimal place, and none of 2000"):
        draw(exercise_of(keys, "optimiser"), student("a"))


def test_a_value_that_doesn_t_exist_is_an_error_with_its_name() -> None:
    for numbers in ("x = -2, y = 3", "x = -2"):
        with pytest.raises(InputError, match=r"^exercise 1: .*u1 has no"):
            draw(exercise_of(f'expression = "log(x) * y"\ngiven = {{ {numbers} }}', "circuit"), student("a"))


@pytest.mark.parametrize(
    "formula, numbers, cell, why",
    [
        ("log(x)", "x = -1", "f", "log(-1) where x = -1; a logarithm takes a number above 0"),
        ("log(x * y)", "x = 2, y = -3", "f", "log(-6) where u1 = -6; a logarithm takes a number above 0"),
        ("sqrt(x - y)", "x = 2, y = 3", "f", "sqrt(-1) where u1 = -1; a root takes 0 or a number above it"),
        ("1 / (x + y)", "x = 1, y = -1", "f", "1 / 0 where u1 = 0; nothing can be divided by 0"),
        ("x ^ y", "x = -8, y = 0.5", "f", "(-8) ^ 0.5 where x = -8 and y = 0.5; there is no such power"),
        ("exp(x)", "x = 1000", "f", "exp(1000) where x = 1000; that is too large for a computer"),
        ("sqrt(x)", "x = 0", "f|x", "1 / 0 where f = 0; nothing can be divided by 0"),
    ],
)
def test_what_has_no_value_is_told_with_the_operation_and_its_numbers(
    formula: str, numbers: str, cell: str, why: str
) -> None:
    exercise = exercise_of(f'expression = "{formula}"\ngiven = {{ {numbers} }}', "circuit")
    with pytest.raises(InputError) as refused:
        draw(exercise, student("a"))
    assert refused.value.message == f"{cell} has no value for these numbers: {why}; change what is given"


def test_numbers_that_can_t_be_drawn_are_told_by_the_first_of_them() -> None:
    with pytest.raises(
        InputError, match=r"none of 2000 draws .*; f has none: log\(-[0-9.]+\) where u2 = -[0-9.]+; a log"
    ):
        draw(exercise_of('expression = "log(-1 - x^2)"', "circuit"), student("a"))


def test_answers_that_vanish_are_zero_only_where_they_must_be() -> None:
    """max(y, z) sends nothing back to one of its arguments; a leaf that wins would leave three zeros."""
    exercise = exercise_of('lines = ["a = x * y", "b = max(a, z)", "f = b * w"]', "circuit")
    for number in range(10):
        answers = asked(draw(exercise, student(f"w{number}")))
        assert sum(value == 0 for value in answers.values()) == 1


# --- decimals left open --------------------------------------------------------------------------------------------


def test_decimals_left_out_are_the_same_for_a_class() -> None:
    exercise = exercise_of("layers = [3, 3, 1]\n" + UPDATED)
    chosen = {draw(exercise, student(f"x{number}")).precision.default for number in range(20)}
    assert chosen == {Places(4)}


def test_decimals_left_out_are_as_many_as_given_numbers_need() -> None:
    assert draw(exercise_of('ask = ["z"]\n' + CHAIN, "chain"), b"").precision.default == Places(3)
    smallest = min(abs(value) for value in asked(draw(exercise_of(CHAIN, "chain"), b"")).values())
    assert 20e-3 > smallest >= 20e-4
    assert draw(exercise_of(CHAIN, "chain"), b"").precision.default == Places(4)


def test_places_of_single_quantities_stay() -> None:
    exercise = exercise_of('decimals = { J = "2 significant" }')
    assert draw(exercise, student("a")).precision.of("J") == Places(2, significant=True)


# --- how much work it is -------------------------------------------------------------------------------------------


def test_effort_counts_what_a_hand_does() -> None:
    """w x + b, then σ, then ½(a − y)²: by hand a product, a sum, a function, a difference, a square, a product."""
    exercise = exercise_of('layers = [1, 1]\nask = ["J"]', "neuron")
    found = effort(exercise.program, exercise.asked)
    assert found.operations == {"add": 1, "multiply": 2, "sigmoid": 1, "square": 1, "subtract": 1}
    assert (found.lines, found.count, found.minutes) == (3, 6, 2)


def test_a_shared_expression_is_worked_out_once() -> None:
    exercise = exercise_of('layers = [2, 3]\nactivations = "softmax"\nask = ["a1"]')
    assert effort(exercise.program, exercise.asked).operations["exp"] == 3


def test_every_sheet_of_a_class_is_the_same_work() -> None:
    exercise = exercise_of(PINNED["relu"])
    efforts = {
        effort(variant.exercise.program, variant.exercise.asked).minutes
        for variant in draw_many(exercise, [student("a"), student("b")])
    }
    assert len(efforts) == 1


if __name__ == "__main__":
    print("\n".join(digests()))
