"""The catalogue of misconceptions: each row shown by a hand-in, every mistake run on many programs."""

from __future__ import annotations

import math
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from every_family import ALL, Example, random_instances
from hypothesis import assume, given
from hypothesis import strategies as st
from misconception_page import PAGE, Fixture, by_cell, fixtures, page
from random_formulas import random_formula
from random_networks import random_network

from exercises.families import FAMILIES
from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import asks as circuit_asks
from exercises.families.circuit import build as circuit
from exercises.families.circuit_draw import random_lines
from exercises.families.mlp import MlpOptions
from exercises.families.mlp import build as mlp
from exercises.families.updates import Optimizer
from exercises.families.usual import ACTIVATIONS
from exercises.families.usual import usual_asks as mlp_asks
from exercises.misconceptions import CATALOGUE, SLIPS, Kind, Mistake, Slip, misconception, mistakes
from exercises.misconceptions.slips import neighbours
from exercises.names import parse_cell
from exercises.notation import notation_for, serving
from exercises.notation.reading import network_of
from exercises.operations.row import Array
from exercises.plan import flatten, run
from exercises.program import Part, Program, Role, Step

SLIP_CODES = {slip.code: slip for slip in SLIPS}
FIXTURES = fixtures()
RULES = [fixture for fixture in FIXTURES if fixture.code not in SLIP_CODES]
PENS = [fixture for fixture in FIXTURES if fixture.code in SLIP_CODES]

LOSS = """error-sign drop-factor-two extra-factor-two squares-of-each log-base-ten mean-for-sum sum-for-mean
    upstream-as-gradient"""
ACTIVATION = """omit-activation-derivative derivative-at-activation derivative-of-preactivation tanh-preactivation
    sigmoid-rule-for-tanh relu-always-one leaky-slope-everywhere extra-activation-derivative softmax-elementwise"""
WIRING = """updated-weights omit-path-weight one-path-only average-paths untransposed-weights error-for-delta
    activation-for-gradient input-for-hidden preactivation-for-activation omit-input-factor inputs-swapped
    bias-times-input omit-bias"""
LATER = "transposed-weights-forward transposed-gradient bias-sign degrees-for-radians"
"""Later than the design: docs/decisions/0008-more-misconceptions.md."""
CHAIN = "omit-inner-derivative outer-at-inner-argument"
UPDATE = """ascent omit-learning-rate learning-rate-twice step-for-gradient decay-on-bias omit-bias-correction
    betas-swapped"""
PEN = "sign-slip decimal-point digits-swapped truncated copied-neighbour"

CONVENTIONS = {"drop-factor-two", "extra-factor-two", "mean-for-sum", "sum-for-mean", "step-for-gradient"}

BROUGHT_ALONG = {row for family in FAMILIES.values() for row in family.misconceptions}

VARIANTS = 24

RANDOM = 8
"""Networks and formulas at random beside the ones listed."""


# --- the rows -----------------------------------------------------------------------------------------------------


def test_the_catalogue_holds_the_codes_of_the_design_and_those_added_since() -> None:
    codes = [row.code for row in CATALOGUE if row not in BROUGHT_ALONG]
    assert sorted(codes) == sorted(" ".join((LOSS, ACTIVATION, WIRING, LATER, CHAIN, UPDATE)).split())
    assert sorted(SLIP_CODES) == sorted(PEN.split()) and len(SLIPS) == len(SLIP_CODES)
    assert misconception("ascent").code == "ascent"
    with pytest.raises(KeyError):
        misconception("descent")


def test_what_texts_do_differently_is_a_convention() -> None:
    found = {row.code for row in CATALOGUE if row.kind is Kind.CONVENTION and row not in BROUGHT_ALONG}
    assert found == CONVENTIONS


@pytest.mark.parametrize("row", [*CATALOGUE, *SLIPS], ids=lambda row: row.code)
def test_a_row_says_one_sentence_and_where_it_was_seen(row: Slip) -> None:
    plain = re.sub(r"\{\w+\}", "J", row.sentence)
    assert plain.endswith(".") and not re.search(r"[.!?] [A-Z]", plain)
    assert len(plain) <= 160 and len(row.seen_at) > 40
    assert "wrong!" not in plain and "you" not in plain.lower().split()


