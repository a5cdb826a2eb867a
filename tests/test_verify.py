"""verify: a sound set agrees with its record; whatever is changed by hand, or derived by a wrong rule, is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_family import ALL, Example, random_instances
from front_door import SEVERAL, Terminal, made_set, tree, with_secret

from exercises.differences import differences_of
from exercises.expression import Constant, Expression
from exercises.operations import OPERATIONS
from exercises.operations.row import Partials
from exercises.plan import flatten
from exercises.program import Role
from exercises.specification import parse_specification, published_names, read_specification
from exercises.variants import draw_many, practice_seed
from gradsheet.course_set import read_set
from gradsheet.verification import verify

FINDING = '\n[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\nmode = "find-the-mistake"\n'
ROUNDS = """
[[exercise]]
family = "mlp"
layers = [3, 4, 3]
activations = ["relu", "softmax"]
loss = "cross_entropy"
fused = false
rounds = 2
optimizer = { name = "momentum" }
"""
FORKED = '[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "r = max(q, x)", "f = q * r * x"]\n'


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set as generate leaves it; don't change it."""
    return made_set(tmp_path_factory.mktemp("sound"), SEVERAL + FINDING)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return made_set(tmp_path, SEVERAL)


def edited(path: Path, change: Callable[[str], str]) -> None:
    """A file changed by hand."""
    before = path.read_text(encoding="utf-8")
    assert change(before) != before
    path.write_text(change(before), encoding="utf-8")


def findings(terminal: Terminal, *arguments: object) -> list[dict[str, Any]]:
    terminal.capsys.readouterr()  # what generate said
    outcome = terminal("verify", *arguments, "--json")
    data = json.loads(outcome.out)
    assert outcome.code == (1 if data["findings"] else 0)
    assert data["agrees"] is (not data["findings"])
    found: list[dict[str, Any]] = data["findings"]
    return found


def test_a_sound_set_agrees_and_nothing_is_written(terminal: Terminal, sound: Path) -> None:
    before = tree(sound)
    outcome = terminal("verify", sound)
    assert outcome.code == 0 and outcome.out.endswith("Everything agrees.\n")
    assert "(remark)" not in outcome.out
    assert tree(sound) == before
    data = terminal("verify", sound, "--json", "--secret", with_secret(sound.parent)).data
    asked = sum(len(exercise.answers) for exercise in read_set(sound).exercises)
    assert (data["students"], data["values"]) == (3, 3 * asked)
    assert data["gradients"] > 0 and data["drawn_again"] and data["remarks"] == []


def test_web_pages_are_looked_at_and_paper_is_counted(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "sheet.toml").write_text(FORKED)
    made = tmp_path / "set"
    arguments = ["--count", "1", "--format", "html,pdf", "--out", str(made), "--secret", str(with_secret(tmp_path))]
    assert terminal("generate", tmp_path / "sheet.toml", *arguments).code == 0
    outcome = terminal("verify", made)
    assert (outcome.code, "2 PDF files" in outcome.out) == (0, True)
    edited(made / "teacher/keys/001.html", lambda text: re.sub(r"(\d\.\d+)</m", r"\g<1>7</m", text, count=1))
    (found,) = findings(terminal, made)
    assert (found["kind"], found["where"]) == ("text", "teacher/keys/001.html")


