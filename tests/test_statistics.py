"""A class in figures: items, scores, mistakes, and who to talk to."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.attention import Reason, Work, to_talk_to
from grader.statistics import (
    FEWEST_STUDENTS,
    MOST_BARS,
    Told,
    bar_edges,
    commonest_by_cell,
    difficulty,
    discrimination,
    histogram,
    spread_of,
    tallies,
)

# --- items ---


def test_difficulty_is_the_mean_share_of_an_items_own_full_mark() -> None:
    marks = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.0]])
    found = difficulty(marks, np.array([1.0, 2.0, 0.0]))
    assert found[:2].tolist() == [0.5, 0.75]
    assert np.isnan(found[2])
    assert np.isnan(difficulty(np.zeros((0, 2)), np.ones(2))).all()


def test_discrimination_is_the_correlation_with_the_rest_and_not_with_a_total_that_holds_the_item_itself() -> None:
    marks = np.random.default_rng(1).integers(0, 2, (40, 6)).astype(float)
    marks[:, 5] *= 3
    found = discrimination(marks)
    for item in range(6):
        rest = np.delete(marks, item, axis=1).sum(axis=1)
        assert found[item] == pytest.approx(np.corrcoef(marks[:, item], rest)[0, 1])


def test_no_discrimination_where_nothing_differs_or_too_few_took_part() -> None:
    marks = np.random.default_rng(2).random((FEWEST_STUDENTS, 3))
    marks[:, 1] = 0.1 + 0.2
    assert np.isnan(discrimination(marks)).tolist() == [False, True, False]
    assert np.isnan(discrimination(np.full((30, 2), 0.1))).all()
    assert np.isnan(discrimination(marks[1:])).all()


# --- scores ---


def test_spread_tells_quartiles_and_nothing_of_nobody() -> None:
    spread = spread_of(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert spread is not None
    assert (spread.mean, spread.median, spread.lower_quartile, spread.upper_quartile) == (3, 3, 2, 4)
    assert (spread.lowest, spread.highest, spread.deviation) == (1, 5, pytest.approx(2**0.5))
    assert spread_of(np.zeros(0)) is None


@pytest.mark.parametrize(
    "full, width, bars", [(28, 2, 14), (10, 1, 10), (15, 1, 15), (16, 2, 8), (25, 2, 13), (100, 10, 10), (1, 0.1, 10)]
)
def test_bars_have_round_widths_and_are_not_too_many(full: int, width: float, bars: int) -> None:
    edges = bar_edges(Fraction(full))
    assert (float(edges[1]), len(edges) - 1, edges[-1]) == (width, bars, full)


@given(st.fractions(min_value=Fraction(1, 50), max_value=5000), st.data())
def test_every_score_is_in_the_bar_whose_edges_hold_it(full: Fraction, data: st.DataObject) -> None:
    edges = bar_edges(full)
    assert edges[0] == 0 and edges[-1] == full and sorted(set(edges)) == edges
    assert len(edges) - 1 <= MOST_BARS
    score = data.draw(st.sampled_from([*edges, full + 1]) | st.fractions(min_value=0, max_value=full))
    (place,) = np.flatnonzero(histogram([score], edges))
    assert edges[place] <= score
    assert score < edges[place + 1] or place == len(edges) - 2


def test_a_sheet_that_is_worth_nothing_has_a_bar_all_the_same() -> None:
    assert histogram([Fraction(0), Fraction(-1)], bar_edges(Fraction(0))) == [2]


# --- mistakes ---


def told(code: str, *cells: str, site: str = "z1", tentative: bool = False, rival: bool = False) -> Told:
    return Told(code, "mistake", f"{code} at {site}", (site,), cells, tentative, rival)


def test_mistakes_are_counted_by_hand_in_with_where_they_began() -> None:
    class_told = [
        [told("ascent", "W1_new", site="W1_new"), told("ascent", "W2_new", site="W2_new")],
        [told("ascent", "W1_new", site="W1_new", tentative=True)],
        [told("omit-bias", "z1"), told("log-base-ten", "J", rival=True), told("error-sign", "J", rival=True)],
        [told("omit-bias", "z1")],
        [],
    ]
    found = {each.code: each for each in tallies(class_told)}
    assert [each.code for each in tallies(class_told)] == ["omit-bias", "ascent", "error-sign", "log-base-ten"]
    assert (found["ascent"].students, found["ascent"].sure) == (2, 1)
    assert found["ascent"].began == (("W1_new", 2), ("W2_new", 1))
    assert found["ascent"].sentence == "ascent at W1_new"
    assert (found["log-base-ten"].students, found["log-base-ten"].sure) == (1, 0)
    wrong = [("W1_new", "W2_new"), ("W1_new",), ("z1", "J"), ("z1",), ()]
    assert commonest_by_cell(zip(class_told, wrong, strict=True)) == {
        "J": (("error-sign", "log-base-ten"), 1),
        "W1_new": (("ascent",), 2),
        "W2_new": (("ascent",), 1),
        "z1": (("omit-bias",), 2),
    }
    made_good = [("W2_new",), (), ("J",), ("z1",), ()]
    assert commonest_by_cell(zip(class_told, made_good, strict=True)) == {
        "J": (("error-sign", "log-base-ten"), 1),
        "W2_new": (("ascent",), 1),
        "z1": (("omit-bias",), 1),
    }


# --- who to talk to ---


def test_reasons_to_talk_and_their_order() -> None:
    fine = [Work(f"fine{place}", 0.9, (), ()) for place in range(6)]
    lost = Work("lost", 0.2, ("z1", "z2", "J"), ())
    guessed = Work("guessed", 0.8, ("z1",), (told("omit-bias", "z1", tentative=True),))
    sure = Work("sure", 0.6, ("z1", "z2", "J"), (told("omit-bias", "z1", "z2", "J"),))
    slips = Work("slips", 0.7, ("z1", "z2"), ())
    found = to_talk_to([*fine, guessed, sure, slips, lost])
    assert [(each.work.student, each.reasons) for each in found] == [
        ("lost", (Reason.LOWEST, Reason.UNEXPLAINED)),
        ("guessed", (Reason.TENTATIVE,)),
    ]
    assert to_talk_to([]) == []


def test_the_lowest_of_a_good_class_are_left_in_peace() -> None:
    assert to_talk_to([Work(str(place), 0.5 + place / 100, (), ()) for place in range(30)]) == []
