"""Find the mistake: the printed working is wrong at one line and follows after it; two answers are marked."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from front_door import Terminal, made_set, tree
from pdf_reading import Paper
from web_pages import read_page

from exercises.errors import InputError
from exercises.merging import twins
from exercises.misconceptions import CATALOGUE
from exercises.notation import plain
from exercises.planted import ANSWERS, found_in, plantable, planted
from exercises.shown import evaluated
from exercises.solution import Line
from exercises.specification import Exercise, parse_specification, to_toml
from exercises.variants import draw, practice_seed
from grader.marking import Verdict
from grader.rounding import ByDistance
from grader.submissions import Answer, Submission, read_submission
from gradsheet.marking_desk import mark_one
from gradsheet.results import HandInResult
from templates.html import key_html, sheet_html
from templates.pdf import Layout, Script, key_pdf, sheet_pdf
from templates.planted import planted_working, right_answers
from templates.render import Header, render_answer_form, render_key, render_sheet

NETWORK = """
[[exercise]]
family = "mlp"
layers = [2, 2, {outputs}]
activations = "sigmoid"
optimizer = {{ learning_rate = 0.5 }}
notation = "{notation}"
"""
CIRCUIT = """
[[exercise]]
family = "circuit"
lines = ["q = x + y", "p = q * y", "f = p * q"]
notation = "{notation}"
"""
SHEETS = {
    "2-2-1": NETWORK.format(outputs=1, notation="numbered"),
    "2-2-2": NETWORK.format(outputs=2, notation="layered"),
    "circuit": CIRCUIT.format(notation="layered"),
}
FIND = 'mode = "find-the-mistake"\n'
CASES = [
    ("2-2-1", "omit-activation-derivative"), ("2-2-1", "error-sign"), ("2-2-1", "updated-weights"),
    ("2-2-1", "omit-bias"), ("2-2-2", "untransposed-weights"), ("2-2-2", "one-path-only"), ("2-2-2", "ascent"),
    ("2-2-2", "preactivation-for-activation"), ("circuit", "one-path-only"), ("circuit", "omit-inner-derivative"),
]  # fmt: skip


@cache
def drawn(name: str, code: str, more: str = "") -> Exercise:
    wished = f'mistake = "{code}"\n' if code else ""
    (exercise,) = parse_specification(SHEETS[name] + FIND + wished + more, "a.toml").exercises
    return draw(exercise, practice_seed("", 1)).exercise


def marked(exercise: Exercise, **answers: str) -> HandInResult:
    rows = [Answer(name.replace("_", "-"), text, "here") for name, text in answers.items()]
    return mark_one([exercise], Submission(tuple(rows)))


def verdicts(exercise: Exercise, **answers: str) -> list[Verdict]:
    return [cell.verdict for cell in marked(exercise, **answers).cells]


def printed_lines(exercise: Exercise) -> list[Line]:
    return [line for part in planted_working(exercise).sections for block in part.blocks for line in block.lines]


@pytest.mark.parametrize("name, code", CASES)
def test_the_working_is_consistent_and_its_first_wrong_line_is_the_one_marked(name: str, code: str) -> None:
    exercise = drawn(name, code)
    assert exercise.mistake.partition(":")[0] == code and exercise.precision is not None
    one = planted(exercise)
    found = found_in(one, exercise.given, exercise.precision)
    lines = printed_lines(exercise)
    assert [line.cells for line in lines] == list(one.printed)
    for line in lines:  # what is put in gives what comes out, in the wrong lines too
        value = evaluated(line.expression, {cell: float(str(text)) for cell, text in line.numbers.items()})
        assert exercise.precision.of(line.cells[0]).text(value) == line.result
    wrong = lines[found.line[0]]
    right = right_answers(exercise)
    assert right["first-wrong"] == wrong.cells[0] and right["right-value"] != wrong.result
    sites = set(one.mistake.sites)
    before = {cell.partition("[")[0] for line in lines[: found.line[0]] for cell in line.cells}
    assert any(cell.partition("[")[0] in sites for cell in wrong.cells)
    assert not before - {wrong.cells[0].partition("[")[0]} & sites or code == "preactivation-for-activation"


@pytest.mark.parametrize("name, code", CASES)
def test_answers_are_marked(name: str, code: str) -> None:
    exercise = drawn(name, code)
    right = right_answers(exercise)
    line, value = right["first-wrong"], right["right-value"]
    wrong = next(each for each in printed_lines(exercise) if each.cells[0] == line)
    full = marked(exercise, first_wrong=line, right_value=value)
    assert (full.score, full.out_of) == (Fraction(2), Fraction(2))
    for other in (line.partition("[")[0], f" `{line}` ", plain(wrong.sign), *wrong.cells):
        assert verdicts(exercise, first_wrong=other, right_value=value) == [Verdict.CORRECT] * 2, other
    elsewhere = next(each.cells[0] for each in printed_lines(exercise) if each.cells != wrong.cells)
    assert verdicts(exercise, first_wrong=elsewhere, right_value=str(wrong.result)) == [Verdict.WRONG] * 2
    assert verdicts(exercise, first_wrong=line) == [Verdict.CORRECT, Verdict.MISSING]
    assert verdicts(exercise, right_value=value) == [Verdict.MISSING, Verdict.CORRECT]
    assert verdicts(exercise, first_wrong="the third one", right_value="=1+1") == [Verdict.UNREADABLE] * 2
    assert marked(exercise).score == 0


def test_every_mistake_that_can_be_planted_shows_or_is_refused() -> None:
    for name in SHEETS:
        exercise = drawn(name, "")
        assert exercise.precision is not None
        for label in plantable(exercise.program):
            found = found_in(planted(exercise, label), exercise.given, exercise.precision)
            if found.line[0] < 0:
                continue
            cell = planted(exercise, label).printed[found.line[0]][0]
            unit = 10.0 ** -exercise.precision.of(cell).digits
            assert abs(found.printed[cell][0] - found.expected[cell][0]) > unit, label


def test_a_last_digit_is_forgiven_and_a_tolerance_counts() -> None:
    exercise = drawn("2-2-2", "one-path-only")
    right = right_answers(exercise)
    near = f"{float(right['right-value']) + 0.4:.4f}"
    answers = Submission((Answer("right-value", near, "here"),))
    strict, loose = (mark_one([exercise], answers, tolerance) for tolerance in (None, ByDistance(atol=0.5)))
    assert [strict.score, loose.score] == [Fraction(0), Fraction(1)]
    assert marked(exercise, right_value=right["right-value"] + "04").score == 1


@pytest.mark.parametrize("name", SHEETS)
def test_toml_gives_the_same_sheet_again(name: str) -> None:
    (specification,) = [parse_specification(SHEETS[name] + FIND, "a.toml")]
    variant = draw(specification.exercises[0], practice_seed("x", 1))
    text = to_toml(type(specification)("", "n", "", "", "", "", (variant.exercise,)))
    (again,) = parse_specification(text, "b.toml").exercises
    again = draw(again, practice_seed("", 1)).exercise
    assert again.mistake == variant.exercise.mistake
    assert render_sheet(Header("T"), [again]) == render_sheet(Header("T"), [variant.exercise])


def test_the_key_tells_the_rule_and_the_sheet_does_not() -> None:
    exercise = drawn("2-2-1", "omit-activation-derivative")
    right = right_answers(exercise)
    sheet, key = render_sheet(Header("T"), [exercise]), render_key(Header("T"), [exercise])
    assert "the slope" in key and f"`{right['first-wrong']}`): it says" in key
    assert f"from the lines before it follows {right['right-value']}" in key
    assert "The mistake" not in sheet and "the slope" not in sheet
    assert render_answer_form([exercise]) == "id,value\nfirst-wrong,\nright-value,\n"


@pytest.mark.parametrize("notation", ["layered", "code"])
@pytest.mark.parametrize("name", SHEETS)
def test_every_line_stands_once_beside_its_id_in_rows(name: str, notation: str) -> None:
    """In all formats; and the list isn't taken for answers when the sheet itself is handed in."""
    text = re.sub('notation = ".*"', f'notation = "{notation}"', SHEETS[name])
    (exercise,) = parse_specification(text + FIND, "a.toml").exercises
    exercise = draw(exercise, practice_seed("", 1)).exercise
    ids = [line.cells[0] for line in printed_lines(exercise)]

    markdown = render_sheet(Header("T"), [exercise])
    table = markdown.partition("Name the line by its id:\n\n")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [row.strip("|").split("|") for row in table]
    named = [cell.strip(" `").replace("∣", "|") for row in rows for cell in row[1::2]]
    assert [cell for cell in named if cell] == ids
    assert {len(row) for row in rows} == {8} and len(rows) < len(ids) / 2
    assert [answer.id_text for answer in read_submission("a.md", markdown.encode()).answers] == list(ANSWERS)

    listed = read_page(sheet_html(Header("T"), [exercise])).all("ul", "named")[0].all("li")
    assert [line.all("code")[-1].text for line in listed] == ids
    assert all(line.text.partition("\u2002")[0] for line in listed)
    paper = Paper(sheet_pdf([Script(Header("T"), [exercise])], Layout())).text
    on_paper = paper.partition("Name the line by its id")[2].partition("first-wrong")[0].split()
    assert [word for word in on_paper if word in ids and "[" in word] == [cell for cell in ids if "[" in cell]


