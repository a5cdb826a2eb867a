"""Rounding by hand is forgiven exactly as far as it must be: flawless students lose nothing, and little is given away.

Every combination of exercise, precision, manner and way to hand in, on 10,000 networks each, is a long campaign of its
own: ``python -m pytest tests/soak_rounding.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from students import (
    AWAY,
    TO_EVEN,
    UPWARDS,
    Habits,
    any_habits,
    decimals,
    disturbed,
    everything,
    formula,
    habits,
    hand_in,
    last_only,
    network,
    numbers_for,
    rounded,
    significant,
    some_of,
    work,
)

from exercises.families.circuit import CircuitOptions
from exercises.families.circuit import build as circuit
from exercises.operations.row import Array, Mask
from exercises.precision import Places, Precision
from exercises.program import Program
from grader.marking import Entries, Judged, Task, Verdict, mark, task_of
from grader.rounding import SLACK, ByDistance, ByPlaces, ByRounding, Tolerance

NETWORKS = 10_000
"""In the long campaign; here the first of them."""

MANY, FEWER = 2_500, 400

MAIN = {"2-2-1": network(2, 2, 1), "2-2-2": network(2, 2, 2)}
OTHERS = {
    "2-2-1 linear": network(2, 2, 1, activations="identity", bias=False),
    "3-3-1 tanh": network(3, 3, 1, activations="tanh"),
    "2-3-2 relu": network(2, 3, 2, activations=("relu", "identity")),
    "2-2-2 leaky, shared bias": network(2, 2, 2, activations=("leaky_relu", "sigmoid"), bias="shared"),
    "2-3-3 softmax": network(2, 3, 3, activations=("tanh", "softmax")),
    "2-2-2 softmax the long way": network(2, 2, 2, activations=("sigmoid", "softmax"), fused=False),
    "2-2-1 two examples": network(2, 2, 1, loss="binary_cross_entropy", examples=2),
    "2-2-1 cross-entropy the long way": network(2, 2, 1, loss="binary_cross_entropy", fused=False, bias=False),
    "2-2-3 mean of three": network(2, 2, 3, loss="mean_squared_error"),
    "2-2-1 two rounds": network(2, 2, 1, activations=("sigmoid", "identity"), rounds=2),
    "divisions and powers": formula("a = x/y + x^3", "b = max(a, z)*y", "f = b/exp(x)"),
    "forks and roots": formula("p = x*y + 3*z", "q = p / (x + y)", "r = max(q, p*z)", "f = r^2 + sqrt(q + exp(z))"),
    "random circuit": circuit(CircuitOptions(size=8, structure=3)),
}
ROOTS_OF_POSITIVE = ("forks and roots",)

MANNERS = {
    "every line": {"operations": 0.0, "full": 0.0},
    "every operation": {"operations": 1.0, "full": 0.0},
    "nothing": {"operations": 0.0, "full": 1.0},
}

PRECISIONS = {
    "2 decimals": decimals(2),
    "3 significant": significant(3),
    "gradients to 3 significant": Precision(Places(3), {"dJ/dW": Places(3, True), "z": Places(4), "J": Places(2)}),
}


def lost(task: Task, given: Mapping[str, Array], entries: Entries) -> dict[str, int]:
    """How many students lose a cell; nothing where nobody does."""
    judged = mark(task, given, entries)
    counts = {cell: int((one.verdict == Verdict.WRONG).sum()) for cell, one in judged.items()}
    return {cell: count for cell, count in counts.items() if count}


def flawless(
    program: Program, precision: Precision, manner: Habits, seed: int | list[int], *, positive: bool = False
) -> tuple[Task, dict[str, Array], dict[str, Entries]]:
    """Flawless scripts on as many networks as there are students, handed in three ways."""
    rng = np.random.default_rng(seed)
    task = task_of(program, precision)
    given = numbers_for(task.cells, manner.students, rng, positive=positive)
    script = work(task.cells, precision, given, manner, rng)
    ways = {
        "everything": everything(task.cells, manner.students),
        "some": some_of(task.cells, manner.students, rng),
        "last": last_only(task.cells, manner.students),
    }
    return task, given, {way: hand_in(script, masks) for way, masks in ways.items()}


@pytest.mark.parametrize("digits", [2, 3, 4, 5])
@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("name", MAIN)
def test_flawless_students_lose_nothing(name: str, manner: str, digits: int) -> None:
    task, given, scripts = flawless(MAIN[name], decimals(digits), habits(MANY, **MANNERS[manner]), digits)
    assert lost(task, given, scripts["everything"]) == {}
    assert lost(task, given, scripts["last"]) == {}


@pytest.mark.parametrize("digits", [2, 3, 4, 5])
@pytest.mark.parametrize("name", MAIN)
def test_flawless_students_of_mixed_habits_lose_nothing_by_leaving_cells_out(name: str, digits: int) -> None:
    """Rounding now and then, as written here and from the calculator there, ties as each has it."""
    manner = any_habits(MANY, np.random.default_rng(digits))
    task, given, scripts = flawless(MAIN[name], decimals(digits), manner, digits)
    assert lost(task, given, scripts["some"]) == {}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", OTHERS)
def test_flawless_students_lose_nothing_in_other_exercises(name: str, precision: str) -> None:
    manner = any_habits(FEWER, np.random.default_rng(1))
    positive = name in ROOTS_OF_POSITIVE
    task, given, scripts = flawless(OTHERS[name], PRECISIONS[precision], manner, 2, positive=positive)
    assert {way: lost(task, given, entries) for way, entries in scripts.items()} == {way: {} for way in scripts}


@pytest.mark.parametrize("ties", [AWAY, TO_EVEN, UPWARDS])
@pytest.mark.parametrize("full", [0.0, 0.5, 1.0])
def test_ties_may_go_either_way(ties: int, full: float) -> None:
    """Weights and inputs in steps of a half make nearly every product a tie at one decimal."""
    task = task_of(network(2, 2, 1, activations="identity", loss="squared_error"), decimals(1))
    rng = np.random.default_rng(3)
    given = {
        quantity.name: rng.integers(-9, 10, FEWER) / 2 if quantity.name[0] in "Wbx" else rng.integers(1, 9, FEWER) / 10
        for quantity in task.cells.givens
    }
    script = work(task.cells, task.precision, given, habits(FEWER, operations=0.5, full=full, ties=ties), rng)
    units = script.full["dJ/dW1[1,1]"] * 10
    assert (np.abs(units - np.floor(units) - 0.5) < 1e-9).mean() > 0.05
    assert lost(task, given, hand_in(script, everything(task.cells, FEWER))) == {}
    assert lost(task, given, hand_in(script, last_only(task.cells, FEWER))) == {}


def test_digits_beyond_those_asked_for_change_nothing() -> None:
    """Five digits handed in where three are asked: the right one is accepted, and no wrong one that three would forgive
    is turned away.
    """
    task, given, scripts = flawless(MAIN["2-2-2"], decimals(5), habits(FEWER, full=1.0), 4)
    three = Task(task.cells, task.lines, task.plan, decimals(3))
    assert lost(three, given, scripts["everything"]) == {}
    exact = mark(three, given, scripts["everything"])
    coarse = mark(three, given, flawless(MAIN["2-2-2"], decimals(3), habits(FEWER, full=1.0), 4)[2]["everything"])
    for cell, one in exact.items():
        assert np.allclose(one.allowed, coarse[cell].allowed, rtol=0.05, atol=1e-5), cell


@pytest.mark.parametrize("value, verdict", [(0.13, Verdict.CORRECT), (0.12, Verdict.CORRECT), (0.14, Verdict.WRONG)])
def test_a_tie_is_right_on_both_sides(value: float, verdict: Verdict) -> None:
    judged = _one_product(0.25, 0.5, value, decimals(2))
    assert judged.verdict[0] == verdict
    assert judged.allowed[0] == pytest.approx(0.005, rel=1e-6)


@pytest.mark.parametrize("value, right", [(1.23e-5, True), (1.24e-5, False), (1.2345e-5, True), (0.0, False)])
def test_significant_figures(value: float, right: bool) -> None:
    judged = _one_product(1.2345e-4, 0.1, value, significant(3))
    assert (judged.verdict[0] == Verdict.CORRECT) == right


def _one_product(x: float, y: float, value: float, precision: Precision, rule: Tolerance | None = None) -> Judged:
    task = task_of(formula("f = x * y"), precision)
    given = {"x": np.array([x]), "y": np.array([y])}
    return mark(task, given, Entries({"f": np.array([value])}), tolerance=rule)["f"]


# --- the other side: nothing more than rounding is forgiven ----------------------------------------------------------


def looseness(program: Program, way: str, networks: int, seed: int, *, digits: int = 3) -> Array:
    """What is allowed, over the largest error of 10,000 random roundings at the same sites; one number a cell."""
    task, given, scripts = flawless(program, decimals(digits), habits(networks), seed)
    entries = scripts[way]
    judged = mark(task, given, entries)
    whole = scripts["everything"].values
    entered: dict[str, Mask] = {
        cell: ~np.isnan(entries.values.get(cell, np.full(networks, np.nan))) for cell in task.lines.root
    }
    rng = np.random.default_rng(seed)
    ratios = []
    for k in range(networks):
        one = slice(k, k + 1)
        values = disturbed(
            task.cells, task.precision, _cut(given, one), _cut(whole, one), _cut(entered, one), 10_000, rng
        )
        for cell, value in values.items():
            if entered[cell][k]:
                error = np.abs(value - judged[cell].expected[k]).max() + 0.5 * 10**-digits
                assert error <= judged[cell].allowed[k], f"{cell}: an honest error of {error} is not allowed"
                ratios.append(judged[cell].allowed[k] / error)
    return np.array(ratios)


def _cut(arrays: Mapping[str, Array], one: slice) -> dict[str, Array]:
    return {name: array[one] for name, array in arrays.items()}


@pytest.mark.parametrize("name", MAIN)
def test_the_bound_is_within_twice_what_rounding_does(name: str) -> None:
    """Far within: to first order the bound is the worst case itself."""
    ratios = looseness(MAIN[name], "everything", 5, 5)
    print(f"{name}, every cell handed in: worst {ratios.max():.2f}, typical {np.median(ratios):.2f}")
    assert ratios.max() < 1.1


@pytest.mark.parametrize("name", MAIN)
def test_the_bound_is_tight_through_skipped_steps(name: str) -> None:
    ratios = looseness(MAIN[name], "last", 5, 6)
    print(f"{name}, only gradients and updates handed in: worst {ratios.max():.2f}, typical {np.median(ratios):.2f}")
    assert ratios.max() < 2


@pytest.mark.parametrize("name", [name for name in OTHERS if name not in ROOTS_OF_POSITIVE and "random" not in name])
def test_the_bound_is_tight_in_other_exercises(name: str) -> None:
    ratios = np.concatenate([looseness(OTHERS[name], way, 2, 7) for way in ("everything", "last")])
    assert ratios.max() < 2


def test_the_student_of_the_tests_rounds_as_people_do() -> None:
    """The measure itself: a tie in each of its three ways, and no digit lost otherwise."""
    values, unit = np.array([0.125, -0.125, 0.135, 0.1249, -0.1251]), np.full(5, 0.01)
    assert rounded(values, unit, np.full(5, AWAY)) == pytest.approx([0.13, -0.13, 0.14, 0.12, -0.13])
    assert rounded(values, unit, np.full(5, TO_EVEN)) == pytest.approx([0.12, -0.12, 0.14, 0.12, -0.13])
    assert rounded(values, unit, np.full(5, UPWARDS)) == pytest.approx([0.13, -0.12, 0.14, 0.12, -0.13])


@pytest.mark.parametrize("change", ["full", "operations"])
def test_a_half_unit_key_would_refuse_honest_students(change: str) -> None:
    """Why all this: against the key alone, to half a unit, hardly any flawless script is right in every cell."""
    task, given, scripts = flawless(MAIN["2-2-2"], decimals(3), habits(FEWER, operations=float(change != "full")), 8)
    entries = scripts["everything"]
    key = task.plan.run(given)
    fits = [np.abs(value - key[cell]) <= 0.0005 * (1 + SLACK) for cell, value in entries.values.items()]
    assert np.logical_and.reduce(fits).mean() < 0.5


@settings(max_examples=40)
@drawn(st.data())
def test_what_lies_between_the_expected_and_an_accepted_value_is_accepted(data: st.DataObject) -> None:
    task = task_of(network(1, 1, 1), decimals(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    given = numbers_for(task.cells, 1, rng)
    script = work(task.cells, task.precision, given, any_habits(1, rng), rng)
    entries = hand_in(script, everything(task.cells, 1))
    cell = data.draw(st.sampled_from(sorted(entries.values)))
    rule = data.draw(st.sampled_from([ByRounding(), ByDistance(atol=0.01), ByDistance(rtol=0.3), ByPlaces(Places(2))]))
    distance, share = data.draw(st.floats(-0.02, 0.02)), data.draw(st.floats(0, 1))
    expected = mark(task, given, entries, tolerance=rule)[cell].expected[0]

    def right(value: float) -> bool:
        changed = Entries({**entries.values, cell: np.array([value])})
        return bool(mark(task, given, changed, tolerance=rule)[cell].verdict[0] == Verdict.CORRECT)

    if right(expected + distance):
        assert right(expected + share * distance)


# --- what can't be decided -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "handed_in, verdict",
    [
        (6666.67, Verdict.CORRECT),
        (-2000.0, Verdict.CORRECT),
        (400.0, Verdict.CORRECT),
        (-1e6, Verdict.WRONG),
        (1e12, Verdict.WRONG),
    ],
)
def test_below_a_divisor_that_may_be_zero_what_is_plausible_counts(handed_in: float, verdict: Verdict) -> None:
    """q = x − y·z is 0.00 to two places, and 0.0003 on the calculator: 2/q can be nearly anything."""
    task = task_of(formula("u = y * z", "q = x - u", "f = w / q"), decimals(2))
    given = {name: np.array([value]) for name, value in {"x": 0.3, "y": 0.37, "z": 0.81, "w": 2.0}.items()}
    judged = mark(task, given, Entries({"u": np.array([0.3]), "q": np.array([0.0]), "f": np.array([handed_in])}))
    assert (judged["f"].allowed[0] == np.inf) == (verdict == Verdict.CORRECT)
    assert judged["f"].verdict[0] == verdict


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("handed_in, verdict", [(0.2, Verdict.CORRECT), (777.0, Verdict.WRONG), (-50.0, Verdict.WRONG)])
def test_an_update_over_a_mean_of_squares_that_is_rounded_away_is_no_blank_cheque(
    blank: bool, handed_in: float, verdict: Verdict
) -> None:
    task = task_of(formula("v = c * g^2", "f = w - r * g / (sqrt(v) + e)"), decimals(4))
    values = {"g": 0.15, "c": 0.001, "w": 3.36, "r": 0.1, "e": 1e-8}
    given = {name: np.array([value]) for name, value in values.items()}
    key = task.plan.run(given)["f"][0]
    shown = {"f": np.array([handed_in if verdict == Verdict.WRONG else np.round(key, 4)])}
    judged = mark(task, given, Entries(shown if blank else {**shown, "v": np.array([0.0])}))
    assert judged["f"].verdict[0] == verdict


def test_who_rounds_a_mean_of_squares_away_on_the_rough_sheet_has_made_no_mistake() -> None:
    """v = 0.0000 is nowhere to be seen, and what was divided by the square root of it is huge."""
    task = task_of(formula("v = c * g^2", "s = sqrt(v) + e", "f = w - r * g / s"), decimals(4))
    values = {"g": 0.15, "c": 0.001, "w": 3.36, "r": 0.1, "e": 0.0001}
    given = {name: np.array([value]) for name, value in values.items()}
    for f, verdict in ((3.36 - 0.015 / 0.0001, Verdict.CORRECT), (3.36 + 0.015 / 0.0001, Verdict.WRONG)):
        judged = mark(task, given, Entries({"f": np.array([f])}))
        assert judged["f"].verdict[0] == verdict


def test_a_logarithm_of_what_may_be_zero_decides_nothing() -> None:
    task = task_of(formula("p = x * y", "f = log(p)"), decimals(2))
    given = {"x": np.array([0.03]), "y": np.array([0.11])}
    judged = mark(task, given, Entries({"p": np.array([0.0]), "f": np.array([-5.71])}))
    assert judged["f"].allowed[0] == np.inf and judged["f"].verdict[0] == Verdict.CORRECT


@pytest.mark.parametrize("handed_in", [-5.0, 0.0, 0.7, 300.0])
def test_where_nothing_can_be_expected_nothing_is_wrong(handed_in: float) -> None:
    """log(1 − 1.01) is no number, and log(1 − 1.00) is no finite one."""
    task = task_of(formula("p = x * y", "q = 1 - p", "f = log(q)"), decimals(2))
    for x, p, q in ((1.02, 1.01, -0.01), (1.009, 1.0, 0.0)):
        given = {"x": np.array([x]), "y": np.array([0.994])}
        judged = mark(task, given, Entries({"p": np.array([p]), "q": np.array([q]), "f": np.array([handed_in])}))
        assert judged["q"].verdict[0] == Verdict.CORRECT
        assert judged["f"].verdict[0] == Verdict.CORRECT and judged["f"].allowed[0] == np.inf


@pytest.mark.parametrize("change, verdict", [(0.0, Verdict.CORRECT), (0.2, Verdict.WRONG), (-0.2, Verdict.WRONG)])
def test_a_term_whose_target_is_zero_is_left_out(change: float, verdict: Verdict) -> None:
    """With a = 0.00 the term 0 · log a is still 0, so the loss can be judged."""
    task = task_of(network(1, 3, activations="softmax", optimizer=None), decimals(2))
    given = {cell.name: np.array([0.1]) for cell in task.cells.givens}
    given |= {f"y[{unit}]": np.array([float(unit == 2)]) for unit in (1, 2, 3)}
    outputs = {"a1[1]": 0.0, "a1[2]": 0.36, "a1[3]": 0.64}
    given |= {f"b1[{unit}]": np.array([bias]) for unit, bias in ((1, -6.0), (2, 0.4), (3, 1.0))}
    loss = -np.log(outputs["a1[2]"])
    values = {cell: np.array([value]) for cell, value in outputs.items()}
    judged = mark(task, given, Entries({**values, "J": np.array([round(loss + change, 2)])}))
    assert all(judged[cell].verdict[0] == Verdict.CORRECT for cell in outputs)
    assert judged["J"].verdict[0] == verdict and judged["J"].allowed[0] < 0.05


def test_both_slopes_count_where_a_kink_is_straddled() -> None:
    """z = 0.0004 is written 0.000; the unit's slope is 1 by the calculator and 0 by the paper."""
    task = task_of(network(1, 1, 1, activations=("relu", "identity")), decimals(3))
    given = {cell.name: np.array([0.5]) for cell in task.cells.givens} | {"W1[1,1]": np.array([0.07])}

    def slope_is(verdict: Verdict, *, bias: float, z: float, slope: float) -> bool:
        numbers = given | {"x[1]": np.array([0.12]), "b1[1]": np.array([bias])}
        judged = mark(task, numbers, Entries({"z1[1]": np.array([z]), "da1/dz1[1]": np.array([slope])}))
        return bool(judged["da1/dz1[1]"].verdict[0] == verdict)

    assert slope_is(Verdict.CORRECT, bias=-0.008, z=0.0, slope=0.0)
    assert slope_is(Verdict.CORRECT, bias=-0.008, z=0.0, slope=1.0)
    assert slope_is(Verdict.WRONG, bias=-0.006, z=0.002, slope=0.0)


