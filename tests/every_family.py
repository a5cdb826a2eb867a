"""Every family with the options that it gives as examples: what the tests, the campaign and the oracles try."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from exercises.families import FAMILIES
from exercises.operations.row import Array
from exercises.specification import Exercise, parse_specification
from exercises.stream import candidates
from exercises.toml_text import toml_line
from exercises.variants import draw, practice_seed


@dataclass(frozen=True)
class Example:
    """One family with one of its examples; ``text`` is the exercise as a teacher writes it."""

    family: str
    number: int
    keys: tuple[tuple[str, Any], ...] = field(compare=False)

    def __str__(self) -> str:
        return f"{self.family}-{self.number}"

    def text(self, *more: str) -> str:
        lines = [f'family = "{self.family}"', *(toml_line(key, value) for key, value in self.keys), *more]
        return "\n".join(["[[exercise]]", *lines]) + "\n"

    def exercise(self, *more: str) -> Exercise:
        """With the numbers still to be drawn."""
        return parse_specification(self.text(*more), str(self)).exercises[0]


def examples(family: str) -> list[Example]:
    found = FAMILIES[family].examples or ({},)
    return [Example(family, number, tuple(keys.items())) for number, keys in enumerate(found, start=1)]


ALL = [example for family in FAMILIES for example in examples(family)]
SOME = [example for family in FAMILIES for example in examples(family)[:2]]
FIRST = [examples(family)[0] for family in FAMILIES]


@cache
def sheet_of(example: Example, *more: str) -> Exercise:
    """The example with practice numbers."""
    return draw(example.exercise(*more), practice_seed("every family", 1)).exercise


def random_instances(exercise: Exercise, count: int) -> dict[str, Array]:
    """Numbers from the family's own grids, whether good ones or not, for ``count`` variants."""
    numbers = candidates(practice_seed("instances", 1), exercise.drawn.slots, 0, count)
    for name, classes in exercise.drawn.one_hot.items():
        choice = numbers[name]
        numbers[name] = (choice == np.arange(classes).reshape(-1, *[1] * choice.ndim)).astype(np.float64)
    fixed = {name: np.broadcast_to(array, (*array.shape[:-1], count)) for name, array in exercise.given.items()}
    return {**fixed, **numbers}