def test_a_class_is_marked_each_by_the_own_mistake_and_nothing_leaks(terminal: Terminal, tmp_path: Path) -> None:
    roster = "id,name\n" + "".join(f"s{k},\n" for k in range(5))
    folder = made_set(tmp_path, SHEETS["2-2-2"] + FIND + SHEETS["circuit"], roster)
    terminal.capsys.readouterr()
    handed_in, labels = tmp_path / "hand-ins", set()
    handed_in.mkdir()
    for k in range(5):
        sheet = folder / "teacher" / "sheets" / f"s{k}.toml"
        exercise = draw(parse_specification(sheet.read_text(), "a").exercises[0], practice_seed("", 1)).exercise
        labels.add(exercise.mistake)
        right = right_answers(exercise)
        line = right["first-wrong"] if k else "z1[1]"
        (handed_in / f"s{k}.csv").write_text(
            f'id,value\n1:first-wrong,"{line}"\n1:right-value,{right["right-value"]}\n'
        )
        result = terminal("check", sheet, handed_in / f"s{k}.csv", "--json").data
        assert [cell["id"] for cell in result["cells"]][:2] == ["1:first-wrong", "1:right-value"]
    assert len(labels) > 1
    terminal("grade", folder, handed_in)
    students = json.loads((folder / "results" / "results.json").read_text())["students"]
    earned = [[cell["marks"] for cell in one["cells"][:2]] for one in students]
    assert earned == [["0", "1"], *[["1", "1"]] * 4]
    assert (folder / "results" / "feedback" / "s0.md").read_text().count("the first wrong line") == 1
    codes = [row.code for row in CATALOGUE]
    for name, content in tree(folder / "students").items():
        assert not [code for code in codes if code in content.decode()], name


