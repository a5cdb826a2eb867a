"""Sheets and keys: users' texts harmless, tables that can be read back, and the command that shows solutions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from styles import everything, written

from exercises.errors import InputError
from exercises.names import parse_cell
from exercises.notation import Derivative, Glyph
from exercises.specification import Exercise, parse_specification, published_names, read_specification
from exercises.variants import draw, practice_seed
from grader.submissions import read_submission
from gradsheet.cli import commands
from templates.markdown_page import MarkdownPage, code, escaped
from templates.render import (
    Header,
    key_files,
    render_answer_form,
    render_key,
    render_notes,
    render_sheet,
    sheet_files,
    solution_of,
)

TWO = """
[[exercise]]
family = "mlp"
activations = ["sigmoid", "identity"]
optimizer = { learning_rate = 0.1 }
notation = "numbered"
decimals = 3
given = { x = [2, 3], y = [1], W1 = [[0.1, 0.2], [0.3, 0.4]], b1 = [0.5, 0.6], W2 = [[0.7, 0.8]], b2 = [0.9] }

[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * z"]
decimals = 2
given = { x = -2, y = 5, z = -4 }
"""
NASTY = "<b>*x*</b> | {{ 7*7 }} {% raw %} $\\alpha$ _a_ `c` [l](u) # \n## 1. & <script>"


HOSTILE = [
    'Ørsted #read("key")', "<script>alert(1)</script>", "{{7*7}}", r"\input{x}", "=1+1", "آدا לאבלייס", "Ada 🧮 & Bob",
    "</text><script/>", "![x](y.svg)", "a](b", "&lt;i&gt;", "`${7*7}`",
]  # fmt: skip


def settled(text: str) -> tuple[Exercise, ...]:
    specification = parse_specification(text, "two.toml")
    return tuple(draw(each, practice_seed("", each.number)).exercise for each in specification.exercises)


def test_texts_of_users_are_neither_markup_nor_templates() -> None:
    header = Header(title=NASTY, course=NASTY, date=NASTY, note=NASTY, student=NASTY, sheet=NASTY)
    for page in (render_sheet(header, settled(TWO)), render_key(header, settled(TWO))):
        head = page.split("## Exercise")[0]
        outside_code = re.sub(r"(`+).*?\1", "", head.replace("\\`", ""))
        assert "{{ 7" not in outside_code and "49" not in head
        assert not re.search(r"(?<!\\)[<>*_|$\[\]{}]", re.sub(r"^# |\*\*", "", outside_code, flags=re.M))
        assert head.count("\n# ") == 0 and head.startswith("# ")


@pytest.mark.parametrize(
    "text, expected", [("a_b*c", r"a\_b\*c"), ("1. x", r"\1. x"), ("- x", r"\- x"), ("a\nb", "a b")]
)
def test_escaping(text: str, expected: str) -> None:
    assert escaped(text) == expected


@pytest.mark.parametrize("text", ["plain", "with ` tick", "``", "a|b", "new\nline"])
def test_code_keeps_its_text(text: str) -> None:
    line = code(text)
    fence = re.match("`+", line)
    assert fence is not None and line.endswith(fence[0]) and "|" not in line and "\n" not in line


def test_the_answer_table_can_be_filled_in_and_read_back() -> None:
    exercises = settled(TWO)
    page = render_sheet(Header("T"), exercises)
    filled = re.sub(r"(?m)^(\| `.*\| )  ?\|$", r"\g<1>0.25 |", page)
    read = read_submission("ada.md", filled.encode())
    wanted = [f"{each.number}:{cell}" for each in exercises for cell in each.asked]
    assert [str(parse_cell(answer.id_text)) for answer in read.answers] == wanted
    assert {answer.text for answer in read.answers} == {"0.25"}


def test_the_answer_form_lists_the_asked_cells() -> None:
    exercises = settled(TWO)
    read = read_submission("ada.csv", render_answer_form(exercises).replace(",\n", ",1\n").encode())
    assert len(read.answers) == sum(len(each.asked) for each in exercises)


def test_a_sheet_gives_nothing_away() -> None:
    exercises = settled(TWO)
    page, key = render_sheet(Header("T"), exercises), render_key(Header("T"), exercises)
    for each in exercises:
        solution = solution_of(each)
        for cell in each.asked:
            value = solution.texts[cell]
            if len(value.strip("-").replace(".", "").strip("0")) >= 3:
                assert value not in page
                assert value in key


@pytest.mark.parametrize("exercise, style", written())
def test_a_sheet_introduces_every_symbol_it_asks_for(exercise: str, style: str) -> None:
    """By what is given, by the lines that say how things are worked out, or by the legend."""
    worked = everything()[exercise]
    solution = worked.solved(style, "both")
    notation = solution.notation
    known: set[Glyph] = set()
    for given in solution.given:
        known |= {sign for _, sign, _ in given.entries if isinstance(sign, Glyph)}
    for section in solution.sections:
        for block in section.blocks if section.round == 1 and section.part.value in ("forward", "loss") else ():
            known |= {sign for line in block.lines for c in line.cells if isinstance(sign := notation.sign(c), Glyph)}
    legend = " ".join(MarkdownPage(notation).legend(solution))
    bare = {_bare(glyph) for glyph in known}
    for cell in worked.asked:
        sign = notation.sign(cell)
        for glyph in (sign.top, sign.bottom) if isinstance(sign, Derivative) else (sign,):
            if glyph.round > 1 or "_round" in glyph.base:
                assert "round 2" in legend
            if glyph.new or "_new" in glyph.base:
                assert "after the update" in legend
            derivative_in_code = style == "code" and glyph.base.startswith(("d", "local_d"))
            if glyph.base == "δ" or derivative_in_code:
                continue
            assert _bare(glyph) in bare, (cell, glyph)


def _bare(glyph: Glyph) -> tuple[str, str, str, str]:
    base = re.sub(r"_new|_round[0-9]+", "", glyph.base)
    return base, glyph.subscript, glyph.layer, glyph.index


def test_notes_name_the_sheets_they_are_about() -> None:
    specification = parse_specification(TWO, "two.toml")
    notes = [("ada", [["Too small (z1[1])"], []]), ("bob", [["Too small (z1[1])"], ["Even *more*"]])]
    page = render_notes(specification, notes)
    assert "Exercise 1: Too small (z1\\[1\\]). Sheets: `ada`, `bob`." in page
    assert "Exercise 2: Even \\*more\\*. Sheets: `bob`." in page
    assert "meet every condition" in render_notes(specification, [("ada", [[], []])])


# --- drawings beside the text -------------------------------------------------------------------------------------


def links(text: str) -> dict[str, str]:
    """The words of every picture in a Markdown text, by the file it links to."""
    found = re.findall(r"(?m)^!\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]+)\)$", text)
    assert len(found) == text.count("![")
    return {unquote(file): re.sub(r"\\(.)", r"\1", words) for words, file in found}


def said(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return ". ".join(root.findtext(f"{{http://www.w3.org/2000/svg}}{name}", "") for name in ("title", "desc"))


def drawn(svg: str) -> set[str]:
    """Every text that can be seen."""
    root = ElementTree.fromstring(svg)
    return {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("made", [sheet_files, key_files])
def test_drawings_lie_beside_the_text_and_are_said_in_it(made: Callable[..., dict[str, str]]) -> None:
    files = made(Header("T"), settled(TWO), "ada")
    assert list(files) == ["ada.md", "ada-1.svg", "ada-2.svg"]
    assert links(files["ada.md"]) == {name: said(files[name]) for name in ("ada-1.svg", "ada-2.svg")}
    alone = made(Header("T"), settled(TWO)[1:], "ada")
    assert links(alone["ada.md"]) == {"ada.svg": said(alone["ada.svg"])}


@pytest.mark.parametrize(
    "name", ["a b", "Ørsted (2)", "#1?&", "a]b", "50%", "é-1", "שָׁלוֹם", "👩‍🎓", "`x`", '"q"', "{{7*7}}"]
)
def test_a_drawing_is_found_whatever_its_sheet_is_called(name: str) -> None:
    files = sheet_files(Header("T", student=name), settled(TWO)[1:], name)
    assert list(links(files[f"{name}.md"])) == [f"{name}.svg"]
    assert name not in files[f"{name}.svg"]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_users_are_literal_and_no_part_of_a_drawing(text: str) -> None:
    header = Header(title=text, course=text, date=text, note=text, student=text, sheet=text)
    for made in (sheet_files, key_files):
        files = made(header, settled(TWO), "ada")
        head = files.pop("ada.md").split("## Exercise")[0]
        outside = re.sub(r"sheet (`+).*\1", "", head)
        assert re.sub(r"\\(.)", r"\1", outside).count(text) == 5 and code(text) in head
        assert not any(text in drawing or escaped(text) in drawing for drawing in files.values())


def test_no_drawing_of_one_sheet_is_called_like_that_of_another() -> None:
    names = ["ada", "ada-1", "ada-2", "ada-1-1"]
    made = [name for each in names for name in sheet_files(Header("T"), settled(TWO), each)]
    assert len(set(made)) == len(made) == 3 * len(names)


def test_a_sheets_drawing_shows_nothing_that_is_asked() -> None:
    (circuit,) = settled(TWO)[1:]
    texts = solution_of(circuit).texts
    sheet, key = (made(Header("T"), (circuit,), "ada")["ada.svg"] for made in (sheet_files, key_files))
    asked = {texts[cell].replace("-", "−") for cell in circuit.asked}
    hidden = asked - {texts[name].replace("-", "−") for name in circuit.given}
    assert len(hidden) >= 3 and hidden <= drawn(key)
    assert not hidden & drawn(sheet) and not [each for each in hidden if re.search(rf"{each}(?![0-9])", said(sheet))]


def test_a_solution_in_a_file_has_its_drawing_beside_it(tmp_path: Path) -> None:
    assert "![" not in solve("mazur", "--as", "markdown")
    assert solve("pytorch-blitz", "--as", "markdown", "--out", str(tmp_path / "both.md")) == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["both-1.svg", "both-2.svg", "both.md"]
    text = (tmp_path / "both.md").read_text(encoding="utf-8")
    assert links(text) == {name: said((tmp_path / name).read_text()) for name in ("both-1.svg", "both-2.svg")}
    solve("pytorch-blitz", "--as", "markdown", "--out", str(tmp_path / "both.md"))  # our own drawings may be replaced


def test_somebody_elses_picture_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "mazur.svg"
    other.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    done = CliRunner().invoke(commands, ["solve", "mazur", "--as", "markdown", "--out", str(tmp_path / "mazur.md")])
    assert isinstance(done.exception, InputError) and "isn't a drawing of gradsheet" in str(done.exception)
    assert other.read_text() == '<svg xmlns="http://www.w3.org/2000/svg"/>' and not (tmp_path / "mazur.md").exists()


# --- the command --------------------------------------------------------------------------------------------------


def solve(*arguments: str) -> str:
    result = CliRunner().invoke(commands, ["solve", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", published_names())
def test_every_published_example_is_solved_by_name_in_every_form(name: str) -> None:
    text = solve(name, "--width", "80", "--detail", "component")
    assert "Given" in text and "Forward pass" in text and max(map(len, text.splitlines())) <= 80
    assert "## Given" in solve(name, "--as", "markdown")
    assert "import numpy as np" in solve(name, "--as", "python")


def test_json_has_all_quantities_in_full_precision() -> None:
    made = json.loads(solve("mazur", "--json"))
    (exercise,) = made["exercises"]
    program = read_specification("mazur").exercises[0].program
    assert exercise["id"] == 1
    assert set(exercise["quantities"]) == set(program.shapes)
    assert exercise["quantities"]["learning_rate"] == 0.5
    assert exercise["quantities"]["W1"] == [[0.15, 0.2], [0.25, 0.3]]
    assert exercise["quantities"]["J"] == pytest.approx(0.2983711087600027, abs=1e-15)
    step = next(step for step in exercise["steps"] if step["id"] == "dJ/dW2[1,1]")
    assert step["part"] == "backward" and step["symbol"] == "∂E_total/∂w₅"
    assert step["symbolic"] == "∂E_total/∂w₅ = ∂E_total/∂net_o1 · out_h1"
    assert step["chain"] == [["∂E_total/∂net_o1", "∂net_o1/∂w₅"]]
    assert step["value"] == pytest.approx(0.08216704056423077, abs=1e-15)


def test_the_python_of_several_exercises_runs_as_one_file(tmp_path: object) -> None:
    sources = solve("pytorch-blitz", "--as", "python")
    done = subprocess.run([sys.executable, "-c", sources], capture_output=True, text=True, check=True)
    exercises = read_specification("pytorch-blitz").exercises
    assert len(done.stdout.splitlines()) == sum(len(each.asked) for each in exercises)


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["mazur", "--notation", "mumbled"], 'unknown notation "mumbled"'),
        (["colah", "--notation", "delta"], "choose layered or code"),
        (["nowhere"], "no such file"),
        (["mazur", "--json", "--as", "python"], "exclude each other"),
        (["mazur", "--as", "python", "--detail", "both"], "leave it out"),
        (["mazur", "--width", "3"], "--width"),
    ],
)
def test_wishes_that_cannot_be_met_are_one_line(arguments: list[str], complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradsheet", "solve", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and done.stdout == ""
    assert complaint in done.stderr and done.stderr.count("\n") == 1
