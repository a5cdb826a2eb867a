"""`gradsheet check`: one hand-in against one sheet; what programs are told of it, and what a tired teacher sees."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
from front_door import NETWORK, SEVERAL, Terminal, as_csv, flawless, made_set

from exercises.specification import published_names
from grader.submissions import read_submission
from gradsheet import cli
from gradsheet.marking_desk import mark_one
from gradsheet.papers import read_sheet
from gradsheet.result_table import as_text


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("network"), NETWORK, "id\nada\n") / "teacher/sheets/ada.toml"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_set(tmp_path_factory.mktemp("several"), SEVERAL, "id\nada\n") / "teacher/sheets/ada.toml"


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    def write(answers: dict[str, str]) -> Path:
        path = tmp_path / "hand-in.csv"
        path.write_text(as_csv(answers), encoding="utf-8")
        return path

    return write


HandIn = Callable[[dict[str, str]], Path]


def moved(text: str, units: int = 300) -> str:
    """The number with its last place moved by so many units."""
    whole, _, digits = text.partition(".")
    return f"{(int(whole + digits) + units) / 10 ** len(digits):.{len(digits)}f}"


# --- what programs are told ---

KEYS = {"score", "score_number", "out_of", "out_of_number", "cells", "explanations", "ignored"}
CELL_KEYS = {
    "id", "text", "value", "key", "expected", "allowed", "verdict", "marks", "marks_number", "asked", "note", "worth",
}  # fmt: skip


def test_a_flawless_hand_in(terminal: Terminal, network: Path, hand_in: HandIn) -> None:
    answers = flawless(network)
    data = terminal("check", network, hand_in(answers), "--json").data
    assert set(data) == KEYS
    assert (data["score"], data["out_of"]) == (str(len(answers)), str(len(answers)))
    assert (data["score_number"], data["out_of_number"]) == (len(answers), len(answers))
    assert [cell["id"] for cell in data["cells"]] == list(answers)
    for cell in data["cells"]:
        assert set(cell) == CELL_KEYS
        assert (cell["verdict"], cell["marks"], cell["marks_number"], cell["asked"]) == ("correct", "1", 1, True)
        assert cell["text"] == answers[cell["id"]]
        assert abs(cell["value"] - cell["key"]) <= 0.0011
        assert abs(cell["value"] - cell["expected"]) <= cell["allowed"]
    assert (data["explanations"], data["ignored"]) == ([], [])


def test_every_verdict(terminal: Terminal, network: Path, hand_in: HandIn) -> None:
    answers = flawless(network)
    right = dict(answers)
    answers["z1[1]"] = moved(answers["z1[1]"])
    del answers["z1[2]"]
    answers["J"] = "about 0.3"
    answers["dJ/dW1[2,2]"] = ""
    data = terminal("check", network, hand_in(answers), "--json").data
    cells = {cell["id"]: cell for cell in data["cells"]}
    assert set(cells) == set(right)
    assert {name: cells[name]["verdict"] for name in ("z1[1]", "z1[2]", "J", "dJ/dW1[2,2]", "a1[2]")} == {
        "z1[1]": "wrong", "z1[2]": "missing", "J": "unreadable", "dJ/dW1[2,2]": "missing", "a1[2]": "correct",
    }  # fmt: skip
    assert cells["a1[1]"]["verdict"] == "correct"  # z was miscopied and used rightly: that harms nobody
    assert cells["z1[2]"] | {"key": 0, "expected": 0} == {
        "id": "z1[2]", "text": "", "value": None, "key": 0, "expected": 0, "allowed": None, "verdict": "missing",
        "marks": "0", "marks_number": 0, "asked": True, "note": "", "worth": "1",
    }  # fmt: skip
    assert (cells["J"]["value"], cells["J"]["text"], cells["J"]["allowed"]) == (None, "about 0.3", None)
    assert cells["J"]["note"].startswith("Write one number alone")
    assert data["score_number"] == sum(cell["marks_number"] for cell in data["cells"])


@pytest.mark.parametrize("text", ["1234567890", "1e15", "1e22", "-1e100", "1e308", "1e-300"])
@pytest.mark.parametrize("cell", ["z1[1]", "dJ/dW1[1,1]"])
def test_a_telephone_number_in_a_cell_costs_that_cell(
    terminal: Terminal, network: Path, hand_in: HandIn, cell: str, text: str
) -> None:
    answers = {**flawless(network), cell: text}
    told = terminal("check", network, hand_in(answers))
    assert told.code == 0 and f"{len(answers) - 1} of {len(answers)}" in told.out, told.err
    assert terminal("check", network, hand_in({cell: text})).code == 0


def test_a_slip_worked_on_consistently_costs_its_cell_alone(terminal: Terminal, hand_in: HandIn) -> None:
    # q = x + y, f = q z with x = -2, y = 5, z = -4 (CS231n): q is taken to be 4, and all that follows follows.
    answers = {"q": "4", "f": "-16", "df/dx": "-4", "df/dy": "-4", "df/dz": "4"}
    data = terminal("check", "cs231n-mul", hand_in(answers), "--json").data
    verdicts = {cell["id"]: (cell["verdict"], cell["marks"]) for cell in data["cells"]}
    assert {name: verdicts[name] for name in answers} == {
        "q": ("wrong", "0"), "f": ("carried", "1"), "df/dx": ("correct", "1"), "df/dy": ("correct", "1"),
        "df/dz": ("carried", "1"),
    }  # fmt: skip
    expected = {cell["id"]: cell["expected"] for cell in data["cells"]}
    assert (expected["q"], expected["f"], expected["df/dz"]) == (3, -16, 4)
    assert {cell["id"]: cell["key"] for cell in data["cells"]}["f"] == -12


def test_a_cell_that_was_not_asked_is_marked_all_the_same(terminal: Terminal, network: Path, hand_in: HandIn) -> None:
    data = terminal("check", network, hand_in({**flawless(network), "dJ/da1[1]": "9"}), "--json").data
    (extra,) = (cell for cell in data["cells"] if cell["id"] == "dJ/da1[1]")
    assert (extra["verdict"], extra["marks"], extra["marks_number"], extra["asked"]) == ("wrong", None, None, False)
    assert data["out_of"] == str(len(flawless(network)))


def test_what_fits_no_cell_is_listed_with_the_nearest_that_does(
    terminal: Terminal, network: Path, hand_in: HandIn
) -> None:
    answers = {"z3[1]": "1", "dJ/dW1[1,7]": "1", "x[1]": "0.5", "w5": "0.5", "???": "1", "z1[1]": "1"}
    data = terminal("check", network, hand_in(answers), "--json").data
    assert [(each["id"], each["given"]) for each in data["ignored"]] == [
        ("z3[1]", False), ("dJ/dW1[1,7]", False), ("x[1]", True), ("w5", True), ("???", False),
    ]  # fmt: skip
    near = [each["nearest"] for each in data["ignored"]]
    assert near[0] in ("z1[1]", "z2[1]") and near[1] in ("dJ/dW1[1,1]", "dJ/dW1[1,2]")
    assert near[2:] == [None, None, None]
    assert data["ignored"][0]["place"] == "line 2"


def test_thousands_of_ids_that_fit_nowhere_are_listed_at_once(
    terminal: Terminal, network: Path, hand_in: HandIn
) -> None:
    data = terminal("check", network, hand_in({f"q{n}": "1" for n in range(5_000)}), "--json").data
    assert len(data["ignored"]) == 5_000


# --- how cells are named ---


def test_the_sheets_own_names_are_understood(terminal: Terminal, hand_in: HandIn) -> None:
    named = {"w5+": "0.35891648", "∂E_total/∂w5": "0.082167041", "∂J/∂w₁": "0.000438568", "out_h1": "0.593269992"}
    data = terminal("check", "mazur", hand_in(named), "--json").data
    assert data["ignored"] == []
    correct = {cell["id"] for cell in data["cells"] if cell["verdict"] == "correct"}
    assert correct == {"W2_new[1,1]", "dJ/dW2[1,1]", "dJ/dW1[1,1]", "a1[1]"}


def test_ids_begin_with_the_exercise_where_there_are_several(
    terminal: Terminal, several: Path, hand_in: HandIn
) -> None:
    answers = flawless(several)
    assert {"1:z1[1]", "2:q", "2:f"} <= set(answers)
    data = terminal("check", several, hand_in(answers), "--json").data
    assert [cell["id"] for cell in data["cells"]] == list(answers)
    assert data["score"] == data["out_of"] == str(len(answers))


def test_a_number_before_the_id_may_be_left_out_where_one_exercise_alone_is_meant(
    terminal: Terminal, several: Path, hand_in: HandIn
) -> None:
    bare = {name.partition(":")[2]: text for name, text in flawless(several).items()}
    data = terminal("check", several, hand_in(bare), "--json").data
    assert data["score"] == data["out_of"]


def test_an_exercise_that_is_not_there(terminal: Terminal, several: Path, hand_in: HandIn) -> None:
    data = terminal("check", several, hand_in({"3:z1[1]": "1", "2:z1[1]": "1"}), "--json").data
    assert [each["id"] for each in data["ignored"]] == ["3:z1[1]", "2:z1[1]"]
    assert data["ignored"][0]["nearest"] == "1:z1[1]"


def test_two_different_answers_to_one_cell(terminal: Terminal, network: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("z1[1],0.5\nh1_in,0.6\nz1[ 1 ],0.7\n")
    line = terminal.refused("check", network, path)
    assert line.startswith(f"{path}, ") and 'two different answers for "z1[1]"' in line and "keep one" in line


def test_two_names_of_one_cell_that_differ(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("dJ/dW2[1,1],0.5\n∂J/∂w5,0.6\n")
    assert "two different answers for dJ/dW2[1,1]" in terminal.refused("check", "mazur", path)


# --- tolerances ---


@pytest.mark.parametrize(
    "options, accepted",
    [
        ([], False),
        (["--atol", "0.01"], True),
        (["--atol", "0.001"], False),
        (["--rtol", "0.05"], True),
        (["--rtol", "0.001"], False),
        (["--atol", "0.0001", "--rtol", "0.05"], True),
        (["--decimals", "2"], True),
        (["--decimals", "3"], False),
        (["--significant", "2"], True),
        (["--significant", "3"], False),
    ],
)
def test_a_teacher_may_pick_another_tolerance(
    terminal: Terminal, hand_in: HandIn, options: list[str], accepted: bool
) -> None:
    data = terminal("check", "mazur", hand_in({"z1[1]": "0.38"}), "--json", *options).data  # 0.3775
    cell = data["cells"][0]
    assert (cell["id"], cell["verdict"]) == ("z1[1]", "correct" if accepted else "wrong")


@pytest.mark.parametrize("value", ["0", "-0.3775"])
def test_no_distance_makes_zero_or_the_wrong_sign_right(terminal: Terminal, hand_in: HandIn, value: str) -> None:
    data = terminal("check", "mazur", hand_in({"z1[1]": value}), "--json", "--atol", "10").data
    assert data["cells"][0]["verdict"] == "wrong"


# --- what may be checked ---


def test_a_sheet_that_leaves_numbers_open_is_refused(terminal: Terminal, hand_in: HandIn, tmp_path: Path) -> None:
    (tmp_path / "open.toml").write_text(NETWORK)
    line = terminal.refused("check", tmp_path / "open.toml", hand_in({"J": "1"}))
    assert line.startswith(
        f"{tmp_path / 'open.toml'}: expected a sheet with all its numbers, but exercise 1 leaves x, "
    )
    assert "DIR/teacher/sheets/ID.toml" in line


@pytest.mark.parametrize("name", published_names())
def test_every_published_example_can_be_checked(name: str, terminal: Terminal, hand_in: HandIn) -> None:
    data = terminal("check", name, hand_in(flawless(name)), "--json").data
    assert data["score"] == data["out_of"]
    assert {cell["verdict"] for cell in data["cells"]} == {"correct"}


def notebook(answers: dict[str, str]) -> bytes:
    source = "# answers\nanswers = " + json.dumps(answers)
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def arrays(answers: dict[str, str]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.array(text) for name, text in answers.items()})  # type: ignore[arg-type]
    return file.getvalue()


FORMATS: dict[str, Callable[[dict[str, str]], bytes]] = {
    "a.csv": lambda answers: as_csv(answers).encode(),
    "unquoted.csv": lambda answers: "".join(f"{name},{text}\n" for name, text in answers.items()).encode(),
    "excel.csv": lambda answers: (
        "id;value\r\n" + "".join(f"{name};{text.replace('.', ',')}\r\n" for name, text in answers.items())
    ).encode("utf-16"),
    "a.tsv": lambda answers: ("id\tvalue\n" + "".join(f"{n}\t{t}\n" for n, t in answers.items())).encode(),
    "text.json": lambda answers: json.dumps({"answers": answers}).encode(),
    "numbers.json": lambda answers: (
        '{"answers": {' + ", ".join(f'"{n}": {t}' for n, t in answers.items()) + "}}"
    ).encode(),
    "a.toml": lambda answers: "".join(f'"{name}" = {text}\n' for name, text in answers.items()).encode(),
    "a.md": lambda answers: (
        "| id | value |\n|:--|--:|\n" + "".join(f"| `{n}` | {t} |\n" for n, t in answers.items())
    ).encode(),
    "a.ipynb": notebook,
    "a.npz": arrays,
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_earns_the_same_marks(name: str, terminal: Terminal, several: Path, tmp_path: Path) -> None:
    answers = flawless(several)
    answers["1:z1[2]"] = moved(answers["1:z1[2]"])
    answers["2:q"] = moved(answers["2:q"])
    answers.pop("1:J")
    (tmp_path / "plain.csv").write_text(as_csv(answers))
    (tmp_path / name).write_bytes(FORMATS[name](answers))
    plain = terminal("check", several, tmp_path / "plain.csv", "--json").data
    other = terminal("check", several, tmp_path / name, "--json").data
    keep = ("id", "value", "verdict", "marks", "expected")
    assert [[cell[key] for key in keep] for cell in other["cells"]] == [
        [cell[key] for key in keep] for cell in plain["cells"]
    ]
    assert {cell["verdict"] for cell in plain["cells"]} >= {"correct", "wrong", "missing"}


@pytest.mark.parametrize("specification", [NETWORK, SEVERAL, NETWORK.replace('"numbered"', '"code"')])
def test_the_sheet_and_the_form_that_generate_wrote_can_be_filled_in(
    specification: str, terminal: Terminal, tmp_path: Path
) -> None:
    folder = made_set(tmp_path, specification, "id\nada\n")
    terminal.capsys.readouterr()
    answers = flawless(folder / "teacher/sheets/ada.toml")
    form = (folder / "students/ada.csv").read_text(encoding="utf-8").splitlines()
    assert len(form) == len(answers) + 1
    filled = [form[0], *(row + text for row, text in zip(form[1:], answers.values(), strict=True))]
    (tmp_path / "form.csv").write_text("\n".join(filled))
    sheet = (folder / "students/ada.md").read_text(encoding="utf-8")
    for name, text in answers.items():
        row = next(line for line in sheet.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.endswith("|  |")
        sheet = sheet.replace(row, row.removesuffix("  |") + f" {text} |")
    (tmp_path / "sheet.md").write_text(sheet, encoding="utf-8")
    for name in ("form.csv", "sheet.md"):
        data = terminal("check", folder / "teacher/sheets/ada.toml", tmp_path / name, "--json").data
        assert (data["score"], data["ignored"]) == (str(len(answers)), [])


def test_the_empty_form_is_a_hand_in_without_answers(terminal: Terminal, network: Path) -> None:
    form = network.parents[2] / "students/ada.csv"
    data = terminal("check", network, form, "--json").data
    assert {cell["verdict"] for cell in data["cells"]} == {"missing"} and data["score"] == "0"


# --- what a tired teacher sees ---


def test_the_table(terminal: Terminal, network: Path, hand_in: HandIn) -> None:
    answers = flawless(network)
    answers["z1[1]"] = moved(answers["z1[1]"])
    answers["a2[1]"] = "x" * 300
    answers["q9"] = "1"
    shown = terminal("check", network, hand_in(answers))
    lines = shown.out.splitlines()
    assert shown.code == 0 and "\x1b" not in shown.out
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["cell", "symbol", "yours", "expected", "marks"]
    (slipped,) = (line for line in lines if " z1[1] " in line)
    assert slipped.startswith("✗ wrong ") and answers["z1[1]"] in slipped and slipped.endswith(" 0")
    (unreadable,) = (line for line in lines if " a2[1] " in line)
    assert unreadable.startswith("? unreadable") and "xxx…" in unreadable and "out_o1" in unreadable
    assert 'there is no cell "q9"' in shown.out
    assert lines[-1].startswith(f"{sum(line.endswith(' 1') for line in lines)} of {len(answers) - 1} marks: ")
    assert "1 ? unreadable" in lines[-1]


@pytest.mark.parametrize("name", published_names())
def test_the_table_fits_the_terminal(name: str) -> None:
    answers = dict.fromkeys(flawless(name), "0.123456789012345678901234567890")
    result = mark_one(read_sheet(name), read_submission("a.csv", as_csv(answers).encode()))
    for width in (60, 80):
        lines = click.unstyle(as_text(result, width)).splitlines()
        assert [line for line in lines if len(line) > max(width, 66)] == []


def test_several_exercises_have_a_total_each(terminal: Terminal, several: Path, hand_in: HandIn) -> None:
    out = terminal("check", several, hand_in(flawless(several))).out
    assert "Exercise 1: " in out and "Exercise 2: " in out
    assert out.count("expected") == 2


def test_colour_only_repeats_what_words_say(network: Path) -> None:
    answers = flawless(network) | {"z1[1]": "9", "J": "?"}
    result = mark_one(read_sheet(network), read_submission("a.csv", as_csv(answers).encode()))
    coloured = as_text(result)
    assert "\x1b[31m" in coloured
    plain = click.unstyle(coloured)
    assert "✗ wrong" in plain and "? unreadable" in plain


@pytest.mark.parametrize("wish, coloured", [("", True), ("1", False)])
def test_colour_can_be_turned_off(
    wish: str, coloured: bool, network: Path, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool | None] = []
    monkeypatch.setenv("NO_COLOR", wish)
    monkeypatch.setattr(click, "echo", lambda text, color=None, **_: shown.append(color))
    assert cli.main(["check", str(network), str(hand_in({"J": "1"}))]) == 0
    assert shown == [None if coloured else False]


def test_a_hand_in_cannot_write_to_the_terminal(terminal: Terminal, network: Path, hand_in: HandIn) -> None:
    out = terminal("check", network, hand_in({"z1[1]": "\x1b[2J1", "q\x1b]0;x\x07": "1"})).out
    assert "\x1b" not in out and "\x07" not in out


def test_a_number_with_too_few_places_is_said_to_be_no_more_than_that(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("id,value\nout_h1,0.5933\nout_h2,0.6\nout_o1,0.7524\n", encoding="utf-8")
    told = terminal("check", "mazur", path).out
    assert "a1[1]: Right as far as it goes, but 9 decimal places are asked" in told
    assert told.count("Right as far as it goes") == 1
    assert "Right as far" not in terminal("check", "mazur", path, "--decimals", 4).out


def test_a_set_in_the_place_of_a_sheet_is_told_apart(network: Path, terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,value\n", encoding="utf-8")
    line = terminal.refused("check", network.parents[2], tmp_path / "a.csv")
    assert "found a set" in line and "ID.toml" in line
