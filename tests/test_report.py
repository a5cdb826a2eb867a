"""`gradsheet report`: the page, the table, the figures for programs, and the gradebooks of other platforms."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from front_door import NETWORK, SEVERAL, Terminal, as_csv, flawless, made_set

from gradsheet import cli, demo_class
from gradsheet.course_set import read_set
from gradsheet.demo_class import HandIn, Sitting, sitting_of
from gradsheet.papers import by_cell, places_of
from gradsheet.report_page import odds
from templates.plots import BOTTOM, HEIGHT, Bar, Mark, Part, histogram, strip

NASTY = "=1+1<script>alert(1)</script>"
ROSTER = "id,name\n" + "".join(f's{place:02},"{NASTY if place == 8 else f"Student {place}"}"\n' for place in range(25))

WORK = {
    **dict.fromkeys(range(6), demo_class.wrong_sign),
    **dict.fromkeys(range(6, 10), demo_class.without_slope),
    10: demo_class.slipped,
    11: demo_class.hasty,
}
"""What some of the class have wrong; 12 copies from 13, 23 hands in nothing, 24 something broken."""

COPY, SOURCE, ABSENT, BROKEN = 12, 13, 23, 24


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 25, graded once for all tests of this module."""
    place = tmp_path_factory.mktemp("class")
    folder = made_set(place, NETWORK.replace("Week 1", "Week 1 <b>&"), ROSTER)
    hand_ins = place / "handins"
    hand_ins.mkdir()
    for student in range(ABSENT):
        work = WORK.get(student, demo_class.flawless)
        ending, text = work(sitting(folder, SOURCE if student == COPY else student))
        (hand_ins / f"s{student:02}{ending}").write_text(text, encoding="utf-8")
    (hand_ins / f"s{BROKEN}.csv").write_bytes(b"id,value\n\x00")
    assert cli.main(["grade", str(folder), str(hand_ins)]) == 0
    return folder


def sitting(folder: Path, place: int) -> Sitting:
    course = read_set(folder)
    (exercise,) = course.exercises
    numbers = {name: array[..., place : place + 1] for name, array in course.numbers[exercise.number].items()}
    given = by_cell(exercise.program.shapes, numbers)
    return sitting_of(exercise.program, given, places_of(exercise), exercise.asked)


@pytest.fixture
def folder(graded: Path, tmp_path: Path) -> Path:
    """The graded class, as one's own."""
    return Path(shutil.copytree(graded, tmp_path / "set"))


@pytest.fixture
def data(folder: Path, terminal: Terminal) -> Any:
    return terminal("report", folder, "--json").data


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


# --- what is counted ---


def test_the_figures_are_those_of_the_results(folder: Path, data: Any) -> None:
    results = json.loads((folder / "results/results.json").read_text(encoding="utf-8"))
    graded = [student for student in results["students"] if student["status"] == "graded"]
    scores = sorted(Fraction(student["score"]) for student in graded)
    assert data["ledger"] == {"roster": 25, "graded": 23, "missing": 1, "rejected": 1}
    assert (data["scores"]["lowest"], data["scores"]["median"]) == (scores[0], scores[11])
    assert sum(bar["hand_ins"] for bar in data["histogram"]) == 23
    for item in data["items"]:
        cells = [next(cell for cell in student["cells"] if cell["id"] == item["id"]) for student in graded]
        assert item["difficulty"] == pytest.approx(sum(cell["marks_number"] for cell in cells) / 23)
        assert item["verdicts"]["wrong"] == pytest.approx(sum(cell["verdict"] == "wrong" for cell in cells) / 23)
        assert sum(item["verdicts"].values()) == pytest.approx(1)


def test_the_commonest_mistakes_with_counts_and_where_they_began(data: Any) -> None:
    found = {each["code"]: each for each in data["misconceptions"]}
    assert [each["code"] for each in data["misconceptions"][:2]] == ["ascent", "omit-activation-derivative"]
    assert (found["ascent"]["hand_ins"], found["ascent"]["sure"]) == (6, 6)
    assert found["omit-activation-derivative"]["hand_ins"] == 4
    assert found["ascent"]["began"][0] == {"site": "W1_new", "hand_ins": 6}
    items = {item["id"]: item for item in data["items"]}
    assert items["W2_new[1,1]"]["misconception"] == "ascent" and items["z1[1]"]["misconception"] != "ascent"


