"""Which rule went wrong: each row of the catalogue, what published pages got wrong, rivals, conventions, cancelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from exercises.misconceptions import misconception, mistakes
from exercises.mistaken import Mistake
from exercises.specification import Exercise, parse_specification, read_specification
from exercises.stream import seed
from exercises.variants import draw
from grader.charging import paid_already
from grader.diagnosis import MOST_RIVALS, Explanation
from grader.judging import Verdict
from grader.resolution import Paper
from grader.scripts import ScriptResult, mark_scripts
from gradsheet.examination import as_json, as_lines, called_in, readings_of
from gradsheet.papers import by_cell, notation_of, papers_of, settled
from gradsheet.result_table import as_text
from gradsheet.results import HandInResult
from tests.misconception_page import Fixture, fixtures
from tests.planted import Class, with_mistakes
from tests.planted import exercise_of as simulated
from tests.students import habits, work


@cache
def paper_of(exercise: Exercise) -> Paper:
    """With an examiner who prepares once for all hand-ins of the exercise."""
    (paper,) = papers_of([exercise])
    return paper


settled_once = cache(settled)


def examined(exercise: Exercise, answers: Mapping[str, str]) -> ScriptResult:
    return mark_scripts(paper_of(exercise), by_cell(exercise.program.shapes, exercise.given), [answers])[0]


def exercise_of(text: str) -> Exercise:
    return settled(parse_specification(f"[[exercise]]\n{text}", "here").exercises[0])


def published(name: str) -> Exercise:
    return settled(read_specification(name).exercises[0])


def flawless(exercise: Exercise) -> dict[str, str]:
    return made_with(exercise)


def made_with(exercise: Exercise, *codes: str, full: float = 0.0) -> dict[str, str]:
    """What a student with these mistakes writes; every line rounded, or with all digits kept (``full``)."""
    wanted = [made for made in mistakes(exercise.program) if made.row.code in codes and made.variant == 1]
    assert len(wanted) == len(codes)
    return answers_of(exercise, wanted, full)


def answers_of(exercise: Exercise, wanted: Sequence[Mistake], full: float = 0.0) -> dict[str, str]:
    cells = with_mistakes(exercise.program, wanted)
    assert cells is not None and exercise.precision is not None
    given = by_cell(exercise.program.shapes, exercise.given)
    script = work(cells, exercise.precision, given, habits(1, full=full), np.random.default_rng(1))
    return {cell: exercise.precision.of(cell).text(float(script.written[cell][0])) for cell in exercise.asked}


def codes(script: ScriptResult, *, sure: bool = False) -> set[str]:
    return {one.code for one in script.explanations if not (sure and one.tentative)}


NETWORK = """family = "mlp"
layers = [2, 2, 2]
decimals = 4
optimizer = { name = "sgd", learning_rate = 0.6 }
given = { x = [0.7, 1.3], y = [0.9, 0.2], W1 = [[0.85, -0.55], [0.6, 1.1]], b1 = [0.25, -0.4], \
W2 = [[-0.75, 1.2], [0.95, 0.45]], b2 = [0.35, -0.15] }
"""


FIXTURES = fixtures()
EXERCISE_OF_MANY = simulated('optimizer = { name = "sgd" }')

# --- every row ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_the_catalogue_s_hand_ins_are_understood(fixture: Fixture) -> None:
    """Written by hand or by other code than the examiner's: what is said, and where it began."""
    exercise = settled_once(fixture.exercise)
    told = examined(exercise, fixture.answers).explanations
    (named,) = [one for one in told if one.code == fixture.code][:1] or [None]
    assert named is not None, told
    assert set(named.sites) <= set(fixture.sites)
    (line,) = [one["sentence"] for one in as_json(ScriptResult((), (named,)), notation_of(exercise).text, "", 0)]
    assert line == fixture.says or len(fixture.sites) > 1
    assert len({one.code for one in told if one.alternative == named.alternative}) <= 3


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_the_same_sheets_without_a_mistake_are_not_accused(fixture: Fixture) -> None:
    exercise = settled_once(fixture.exercise)
    script = examined(exercise, flawless(exercise))
    assert script.explanations == ()
    assert script.score == script.out_of


# --- what is wrong in print -----------------------------------------------------------------------------------------


