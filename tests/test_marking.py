"""Marks carried forward: a slip is paid for once, wherever it is; what is typed in to make the rest easy earns less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
import pytest
from students import (
    Change,
    Script,
    any_habits,
    decimals,
    everything,
    formula,
    habits,
    hand_in,
    network,
    numbers_for,
    some_of,
    work,
)

from exercises.expression import Apply
from exercises.operations.row import Array
from grader.marking import Entries, Judged, Task, Verdict, mark, task_of

PROGRAMS = {
    "2-2-1": network(2, 2, 1),
    "2-2-2": network(2, 2, 2),
    "3-3-1 tanh": network(3, 3, 1, activations="tanh"),
    "2-3-2 relu": network(2, 3, 2, activations=("relu", "identity")),
    "2-2-2 softmax": network(2, 2, 2, activations=("tanh", "softmax")),
    "two rounds": network(2, 2, 1, activations=("sigmoid", "identity"), rounds=2),
    "circuit": formula("p = x*y + 3*z", "q = p / (x + y)", "r = max(q, p*z)", "f = r^2 + exp(q)"),
}
POSITIVE = ("circuit",)
DIGITS = 4
UNIT = 10.0**-DIGITS
NETWORKS = 12
"""For each cell in which the slip is made."""

CREDIT = (Verdict.CORRECT, Verdict.CARRIED)


class Class:
    """A class on one exercise, every student with numbers of their own; everybody rounds every line."""

    def __init__(self, name: str, students: int, seed: int = 1) -> None:
        self.task: Task = task_of(PROGRAMS[name], decimals(DIGITS))
        self.cells = list(self.task.lines.root)
        self.students = students
        self.seed = seed
        rng = np.random.default_rng(seed)
        self.given = numbers_for(self.task.cells, students, rng, positive=name in POSITIVE)
        self.honest = self.work({})
        self.all = everything(self.task.cells, students)

    def work(self, slips: Mapping[str, Change]) -> Script:
        rng = np.random.default_rng(self.seed)
        return work(self.task.cells, self.task.precision, self.given, habits(self.students), rng, slips)

    def mark(self, entries: Entries) -> dict[str, Judged]:
        return mark(self.task, self.given, entries)

    def verdicts(self, entries: Entries) -> Array:
        """Rows are cells, columns students."""
        judged = self.mark(entries)
        return np.array([judged[cell].verdict for cell in self.cells])

    @property
    def slopes(self) -> list[str]:
        """The cells that say on which side of a kink a unit is."""
        steps = self.task.cells.steps
        return [s.name for s in steps if isinstance(s.expression, Apply) and s.expression.operation == "by_sign"]

    def kinks(self, script: Script) -> Array:
        """On which side of every kink each student is."""
        return np.array([script.written[cell] for cell in self.slopes]).reshape(-1, self.students)


def slip(values: Array) -> Array:
    """Plainly wrong, on the same side of 0, and inside (0, 1) where the right one is."""
    return np.round(
        np.where(np.abs(values) < 0.02, np.where(values < 0, values - 0.03, values + 0.03), values * 0.7), DIGITS
    )


def in_cell(number: int, where: Array, change: Change = slip) -> Change:
    """A slip of those students only for whom ``where`` names this cell."""
    return lambda values: np.where(where == number, change(values), np.nan)


@cache
def each_cell_once(name: str) -> tuple[Class, Array]:
    """A class in which every cell is somebody's slip, ``NETWORKS`` times, and who makes it where."""
    count = len(task_of(PROGRAMS[name], decimals(DIGITS)).lines.root)
    where = np.repeat(np.arange(count), NETWORKS)
    return Class(name, len(where)), where


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_slip_costs_exactly_that_cell(name: str) -> None:
    room, where = each_cell_once(name)
    script = room.work({cell: in_cell(k, where) for k, cell in enumerate(room.cells)})
    verdicts = room.verdicts(hand_in(script, room.all))
    same_side = room.kinks(script) == room.kinks(room.honest)
    alive = np.array(
        [same_side[:, who].sum() >= len(same_side) - (room.cells[k] in room.slopes) for who, k in enumerate(where)]
    )
    slipped = np.arange(len(room.cells))[:, None] == where
    assert (verdicts[slipped] == Verdict.WRONG).all()
    others = np.where(slipped, Verdict.CORRECT, verdicts)[:, alive]
    assert alive.mean() > 0.8
    assert np.isin(others, CREDIT).all()


