"""Responses back: CSVs in the shapes that Moodle and Canvas write, made here of the exported questions themselves."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from exercises.errors import InputError
from gradsheet.demo_class import HAND_INS, sitting_of
from gradsheet.export.flavours import FLAVOURS
from gradsheet.export.sets import Drawn, drawn_for_class, drawn_for_practice, items_from
from gradsheet.papers import by_cell, places_of
from gradsheet.responses_audit import as_csv, as_json, audited
from gradsheet.responses_files import read_responses
from templates.export.canvas import power_of
from templates.export.decimals import written
from templates.export.item import AskedCell, Item, ItemSet
from templates.export.reference import reference, referred
from tests.front_door import NETWORK, SECRET, SEVERAL, Terminal, made_set
from tests.test_export import canvas

MOODLE = ("Last name", "First name", "ID number", "Email address", "Status", "Started", "Completed", "Duration")
CANVAS = ("name", "id", "sis_id", "section", "section_id", "section_sis_id", "submitted", "attempt")

Texts = Mapping[str, str]
Row = Sequence[object]


class Plain(HTMLParser):
    """HTML to its text, as platforms show questions in reports."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(html: str) -> str:
    parser = Plain()
    parser.feed(html)
    return parser.text


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spec") / "sheet.toml"
    path.write_text(SEVERAL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drawn(spec: Path) -> Drawn:
    return drawn_for_practice(str(spec), 3)


@pytest.fixture(scope="module")
def items(drawn: Drawn) -> ItemSet:
    return items_from(drawn)


def worked(drawn: Drawn, items: ItemSet, place: int, how: str = "ada") -> dict[str, str]:
    """What a student of the demo's habits answers to an item, by cell."""
    exercise = [variant for each in drawn.exercises for variant in each][place]
    sitting = sitting_of(
        exercise.program, by_cell(exercise.program.shapes, exercise.given), places_of(exercise), exercise.asked
    )
    if how == "ada" or exercise.number > 1:
        return sitting.work()
    ending, text = HAND_INS[how](sitting)
    if ending == ".json":
        return dict(json.loads(text)["answers"])
    return {cell.strip('"'): value for cell, value in (line.rsplit(",", 1) for line in text.splitlines()[1:])}


def table(path: Path, heading: Row, *rows: Row) -> Path:
    target = io.StringIO(newline="")
    csv.writer(target).writerows([heading, *rows])
    path.write_text(target.getvalue(), encoding="utf-8-sig")
    return path


# --- Moodle -----------------------------------------------------------------------------------------------------------


def question_texts(items: ItemSet) -> list[str]:
    """The text of each question as Moodle's report has it: tags gone, gaps as lines."""
    quiz = ElementTree.fromstring(FLAVOURS["moodle"].write(items))
    return [
        plain(question.findtext("questiontext/text") or "")
        for question in quiz.iterfind("question")
        if question.get("type") != "category"
    ]


def parts(item: Item, texts: Texts) -> str:
    if len(item.cells) == 1:
        return texts[item.cells[0].id] or "-"
    return "; ".join(f"part {at}: {texts.get(cell.id, '')}" for at, cell in enumerate(item.cells, start=1))


def right(item: Item) -> str:
    return parts(item, {cell.id: written(cell.right.value) for cell in item.cells})


def person(name: str, number: str = "", state: str = "Finished") -> list[str]:
    return [name, "Ms", number, f"{name.lower()}@uni.example", state, "1 May", "1 May", "20 mins"]


def moodle_row(items: ItemSet, student: list[str], grade: str, *answered: tuple[int, Texts]) -> list[str]:
    texts = question_texts(items)
    row = [*student, grade]
    for place, answers in answered:
        row += [texts[place], parts(items.items[place], answers), right(items.items[place])]
    return row


def heading(questions: int, *kinds: str) -> list[str]:
    kinds = kinds or ("Question", "Response", "Right answer")
    return [*MOODLE, "Grade/10.00", *(f"{kind} {at}" for at in range(1, questions + 1) for kind in kinds)]


def audit(drawn: Drawn, items: ItemSet, path: Path) -> dict[str, Any]:
    """As ``gradsheet responses --json`` prints it, the set drawn once for all tests."""
    return as_json(audited(read_responses(path, items), items, drawn.exercises))


def test_a_slip_carried_on_earns_in_moodle_one_number_and_here_all_but_one(
    drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    ada = moodle_row(items, person("Ada", "7"), "10.00", (1, worked(drawn, items, 1)), (3, worked(drawn, items, 3)))
    ben = moodle_row(items, person("Ben"), "-", (2, worked(drawn, items, 2, "ben")), (4, worked(drawn, items, 4)))
    path = table(tmp_path / "responses.csv", heading(2), ada, ben)
    told = audit(drawn, items, path)
    assert told["platform"] == "Moodle" and told["set_aside"] == [] and told["other_questions"] == 0
    first, second = told["attempts"]
    assert first["student"] == "Ms Ada" and first["ids"] == ["7", "ada@uni.example"]
    assert first["score"] == first["platform"] == first["reported"] == first["out_of"] == "28"
    assert second["score"] == "27" and second["reported"] is None
    assert second["platform_number"] < 27
    carried = [cell for cell in second["cells"] if cell["verdict"] == "carried"]
    assert carried and any(cell["platform"] == "0" and cell["marks"] == "1" for cell in carried)
    assert {cell["sheet"] for cell in second["cells"]} == {"exercise 1, variant 3", "exercise 2, variant 2"}


def test_the_audit_has_a_line_for_each_number(
    terminal: Terminal, spec: Path, drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    chloe = moodle_row(
        items, person("Chloe"), "7.86", (0, worked(drawn, items, 0, "chloe")), (3, worked(drawn, items, 3))
    )
    path = table(tmp_path / "responses.csv", heading(2), chloe)
    said = terminal("responses", spec, path, "--variants", "3", "--policy", "practice")
    assert (said.code, said.err) == (0, "") and "1 attempt, 28 numbers marked again." in said.out
    written_to = tmp_path / "responses-audit.csv"
    assert written_to.stat().st_mode & 0o077 == 0 and str(written_to) in said.out
    lines = list(csv.DictReader(io.StringIO(written_to.read_text(encoding="utf-8"))))
    assert len(lines) == 28 and {line["student"] for line in lines} == {"Ms Chloe"}
    wrong = [line for line in lines if line["verdict"] == "wrong"]
    assert wrong and all(line["remark"] for line in wrong)
    for line in lines:
        assert Decimal(line["change"]) == Decimal(line["gradsheet"]) - Decimal(line["platform"])


def test_the_mark_of_each_gap_is_the_one_that_moodles_file_gives(drawn: Drawn, items: ItemSet, tmp_path: Path) -> None:
    """A wrong number that follows from a known mistake has its full mark there; a broken rule has none."""
    item = items.items[0]
    rows, expected = [], []
    for cell in item.cells[:6]:
        for known in cell.known[:3]:
            answers = {cell.id: written(known.accepted.value).replace(".", ",")}
            rows.append(moodle_row(items, person("X"), "-", (0, answers)))
            expected.append((cell.id, "1" if known.carried else "0"))
    told = audit(drawn, items, table(tmp_path / "r.csv", heading(1), *rows))
    for attempt, (cell, marks) in zip(told["attempts"], expected, strict=True):
        found = {each["id"]: each["platform"] for each in attempt["cells"]}
        assert found.pop(f"1:{cell}") == marks and set(found.values()) == {"0"}
    assert [attempt["attempt"] for attempt in told["attempts"]][:3] == ["1", "2", "3"]


@pytest.mark.parametrize("comma", [False, True])
def test_right_answers_tell_the_variant_where_the_text_is_left_out(
    drawn: Drawn, items: ItemSet, tmp_path: Path, comma: bool
) -> None:
    item, answers = items.items[2], worked(drawn, items, 2)
    cells = [parts(item, answers), right(item)]
    cells = [cell.replace(".", ",") if comma else cell for cell in cells]
    path = table(tmp_path / "r.csv", heading(1, "Response", "Right answer"), [*person("Ada"), "10", *cells])
    (attempt,) = audit(drawn, items, path)["attempts"]
    assert attempt["score"] == "22" and attempt["cells"][0]["sheet"] == "exercise 1, variant 3"


def test_one_sheet_alone_needs_neither(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(NETWORK, encoding="utf-8")
    drawn = drawn_for_practice(str(tmp_path / "one.toml"), 1)
    items = items_from(drawn)
    row = [*person("Ada"), "10.00", parts(items.items[0], worked(drawn, items, 0))]
    old = ["Surname", "First name", "ID number", "Email address", "State", "Started on", "Completed", "Time taken"]
    path = table(tmp_path / "r.csv", [*old, "Grade/10.00", "Response 1"], row)
    (attempt,) = audit(drawn, items, path)["attempts"]
    assert attempt["score"] == attempt["out_of"] == "22" and attempt["student"] == "Ms Ada"


def test_what_is_no_finished_attempt_or_can_not_be_taken_apart_is_set_aside(
    drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    fine, blank = worked(drawn, items, 0), dict.fromkeys((cell.id for cell in items.items[0].cells), "")
    first = items.items[0].cells[0].id
    rows = [
        moodle_row(items, person("Open", state="In progress"), "-", (0, fine)),
        [*person("Never", state="-"), *["-"] * 4],
        moodle_row(items, person("Sly"), "1", (0, {**fine, first: "0.3; part 2: 0.4"})),
        moodle_row(items, person("Blank"), "0", (0, blank)),
        [*person("Empty"), "0", question_texts(items)[0], "-", right(items.items[0])],
    ]
    told = audit(drawn, items, table(tmp_path / "r.csv", heading(1), *rows))
    assert [attempt["student"] for attempt in told["attempts"]] == ["Ms Blank", "Ms Empty"]
    assert {cell["verdict"] for attempt in told["attempts"] for cell in attempt["cells"]} == {"missing"}
    assert len(told["set_aside"]) == 2
    assert 'Ms Open: the attempt is "In progress"' in told["set_aside"][0]
    assert "Ms Sly: its response is not 22 parts in order" in told["set_aside"][1]


def test_other_questions_of_the_quiz_are_counted_and_a_grade_that_holds_them_is_said(
    terminal: Terminal, spec: Path, drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    row = [*moodle_row(items, person("Ada"), "5.00", (0, worked(drawn, items, 0))), "Why?", "Because", "Therefore"]
    said = terminal("responses", spec, table(tmp_path / "r.csv", heading(2), row), "--variants", "3")
    assert "1 question of the file without a code of ours, not marked." in said.out
    assert "the platform's grade comes to 11 of 22, its marks of these numbers to 22" in said.out
    assert "Nothing changes." in said.out


# --- Canvas -----------------------------------------------------------------------------------------------------------


def canvas_questions(items: ItemSet, quiz: int) -> list[tuple[str, str]]:
    """Texts and points of one quiz's questions, tags taken away as Canvas does; the text alone is a question too."""
    data = [content for name, content in canvas(items).items() if name.startswith("g")][quiz]
    qti = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
    found = []
    for item in ElementTree.fromstring(data).iter(f"{qti}item"):
        fields = [each.text or "" for each in item.iter(f"{qti}fieldentry")]
        found.append((plain(item.findtext(f".//{qti}mattext") or ""), f"{float(fields[1])}"))
    return found


def canvas_table(
    path: Path, items: ItemSet, quiz: int, *students: tuple[str, Callable[[Item, AskedCell], str]]
) -> Path:
    questions = canvas_questions(items, quiz)
    titles = [title for at, (text, points) in enumerate(questions) for title in (f"{80 + at}: {text}", points)]
    rows = []
    for name, answer in students:
        row: list[object] = [name, 12, f"s-{name}", "Section 1", 3, "", "2026-05-01 10:00:00 UTC", 1]
        score = 0
        for item in items.of(items.labels[quiz]):
            row += ["", "0.0"]
            for cell in item.cells:
                text = answer(item, cell)
                factor = power_of(cell)
                fits = bool(text) and cell.right.low <= Decimal(text) <= cell.right.high
                score += fits
                row += [f"{Decimal(text).scaleb(factor):.4f}" if text else "", "1.0" if fits else "0.0"]
        rows.append([*row, score, 28 - score, float(score)])
    return table(path, [*CANVAS, *titles, "n correct", "n incorrect", "score"], *rows)


def test_canvas_answers_find_their_cells_and_what_follows_from_a_slip_is_carried(
    drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    places = {id(item): place for place, item in enumerate(items.items)}

    def answers(how: str) -> Callable[[Item, AskedCell], str]:
        work = {place: worked(drawn, items, place, how) for place in places.values()}
        return lambda item, cell: work[places[id(item)]][cell.id]

    path = canvas_table(tmp_path / "c.csv", items, 1, ("Ada", answers("ada")), ("Ben", answers("ben")))
    told = audit(drawn, items, path)
    assert told["platform"] == "Canvas"
    ada, ben = told["attempts"]
    assert ada["ids"] == ["s-Ada", "12"] and ada["score"] == ada["platform"] == ada["reported"] == "28"
    assert ben["score"] == "27" and ben["platform"] == ben["reported"] and ben["platform_number"] < 27
    assert {cell["sheet"] for cell in ben["cells"]} == {"exercise 1, variant 2", "exercise 2, variant 2"}


def test_canvas_numbers_asked_times_a_power_of_ten_come_back(tmp_path: Path) -> None:
    drawn = drawn_for_practice("mazur", 1)
    items = items_from(drawn)
    assert {power_of(cell) for cell in items.items[0].cells} != {0}
    work = worked(drawn, items, 0)
    path = canvas_table(tmp_path / "c.csv", items, 0, ("Ada", lambda item, cell: work[cell.id]))
    (attempt,) = audit(drawn, items, path)["attempts"]
    assert attempt["score"] == attempt["out_of"] == "38"
    assert {cell["id"]: Decimal(cell["text"]) for cell in attempt["cells"]} == {
        cell: Decimal(text) for cell, text in work.items()
    }


# --- sets, and refusals -----------------------------------------------------------------------------------------------


def test_the_sheets_of_a_generated_set_come_back_by_student(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path / "class", SEVERAL)
    terminal.capsys.readouterr()
    drawn = drawn_for_class(folder)
    items = items_from(drawn)
    places = [at for at, item in enumerate(items.items) if item.label == "ben"]
    answered = [(place, worked(drawn, items, place, "ben")) for place in places]
    path = table(tmp_path / "r.csv", heading(2), moodle_row(items, person("Ben"), "-", *answered))
    (attempt,) = terminal("responses", folder, path, "--json").data["attempts"]
    assert attempt["score"] == "27" and {cell["sheet"][-3:] for cell in attempt["cells"]} == {"ben"}
    assert SECRET not in json.dumps(attempt)
    assert "leave it out" in terminal.refused("responses", folder, path, "--variants", "2")


def test_codes_differ_by_set_exercise_variant_and_numbers(items: ItemSet) -> None:
    codes = [reference(items, item) for item in items.items]
    assert len(set(codes)) == 6
    for code in codes:
        assert referred(f"to 3 decimals{code}.12") == (code, 12) and referred(f"({code})") == (code, 0)
    assert referred("gs-12, no code") is None
    for texts in (question_texts(items), [text for text, points in canvas_questions(items, 0) if points != "0.0"]):
        assert all(referred(text) for text in texts)


@pytest.mark.parametrize(
    "heading_of, cells, words",
    [
        (heading(1, "Response"), ["part 1: 2"], 'tick "question text"'),
        (heading(1, "Response", "Right answer"), ["part 1: 2", "part 1: 3"], "tell no sheet for sure"),
        (heading(1, "Question", "Response"), ["What? gs-0123456789", "part 1: 2"], "has other numbers than this set"),
        (heading(1, "Question", "Response"), ["What?", "part 1: 2"], "none of its questions has a code"),
        ([*MOODLE, "Grade/10.00", "Antwort 1"], ["Teil 1: 2"], "set to English"),
    ],
)
def test_what_can_not_be_mapped_is_refused(
    items: ItemSet, tmp_path: Path, heading_of: list[str], cells: list[str], words: str
) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        read_responses(table(tmp_path / "r.csv", heading_of, [*person("Ada"), "10", *cells]), items)


def test_fewer_variants_than_were_exported_are_refused_in_one_line(
    terminal: Terminal, spec: Path, drawn: Drawn, items: ItemSet, tmp_path: Path
) -> None:
    row = moodle_row(items, person("Ada"), "10.00", (2, worked(drawn, items, 2)))
    path = table(tmp_path / "r.csv", heading(1), row)
    line = terminal.refused("responses", spec, path)
    assert "has other numbers than this set with 1 variant; name the set" in line
    assert not (tmp_path / "r-audit.csv").exists()
    assert "choose one" in terminal.refused("responses", spec, path, "--json", "--out", tmp_path / "a.csv")


@pytest.mark.parametrize(
    "content, words",
    [
        (b'name,id,"83: Old",1.0,n correct,n incorrect,score\nAda,1,3,1,1,0,1\n', "none of its questions has a code"),
        (b"name,83: gs-0123456789.1,1.0,n correct,n incorrect\nAda,1,1,1,0\n", "has other numbers than this set"),
        (b'Response 1\n"part 1\n', "this is no CSV"),
        (b"Response 1\na,b,c\n", "3 cells where the heading has 1"),
        (b"", "the file is empty"),
        (b"a\0b", "r.csv"),
    ],
)
def test_spoilt_files_are_refused(items: ItemSet, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    with pytest.raises(InputError, match=re.escape(words)):
        read_responses(tmp_path / "r.csv", items)


def test_a_hostile_name_is_no_formula(drawn: Drawn, items: ItemSet, tmp_path: Path) -> None:
    student = ["=cmd()", "", "", "", "Finished", "", "", ""]
    path = table(tmp_path / "r.csv", heading(1), moodle_row(items, student, "1", (0, worked(drawn, items, 0))))
    lines = list(csv.reader(io.StringIO(as_csv(audited(read_responses(path, items), items, drawn.exercises)))))
    assert len(lines) == 23 and all(not line[0].startswith("=") for line in lines)