# --- the fixtures -------------------------------------------------------------------------------------------------


def test_every_row_has_a_fixture() -> None:
    assert {fixture.code for fixture in FIXTURES} == {row.code for row in (*CATALOGUE, *SLIPS)}


@pytest.mark.parametrize("fixture", RULES, ids=str)
def test_the_mistake_gives_the_students_numbers_and_the_right_rule_does_not(fixture: Fixture) -> None:
    assert fixture.written(fixture.wrong) == dict(fixture.answers)
    assert fixture.written(fixture.right) != dict(fixture.answers)


@pytest.mark.parametrize("fixture", RULES, ids=str)
def test_what_must_be_said(fixture: Fixture) -> None:
    notation = notation_for(fixture.exercise.notation, fixture.program)
    first = next(step.name for step in fixture.program.steps if step.name in fixture.sites)
    places = fixture.mistake.sites[first].places
    said = fixture.mistake.row.sentence.format_map({name: notation.text(cell) for name, cell in places.items()})
    assert said == fixture.says


@pytest.mark.parametrize("fixture", RULES, ids=str)
def test_the_wrong_line_is_the_one_that_the_fixture_spells_out(fixture: Fixture) -> None:
    """Arithmetic written by hand, on the cells' values, against the catalogue's expression."""
    program, exercise = fixture.program, fixture.exercise
    known = {**by_cell(program, exercise.given), **fixture.wrong}
    cell, _, formula = fixture.line.partition(" = ")
    assert math.isclose(_worked(formula, known), float(known[cell][0]), rel_tol=1e-9)
    assert not math.isclose(float(fixture.right[cell][0]), float(known[cell][0]), rel_tol=1e-6)


_ID = re.compile(r"d\w+/d\w+(?:\[[\d,]+\])?|\w+\|\w+|[A-Za-z]\w*(?:\[[\d,]+\])?")
_FUNCTIONS = {"sigmoid": lambda z: 1 / (1 + math.exp(-z)), "log10": math.log10, "cos": math.cos}


def _worked(formula: str, known: dict[str, Array]) -> float:
    def number(match: re.Match[str]) -> str:
        name = match[0]
        return name if name in _FUNCTIONS else f"({float(known[name][0])!r})"

    return float(eval(_ID.sub(number, formula).replace("^", "**"), {"__builtins__": {}}, _FUNCTIONS))


@pytest.mark.parametrize("fixture", PENS, ids=str)
def test_a_slip_gives_the_number_in_the_one_cell_that_differs(fixture: Fixture) -> None:
    (cell,) = fixture.sites
    slip, key, unit = SLIP_CODES[fixture.code], fixture.written(fixture.right), fixture.places.unit(np.ones(1))
    assert {name for name, text in fixture.answers.items() if text != key[name]} == {cell}
    beside = neighbours(list(fixture.answers))[cell] if slip.of_neighbour else (cell,)
    made = np.concatenate([slip.readings(fixture.right[name], unit).ravel() for name in beside])
    assert np.isclose(made, float(fixture.answers[cell]), rtol=0, atol=1e-9).any()
    notation = notation_for(fixture.exercise.notation, fixture.program)
    assert fixture.says == slip.sentence.format(cell=notation.text(cell))


def test_the_page_is_made_from_rows_and_fixtures() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m tests.misconception_page > docs/misconceptions.md"
    )


def test_a_fixture_says_nothing_that_is_not_read() -> None:
    known = {"code", "variant", "sites", "story", "line", "says", "sheet", "answers"}
    paths = [
        PAGE.parent.parent / "tests" / "fixtures" / "misconceptions" / f"{fixture.name}.toml" for fixture in FIXTURES
    ]
    assert all(set(tomllib.loads(path.read_text(encoding="utf-8"))) <= known for path in paths)