@pytest.mark.parametrize("name", PROGRAMS)
def test_cells_before_a_slip_and_beside_it_stay_correct(name: str) -> None:
    room, where = each_cell_once(name)
    script = room.work({cell: in_cell(k, where) for k, cell in enumerate(room.cells)})
    verdicts = room.verdicts(hand_in(script, room.all))
    reads = room.task.lines.reads
    for k in range(0, len(room.cells), 3):
        tainted = {room.cells[k]}
        for cell in room.cells:
            if tainted & set(reads[cell]):
                tainted.add(cell)
        clean = [row for row, cell in enumerate(room.cells) if cell not in tainted]
        assert (verdicts[np.ix_(clean, where == k)] == Verdict.CORRECT).all()


@pytest.mark.parametrize("name", ["2-2-1", "2-2-2", "3-3-1 tanh", "2-2-2 softmax"])
def test_two_slips_cost_two_cells(name: str) -> None:
    room = Class(name, 600)
    rng = np.random.default_rng(2)
    first, second = (rng.integers(0, len(room.cells), room.students) for _ in range(2))
    changes: dict[str, Change] = {
        cell: in_cell(k, np.where(first == k, first, second)) for k, cell in enumerate(room.cells)
    }
    verdicts = room.verdicts(hand_in(room.work(changes), room.all))
    assert ((verdicts == Verdict.WRONG).sum(axis=0) == np.where(first == second, 1, 2)).all()
    assert np.isin(verdicts, (*CREDIT, Verdict.WRONG)).all()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_miscopied_value_costs_one_cell(name: str) -> None:
    """The table is wrong, but what was worked on with is right: all else is correct, nothing only carried."""
    room, where = each_cell_once(name)
    entries = hand_in(room.honest, room.all)
    copied = {
        cell: np.where(where == k, slip(entries.values[cell]), entries.values[cell])
        for k, cell in enumerate(room.cells)
    }
    verdicts = room.verdicts(Entries(copied))
    slipped = np.arange(len(room.cells))[:, None] == where
    assert (verdicts[slipped] == Verdict.WRONG).all()
    assert np.isin(verdicts[~slipped], CREDIT).all()
    assert (verdicts[~slipped] == Verdict.CORRECT).mean() > 0.999


@pytest.mark.parametrize("name", ["2-2-2", "2-3-2 relu", "two rounds"])
@pytest.mark.parametrize("units", [1, -2, 3])
def test_a_value_miscopied_by_a_unit_or_three_costs_one_cell_at_most(name: str, units: int) -> None:
    """The key's numbers but for one that is off by no more than rounding might be: the others are the key's still."""
    room, where = each_cell_once(name)
    key = {cell: np.round(values, DIGITS) for cell, values in room.task.plan.run(room.given).items()}
    off = {cell: key[cell] + units * UNIT * (where == k) for k, cell in enumerate(room.cells)}
    verdicts = room.verdicts(Entries(off))
    others = np.arange(len(room.cells))[:, None] != where
    assert (verdicts[others] == Verdict.CORRECT).all()


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("text", [False, True])
def test_a_blank_or_unreadable_cell_costs_itself_alone(name: str, text: bool) -> None:
    room, where = each_cell_once(name)
    entries = hand_in(room.honest, room.all)
    left_out = {cell: where == k for k, cell in enumerate(room.cells)}
    values = {cell: np.where(left_out[cell], np.nan, value) for cell, value in entries.values.items()}
    verdicts = room.verdicts(Entries(values, left_out if text else {}))
    own = np.arange(len(room.cells))[:, None] == where
    assert (verdicts[own] == (Verdict.UNREADABLE if text else Verdict.ABSENT)).all()
    assert (verdicts[~own] == Verdict.CORRECT).all()


# --- mixed histories -------------------------------------------------------------------------------------------------


def test_below_a_miscopied_and_a_wrong_cell_each_counts_as_it_was_used() -> None:
    """The table has a wrong a1[1] that was used rightly, and a wrong a1[2] that was carried on as it stands."""
    room = Class("2-2-2", 400)
    script = room.work({"a1[2]": slip})
    entries = hand_in(script, room.all)
    both = Entries({**entries.values, "a1[1]": slip(entries.values["a1[1]"])})
    judged = room.mark(both)
    wrong = {cell for cell, one in judged.items() if (one.verdict == Verdict.WRONG).any()}
    assert wrong == {"a1[1]", "a1[2]"}
    for cell in ("z2[1]", "z2[2]"):  # read both
        assert (judged[cell].verdict == Verdict.CARRIED).all()
        assert (np.abs(judged[cell].expected - entries.values[cell]) < judged[cell].allowed).all()


