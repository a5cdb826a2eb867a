"""The practice page as learners use it: by keyboard, on a phone, in the dark, enlarged, read aloud."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from practice_scripts import Desk, desk
from students import habits, work

from exercises.components import componentwise
from exercises.program import in_order_of_need
from exercises.specification import parse_specification
from gradsheet.papers import places_of
from gradsheet.practice import practice_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed; see make browser")

NETWORK = """
title = "By hand"
[[exercise]]
family = "mlp"
layers = [2, 2, 1]
loss = "half_squared_error"
activations = ["sigmoid", "identity"]
bias = false
notation = "numbered"
optimizer = { name = "sgd", learning_rate = 0.05 }
decimals = 4
"""
TWO = """
[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * z"]
decimals = 3
given = { x = -2, y = 5, z = -4 }
[[exercise]]
family = "mlp"
layers = [2, 1]
loss = "half_squared_error"
notation = "code"
decimals = 3
"""
PHONE = {"viewport": {"width": 360, "height": 740}}
ENLARGED = {"viewport": {"width": 320, "height": 256}}
WIDE = {"viewport": {"width": 1280, "height": 900}}


@cache
def one() -> Desk:
    """The first sheet of the page, as Python marks it."""
    return desk("2-2-1")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory, "network", NETWORK.replace("By hand", "2-2-1"))


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory, "two", TWO)


def written(factory: pytest.TempPathFactory, name: str, text: str) -> Path:
    path = factory.mktemp("practice") / f"{name}.html"
    specification = parse_specification(f'name = "2-2-1"\n{text}', f"{name}.toml")
    path.write_text(practice_page(specification, 3), encoding="utf-8")
    return path


def answers(program: Any = None) -> dict[str, str]:
    """What a student who rounds every line hands in."""
    manner, rng = habits(1), np.random.default_rng(1)
    script = work(program or one().cells, places_of(one().exercise), one().given, manner, rng).written
    places = places_of(one().exercise)
    return {cell: places.of(cell).text(float(script[cell][0])) for cell in one().paper.asked}


def inputs(page: Page) -> dict[str, Any]:
    names = list(one().paper.task.lines.root)
    found = page.locator("main input[type=text]").all()
    return {names[int((each.get_attribute("id") or "").split("-")[-1])]: each for each in found}


def typed(page: Page, texts: dict[str, str]) -> None:
    """Everything by keyboard, from the first place to the last; Enter goes on."""
    page.locator("main input[type=text]").first.focus()
    for _ in range(len(texts)):
        focused = page.evaluate("document.activeElement.id")
        cell = list(one().paper.task.lines.root)[int(focused.split("-")[-1])]
        page.keyboard.type(texts[cell])
        page.keyboard.press("Enter")
    settle(page)


def settle(page: Page) -> None:
    """Wait until everything is said: verdicts stand there at once, the rules that went wrong in the task after."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(() => setTimeout(done))))")


def put(page: Page, texts: dict[str, str]) -> None:
    """All at once, as if pasted."""
    number = {cell: place for place, cell in enumerate(one().paper.task.lines.root)}
    page.evaluate(
        """texts => { for (const [id, text] of Object.entries(texts)) {
             const place = document.getElementById(id);
             place.value = text;
             place.dispatchEvent(new Event("input")); } }""",
        {f"cell-1-{number[cell]}": text for cell, text in texts.items()},
    )


def verdict(page: Page, cell: str) -> str:
    settle(page)
    return str(
        inputs(page)[cell]
        .locator("xpath=ancestor::div[contains(concat(@class,' '),'cell ')]")
        .get_attribute("data-verdict")
    )


def said(page: Page, cell: str) -> str:
    settle(page)
    box = inputs(page)[cell].locator("xpath=ancestor::div[contains(concat(@class,' '),'cell ')]")
    return " ".join((box.locator(".said").text_content() or "").split())


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


# --- marking -----------------------------------------------------------------------------------------------------


