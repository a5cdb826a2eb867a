"""Markdown, web page and paper say the same: every line of the working and every answer, sign by sign, digit by digit.

`tests/test_html.py` holds the web page against the Markdown; here paper is held against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

import pytest
from pdf_reading import Paper, elements_in, printed
from web_pages import bare, bare_latex

from exercises.specification import Exercise, published_names, read_specification
from exercises.variants import draw, practice_seed
from templates.pdf import Layout, Script, key_pdf, sheet_pdf
from templates.render import Header, render_key, render_sheet, solution_of
from templates.typst_page import MOST_LINES

HEADER = Header("Title", student="Ada", sheet="set-1-ada")
SPELLED = str.maketrans({"⋅": "·", "∼": "~", "∑": "Σ", "-": "−"})
BRACKETS = re.compile("[][()\u239b-\u23ae{}|⎰⎱]")
"""Large ones are put together from parts, which no reader has a letter for."""
NUMBER = re.compile(r"[0-9]*\.[0-9]+")


@cache
def exercises_of(name: str) -> tuple[Exercise, ...]:
    return tuple(draw(each, practice_seed("", each.number)).exercise for each in read_specification(name).exercises)


@cache
def paper_of(name: str, worked: bool) -> Paper:
    return Paper((key_pdf if worked else sheet_pdf)([Script(HEADER, exercises_of(name))], Layout()))


@cache
def markdown_of(name: str, worked: bool) -> str:
    return (render_key if worked else render_sheet)(HEADER, exercises_of(name))


def spelled(text: str) -> str:
    """A formula's characters, whatever alphabet they are set in."""
    return bare(unicodedata.normalize("NFKC", text)).translate(SPELLED)


def signs(text: str) -> Counter[str]:
    """The signs of a formula; hats are set in too many ways to be compared."""
    return Counter(BRACKETS.sub("", re.sub("[\u0302^\ufffd]", "", unicodedata.normalize("NFD", text))))


def agree(text: str, line: str) -> bool:
    """The same signs, and the same numbers in their order, except in matrices, which paper sets column by column."""
    if "{" in line:
        text = text.replace("if", "")  # the word before a condition, where Markdown has a space
    return signs(text) == signs(line) and ("[" in line or NUMBER.findall(text) == NUMBER.findall(line))


def in_code(name: str) -> bool:
    return all(exercise.notation == "code" for exercise in exercises_of(name))


def leaves_lines_out(name: str) -> bool:
    """Whether paper says of some lines only that they go like the others."""
    blocks = [b for exercise in exercises_of(name) for s in solution_of(exercise).sections for b in s.blocks]
    return any(len(block.lines) > MOST_LINES for block in blocks)


@pytest.mark.parametrize("name", [name for name in published_names() if not in_code(name)])
def test_every_line_on_paper_is_one_of_the_markdown_in_its_order(name: str) -> None:
    if leaves_lines_out(name):
        pytest.skip("what paper leaves out can't be looked for there")
    lines = [bare_latex(line[2:]) for line in markdown_of(name, True).splitlines() if line.startswith(r"- $\disp")]
    paper = paper_of(name, True)
    waiting = iter([spelled(printed(paper, formula)) for formula in paper.tagged("/Formula")])
    for line in lines:
        assert any(agree(text, line) for text in waiting), line


@pytest.mark.parametrize("name", published_names())
@pytest.mark.parametrize("worked", [False, True])
def test_the_answer_tables_on_paper_are_those_of_the_markdown(name: str, worked: bool) -> None:
    rows = [row for row in re.findall(r"(?m)^\| (.*) \|$", markdown_of(name, worked)) if row.startswith("`")]
    wanted = [[part.strip() for part in row.split(" | ")] for row in rows]
    paper = paper_of(name, worked)
    cells = [
        [spelled(printed(paper, cell)) for cell in elements_in(row) if cell["/S"] == "/TD"]
        for row in paper.tagged("/TR")
    ]
    found = [row for row in cells if row]
    assert [row[0] for row in found] == [spelled(row[0].strip("`")) for row in wanted]
    for row, (_, symbol, _, value) in zip(found, wanted, strict=True):
        shown = spelled(symbol.strip("`")) if symbol.startswith("`") else bare_latex(symbol)
        assert signs(row[1].replace("/", "")) == signs(shown.replace("/", "")), symbol
        assert row[-1] == (bare(value) if worked else "")
