"""The practice page's own modules, run in Node: operations, reading numbers, whole marked hand-ins, as Python's."""

from __future__ import annotations

import math
import random
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from practice_scripts import NO_NODE, NODE, SHEETS, Desk, compare, desk, differing, hand_ins, node

from exercises.expression import Symbol, apply
from exercises.operations import OPERATIONS
from exercises.operations.row import ByComponents
from exercises.plan import flatten
from exercises.plan_data import PlanData
from exercises.program import Program
from grader.numbers import Unreadable, is_blank, read_number
from grader.policy import PRESETS
from gradsheet.practice_data import marking_data

pytestmark = pytest.mark.skipif(NODE is None, reason=NO_NODE)

PLACE_BY_PLACE = {name: row for name, row in OPERATIONS.items() if not isinstance(row.bounds, ByComponents)}
PARAMETERS = {"leaky_relu": (0.01,), "by_sign": (1.0, 0.25, 0.5)}
CORNERS = (0.0, 1.0, -1.0, 2.0, -3.0, 0.5, math.inf, -math.inf, math.nan, 1e-300, 40.0, -40.0)

NEARLY = 1e-13
"""Two libraries' functions differ in the last digits of a double."""


def same(a: float, b: float, size: float = 0.0) -> bool:
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or math.isinf(b):
        return a == b or (math.isnan(a) and math.isnan(b))
    return abs(a - b) <= NEARLY * max(abs(a), abs(b), size)


# --- operations --------------------------------------------------------------------------------------------------


def arity(name: str) -> int:
    if name == "add":
        return 3
    for count in (1, 2):
        try:
            apply(name, *(Symbol(str(k)) for k in range(count)), parameters=PARAMETERS.get(name, ()))
        except ValueError:
            continue
        return count
    raise AssertionError(name)


def cases_of(name: str, count: int, choose: random.Random) -> list[dict[str, Any]]:
    def number() -> float:
        return choose.choice((choose.uniform(-3, 3), choose.uniform(-30, 30), choose.choice(CORNERS)))

    def interval() -> list[float]:
        low, high = sorted((number(), number()), key=lambda x: (math.isnan(x), x))
        return [low, low] if choose.random() < 0.3 else [low, high]

    size = range(arity(name))
    return [
        {
            "op": name,
            "xs": [number() for _ in size],
            "intervals": [interval() for _ in size],
            "parameters": PARAMETERS.get(name, ()),
        }
        for _ in range(count)
    ]


def by_table(case: dict[str, Any]) -> tuple[float, list[float]]:
    """The value and the bounds by Python's table."""
    row, parameters = OPERATIONS[case["op"]], case["parameters"]
    arrays = [np.array([x]) for x in case["xs"]]
    intervals = [(np.array([low]), np.array([high])) for low, high in case["intervals"]]
    assert not isinstance(row.bounds, ByComponents)
    with np.errstate(all="ignore"):
        value = float(np.asarray(row.value(*arrays, *parameters))[0])
        return value, [float(np.asarray(end)[0]) for end in row.bounds(*intervals, *parameters)]


def test_the_table_has_the_operations_that_work_place_by_place() -> None:
    assert set(node({"what": "names"})) == set(PLACE_BY_PLACE)


def test_every_operation_has_pythons_value_and_bounds() -> None:
    choose = random.Random(7)
    cases = [case for name in PLACE_BY_PLACE for case in cases_of(name, 400, choose)]
    answers = node({"what": "operations", "cases": cases})
    for case, answer in zip(cases, answers, strict=True):
        value, bounds = by_table(case)
        assert same(float(answer["value"]), value), (case, answer, value)
        assert all(same(float(a), b) for a, b in zip(answer["bounds"], bounds, strict=True)), (case, answer, bounds)


# --- evaluate, pin, replace --------------------------------------------------------------------------------------


def everything(one: Desk, *runs: tuple[dict[str, float], int | None]) -> list[list[float]]:
    """Every cell's value by the page: with numbers pinned, or with a mistake's lines in place of the right ones."""
    data = marking_data(one.paper, one.policy)["plan"]
    given = [float(one.given[cell][0]) for cell in one.paper.task.lines.givens]
    asked = [{"pinned": [pinned.get(c) for c in one.paper.task.lines.root], "wrong": wrong} for pinned, wrong in runs]
    said = node({"what": "evaluate", "plan": data, "given": given, "runs": asked})
    return [[float(text) for text in values] for values in said]