# --- the other tolerances --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, value, right",
    [
        (ByDistance(atol=0.01), 0.06, True),
        (ByDistance(atol=0.01), 0.0601, False),
        (ByDistance(rtol=0.1), 0.055, True),
        (ByDistance(rtol=0.1), 0.0551, False),
        (ByDistance(atol=0.001, rtol=0.1), 0.0549, True),
        (ByDistance(atol=0.01, rtol=0.001), 0.0599, True),
        (ByDistance(atol=1.0), 0.0, False),
        (ByDistance(atol=1.0), -0.05, False),
        (ByDistance(rtol=3.0), -0.05, False),
        (ByDistance(rtol=3.0), 0.0, False),
        (ByDistance(), 0.05, True),
        (ByPlaces(Places(2)), 0.055, True),
        (ByPlaces(Places(2)), 0.0551, False),
        (ByPlaces(Places(2)), 0.045, True),
        (ByPlaces(Places(3)), 0.0505, True),
        (ByPlaces(Places(3)), 0.0506, False),
        (ByPlaces(Places(1, True)), 0.054, True),
        (ByPlaces(Places(1, True)), 0.056, False),
    ],
)
def test_a_teachers_own_tolerance(rule: Tolerance, value: float, right: bool) -> None:
    judged = _one_product(0.5, 0.1, value, decimals(3), rule)
    assert (judged.verdict[0] == Verdict.CORRECT) == right


@pytest.mark.parametrize("value, right", [(0.0, True), (0.009, True), (-0.009, True), (0.011, False)])
def test_either_sign_may_stand_for_zero(value: float, right: bool) -> None:
    judged = _one_product(0.0, 0.1, value, decimals(3), ByDistance(atol=0.01))
    assert (judged.verdict[0] == Verdict.CORRECT) == right


def test_a_tolerance_is_measured_from_the_students_own_numbers() -> None:
    task = task_of(formula("q = x + y", "f = q * z"), decimals(3))
    given = {name: np.array([value]) for name, value in {"x": 1.0, "y": 2.0, "z": 4.0}.items()}
    judged = mark(task, given, Entries({"q": np.array([5.0]), "f": np.array([20.4])}), tolerance=ByDistance(rtol=0.05))
    assert judged["q"].verdict[0] == Verdict.WRONG
    assert judged["f"].verdict[0] == Verdict.CARRIED
    assert judged["f"].expected[0] == 20.0
