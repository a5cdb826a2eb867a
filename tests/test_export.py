"""Export: items apart from any platform, the files made of them, and what can't be expressed said or refused."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from exercises.components import by_cell, componentwise
from exercises.specification import read_specification
from gradsheet.export.flavours import FLAVOURS, exported
from gradsheet.export.sets import MOST_SHEETS, class_items, practice_items
from gradsheet.papers import places_of, read_sheet, settled
from templates.export.decimals import accepted, written
from templates.export.item import AskedCell, Formula, ItemSet
from templates.export.reading import lost, read_moodle
from tests.front_door import NETWORK, SECRET, SEVERAL, Terminal, made_set
from tests.students import habits, work

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
ALONE = """\
[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * z"]
ask = ["f"]
given = { x = -2, y = 5, z = -4 }
"""
PLATFORMS = pytest.mark.parametrize("to", sorted(FLAVOURS))


def written_to(folder: Path, text: str) -> Path:
    path = folder / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    return path


@cache
def some(kind: str) -> ItemSet:
    """Practice items of a small set, made once."""
    if kind == "mazur":
        return practice_items("mazur", 1)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return practice_items(str(written_to(Path(folder), SEVERAL)), 3)


@pytest.fixture(scope="module")
def class_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated set of three students, and its specification beside it."""
    return made_set(tmp_path_factory.mktemp("class"), SEVERAL)


def cells_of(items: ItemSet) -> list[AskedCell]:
    return [cell for item in items.items for cell in item.cells]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_whoever_rounds_every_line_and_makes_no_mistake_is_accepted_everywhere() -> None:
    """400 flawless scripts on each sheet, whose habits of rounding are the hardest on it."""
    rng = np.random.default_rng(7)
    for item, exercise in ((some("mazur").items[0], settled(read_specification("mazur").exercises[0])),):
        given = {cell: np.repeat(a, 400) for cell, a in by_cell(exercise.program.shapes, exercise.given).items()}
        for operations, full in ((0.0, 0.0), (1.0, 0.0), (0.5, 0.5)):
            manner = habits(400, operations=operations, full=full)
            script = work(componentwise(exercise.program), places_of(exercise), given, manner, rng)
            for cell in item.cells:
                off = np.abs(script.written[cell.id] - float(cell.right.value)).max()
                assert off <= float(cell.right.half_width), cell.id


def test_a_half_width_is_not_much_wider_than_rounding_needs() -> None:
    for cell in cells_of(some("mazur")):
        assert cell.unit / 2 <= cell.right.half_width <= 8 * cell.unit


@pytest.mark.parametrize("kind", ["mazur", "several"])
def test_known_mistakes_touch_neither_the_right_answer_nor_each_other(kind: str) -> None:
    for cell in cells_of(some(kind)):
        answers = [cell.right, *(known.accepted for known in cell.known)]
        assert all(one.apart(other) for place, one in enumerate(answers) for other in answers[:place])
        assert all(known.accepted.half_width > 0 and known.sentences for known in cell.known)


def test_the_famous_wrong_error_after_the_update_is_known() -> None:
    """0.291027924 in the best-known worked example: the new weights were used to go further back."""
    (error,) = (cell for cell in cells_of(some("mazur")) if cell.id == "J@2")
    (known,) = (one for one in error.known if one.accepted.low <= Decimal("0.291027924") <= one.accepted.high)
    assert "updated-weights" in known.codes and known.carried


def test_a_number_that_follows_from_a_mistake_is_carried_and_the_broken_rule_is_not() -> None:
    cells = {cell.id: cell for cell in cells_of(some("mazur"))}
    told = {cell: [k.carried for k in cells[cell].known if "omit-bias" in k.codes] for cell in ("z1[1]", "a1[1]")}
    assert told == {"z1[1]": [False], "a1[1]": [True]}
    # The same number may come from a rule broken in the cell itself: then nothing is given for it.
    (known,) = (known for known in cells["dJ/dW2[1,1]"].known if "error-for-delta" in known.codes)
    assert not known.carried


@pytest.mark.parametrize("value, half_width", [(0.3, 0.0005), (-1234.5678, 0.01), (3e-9, 4e-10), (0.0, 0.05)])
def test_decimals_hold_what_doubles_hold(value: float, half_width: float) -> None:
    one = accepted(value, half_width)
    assert one.low <= Decimal(value) - Decimal(half_width) and Decimal(value) + Decimal(half_width) <= one.high
    assert one.half_width <= Decimal(half_width) * Decimal("1.02")
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", written(one.value)) and Decimal(written(one.value)) == one.value


# --- files ------------------------------------------------------------------------------------------------------------


@PLATFORMS
@pytest.mark.parametrize("kind", ["mazur", "several"])
def test_every_number_is_read_back_and_the_bytes_are_the_same_each_time(to: str, kind: str) -> None:
    items, flavour = some(kind), FLAVOURS[to]
    data, answers = exported(items, flavour)
    assert answers == sum(1 + len(cell.known) for cell in cells_of(items))
    assert exported(items, flavour)[0] == data


def test_a_number_that_changed_on_the_way_is_noticed() -> None:
    items, flavour = some("several"), FLAVOURS["moodle"]
    text = flavour.write(items).decode()
    cell = cells_of(items)[0]
    wanted = flavour.wanted(items)
    spoilt = text.replace(f"={written(cell.right.value)}:", f"={written(cell.right.value)}1:", 1)
    assert spoilt != text and lost(wanted, read_moodle(spoilt.encode()))
    assert lost(wanted, wanted[:-1]) and not lost(wanted, read_moodle(text.encode()))
    with pytest.raises(AssertionError, match="doesn't say what it should"):
        exported(items, replace(flavour, write=lambda items: spoilt.encode()))


def moodle(items: ItemSet) -> ElementTree.Element:
    return ElementTree.fromstring(FLAVOURS["moodle"].write(items))


def test_moodle_has_a_category_an_exercise_and_a_question_a_variant() -> None:
    quiz = moodle(some("several"))
    kinds = [question.get("type") for question in quiz]
    assert kinds == ["category", "cloze", "cloze", "cloze"] * 2
    assert [each.text for each in quiz.iterfind("question/category/text")] == [
        "$course$/top/Week 1/Exercise 1",
        "$course$/top/Week 1/Exercise 2",
    ]
    assert "carried" in (quiz.findtext("question/info/text") or "")
    names = [name.text for name in quiz.iterfind("question/name/text")]
    assert len(set(names)) == len(names) == 6 and names[0] == "Week 1, exercise 1, variant 1"


def test_moodle_gaps_are_written_as_its_language_has_them() -> None:
    for text in (each.text or "" for each in moodle(some("several")).iterfind("question/questiontext/text")):
        gaps = re.findall(r"\{1:NUMERICAL:(.*?)(?<!\\)\}", text)
        assert len(gaps) in (22, 5) or gaps
        for gap in gaps:
            first, *others = gap.split("~")
            assert re.fullmatch(r"=-?[0-9.]+:[0-9.]+", first) and first.isascii()
            for other in others:
                numbers, _, sentence = other.partition("#")
                assert re.fullmatch(r"%(0|100)%-?[0-9.]+:[0-9.]+", numbers) and sentence


def test_moodle_has_drawing_and_formulas_within_the_file() -> None:
    for question in moodle(some("several")).iterfind("question[@type='cloze']"):
        (file,) = question.iterfind("questiontext/file")
        assert file.get("encoding") == "base64" and f"@@PLUGINFILE@@/{file.get('name')}" in "".join(question.itertext())
        assert r"\(" in (question.findtext("questiontext/text") or "")


def test_one_number_alone_is_a_numerical_question(tmp_path: Path) -> None:
    items = practice_items(str(written_to(tmp_path, ALONE)), 1)
    (question,) = moodle(items).iterfind("question[@type='numerical']")
    right, *others = question.iterfind("answer")
    assert (right.get("fraction"), right.findtext("text")) == ("100", "-12")
    assert others and all(other.findtext("feedback/text") for other in others)


def hostile(items: ItemSet, sentence: str) -> ItemSet:
    """The items with a sentence put where a mistake is told, and where users name things."""
    item = items.items[0]
    cell = next(cell for cell in item.cells if cell.known)
    known = tuple(replace(each, sentences=((sentence, Formula(sentence, "x", "<mi>x</mi>")),)) for each in cell.known)
    spoilt = replace(item, label=sentence, cells=(replace(cell, known=known), *item.cells[:1]))
    return ItemSet(items.name, sentence, (spoilt,))


@PLATFORMS
@pytest.mark.parametrize(
    "sentence", ["a } b ~ c # d", "<script>&amp;</script> ]]> 'x' \"y\"", r"\} {1:NUMERICAL:=1}", "a/b\x07"]
)
def test_hostile_text_stays_text(to: str, sentence: str) -> None:
    items = hostile(some("several"), sentence)
    data, _ = exported(items, FLAVOURS[to])
    assert b"<script>" not in data


def canvas(items: ItemSet) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FLAVOURS["canvas"].write(items))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_canvas_manifest_names_every_file_and_no_other() -> None:
    files = canvas(some("several"))
    manifest = ElementTree.fromstring(files["imsmanifest.xml"])
    named = [each.get("href") for each in manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}file")]
    assert sorted(map(str, named)) == sorted(set(files) - {"imsmanifest.xml"})
    for text in (unescape(data.decode()) for name, data in files.items() if name.endswith(".xml")):
        pictures = re.findall(r"\$IMS-CC-FILEBASE\$/([^\"]+)", text)
        assert all(f"web_resources/{picture}" in files for picture in pictures)


