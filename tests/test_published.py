"""The worked examples that people know: every value to 1e-9, every printed digit, and ours where print is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exercises.expression import Constant, Expression, apply
from exercises.operations.row import Array
from exercises.plan import flatten, run
from exercises.precision import Places
from exercises.program import Program
from exercises.specification import Exercise, parse_specification, published_names, read_specification

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "data/published.json").read_text("utf-8"))["cases"]
}

CLOSE = 1e-9
"""Relative and absolute, as promised."""

Values = Mapping[str, Array]
Where = str | tuple[str, ...] | Callable[[], list[float]]
"""An id, several ids, or what works it out; compared entry by entry in row-major order."""


@cache
def program_of(name: str, number: int = 1) -> Exercise:
    return read_specification(name).exercises[number - 1]


def values_of(
    exercise: Exercise, given: Values | None = None, replaced: Mapping[str, Expression] | None = None
) -> Values:
    numbers = {**exercise.given, **(given or {})}
    return {**numbers, **run(exercise.program, numbers, replaced=replaced)}


def flat(array: Array) -> list[float]:
    return [float(number) for number in array[..., 0].ravel()]


def of(name: str, *ids: str, number: int = 1, **given: float) -> Callable[[], list[float]]:
    """Ids of a published exercise, with some numbers changed."""

    def work() -> list[float]:
        values = values_of(program_of(name, number), {key: np.array([value]) for key, value in given.items()})
        return [entry for one in ids for entry in flat(values[one])]

    return work


def again(name: str, options: str, *ids: str) -> Callable[[], list[float]]:
    """Ids of a published exercise with lines of its TOML added or replaced (by their key)."""

    def work() -> list[float]:
        text = (Path(__file__).parents[1] / f"exercises/published/{name}.toml").read_text("utf-8")
        changed = {line.split(" = ")[0]: line for line in options.splitlines()}
        kept = [changed.pop(line.split(" = ")[0], line) for line in text.splitlines()]
        head = kept.index("[[exercise]]") + 1
        exercise = parse_specification("\n".join([*kept[:head], *changed.values(), *kept[head:]]), name).exercises[0]
        values = values_of(exercise)
        return [entry for one in ids for entry in flat(values[one])]

    return work


def slipped(
    name: str, options: str, wrong: Callable[[Program], Mapping[str, Expression]], *ids: str
) -> Callable[[], list[float]]:
    """Ids of a published exercise worked out with a wrong step."""

    def work() -> list[float]:
        text = (Path(__file__).parents[1] / f"exercises/published/{name}.toml").read_text("utf-8")
        exercise = parse_specification(text.replace("[[exercise]]", f"[[exercise]]\n{options}"), name).exercises[0]
        rate = {"learning_rate": np.array([1.0])} if "rounds" in options else {}
        values = values_of(exercise, rate, wrong(exercise.program))
        return [entry for one in ids for entry in flat(values[one])]

    return work


def dot(*weights: float) -> Callable[[], list[float]]:
    """The pre-activation of a neuron on the tutorial's (1.72, 1.23)."""

    def work() -> list[float]:
        given = f"given = {{ x = [1.72, 1.23], y = [0], W1 = [{list(weights)}] }}"
        text = f'[[exercise]]\nfamily = "neuron"\nbias = false\n{given}'
        return flat(values_of(parse_specification(text, "dot").exercises[0])["z1"])

    return work


def upstream_as_gradient(program: Program) -> dict[str, Expression]:
    """The tutorial's slip: the derivative by the prediction is taken from each weight, and the bias is left alone."""
    ones = Constant(Fraction(1), (2,))
    return {
        "dJ/dW1": apply("outer", program.symbol("dJ/da1"), ones),
        "dJ/db1": Constant(Fraction(0), (1,)),
    }


def through_updated_weights(program: Program) -> dict[str, Expression]:
    return {"dJ/da1": program.symbol("W2_new").T @ program.symbol("dJ/dz2")}


