"""Answers that fit another's variant: planted copies are found, and innocents left alone at the stated rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from front_door import NETWORK

from exercises.components import componentwise
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.precision import Places, Precision
from exercises.specification import parse_specification
from grader.coincidence import Matched, least_log_chances, log_chance
from grader.identity import Answers, look_alikes

DECIMALS = 4
Draw = Callable[[np.random.Generator, str, int], Array]

(EXERCISE,) = parse_specification(NETWORK, "sheet.toml").exercises
CELLS = componentwise(EXERCISE.program)
PLAN = flatten(CELLS)


def fine(rng: np.random.Generator, name: str, students: int) -> Array:
    """Two decimals, as sheets have them."""
    return np.round(rng.uniform(0.1, 0.9, students) * rng.choice([-1, 1], students), 2)


def coarse(rng: np.random.Generator, name: str, students: int) -> Array:
    return rng.integers(1, 10, students) / (1.0 if name.startswith("x") else 10.0)


def few(rng: np.random.Generator, name: str, students: int) -> Array:
    """One of two numbers each, so that much of the class has the same z."""
    return rng.choice([0.3, 0.7], students)


def same_inputs(rng: np.random.Generator, name: str, students: int) -> Array:
    return np.full(students, 0.5) if name.startswith(("x", "y")) else fine(rng, name, students)


def flawless(rng: np.random.Generator, students: int, draw: Draw = fine) -> Answers:
    """A class without a slip."""
    given = {each.name: draw(rng, each.name, students) for each in CELLS.givens}
    keys = PLAN.run(given)
    answers = {cell: np.round(keys[cell], DECIMALS) for cell in EXERCISE.asked}
    return Answers(PLAN, Precision(Places(DECIMALS)), given, answers)


def slipping(rng: np.random.Generator, work: Answers, part: float) -> Answers:
    """Part of the class slips in one to three cells, and goes on consistently from there."""
    students = len(work.answers["J"])
    slips: dict[str, Array] = {}
    for student in np.flatnonzero(rng.random(students) < part):
        for cell in rng.choice(list(EXERCISE.asked), rng.integers(1, 4)):
            column = slips.setdefault(str(cell), np.full(students, np.nan))
            column[student] = work.answers[cell][student] + rng.uniform(0.01, 0.4) * rng.choice([-1, 1])
    worked = PLAN.run(work.given, pinned=slips)
    answers = {
        cell: np.round(
            np.where(np.isnan(slips.get(cell, np.full(students, np.nan))), worked[cell], slips.get(cell, 0)), 4
        )
        for cell in work.answers
    }
    return replace(work, answers=answers)


def copied(work: Answers, pairs: dict[int, int], cells: Sequence[str] = EXERCISE.asked) -> Answers:
    """Some students hand in others' numbers."""
    answers = {cell: column.copy() for cell, column in work.answers.items()}
    for student, other in pairs.items():
        for cell in cells:
            answers[cell][student] = work.answers[cell][other]
    return replace(work, answers=answers)


def test_twenty_copies_among_two_thousand_are_found_and_nobody_else() -> None:
    rng = np.random.default_rng(1)
    work = flawless(rng, 2000)
    some = rng.choice(2000, 40, replace=False)
    pairs = {int(student): int(other) for student, other in zip(some[:20], some[20:], strict=True)}
    slipped = slipping(rng, work, 0.4)
    honest = {
        cell: np.where(np.isin(np.arange(2000), some[20:]), work.answers[cell], slipped.answers[cell])
        for cell in work.answers
    }
    found = look_alikes([copied(replace(work, answers=honest), pairs)])
    assert {each.student: each.other for each in found} == pairs
    assert all(each.chance < 1e-9 for each in found)


def test_nothing_depends_on_how_many_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    work = copied(slipping(rng, flawless(rng, 300), 0.6), {3: 200, 299: 0, 150: 151})
    whole = look_alikes([work], rate=5)
    monkeypatch.setattr("grader.key_index.TOGETHER", 7)
    assert look_alikes([work], rate=5) == whole and len(whole) >= 2


def test_the_chance_by_which_pairs_are_let_go_early_is_below_the_one_reckoned_in_full() -> None:
    """The quick bound, by which nearly all pairs are let go, never lets one go that the full reckoning would report."""
    rng = np.random.default_rng(10)
    for numbers, drawn in rng.integers(1, 9, (200, 2)):
        slopes = rng.normal(size=(1, numbers, drawn)) @ np.diag(rng.choice([0.0, 1e-3, 1.0], drawn))
        slopes[0, rng.integers(numbers)] = slopes[0, 0]  # one says the same as another
        one = Matched(rng.uniform(0, 0.2, (1, numbers)), rng.choice([1e-4, 1e-2], (1, numbers)), slopes)
        (least,) = least_log_chances(one, np.ones((1, numbers), dtype=np.bool_))
        assert least < log_chance(Matched(one.share[0], one.window[0], one.slopes[0]))


