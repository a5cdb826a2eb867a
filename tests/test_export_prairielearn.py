"""PrairieLearn questions: marks equal those of check, what the folder holds, and the marker alone with NumPy."""

from __future__ import annotations

import io
import json
import random
import re
import stat
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from practice_scripts import SHEETS, desk, hand_ins
from prairielearn_questions import Data, Unpacked, differing, in_course, unpacked

from gradsheet.export import prairielearn
from gradsheet.export.prairielearn_modules import foreign, marker_zip
from gradsheet.export.sets import drawn_for_practice
from tests.front_door import NETWORK, SECRET, SEVERAL, Terminal, made_set

WIDE = '[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\nactivations = "sigmoid"\noptimizer = { name = "sgd" }\n'


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """A layered network in a notation that has symbols for vectors, in three sets of numbers."""
    (found,) = unpacked(tmp_path_factory.mktemp("course"), WIDE, 3)
    return found


def shown(question: Unpacked, place: int) -> dict[str, str]:
    """The key of a variant as it is written down."""
    found: dict[str, str] = question.known["variants"][place]["shown"]
    return dict(found)


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2-2-1", "circuit", "significant"])
def test_marks_are_those_of_check(name: str, tmp_path: Path) -> None:
    """Flawless hand-ins, slips, misconceptions, blanks, texts that are no numbers."""
    (one,) = unpacked(tmp_path, f"[[exercise]]\n{SHEETS[name]}\n")
    for texts in hand_ins(desk(name), 5, seed=11):
        assert differing(one, 0, texts) == [], texts


def test_a_slip_is_paid_for_once_and_what_follows_from_it_is_carried(question: Unpacked) -> None:
    texts = dict(shown(question, 1), **{"z1[1]": "0.4321"})
    skipped = question.checked(1, {cell: text for cell, text in texts.items() if cell != "a1[1]"})
    (follows,) = (cell.expected for cell in skipped.cells if cell.cell == "a1[1]")
    texts["a1[1]"] = f"{follows:.4f}"
    data = question.graded(1, texts)
    said = {row["text"]: row["words"] for row in data["feedback"]["gradsheet"]["rows"]}
    assert said[texts["z1[1]"]] == "Not right." and said[texts["a1[1]"]] == "Right, given your earlier value."
    assert data["score"] == 1 - 1 / len(texts) and differing(question, 1, texts) == []


def test_a_known_mistake_is_told_in_the_sheets_symbols(question: Unpacked) -> None:
    key = question.known["variants"][0]["key"]
    texts = shown(question, 0)
    for cell in texts:
        if cell.startswith(("W1_new", "W2_new")):
            old = question.variants[0].given[cell[:2]]
            row, column = (int(part) - 1 for part in cell[7:-1].split(","))
            texts[cell] = f"{2 * float(old[row, column, 0]) - key[cell]:.4f}"
    data = question.graded(0, texts)
    (sentence,) = data["feedback"]["gradsheet"]["told"]
    assert "$" in sentence and "{" not in re.sub(r"\$.*?\$", "", sentence)
    assert differing(question, 0, texts) == []


def test_right_wrong_and_blank(question: Unpacked) -> None:
    assert question.graded(2, shown(question, 2))["score"] == 1
    assert question.graded(2, {})["score"] == 0
    wrong = {cell: f"{float(text) + 3 + place:.4f}" for place, (cell, text) in enumerate(shown(question, 2).items())}
    assert question.graded(2, wrong)["score"] == 0


def test_texts_are_read_as_gradsheet_reads_them(question: Unpacked) -> None:
    typed = question.typed(shown(question, 0))
    table, alone = (
        next(one for one in question.known["inputs"] if bool(one["rows"]) is rows) for rows in (True, False)
    )
    typed |= {table["boxes"][0]: "0,25", table["boxes"][1]: "1.2.3", alone["name"]: "2*10^-3"}
    data = question.generated(0)
    data |= {"format_errors": {alone["name"]: "Invalid format"}}
    data = question.sent(data, typed, ("parse",))
    assert sorted(data["format_errors"]) == sorted([table["name"], table["boxes"][1]])
    assert "write one" in data["format_errors"][table["name"]]
    assert data["submitted_answers"][table["boxes"][0]] == 0.25 and data["submitted_answers"][table["name"]] is None
    assert data["submitted_answers"][alone["name"]] == 0.002
    blank = question.sent(question.generated(0), {}, ("parse", "grade"))
    assert blank["format_errors"] == {} and blank["score"] == 0