def test_who_copied_is_named_with_the_chance_and_the_one_copied_from_is_not_accused(data: Any) -> None:
    (found,) = data["look_alikes"]
    assert (found["student"], found["other"]) == (f"s{COPY}", f"s{SOURCE}")
    assert found["chance"] < 1e-9
    assert "z1[1]" in found["cells"]


def test_students_to_talk_to(data: Any) -> None:
    found = {each["student"]: each for each in data["to_talk_to"]}
    assert "unexplained" in found[f"s{COPY}"]["reasons"]
    assert "s20" not in found and "s00" not in found  # flawless; wrong, but understood


def test_lateness_and_decisions_count_in_scores(folder: Path, terminal: Terminal) -> None:
    results = folder / "results/results.json"
    content = json.loads(results.read_text(encoding="utf-8"))
    content["students"][20]["final_score"] = "1/2"
    results.write_text(json.dumps(content), encoding="utf-8")
    assert terminal("report", folder, "--json").data["scores"]["lowest"] == 0.5


# --- the page ---


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        assert not any(name.startswith("on") for name, _ in attrs)


def test_the_page_needs_nothing_runs_nothing_and_escapes_what_others_wrote(folder: Path, terminal: Terminal) -> None:
    assert terminal("report", folder).code == 0
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags and "b" not in page.tags and page.links == []
    assert not re.findall(r"url\((?!data:)", text) and "@import" not in text
    assert "Week 1 &lt;b&gt;&amp;" in text
    for heading in ("Scores", "Items", "What went wrong", "Students to talk to", "Answers that fit", "Without a score"):
        assert f"<h2>{heading}" in text
    assert "evidence for a person, never a deduction" in text
    assert "less than 1 in 1,000,000,000" in text


def test_plots_are_well_formed_and_say_in_words_what_they_show(folder: Path, terminal: Terminal) -> None:
    terminal("report", folder)
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) > 20
    for drawing in drawings:
        tree = ElementTree.fromstring(drawing)
        spoken = tree.get("aria-label") is not None or (
            tree.find("title") is not None and tree.find("desc") is not None
        )
        assert tree.get("aria-hidden") == "true" or (tree.get("role") == "img" and spoken)
    (plot,) = (drawing for drawing in drawings if "plot-title" in drawing)
    bars = [bar for bar in ElementTree.fromstring(plot).iter("rect") if bar.get("class") == "bar"]
    counted = sum(int(str(bar.findtext("title")).rpartition(": ")[2]) for bar in bars)
    assert counted == 23


def test_bars_stand_on_the_axis_as_high_as_their_counts() -> None:
    bars = [Bar("0", "5", 3, 0.0, 0.5), Bar("5", "10", 6, 0.5, 1.0)]
    drawing = ElementTree.fromstring(histogram("<t>", "d & e", "marks", bars, Mark(1.0, "median 10")))
    low, high = (bar for bar in drawing.iter("rect"))
    assert float(high.get("height", 0)) == pytest.approx(2 * float(low.get("height", 0)))
    assert drawing.findtext("title") == "<t>" and drawing.findtext("desc") == "d & e"


@pytest.mark.parametrize("count", [7, 1_234, 123_456])
@pytest.mark.parametrize("place", [0.0, 0.02, 0.05, 0.07, 0.09, 0.5])
def test_no_line_strikes_a_number_through(count: int, place: float) -> None:
    bars = [Bar(str(at), str(at + 1), count, at / 12, (at + 1) / 12) for at in range(12)]
    drawing = ElementTree.fromstring(histogram("t", "d", "marks", bars, Mark(place, "median")))
    lines = [line for line in drawing.iter("line") if line.get("class") == "mark"]
    assert lines and max(float(line.get("y2", 0)) for line in lines) == HEIGHT - BOTTOM
    for number in (text for text in drawing.iter("text") if str(text.get("class")).endswith("on-bar")):
        across, foot, half = float(number.get("x", 0)), float(number.get("y", 0)), 3.75 * len(str(count))
        for line in lines:
            beside = abs(float(line.get("x1", 0)) - across) >= half + 2
            assert beside or float(line.get("y2", 0)) < foot - 8 or float(line.get("y1", 0)) > foot + 2