def test_the_error_printed_after_the_first_update() -> None:
    """The famous one: of the whole page, the network's new weights by the old ones, and 0.291027924 by the new ones."""
    exercise = published("mazur")
    answers = made_with(exercise, full=1.0)
    wrong = made_with(exercise, "updated-weights", full=1.0)
    assert (answers["J@2"], wrong["J@2"]) == ("0.291027774", "0.291027924")
    told = examined(exercise, wrong)
    assert codes(told, sure=True) == {"updated-weights"}
    (one,) = told.explanations
    assert one.sites == ("dJ/da1",)
    alone = examined(exercise, {"J@2": "0.291027924"})
    assert codes(alone) == {"updated-weights"}
    assert all(one.tentative for one in alone.explanations)


def test_the_linear_network_with_its_last_layer_updated_first() -> None:
    exercise = published("hmkcode")
    told = examined(exercise, made_with(exercise, "updated-weights"))
    assert "updated-weights" in codes(told)


@pytest.mark.parametrize(
    "x, prediction, error", [("1.66, 1.56", "0.02263394", "0.00051230"), ("2, 1.5", "0.01496248", "0.00022388")]
)
def test_the_article_s_first_update(x: str, prediction: str, error: str) -> None:
    exercise = exercise_of(f"""family = "neuron"
        activations = "sigmoid"
        loss = "squared_error"
        update_bias = false
        optimizer = {{ name = "sgd", learning_rate = 1 }}
        rounds = 2
        decimals = 8
        ask = ["a", "J", "dJ/dW", "W_new", "a@2", "J@2"]
        given = {{ x = [{x}], y = [0], W1 = [[1.45, -0.66]], b1 = [0] }}""")
    wrong = made_with(exercise, "upstream-as-gradient")
    assert (wrong["a1@2[1]"], wrong["J@2"]) == (prediction, error)
    assert codes(examined(exercise, wrong), sure=True) == {"upstream-as-gradient"}


def test_the_slide_s_logarithm() -> None:
    exercise = exercise_of("""family = "mlp"
        layers = [1, 3]
        activations = "softmax"
        bias = false
        decimals = 2
        given = { x = [1], y = [1, 0, 0], W1 = [[3.2], [5.1], [-1.7]] }""")
    told = examined(exercise, flawless(exercise) | {"J": "0.89"})
    assert codes(told) == {"log-base-ten"}
    assert told.explanations[0].tentative


@pytest.mark.parametrize(
    "name, code",
    [
        ("g-eoj", "relu-always-one"),
        ("dsse-softmax", "softmax-elementwise"),
        ("x-plus-x", "one-path-only"),
        ("cs224n", "one-path-only"),
        ("log-2-plus-cos", "omit-inner-derivative"),
        ("log-2-plus-cos", "log-base-ten"),
        ("log-2-plus-cos", "outer-at-inner-argument"),
    ],
)
def test_other_slips_noted_in_print(name: str, code: str) -> None:
    exercise = published(name)
    assert code in codes(examined(exercise, made_with(exercise, code)))


# --- how it is said -------------------------------------------------------------------------------------------------


def test_nothing_is_said_of_what_nobody_understands() -> None:
    exercise = exercise_of(NETWORK)
    answers = flawless(exercise) | {"dJ/dz2[1]": "0.7311", "dJ/dz1[2]": "-0.9173"}
    script = examined(exercise, answers)
    assert sum(cell.verdict is Verdict.WRONG for cell in script.cells) == 2
    assert script.explanations == ()


def test_one_witness_is_a_guess_and_two_are_not() -> None:
    exercise = exercise_of(NETWORK)
    right, wrong = flawless(exercise), made_with(exercise, "omit-activation-derivative")
    one = examined(exercise, right | {"dJ/dz2[1]": wrong["dJ/dz2[1]"]})
    assert [(each.code, each.tentative) for each in one.explanations] == [("omit-activation-derivative", True)]
    two = examined(exercise, wrong)
    assert [(each.code, each.tentative) for each in two.explanations] == [("omit-activation-derivative", False)]
    assert next(as_lines(one, notation_of(exercise).text)).startswith("Perhaps: ")


def test_where_it_began_comes_first() -> None:
    exercise = exercise_of(NETWORK)
    script = examined(exercise, made_with(exercise, "omit-activation-derivative"))
    (told,) = script.explanations
    assert told.sites == ("dJ/dz2", "dJ/dz1")
    assert told.places["result"] == "dJ/dz2"
    (said,) = readings_of(script, notation_of(exercise).text)
    assert "began at ∂J/∂z⁽²⁾" in said.where