def test_a_record_that_was_changed_is_told_in_one_line(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, SHEETS["2-2-1"] + FIND + 'mistake = "ascent"', "id,name\nada,\n")
    terminal.capsys.readouterr()
    (tmp_path / "hand-ins").mkdir()
    (tmp_path / "hand-ins" / "ada.csv").write_text("id,value\nfirst-wrong,J\n")
    record = folder / "teacher" / "students.jsonl"
    line = json.loads(record.read_text())
    for label, rate, said in (
        ("ascent:1", 0, 'exercise 1: the planted mistake "ascent:1" doesn\'t show in these numbers'),
        ("ascent:99", 0.5, "the record is damaged"),
        ({"a": 1}, 0.5, "the record is damaged"),
    ):
        line["mistakes"]["1"], line["given"]["1"]["learning_rate"] = label, rate
        record.write_text(json.dumps(line) + "\n")
        complaint = terminal.refused("grade", folder, tmp_path / "hand-ins")
        assert said in complaint and "students.jsonl" in complaint


def test_a_policy_weighs_the_two_answers(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, SHEETS["2-2-1"] + FIND, "id,name\nada,\n")
    terminal.capsys.readouterr()
    sheet = folder / "teacher" / "sheets" / "ada.toml"
    (tmp_path / "ada.csv").write_text(f'id,value\nfirst-wrong,"{_right(sheet)["first-wrong"]}"\n')
    policy = tmp_path / "policy.toml"
    policy.write_text('weights = { "first-wrong" = 3, "right-value" = "1/2" }')
    told = terminal("check", sheet, tmp_path / "ada.csv", "--json", "--policy", policy).data
    assert (told["score"], told["out_of"]) == ("3", "7/2")


