"""Room: templates. An item as every platform gets it: text, formulas, drawing, cells with key, half-width and feedback.

Nothing here belongs to one platform. Numbers are decimals, and what is written is these very numbers: a flavour may say
them another way (scaled, as an interval), and reading the file back has to give them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula or symbol as plain text, LaTeX and MathML; where it is a programmer's, text alone."""

    text: str
    latex: str = ""
    mathml: str = ""


Words = tuple[str | Formula, ...]
"""A sentence with symbols in it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, with its words."""

    svg: str
    words: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The numbers that a cell takes for one and the same: ``value`` give or take ``half_width``."""

    value: Decimal
    half_width: Decimal

    @property
    def low(self) -> Decimal:
        return self.value - self.half_width

    @property
    def high(self) -> Decimal:
        return self.value + self.half_width

    def apart(self, other: Accepted) -> bool:
        """Whether no number is in both."""
        return self.high < other.low or other.high < self.low


@dataclass(frozen=True, slots=True)
class Known:
    """A wrong number that a mistake of the catalogue leads to.

    ``codes`` are the mistakes that give it, ``sentences`` what to say of them. ``carried``: the cell's own rule was
    kept, and the number follows rightly from a mistake before it.
    """

    accepted: Accepted
    codes: tuple[str, ...]
    sentences: tuple[Words, ...]
    carried: bool


@dataclass(frozen=True, slots=True)
class AskedCell:
    """One number that is asked.

    ``places`` says to what it is asked, ``unit`` is one of its last place, ``shown`` the key to these places.
    ``known`` lie apart from the right answer and from each other. ``hidden`` are mistakes that change the number by
    less than rounding may, so that a platform takes them for right.
    """

    id: str
    symbol: Formula
    places: str
    unit: Decimal
    shown: str
    right: Accepted
    known: tuple[Known, ...]
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise with one set of numbers; ``label`` names these among others, empty where there are no others."""

    exercise: int
    label: str
    words: str
    figure: Figure | None
    given: tuple[Formula, ...]
    outline: tuple[Formula, ...]
    legend: tuple[Words, ...]
    cells: tuple[AskedCell, ...]


@dataclass(frozen=True, slots=True)
class ItemSet:
    """A set of exercises: ``items`` by exercise, then in the order of the labels."""

    name: str
    title: str
    items: tuple[Item, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The sets of numbers there are; one without a name where all numbers are given."""
        return tuple(dict.fromkeys(item.label for item in self.items if item.label)) or ("",)

    def of(self, label: str) -> tuple[Item, ...]:
        """The items of one set of numbers, with those that are the same in all."""
        return tuple(item for item in self.items if item.label in (label, ""))

    @property
    def several(self) -> bool:
        """Whether there are several exercises."""
        return len({item.exercise for item in self.items}) > 1