def test_a_miscopied_cell_below_a_slip_costs_itself_alone() -> None:
    """dJ/dz2 is wrong and carried on; the table has a wrong dJ/da1[1] that was used rightly."""
    room = Class("2-2-1", 400)
    script = room.work({"dJ/dz2[1]": slip})
    entries = hand_in(script, room.all)
    miscopied = slip(entries.values["dJ/da1[1]"])
    judged = room.mark(Entries({**entries.values, "dJ/da1[1]": miscopied}))
    wrong = {cell for cell, one in judged.items() if (one.verdict == Verdict.WRONG).any()}
    assert wrong == {"dJ/dz2[1]", "dJ/da1[1]"}
    assert (judged["dJ/dz1[1]"].verdict == Verdict.CARRIED).mean() > 0.9  # else near the key's


def test_of_three_wrong_cells_one_may_have_been_used_otherwise() -> None:
    room = Class("3-3-1 tanh", 200)
    script = room.work({"a1[2]": slip, "a1[3]": slip})
    entries = hand_in(script, room.all)
    judged = room.mark(Entries({**entries.values, "a1[1]": slip(entries.values["a1[1]"])}))
    assert (judged["z2[1]"].verdict == Verdict.CARRIED).all()


def test_a_slip_on_top_of_a_slip_is_carried_from_there() -> None:
    room = Class("2-2-1", 200)
    verdicts = room.mark(hand_in(room.work({"z1[1]": slip, "a1[1]": slip, "z2[1]": slip}), room.all))
    assert [cell for cell, one in verdicts.items() if (one.verdict == Verdict.WRONG).any()] == [
        "z1[1]",
        "a1[1]",
        "z2[1]",
    ]


def test_the_expected_value_is_the_one_from_the_students_own_numbers() -> None:
    room = Class("2-2-1", 50)
    script = room.work({"z1[1]": slip})
    judged = room.mark(hand_in(script, room.all))
    own = 1 / (1 + np.exp(-script.written["z1[1]"]))
    assert np.allclose(judged["a1[1]"].expected, own) and not np.allclose(judged["a1[1]"].key, own)


# --- exploits --------------------------------------------------------------------------------------------------------


def credit(room: Class, script: Script) -> Array:
    """Marks of each student."""
    return np.isin(room.verdicts(hand_in(script, room.all)), CREDIT).sum(axis=0)


def typed(number: float | Array) -> Change:
    return lambda values: np.broadcast_to(number, values.shape).copy()


NUMBERS = {"0": 0.0, "1": 1.0, "-1": -1.0}