def test_check_tells_the_rule_and_the_line(tmp_path: Path, terminal: Terminal) -> None:
    folder = made_set(tmp_path, SHEETS["2-2-1"] + FIND + 'mistake = "omit-activation-derivative"', "id,name\nada,\n")
    terminal.capsys.readouterr()
    sheet = folder / "teacher" / "sheets" / "ada.toml"
    (tmp_path / "ada.csv").write_text("id,value\nfirst-wrong,J\n")
    said = " ".join(terminal("check", sheet, tmp_path / "ada.csv").out.split())
    assert (
        "The mistake: On the way from" in said
        and f"from the lines before it follows {_right(sheet)['right-value']}." in said
    )


def _right(sheet: Path) -> dict[str, str]:
    return right_answers(draw(parse_specification(sheet.read_text(), "a").exercises[0], practice_seed("", 1)).exercise)


@pytest.mark.parametrize("reveal", ["verdict", "hint", "solution"])
def test_feedback_tells_the_rule_and_works_the_line(terminal: Terminal, tmp_path: Path, reveal: str) -> None:
    folder = made_set(tmp_path, SHEETS["2-2-1"] + FIND + 'mistake = "omit-activation-derivative"', "id,name\nada,\n")
    terminal.capsys.readouterr()
    (tmp_path / "hand-ins").mkdir()
    (tmp_path / "hand-ins" / "ada.csv").write_text("id,value\nfirst-wrong,z1[1]\nright-value,7\n")
    terminal("grade", folder, tmp_path / "hand-ins", "--reveal", reveal, "--format", "md,html")
    right = _right(folder / "teacher" / "sheets" / "ada.toml")["right-value"]
    for ending, value in (("md", right), ("html", right.replace("-", "−"))):
        text = (folder / f"results/feedback/ada.{ending}").read_text(encoding="utf-8")
        assert "The mistake is still to be found." in text and "Carried" not in text
        assert ("The mistake:" in text) == (reveal != "verdict")
        assert ("The line as it should be" in text and value in text) == (reveal == "solution")