def test_where_a_notation_has_no_symbol_for_the_whole_the_learners_own_cell_is_named() -> None:
    exercise = exercise_of(NETWORK + 'notation = "numbered"')
    notation, script = notation_of(exercise), examined(exercise, made_with(exercise, "omit-activation-derivative"))
    (told,) = script.explanations
    first, whole = told.cells[0], notation.text("dJ/dz2")
    assert first == "dJ/dz2[1]" and notation.text(first) != whole
    (line,) = as_lines(script, notation.text, called_in(notation))
    (one,) = as_json(script, notation.text, "", 0, called_in(notation))
    table = as_text(HandInResult((exercise,), (script,)), 4000)
    for said in (line, one["sentence"], table):
        assert notation.text(first) in said and whole not in said
    assert one["sites"] == ["dJ/dz2", "dJ/dz1"]


def test_a_mistake_in_hidden_units_only() -> None:
    """No slope is handed in, so that every gradient comes by all of them: one of two sites of the rule is enough."""
    exercise = exercise_of(NETWORK + 'ask = ["a", "J", "dJ/dz2", "dJ/dW1", "dJ/db1"]')
    (every,) = [made for made in mistakes(exercise.program) if made.row.code == "derivative-at-activation"]
    hidden = replace(every, sites={"da1/dz1": every.sites["da1/dz1"]})
    (told,) = examined(exercise, answers_of(exercise, [hidden])).explanations
    assert (told.code, told.sites, told.tentative) == ("derivative-at-activation", ("da1/dz1",), False)


def test_conventions_are_called_so() -> None:
    exercise = exercise_of(NETWORK)
    script = examined(exercise, made_with(exercise, "extra-factor-two"))
    (told,) = as_json(script, notation_of(exercise).text, "", 0)
    assert (told["code"], told["kind"]) == ("extra-factor-two", "convention")
    assert next(as_lines(script, notation_of(exercise).text)).startswith("Another convention: ")


def test_two_mistakes_at_once_where_little_is_handed_in() -> None:
    """Both lie between the given numbers and the only gradients on paper."""
    exercise = exercise_of(NETWORK + 'ask = ["a", "J", "dJ/dW1", "dJ/db1"]')
    script = examined(exercise, made_with(exercise, "omit-activation-derivative", "omit-path-weight"))
    assert codes(script, sure=True) == {"omit-activation-derivative", "omit-path-weight"}
    assert len({one.alternative for one in script.explanations}) == 2


def test_a_table_that_differs_from_the_rough_sheet() -> None:
    """A number miscopied into the table on the way: from it nothing follows, from what was given everything."""
    exercise = exercise_of(NETWORK + 'ask = ["z1", "dJ/dz2", "dJ/dz1", "dJ/dW1"]')
    wrong = made_with(exercise, "omit-path-weight")
    script = examined(exercise, wrong | {"dJ/dz2[1]": "0.4444"})
    assert "omit-path-weight" in codes(script, sure=True)


def test_two_mistakes_that_cancel_are_seen_in_the_working() -> None:
    """The error the other way round, then up the slope: the new weights are right, the way there isn't."""
    exercise = exercise_of(NETWORK)
    answers = made_with(exercise, "error-sign", "ascent")
    right = flawless(exercise)
    assert all(answers[cell] == right[cell] for cell in exercise.asked if "_new" in cell)
    script = examined(exercise, answers)
    told = {one.code: one for one in script.explanations}
    assert told.keys() == {"error-sign", "ascent"}
    assert told["ascent"].cancels and not told["error-sign"].cancels
    assert all("_new" in cell for cell in told["ascent"].cells)
    assert "makes up for the mistake before" in list(as_lines(script, notation_of(exercise).text))[1]
    assert all(cell.marks == 1 for cell in script.cells if "_new" in cell.cell)


def test_a_number_miscopied_but_used_rightly_cancels_nothing() -> None:
    exercise = exercise_of(NETWORK)
    right = flawless(exercise)
    script = examined(exercise, right | {"dJ/dz2[1]": right["dJ/dz2[1]"].lstrip("-")})
    assert not any(one.cancels for one in script.explanations)


