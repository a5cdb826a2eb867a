"""Simulated students. They work an exercise line by line, round by hand as they please, and hand in what they like.

Written without the grader's bounds: a student reads a line of the program, works out its operations one after the
other and rounds. All arrays hold one number a student, shape (V,); every student may have habits of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from exercises.expression import Apply, Constant, Expression
from exercises.families import circuit, mlp
from exercises.families.updates import Optimizer
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Mask
from exercises.precision import Places, Precision
from exercises.program import Program, Role
from grader.marking import Entries

AWAY, TO_EVEN, UPWARDS = 0, 1, 2
"""What is done with a tie: away from zero, to the even neighbour, towards plus infinity."""

TIE = 1e-9
"""Units within which a fraction counts as one half: a pocket calculator shows 0.125, not 0.12499999999999999. Any
wider, and a number that merely comes near a tie would be rounded the wrong way.
"""


@dataclass(frozen=True)
class Habits:
    """``operations``: the chance that an operation inside a line is rounded; ``full``: the chance that a value is
    carried on with the calculator's digits rather than as written. 0 never, 1 always, between: now and then.
    ``by_use``: the choice is made anew for every line that reads the value, not once for the value.
    """

    operations: Array
    full: Array
    ties: Array
    by_use: Mask

    @property
    def students(self) -> int:
        return int(self.operations.shape[0])


def habits(students: int, *, operations: float = 0.0, full: float = 0.0, ties: int = AWAY) -> Habits:
    """The same habits for everybody."""
    return Habits(*(np.full(students, value) for value in (operations, full, ties)), np.zeros(students, dtype=bool))


def any_habits(students: int, rng: np.random.Generator) -> Habits:
    """Every student has habits of their own."""
    levels = np.array([0.0, 0.5, 1.0])
    return Habits(
        rng.choice(levels, students),
        rng.choice(levels, students),
        rng.integers(0, 3, students),
        rng.random(students) < 0.5,
    )


def rounded(values: Array, unit: Array, ties: Array) -> Array:
    """Values to whole units, ties as each student has it."""
    units = values / unit
    down = np.floor(units)
    part = units - down
    tie = np.abs(part - 0.5) < TIE
    even = np.where(down % 2 == 0, down, down + 1)
    away = np.where(units > 0, down + 1, down)
    chosen = np.where(ties == TO_EVEN, even, np.where(ties == AWAY, away, down + 1))
    return np.asarray(np.where(tie, chosen, np.where(part > 0.5, down + 1, down)) * unit)


CALCULATOR = 1e-12
"""A calculator has no further digits than these."""

Change = Callable[[Array], Array]
"""A slip: what becomes of the right numbers; NaN where a student makes none."""


@dataclass
class Script:
    """What students wrote for each cell, and the calculator's digits behind it."""

    written: dict[str, Array] = field(default_factory=dict)
    full: dict[str, Array] = field(default_factory=dict)


def work(
    cells: Program,
    precision: Precision,
    given: Mapping[str, Array],
    manner: Habits,
    rng: np.random.Generator,
    slips: Mapping[str, Change] | None = None,
) -> Script:
    """Work a componentwise program from the first line to the last; a slip is carried on like any other number."""
    student = _Student(precision, given, manner, rng)
    for step in cells.steps:
        student.line(step.name, step.expression, (slips or {}).get(step.name))
    return student.script