@pytest.mark.parametrize("name", ["2-2-1", "2-2-2", "3-3-1 tanh", "2-3-2 relu", "2-2-2 softmax"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_plain_number_typed_in_never_earns_more_than_an_honest_slip(name: str, number: str) -> None:
    room, where = each_cell_once(name)
    honest = credit(room, room.work({cell: in_cell(k, where) for k, cell in enumerate(room.cells)}))
    exploit = credit(
        room, room.work({cell: in_cell(k, where, typed(NUMBERS[number])) for k, cell in enumerate(room.cells)})
    )
    full = credit(room, room.honest)
    already = np.array(
        [abs(room.honest.written[room.cells[k]][who] - NUMBERS[number]) < 10 * UNIT for who, k in enumerate(where)]
    )
    dead = (room.kinks(room.work({cell: in_cell(k, where) for k, cell in enumerate(room.cells)})) == 0).any(axis=0)
    assert (exploit < full)[~already].all()
    assert (exploit <= honest)[~already & ~dead].all()


EASY: dict[str, tuple[str, Sequence[str], Callable[[Class], Change]]] = {
    "an output like its target": ("2-2-1", ["a2[1]"], lambda room: typed(room.given["y[1]"])),
    "a saturated unit": ("2-2-1", ["z1[1]", "z2[1]"], lambda room: typed(25.0)),
    "a nearly saturated unit": ("2-2-1", ["z1[1]", "z2[1]"], lambda room: typed(14.0)),
    "an activation of 0": ("2-2-1", ["a1[1]", "a1[2]"], lambda room: typed(0.0)),
    "an activation of 1": ("2-2-1", ["a1[1]", "a1[2]"], lambda room: typed(1.0)),
    "no error at the output": ("2-2-1", ["dJ/da2[1]", "dJ/dz2[1]"], lambda room: typed(0.0)),
    "an error of 1": ("2-2-2", ["dJ/dz2[1]", "dJ/dz2[2]"], lambda room: typed(1.0)),
    "an error of -1": ("2-2-2", ["dJ/dz2[1]", "dJ/dz2[2]"], lambda room: typed(-1.0)),
    "a flat unit": ("3-3-1 tanh", ["da1/dz1[1]", "da1/dz1[2]", "dJ/dz1[3]"], lambda room: typed(0.0)),
    "a dead unit": ("2-3-2 relu", ["z1[1]", "z1[2]", "a1[3]"], lambda room: typed(-1.0)),
    "probability 1": ("2-2-2 softmax", ["dJ/dz2[1]"], lambda room: typed(0.0)),
}


@pytest.mark.parametrize("easy", EASY)
def test_making_the_rest_easy_earns_less_than_an_honest_slip(easy: str) -> None:
    name, cells, number = EASY[easy]
    room = Class(name, 500)
    written = np.abs([room.honest.written[cell] for cell in room.cells])
    lively = (written > 5 * UNIT).all(axis=0)  # as on every sheet of ours
    assert lively.sum() > 10
    for cell in cells:
        exploit = credit(room, room.work({cell: number(room)}))
        honest = credit(room, room.work({cell: slip}))
        assert (exploit < honest)[lively].all(), cell


def test_nothing_is_earned_below_a_divisor_entered_as_zero() -> None:
    task = task_of(formula("q = x - y", "f = w / q", "g = f * z"), decimals(3))
    given = {name: np.array([value]) for name, value in {"x": 1.3, "y": 0.4, "w": 2.0, "z": 1.7}.items()}
    judged = mark(task, given, Entries({"q": np.array([0.0]), "f": np.array([123.0]), "g": np.array([209.1])}))
    assert judged["q"].verdict[0] == judged["f"].verdict[0] == Verdict.WRONG
    assert np.isfinite(judged["f"].expected[0]) and np.isfinite(judged["f"].allowed[0])
    honest = mark(task, given, Entries({"q": np.array([0.0]), "f": np.array([2.222])}))
    assert honest["f"].verdict[0] == Verdict.CORRECT


def test_an_enormous_number_opens_no_door() -> None:
    room = Class("circuit", 50)
    for number in (1e12, 1e200, 1e308):
        verdicts = room.mark(hand_in(room.work({"u1": typed(number)}), room.all))
        assert (verdicts["u1"].verdict == Verdict.WRONG).all()
        assert (credit(room, room.work({"u1": typed(number)})) < credit(room, room.honest)).all()


def test_an_honest_sign_slip_in_a_relu_network_carries() -> None:
    """Living units that the slip kills give zeros, which earn nothing; dead ones that it wakes cost only the slip."""
    room = Class("2-3-2 relu", 600)
    wakes = room.honest.written["z1[2]"] < -0.05
    verdicts = room.verdicts(hand_in(room.work({"z1[2]": lambda values: -values}), room.all))
    wrong = (verdicts == Verdict.WRONG).sum(axis=0)
    assert wakes.sum() > 100 and (wrong[wakes] == 1).all()
    kills = np.logical_and.reduce([room.honest.written[f"z1[{unit}]"] > 0.05 for unit in (1, 2, 3)])
    index = {cell: k for k, cell in enumerate(room.cells)}
    for cell in ("z2[1]", "z2[2]", "J", "dJ/da2[1]", "dJ/dz2[2]", "dJ/dW2[1,1]", "dJ/da1[2]", "W2_new[1,1]"):
        assert np.isin(verdicts[index[cell]][kills], CREDIT).all(), cell
    for cell in ("a1[2]", "da1/dz1[2]", "dJ/dW2[1,2]", "dJ/dz1[2]"):
        assert not np.isin(verdicts[index[cell]][kills], CREDIT).any(), cell


def test_an_honest_zero_is_accepted() -> None:
    """Numbers so small that they are written 0.000 are as right as any, and so is what follows from them."""
    task = task_of(network(2, 2, 1), decimals(3))
    rng = np.random.default_rng(4)
    given = numbers_for(task.cells, 500, rng)
    given |= {name: value * 0.01 for name, value in given.items() if name.startswith("W2")}
    given |= {"x[1]": np.full(500, 0.02), "x[2]": np.full(500, -0.03)}
    script = work(task.cells, task.precision, given, any_habits(500, rng), rng)
    assert (np.abs(script.written["dJ/dW1[1,1]"]) == 0).mean() > 0.9
    judged = mark(task, given, hand_in(script, everything(task.cells, 500)))
    assert all((one.verdict == Verdict.CORRECT).all() for one in judged.values())


def test_an_honest_zero_after_a_slip_is_carried() -> None:
    """0.0004 is written 0.000; the next line, worked from it, is 0 and right."""
    task = task_of(formula("p = x * y", "q = p * z", "f = q * w"), decimals(3))
    given = {name: np.array([value]) for name, value in {"x": 0.5, "y": 0.9, "z": 0.04, "w": 0.5}.items()}
    judged = mark(task, given, Entries({"p": np.array([0.01]), "q": np.array([0.0]), "f": np.array([0.0])}))
    assert [judged[cell].verdict[0] for cell in ("p", "q", "f")] == [Verdict.WRONG, Verdict.CARRIED, Verdict.CARRIED]


# --- nobody minds the others -----------------------------------------------------------------------------------------


def _untidy(room: Class) -> Entries:
    """Slips, blanks and unreadable cells all over the class."""
    rng = np.random.default_rng(9)
    where = rng.integers(0, 3 * len(room.cells), room.students)
    script = room.work({cell: in_cell(k, where) for k, cell in enumerate(room.cells)})
    entries = hand_in(script, some_of(room.task.cells, room.students, rng))
    torn = {cell: np.isnan(value) & (rng.random(room.students) < 0.05) for cell, value in entries.values.items()}
    return Entries(entries.values, torn)


@pytest.mark.parametrize("name", ["2-2-1", "2-3-2 relu", "circuit"])
def test_marks_depend_on_no_other_script(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone or among 1,000 in blocks, bit for bit: verdict, expected value, what is allowed, key."""
    monkeypatch.setattr("grader.marking.BLOCK", 400)
    room = Class(name, 1_000)
    entries = _untidy(room)
    together = room.mark(entries)
    for who in range(0, 1_000, 61):
        one = slice(who, who + 1)
        given = {cell: value[one] for cell, value in room.given.items()}
        values = {cell: value[one] for cell, value in entries.values.items() if not np.isnan(value[who])}
        torn = {cell: mask[one] for cell, mask in entries.unreadable.items() if mask[who]}
        alone = mark(room.task, given, Entries(values, torn))
        for cell in room.cells:
            for part in ("verdict", "expected", "allowed", "key"):
                np.testing.assert_array_equal(getattr(alone[cell], part), getattr(together[cell], part)[one], cell)


def test_the_order_of_scripts_and_of_cells_changes_nothing() -> None:
    room = Class("2-2-2", 300)
    entries = _untidy(room)
    judged = room.mark(entries)
    backwards = Entries(dict(reversed(entries.values.items())), dict(reversed(entries.unreadable.items())))
    again = mark(room.task, dict(reversed(room.given.items())), backwards)
    shuffle = np.random.default_rng(1).permutation(room.students)
    moved = mark(room.task, {cell: value[shuffle] for cell, value in room.given.items()}, entries[shuffle])
    for cell, one in judged.items():
        for part in ("verdict", "expected", "allowed", "key"):
            np.testing.assert_array_equal(getattr(again[cell], part), getattr(one, part))
            np.testing.assert_array_equal(getattr(moved[cell], part), getattr(one, part)[shuffle])


def test_numbers_that_are_the_same_for_all_may_be_given_once() -> None:
    room = Class("2-2-1", 40)
    entries = hand_in(room.honest, room.all)[np.zeros(40, dtype=np.intp)]
    once = {cell: value[:1] for cell, value in room.given.items()}
    repeated = {cell: np.repeat(value[:1], 40) for cell, value in room.given.items()}
    first, second = mark(room.task, once, entries), mark(room.task, repeated, entries)
    for cell in room.cells:
        np.testing.assert_array_equal(first[cell].allowed, second[cell].allowed)
        assert (first[cell].verdict == Verdict.CORRECT).all()


def test_cells_that_nobody_hands_in_are_absent_and_have_an_expected_value() -> None:
    room = Class("2-2-1", 3)
    judged = room.mark(Entries({"J": room.honest.written["J"]}))
    assert (judged["J"].verdict == Verdict.CORRECT).all()
    assert (judged["z1[1]"].verdict == Verdict.ABSENT).all()
    assert np.isfinite(judged["z1[1]"].expected).all() and np.isnan(judged["z1[1]"].allowed).all()
