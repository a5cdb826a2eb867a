"""The pages for teachers: every key of a specification, made from the types; and the policy they may copy."""

from __future__ import annotations

import msgspec
from specification_page import OF_OPTIMIZER, OPTIONS, PAGE, page

from exercises.families import FAMILIES
from exercises.families.optimizers import Optimizer
from grader.policy import EXAM, PRESETS, parse_policy


def test_the_page_is_made_from_the_types() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.specification_page > docs/specification.md"


def test_every_option_is_said_and_none_that_nobody_knows() -> None:
    known = {field.name for family in FAMILIES.values() for field in msgspec.structs.fields(family.options)}
    assert set(OPTIONS) == known
    assert set(OF_OPTIMIZER) == {field.name for field in msgspec.structs.fields(Optimizer)}


def test_the_policy_on_the_page_is_one_and_the_presets_are_as_it_says() -> None:
    text = (PAGE.parent / "marking.md").read_text(encoding="utf-8")
    policy = parse_policy(text.split("```toml\n")[1].split("```")[0], "docs/marking.md")
    assert policy != EXAM and policy.carried == 1 and policy.weight("dJ/dW2[1,1]") == 2
    shown = {0: "0", 1: "1", 0.5: "½"}
    for name, preset in PRESETS.items():
        shares = " | ".join(shown[float(share)] for share in (preset.carried, preset.method, preset.convention))
        assert f"| `{name}` | {shares} | {preset.repeat} |" in text