def test_canvas_questions_have_both_bounds_included_and_lose_no_digit() -> None:
    items = some("mazur")
    (quiz,) = (data for name, data in canvas(items).items() if name.startswith("g"))
    questions = [
        item for item in ElementTree.fromstring(quiz).iter(f"{QTI}item") if item.find(f".//{QTI}varequal") is not None
    ]
    assert len(questions) == len(items.items[0].cells) and b"<vargt " not in quiz and b"<varlt " not in quiz
    for question, cell in zip(questions, items.items[0].cells, strict=True):
        (power,) = re.findall(r"times 10<sup>([0-9]+)</sup>", question.findtext(f".//{QTI}mattext") or "")
        # Canvas cuts what is typed to four decimals: one of the last place asked has to survive that.
        assert cell.unit.scaleb(int(power)) == Decimal("0.0001")
        assert question.find(f".//{QTI}or/{QTI}and/{QTI}vargte") is not None


def test_canvas_has_a_quiz_for_each_set_of_numbers() -> None:
    quizzes = [data.decode() for name, data in canvas(some("several")).items() if name.startswith("g")]
    titles = [title for quiz in quizzes for title in re.findall('<assessment ident="[^"]*" title="([^"]*)"', quiz)]
    assert titles == ["Week 1 · variant 1", "Week 1 · variant 2", "Week 1 · variant 3"]
    idents = re.findall('<item ident="([^"]*)"', "".join(quizzes))
    assert len(idents) == len(set(idents))


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets(class_set: Path) -> ItemSet:
    """The set's sheets as items."""
    return class_items(class_set)


