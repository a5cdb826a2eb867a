"""Room: exercises. What a family of exercises has to say of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from exercises.mistaken import Misconception
from exercises.operations.row import Array, Mask
from exercises.precision import Places
from exercises.program import Program
from exercises.stream import Slot

Difficulty = Literal["standard", "no-calculator"]


class FamilyOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What every family lets a teacher say."""

    given: dict[str, Any] = {}
    difficulty: Difficulty = "standard"


@dataclass(frozen=True, slots=True)
class Goal:
    """What drawn numbers of this family should be like, beside what all families ask of theirs.

    ``sentence`` tells the teacher what is the matter where it isn't so. ``met`` gets the values of all quantities by
    id, with the variants axis last, and says which variants are as they should be, shape (V,).
    """

    code: str
    sentence: str
    met: Callable[[Mapping[str, Array]], Mask]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an exercise leaves open, and what drawn numbers have to respect.

    ``within`` bounds the magnitude of quantities (the pre-activations of saturating units, say): id -> (least, most).
    ``one_hot`` names quantities whose slot draws the number of a class, and how many classes there are.
    ``negative`` says how many entries of a quantity lie below zero, so that a rectifier's other side is seen and all
    sheets are equally long. ``goals`` are what only this family asks of its numbers, most important first.
    """

    slots: tuple[Slot, ...]
    within: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    one_hot: Mapping[str, int] = field(default_factory=dict)
    negative: Mapping[str, int] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()


def nothing_settled(options: Any) -> Mapping[str, Any]:
    """A family whose numbers all stand in ``given``."""
    return {}


def any_numbers(options: Any, given: Mapping[str, Array]) -> None:
    """A family that takes whatever numbers it is given."""


def as_the_rest(options: Any, program: Program) -> Mapping[str, Places]:
    """A family whose quantities are all asked to the same places."""
    return {}


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its options, its program, what is drawn and what is usually asked.

    ``build(options)`` makes the program and raises InputError for wishes that can't be met; ``draws(options, program)``
    says which quantities not given are drawn from where; ``asks(program)`` lists ids. ``settled(options)`` are the
    numbers that options other than ``given`` fix, ``check(options, given)`` raises InputError for given numbers that
    make no sense. ``preset`` options are the family's other names: a single neuron is an ``mlp`` with one layer.
    ``places`` says which quantities (or stems) are usually asked to places of their own.
    ``misconceptions`` are rules that learners get wrong in this family, as rows of the catalogue. ``examples`` are
    options that show all that it can do: tests try every reading on each, and the oracles compare them.
    """

    name: str
    summary: str
    options: type[FamilyOptions]
    build: Callable[[Any], Program]
    draws: Callable[[Any, Program], Drawn]
    asks: Callable[[Program], tuple[str, ...]]
    preset: Mapping[str, Any] = field(default_factory=dict)
    settled: Callable[[Any], Mapping[str, Any]] = nothing_settled
    check: Callable[[Any, Mapping[str, Array]], None] = any_numbers
    places: Callable[[Any, Program], Mapping[str, Places]] = as_the_rest
    misconceptions: tuple[Misconception, ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()
