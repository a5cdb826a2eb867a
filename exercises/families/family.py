"""Room: exercises. What a family of exercises has to say of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from exercises.program import Program
from exercises.stream import Slot


class FamilyOptions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What every family lets a teacher say."""

    given: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an exercise leaves open, and what drawn numbers have to respect.

    ``within`` bounds the magnitude of quantities (the pre-activations of saturating units, say): id -> (least, most).
    ``one_hot`` names quantities whose slot draws the number of a class, and how many classes there are.
    ``away_from_zero`` names quantities at which a unit has a kink: no entry may come within the rounding bound of 0.
    """

    slots: tuple[Slot, ...]
    within: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    away_from_zero: tuple[str, ...] = ()
    one_hot: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its options, its program, what is drawn and what is usually asked.

    ``build(options)`` makes the program and raises InputError for wishes that can't be met; ``draws(options, program)`` says
    which quantities not given are drawn from where; ``asks(program)`` lists ids. ``preset`` options are the family's
    other names: a single neuron is an ``mlp`` with one layer.
    """

    name: str
    summary: str
    options: type[FamilyOptions]
    build: Callable[[Any], Program]
    draws: Callable[[Any, Program], Drawn]
    asks: Callable[[Program], tuple[str, ...]]
    preset: Mapping[str, Any] = field(default_factory=dict)