def each_error() -> list[float]:
    """½(t − o)² for each output, of which the total is the sum."""
    values = values_of(program_of("mazur"))
    return [0.5 * (a - y) ** 2 for a, y in zip(flat(values["a2"]), flat(values["y"]), strict=True)]


@cache
def ten_thousand_updates(*, wrong: bool) -> list[Values]:
    """Mazur's network after 9,999 and after 10,000 updates."""
    exercise = program_of("mazur")
    first = Program(
        exercise.program.givens,
        tuple(step for step in exercise.program.steps if "@" not in step.name),
        exercise.program.output,
    )
    plan = flatten(first, through_updated_weights(first) if wrong else None)
    numbers = dict(exercise.given)
    before = values = plan.run(numbers)
    for _ in range(10_000):
        numbers |= {"W1": values["W1_new"], "W2": values["W2_new"]}
        before, values = values, plan.run(numbers)
    return [before, values]


def after(steps: int, quantity: str, *, wrong: bool = False) -> Callable[[], list[float]]:
    return lambda: flat(ten_thousand_updates(wrong=wrong)[steps - 9_999][quantity])


def neuron(name: str) -> dict[str, Where]:
    def slip(quantity: str) -> Callable[[], list[float]]:
        return slipped(name, "rounds = 2", upstream_as_gradient, quantity)

    return {
        "z": "z1",
        "pred": "a1",
        "loss": "J",
        "dloss_dpred": "dJ/da1",
        "sigmoid_prime": "da1/dz1",
        "dloss_db": "dJ/db1",
        "dloss_dw": "dJ/dW1",
        "new_w_lr1": of(name, "W1_new", learning_rate=1.0),
        "new_b_lr1": of(name, "b1_new", learning_rate=1.0),
        "new_w_lr0_1": "W1_new",
        "new_b_lr0_1": "b1_new",
        "tutorial_first_update_w_minus_dlossdpred": slip("W1_new"),
        "tutorial_first_update_pred": slip("a1@2"),
        "tutorial_first_update_loss": slip("J@2"),
        "dot_172_123_with_126_0": dot(1.26, 0),
        "dot_172_123_with_217_032": dot(2.17, 0.32),
    }


POINTS = (1.0, np.pi / 3, np.pi / 2)