# --- on any program -----------------------------------------------------------------------------------------------


def _options() -> list[MlpOptions]:
    """Every activation with every loss that it goes with, fused or not, one or several examples, one or two rounds."""
    found = []
    for number, activation in enumerate(ACTIVATIONS):
        found += [
            MlpOptions(layers=(2, 3, 2), activations=activation, loss=loss, examples=(None, 3)[number % 2])
            for loss in ("half_squared_error", "squared_error", "mean_squared_error")
        ]
        found.append(MlpOptions(activations=(activation, "softmax"), layers=(2, 2, 3), optimizer=Optimizer(), rounds=2))
        found.append(MlpOptions(activations=(activation, "softmax"), layers=(3, 2, 2), fused=False, bias="shared"))
        found.append(
            MlpOptions(
                activations=(activation, "sigmoid"), loss="binary_cross_entropy", examples=2, fused=number % 2 == 0
            )
        )
    found.append(MlpOptions(layers=(1, 1, 1), optimizer=Optimizer(), rounds=3, bias=False))
    found.append(MlpOptions(layers=(1, 1), loss="cross_entropy", examples=1, update_bias=False, optimizer=Optimizer()))
    found.append(MlpOptions(layers=(2, 2, 2, 2, 2), reduction="sum", examples=2, optimizer=Optimizer()))
    found.append(MlpOptions(optimizer=Optimizer("sgd", weight_decay=0.1)))
    found.append(MlpOptions(optimizer=Optimizer("momentum", weight_decay=0.1), rounds=2))
    return found


CIRCUITS = (
    ("y = x + x",),
    ("y = x * x",),
    ("f = (x + y) * max(y, z)",),
    ("q = x * y", "f = q * x"),
    ("f = log(2 + cos(x))",),
    ("f = sigmoid(x * w)^2 / y - 3 * x",),
    ("u = a + b", "v = b + 1", "e = u * v"),
)


@dataclass(frozen=True)
class Made:
    """A program, what is usually asked of it, its mistakes, and numbers; ``listed`` ones have no line without a use."""

    program: Program
    asks: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    numbers: Mapping[str, Array]
    listed: bool


@lru_cache
def made() -> list[Made]:
    networks = [(mlp(options), True) for options in _options()]
    networks += [(random_network(seed).program, False) for seed in range(RANDOM)]
    lines = [*((each, True) for each in CIRCUITS), *((random_formula(seed).lines, False) for seed in range(RANDOM))]
    lines += [(tuple(random_lines(4 + seed % 6, 1 + seed)), True) for seed in range(RANDOM)]
    circuits = [(circuit(CircuitOptions(lines=each)), listed) for each, listed in lines]
    return [
        *(_one(program, mlp_asks(program), listed) for program, listed in networks),
        *(_one(program, circuit_asks(program), listed) for program, listed in circuits),
        *(_of_family(example) for example in ALL),
    ]


def _of_family(example: Example) -> Made:
    exercise = example.exercise()
    program = exercise.program
    return Made(program, exercise.family.asks(program), mistakes(program), random_instances(exercise, VARIANTS), True)


