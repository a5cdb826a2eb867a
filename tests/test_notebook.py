"""The notebook: a sheet from whatever names it, answers in whatever form they are, results that show themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import gradsheet
from exercises.errors import InputError
from exercises.plan import run
from gradsheet.notebook import Sheet
from tests.front_door import SEVERAL, Terminal

PAGE = Path(__file__).parent.parent / "docs" / "notebook.md"

NEURON = """
[[exercise]]
family = "mlp"
layers = [2, 1]
activations = "sigmoid"
bias = false
decimals = 3
given = { x = [2, 3], y = [1], W1 = [[0.11, 0.21]] }
"""


@pytest.fixture(scope="module")
def mazur() -> Sheet:
    return gradsheet.sheet("mazur")


def right(sheet: Sheet, quantity: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    (exercise,) = sheet.exercises
    return np.asarray(run(exercise.program, exercise.given)[quantity][..., 0])


def test_an_array_is_marked_cell_by_cell(mazur: Sheet) -> None:
    checked = mazur.check({"dJ/dW1": right(mazur, "dJ/dW1")})
    assert (checked.score, checked.out_of) == (4, 4)
    assert len(checked.missing) == len(mazur.ids) - 4 and "dJ/dW1[1,1]" not in checked.missing
    assert [cell["verdict"] for cell in checked.data["cells"] if cell["id"].startswith("dJ/dW1")] == ["correct"] * 4


@pytest.mark.parametrize(
    "form",
    [
        lambda array: array.tolist(),
        lambda array: tuple(map(tuple, array.tolist())),
        lambda array: [[f"{value:.9f}" for value in row] for row in array],
        lambda array: list(array),
        lambda array: np.asfortranarray(array),
    ],
)
def test_arrays_lists_numbers_and_texts_are_the_same(mazur: Sheet, form: object) -> None:
    assert callable(form)
    assert mazur.check({"dJ/dW2": form(right(mazur, "dJ/dW2"))}).score == 4


def test_a_vector_may_be_flat_a_row_or_a_column(mazur: Sheet) -> None:
    z1 = right(mazur, "z1")
    assert {mazur.check({"z1": z1.reshape(shape)}).score for shape in ((2,), (2, 1), (1, 2))} == {2}
    assert mazur.check({"J": right(mazur, "J").reshape(1, 1)}).score == 1


def test_single_precision_is_read_as_it_prints() -> None:
    sheet = gradsheet.sheet(NEURON)
    value = np.float32(right(sheet, "a1")[0])
    assert sheet.check({"a1[1]": value}).score == sheet.check({"a1": [value]}).score == 1


@pytest.mark.parametrize(
    "answers, words",
    [
        ({"dJ/dW1": np.zeros((2, 3))}, r"\"dJ/dW1\": expected an array of shape \(2, 2\), found \(2, 3\)"),
        ({"dJ/dW1": np.zeros(4)}, r"expected an array of shape \(2, 2\), found \(4,\)"),
        ({"J": [1, 2]}, r"\"J\": expected one number, found shape \(2,\)"),
        ({"W1_new[1,1]": [1, 2]}, r"\"W1_new\[1,1\]\": expected one number, found shape \(2,\)"),
        ({"z1": [[1, 2], [3]]}, "z1"),
        ({"z1[1]": 1, "z1": [2, 3]}, "two different answers"),
    ],
)
def test_an_array_that_fits_nowhere_is_refused(mazur: Sheet, answers: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        mazur.check(answers)


def test_a_transposed_array_is_told() -> None:
    sheet = gradsheet.sheet({"exercise": [{"family": "mlp", "layers": [2, 3], "activations": "sigmoid"}]})
    with pytest.raises(InputError, match="hand in its transpose"):
        sheet.check({"dJ/dW1": np.zeros((2, 3))})


def test_the_famous_mistake_is_named(mazur: Sheet) -> None:
    shown = mazur.check({"dJ/da1": right(mazur, "dJ/da1"), "J@2": 0.291027924})
    assert "0.291027924" in str(shown) and "wrong" in str(shown)
    assert shown.score == 2


def test_whatever_names_a_sheet_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "neuron.toml"
    path.write_text(NEURON, encoding="utf-8")
    table = {
        "exercise": [
            {
                "family": "mlp",
                "layers": (2, 1),
                "activations": "sigmoid",
                "bias": False,
                "decimals": 3,
                "given": {"x": np.array([2, 3]), "y": [1], "W1": np.array([[0.11, 0.21]])},
            }
        ]
    }
    sheets = [gradsheet.sheet(source) for source in (NEURON, path, str(path), table)]
    assert len({sheet.ids for sheet in sheets}) == 1
    assert all(np.array_equal(sheet.given["W1"], [[0.11, 0.21]]) for sheet in sheets)
    with pytest.raises(InputError, match="did you mean"):
        gradsheet.sheet("mazzur")
    with pytest.raises(InputError, match="the text"):
        gradsheet.sheet("[[exercise]]\nfamily = 'nothing'\n")


def test_open_numbers_are_practice_and_the_first_are_those_of_solve(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "several.toml"
    path.write_text(SEVERAL, encoding="utf-8")
    solved = terminal("solve", path, "--json").data["exercises"]
    first, second = gradsheet.sheet(path), gradsheet.sheet(path, variant=2)
    assert np.allclose(first.given["1:W1"], solved[0]["quantities"]["W1"])
    assert not np.array_equal(first.given["1:W1"], second.given["1:W1"])
    assert first.check({"2:q": solved[1]["quantities"]["q"]}).score == 1
    with pytest.raises(InputError, match="from 1 on"):
        gradsheet.sheet(path, variant=0)


def test_given_numbers_are_the_readers_own(mazur: Sheet) -> None:
    mazur.given["W1"][:] = 0
    assert mazur.given["W1"][0, 0] == 0.15 and mazur.given["b1"] == 0.35


class Tags(HTMLParser):
    """Complains about an element that isn't closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag in ("img", "mspace")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_results_show_themselves_as_html_markdown_and_text(mazur: Sheet) -> None:
    checked = mazur.check({"z1": ["<b>", "0,3925"], "q": 1, "J": right(mazur, "J")})
    html, markdown, text = checked._repr_html_(), checked._repr_markdown_(), str(checked)
    assert Tags(html).open == [] and "<b>" not in html and "<math" in html and "<script" not in html
    for shown in (html, markdown, text):
        assert "2 of 3 marks" in shown and "unreadable" in shown and "Still asked" in shown and '"q"' in unescape(shown)
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7} and "\x1b" not in text
    assert repr(checked) == text