FOUND: dict[str, tuple[str, dict[str, Where]]] = {
    "seed.hmkcode-2-2-1": (
        "hmkcode",
        {
            "h": "z1",
            "pred": "z2",
            "loss": "J",
            "delta": "dJ/dz2",
            "dw5_dw6": "dJ/dW2",
            "dw1_dw2_dw3_dw4": "dJ/dW1",
            "new_w5_w6": "W2_new",
            "new_w1_w2_w3_w4": "W1_new",
            "second_pass_h": "z1@2",
            "second_pass_pred": "z2@2",
            "second_pass_loss": "J@2",
        },
    ),
    "seed.realpython-neuron-a": ("realpython-a", neuron("realpython-a")),
    "seed.realpython-neuron-b": ("realpython-b", neuron("realpython-b")),
    "seed.aiml-3-3-1": (
        "adventures",
        {
            "z2": "z1",
            "h2": "a1",
            "z3": "z2",
            "h3": "a2",
            "delta_out_y1": "dJ/dz2",
            "dJ_dW2_y1": "dJ/dW2",
            "dJ_db2_y1": "dJ/db2",
            "delta_hidden_y1": "dJ/dz1",
            "dJ_dW1_y1": "dJ/dW1",
            "forward_b1_080708": again("adventures", "b1 = [0.8, 0.7, 0.8]", "a2"),
        },
    ),
    "seed.catalit-log": (
        "log-2-plus-cos",
        {
            "h": lambda: [value for x in POINTS for value in of("log-2-plus-cos", "h", x=x)()],
            "dh": lambda: [value for x in POINTS for value in of("log-2-plus-cos", "dh/dx", x=x)()],
        },
    ),
    "seed.mazur-2-2-2": (
        "mazur",
        {
            "net_h": "z1",
            "out_h": "a1",
            "net_o": "z2",
            "out_o": "a2",
            "E_o": each_error,
            "E_total": "J",
            "dE_dout_o": "dJ/da2",
            "dout_dnet_o": "da2/dz2",
            "delta_o": "dJ/dz2",
            "dE_dW2": "dJ/dW2",
            "dE_dout_h": "dJ/da1",
            "dout_dnet_h": "da1/dz1",
            "delta_h": "dJ/dz1",
            "dE_dW1": "dJ/dW1",
            "new_W2": "W2_new",
            "new_W1": "W1_new",
            "E_after_1": "J@2",
            "per_neuron_bias_update_b2": again(
                "mazur", "bias = true\nupdate_bias = true\nb1 = [0.35, 0.35]\nb2 = [0.6, 0.6]", "b2_new"
            ),
            "per_neuron_bias_update_b1": again(
                "mazur", "bias = true\nupdate_bias = true\nb1 = [0.35, 0.35]\nb2 = [0.6, 0.6]", "b1_new"
            ),
            "shared_bias_update_b1_b2": again("mazur", "update_bias = true", "b1_new", "b2_new"),
            "E_after_10000": after(10_000, "J"),
            "out_after_10000": after(10_000, "a2"),
            "E_after_9999": after(9_999, "J"),
            "mutant_updated_W2_new_W1": slipped("mazur", "", through_updated_weights, "W1_new"),
            "mutant_updated_W2_E_after_1": slipped("mazur", "", through_updated_weights, "J@2"),
            "mutant_updated_W2_out_after_10000": after(10_000, "a2", wrong=True),
            "mutant_updated_W2_E_after_10000": after(10_000, "J", wrong=True),
        },
    ),
    "pub.cs231n-mul": ("cs231n-mul", {"q": "q", "f": "f", "df": ("df/dx", "df/dy", "df/dz")}),
    "pub.cs231n-sigmoid": (
        "cs231n-sigmoid",
        {"f": "f", "ddot": "df/ds", "dx": ("df/dx0", "df/dx1"), "dw": ("df/dw0", "df/dw1", "df/dw2")},
    ),
    "pub.cs224n": ("cs224n", {"f": "f", "grad": ("df/dx", "df/dy", "df/dz")}),
    "pub.colah": ("colah", {"e": "e", "grad": ("de/da", "de/db")}),
    "pub.coursera-3abc": ("coursera", {"J": "J", "grad": ("dJ/da", "dJ/db", "dJ/dc")}),
    "pub.ng-concept": ("ng", {"J": "J", "dw": "dJ/dw", "db": "dJ/db"}),
    "pub.micrograd-neuron": (
        "micrograd",
        {"n": "n", "o": "o", "dn": "do/dn", "dx": ("do/dx1", "do/dx2"), "dw": ("do/dw1", "do/dw2")},
    ),
    "pub.thsis-rnn": (
        "thsis",
        {"h1": "h1", "h2": "h2", "h3": "h3", "yhat": "a", "dL_dW": "dJ/dWx", "dL_dU": "dJ/dWh"},
    ),
    "pub.gomez-lstm": (
        "gomez",
        {
            "t0_a_i_f_o_state_out": ("g1", "i1", "f1", "o1", "c1", "h1"),
            "t1_a_i_f_o_state_out": ("g2", "i2", "f2", "o2", "c2", "h2"),
            "dW": ("dJ/dWxg", "dJ/dWxi", "dJ/dWxf", "dJ/dWxo"),
            "dU": ("dJ/dWhg", "dJ/dWhi", "dJ/dWhf", "dJ/dWho"),
            "db": ("dJ/dbg", "dJ/dbi", "dJ/dbf", "dJ/dbo"),
            "new_W": ("Wxg_new", "Wxi_new", "Wxf_new", "Wxo_new"),
            "new_U": ("Whg_new", "Whi_new", "Whf_new", "Who_new"),
            "new_b": ("bg_new", "bi_new", "bf_new", "bo_new"),
        },
    ),
    "pub.lexai-conv": (
        "lexai",
        {
            "dW": "dJ/dK",
            "dx_topleft": lambda: [float(v) for v in values_of(program_of("lexai"))["dJ/dx"][:2, :2, 0].ravel()],
        },
    ),
    "pub.pytorch-blitz": (
        "pytorch-blitz",
        {
            "da": lambda: [value for k in (1, 2) for value in of("pytorch-blitz", "dQ/da", number=k)()],
            "db": lambda: [value for k in (1, 2) for value in of("pytorch-blitz", "dQ/db", number=k)()],
        },
    ),
    "pub.g-eoj-relu-softmax": (
        "g-eoj",
        {
            "M": "z1",
            "h": "a1",
            "scores": "z2",
            "loss": "J",
            "dscores": "dJ/dz2",
            "dW2": lambda: transposed("g-eoj", "dJ/dW2"),
            "dh": "dJ/da1",
            "dM": "dJ/dz1",
            "dW1": lambda: transposed("g-eoj", "dJ/dW1"),
            "db1": "dJ/db1",
            "mutant_relu_deriv_1_at_negative_dW1": lambda: transposed("g-eoj", "dJ/dW1", relu_always_one=True),
        },
    ),
    "pub.surafelml-bce": (
        "surafelml",
        {
            "z1": "z1",
            "a1": "a1",
            "z2": "z2",
            "yhat": "a2",
            "loss": "J",
            "d2": "dJ/dz2",
            "dW2": "dJ/dW2",
            "d1": "dJ/dz1",
            "dW1": "dJ/dW1",
        },
    ),
    "pub.dsse-64746-softmax": (
        "dsse-softmax",
        {
            "a": "a1",
            "dE_da": "dJ/da1",
            "dE_dz": "dJ/dz1",
            "softmax_jacobian": "da1/dz1",
            "mutant_elementwise": lambda: softmax_place_by_place(),
        },
    ),
    "pub.x-plus-x": ("x-plus-x", {"y": "y", "dx": "dy/dx", "mutant_overwrite": lambda: overwritten()}),
}
"""For each case of published.json: the file here, and where each of its source's quantities is found."""


