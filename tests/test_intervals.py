"""Bounds: whatever the arguments are inside their intervals, the value is inside the row's; or nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Interval, Operation
from exercises.operations.scalar import SCALAR_ROWS

SLACK = 1e-12
"""Relative: the bounds leave the arithmetic's own rounding to whoever compares."""

ARITY = {"add": 3, "subtract": 2, "multiply": 2, "divide": 2, "power": 2, "maximum": 2}
PARAMETERS = {"leaky_relu": (Fraction(1, 8),), "by_sign": (Fraction(3), Fraction(-2), Fraction(1))}
NAMES = [row.name for row in SCALAR_ROWS]

TIGHT = set(NAMES) - {"power"}
"""Rows whose interval is the smallest there is; of a power that varies near 0 nothing is said."""


def bounds_of(row: Operation, intervals: list[Interval]) -> Interval:
    assert callable(row.bounds)
    with np.errstate(all="ignore"):
        return row.bounds(*intervals, *PARAMETERS.get(row.name, ()))


def values_of(row: Operation, arguments: list[Array]) -> Array:
    with np.errstate(all="ignore"):
        return row.value(*arguments, *PARAMETERS.get(row.name, ()))


def escapes(row: Operation, intervals: list[Interval], inside: list[Array]) -> Array:
    """Where the value at points ``inside`` the intervals is not enclosed; intervals (V,), inside (points, V)."""
    low, high = bounds_of(row, intervals)
    value = values_of(row, inside)
    slack = SLACK * (1 + np.abs(value))
    said = np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        return np.asarray(said & ~((value >= low - slack) & (value <= high + slack)))


POINTS = 33


def sampled(intervals: list[Interval], rng: np.random.Generator) -> list[Array]:
    """Points inside, among them both ends, 0 where it is inside, and every corner of the box."""
    points = []
    for place, (low, high) in enumerate(intervals):
        weights = rng.random((POINTS, len(low)))
        weights[:8] = np.array([(corner >> place) & 1 for corner in range(8)])[:, None]
        inside = low + weights * (high - low)
        inside[weights == 1] = np.broadcast_to(high, inside.shape)[weights == 1]
        inside[8] = np.clip(0.0, low, high)
        points.append(inside)
    return points


def random_intervals(rng: np.random.Generator, arity: int, count: int) -> list[Interval]:
    intervals = []
    for _ in range(arity):
        width = rng.choice([0.0, 0.01, 0.5, 4.0, 12.0], count)
        middle = rng.choice([0.0, 1.0, -1.0, 3.0, 8.0], count) + rng.choice([0.0, 1.0], count) * rng.normal(size=count)
        intervals.append((middle - width / 2, middle + width / 2))
    return intervals


def whole_exponents(intervals: list[Interval], rng: np.random.Generator) -> list[Interval]:
    """For powers: a fixed whole exponent in half of the boxes, for bases of any sign."""
    low, high = intervals[1]
    whole = rng.integers(-4, 5, len(low)).astype(float)
    fixed = rng.random(len(low)) < 0.5
    return [intervals[0], (np.where(fixed, whole, low), np.where(fixed, whole, high))]


@pytest.mark.parametrize("name", NAMES)
def test_the_interval_holds_every_value(name: str) -> None:
    rng = np.random.default_rng(NAMES.index(name))
    intervals = random_intervals(rng, ARITY.get(name, 1), 5_000)
    if name == "power":
        intervals = whole_exponents(intervals, rng)
    assert not escapes(OPERATIONS[name], intervals, sampled(intervals, rng)).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_check_notices_bounds_that_are_too_narrow(name: str) -> None:
    """Bounds 0.05 % too narrow on either side must fail the check above."""
    row, rng = OPERATIONS[name], np.random.default_rng(1)
    intervals = random_intervals(rng, ARITY.get(name, 1), 5_000)
    for side in (0, 1):

        def narrow(*arguments: object, side: int = side) -> Interval:
            assert callable(row.bounds)
            low, high = row.bounds(*arguments)
            lost = 0.0005 * (high - low)
            return (low + lost, high) if side == 0 else (low, high - lost)

        assert escapes(replace(row, bounds=narrow), intervals, sampled(intervals, rng)).any()


@pytest.mark.parametrize("name", sorted(TIGHT))
def test_the_interval_is_no_wider_than_the_values(name: str) -> None:
    rng = np.random.default_rng(2)
    arity = ARITY.get(name, 1)
    intervals = [(low, low + 0.7) for low in rng.uniform(-2, 2, (arity, 300))]
    low, high = bounds_of(OPERATIONS[name], intervals)
    inside = [start + np.linspace(0, 0.7, 201)[:, None] * np.ones(300) for start, _ in intervals]
    inside = [np.clip(points, start, end) for points, (start, end) in zip(inside, intervals, strict=True)]
    if arity > 1:
        inside = sampled(intervals, rng)
    value = values_of(OPERATIONS[name], inside)
    said = np.isfinite(low) & np.isfinite(high)
    assert said.mean() > 0.2
    if name == "by_sign":  # its value at 0 is there for one point only, which no sample need meet
        said &= (intervals[0][0] > 0) | (intervals[0][1] < 0)
    assert (low[said] >= value.min(axis=0)[said] - 1e-3).all()
    assert (high[said] <= value.max(axis=0)[said] + 1e-3).all()


