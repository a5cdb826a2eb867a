"""Practice pages: how large they are, and how long after leaving a cell its verdict stands there."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, islice
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import Effort, Table, duration, machine
from exercises.families import FAMILIES
from exercises.misconceptions import mistakes
from exercises.plan import flatten
from exercises.program import Program
from exercises.specification import Specification, parse_specification, published_names, read_specification
from gradsheet.papers import by_cell, places_of
from gradsheet.practice import practice_page
from gradsheet.solving import settled_exercises
from tests.planted import with_mistakes

VARIANTS = 6
"""Sets of numbers, as `gradsheet practice` makes them where it isn't told."""

LIMIT = 0.050
"""Seconds after leaving a cell in which its verdict should stand there."""

TYPED = ("mazur", "gomez", "lstm", "attention")
"""Sheets on which scripts are typed, the largest ones among them."""

SCRIPTS = 1
"""Of each kind of script: with one rule wrong, with two, and with two numbers out of the air."""

ROUNDS = 3
"""How often each is typed; of every cell the quickest counts, since other processes take the machine for a while."""

NODE = shutil.which("node")
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
ENGINE = Path(__file__).with_name("practice_timing.mjs")

Script = list[tuple[int, str]]
"""Texts in the order of work, by the number that the page gives a cell."""

Seconds = list[tuple[float, float]]
"""After leaving a cell: until the verdicts stand there, and until all is said."""


def specification_of(name: str) -> Specification:
    """A published example, or a family that is left all its choices."""
    if name in published_names():
        return read_specification(name)
    return parse_specification(f'[[exercise]]\nfamily = "{name}"\n', f"{name}.toml")


@cache
def page_of(name: str) -> str:
    return practice_page(specification_of(name), VARIANTS)


# --- sizes --------------------------------------------------------------------------------------------------------


def sizes(effort: Effort) -> Table:
    names = [*published_names(), *FAMILIES]
    parts = {name: _parts(page_of(name)) for name in (names[:1] + names[-1:] if effort.quick else names)}
    rows = [(name, *(f"{size / 1000:.0f}" for size in of)) for name, of in sorted(parts.items(), key=_largest_first)]
    columns = ("", "page, kB", "fonts", "script", "style", "data", "all else", "data unpacked")
    remark = (
        f"Published examples with their numbers, and each family left all its choices, with {VARIANTS} sets of numbers."
    )
    return Table("Practice pages, size", columns, tuple(rows), (remark,))


def _largest_first(item: tuple[str, tuple[int, ...]]) -> tuple[int, str]:
    return -item[1][0], item[0]


def _parts(page: str) -> tuple[int, ...]:
    whole = len(page.encode())
    fonts = sum(map(len, re.findall(r"base64,([A-Za-z0-9+/=]+)\)format", page)))
    style = sum(len(found.encode()) for found in re.findall(r"<style>.*?</style>", page, re.DOTALL)) - fonts
    script = _inside(page, r'<script type="module">(.*?)</script>')
    data = _inside(page, r'<script type="text/plain" id="data">(.*?)</script>')
    sized = [fonts, len(script.encode()), style, len(data)]
    return (whole, *sized, whole - sum(sized), len(zlib.decompress(base64.b64decode(data))))


def _inside(page: str, pattern: str) -> str:
    (found,) = re.findall(pattern, page, re.DOTALL)
    return str(found)


# --- time until the verdict ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet and the scripts that are typed on it."""

    name: str
    marking: dict[str, Any]
    scripts: dict[str, list[Script]]


def sheet_of(name: str, count: int) -> Sheet:
    (exercise,) = settled_exercises(specification_of(name))
    data = json.loads(zlib.decompress(base64.b64decode(_inside(page_of(name), r'id="data">(.*?)</script>'))))
    marking = data["exercises"][0]["marking"]
    cells = {cell: number for number, cell in enumerate(marking["plan"]["cells"])}
    precision, choose = places_of(exercise), random.Random(name)
    given = by_cell(exercise.program.shapes, exercise.given)

    def written(program: Program) -> Script:
        values = flatten(program).run(given)
        return [
            (cells[cell], precision.of(cell).text(float(values[cell][0]))) for cell in cells if cell in exercise.asked
        ]

    def off(script: Script) -> Script:
        wrong = choose.sample(range(len(script)), min(2, len(script)))
        return [(cell, f"{choose.uniform(-2, 2):.4f}" if k in wrong else text) for k, (cell, text) in enumerate(script)]

    found = mistakes(exercise.program)
    right = with_mistakes(exercise.program, [])
    assert right is not None
    ones = [program for one in found if (program := with_mistakes(exercise.program, [one])) is not None]
    pairs = list(combinations(found, 2))
    twos = (with_mistakes(exercise.program, list(two)) for two in choose.sample(pairs, len(pairs)))
    return Sheet(
        name,
        marking,
        {
            "no rule": [written(right)],
            "one rule": [written(one) for one in choose.sample(ones, min(count, len(ones)))],
            "two rules": [written(two) for two in islice((two for two in twos if two is not None), count)],
            "two numbers": [off(written(right)) for _ in range(count)],
        },
    )