def transposed(name: str, quantity: str, *, relu_always_one: bool = False) -> list[float]:
    """The notebook writes x W where we write W x."""
    exercise = program_of(name)
    wrong = {"da1/dz1": Constant(Fraction(1), (2,))} if relu_always_one else None
    return flat(values_of(exercise, replaced=wrong)[quantity].swapaxes(0, 1))


def softmax_place_by_place() -> list[float]:
    exercise = program_of("dsse-softmax")
    a = exercise.program.symbol("a1")
    wrong = {"da1/dz1": apply("diagonal", a * (1 - a))}
    return flat(values_of(exercise, replaced=wrong)["dJ/dz1"])


def overwritten() -> list[float]:
    """The second path's derivative put in place of the first one's, not added to it."""
    return flat(values_of(program_of("x-plus-x"), replaced={"y|x": Constant(Fraction(1))})["dy/dx"])


def found(case: str, key: str) -> list[float]:
    name, where = FOUND[case]
    place = where[key]
    if callable(place):
        return place()
    return of(name, *([place] if isinstance(place, str) else place))()


def entries(value: Any) -> list[Any]:
    return [one for item in value for one in entries(item)] if isinstance(value, list) else [value]


ALL = [(case, key) for case, content in CASES.items() for key in content["expected"]]


ONLY_EIGHT_DIGITS = {("seed.mazur-2-2-2", "mutant_updated_W2_out_after_10000")}
"""The list has these to eight places."""

SLIPS_OF_THE_LIST = {"dot_172_123_with_217_032": [4.126]}
"""1.72 · 2.17 + 1.23 · 0.32 = 3.7324 + 0.3936; the list says 4.1259."""