numbers = st.floats(-50, 50, allow_subnormal=False)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[str, list[Interval], list[Array]]:
    name = draw(st.sampled_from(NAMES))
    intervals, inside = [], []
    for place in range(ARITY.get(name, 1)):
        ends = sorted((draw(numbers), draw(numbers)))
        if name == "power" and place == 1 and draw(st.booleans()):
            ends = [float(draw(st.integers(-6, 6)))] * 2
        point = draw(st.floats(ends[0], ends[1], allow_subnormal=False))
        intervals.append((np.array([ends[0]]), np.array([ends[1]])))
        inside.append(np.array([[point], [ends[0]], [ends[1]]]))
    return name, intervals, inside


@given(boxes())
def test_no_box_has_a_value_outside(box: tuple[str, list[Interval], list[Array]]) -> None:
    name, intervals, inside = box
    assert not escapes(OPERATIONS[name], intervals, inside).any()


def interval(low: float, high: float) -> Interval:
    return np.array([float(low)]), np.array([float(high)])


UNDEFINED: list[tuple[str, list[Interval]]] = [
    ("reciprocal", [interval(-1, 1)]),
    ("reciprocal", [interval(0, 1)]),
    ("reciprocal", [interval(-1, 0)]),
    ("reciprocal", [interval(0, 0)]),
    ("divide", [interval(1, 2), interval(-1, 1)]),
    ("divide", [interval(0, 0), interval(-1, 1)]),
    ("divide", [interval(1, 1), interval(0, 0)]),
    ("log", [interval(-1, 1)]),
    ("log", [interval(0, 1)]),
    ("log", [interval(-2, -1)]),
    ("sqrt", [interval(-0.1, 1)]),
    ("sqrt", [interval(-2, -1)]),
    ("power", [interval(-1, 1), interval(-1, -1)]),
    ("power", [interval(0, 1), interval(-2, -2)]),
    ("power", [interval(-1, 1), interval(0.5, 0.5)]),
    ("power", [interval(-2, -1), interval(0.5, 0.5)]),
    ("power", [interval(-1, 2), interval(1, 2)]),
    ("power", [interval(0, 0), interval(-1, -1)]),
]


@pytest.mark.parametrize("name, intervals", UNDEFINED)
def test_an_interval_that_holds_an_undefined_point_says_nothing(name: str, intervals: list[Interval]) -> None:
    low, high = bounds_of(OPERATIONS[name], intervals)
    assert not (np.isfinite(low) & np.isfinite(high)).any()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_undefined_stays_undefined(name: str) -> None:
    """Whatever is done with it: a sigmoid of 1/0 is not between 0 and 1."""
    row, arity = OPERATIONS[name], ARITY.get(name, 1)
    undefined = bounds_of(OPERATIONS["reciprocal"], [interval(-1, 1)])
    for place in range(arity):
        for other in (0.0, 1.0, 2.0):
            intervals = [undefined if k == place else interval(other, other) for k in range(arity)]
            low, high = bounds_of(row, intervals)
            assert np.isnan(low).all() and np.isnan(high).all()


EXACTLY: list[tuple[str, list[Interval], tuple[float, float]]] = [
    ("square", [interval(-1, 2)], (0, 4)),
    ("square", [interval(-3, -2)], (4, 9)),
    ("multiply", [interval(-1, 2), interval(-3, 1)], (-6, 3)),
    ("divide", [interval(1, 2), interval(-4, -2)], (-1, -0.25)),
    ("maximum", [interval(-1, 2), interval(0, 1)], (0, 2)),
    ("relu", [interval(-1, 2)], (0, 2)),
    ("cos", [interval(-0.1, 0.2)], (np.cos(0.2), 1)),
    ("cos", [interval(3, 3.3)], (-1, np.cos(3.3))),
    ("cos", [interval(0, 7)], (-1, 1)),
    ("sin", [interval(1.5, 1.7)], (np.sin(1.7), 1)),
    ("sin", [interval(-1.7, -1.5)], (-1, np.sin(-1.7))),
    ("sin", [interval(0.1, 0.2)], (np.sin(0.1), np.sin(0.2))),
    ("sin", [interval(1e9, 1e9)], (np.sin(1e9), np.sin(1e9))),
    ("power", [interval(-2, 1), interval(2, 2)], (0, 4)),
    ("power", [interval(-2, 1), interval(3, 3)], (-8, 1)),
    ("power", [interval(2, 3), interval(-1, 2)], (1 / 3, 9)),
    ("power", [interval(-2, -1), interval(-2, -2)], (0.25, 1)),
    ("power", [interval(-1, 2), interval(0, 0)], (0, 1)),
    ("by_sign", [interval(-1, 1)], (-2, 3)),
    ("by_sign", [interval(0, 1)], (1, 3)),
    ("by_sign", [interval(-1, 0)], (-2, 1)),
    ("by_sign", [interval(0, 0)], (1, 1)),
    ("by_sign", [interval(0.1, 0.2)], (3, 3)),
]


@pytest.mark.parametrize("name, intervals, expected", EXACTLY)
def test_intervals_worked_out_by_hand(name: str, intervals: list[Interval], expected: tuple[float, float]) -> None:
    low, high = bounds_of(OPERATIONS[name], intervals)
    assert (float(low[0]), float(high[0])) == pytest.approx(expected, abs=1e-12)


def test_each_variant_has_its_own_interval() -> None:
    ends: Interval = np.array([-1.0, 1.0, -2.0]), np.array([1.0, 2.0, -1.0])
    low, high = bounds_of(OPERATIONS["reciprocal"], [ends])
    np.testing.assert_array_equal(low, [np.nan, 0.5, -1.0])
    np.testing.assert_array_equal(high, [np.nan, 1.0, -0.5])
    wide: Callable[..., Interval] = OPERATIONS["multiply"].bounds  # type: ignore[assignment]
    assert wide(ends, interval(2, 2))[0].tolist() == [-2, 2, -4]
