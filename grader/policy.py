"""Room: grader. What a teacher decides: what each quantity is worth, and what a verdict earns of it. Exact fractions.

preset = "exam"                  # or "practice", "strict"; what follows changes single points of it
carried = 1                      # share of the marks for a number that is right given an earlier slip
method = "1/2"                   # share for a wrong number whose mistake is recognised for sure
convention = 1                   # share for a number that differs by a convention only (½ or not, mean or sum)
repeat = "once"                  # or "each": whether a mistake that is made again costs again
late = { per_day = "1/10", at_most = "1/2" }
total = { step = "1/2", towards = "nearest" }
weights = { "dJ/dW" = 2, "J" = "1/2", "2:J" = 1, "first-wrong" = 3 }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

from exercises.errors import InputError, unknown
from exercises.names import parse_cell, stem
from exercises.planted import ANSWERS
from grader.judging import Verdict

Repeat = Literal["once", "each"]
Towards = Literal["nearest", "up", "down"]

FULL, NONE = Fraction(1), Fraction(0)

MOST_WEIGHT = 1000
"""Marks for one number; more is a slip of the keyboard."""

LONGEST_FRACTION = 20


@dataclass(frozen=True, slots=True)
class Late:
    """What a hand-in loses of its marks for each day late, and at most."""

    per_day: Fraction = NONE
    at_most: Fraction = FULL

    def keeps(self, days: Fraction) -> Fraction:
        """The share of the marks that is left after so many days; part of a day counts as a day."""
        return FULL - min(self.per_day * ceil(max(days, NONE)), self.at_most)


@dataclass(frozen=True, slots=True)
class Total:
    """How a total is rounded: to a multiple of ``step`` (not at all where it is 0); nearest ties go up."""

    step: Fraction = NONE
    towards: Towards = "nearest"

    def rounded(self, marks: Fraction) -> Fraction:
        if not self.step:
            return marks
        steps = marks / self.step
        whole = {"up": ceil(steps), "down": floor(steps), "nearest": floor(steps + Fraction(1, 2))}[self.towards]
        return whole * self.step


@dataclass(frozen=True, slots=True)
class Policy:
    """One value holds all that marks depend on besides the verdicts."""

    carried: Fraction = FULL
    method: Fraction = NONE
    convention: Fraction = NONE
    repeat: Repeat = "once"
    late: Late = Late()
    total: Total = Total()
    weights: Mapping[str, Fraction] = field(default_factory=dict)

    def weight(self, cell: str, exercise: int = 0) -> Fraction:
        """The full mark of a cell: that of the cell, its quantity, or its stem; 1 where none is said. A name with the
        exercise's number before it goes before one without.
        """
        named = (name for name in _names_of(cell, exercise) if name in self.weights)
        return next((self.weights[name] for name in named), FULL)

    def idle(self, answers: Iterable[tuple[int, str]]) -> list[str]:
        """The weights that none of these answers (each an exercise and a cell of it) goes by."""
        used = {name for exercise, cell in answers for name in _names_of(cell, exercise)}
        return [name for name in self.weights if name not in used]

    def credit(
        self, verdict: Verdict, *, recognised: bool = False, convention: bool = False, paid: bool = False
    ) -> Fraction:
        """The share of its full mark that a cell earns.

        ``recognised``: its mistake is told for sure; ``convention``: that mistake is a convention; ``paid``: the same
        mistake has been charged in an earlier quantity.
        """
        if verdict is Verdict.CORRECT:
            return FULL
        if verdict is Verdict.CARRIED:
            return self.carried
        if verdict is not Verdict.WRONG:
            return NONE
        shares = [self.method if recognised else NONE, self.convention if convention else NONE]
        return FULL if paid and self.repeat == "once" else max(shares)


def _names_of(cell: str, exercise: int) -> Iterator[str]:
    """What a weight may call a cell: itself, its quantity, its stem; first those of one exercise alone."""
    quantity = cell.partition("[")[0]  # what is no cell (an answer in words) is its own quantity
    for name in dict.fromkeys((cell, quantity, stem(quantity))):
        yield f"{exercise}:{name}"
        yield name


EXAM = Policy()
PRACTICE = Policy(method=Fraction(1, 2), convention=FULL)
STRICT = Policy(carried=NONE, repeat="each")

PRESETS: Mapping[str, Policy] = {"exam": EXAM, "practice": PRACTICE, "strict": STRICT}


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy's TOML; InputError with the key for whatever isn't one."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no TOML: {error}", where=where) from error
    try:
        return _policy(table)
    except InputError as error:
        raise error.at(where) from error


def preset_named(name: str) -> Policy:
    """The preset, or InputError with those there are."""
    if name not in PRESETS:
        raise InputError(unknown("preset", name, PRESETS), where="preset")
    return PRESETS[name]


def _policy(table: Mapping[str, Any]) -> Policy:
    readers = {
        "carried": _share,
        "method": _share,
        "convention": _share,
        "repeat": lambda value, where: _one_of(value, ("once", "each"), where),
        "late": _late,
        "total": _total,
        "weights": _weights,
    }
    for key in table:
        if key not in (*readers, "preset"):
            raise InputError(unknown("key", key, (*readers, "preset")))
    policy = preset_named(str(table.get("preset", "exam")))
    return replace(policy, **{key: readers[key](value, key) for key, value in table.items() if key != "preset"})


def fraction_of(value: Any, where: str) -> Fraction:
    """A whole number, a decimal, or a fraction as text such as "3/2"."""
    text = str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    try:
        if not text or len(text) > LONGEST_FRACTION or "e" in text.lower():
            raise ValueError
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f'expected a number such as 2, 0.5 or "1/2", found {value!r}', where=where) from error


def _within(value: Any, where: str, most: int) -> Fraction:
    number = fraction_of(value, where)
    if not 0 <= number <= most:
        raise InputError(f"expected a number from 0 to {most}, found {value!r}", where=where)
    return number


def _share(value: Any, where: str) -> Fraction:
    return _within(value, where, 1)


def _one_of(value: Any, choices: tuple[str, ...], where: str) -> Any:
    if value not in choices:
        raise InputError(f"expected {' or '.join(choices)}, found {value!r}", where=where)
    return value


def _table(value: Any, keys: tuple[str, ...], where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"expected a table with {' and '.join(keys)}, found {value!r}", where=where)
    for key in value:
        if key not in keys:
            raise InputError(unknown("key", key, keys), where=where)
    return value


def _late(value: Any, where: str) -> Late:
    table = _table(value, ("per_day", "at_most"), where)
    return Late(**{key: _share(share, f"{where}, {key}") for key, share in table.items()})


def _total(value: Any, where: str) -> Total:
    table = _table(value, ("step", "towards"), where)
    step = _within(table.get("step", 0), f"{where}, step", MOST_WEIGHT)
    return Total(step, _one_of(table.get("towards", "nearest"), ("nearest", "up", "down"), f"{where}, towards"))


def _weights(value: Any, where: str) -> Mapping[str, Fraction]:
    if not isinstance(value, dict):
        raise InputError(f'expected a table such as {{ "dJ/dW" = 2 }}, found {value!r}', where=where)
    return {_weighed(name): _within(weight, f'{where}, "{name}"', MOST_WEIGHT) for name, weight in value.items()}


def _weighed(name: str) -> str:
    """A cell, quantity or stem in its canonical form, perhaps of one exercise; or an answer that is no cell."""
    _, _, answer = name.rpartition(":")
    return name if answer in ANSWERS else str(parse_cell(name))