def test_a_logo_and_another_paper_are_no_difference(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"/>')
    (tmp_path / "sheet.toml").write_text('logo = "logo.svg"\npaper = "us-letter"\nspace = "lines"\n' + FORKED)
    arguments = ["--count", "1", "--format", "html", "--out", tmp_path / "set", "--secret", with_secret(tmp_path)]
    assert terminal("generate", tmp_path / "sheet.toml", *arguments).code == 0
    (tmp_path / "logo.svg").unlink()
    outcome = terminal("verify", tmp_path / "set")
    assert (outcome.code, "(remark)" in outcome.out) == (0, False)


@pytest.mark.parametrize("quick", [False, True])
def test_a_changed_digit_of_a_key_is_told(terminal: Terminal, made: Path, quick: bool) -> None:
    (value,) = re.findall(r"^\| `1:J` .* (\S+) \|$", (made / "teacher/keys/ben.md").read_text(), re.MULTILINE)
    wrong = value[:-1] + ("1" if value[-1] != "1" else "2")
    edited(
        made / "teacher/keys/ben.md",
        lambda text: re.sub(rf"(`1:J` .*){re.escape(value)}", rf"\g<1>{wrong}", text, count=1),
    )
    found = findings(terminal, made, *["--quick"] * quick)
    assert found[0] == {
        "kind": "key",
        "where": "teacher/keys/ben.md",
        "place": "1:J",
        "found": wrong,
        "expected": value,
        "students": 1,
    }
    assert len(found) == (1 if quick else 2)


def test_a_digit_in_the_working_is_told(terminal: Terminal, made: Path) -> None:
    lines = (made / "teacher/keys/ada.md").read_text().split("\n")
    number, line = max((place, text) for place, text in enumerate(lines) if re.search(r"\d\.\d{3}", text))
    lines[number] = re.sub(r"(\d\.\d\d)(\d)", lambda it: it[1] + str((int(it[2]) + 1) % 10), line, count=1)
    edited(made / "teacher/keys/ada.md", lambda text: "\n".join(lines))
    (found,) = findings(terminal, made)
    assert (found["kind"], found["place"]) == ("text", f"line {number + 1}")
    assert findings(terminal, made, "--quick") == []


def test_another_number_on_a_sheet_is_told(terminal: Terminal, made: Path) -> None:
    edited(made / "teacher/sheets/cid.toml", lambda text: re.sub(r"x = \[[^,]*", "x = [9.5", text, count=1))
    (found,) = findings(terminal, made, "--quick")
    assert (found["where"], found["place"]) == ("teacher/sheets/cid.toml", "exercise 1, x")
    assert found["found"].startswith("[9.5, ")


def test_a_changed_record_disagrees_with_all_that_was_made_of_it(terminal: Terminal, made: Path) -> None:
    edited(made / "teacher/students.jsonl", lambda text: re.sub(r'"x": \[[^,]*', '"x": [0.77', text, count=1))
    found = findings(terminal, made, "--secret", with_secret(made.parent))
    assert {one["kind"] for one in found} == {"drawn", "number", "key", "text"}
    assert {one["where"] for one in found} == {
        "teacher/students.jsonl",
        "teacher/sheets/ada.toml",
        "teacher/keys/ada.md",
        "students/ada.md",
    }


def test_missing_files_forms_and_strangers(terminal: Terminal, made: Path) -> None:
    (made / "teacher/keys/ada.md").unlink()
    (made / "students/ben.md").unlink()
    (made / "students/zed.md").write_text("?")
    edited(made / "students/cid.csv", lambda text: text.replace("1:J,", "1:K,"))
    found = [(one["kind"], one["where"]) for one in findings(terminal, made)]
    assert sorted(set(found)) == [
        ("form", "students/cid.csv"),
        ("missing", "students/ben.md"),
        ("missing", "teacher/keys/ada.md"),
    ]
    assert "(remark) students: of nobody on the record: zed.md" in terminal("verify", made).out


def test_a_sheet_worded_otherwise_is_a_remark(terminal: Terminal, made: Path) -> None:
    edited(made / "students/ada.md", lambda text: text.replace("A network", "Ein Netz"))
    outcome = terminal("verify", made)
    assert outcome.code == 0
    assert "(remark) students/ada.md: worded or laid out otherwise; its numbers agree" in outcome.out


def test_another_secret_is_refused(terminal: Terminal, sound: Path, tmp_path: Path) -> None:
    other = with_secret(tmp_path, "f" * 64)
    assert "drawn from another course secret" in terminal.refused("verify", sound, "--secret", other)


def test_a_rule_wrong_by_little_is_found_though_keys_were_made_with_it(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys agree with what the rule gives; only differences tell."""
    right = OPERATIONS["sigmoid"]
    assert isinstance(right.derivative, Partials)
    rule = right.derivative.rule

    def wrong(*arguments: Expression) -> tuple[Expression, ...]:
        return tuple(partial * Constant(Fraction(20_010, 20_000), partial.shape) for partial in rule(*arguments))

    monkeypatch.setitem(OPERATIONS, "sigmoid", replace(right, derivative=Partials(wrong)))
    made = made_set(tmp_path, SEVERAL)
    found = findings(terminal, made)
    assert {one["kind"] for one in found} == {"gradient"}
    assert {"exercise 1, dJ/dz2[1]", "exercise 1, dJ/dW1[1,1]"} <= {one["place"] for one in found}
    assert all(one["students"] == 3 for one in found if one["place"].endswith("dJ/dz2[1]"))
    monkeypatch.undo()
    assert {one["kind"] for one in findings(terminal, made, "--quick")} <= {"key"}


# ----------------------------------------------------------------------------------------------------- the differences


def values_of(text: str, count: int = 12) -> tuple[Any, dict[str, Any]]:
    (exercise,) = parse_specification(text, "sheet.toml").exercises
    variants = draw_many(exercise, [practice_seed(str(place), 1) for place in range(count)])
    names = [given.name for given in exercise.program.givens]
    given = {name: np.concatenate([each.given[name] for each in variants], axis=-1) for name in names}
    return exercise.program, {**given, **flatten(exercise.program).run(given)}


@pytest.mark.parametrize("name", published_names())
def test_what_is_published_stands_the_test(name: str) -> None:
    for exercise in read_specification(name).exercises:
        if not exercise.open_names:
            numbers = {**exercise.given, **flatten(exercise.program).run(exercise.given)}
            checked = differences_of(exercise.program).check(numbers)
            assert checked.compared > 0 and not checked.off


@pytest.mark.parametrize("example", ALL, ids=str)
def test_every_familys_derivatives_stand_the_test(example: Example) -> None:
    """Numbers good or bad: what can't be judged beside a kink is little."""
    exercise = example.exercise()
    given = random_instances(exercise, 8)
    checked = differences_of(exercise.program).check({**given, **flatten(exercise.program).run(given)})
    assert not checked.off and checked.undecided <= checked.compared / 20
    claims = [step for step in exercise.program.steps if step.role in (Role.GRADIENT, Role.LOCAL, Role.PATH)]
    assert bool(checked.compared) is bool(claims)


@pytest.mark.parametrize("text", [ROUNDS, FORKED], ids=["two rounds, the long way", "forks"])
def test_each_derivative_is_compared_and_each_wrong_one_found(text: str) -> None:
    program, values = values_of(text)
    check = differences_of(program)
    backward = [step.name for step in program.steps if step.role in (Role.GRADIENT, Role.LOCAL, Role.PATH)]
    assert [claim.step for claim in check.claims] == backward
    assert not check.check(values).off
    moved = values | {name: values[name] * 1.0005 + 1e-5 for name in backward}
    off = check.check(moved).off
    assert {(one.step, one.variant) for one in off} == {(name, variant) for name in backward for variant in range(12)}


def test_at_a_kink_nothing_is_said_and_beside_it_all() -> None:
    text = '[[exercise]]\nfamily = "circuit"\nexpression = "relu(x) * y"\ngiven = { x = 1, y = 2 }\n'
    (exercise,) = parse_specification(text, "sheet.toml").exercises
    given = {"x": np.array([0.0, 1e-5, 2e-4, 0.3, -0.3]), "y": np.full(5, 2.0)}
    values = {**given, **flatten(exercise.program).run(given)}
    checked = differences_of(exercise.program).check(values)
    assert not checked.off and checked.undecided > 0
    wrong = differences_of(exercise.program).check(values | {"df/dx": values["df/dx"] + 0.1})
    assert {one.variant for one in wrong.off} == {2, 3, 4}


def test_what_has_no_value_is_off() -> None:
    program, values = values_of(FORKED)
    broken = np.where(np.arange(12) == 4, np.nan, values["df/dx"])
    off = differences_of(program).check(values | {"df/dx": broken}).off
    assert [(one.step, one.variant) for one in off] == [("df/dx", 4)]


def test_progress_tells_every_student(sound: Path) -> None:
    told: list[int] = []
    verify(read_set(sound), progress=told.append)
    assert sum(told) == 3


def test_a_folder_that_is_no_set_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    assert "no generated set here" in terminal.refused("verify", tmp_path)
