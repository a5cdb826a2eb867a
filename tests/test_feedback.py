"""Feedback as a student reads it: the sentence it begins with, which line is worked, and the same on paper."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from front_door import Terminal, as_csv, flawless, made_set
from pdf_reading import Paper

from exercises.components import by_cell
from exercises.misconceptions import mistakes
from exercises.plan import flatten
from exercises.program import in_order_of_need
from gradsheet.papers import places_of, read_sheet

SPECIFICATION = """
title = "Week #1"

[[exercise]]
family = "mlp"
layers = [2, 2, 2]
activations = "sigmoid"
optimizer = { learning_rate = 0.5 }

[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * x"]
"""
ROSTER = "id,name\n" + "".join(f"{name},{name.title()}\n" for name in ("ada", "ben", "cid", "dan", "eva", "fay"))
EVIL = 'x") #panic("!") #read("/etc/passwd")'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set; ``make`` of the tests hands in."""
    return made_set(tmp_path_factory.mktemp("class"), SPECIFICATION, ROSTER)


def sheet(folder: Path, student: str) -> Path:
    return folder / "teacher" / "sheets" / f"{student}.toml"


def with_mistake(folder: Path, student: str, code: str) -> dict[str, str]:
    """What a student hands in who makes one mistake in the first exercise and goes on consistently."""
    exercise = read_sheet(sheet(folder, student))[0]
    wrong = next(made.replaced for made in mistakes(exercise.program) if made.row.code == code)
    steps = (replace(step, expression=wrong.get(step.name, step.expression)) for step in exercise.program.steps)
    program = replace(exercise.program, steps=in_order_of_need(steps))
    values = by_cell(program.shapes, {**exercise.given, **flatten(program).run(exercise.given)})
    texts = {f"1:{cell}": places_of(exercise).of(cell).text(float(values[cell][0])) for cell in exercise.asked}
    return flawless(sheet(folder, student)) | texts


def graded(
    terminal: Terminal, folder: Path, place: Path, hand_ins: Mapping[str, Mapping[str, str]], *options: object
) -> Path:
    terminal.capsys.readouterr()
    place = place / "hand-ins"
    place.mkdir()
    for student, answers in hand_ins.items():
        (place / f"{student}.json").write_text(json.dumps({"answers": answers}), encoding="utf-8")
    outcome = terminal("grade", folder, place, *options)
    assert (outcome.code, outcome.err) == (0, "")
    return folder / "results" / "feedback"


def test_it_begins_with_how_it_went(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    right = {name: flawless(sheet(folder, name)) for name in ("ada", "ben", "cid", "dan", "eva")}
    blank = dict.fromkeys(right["ben"], "")
    unread = dict.fromkeys(right["cid"], "about 3")
    mixed = {cell: text for cell, text in right["dan"].items() if cell not in ("1:J", "2:q")} | {"1:z1[1]": "9"}
    found = graded(
        terminal,
        folder,
        tmp_path,
        {"ada": right["ada"], "ben": blank, "cid": unread, "dan": mixed, "eva": with_mistake(folder, "eva", "ascent")},
    )
    said = {name: (found / f"{name}.md").read_text(encoding="utf-8") for name in right}
    first, second = (len([cell for cell in right["ada"] if cell[0] == number]) for number in "12")
    assert f"\n\nAll {first} numbers are right.\n" in said["ada"] and f"All {second} numbers are right." in said["ada"]
    assert said["ben"].count("Nothing is filled in here.") == 2
    assert f"None of the {first} numbers can be read." in said["cid"]
    assert said["cid"].count("Write one number alone") == 2  # once an exercise, not once a cell
    assert re.search(rf"{first - 2} of {first} numbers are right; 1 is wrong and 1 is left blank\.", said["dan"])
    assert f"{second - 1} of {second} numbers are right; 1 is left blank." in said["dan"]
    assert said["eva"].count("where it has been charged") == 1 and "minus, not plus" in said["eva"]
    assert not [name for name, text in said.items() if "Carried" in text or "panic" in text]


def test_carried_is_explained_where_it_is_used_and_as_the_policy_has_it(
    terminal: Terminal, folder: Path, tmp_path: Path
) -> None:
    wrong = with_mistake(folder, "ada", "omit-activation-derivative")
    text = (graded(terminal, folder, tmp_path, {"ada": wrong}) / "ada.md").read_text(encoding="utf-8")
    assert text.count("so that a slip is paid for once.") == 1 and "more follow rightly from an earlier slip" in text
    terminal("grade", folder, tmp_path / "hand-ins", "--policy", "strict")
    text = (folder / "results" / "feedback" / "ada.md").read_text(encoding="utf-8")
    assert "it earns 0 % of the marks" in text and "paid for once" not in text


def test_mistakes_are_told_in_the_order_of_the_work(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    """The step up the slope shows in eight numbers, the missing slope in two, which come first on the sheet."""
    both = with_mistake(folder, "ada", "omit-activation-derivative")
    exercise = read_sheet(sheet(folder, "ada"))[0]
    for layer in (1, 2):
        for row in (1, 2):
            for column in (1, 2):
                gradient = float(both[f"1:dJ/dW{layer}[{row},{column}]"])
                weight = float(exercise.given[f"W{layer}"][row - 1, column - 1, 0])
                both[f"1:W{layer}_new[{row},{column}]"] = f"{weight + 0.5 * gradient:.5f}"
    text = (graded(terminal, folder, tmp_path, {"ada": both}) / "ada.md").read_text(encoding="utf-8")
    assert 0 < text.index("a factor is missing") < text.index("minus, not plus")


def test_a_line_that_was_left_out_is_the_one_worked(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    """Only the last step is handed in; what went wrong lies before it."""
    wrong = with_mistake(folder, "ada", "updated-weights")
    shown = {cell: text for cell, text in wrong.items() if cell.startswith(("1:J", "1:W1_new", "2:"))}
    text = (graded(terminal, folder, tmp_path, {"ada": shown}) / "ada.md").read_text(encoding="utf-8")
    assert "not through the updated ones" in text
    assert "in a line that you didn't write down" in text and "first line that went wrong" not in text
    worked = text.split("write down")[1].split("|")[0]
    assert r"\frac{\partial J}{\partial a_{1}^{(1)}} = " in worked


def test_paper_says_the_same_and_takes_no_orders(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    wrong = with_mistake(folder, "ada", "ascent") | {"1:z1[1]": EVIL, "2:zz": EVIL}
    (folder / "overrides.csv").write_text(f'student,cell,marks,reason\nada,1:J,0,"{EVIL.replace(chr(34), chr(39))}"\n')
    found = graded(terminal, folder, tmp_path, {"ada": wrong, "ben": {}}, "--format", "pdf,md")
    (folder / "overrides.csv").unlink()
    paper = Paper((found / "ada.pdf").read_bytes())
    text, plain = (" ".join(each.split()) for each in (paper.text, (found / "ada.md").read_text(encoding="utf-8")))
    for sentence in (
        "minus, not plus",
        "Write one number alone",
        "where it has been charged",
        "Decided by your teacher:",
    ):
        assert sentence in text and sentence in plain
    assert 'x") #panic("!")' in text and "passwd" in text and "root:" not in text
    assert re.search(r"(\d+) of (\d+) marks", text)[0] == re.search(r"(\d+) of (\d+) marks", plain)[0]  # type: ignore[index]
    assert paper.complaints() == [] and paper.root["/Lang"] == "en"
    assert re.search(r"pdfuaid:part\W+1\b", paper.root["/Metadata"].get_data().decode())
    kinds = [str(element["/S"]) for element in paper.elements]
    assert kinds.count("/Table") == 2 and {"/H1", "/LI", "/TH"} <= set(kinds)
    assert sum(kind == "/TR" for kind in kinds) == len(flawless(sheet(folder, "ada"))) + 2
    assert all("/Alt" in formula for formula in paper.tagged("/Formula"))


def test_what_is_revealed_is_the_same_on_paper(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    wrong = with_mistake(folder, "ada", "ascent")
    told = {}
    for reveal in ("verdict", "hint", "solution"):
        (tmp_path / reveal).mkdir()
        found = graded(terminal, folder, tmp_path / reveal, {"ada": wrong}, "--format", "pdf", "--reveal", reveal)
        told[reveal] = " ".join(Paper((found / "ada.pdf").read_bytes()).text.split())
    assert ["minus, not plus" in text for text in told.values()] == [False, True, True]
    assert ["expected" in text for text in told.values()] == [False, False, True]
    assert ["first line that went wrong" in text for text in told.values()] == [False, False, True]


def test_a_table_of_the_terminal_says_a_remark_once(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    terminal.capsys.readouterr()
    (tmp_path / "ada.csv").write_text(as_csv(with_mistake(folder, "ada", "ascent")), encoding="utf-8")
    said = " ".join(terminal("check", sheet(folder, "ada"), tmp_path / "ada.csv").out.split())
    assert said.count("where it has been charged") == 1