def test_what_makes_up_for_a_guess_is_a_guess() -> None:
    """One wrong number that nothing follows from. The slope it lacks happens to be the learning rate, so that what
    comes after looks as if the step had been taken for the gradient, to make up for it.
    """

    def sheet(rate: float) -> Exercise:
        return exercise_of(f"""family = "mlp"
        layers = [2, 2, 1]
        decimals = 4
        optimizer = {{ name = "sgd", learning_rate = {rate} }}
        ask = ["z", "a", "J", "dJ/dz", "dJ/dW", "dJ/db"]
        given = {{ x = [0.7, 1.3], y = [0.9], W1 = [[0.85, -0.55], [0.6, 1.1]], b1 = [0.25, -0.4], \
W2 = [[-0.75, 1.2]], b2 = [0.35] }}""")

    output = float(flawless(sheet(0.5))["a2[1]"])
    exercise = sheet(round(output * (1 - output), 4))
    wrong = made_with(exercise, "omit-activation-derivative")
    told = examined(exercise, flawless(exercise) | {"dJ/dz2[1]": wrong["dJ/dz2[1]"]})
    assert any(one.cancels for one in told.explanations)
    assert codes(told, sure=True) == set()


def test_a_script_is_read_the_same_in_any_company() -> None:
    exercise = EXERCISE_OF_MANY
    some = Class.drawn(exercise, 60)
    rng = np.random.default_rng(4)
    pairs = [(one, other) for one, other in combinations(some.mistakes, 2) if not one.sites.keys() & other.sites.keys()]
    groups = [pair for pair in pairs[::17] if with_mistakes(some.program, pair) is not None]
    written, _ = some.written_by(groups, rng)
    written = {cell: np.where(rng.random(some.count) < 0.7, values, np.nan) for cell, values in written.items()}
    together = some.examine(written)
    assert len(together.told) > 40
    for script in range(0, some.count, 3):
        place = slice(script, script + 1)
        alone = some.examine({cell: values[place] for cell, values in written.items()}, place)
        assert alone.told.get(0) == together.told.get(script)


def test_rivals_share_a_number_and_the_telling_cell_is_named() -> None:
    """Of the gradients by the first layer's weights only the last is there: two rules give it."""
    exercise = exercise_of("""family = "mlp"
        layers = [2, 2, 1]
        activations = ["relu", "identity"]
        decimals = 3
        given = { x = [0.7, 1.3], y = [0.9], W1 = [[0.85, 0.55], [-0.6, -1.1]], b1 = [0.25, -0.4], \
W2 = [[-0.75, 1.2]], b2 = [0.35] }""")
    script = examined(exercise, made_with(exercise, "relu-always-one"))
    assert len({one.alternative for one in script.explanations}) == 1
    assert codes(script) == {"relu-always-one", "omit-activation-derivative"}
    assert script.advice == "da1/dz1[2]"
    lines = list(as_lines(script, notation_of(exercise).text))
    assert lines[1].startswith("Or else: ")
    assert "write it down" in lines[-1]


@cache
def of_ones() -> Exercise:
    """With ones for all numbers many rules come to the same."""
    return exercise_of("""family = "mlp"
        layers = [2, 2, 2]
        activations = "identity"
        decimals = 4
        ask = ["dJ/dW1"]
        optimizer = { name = "sgd", learning_rate = 0.5 }
        given = { x = [1, 1], y = [0.9, 0.2], W1 = [[1, 1], [1, 1]], b1 = [1, 1], W2 = [[1, 1], [1, 1]], b2 = [1, 1] }
        """)