def by_plan(one: Desk, program: Program, pinned: dict[str, float]) -> list[float]:
    pins = {cell: np.array([value]) for cell, value in pinned.items()}
    values = flatten(program).run(one.given, pinned=pins)
    return [float(values[cell][0]) for cell in one.paper.task.lines.root]


@pytest.mark.parametrize("name", SHEETS)
def test_values_are_the_plans_also_with_numbers_pinned(name: str) -> None:
    one = desk(name)
    choose = random.Random(name)
    pins = [{}] + [{c: choose.uniform(-1, 1) for c in choose.sample(one.cells.steps, 3)} for _ in range(4)]
    named = [{step.name: value for step, value in each.items()} for each in pins]
    for pinned, values in zip(named, everything(one, *((each, None) for each in named)), strict=True):
        assert all(same(a, b, 1e-2) for a, b in zip(values, by_plan(one, one.cells, pinned), strict=True))


def test_a_replaced_step_stands_in_place_of_the_right_one() -> None:
    one = desk("2-2-1")
    assert one.paper.examiner is not None
    singles = one.paper.examiner.replays.singles
    right, *others = everything(one, ({}, None), *(({}, number) for number in range(len(singles))))
    for replay, wrong in zip(singles, others, strict=True):
        changed = {cell for cell, a, b in zip(one.paper.task.lines.root, right, wrong, strict=True) if a != b}
        assert changed & replay.changed


def test_a_plan_as_data_reads_only_what_stands_before() -> None:
    lines = desk("2-3-2 softmax").paper.task.lines
    data = PlanData(lines).written()
    for number, (start, stop, root, carried, *reads) in enumerate(data["lines"]):
        assert start <= root < stop <= carried
        assert all(read < number for read in reads)
        for kind, *arguments in data["nodes"][start:stop]:
            assert kind < 0 or all(argument < stop for argument in arguments)


# --- numbers -----------------------------------------------------------------------------------------------------

ALPHABET = "0123456789.,+-−eE/*·×x^() \t\u00a0_%'’=naifNI٣²½…０．\u2009"


def texts() -> list[str]:
    table = tomllib.loads((Path(__file__).parent / "hostile_numbers.toml").read_text(encoding="utf-8"))
    fixed = [case["text"] * case.get("times", 1) for case in table["number"]] + table["blank"] + table["not_blank"]
    choose = random.Random(3)
    drawn = ["".join(choose.choices(ALPHABET, k=choose.randint(1, 9))) for _ in range(4000)]
    written = [f"{choose.uniform(-9, 9):.{choose.randint(0, 17)}f}" for _ in range(1000)]
    quotients = [f"{choose.randint(0, 10 ** choose.randint(1, 40))}/{choose.randint(0, 999)}" for _ in range(500)]
    return fixed + drawn + written + quotients


def test_texts_are_read_as_python_reads_them() -> None:
    asked = texts()
    for text, answer in zip(asked, node({"what": "numbers", "texts": asked}), strict=True):
        assert answer["blank"] == is_blank(text), repr(text)
        number = read_number(text)
        if isinstance(number, Unreadable):
            assert answer.get("trouble") == number.code, repr(text)
        else:
            assert float(answer.get("value", "nan")) == number, repr(text)


# --- whole hand-ins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHEETS)
def test_hand_ins_are_marked_as_check_marks_them(name: str) -> None:
    assert differing(desk(name), 4, seed=1) == []


@pytest.mark.parametrize("preset", PRESETS)
def test_every_policy_gives_the_same_marks(preset: str) -> None:
    assert differing(desk("2-2-1", policy=PRESETS[preset]), 4, seed=2) == []


def test_a_difference_would_show() -> None:
    """The comparison itself, held against answers that are each a little wrong."""
    one = desk("2-2-1")
    (texts_,) = hand_ins(one, 1, seed=3)
    (mine,), (its,) = one.by_python([texts_]), one.by_page([texts_])
    cell = next(k for k, each in enumerate(its["cells"]) if each["allowed"] is not None)
    for key, value in (("verdict", "carried"), ("allowed", its["cells"][cell]["allowed"] * 1.0001), ("marks", [1, 3])):
        wrong = {**its, "cells": [{**each, key: value} if k == cell else each for k, each in enumerate(its["cells"])]}
        assert compare(one, texts_, mine, wrong) != []