def test_a_copied_part_is_found_too() -> None:
    rng = np.random.default_rng(2)
    half = EXERCISE.asked[len(EXERCISE.asked) // 2 :]
    (found,) = look_alikes([copied(flawless(rng, 60), {7: 30}, half)])
    assert (found.student, found.other) == (7, 30)
    assert {cell for _, cell in found.cells} <= set(half)


@pytest.mark.parametrize("draw", [fine, coarse, few, same_inputs])
@pytest.mark.parametrize("students, classes", [(12, 60), (60, 25)])
def test_false_alarms_stay_below_the_stated_rate(draw: Draw, students: int, classes: int) -> None:
    """Nearly everybody slips and goes on, so nearly every number could point somewhere; nobody has copied."""
    rng = np.random.default_rng(students)
    reports = 0
    for _ in range(classes):
        work = slipping(rng, flawless(rng, students, draw), 0.9)
        reports += len(look_alikes([work], rate=0.2))
    assert reports <= 0.2 * classes


def test_a_copy_stands_out_in_a_class_where_everybody_slips() -> None:
    rng = np.random.default_rng(3)
    work = slipping(rng, flawless(rng, 60), 0.9)
    right = flawless(np.random.default_rng(3), 60)
    answers = {cell: column.copy() for cell, column in work.answers.items()}
    for cell in answers:
        answers[cell][5] = right.answers[cell][9]
    assert [(each.student, each.other) for each in look_alikes([replace(work, answers=answers)])] == [(5, 9)]


def test_evidence_of_several_exercises_adds_up() -> None:
    rng = np.random.default_rng(4)
    first, second = (copied(flawless(rng, 30), {1: 2}, EXERCISE.asked[:2]) for _ in range(2))
    (alone,) = look_alikes([first], rate=1)
    (together,) = look_alikes([first, second], rate=1)
    assert {place for place, _ in together.cells} == {0, 1}
    assert together.chance < alone.chance / 1000


def test_numbers_that_follow_from_each_other_are_counted_once() -> None:
    """The activation follows from z, the bias-free gradient from both: no evidence of their own."""
    rng = np.random.default_rng(5)
    work = flawless(rng, 40)
    few = copied(work, {3: 8}, ["z1[1]", "z1[2]", "z2[1]"])
    more = copied(work, {3: 8}, ["z1[1]", "z1[2]", "z2[1]", "a1[1]", "a1[2]", "a2[1]"])
    one, two = look_alikes([few], rate=1), look_alikes([more], rate=1)
    assert one[0].chance / 20 < two[0].chance < one[0].chance * 20


def test_nothing_is_said_where_nothing_can_be() -> None:
    rng = np.random.default_rng(6)
    alone = flawless(rng, 1)
    assert look_alikes([]) == []
    assert look_alikes([alone]) == []
    assert look_alikes([replace(alone, answers={})]) == []
    blank = flawless(rng, 5)
    assert look_alikes([replace(blank, answers={cell: np.full(5, np.nan) for cell in blank.answers})]) == []


def test_a_class_with_one_sheet_for_all_has_nobody_to_report() -> None:
    rng = np.random.default_rng(7)
    one = flawless(rng, 1)
    given = {name: np.repeat(column, 20) for name, column in one.given.items()}
    answers = {cell: np.repeat(column, 20) + rng.choice([0, 0.05], 20) for cell, column in one.answers.items()}
    assert look_alikes([replace(one, given=given, answers=answers)]) == []


def test_what_much_of_the_class_has_is_no_evidence_however_steep_the_formula() -> None:
    """A number that runs through the same values over and over: its slope alone would make each of them look rare."""
    text = '[[exercise]]\nfamily = "circuit"\nlines = ["p = sin(200 * x)", "q = sin(200 * y)", "f = p + q"]\n'
    program = componentwise(parse_specification(text, "sheet.toml").exercises[0].program)
    plan, rng = flatten(program), np.random.default_rng(8)
    given = {each.name: rng.uniform(0.1, 0.9, 1000) for each in program.givens}
    keys = plan.run(given)
    answers = {cell: np.round(keys[cell], 2) for cell in ("p", "q")}
    for column in answers.values():
        column[0] = column[1]
    (found,) = look_alikes([Answers(plan, Precision(Places(2)), given, answers)], rate=1e9)
    common = [np.mean(np.abs(keys[cell] - column[0]) <= 0.025) for cell, column in answers.items()]
    assert found.chance >= min(1.0, 0.75 * 999 * common[0] * common[1])