def test_a_generated_set_gives_its_students_sheets_and_not_the_secret(
    terminal: Terminal, class_set: Path, sheets: ItemSet, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "file"
    said = terminal("export", class_set, "--to", "canvas", "--out", out)
    assert said.code == 0 and "read back and found the same" in said.out and "3 sets of numbers" in said.out
    with zipfile.ZipFile(out) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    assert any("ada" in text for text in texts) and not any(SECRET in text for text in texts)
    assert stat.S_IMODE(out.stat().st_mode) & 0o077 == 0
    assert sheets.labels == ("ada", "ben", "cid")
    for item in sheets.of("ben"):
        exercise = read_sheet(class_set / "teacher" / "sheets" / "ben.toml")[item.exercise - 1]
        assert [cell.id for cell in item.cells] == list(exercise.asked)
        key = (class_set / "teacher" / "keys" / "ben.md").read_text(encoding="utf-8")
        assert all(cell.shown in key for cell in item.cells)


def test_practice_numbers_are_no_students_numbers(sheets: ItemSet) -> None:
    students = {item.given for item in sheets.items}
    practice = {item.given for item in some("several").items}
    assert len(practice) == 6 and not students & practice


def test_the_first_practice_variant_is_what_solve_shows(terminal: Terminal, tmp_path: Path) -> None:
    sheet = written_to(tmp_path, NETWORK)
    (solved,) = terminal("solve", sheet, "--json").data["exercises"]
    shown = {step["id"]: step["text"] for step in solved["steps"]}
    (item,) = practice_items(str(sheet), 1).items
    assert {cell.id: cell.shown for cell in item.cells} == {cell.id: shown[cell.id] for cell in item.cells}


@pytest.mark.parametrize(
    "text, arguments, words",
    [
        (NETWORK + 'mode = "find-the-mistake"\n', (), "exercise 1: a mistake to be found is no question of numbers"),
        (NETWORK + "fade = 0.5\n", (), "exercise 1: a faded exercise has working"),
        (ALONE, ("--variants", "2"), "all numbers are given, so there is one variant only; leave --variants out"),
        (
            '[[exercise]]\nfamily = "circuit"\nlines = ["d = x - y", "f = z / d"]\ndecimals = 1\nask = ["f"]\n'
            "given = { x = 0.5, y = 0.46, z = 1 }\n",
            (),
            "rounding by hand may carry f anywhere",
        ),
    ],
)
def test_what_no_platform_can_ask_is_refused(
    terminal: Terminal, tmp_path: Path, text: str, arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "file"
    line = terminal.refused("export", written_to(tmp_path, text), "--to", "moodle", "--out", out, *arguments)
    assert words in line and not out.exists()


def test_a_set_has_its_own_sheets_and_not_too_many(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, ALONE)
    terminal.capsys.readouterr()
    assert "leave it out" in terminal.refused("export", folder, "--to", "canvas", "--variants", "2")
    assert "no generated set here" in terminal.refused("export", tmp_path, "--to", "canvas")
    (only,) = class_items(folder).items
    assert only.label == "" and MOST_SHEETS >= 100