def _one(program: Program, asks: tuple[str, ...], listed: bool) -> Made:
    rng = np.random.default_rng(1)
    numbers = {}
    for each in program.givens:
        size = (*each.shape, VARIANTS)
        signs = np.where(np.arange(VARIANTS) < VARIANTS // 3, 1, rng.choice([-1, 1], size))
        numbers[each.name] = signs * rng.uniform(0.2, 1.8, size)
    return Made(program, asks, mistakes(program), numbers, listed)


def test_every_row_can_be_made_somewhere() -> None:
    assert {mistake.row.code for one in made() for mistake in one.mistakes} == {row.code for row in CATALOGUE}


def test_sites_are_steps_whose_shape_they_keep_and_places_are_quantities_that_fill_the_sentence() -> None:
    for one in made():
        program = one.program
        assert len({(mistake.row.code, mistake.variant) for mistake in one.mistakes}) == len(one.mistakes)
        for mistake in one.mistakes:
            wanted = {name for _, name, _, _ in string.Formatter().parse(mistake.row.sentence) if name}
            assert mistake.sites and set(mistake.sites) <= set(program.by_name)
            for site, instead in mistake.sites.items():
                assert instead.expression.shape == program.shapes[site]
                assert instead.variant == mistake.variant and wanted <= set(instead.places)
                assert all(parse_cell(name).quantity in program.shapes for name in instead.places.values())


def test_every_notation_can_write_every_sentence() -> None:
    for one in made():
        for style in serving(one.program):
            notation = notation_for(style, one.program)
            for mistake in one.mistakes:
                for instead in mistake.sites.values():
                    named = {name: notation.text(place) for name, place in instead.places.items()}
                    assert all(named.values()) and mistake.row.sentence.format_map(named)


def test_each_mistake_changes_every_site() -> None:
    """From right numbers; the wrong lines stand behind the right ones, so that a program is worked out once."""
    for one in made():
        wrong = [
            (Step(f"wrong line {number}", instead.expression, Part.FORWARD, Role.LINE), site, mistake.row.code)
            for number, (mistake, site, instead) in enumerate(
                (mistake, site, instead) for mistake in one.mistakes for site, instead in mistake.sites.items()
            )
        ]
        values = run(one.program.with_steps(step for step, _, _ in wrong), one.numbers)
        for step, site, code in wrong:
            assert _differ(values[step.name], values[site]), (code, site)


INVISIBLE = ("untransposed-weights", ("softmax", "softmax"), (3, 2, 2))
"""Two softmax outputs behind two softmax units: both gradients add up to 0, and W and its transpose give the same."""


def test_each_mistake_changes_something_asked_that_depends_on_it() -> None:
    """A mistake at a site from which no asked quantity follows (∂J/∂x is seldom asked) can't be seen in the answers."""
    unseen = []
    for one in made():
        right = run(one.program, one.numbers, wanted=one.asks)
        for mistake in one.mistakes if one.listed else ():
            wrong = flatten(one.program, mistake.replaced).run(one.numbers, wanted=one.asks)
            seen = any(_differ(wrong[name], right[name]) for name in one.asks)
            if not seen and _reaches(one.program, mistake, one.asks):
                unseen.append((mistake.row.code, *_described(one.program)))
    assert unseen == [INVISIBLE]


def _described(program: Program) -> tuple[tuple[str, ...], tuple[int, ...]]:
    network = network_of(program)
    return (network.activations, network.sizes) if network else ((), ())


def _differ(one: Array, other: Array) -> bool:
    return not np.allclose(one, other, rtol=1e-7, atol=1e-12, equal_nan=True)


def _reaches(program: Program, mistake: Mistake, asks: tuple[str, ...]) -> bool:
    tainted = set(mistake.sites)
    for step in program.steps:
        if set(step.reads) & tainted:
            tainted.add(step.name)
    return bool(tainted & set(asks))


def test_mistakes_are_the_same_every_time() -> None:
    program = mlp(MlpOptions(layers=(2, 2, 2), optimizer=Optimizer(), rounds=2))
    assert mistakes(program) == mistakes(program)


def test_a_mistake_of_the_first_round_is_one_of_every_round() -> None:
    program = mlp(MlpOptions(layers=(2, 3, 2), optimizer=Optimizer(), rounds=3))
    for mistake in mistakes(program):
        first = {site for site in mistake.sites if "@" not in site}
        later = {site for site in mistake.sites if site.endswith("@3")}
        assert {f"{site}@3" for site in first} == later, mistake.row.code


@pytest.mark.parametrize(
    "options, absent",
    [
        (MlpOptions(layers=(2, 1), activations="identity"), "omit-activation-derivative preactivation-for-activation"),
        (MlpOptions(layers=(2, 1), bias=False), "omit-bias bias-sign bias-times-input one-path-only average-paths"),
        (MlpOptions(layers=(2, 2, 1)), "updated-weights ascent step-for-gradient mean-for-sum sum-for-mean"),
        (MlpOptions(layers=(2, 3, 1)), "input-for-hidden untransposed-weights sigmoid-rule-for-tanh"),
        (MlpOptions(layers=(2, 3, 1)), "transposed-weights-forward transposed-gradient degrees-for-radians"),
        (MlpOptions(layers=(1, 1, 1)), "inputs-swapped untransposed-weights one-path-only"),
        (MlpOptions(layers=(1, 1, 1)), "transposed-weights-forward transposed-gradient"),
        (MlpOptions(activations=("relu", "sigmoid"), loss="binary_cross_entropy"), "extra-factor-two squares-of-each"),
        (MlpOptions(activations="sigmoid"), "omit-inner-derivative outer-at-inner-argument log-base-ten"),
    ],
)
def test_what_makes_no_difference_in_a_network_is_no_mistake_there(options: MlpOptions, absent: str) -> None:
    named = {
        mistake.row.code
        for mistake in mistakes(mlp(options))
        if any(site in mlp_asks(mlp(options)) or site != "dJ/dx" for site in mistake.sites)
    }
    assert not named & set(absent.split())


# --- slips --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, right, unit, written",
    [
        ("sign-slip", 0.35, 0.01, [-0.35]),
        ("sign-slip", 0.0, 0.01, []),
        ("decimal-point", 0.0351, 0.0001, [0.351, 0.00351, 3.51, 0.000351]),
        ("digits-swapped", 0.351, 0.001, [0.531, 0.315]),
        ("digits-swapped", 0.035, 0.001, [0.305, 0.053]),
        ("digits-swapped", -12.3, 0.1, [-21.3, -13.2]),
        ("digits-swapped", 0.333, 0.001, []),
        ("digits-swapped", 50.0, 1.0, []),
        ("digits-swapped", 1.05, 0.01, [1.50]),
        ("digits-swapped", 120.0, 10.0, [210.0]),
        ("truncated", 0.8354557, 0.0001, [0.8354]),
        ("truncated", -0.8354557, 0.0001, [-0.8354]),
        ("truncated", 0.8354123, 0.0001, []),
        ("truncated", 0.3, 0.1, []),
        ("copied-neighbour", 0.12345, 0.001, [0.123]),
    ],
)
def test_what_a_slip_makes_of_a_number(code: str, right: float, unit: float, written: list[float]) -> None:
    made = SLIP_CODES[code].readings(np.array([right]), np.array([unit]))[:, 0]
    assert sorted(made[np.isfinite(made)]) == pytest.approx(sorted(written), abs=1e-12)


