"""Room: exercises. The numbers of a worked solution as texts: to how many places, and what is put in for a symbol."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from exercises.expression import Apply, Constant, Expression, Symbol, symbols
from exercises.names import cell_ids
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.outline import quantity_of
from exercises.precision import MOST, SURE, TIE, Places, Precision
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
    """Values of several variants as texts: what is given in full, what is worked out to its places.

    Every list has an entry for each of the ``count`` variants.
    """

    program: Program
    values: Mapping[str, Array]
    count: int
    precision: Precision
    asked: frozenset[str]

    @cached_property
    def cells(self) -> dict[str, Array]:
        """Every cell's values, shape (count,)."""
        return {
            cell: row
            for name, shape in self.program.shapes.items()
            for cell, row in zip(cell_ids(name, shape), self._rows(name), strict=True)
        }

    def _rows(self, name: str) -> Array:
        array = self.values[name]
        rows = array.reshape(-1, array.shape[-1])
        return np.broadcast_to(rows, (len(rows), self.count))

    @cached_property
    def given(self) -> frozenset[str]:
        return frozenset(given.name for given in self.program.givens)

    @cached_property
    def _texts(self) -> dict[tuple[str, int], list[str]]:
        return {}

    def texts(self, cell: str, more: int = 0) -> list[str]:
        """The values of a cell as they are shown, with so many digits more than that."""
        found = self._texts.get((cell, more))
        if found is None:
            found = self._texts[cell, more] = self._made(cell, more)
        return found

    def _made(self, cell: str, more: int) -> list[str]:
        values = self.cells[cell].tolist()
        if quantity_of(cell) in self.given:
            return self.texts(cell) if more else list(map(shortest, values))
        wider = {one: Places(min(one.digits + more, MOST), one.significant) for one in set(self.places(cell))}
        return [wider[one].text(value) for one, value in zip(self.places(cell), values, strict=True)]

    @cached_property
    def _settled(self) -> dict[str, list[Places]]:
        return {}

    def places(self, cell: str) -> list[Places]:
        """The places asked; significant ones where nobody asked and the value is too small to be seen in them."""
        found = self._settled.get(cell)
        if found is None:
            found = self._settled[cell] = self._places_of(cell)
        return found

    def _places_of(self, cell: str) -> list[Places]:
        places, values = self.precision.of(cell), self.cells[cell]
        if places.significant or cell in self.asked:
            return [places] * self.count
        small = np.abs(values) < READABLE * 10.0**-places.digits
        return [
            SIGNIFICANT if tiny and differs(places.text(value), value) else places
            for tiny, value in zip(small.tolist(), values.tolist(), strict=True)
        ]

    def put_in(self, line: Expression, cell: str) -> list[dict[str, str]]:
        """What is put in for the line's symbols: as many digits as it takes for a calculator to show the result."""
        names = _names(_Same(line))
        found: list[dict[str, str]] = [{}] * self.count
        waiting: Sequence[int] = range(self.count)
        for more in range(MOST_MORE + 1):
            columns = [self.texts(name, more) for name in names]
            for one in waiting:
                found[one] = {name: column[one] for name, column in zip(names, columns, strict=True)}
            results = evaluated_all(line, {name: self._numbers(name, more) for name in names})
            met = self._reproduced(cell, np.broadcast_to(results, (self.count,)))
            waiting = [one for one in waiting if not met[one]]
            if not waiting:
                break
        return found

    def _reproduced(self, cell: str, values: Array) -> list[bool]:
        """Whether each value, rounded, reads as the cell does."""
        places, shown = self.places(cell), self.texts(cell)
        scale = 10.0 ** self.precision.of(cell).digits
        with np.errstate(all="ignore"):  # what isn't finite is looked at one by one
            units = np.abs(values - self._numbers(cell)) * scale
            sure = (np.abs(values) * scale < SURE) & (np.abs(units - 0.5) > TIE)
        return [
            near if clear and not own.significant else math.isfinite(value) and own.text(value) == text
            for near, clear, own, value, text in zip(
                (units < 0.5).tolist(), sure.tolist(), places, values.tolist(), shown, strict=True
            )
        ]

    @cached_property
    def _read(self) -> dict[tuple[str, int], Array]:
        return {}

    def _numbers(self, cell: str, more: int = 0) -> Array:
        """What the texts say."""
        found = self._read.get((cell, more))
        if found is None:
            found = self._read[cell, more] = np.array(list(map(float, self.texts(cell, more))))
        return found

    def cut(self, cell: str) -> list[bool]:
        """Whether the texts leave digits out (beyond the noise of double arithmetic)."""
        values = self.cells[cell]
        return (np.abs(self._numbers(cell) - values) > NOISE * np.maximum(1.0, np.abs(values))).tolist()  # type: ignore[no-any-return]

    def tables(self, name: str) -> list[Table]:
        """A whole quantity: a text, or rows of texts."""
        shape = self.program.shapes[name]
        columns: list[list[Table]] = [list(self.texts(cell)) for cell in cell_ids(name, shape)]
        if not shape:
            return columns[0]
        for size in reversed(shape[1:]):
            columns = [list(zip(*columns[k : k + size], strict=True)) for k in range(0, len(columns), size)]
        return list(zip(*columns, strict=True))


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
    return float(evaluated_all(line, {name: np.array([number]) for name, number in numbers.items()})[0])


def evaluated_all(line: Expression, numbers: Mapping[str, Array]) -> Array:
    """The values of a component's line for several variants, shape (V,), or (1,) where all have the same."""
    with np.errstate(all="ignore"):  # a value that isn't finite reproduces nothing, and that is asked
        return _evaluated(line, numbers)


def _evaluated(line: Expression, numbers: Mapping[str, Array]) -> Array:
    if isinstance(line, Symbol):
        return numbers[line.name]
    if isinstance(line, Constant):
        return np.array([float(line.value)])
    if not isinstance(line, Apply):
        raise TypeError(f"{line!r} is no expression")
    arguments = [_evaluated(argument, numbers) for argument in line.arguments]
    return OPERATIONS[line.operation].value(*arguments, *line.parameters)


def shortest(value: float) -> str:
    """A given number as its author wrote it: the shortest decimal that is this number, without an exponent."""
    text = repr(float(value))
    return np.format_float_positional(value, trim="-") if "e" in text else text.removesuffix(".0")
