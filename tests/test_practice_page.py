"""The practice page as a file: what it holds, what it asks of nobody, how large it is; and its parts that reckon."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import random
import re
import zlib
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from front_door import Terminal
from practice_scripts import NO_NODE, NODE, node

from exercises.families import FAMILIES
from exercises.precision import Places
from exercises.shown import shortest
from exercises.specification import parse_specification, published_names, read_specification
from gradsheet.examination import CANCELS, LEADS
from gradsheet.papers import read_sheet
from gradsheet.practice import practice_page
from gradsheet.solving import settled_exercises
from templates.formula.common import Printer
from templates.html_formula import Breakable
from templates.practice_formula import BRACKETED, ROOM, PracticePrinter
from templates.practice_page import MODULES, page_script
from templates.render import solution_of

LARGEST = 250_000
OPEN = """
title = "By <hand> & </script>"
[[exercise]]
family = "mlp"
layers = [2, 2, 1]
loss = "half_squared_error"
optimizer = { name = "sgd", learning_rate = 0.05 }
decimals = 4
"""
needs_node = pytest.mark.skipif(NODE is None, reason=NO_NODE)


@cache
def page_of(name: str) -> str:
    """The usual page of a published example, or of a family that is left all its choices."""
    if name in published_names():
        return practice_page(read_specification(name), 6)
    return practice_page(parse_specification(f'[[exercise]]\nfamily = "{name}"\n', f"{name}.toml"), 6)


@cache
def open_page() -> str:
    return practice_page(parse_specification(OPEN, "open.toml"), 3)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="text/plain" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(zlib.decompress(base64.b64decode(found[1])))
    assert isinstance(data, dict)
    return data


# --- the file ----------------------------------------------------------------------------------------------------


def test_the_command_writes_one_file(terminal: Terminal, tmp_path: Path) -> None:
    outcome = terminal("practice", "hmkcode", "--out", tmp_path / "practice.html")
    assert outcome.code == 0 and "no network" in outcome.out
    assert [path.name for path in tmp_path.iterdir()] == ["practice.html"]


@pytest.mark.parametrize("name", [*published_names(), *FAMILIES])
def test_every_example_and_every_family_makes_a_page_smaller_than_a_picture(name: str) -> None:
    page = page_of(name)
    assert len(page.encode()) < LARGEST
    for one in data_of(page)["exercises"]:
        assert not [sign for sign in one["signs"] if ROOM in sign], "numbers are put in before signs are"
        shown = [line["cell"] for part in one["sections"] for step in part["steps"] for line in step["lines"]]
        told = {one["marking"]["plan"]["cells"][cell] for cell in one["marking"]["asked"]}
        twins = {frozenset(one["marking"]["plan"]["cells"][cell] for cell in pair) for pair in one["marking"]["twins"]}
        assert all(cell in shown or any(cell in pair and pair & set(shown) for pair in twins) for cell in told)


def test_only_the_pages_own_script_may_run_and_nothing_may_be_asked() -> None:
    page = open_page()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    policy = html.unescape(policy)
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ") and f"script-src 'sha256-{own}'" in policy
    assert not re.search(r"https?://(?!www\.w3\.org)", page) and "connect-src" not in policy


def test_texts_of_users_stay_texts() -> None:
    page = open_page()
    assert page.count("</script>") == 2
    assert "By &lt;hand&gt;" in page
    assert data_of(page)["sheet"] == "By <hand> & </script>"


def test_it_says_openly_that_it_holds_its_answers() -> None:
    assert "it holds its answers" in " ".join(open_page().split())


def test_numbers_come_from_the_public_seed_and_every_set_is_a_sheet(tmp_path: Path) -> None:
    sheets = data_of(open_page())["sheets"]
    assert len(set(sheets)) == 3
    (tmp_path / "one.toml").write_text(sheets[0], encoding="utf-8")
    (mine,) = read_sheet(tmp_path / "one.toml")
    (public,) = settled_exercises(parse_specification(OPEN, "open.toml"))
    assert all((mine.given[name] == public.given[name]).all() for name in public.given)


def test_numbers_that_are_all_given_make_one_sheet() -> None:
    assert len(data_of(page_of("hmkcode"))["sheets"]) == 1


def test_mistakes_to_be_found_are_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "find.toml").write_text(OPEN + 'mode = "find-the-mistake"\n', encoding="utf-8")
    told = terminal.refused("practice", tmp_path / "find.toml", "--out", tmp_path / "page.html")
    assert "exercise 1" in told and 'mode = "solve"' in told
    assert not (tmp_path / "page.html").exists()


def test_what_check_says_too_stands_in_its_modules_only() -> None:
    said = data_of(open_page())["said"]
    assert said["leads"] == LEADS and said["cancels"] == CANCELS
    script = page_script()
    assert not [lead for lead in LEADS.values() if lead and lead in script]


def test_a_faded_exercise_begins_faded() -> None:
    page = practice_page(parse_specification(OPEN + "fade = 0.5\n", "faded.toml"), 1)
    (one,) = data_of(page)["exercises"]
    steps = {step["quantity"] for part in one["sections"] for step in part["steps"]}
    assert 0 < len(one["first"]) < len(steps)


def test_the_same_page_every_time() -> None:
    assert practice_page(parse_specification(OPEN, "open.toml"), 3) == open_page()


# --- its script --------------------------------------------------------------------------------------------------


def test_all_modules_are_in_the_script_and_nothing_ties_it_to_files() -> None:
    script = page_script()
    for module in MODULES.glob("*.js"):
        names = re.findall(r"^export (?:const|function|class) (\w+)", module.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(re.search(rf"^(?:const|function|class) {name}\b", script, re.MULTILINE) for name in names)
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


@needs_node
def test_the_script_is_sound_as_a_whole(tmp_path: Path) -> None:
    """No two modules use one name, which would show in the joined script alone."""
    import subprocess

    assert NODE is not None
    (tmp_path / "page.mjs").write_text(page_script(), encoding="utf-8")
    run = subprocess.run([NODE, "--check", tmp_path / "page.mjs"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@needs_node
def test_figures_are_written_as_on_paper() -> None:
    choose = random.Random(5)
    values = [choose.uniform(-2, 2) * 10.0 ** choose.randint(-6, 3) for _ in range(600)]
    values += [0.0, -0.0, 0.285, 1.005, -0.125, 0.5, 9.996, 99.95, 1e-9, 123456.5, -0.00049]
    values += [99999999999999.4, 1e14, -1.23456789e22, 4e100, 1.5e308]
    places = [Places(choose.randint(1, 7), choose.random() < 0.4) for _ in values]
    cases = [
        {"value": value, "places": [one.digits, one.significant]} for value, one in zip(values, places, strict=True)
    ]
    for value, one, (text, whole) in zip(values, places, node({"what": "figures", "cases": cases}), strict=True):
        assert text == one.text(value), (value, str(one))
        assert whole.removeprefix("-") == shortest(abs(value)) and whole.startswith("-") == (value < 0), value


@needs_node
def test_a_series_leaves_more_as_steps_go_right_and_less_where_one_went_wrong() -> None:
    steps = list("abcdefgh")
    sheets = [
        {"failed": [], "solved": ["g", "h"]},
        {"failed": ["f"], "solved": ["e", "g", "h"]},
        {"failed": [], "solved": ["e"]},
        {"failed": [], "solved": ["e", "g", "h"]},
        {"failed": ["e", "d", "f", "g", "h"], "solved": []},
    ]
    said = ["".join(blanks) for blanks in node({"what": "fading", "steps": steps, "sheets": sheets})]
    assert said == ["gh", "efgh", "egh", "egh", "defgh", "h"]


# --- formulas with room for numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*published_names(), "open"])
def test_filled_with_numbers_a_line_is_what_the_printer_prints(name: str) -> None:
    """For positive and negative numbers: parentheses stand where the printer puts them."""
    specification = parse_specification(OPEN, "open.toml") if name == "open" else read_specification(name)
    for exercise in settled_exercises(specification):
        solution = solution_of(exercise, detail="component")
        practice = PracticePrinter(solution.notation)
        printer = practice.printer if practice.code else Printer(Breakable(), solution.notation)
        for line in (each for part in solution.sections for block in part.blocks for each in block.lines):
            room = practice.slots.expanded(practice.with_room(line.expression))
            for sign in ("", "-"):
                numbers = {cell: f"{sign}{k + 1}.25" for k, cell in enumerate(line.numbers)}
                filled = re.sub("¦([^¦]*)(.)¦", partial(put_in, printer, numbers), room)
                assert filled == printer.expression(line.expression, numbers)


def put_in(printer: Printer, numbers: dict[str, str], found: re.Match[str]) -> str:
    text = numbers[found[1]]
    number = printer.setter.number(text)
    return printer.setter.parentheses(number) if text.startswith("-") and found[2] == BRACKETED else number


def test_symbols_in_formulas_are_those_of_every_web_page() -> None:
    (exercise,) = settled_exercises(parse_specification(OPEN, "open.toml"))
    solution = solution_of(exercise, detail="component")
    practice, printer = PracticePrinter(solution.notation), Printer(Breakable(), solution.notation)
    for line in (each for part in solution.sections for block in part.blocks for each in block.lines):
        assert practice.slots.expanded(practice.expression(line.expression)) == printer.expression(line.expression)


def test_numbers_in_the_data_are_those_of_the_sheet() -> None:
    (exercise,) = settled_exercises(parse_specification(OPEN, "open.toml"))
    one = data_of(open_page())["exercises"][0]["marking"]
    mine = np.concatenate([exercise.given[given.name].reshape(-1) for given in exercise.program.givens])
    assert one["variants"][0]["given"] == mine.tolist()