@pytest.mark.parametrize(
    "more, said",
    [
        (FIND + 'mistake = "last-time-step-only"', '"last-time-step-only" can\'t be made in this exercise; choose one'),
        ('mistake = "ascent"', "a mistake is planted where mode"),
        (FIND + 'detail = "matrix"', "prints a line for each number"),
        (FIND + "fade = 0.5", "prints all of the working"),
        ('mode = "find"', "find-the-mistake"),
    ],
)
def test_what_does_not_go_together_is_refused(more: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_specification(SHEETS["2-2-2"] + more, "a.toml")
    assert said in str(refused.value)
    assert "last-time" not in more or "omit-bias, bias-sign, one-path-only" in str(refused.value)


def test_a_mistake_that_no_numbers_show_is_refused() -> None:
    (exercise,) = parse_specification(
        SHEETS["2-2-2"] + FIND + 'mistake = "ascent"\nask = ["z", "a", "J"]', "a.toml"
    ).exercises
    with pytest.raises(InputError, match=r"ascent.* doesn't show in what is asked"):
        draw(exercise, practice_seed("", 1))


LARGE = """
[[exercise]]
family = "mlp"
layers = [3, 4, 1]
activations = "sigmoid"
loss = "squared_error"
"""
"""Its first layer has more weights than paper shows working of, one by one, elsewhere."""


@pytest.mark.parametrize("text", [SHEETS["2-2-2"], SHEETS["circuit"], LARGE])
def test_paper_prints_every_line_and_the_key_says_which_is_wrong(text: str) -> None:
    (exercise,) = parse_specification(text + FIND, "a.toml").exercises
    exercise = draw(exercise, practice_seed("", 1)).exercise
    script = Script(Header("T"), [exercise])
    sheet, key = (Paper(each([script], Layout())) for each in (sheet_pdf, key_pdf))
    words = [str(formula["/Alt"]).replace("minus ", "-") for formula in sheet.tagged("/Formula")]
    for line in printed_lines(exercise):
        assert any(each.endswith(f" {line.result}") for each in words) or not line.numbers, line.cells
    right = right_answers(exercise)
    assert f"({right['first-wrong']}): it says" in key.text and right["right-value"].replace("-", "−") in key.text
    assert "Name the line by its id" in sheet.text and "The mistake" not in sheet.text
    code, _, _ = exercise.mistake.partition(":")
    assert code.encode() not in sheet_pdf([script], Layout()) and code not in sheet.text


def test_a_class_on_paper(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SHEETS["circuit"] + FIND)
    terminal("generate", tmp_path / "a.toml", "--count", 2, "--out", tmp_path / "set", "--format", "pdf",
             "--booklet", "--secret", _secret(tmp_path))  # fmt: skip
    printed = Paper((tmp_path / "set/teacher/print/sheets-1.pdf").read_bytes())
    assert " ".join(printed.text.split()).count("Find the first line that does not follow") == 2


def _secret(folder: Path) -> Path:
    path = folder / "gradsheet.secret"
    path.write_text(f'secret = "{"0123456789abcdef" * 4}"\n')
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name, code", CASES)
def test_the_web_page_prints_the_same_working_and_key(name: str, code: str) -> None:
    exercise = drawn(name, code)
    sheet, key = (read_page(each(Header("T"), [exercise])) for each in (sheet_html, key_html))
    shown = [line.text for line in sheet.all("li", "line")][-len(printed_lines(exercise)) :]
    for line, text in zip(printed_lines(exercise), shown, strict=True):
        number = str(line.result) if line.numbers else "1"  # a slope of 1 is a rule, and has no decimals
        assert number.replace("-", "−") in text.replace("-", "−")
    right = right_answers(exercise)
    assert f"({right['first-wrong']}): it says" in " ".join(key.text.split())
    assert "The mistake" not in sheet.text and code not in sheet_html(Header("T"), [exercise])


@pytest.mark.parametrize("activations", ['["sigmoid", "identity"]', '["identity", "sigmoid"]', '"identity"'])
def test_what_a_notation_leaves_out_is_no_place_for_a_mistake(activations: str) -> None:
    """Where a = z has no line of its own, a mistake there would have no line to be found at."""
    text = SHEETS["2-2-2"].replace('"sigmoid"', activations) + FIND
    (exercise,) = parse_specification(text, "a.toml").exercises
    pairs = twins(exercise.program)
    left_out = {name for name in pairs if name.startswith("a")} | {pairs[name] for name in pairs if "/" in name}
    assert left_out and plantable(exercise.program)
    assert not any(left_out & made.sites.keys() for made in plantable(exercise.program).values())
