"""Room: exercises. The numbers of a worked solution as texts: to how many places, and what is put in for a symbol."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from exercises.expression import Apply, Constant, Expression, Symbol, symbols
from exercises.names import cell_ids
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.outline import quantity_of
from exercises.precision import MOST, Places, Precision
from exercises.program import Program

Table = str | tuple["Table", ...]
"""A number as text, or rows of them."""

READABLE = 20
"""A value of fewer units of its last place than this is shown with significant figures where its places are free."""

SIGNIFICANT = Places(3, significant=True)

MOST_MORE = 6
"""Digits put in beyond those shown, at most; double arithmetic has no more to give."""


@dataclass(frozen=True)
class Shown:
    """Values as texts: what is given in full, what is worked out to its places."""

    program: Program
    values: Mapping[str, Array]
    variant: int
    precision: Precision
    asked: frozenset[str]

    @cached_property
    def cells(self) -> dict[str, float]:
        return {
            cell: float(value)
            for name, shape in self.program.shapes.items()
            for cell, value in zip(cell_ids(name, shape), self._places(name), strict=True)
        }

    def _places(self, name: str) -> Array:
        array = self.values[name]
        return array[..., min(self.variant, array.shape[-1] - 1)].reshape(-1)

    @cached_property
    def given(self) -> frozenset[str]:
        return frozenset(given.name for given in self.program.givens)

    @cached_property
    def _texts(self) -> dict[tuple[str, int], str]:
        return {}

    def text(self, cell: str, more: int = 0) -> str:
        """The value of a cell as it is shown, with so many digits more than that."""
        if (cell, more) not in self._texts:
            self._texts[cell, more] = self._text(cell, more)
        return self._texts[cell, more]

    def _text(self, cell: str, more: int) -> str:
        value = self.cells[cell]
        if quantity_of(cell) in self.given:
            return shortest(value)
        places = self.places(cell)
        return Places(min(places.digits + more, MOST), places.significant).text(value)

    @cached_property
    def _settled(self) -> dict[str, Places]:
        return {}

    def places(self, cell: str) -> Places:
        """The places asked; significant ones where nobody asked and the value is too small to be seen in them."""
        if cell not in self._settled:
            self._settled[cell] = self._places_of(cell)
        return self._settled[cell]

    def _places_of(self, cell: str) -> Places:
        places, value = self.precision.of(cell), self.cells[cell]
        if places.significant or cell in self.asked or abs(value) >= READABLE * 10.0**-places.digits:
            return places
        return SIGNIFICANT if differs(places.text(value), value) else places

    def put_in(self, line: Expression, cell: str) -> dict[str, str]:
        """What is put in for the line's symbols: as many digits as it takes for a calculator to show the result."""
        texts: dict[str, str] = {}
        places, shown, names = self.places(cell), self.text(cell), _names(_Same(line))
        for more in range(MOST_MORE + 1):
            texts = {name: self.text(name, more) for name in names}
            value = evaluated(line, {name: float(text) for name, text in texts.items()})
            if math.isfinite(value) and places.text(value) == shown:
                break
        return texts

    def cut(self, cell: str) -> bool:
        """Whether the text leaves digits out (beyond the noise of double arithmetic)."""
        return differs(self.text(cell), self.cells[cell])

    def table(self, name: str) -> Table:
        """A whole quantity: a text, or rows of texts."""
        shape = self.program.shapes[name]
        texts = [self.text(cell) for cell in cell_ids(name, shape)]
        for size in reversed(shape[1:]):
            texts = [tuple(texts[k : k + size]) for k in range(0, len(texts), size)]  # type: ignore[misc]
        return tuple(texts) if shape else texts[0]


NOISE = 1e-12
"""Relative difference that double arithmetic may leave between a decimal and the sum or product that should give it."""


def differs(text: str, value: float) -> bool:
    """Whether a text leaves out digits of the value."""
    return abs(float(text) - value) > NOISE * max(1.0, abs(value))


class _Same:
    """A line that is the same object: cheap to look up, where comparing two expressions is not."""

    __slots__ = ("line",)

    def __init__(self, line: Expression) -> None:
        self.line = line

    def __hash__(self) -> int:
        return id(self.line)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.line is self.line


@lru_cache(maxsize=4096)
def _names(same: _Same) -> tuple[str, ...]:
    """The ids in a line, which all students share."""
    return tuple(symbol.name for symbol in symbols(same.line))


def evaluated(line: Expression, numbers: Mapping[str, float]) -> float:
    """The value of a component's line."""
    if isinstance(line, Symbol):
        return numbers[line.name]
    if isinstance(line, Constant):
        return float(line.value)
    if not isinstance(line, Apply):
        raise TypeError(f"{line!r} is no expression")
    arguments = [np.array([evaluated(argument, numbers)]) for argument in line.arguments]
    with np.errstate(all="ignore"):  # a value that isn't finite reproduces nothing, and that is asked
        return float(OPERATIONS[line.operation].value(*arguments, *line.parameters)[0])


def shortest(value: float) -> str:
    """A given number as its author wrote it: the shortest decimal that is this number, without an exponent."""
    return np.format_float_positional(value, trim="-")
