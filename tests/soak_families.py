"""Every family at length: all its examples in every reading, and classes of many students on each. ``make families``"""

from __future__ import annotations

import numpy as np
import pytest
import test_every_family as short
from every_family import ALL, Example, sheet_of

from templates.pdf import Layout, Script, key_pdf, sheet_pdf
from tests.planted import Class, flawless, one_mistake
from tests.students import any_habits

STUDENTS = 1_000

for_all = pytest.mark.parametrize("example", ALL, ids=str)


@for_all
def test_every_notation(example: Example) -> None:
    short.test_every_notation_introduces_what_it_shows(example)


@for_all
def test_python_source_and_data(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    short.test_python_source_and_data_give_the_values(example, capsys)


@for_all
def test_text_and_web(example: Example) -> None:
    short.test_sheet_and_key_on_the_web_and_as_text(example)


@for_all
def test_paper(example: Example) -> None:
    scripts = [Script(short.HEADER, (sheet_of(example),))]
    assert sheet_pdf(scripts, Layout())[:4] == key_pdf(scripts, Layout())[:4] == b"%PDF"


@for_all
def test_faded_and_with_a_mistake(example: Example) -> None:
    short.test_it_can_be_faded_and_have_a_mistake_to_find(example)


@for_all
def test_many_students(example: Example) -> None:
    some, rng = Class.drawn(example.exercise(), STUDENTS), np.random.default_rng(12)
    right = flawless(some, rng, any_habits)
    assert (right.wrong, right.named) == (0, 0)
    tally = one_mistake(some, rng, any_habits)
    print(
        f"{example}: {len(some.mistakes)} mistakes, {tally.wrong} wrong, {tally.share:.2%} named, {dict(tally.missed)}"
    )
    assert not tally.right_unlisted, tally.right_unlisted
    assert tally.share >= 0.95, tally.missed