@pytest.mark.parametrize("case,key", ALL)
def test_every_value_of_every_example(case: str, key: str) -> None:
    expected = SLIPS_OF_THE_LIST.get(key, entries(CASES[case]["expected"][key]))
    close = 5e-9 if (case, key) in ONLY_EIGHT_DIGITS else CLOSE
    assert found(case, key) == pytest.approx(expected, rel=close, abs=close)


def _digits() -> list[tuple[str, str, int, str]]:
    return [
        (case, key, place, text)
        for case, content in CASES.items()
        for key, texts in content["printed"].items()
        for place, text in enumerate(entries(texts))
    ]


def _wrong_in_print(case: str) -> dict[tuple[str, str], float]:
    return {(one["quantity"], one["printed"]): one["recomputed"] for one in CASES[case]["printed_disagreeing"]}


@pytest.mark.parametrize("case,key,place,text", _digits())
def test_every_printed_digit(case: str, key: str, place: int, text: str) -> None:
    ours = found(case, key)[place]
    half_unit = float(Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent))) / 2
    wrong = _wrong_in_print(case)
    if (key, text) in wrong:
        assert abs(ours - float(text)) > half_unit
        assert ours == pytest.approx(wrong[key, text], rel=CLOSE, abs=CLOSE)
    else:
        assert abs(ours - float(text)) <= half_unit * (1 + 1e-6)


OURS_WHERE_PRINT_IS_WRONG = [
    ("seed.aiml-3-3-1", "h3", 0, 4, "0.8355"),
    ("seed.mazur-2-2-2", "E_after_1", 0, 9, "0.291027774"),
    ("seed.mazur-2-2-2", "out_after_10000", 0, 9, "0.015913620"),
    ("seed.mazur-2-2-2", "out_after_10000", 1, 9, "0.984064274"),
    ("seed.mazur-2-2-2", "E_after_10000", 0, 10, "0.0000351019"),
    ("pub.g-eoj-relu-softmax", "dW2", 0, 12, "0.978240210069"),
    ("pub.g-eoj-relu-softmax", "dW2", 1, 12, "0.504998396208"),
    ("pub.thsis-rnn", "dL_dW", 0, 8, "-0.00309606"),
    ("pub.thsis-rnn", "dL_dW", 1, 8, "-0.00103879"),
    ("pub.gomez-lstm", "t0_a_i_f_o_state_out", 4, 5, "0.78573"),
    ("pub.gomez-lstm", "t1_a_i_f_o_state_out", 5, 5, "0.77198"),
]


@pytest.mark.parametrize("case,key,place,decimals,ours", OURS_WHERE_PRINT_IS_WRONG)
def test_the_erratum_names_the_right_digits(case: str, key: str, place: int, decimals: int, ours: str) -> None:
    assert Places(decimals).text(found(case, key)[place]) == ours
    published = read_specification(FOUND[case][0]).published
    assert published is not None
    assert ours in published.erratum


def test_mazurs_printed_error_is_what_the_updated_weights_give() -> None:
    slip = slipped("mazur", "", through_updated_weights, "J@2")()[0]
    assert Places(9).text(slip) == "0.291027924"


def test_each_case_has_a_file_and_each_file_a_case() -> None:
    assert set(FOUND) == set(CASES)
    assert {name for name, _ in FOUND.values()} == set(published_names())


def test_each_case_is_looked_up_in_full() -> None:
    for case, content in CASES.items():
        assert set(FOUND[case][1]) >= set(content["expected"]) | set(content["printed"])


@pytest.mark.parametrize("name", published_names())
def test_each_file_says_where_it_comes_from_in_one_line(name: str) -> None:
    specification = read_specification(name)
    published = specification.published
    assert specification.title
    assert published is not None
    assert published.source
    assert "\n" not in published.description + published.erratum
    assert all(not exercise.open_names for exercise in specification.exercises)


def test_every_file_that_print_contradicts_says_so() -> None:
    wrong: Sequence[str] = [FOUND[case][0] for case, content in CASES.items() if content["printed_disagreeing"]]
    assert wrong
    for name in wrong:
        published = read_specification(name).published
        assert published is not None
        assert published.erratum
