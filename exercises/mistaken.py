"""Room: exercises. What a row of the catalogue of misconceptions has to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from exercises.expression import Expression
from exercises.program import Program, Step


class Kind(Enum):
    """A mistake is wrong everywhere; a convention (½ or not, mean or sum, step or gradient) the teacher judges."""

    MISTAKE = "mistake"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True)
class Instead:
    """A wrong expression in place of a step's right one, and the ids that fill the places of the row's sentence.

    ``variant`` tells apart the ways to make the same mistake at one step (which path is the only one taken): 1, 2, …
    """

    expression: Expression
    places: Mapping[str, str] = field(default_factory=dict)
    variant: int = 1


@dataclass(frozen=True, slots=True)
class Misconception:
    """One rule that learners get wrong.

    ``sentence`` has places such as ``{upstream}`` for the symbols of the sheet's notation; ``instead(program, step)``
    gives the wrong expressions for a step, none where the mistake can't be made there; ``seen_at`` says where learners
    make it.
    """

    code: str
    sentence: str
    instead: Callable[[Program, Step], Iterable[Instead]]
    seen_at: str
    kind: Kind = Kind.MISTAKE


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception made in a program, in one of its variants: the wrong expression of every step it is made at."""

    row: Misconception
    variant: int
    sites: Mapping[str, Instead]

    @property
    def replaced(self) -> dict[str, Expression]:
        """What ``flatten(program, replaced)`` takes."""
        return {name: instead.expression for name, instead in self.sites.items()}