@given(
    st.sampled_from(SLIPS),
    st.integers(-99999, 99999),
    st.floats(-0.4999, 0.4999),
    st.integers(0, 5),
)
def test_what_was_meant_is_found_from_whatever_a_slip_makes(slip: Slip, units: int, rest: float, decimals: int) -> None:
    assume(units != 0)
    unit = np.array([10.0**-decimals])
    right = (units + rest) * unit
    for written in slip.readings(right, unit)[:, 0]:
        if np.isfinite(written):
            meant = slip.meant(np.array([written]), unit)[:, 0]
            assert np.nanmin(np.abs(meant - right)) <= (0.5 + 1e-6) * unit[0]


def test_slips_work_on_any_shape_at_once() -> None:
    values = np.random.default_rng(5).normal(size=(4, 7))
    unit = np.full((4, 7), 0.001)
    for slip in SLIPS:
        for read in (slip.readings, slip.meant):
            together = read(values, unit)
            assert together.shape[1:] == (4, 7)
            alone = read(values[2:3, 5:6], unit[2:3, 5:6])
            both = [x[np.isfinite(x)] for x in (together[:, 2, 5], alone[:, 0, 0])]
            np.testing.assert_array_equal(*both)


def test_neighbours_stand_before_and_after() -> None:
    assert neighbours(["a", "b", "c"]) == {"a": ("b",), "b": ("a", "c"), "c": ("b",)}
    assert neighbours(["a"]) == {"a": ()} and neighbours([]) == {}