@pytest.mark.parametrize("kind", ["correct", "incorrect", "invalid"])
def test_what_test_expects_is_what_a_submission_gets(question: Unpacked, kind: str) -> None:
    expected = question.generated(1)
    expected |= {"test_type": kind, "raw_submitted_answers": {}}
    expected |= {"format_errors": {}, "partial_scores": {}, "score": 0, "feedback": {}}
    question.server["test"](expected)
    phases = ("parse",) if kind == "invalid" else ("parse", "grade")
    data = question.sent(question.generated(1), expected["raw_submitted_answers"], phases)
    assert sorted(data["format_errors"]) == sorted(expected["format_errors"])
    assert (data["partial_scores"], data["score"]) == (expected["partial_scores"], expected["score"])
    assert data["score"] == (kind == "correct")


ALONE = """\
import json, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"msgspec", "click", "jinja2", "templates", "yaml"}:
            raise ImportError(name)

sys.meta_path.insert(0, Nothing())
place, seed = sys.argv[1], int(sys.argv[2])
names = {"__file__": place + "/server.py"}
with open(place + "/server.py", encoding="utf-8") as file:
    exec(file.read(), names)
found = []
for typed in json.load(sys.stdin):
    data = {"variant_seed": seed, "params": {}, "correct_answers": {}}
    names["generate"](data)
    data |= {"raw_submitted_answers": typed, "submitted_answers": dict(typed)}
    data |= {"format_errors": {}, "partial_scores": {}, "score": 0, "feedback": {}}
    names["parse"](data)
    names["grade"](data)
    found.append([data["score"], sorted(data["format_errors"])])
ours = [m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] in {"exercises", "grader", "gradsheet"}]
assert ours and all(place + "/marker.zip" in file for file in ours), ours
print(json.dumps(found))
"""


def test_the_marker_needs_numpy_and_nothing_else(question: Unpacked) -> None:
    """In a process that has no gradsheet: right, wrong, a mistake, blank, unreadable."""
    assert foreign() == {"numpy"}
    right = shown(question, 1)
    choose = random.Random(3)
    cells = list(right)
    handed_in: list[dict[str, str]] = [
        right,
        {cell: f"{float(text) + 5 + place:.4f}" for place, (cell, text) in enumerate(right.items())},
        {},
        {cell: ("abc" if cell == cells[0] else text) for cell, text in right.items()},
        {cell: (text if choose.random() < 0.7 else f"{-float(text):.4f}") for cell, text in right.items()},
    ]
    run = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ALONE, str(question.folder), "1"],
        input=json.dumps([question.typed(texts) for texts in handed_in]),
        capture_output=True,
        text=True,
        cwd=question.folder,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for texts, (score, errors) in zip(handed_in, json.loads(run.stdout), strict=True):
        result = question.checked(1, texts)
        assert score == float(result.score / result.out_of)
        assert bool(errors) is ("abc" in texts.values())


# --- files ------------------------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """The tags of a page, with what they say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_every_number_that_is_asked_has_one_field(question: Unpacked) -> None:
    tags = _Tags((question.folder / "question.html").read_text(encoding="utf-8")).found
    names = [said["answers-name"] for _, said in tags if "answers-name" in said]
    assert names == [one["name"] for one in question.known["inputs"]]
    assert sorted(question.boxes) == sorted(question.variants[0].asked)
    assert len(set(question.boxes.values())) == len(question.boxes)
    sizes = {said["answers-name"]: (said["rows"], said["columns"]) for _, said in tags if "rows" in said}
    by_cell = {one["cells"][0]: sizes.get(one["name"]) for one in question.known["inputs"]}
    assert by_cell["z1[1]"] == ("2", "1") and by_cell["dJ/dW1[1,1]"] == ("2", "2") and by_cell["J"] is None
    assert all("aria-label" in said for _, said in tags if "answers-name" in said)


