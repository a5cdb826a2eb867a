"""What people write in a cell: one table of cases, and the promises that hold for every text."""

from __future__ import annotations

import math
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from effort import processor_limit
from hypothesis import given
from hypothesis import strategies as st

from grader.messages import UNREADABLE
from grader.numbers import LONGEST_NUMBER, Unreadable, is_blank, read_number

TABLE = tomllib.loads((Path(__file__).parent / "hostile_numbers.toml").read_text(encoding="utf-8"))


def shown(case: dict[str, Any]) -> str:
    return ascii(case["text"]) + (f"*{case['times']}" if "times" in case else "")


@pytest.mark.parametrize("case", TABLE["number"], ids=shown)
def test_table(case: dict[str, Any]) -> None:
    result = read_number(case["text"] * case.get("times", 1))
    if "value" in case:
        assert result == case["value"]
        return
    assert isinstance(result, Unreadable)
    assert result.code == case["code"]
    assert result.position == case.get("position", result.position)


def test_every_code_has_a_case_and_every_case_a_sentence() -> None:
    of_lines = {"no-line"}  # what find-the-mistake says of a text that names no line
    assert {case["code"] for case in TABLE["number"] if "code" in case} == set(UNREADABLE) - of_lines
    assert all(sentence.endswith(".") and len(sentence) < 110 for sentence in UNREADABLE.values())


@pytest.mark.parametrize("text", TABLE["blank"])
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", TABLE["not_blank"])
def test_not_blank(text: str) -> None:
    assert not is_blank(text)


@given(st.one_of(st.text(), st.text(alphabet="0123456789+-−.,eE/*^x·() _%=٣²½")))
def test_any_text_is_a_finite_number_or_unreadable(text: str) -> None:
    result = read_number(text)
    if isinstance(result, Unreadable):
        assert result.code in UNREADABLE
        assert 0 <= result.position <= len(text)
    else:
        assert math.isfinite(result)
    assert is_blank(text) in (True, False)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_prints_is_read_back_exactly(value: float) -> None:
    for text in (repr(value), f"{value:.17e}", repr(value).replace(".", ","), repr(value).replace("-", "−")):
        assert read_number(text) == value


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_decimals_are_rounded_correctly(value: Decimal) -> None:
    assert read_number(f"{value:f}") == float(Fraction(value))


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**40))
def test_quotients_are_rounded_correctly(above: int, below: int) -> None:
    assert read_number(f"{above}/{below}") == float(Fraction(above, below))


@given(st.floats(-1e6, 1e6), st.sampled_from(["", " ", "\t", "\u00a0", "\ufeff"]))
def test_white_space_around_changes_nothing(value: float, space: str) -> None:
    assert read_number(f"{space}{value}{space}") == read_number(str(value))


@pytest.mark.parametrize("piece", ["9", " ", "-", "1/", "1e", "_", "1,", "٣", "1 "])
def test_long_texts_come_to_an_end(piece: str) -> None:
    texts = [piece * 1_000_000, (piece * LONGEST_NUMBER)[:LONGEST_NUMBER]]
    with processor_limit():
        assert read_number(texts[0]) == Unreadable("too-long", LONGEST_NUMBER)
        for text in texts:
            read_number(text)
            is_blank(text)