def test_a_whole_hand_in_typed_by_keyboard_is_right_and_check_says_the_same(
    visitor: Any, network: Path, tmp_path: Path, terminal: Any
) -> None:
    page = visitor.open(network, **WIDE)
    texts = answers()
    typed(page, texts)
    count = len(texts)
    assert page.locator("#tally").text_content() == f"{count} of {count} right; {count} of {count} marks."
    sheet, hand_in = saved(page, "Save sheet", tmp_path), saved(page, "Save answers", tmp_path)
    assert json.loads(hand_in.read_text(encoding="utf-8"))["answers"] == texts
    marked = json.loads(terminal("check", sheet, hand_in, "--json").out)
    assert marked["score"] == marked["out_of"] == str(count)


def test_marks_of_a_hand_in_with_slips_are_those_of_check(
    visitor: Any, network: Path, tmp_path: Path, terminal: Any
) -> None:
    page = visitor.open(network, **WIDE)
    texts = answers() | {"z1[1]": "0,91", "dJ/dW2[1,2]": "abc", "W1_new[2,1]": "77"}
    texts |= {"a1[1]": f"{1 / (1 + np.exp(-0.91)):.4f}"}
    typed(page, texts)
    hand_in, sheet = saved(page, "Save answers", tmp_path), saved(page, "Save sheet", tmp_path)
    marked = json.loads(terminal("check", sheet, hand_in, "--json").out)
    for cell in marked["cells"]:
        assert verdict(page, cell["id"]) == cell["verdict"], cell
    assert f"{marked['score']} of {marked['out_of']} marks" in (page.locator("#tally").text_content() or "")