class _Student:
    def __init__(
        self, precision: Precision, given: Mapping[str, Array], manner: Habits, rng: np.random.Generator
    ) -> None:
        self.precision, self.given, self.manner, self.rng = precision, given, manner, rng
        self.script = Script()
        self.keeps: dict[str, Mask] = {}

    def chance(self, probability: Array) -> Mask:
        return np.asarray(self.rng.random(self.manner.students) < probability)

    def round(self, cell: str, values: Array) -> Array:
        places = self.precision.of(cell)
        unit = places.unit(values)
        once = rounded(values, unit, self.manner.ties)
        return np.where(np.isfinite(values), once, values)

    def line(self, cell: str, expression: Expression, slip: Change | None) -> None:
        held: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            full = self.operate(cell, expression, held, whole=True) + np.zeros(self.manner.students)
            written = self.round(cell, full)
        if slip is not None:
            slipped = slip(written)
            full = np.where(np.isnan(slipped), full, slipped)
            written = np.where(np.isnan(slipped), written, slipped)
        self.script.full[cell], self.script.written[cell] = full, written
        self.keeps[cell] = self.chance(self.manner.full)

    def operate(self, cell: str, expression: Expression, held: dict[str, Array], *, whole: bool) -> Array:
        """The value of a part of a line; every inner operation is rounded or not, as it comes."""
        if isinstance(expression, Constant):
            value = np.full(1, float(expression.value))
        elif isinstance(expression, Apply):
            exact_exponent = expression.operation == "power" and isinstance(expression.arguments[1], Constant)
            arguments = [
                np.full(1, float(argument.value))
                if exact_exponent and isinstance(argument, Constant)
                else self.operate(cell, argument, held, whole=False)
                for argument in expression.arguments
            ]
            value = OPERATIONS[expression.operation].value(*arguments, *expression.parameters)
            if expression.operation in ("add", "subtract"):  # a calculator shows 0 for 0.3 - 0.1 - 0.2
                terms = reduce(np.maximum, [np.abs(argument) for argument in arguments])
                value = np.where(np.abs(value) < CALCULATOR * terms, 0.0, value)
        else:
            return self.reads(expression.name, held)
        if whole or not self.manner.operations.any():
            return value
        return np.where(self.chance(self.manner.operations), self.round(cell, value), value)

    def reads(self, name: str, held: dict[str, Array]) -> Array:
        """A given number, or the value of an earlier line: as written, or with the calculator's digits."""
        if name in self.given:
            return self.given[name]
        if name not in held:
            again = self.chance(self.manner.full)
            keeps = np.where(self.manner.by_use, again, self.keeps[name])
            held[name] = np.where(keeps, self.script.full[name], self.script.written[name])
        return held[name]


# --- rounding errors without a student ------------------------------------------------------------------------------


