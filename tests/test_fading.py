"""Faded examples: what is blank is what is asked, nothing blank is given away, and a series has numbers of its own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from front_door import Terminal, as_csv, flawless
from web_pages import read_page

from exercises.errors import InputError
from exercises.fading import Fade
from exercises.notation import STYLES
from exercises.solution import BLANK, Line, Solution
from exercises.specification import Exercise, parse_specification, to_toml
from exercises.variants import draw, practice_seed
from templates.html import sheet_html
from templates.render import Header, render_answer_form, render_key, render_sheet, shown_working, solution_of

NETWORK = """
[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = ["sigmoid", "identity"]
optimizer = { learning_rate = 0.1 }
"""
CIRCUIT = """
[[exercise]]
family = "circuit"
lines = ["q = x + y", "p = q * y", "f = p * q"]
"""


def drawn(text: str) -> tuple[Exercise, ...]:
    return tuple(
        draw(each, practice_seed("", each.number)).exercise for each in parse_specification(text, "a.toml").exercises
    )


def lines(solution: Solution) -> list[Line]:
    return [
        line
        for section in solution.sections
        for block in section.blocks
        for line in (*((block.matrix,) if block.matrix else ()), *block.lines)
    ]


def blank_cells(exercise: Exercise) -> list[str]:
    shown = shown_working(exercise)
    assert shown is not None
    return [cell for line in lines(shown) if line.blank for cell in line.cells]


@pytest.mark.parametrize(
    "share, direction, blank",
    [
        (0.0, "forward", ""), (0.1, "forward", "a"), (0.5, "forward", "ab"), (0.5, "backward", "cd"),
        (0.625, "forward", "abc"), (0.99, "backward", "bcd"), (1.0, "forward", "abcd"), (0.0, "backward", ""),
    ],
)  # fmt: skip
def test_a_share_of_the_quantities_is_blank(share: float, direction: str, blank: str) -> None:
    assert "".join(Fade(share, direction).of("abcd")) == blank  # type: ignore[arg-type]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("fade", ['"forward"', '"backward"', "0.2", '{ direction = "backward", share = 0.8 }'])
def test_what_is_blank_is_what_is_asked(style: str, fade: str) -> None:
    (exercise,) = drawn(f'{NETWORK}notation = "{style}"\nfade = {fade}\n')
    assert 0 < len(exercise.asked) < len(exercise.worked)
    blank = blank_cells(exercise)
    assert set(exercise.asked) == set(blank) & set(exercise.worked)
    form = [row.rpartition(",")[0].strip('"') for row in render_answer_form([exercise]).splitlines()[1:]]
    assert form == list(exercise.asked)
    page = read_page(sheet_html(Header("T"), [exercise]))
    empty = [line for line in page.all("li", "line") if line.text.strip().endswith("blank")]
    shown = shown_working(exercise)
    assert shown is not None and len(empty) == sum(line.blank for line in lines(shown))
    assert len(page.all("td", "room")) == len(exercise.asked)


@pytest.mark.parametrize("exercise", [NETWORK, CIRCUIT], ids=["network", "circuit"])
@pytest.mark.parametrize("fade", ['"forward"', '"backward"', "0.9"])
def test_nothing_blank_is_put_in_or_shown(exercise: str, fade: str) -> None:
    (faded,) = drawn(f"{exercise}fade = {fade}\n")
    shown = shown_working(faded)
    assert shown is not None
    hidden = {cell.partition("[")[0] for cell in faded.asked}
    for line in lines(shown):
        for name, text in line.numbers.items():
            assert (BLANK in str(text)) == (name.partition("[")[0] in hidden)
        if hidden & {cell.partition("[")[0] for cell in line.cells}:
            assert line.blank and not line.numbers and not line.chain and BLANK in str(line.result)
        else:
            assert not line.blank and BLANK not in str(line.result)
    assert not set(faded.asked) & set(shown.texts)


def test_forward_leaves_the_first_blank_and_backward_the_last() -> None:
    (first,), (last,) = (drawn(f'{CIRCUIT}fade = "{way}"\n') for way in ("forward", "backward"))
    assert first.worked == last.worked
    assert first.worked[: len(first.asked)] == first.asked and last.worked[-len(last.asked) :] == last.asked


def test_the_key_works_everything_out() -> None:
    (plain,), (faded,) = drawn(NETWORK), drawn(f"{NETWORK}fade = 0.5\n")
    assert {name: array.tolist() for name, array in plain.given.items()} == {
        name: array.tolist() for name, array in faded.given.items()
    }
    assert lines(solution_of(plain)) == lines(solution_of(faded))
    assert BLANK not in render_key(Header("T"), [faded]) and "boxed" not in render_key(Header("T"), [faded])


def test_a_series_from_worked_example_to_exercise() -> None:
    full, half, none = drawn(f"{NETWORK}fade = [0.0, 0.5, 1.0]\n")
    assert [each.number for each in (full, half, none)] == [1, 2, 3]
    assert full.asked == () and none.asked == none.worked and 0 < len(half.asked) < len(half.worked)
    for one, other in itertools.combinations((full, half, none), 2):
        assert one.given["W1"].tolist() != other.given["W1"].tolist()
    page = render_sheet(Header("T"), (full, half, none))
    assert page.count("## Exercise") == 3 and page.count("The working") == 2 and page.count("Your answers") == 2
    assert "Nothing is left blank here" in page
    ordinary = render_sheet(Header("T"), drawn(f"{NETWORK}fade = 1.0\n"))
    assert ordinary == render_sheet(Header("T"), drawn(NETWORK))


def test_a_faded_sheet_is_written_and_read_again() -> None:
    specification = parse_specification(f'{NETWORK}fade = [0.0, 0.5]\n{CIRCUIT}fade = "backward"\n', "a.toml")
    exercises = tuple(draw(each, practice_seed("", each.number)).exercise for each in specification.exercises)
    again = parse_specification(to_toml(replace(specification, exercises=exercises)), "b.toml").exercises
    assert [each.asked for each in again] == [each.asked for each in exercises]
    assert [each.fade for each in again] == [each.fade for each in exercises]
    assert len(again) == 3


def test_check_marks_the_blanks(terminal: Terminal, tmp_path: Path) -> None:
    specification = parse_specification(f"{NETWORK}fade = [0.0, 0.5, 1.0]\n", "a.toml")
    exercises = tuple(draw(each, practice_seed("", each.number)).exercise for each in specification.exercises)
    (tmp_path / "sheet.toml").write_text(to_toml(replace(specification, exercises=exercises)), encoding="utf-8")
    answers = flawless(tmp_path / "sheet.toml")
    (tmp_path / "a.csv").write_text(as_csv(answers), encoding="utf-8")
    data = terminal("check", tmp_path / "sheet.toml", tmp_path / "a.csv", "--json").data
    assert float(data["score"]) == len(answers)
    half = exercises[1]
    assert {cell["id"] for cell in data["cells"] if cell["id"].startswith("2:")} == {f"2:{c}" for c in half.asked}
    first = f"2:{half.asked[0]}"
    (tmp_path / "b.csv").write_text(as_csv(answers | {first: "7.5"}), encoding="utf-8")
    wrong = terminal("check", tmp_path / "sheet.toml", tmp_path / "b.csv", "--json").data
    assert {cell["verdict"] for cell in wrong["cells"] if cell["id"] == first} == {"wrong"}


@pytest.mark.parametrize(
    "fade, complaint",
    [
        ('"forwards"', 'unknown choice "forwards"; did you mean "forward"?'),
        ("1.5", "expected shares from 0.0 (nothing blank) to 1.0 (all), found 1.5"),
        ("[0.5, -0.1]", "found -0.1"),
        ("nan", "found nan"),
        ("[]", "expected at least one share"),
        ("true", "found true or false"),
        ('{ direction = "up" }', 'unknown choice "up"'),
        ("{ shar = 0.5 }", 'unknown key "shar"; did you mean "share"?'),
        ('["forward"]', "found text"),
    ],
)
def test_wishes_that_mean_nothing_are_refused(fade: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_specification(f"{NETWORK}fade = {fade}\n", "a.toml")
    assert complaint in str(refused.value) and "exercise 1, fade" in str(refused.value)


def test_a_series_needs_numbers_of_its_own() -> None:
    given = "given = { x = -2, y = 5 }\nfade = [0.0, 1.0]\n"
    with pytest.raises(InputError, match="all numbers are given; leave some out, or name one share"):
        parse_specification(CIRCUIT + given, "a.toml")


def test_a_series_counts_towards_the_most_exercises() -> None:
    with pytest.raises(InputError, match="expected 1 to 50 exercises, found 51"):
        parse_specification(f"{CIRCUIT}fade = [{', '.join(['0.5'] * 51)}]\n", "a.toml")
