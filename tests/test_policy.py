"""What verdicts earn, as a teacher decides it; all in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from front_door import Terminal, as_csv, flawless, made_set
from hypothesis import given
from hypothesis import strategies as st

import gradsheet
from exercises.errors import InputError
from grader.judging import Verdict
from grader.policy import EXAM, PRACTICE, STRICT, Late, Total, parse_policy

HALF = Fraction(1, 2)


def test_the_presets() -> None:
    assert [policy.credit(Verdict.CARRIED) for policy in (EXAM, PRACTICE, STRICT)] == [1, 1, 0]
    assert [policy.credit(Verdict.WRONG, recognised=True) for policy in (EXAM, PRACTICE, STRICT)] == [0, HALF, 0]
    assert [policy.credit(Verdict.WRONG, convention=True) for policy in (EXAM, PRACTICE, STRICT)] == [0, 1, 0]
    assert [policy.credit(Verdict.WRONG, paid=True) for policy in (EXAM, PRACTICE, STRICT)] == [1, 1, 0]
    for policy in (EXAM, PRACTICE, STRICT):
        assert policy.credit(Verdict.CORRECT) == 1
        assert policy.credit(Verdict.UNREADABLE) == policy.credit(Verdict.MISSING) == policy.credit(Verdict.WRONG) == 0


def test_a_teachers_policy() -> None:
    policy = parse_policy(
        """
        preset = "practice"
        carried = "3/4"
        repeat = "each"
        late = { per_day = "1/10", at_most = 0.5 }
        total = { step = "1/2", towards = "up" }
        weights = { "dJ/dW" = 2, J = "1/3", "z1[2]" = 0 }
        """,
        "policy.toml",
    )
    assert (policy.carried, policy.method, policy.repeat) == (Fraction(3, 4), HALF, "each")
    weights = {cell: policy.weight(cell) for cell in ("dJ/dW2[1,2]", "J", "z1[1]", "z1[2]", "J@2")}
    assert weights == {"dJ/dW2[1,2]": 2, "J": Fraction(1, 3), "z1[1]": 1, "z1[2]": 0, "J@2": 1}
    assert [policy.late.keeps(Fraction(days)) for days in ("0", "-1", "1/24", "2", "9")] == [
        1, 1, Fraction(9, 10), Fraction(8, 10), HALF,
    ]  # fmt: skip
    assert policy.total.rounded(Fraction(10, 3)) == Fraction(7, 2)


@given(st.fractions(0, 100), st.sampled_from([Fraction(1, 4), HALF, Fraction(1)]))
def test_rounding_of_totals(marks: Fraction, step: Fraction) -> None:
    down, near, up = (Total(step, towards).rounded(marks) for towards in ("down", "nearest", "up"))
    assert down <= near <= up and down <= marks <= up and up - down in (0, step)
    assert abs(near - marks) <= step / 2
    assert Total().rounded(marks) == marks


@given(st.fractions(0, 1), st.fractions(0, 1), st.fractions(-5, 50))
def test_late_hand_ins_never_gain_and_never_lose_more_than_said(
    per_day: Fraction, most: Fraction, days: Fraction
) -> None:
    kept = Late(per_day, most).keeps(days)
    assert 1 - most <= kept <= 1
    assert kept == 1 or days > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("carried = 2", "policy.toml, carried: expected a number from 0 to 1, found 2"),
        ('carried = "1/0"', 'carried: expected a number such as 2, 0.5 or "1/2", found \'1/0\''),
        ("carried = true", "carried: expected a number"),
        ('caried = "1"', 'unknown key "caried"; did you mean "carried"?'),
        ('preset = "exams"', 'unknown preset "exams"; did you mean "exam"?'),
        ('repeat = "twice"', "repeat: expected once or each, found 'twice'"),
        ("weights = 3", 'weights: expected a table such as { "dJ/dW" = 2 }, found 3'),
        ("weights = { J = -1 }", 'weights, "J": expected a number from 0 to 1000, found -1'),
        ("late = { a_day = 1 }", 'late: unknown key "a_day"'),
        ('total = { towards = "sideways" }', "total, towards: expected nearest or up or down, found 'sideways'"),
        ('carried = "1e9"', "carried: expected a number such as"),
        ("carried = ", "policy.toml: this is no TOML"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_told_in_a_line(text: str, expected: str) -> None:
    with pytest.raises(InputError) as error:
        parse_policy(text, "policy.toml")
    assert expected in str(error.value)
    assert str(error.value).startswith("policy.toml")


# --- where a policy meets a set ------------------------------------------------------------------------------------

TWICE = 2 * "[[exercise]]\nfamily = 'circuit'\nlines = ['q = x + y', 'f = q * z']\n"


def policy_file(folder: Path, weights: str) -> Path:
    path = folder / "my.toml"
    path.write_text(f"weights = {{ {weights} }}\n")
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def test_a_weight_of_one_exercise_goes_before_the_same_of_all() -> None:
    policy = parse_policy('weights = { f = 3, "2:f" = 5, "2:df/dx" = 7, "3:first-wrong" = 2 }', "my.toml")
    assert [policy.weight("f", 1), policy.weight("f", 2)] == [3, 5]
    assert [policy.weight("df/dx", 1), policy.weight("df/dx", 2)] == [1, 7]
    assert [policy.weight("first-wrong", 2), policy.weight("first-wrong", 3)] == [1, 2]


def test_weights_of_one_exercise_count_in_marks(tmp_path: Path, run: Terminal) -> None:
    sheet = made_set(tmp_path, TWICE, "id\nada\n") / "teacher/sheets/ada.toml"
    (tmp_path / "a.csv").write_text(as_csv({**flawless(sheet), "1:f": "99", "2:f": "99"}))
    run.capsys.readouterr()
    told = run("check", sheet, tmp_path / "a.csv", "--policy", policy_file(tmp_path, '"2:f" = 5'), "--json").data
    assert {cell["id"]: cell["worth"] for cell in told["cells"] if cell["id"][2:] == "f"} == {"1:f": "1", "2:f": "5"}
    assert told["out_of_number"] == len(told["cells"]) + 4


@pytest.mark.parametrize(
    "weight, meant", [("df/dX", "df/dx"), ("2:Q", "q"), ("q[1]", "q"), ("dJ/dW", ""), ("first-wrong", "")]
)
def test_a_weight_that_names_nothing_asked_is_told_wherever_a_policy_meets_exercises(
    tmp_path: Path, run: Terminal, weight: str, meant: str
) -> None:
    folder = made_set(tmp_path, TWICE, "id\nada\n")
    sheet, policy = folder / "teacher/sheets/ada.toml", policy_file(tmp_path, f'"{weight}" = 0, f = 2')
    (tmp_path / "hand-ins").mkdir()
    (tmp_path / "hand-ins/ada.csv").write_text(as_csv(flawless(sheet)))
    expected = f'{policy}, weights: "{weight}" names nothing that is asked here, so it changes no marks'
    run.capsys.readouterr()
    for words in (
        ("check", sheet, tmp_path / "hand-ins/ada.csv"),
        ("grade", folder, tmp_path / "hand-ins"),
        ("regrade", folder, tmp_path / "hand-ins"),
        ("practice", tmp_path / "sheet.toml", "--out", tmp_path / "p.html"),
        ("export", folder, "--to", "gradescope", "--out", tmp_path / "g.zip"),
    ):
        outcome = run(*words, "--policy", policy)
        lines = [line for line in outcome.err.splitlines() if "weights" in line]
        assert outcome.code == 0 and len(lines) == 1 and expected in lines[0], words
        assert ("did you mean" in lines[0]) == bool(meant) and (f'"{meant}"?' in lines[0]) == bool(meant), lines
    with pytest.warns(UserWarning, match="names nothing that is asked here"):
        gradsheet.sheet(str(sheet)).check({}, policy=str(policy))


def test_weights_that_are_used_are_no_matter_of_warnings(tmp_path: Path, run: Terminal) -> None:
    sheet = made_set(tmp_path, TWICE, "id\nada\n") / "teacher/sheets/ada.toml"
    (tmp_path / "a.csv").write_text(as_csv(flawless(sheet)))
    policy = policy_file(tmp_path, '"1:df/dx" = 2, q = "1/2", "2:q" = 0')
    run.capsys.readouterr()
    assert run("check", sheet, tmp_path / "a.csv", "--policy", policy).err == ""