@pytest.mark.parametrize("limit", [MOST_RIVALS, 2])
def test_no_more_than_three_rivals_are_told(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is helped by a longer list. No exercise of ours has more than three by itself, so a lower limit shows that
    there is one.
    """
    monkeypatch.setattr("grader.diagnosis.MOST_RIVALS", limit)
    exercise = of_ones()
    most = 0
    for made in mistakes(exercise.program):
        told = examined(exercise, answers_of(exercise, [made])).explanations
        for number in {one.alternative for one in told}:
            most = max(most, len({one.code for one in told if one.alternative == number}))
    assert most == limit <= 3


def test_no_advice_where_one_reading_is_left() -> None:
    exercise = exercise_of(NETWORK)
    assert examined(exercise, made_with(exercise, "ascent")).advice is None


# --- slips ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, cell, change",
    [
        ("sign-slip", "z1[2]", lambda text: text.lstrip("-") if text.startswith("-") else f"-{text}"),
        ("decimal-point", "z1[2]", lambda text: f"{float(text) * 10:.4f}"),
        ("digits-swapped", "z1[2]", lambda text: text[:-3] + text[-2] + text[-3] + text[-1]),
    ],
)
def test_slips_of_the_pen_come_last(code: str, cell: str, change: object) -> None:
    assert callable(change)
    exercise = exercise_of(NETWORK)
    right = flawless(exercise)
    script = examined(exercise, right | {cell: change(right[cell])})
    assert [(one.code, one.slip, one.tentative) for one in script.explanations] == [(code, True, True)]
    (told,) = as_json(script, notation_of(exercise).text, "3:", 5)
    assert (told["kind"], told["sites"], told["cells"], told["alternative"]) == (
        "slip",
        [f"3:{cell}"],
        [f"3:{cell}"],
        6,
    )


def test_the_neighbour_s_number() -> None:
    exercise = exercise_of(NETWORK)
    right = flawless(exercise)
    script = examined(exercise, right | {"z1[2]": right["z1[1]"]})
    assert codes(script) == {"copied-neighbour"}


# --- what it costs --------------------------------------------------------------------------------------------------


def marks(script: ScriptResult) -> dict[str, Fraction]:
    return {cell.cell: cell.marks for cell in script.cells if cell.marks is not None}


@pytest.mark.parametrize(
    "code, charged",
    [("ascent", "W1_new"), ("omit-activation-derivative", "dJ/dz2"), ("omit-learning-rate", "W1_new")],
)
def test_a_mistake_made_everywhere_is_charged_once(code: str, charged: str) -> None:
    exercise = exercise_of(NETWORK)
    script = examined(exercise, made_with(exercise, code))
    lost = {cell.partition("[")[0] for cell, mark in marks(script).items() if mark == 0}
    assert lost == {charged}
    again = [cell for cell in script.cells if cell.paid_at]
    assert again and all(cell.paid_at == charged and cell.marks == 1 for cell in again)


def told(*, cells: tuple[str, ...], **more: object) -> Explanation:
    row = misconception("ascent")
    one = Explanation(row.code, row.kind, row.sentence, {}, ("W1_new",), cells, 1, tentative=False)
    return replace(one, **more)  # type: ignore[arg-type]


CELLS = ("dJ/dz1[1]", "W1_new[1]", "W1_new[2]", "W2_new[1]", "b2_new[1]")


@pytest.mark.parametrize(
    "explanation, free",
    [
        (told(cells=CELLS[1:]), {"W2_new[1]": "W1_new", "b2_new[1]": "W1_new"}),
        (told(cells=("da1/dz1[1]", *CELLS[3:])), {"b2_new[1]": "W2_new"}),  # what isn't asked can't be charged
        (told(cells=CELLS[1:3]), {}),
        (told(cells=CELLS[1:], tentative=True), {}),
        (told(cells=CELLS[1:], slip=True), {}),
        (told(cells=CELLS[1:], cancels=True), {}),
    ],
)
def test_what_is_paid_already(explanation: Explanation, free: dict[str, str]) -> None:
    assert paid_already(CELLS, [explanation]) == free


@pytest.mark.parametrize("student", ["s43", "s44"])
def test_a_wrong_sign_in_a_slope_isn_t_taken_for_a_slope_left_out(student: str) -> None:
    """These students' first numbers had x near π/2, where −sin x is about −1."""
    text = 'family = "circuit"\nexpression = "log(2 + cos(x)) * y"\ndecimals = 3\n'
    (open_numbers,) = parse_specification(f"[[exercise]]\n{text}", "here").exercises
    secret = seed(b"the course secret", set_name="week 3", exercise=1, student=student)
    exercise = draw(open_numbers, secret).exercise
    answers = flawless(exercise)
    answers["df/dx"] = answers["df/dx"][1:] if answers["df/dx"].startswith("-") else f"-{answers['df/dx']}"
    assert codes(examined(exercise, answers)) == {"sign-slip"}


@pytest.mark.parametrize("slip", [{}, {"m1[1]": "0.0900"}])
@pytest.mark.parametrize("blanks", [("v2[1]",), ("v1[1]", "v2[1]")])
def test_below_a_blank_in_significant_figures_no_more_is_allowed_than_if_it_were_filled_in(
    blanks: tuple[str, ...], slip: dict[str, str]
) -> None:
    """v2 is about 0.0008: half a unit of its last figure is 5e-7, wherever its number comes from."""
    places = 'decimals = { default = 4, v = "3 significant", vhat = "3 significant" }'
    exercise = exercise_of(f'family = "optimiser"\noptimizer = {{ name = "adam" }}\n{places}\n')
    answers = {**flawless(exercise), **slip, "vhat2[1]": "2.00"}
    for blank in blanks:
        del answers[blank]
    (cell,) = (cell for cell in examined(exercise, answers).cells if cell.cell == "vhat2[1]")
    assert cell.verdict is Verdict.WRONG and cell.allowed is not None and cell.allowed < 0.2