def test_no_formula_is_taken_for_a_tag_of_the_page(question: Unpacked) -> None:
    """LaTeX has braces within braces; the page itself holds parameters only."""
    text = (question.folder / "question.html").read_text(encoding="utf-8")
    tags = re.findall(r"\{\{\{?[#/]?([^{}]*)\}?\}\}", text)
    known = r"params\.(text|drawing|alt|labels\.q[0-9_]+)|feedback\.gradsheet|summary|some|rows|symbol|text|sign|words"
    assert all(re.fullmatch(rf"{known}|told|\.", tag) for tag in tags) and "$" not in text
    assert all(label.startswith("$") for label in question.known["labels"].values())


def test_a_seed_picks_a_variant_for_ever(question: Unpacked) -> None:
    picked = [question.generated(seed)["params"]["variant"] for seed in (0, 1, 2, 3, 10**9)]
    assert picked == [0, 1, 2, 0, 10**9 % 3]
    data = question.generated(1)
    assert (question.folder / "clientFilesQuestion" / data["params"]["drawing"]).is_file()
    for one in question.known["inputs"]:
        answer = data["correct_answers"][one["name"]]
        flat = [number for row in answer["_value"] for number in row] if one["rows"] else [answer]
        assert flat == [question.known["variants"][1]["key"][cell] for cell in one["cells"]]


def test_a_question_is_itself_again_and_each_its_own(tmp_path: Path) -> None:
    source = tmp_path / "sheet.toml"
    source.write_text(SEVERAL, encoding="utf-8")
    drawn = drawn_for_practice(str(source), 2)
    assert prairielearn.exported(drawn) == prairielearn.exported(drawn)
    first, second = in_course(tmp_path, drawn)
    told: list[Data] = [json.loads((one.folder / "info.json").read_text(encoding="utf-8")) for one in (first, second)]
    assert told[0]["uuid"] != told[1]["uuid"] and told[0]["title"] == "Week 1, exercise 1"
    assert {info["type"] for info in told} == {"v3"} and not any(info["singleVariant"] for info in told)
    # The 2-2-1 notation has no symbol for a whole vector, so each number has a field of its own.
    assert not any(one["rows"] for one in first.known["inputs"])


def test_a_number_that_changed_on_the_way_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "sheet.toml"
    source.write_text(WIDE, encoding="utf-8")
    drawn = drawn_for_practice(str(source), 1)
    honest = prairielearn.question_data

    def spoilt(*arguments: object) -> Data:
        data = honest(*arguments)  # type: ignore[arg-type]
        data["variants"][0]["given"][0] += 0.01
        return data

    monkeypatch.setattr(prairielearn, "question_data", spoilt)
    with pytest.raises(AssertionError, match="has become"):
        prairielearn.exported(drawn)


def test_the_marker_is_the_modules_that_check_runs() -> None:
    marker_zip.cache_clear()
    root = Path(prairielearn.__file__).parents[2]
    with zipfile.ZipFile(io.BytesIO(marker_zip())) as archive:
        names = archive.namelist()
        same = [name for name in names if archive.read(name).decode() == (root / name).read_text(encoding="utf-8")]
    assert set(names) - set(same) == {"gradsheet/__init__.py", "exercises/misconceptions/__init__.py"}
    assert "grader/carried.py" in same and not any("families" in name for name in names)


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_generated_sets_sheets_are_variants_without_names(terminal: Terminal, tmp_path: Path) -> None:
    folder, out = made_set(tmp_path, NETWORK, "id,name\nlovelace,Ada\nbabbage,Charles\n"), tmp_path / "set.zip"
    terminal.capsys.readouterr()
    said = terminal("export", folder, "--to", "prairielearn", "--out", out)
    assert said.code == 0 and "2 sets of numbers" in said.out and "read back and found the same" in said.out
    with zipfile.ZipFile(out) as archive:
        texts = [archive.read(name) for name in archive.namelist() if not name.endswith(".zip")]
    assert not any(word.encode() in text for text in texts for word in (SECRET, "lovelace", "babbage"))
    assert stat.S_IMODE(out.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("more", ['mode = "find-the-mistake"\n', "fade = 0.5\n"])
def test_what_no_field_can_ask_is_refused(terminal: Terminal, tmp_path: Path, more: str) -> None:
    source, out = tmp_path / "sheet.toml", tmp_path / "file"
    source.write_text(NETWORK + more, encoding="utf-8")
    line = terminal.refused("export", source, "--to", "prairielearn", "--out", out)
    assert "exercise 1: a " in line and not out.exists()