def disturbed(
    cells: Program,
    precision: Precision,
    given: Mapping[str, Array],
    written: Mapping[str, Array],
    entered: Mapping[str, Mask],
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """One script's lines worked ``draws`` times with errors drawn wherever somebody may round: half of the draws take
    plus or minus half a unit everywhere, half anything between. Values before their own rounding; ``written`` counts
    for cells that are ``entered``. All arrays of the script have shape (1,).
    """
    noise = _Noise(precision, given, draws, rng)
    for step in cells.steps:
        value = noise.operate(step.name, step.expression, whole=True)
        noise.centre[step.name] = np.where(entered[step.name], written[step.name], value)
        half = precision.of(step.name).unit(written[step.name]) / 2
        noise.error[step.name] = np.zeros(draws) if noise.settled(value, half) else noise.draw(half)
        noise.values[step.name] = value
    return noise.values


class _Noise:
    def __init__(self, precision: Precision, given: Mapping[str, Array], draws: int, rng: np.random.Generator) -> None:
        self.precision, self.given, self.draws, self.rng = precision, given, draws, rng
        self.corner = np.arange(draws) < draws // 2
        self.centre: dict[str, Array] = {}
        self.error: dict[str, Array] = {}
        self.values: dict[str, Array] = {}

    def draw(self, half: Array) -> Array:
        part = self.rng.uniform(-1, 1, self.draws)
        return np.asarray(half * np.where(self.corner, np.sign(part), part))

    def operate(self, cell: str, expression: Expression, *, whole: bool) -> Array:
        if isinstance(expression, Constant):
            return np.full(self.draws, float(expression.value))
        if not isinstance(expression, Apply):
            return self.reads(expression.name)
        arguments = [self.operate(cell, argument, whole=False) for argument in expression.arguments]
        value = OPERATIONS[expression.operation].value(*arguments, *expression.parameters)
        if whole or expression.operation in ("add", "subtract", "negate", "relu", "maximum"):
            return np.asarray(value)
        by_whole = expression.operation == "multiply" and any(self.settled(k, np.full(1, 0.5)) for k in arguments)
        half = self.precision.of(cell).unit(value) / 2
        return np.asarray(value if by_whole or self.settled(value, half) else value + self.draw(half))

    def settled(self, value: Array, half: Array) -> bool:
        """The same for everybody and with no digits to round."""
        on_grid = np.abs(rounded(value, 2 * half, np.zeros(1)) - value) < CALCULATOR
        return bool((value == value[0]).all() and on_grid.all())

    def reads(self, name: str) -> Array:
        """As written in one place, with further digits in another."""
        if name in self.given:
            return np.broadcast_to(self.given[name], (self.draws,))
        return np.asarray(self.centre[name] + self.error[name] * (self.rng.random(self.draws) < 0.5))


# --- what is handed in ----------------------------------------------------------------------------------------------


def everything(cells: Program, students: int) -> dict[str, Mask]:
    return {step.name: np.ones(students, dtype=bool) for step in cells.steps}


def some_of(cells: Program, students: int, rng: np.random.Generator) -> dict[str, Mask]:
    """Every student leaves out cells at random, few or many."""
    share = rng.uniform(0.05, 0.95, students)
    return {step.name: rng.random(students) < share for step in cells.steps}


def last_only(cells: Program, students: int) -> dict[str, Mask]:
    """The gradients by what is given, and the updates; nothing on the way there."""
    given = {quantity.name for quantity in cells.givens}
    ends = {
        step.name
        for step in cells.steps
        if step.role is Role.UPDATED or (step.role is Role.GRADIENT and _of(step.name) in given)
    }
    return {step.name: np.full(students, step.name in ends) for step in cells.steps}


def _of(gradient: str) -> str:
    """dJ/dW1@2[1,2] -> W1[1,2]"""
    name, bracket, index = gradient.split("/d", 1)[1].partition("[")
    return name.split("@")[0] + bracket + index


def hand_in(script: Script, masks: Mapping[str, Mask]) -> Entries:
    """What is handed in; a line that divides by a rounded 0 gives no number, and stays blank."""
    values = {}
    for cell, mask in masks.items():
        written = script.written[cell]
        if mask.any():
            values[cell] = np.where(mask & np.isfinite(written), written, np.nan)
    return Entries(values)


# --- exercises, and numbers for them --------------------------------------------------------------------------------

RATE = Optimizer("sgd", 0.3)


def network(*layers: int, **options: object) -> Program:
    """The program of a layered network; ``options`` as in a specification."""
    settings: dict[str, object] = {"optimizer": RATE, **options}
    return mlp.build(mlp.MlpOptions(layers=layers, **settings))  # type: ignore[arg-type]


def formula(*lines: str) -> Program:
    """The program of a circuit."""
    return circuit.build(circuit.CircuitOptions(lines=lines))


def decimals(digits: int) -> Precision:
    return Precision(Places(digits))


def significant(digits: int) -> Precision:
    return Precision(Places(digits, significant=True))


def numbers_for(cells: Program, students: int, rng: np.random.Generator, *, positive: bool = False) -> dict[str, Array]:
    """Every student a network of their own: weights and biases to two decimals, inputs to one."""
    given: dict[str, Array] = {}
    one_hot = any(_takes_log(step.expression) for step in cells.steps if step.role is Role.LOSS)
    classes: dict[str, Array] = {}
    for quantity in cells.givens:
        name, role = quantity.name, quantity.role
        if role in (Role.WEIGHT, Role.BIAS):
            given[name] = _signed(rng.integers(11, 90, students), rng) / 100
        elif role is Role.RATE:
            given[name] = rng.integers(1, 10, students) / 10
        elif role is Role.TARGET and one_hot:
            given[name] = _one_hot(name, students, cells, classes, rng)
        elif role is Role.TARGET:
            given[name] = rng.integers(1, 20, students) / 20
        else:
            magnitude = rng.integers(2, 30, students)
            given[name] = (magnitude if positive else _signed(magnitude, rng)) / 10
    return given


def _takes_log(expression: Expression) -> bool:
    if not isinstance(expression, Apply):
        return False
    return expression.operation == "log" or any(_takes_log(argument) for argument in expression.arguments)


def _signed(magnitudes: Array, rng: np.random.Generator) -> Array:
    return np.asarray(magnitudes * rng.choice([-1, 1], magnitudes.shape))


def _one_hot(name: str, students: int, cells: Program, classes: dict[str, Array], rng: np.random.Generator) -> Array:
    """One class of all where there are several outputs, 0 or 1 where there is one."""
    unit, _, example = name.partition("[")[2].rstrip("]").partition(",")
    outputs = len(
        {given.name.split("[")[1].split(",")[0].rstrip("]") for given in cells.givens if given.role is Role.TARGET}
    )
    if outputs == 1:
        return np.asarray(rng.integers(0, 2, students), dtype=float)
    chosen = classes.setdefault(example, rng.integers(1, outputs + 1, students))
    return np.asarray(chosen == int(unit), dtype=float)