def test_a_strip_leaves_out_what_isnt_there() -> None:
    drawing = ElementTree.fromstring(strip([Part("correct", "correct", 0.75), Part("wrong", "wrong", 0.0)]))
    assert drawing.get("aria-label") == "correct 75%"
    assert [part.get("class") for part in drawing] == ["track", "correct"]


@pytest.mark.parametrize(
    "chance, words",
    [(1.0, "1 in 1"), (0.01, "1 in 100"), (1 / 1234, "1 in 1,200"), (1e-30, "less than 1 in 1,000,000,000")],
)
def test_odds_in_words(chance: float, words: str) -> None:
    assert odds(chance) == words


def test_the_terminal_says_the_most_important(folder: Path, terminal: Terminal) -> None:
    out = terminal("report", folder).out
    assert "25 students: 23 graded, 1 missing, 1 rejected" in out
    assert "ascent (6), omit-activation-derivative (4)" in out
    assert str(folder / "results/report.html") in out and str(folder / "results/report.csv") in out


def test_several_exercises_have_a_table_each(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, SEVERAL)
    (tmp_path / "ada.csv").write_text(as_csv(flawless(folder / "teacher/sheets/ada.toml")))
    hand_ins = tmp_path / "handins"
    hand_ins.mkdir()
    shutil.move(tmp_path / "ada.csv", hand_ins)
    terminal("grade", folder, hand_ins)
    data = terminal("report", folder, "--json").data
    assert {item["id"].partition(":")[0] for item in data["items"]} == {"1", "2"}
    assert all(item["difficulty"] == 1 and item["discrimination"] is None for item in data["items"])
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    assert "<h3>Exercise 2</h3>" in text and "fewer than 20 hand-ins" in text


