"""The page of a specification's keys: made from the types, none left out, none invented."""

from __future__ import annotations

import msgspec
from specification_page import OF_OPTIMIZER, OPTIONS, PAGE, page

from exercises.families import FAMILIES
from exercises.families.optimizers import Optimizer


def test_the_page_is_made_from_the_types() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.specification_page > docs/specification.md"


def test_every_option_is_said_and_none_that_nobody_knows() -> None:
    known = {field.name for family in FAMILIES.values() for field in msgspec.structs.fields(family.options)}
    assert set(OPTIONS) == known
    assert set(OF_OPTIMIZER) == {field.name for field in msgspec.structs.fields(Optimizer)}