def test_what_follows_from_a_wrong_number_is_right_given_that(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    for cell, text in {"z1[1]": "0.91", "a1[1]": f"{1 / (1 + np.exp(-0.91)):.4f}"}.items():
        inputs(page)[cell].fill(text)
        page.keyboard.press("Tab")
    assert (verdict(page, "z1[1]"), verdict(page, "a1[1]")) == ("wrong", "carried")
    assert said(page, "a1[1]") == "Right, given your earlier value."
    page.wait_for_function("document.getElementById('live').textContent.includes('given your earlier value')")


def test_every_misconception_is_named_in_words(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    assert one().paper.examiner is not None
    told: set[str] = set()
    for replay in one().paper.examiner.replays.singles:
        wrong = replay.made[0].mistake.replaced
        program = one().exercise.program
        steps = [
            step if step.name not in wrong else replace(step, expression=wrong[step.name]) for step in program.steps
        ]
        texts = answers(componentwise(type(program)(program.givens, in_order_of_need(steps), program.output)))
        page.get_by_role("button", name="Start again").click()
        put(page, texts)
        page.get_by_role("button", name="Mark everything").click()
        (mine,) = one().by_python([texts])
        for explanation in mine.explanations:
            told.add(explanation.code)
            chunks = [part.strip() for part in re.split(r"\{[a-z_]+\}", explanation.sentence)]
            told_there = said(page, explanation.cells[0])
            assert all(chunk in told_there for chunk in chunks), explanation
    assert len(told) >= 15


SLIPPED = {
    "has the right digits; only its sign": lambda text: text.removeprefix("-") if text[0] == "-" else f"-{text}",
    "its decimal point has slipped": lambda text: f"{float(text) * 10:.3f}",
}


@pytest.mark.parametrize("sentence", SLIPPED)
def test_a_slip_of_the_pen_is_told_as_one(visitor: Any, network: Path, sentence: str) -> None:
    page = visitor.open(network, **WIDE)
    texts = answers()
    put(page, texts | {"z1[2]": SLIPPED[sentence](texts["z1[2]"])})
    page.get_by_role("button", name="Mark everything").click()
    assert sentence in said(page, "z1[2]")


def test_a_verdict_stands_there_before_the_search_for_its_rule(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    page.locator("main input[type=text]").first.fill("17")
    sign, first = page.evaluate(
        """() => {
             const place = document.querySelector("main input[type=text]");
             place.dispatchEvent(new Event("change"));
             const cell = place.closest(".cell");
             return [cell.querySelector(".mark").textContent, cell.querySelector(".said").textContent]; }"""
    )
    assert (sign, first) == ("✗", "Not right.")
    assert said(page, next(iter(inputs(page)))).startswith("Not right yet. Look at the formula")


def test_what_is_no_number_is_told_why(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    inputs(page)["z1[1]"].fill("1,234.5")
    page.keyboard.press("Tab")
    assert verdict(page, "z1[1]") == "unreadable"
    assert said(page, "z1[1]").startswith("Use one decimal sign")
    assert inputs(page)["z1[1]"].get_attribute("aria-invalid") == "true"


def test_marking_waits_where_it_is_asked_to(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    page.get_by_text("Settings").click()
    page.get_by_label("Mark each number when I leave it").uncheck()
    inputs(page)["z1[1]"].fill("7")
    page.keyboard.press("Tab")
    assert verdict(page, "z1[1]") == ""
    page.get_by_role("button", name="Mark everything").click()
    assert verdict(page, "z1[1]") == "wrong"
    assert verdict(page, "z1[2]") == "missing"


# --- help --------------------------------------------------------------------------------------------------------


def test_three_hints_then_no_more_and_numbers_are_the_learners_own(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    inputs(page)["z1[1]"].fill("0.91")
    inputs(page)["a1[1]"].focus()
    hint = page.get_by_role("button", name=re.compile("^Hint for outₕ₁|^Hint for out_h1|^Hint for outh1"))
    card = inputs(page)["a1[1]"].locator("xpath=ancestor::div[contains(concat(@class,' '),'step ')]")
    button = card.locator("button").first
    assert hint.count() <= 1
    for count in (1, 2, 3):
        button.click()
        assert card.locator(".hints li").count() == count
    assert button.is_disabled()
    assert "0.91" in (card.locator(".hints li").nth(2).text_content() or "")
    assert answers()["a1[1]"] not in (card.text_content() or "")


def test_show_me_works_one_step_out_and_leaves_it_out_of_the_hand_in(
    visitor: Any, network: Path, tmp_path: Path
) -> None:
    page = visitor.open(network, **WIDE)
    inputs(page)["z1[1]"].focus()
    before = len(inputs(page))
    page.get_by_role("button", name=re.compile("^Show me")).first.click()
    assert len(inputs(page)) == before - 1
    shown = page.locator(".told").first.text_content() or ""
    assert answers()["z1[1]"].replace("-", "−") in shown.replace("-", "−")
    record = json.loads(saved(page, "Save answers", tmp_path).read_text(encoding="utf-8"))
    assert record["worked_out"] == ["z1[1]"] and record["answers"] == {}


def test_a_faded_series_leaves_more_when_right_and_less_when_wrong(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    page.get_by_text("Settings").click()
    page.get_by_label(re.compile("Faded")).check()
    few = len(inputs(page))
    assert 0 < few < len(answers()) / 2
    texts = answers()
    for cell, place in inputs(page).items():
        place.fill(texts[cell])
        page.keyboard.press("Tab")
    assert (page.locator("#tally").text_content() or "").startswith(f"{few} of {few} right")
    page.get_by_role("button", name="Next sheet").click()
    more = len(inputs(page))
    assert more > few
    first = next(iter(inputs(page).values()))
    first.fill("99")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Next sheet").click()
    assert len(inputs(page)) < more


def test_the_next_sheet_has_other_numbers(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    given = page.locator("#given-1 .given").text_content()
    page.get_by_role("button", name="Next sheet").click()
    assert page.locator("#numbers").text_content() == "Numbers 2 of 3"
    assert page.locator("#given-1 .given").text_content() != given


# --- memory ------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_there_again_after_reloading(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    inputs(page)["z1[1]"].fill("0.91")
    page.keyboard.press("Tab")
    page.reload()
    assert inputs(page)["z1[1]"].input_value() == "0.91"
    assert verdict(page, "z1[1]") == "wrong"


@pytest.mark.parametrize(
    "before",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('none') } })",
        "for (const key of Array(9).keys()) localStorage.setItem('x' + key, '{');"
        'Storage.prototype.getItem = () => \'{"kept": 7, "state": null}\'',
    ],
    ids=["no storage", "somebody else's text"],
)
def test_without_storage_the_page_works_all_the_same(visitor: Any, network: Path, before: str) -> None:
    page = visitor.open(network, before=before, **WIDE)
    inputs(page)["z1[1]"].fill(answers()["z1[1]"])
    page.keyboard.press("Tab")
    assert verdict(page, "z1[1]") == "correct"


# --- how it is seen, and heard ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wishes", [PHONE, ENLARGED, WIDE], ids=["phone", "400 %", "wide"])
@pytest.mark.parametrize("name", ["network", "two"])
def test_nothing_leaves_the_screen_sideways(
    visitor: Any, request: pytest.FixtureRequest, name: str, wishes: dict[str, Any]
) -> None:
    page = visitor.open(request.getfixturevalue(name), **wishes)
    for place in page.locator("main input[type=text]").all()[:4]:
        place.fill("99.5")
        page.keyboard.press("Tab")
    for button in page.locator(".help button:first-child").all()[:3]:
        for _ in range(3):
            button.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= wishes["viewport"]["width"]
    assert page.evaluate("[...document.querySelectorAll('main input[type=text]')].every(x => x.offsetWidth > 60)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wishes", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("name", ["network", "two"])
def test_axe_finds_nothing(
    visitor: Any, axe: str, request: pytest.FixtureRequest, name: str, wishes: dict[str, Any], scheme: str
) -> None:
    page = visitor.open(request.getfixturevalue(name), color_scheme=scheme, **wishes)
    page.get_by_text("Settings").click()
    for place, text in zip(page.locator("main input[type=text]").all(), ("0.5", "abc", "99", "-1"), strict=False):
        place.fill(text)
        page.keyboard.press("Tab")
    page.locator(".help button:first-child").first.click()
    page.get_by_role("button", name=re.compile("^Show me")).last.click()
    page.get_by_role("button", name="Mark everything").click()
    found = page.evaluate(f"{axe}\n;axe.run(document, {{ resultTypes: ['violations'] }})")
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]] == []


def test_every_input_says_what_it_is_of_and_where_it_stands(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    labels = {cell: place.get_attribute("aria-label") or "" for cell, place in inputs(page).items()}
    assert len(set(labels.values())) == len(labels)
    assert labels["W1_new[2,1]"].endswith(", row 2, column 1")
    assert labels["z1[2]"].endswith(", row 2")
    for place in inputs(page).values():
        assert page.locator(f"#{place.get_attribute('aria-describedby')}").count() == 1


def test_a_verdict_is_never_told_by_colour_alone(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    texts = {"z1[1]": answers()["z1[1]"], "z1[2]": "99", "a1[1]": "abc"}
    for cell, text in texts.items():
        inputs(page)[cell].fill(text)
        page.keyboard.press("Tab")
    signs = [
        inputs(page)[cell].locator("xpath=following-sibling::*[contains(@class,'mark')]").text_content()
        for cell in texts
    ]
    assert signs == ["✓", "✗", "?"]
    assert all(said(page, cell) for cell in texts)


def test_motion_is_left_out_where_it_is_not_wished(visitor: Any, network: Path) -> None:
    page = visitor.open(network, **WIDE)
    moving = "[...document.querySelectorAll('*')].filter(x => parseFloat(getComputedStyle(x).transitionDuration) > 0)"
    assert page.evaluate(f"{moving}.length") == 0


def test_without_javascript_the_page_says_what_is_missing(visitor: Any, network: Path) -> None:
    page = visitor.open(network, java_script_enabled=False, **WIDE)
    assert "needs JavaScript" in page.locator("body").inner_text()