def test_a_class_that_handed_in_nothing_has_a_report_too(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, NETWORK)
    (tmp_path / "handins").mkdir()
    terminal("grade", folder, tmp_path / "handins")
    data = terminal("report", folder, "--json").data
    assert data["scores"] is None and data["items"][0]["difficulty"] is None
    assert "Nobody has been graded yet" in (folder / "results/report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_nobody_but_the_teacher_can_look_in(folder: Path, terminal: Terminal) -> None:
    (folder / "results").chmod(0o755)
    terminal("report", folder)
    assert stat.S_IMODE((folder / "results").stat().st_mode) == 0o700


def test_the_same_results_give_the_same_bytes(folder: Path, terminal: Terminal) -> None:
    pages = []
    for _ in range(2):
        terminal("report", folder)
        pages.append((folder / "results/report.html").read_bytes())
    assert pages[0] == pages[1]


# --- tables ---


def test_the_table_has_a_row_an_item_and_no_formula(folder: Path, terminal: Terminal) -> None:
    terminal("report", folder)
    head, *rows = table((folder / "results/report.csv").read_text(encoding="utf-8"))
    assert head[:4] == ["item", "worth", "difficulty", "discrimination"]
    assert [row[0] for row in rows] == list(read_set(folder).exercises[0].asked)
    for row in rows:
        assert sum(map(float, row[4:9])) == pytest.approx(1, abs=3e-4)


def test_gradebooks_are_as_the_platforms_import_them(folder: Path, terminal: Terminal) -> None:
    assert terminal("report", folder, "--gradebook", "moodle,canvas,gradescope").code == 0
    books = {
        name: table((folder / f"results/gradebook-{name}.csv").read_text(encoding="utf-8"))
        for name in ("moodle", "canvas", "gradescope")
    }
    title, full = "Week 1 <b>&", str(len(read_set(folder).exercises[0].asked))
    assert books["moodle"][0] == ["ID number", "Email address", "Full name", title]
    assert books["canvas"][0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]
    assert books["canvas"][1] == ["Points Possible", "", "", "", "", full]
    assert books["canvas"][22] == ["Student 20", "", "s20", "", "", full]
    assert books["moodle"][21] == ["s20", "", "Student 20", full]
    assert books["gradescope"][21] == ["Student 20", "s20", "", full, full, "Graded"]
    for rows in books.values():  # no zero for who handed in nothing, or something that can't be read
        assert [row[-1] if rows is not books["gradescope"] else row[3] for row in rows[-2:]] == ["", ""]
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert books["moodle"][9][2] == f"'{NASTY}"


def test_ids_that_are_addresses_go_where_addresses_go(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, NETWORK.replace("Week 1", "Quiz (2)"), "id,name\nada@example.org,Ada\n")
    (tmp_path / "handins").mkdir()
    terminal("grade", folder, tmp_path / "handins")
    terminal("report", folder, "--gradebook", "canvas,moodle")
    canvas = table((folder / "results/gradebook-canvas.csv").read_text(encoding="utf-8"))
    assert canvas[0][-1] == "Quiz [2]"  # a number in parentheses would be the number of an assignment there
    assert canvas[2] == ["Ada", "", "", "ada@example.org", "", ""]
    moodle = table((folder / "results/gradebook-moodle.csv").read_text(encoding="utf-8"))
    assert moodle[1] == ["", "ada@example.org", "Ada", ""]


def test_grading_again_takes_reports_of_the_old_scores_away(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, NETWORK)
    (tmp_path / "handins").mkdir()
    terminal("grade", folder, tmp_path / "handins")
    terminal("report", folder, "--gradebook", "moodle")
    (folder / "results/my notes.txt").write_text("keep")
    (tmp_path / "handins/ada.csv").write_text("J,1")
    terminal("grade", folder, tmp_path / "handins")
    assert sorted(os.listdir(folder / "results")) == [
        "feedback", "gradebook.csv", "gradebook.xlsx", "my notes.txt", "results.json",
    ]  # fmt: skip


# --- what can be mended ---


def test_a_set_that_isnt_graded_yet(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, NETWORK)
    terminal.capsys.readouterr()
    line = terminal.refused("report", folder)
    assert line.startswith(f"{folder}: not graded yet") and "gradsheet grade" in line


def test_no_set_at_all(tmp_path: Path, terminal: Terminal) -> None:
    assert "no generated set here" in terminal.refused("report", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ledger": {}}', "\xff"])
def test_damaged_results(folder: Path, terminal: Terminal, content: str) -> None:
    (folder / "results/results.json").write_text(content, encoding="latin-1")
    assert "grade it again" in terminal.refused("report", folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda students: students.pop(),
        lambda students: students[0]["cells"].pop(0),
        lambda students: students[0].update(final_score="1/0"),
        lambda students: students[0]["cells"][0].update(marks="many"),
    ],
)
def test_results_of_another_set(folder: Path, terminal: Terminal, change: Any) -> None:
    path = folder / "results/results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["students"])
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "grade it again" in terminal.refused("report", folder)


def test_an_unknown_platform(folder: Path, terminal: Terminal) -> None:
    line = terminal.refused("report", folder, "--gradebook", "blackboard")
    assert "moodle, canvas, gradescope" in line and "blackboard" in line


def test_a_teachers_own_page(folder: Path, tmp_path: Path, terminal: Terminal) -> None:
    own = tmp_path / "own/html"
    own.mkdir(parents=True)
    (own / "report.html.j2").write_text("{{ report.title }}: {{ report.ledger }}")
    assert terminal("report", folder, "--templates", own.parent).code == 0
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    assert text == "Week 1 &lt;b&gt;&amp;: 25 students: 23 graded, 1 missing, 1 rejected"


def test_the_hand_ins_are_what_they_claim_to_be(graded: Path) -> None:
    """The class above would test nothing if its slips were none."""
    right: HandIn = demo_class.flawless(sitting(graded, 0))
    assert demo_class.wrong_sign(sitting(graded, 0))[1] != right[1]