def test_a_sheet_and_its_solution_show_themselves(mazur: Sheet) -> None:
    assert Tags(mazur._repr_html_()).open == [] and "data:image/svg+xml" in mazur._repr_html_()
    assert "W1 = [[0.15, 0.2" in str(mazur) and "J@2" in repr(mazur)
    assert "$w_{1} = 0.15$" in mazur._repr_markdown_()
    solution = mazur.solution()
    assert "0.298371109" in str(solution) and "0.298371109" in solution._repr_markdown_()


def test_importing_gradsheet_brings_none_of_the_libraries() -> None:
    heavy = {"numpy", "jinja2", "click", "msgspec", "typing"}
    code = f"import sys; before = set(sys.modules); import gradsheet; print({heavy} & set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()" and gradsheet.__all__ == ["sheet"]


def test_the_page_on_notebooks_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile("\n".join(blocks), str(PAGE), "exec"), {})
    assert capsys.readouterr().out == shown


def test_a_sheet_that_was_given_no_name_goes_by_what_it_is(tmp_path: Path) -> None:
    neuron = {"family": "mlp", "layers": [2, 1], "activations": "sigmoid"}
    assert gradsheet.sheet({"exercise": [neuron]}).title == gradsheet.sheet(NEURON).title == "Exercise"
    two = gradsheet.sheet({"exercise": [neuron, neuron]})
    assert two.title == "2 exercises" and "<h3>2 exercises</h3>" in two._repr_html_()
    named = {"name": "week 3", "title": "Sigmoids", "exercise": [neuron]}
    assert gradsheet.sheet(named).title == "Sigmoids"
    assert gradsheet.sheet({**named, "title": ""}).title == "week 3"
    (tmp_path / "warm-up.toml").write_text(NEURON)
    assert gradsheet.sheet(tmp_path / "warm-up.toml").title == "warm-up"