Time = Callable[[Sheet, Sequence[Script]], Seconds]


def in_node(sheet: Sheet, scripts: Sequence[Script]) -> Seconds:
    """The modules alone, without a page."""
    assert NODE is not None
    request = json.dumps({"data": sheet.marking, "scripts": scripts})
    run = subprocess.run([NODE, str(ENGINE)], input=request, capture_output=True, text=True, check=True)
    return [(shown / 1000, told / 1000) for shown, told in json.loads(run.stdout)]


TYPING = """async (script) => {
  const taken = [];
  for (const [number, text] of script) {
    const input = document.getElementById(`cell-1-${number}`);
    if (!input) continue;
    input.focus();
    input.value = text;
    input.dispatchEvent(new Event("input"));
    const said = new Promise((resolve) => {
      const watch = new MutationObserver(() => { watch.disconnect(); resolve(performance.now()); });
      watch.observe(document.getElementById("tally"), { childList: true });
    });
    const start = performance.now();
    input.dispatchEvent(new Event("change"));
    document.body.getBoundingClientRect();
    const shown = performance.now();
    taken.push([shown - start, await said - start]);
  }
  return taken;
}"""
"""What a learner does, as events: each cell typed into and left; layout counts, a frame's painting doesn't."""


def in_chromium(browser: Any) -> Time:
    """The whole page, opened anew for every script."""

    def time(sheet: Sheet, scripts: Sequence[Script]) -> Seconds:
        found: Seconds = []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "practice.html"
            path.write_text(page_of(sheet.name), encoding="utf-8")
            for script in scripts:
                page = browser.new_page()
                page.goto(path.as_uri())
                page.wait_for_selector("main input[type=text]")
                found += [(shown / 1000, told / 1000) for shown, told in page.evaluate(TYPING, script)]
                page.close()
        return found

    return time


def _ways() -> Iterator[tuple[str, Time]]:
    """How scripts can be timed on this machine: in a browser where Playwright has one, else by Node."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if NODE is not None:
            yield "the modules alone, in Node", in_node
        return
    with sync_playwright() as play:
        wishes = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=CHROMIUM or None, args=wishes)
        yield f"Chromium {browser.version}", in_chromium(browser)
        browser.close()


def verdicts(effort: Effort) -> list[Table]:
    tables = []
    for way, time in _ways():
        rows = []
        for name in TYPED[:1] if effort.quick else TYPED:
            sheet = sheet_of(name, effort.few(SCRIPTS, 1))
            rounds = effort.few(ROUNDS, 1)
            rows += [
                _row(name, kind, _quickest([time(sheet, scripts) for _ in range(rounds)]))
                for kind, scripts in sheet.scripts.items()
                if scripts
            ]
        columns = ("", "wrong", "cells left", "verdict", "95 %", "longest", "within 50 ms", "all said", "longest")
        remark = (
            "From leaving a cell until every verdict stands there, and until the rule that went wrong is told. Each "
            f"script is typed {ROUNDS} times from its first cell to its last, and of every cell the quickest counts. "
            f"{machine({'Node': _node_version()})}"
        )
        tables.append(Table(f"After leaving a cell: {way}", columns, tuple(rows), (remark,)))
    return tables


def _quickest(rounds: Sequence[Seconds]) -> Seconds:
    """Of each cell the shortest times."""
    return [(min(shown for shown, _ in same), min(told for _, told in same)) for same in zip(*rounds, strict=True)]


def _node_version() -> str:
    return "none" if NODE is None else _said([NODE, "--version"])


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _row(name: str, kind: str, taken: Seconds) -> tuple[str, ...]:
    shown, told = sorted(one for one, _ in taken), sorted(one for _, one in taken)
    within = sum(one <= LIMIT for one in shown) / len(shown)
    late = shown[min(len(shown) - 1, int(0.95 * len(shown)))]
    times = (duration(median(shown)), duration(late), duration(shown[-1]))
    return (name, kind, str(len(taken)), *times, f"{within:.1%}", duration(median(told)), duration(told[-1]))


def tables(effort: Effort) -> list[Table]:
    return [*verdicts(effort), sizes(effort)]
