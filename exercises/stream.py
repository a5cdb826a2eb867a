"""Room: exercises. From the course secret to numbers on a decimal grid, the same for ever and on any machine.

Scheme 1. A *field* is a text (UTF-8, NFC) or an integer (its decimal digits), preceded by its length in bytes as eight
bytes, most significant first; so no two lists of fields are spelled alike.

- Seed: HMAC-SHA-256, keyed with the course secret, of the fields scheme, set, exercise, student, attempt.
- Words: SHAKE-256 of the fields seed, "candidates", slot's name, chunk's number, read as 32-bit words, least
  significant byte first. A chunk covers 256 candidates: a row for each number to be drawn, a column for each candidate.
  So a candidate's numbers depend on neither the other slots nor the size of the block.
- Draw below n: a word under the largest multiple of n in 2**32 gives its remainder; any other is replaced by that of
  the fields seed, "candidates again", slot's name, row, candidate, attempt (from 1) until one fits.
- Slot: first a row per entry, entries in row-major order. Where entries are distinct, the draw is a rank among the
  values not yet taken, counted from the smallest. Where their magnitudes are, the rank is among magnitudes, and a
  second row per entry says which of the two signs, negative first.
- Choices of structure: draws below n from the fields seed, "integers", tag, n; replacements from the fields seed,
  "integers again", tag, n, index, attempt.

Words of 32 bits are enough for the largest grid and cost half the hashing of 64; rejection keeps them exactly uniform.
A change of anything said here is a new scheme number.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exercises.errors import InputError

SCHEME = 1

CHUNK = 256
"""Candidates per hash: enough to make the calls cheap, few enough that a single candidate is cheap too."""

WORDS = 2**32

LARGEST_GRID = 1_000_000
"""Values a grid may have; well under 2**32, so that words are hardly ever rejected, and few enough for a table."""

LARGEST_UNITS = 2**53
"""Integers up to here, and powers of ten up to 10**15, are exact doubles; so their quotient is correctly rounded."""

MOST_DECIMALS = 15

LONGEST_NUMBER = 400
"""Digits after which a bound is a slip of the keyboard; so that 1e999999999 is refused before it is multiplied out."""

Array = NDArray[np.float64]
Squeeze = Callable[[bytes, int], bytes]
"""A message and a length in bytes -> that many bytes; a longer answer begins with the shorter one."""


def shake(message: bytes, length: int) -> bytes:
    """The first ``length`` bytes of SHAKE-256 of ``message``."""
    return hashlib.shake_256(message).digest(length)


def _fields(*fields: bytes | str | int) -> bytes:
    return b"".join(len(data).to_bytes(8, "big") + data for data in map(_data, fields))


def _data(field: bytes | str | int) -> bytes:
    if isinstance(field, bytes):
        return field
    try:
        return unicodedata.normalize("NFC", str(field)).encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"expected a name in Unicode, came {field!r}; save the file as UTF-8"
        raise InputError(message) from error


def seed(secret: bytes, *, set_name: str, exercise: int, student: str, attempt: int = 1, scheme: int = SCHEME) -> bytes:
    """The 32 bytes that all numbers of one student's exercise come from.

    InputError if the secret is empty, a name can't be encoded, or the scheme is not one this version draws.
    """
    if scheme != SCHEME:
        raise InputError(f"expected scheme {SCHEME} of drawing, came scheme {scheme}; use the version that drew it")
    if not secret:
        raise InputError('the course secret is empty; make one with "gradsheet init"')
    return hmac.digest(secret, _fields(scheme, set_name, exercise, student, attempt), "sha256")


@dataclass(frozen=True, slots=True)
class Grid:
    """The decimal numbers that may be drawn: low to high, both included, ``step`` units of the last decimal apart.

    ``signed`` adds the negatives; ``excluded`` takes values out. Numbers are text, Decimal or integer, never float, so
    that 0.1 is a tenth. InputError if a bound isn't on the grid or the grid is empty or too large.
    """

    low: str | int | Decimal
    high: str | int | Decimal
    decimals: int = 1
    step: int = 1
    signed: bool = False
    excluded: tuple[str | int | Decimal, ...] = (-1, 0, 1)

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise InputError(f"expected 0 to {MOST_DECIMALS} decimals, came {self.decimals}")
        low, high = (_units(bound, self.decimals) for bound in (self.low, self.high))
        if low is None or high is None:
            raise InputError(f"expected bounds of at most {self.decimals} decimals, came {self.low} and {self.high}")
        if self.step < 1:
            raise InputError(f"expected a step of at least one unit of the last decimal, came {self.step}")
        if (high - low) // self.step >= LARGEST_GRID:
            raise InputError(f"{self} has more than {LARGEST_GRID} values; use fewer decimals or a narrower range")
        if not _table(self, False).size:
            raise InputError(f"there is no number to draw in {self}; widen the range")

    def __str__(self) -> str:
        sign = "±" if self.signed else ""
        step = f"{self.step / 10**self.decimals:.{self.decimals}f}"
        return f"the grid {sign}{self.low} to {sign}{self.high} in steps of {step}"

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(_table(self, False))

    def values(self) -> Array:
        """All values from the smallest up, each the double nearest to its decimal; shape (size,), read-only."""
        return _table(self, False)[:, 0]


def _units(number: str | int | Decimal, decimals: int) -> int | None:
    """``number`` counted in units of the last decimal, exactly; None where it falls between two."""
    try:
        exact = Decimal(number)
    except InvalidOperation as error:
        raise InputError(f"expected a decimal number, came {number!r}") from error
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > LONGEST_NUMBER:
        raise InputError(f"expected a decimal number of at most {LONGEST_NUMBER} digits, came {number!r}")
    units = Fraction(exact) * 10**decimals
    if abs(units) > LARGEST_UNITS:
        raise InputError(f"expected at most {MOST_DECIMALS} digits, came {number!r} with {decimals} decimals")
    return int(units) if units.denominator == 1 else None


@lru_cache(maxsize=64)
def _table(grid: Grid, by_magnitude: bool) -> Array:
    """The grid's values, a row each; or a row for each magnitude: its negative and its positive.

    Where a magnitude is on the grid with one sign only, that one stands in both columns.
    """
    low, high = _units(grid.low, grid.decimals), _units(grid.high, grid.decimals)
    assert low is not None and high is not None
    units = np.arange(low, high + 1, grid.step, dtype=np.int64)
    if grid.signed:
        units = np.union1d(units, -units)
    left_out = [_units(value, grid.decimals) for value in grid.excluded]
    units = np.setdiff1d(units, np.array([value for value in left_out if value is not None], dtype=np.int64))
    rows = units[:, np.newaxis]
    if by_magnitude:
        sizes = np.unique(np.abs(units))
        both = np.stack([-sizes, sizes], axis=1)
        rows = np.where(np.isin(both, units), both, -both)
    table = rows / 10.0**grid.decimals
    table.flags.writeable = False
    return table


@dataclass(frozen=True, slots=True)
class Slot:
    """A quantity to be drawn: its name, its shape, and the grid its entries come from.

    ``distinct``: no two entries are equal. ``distinct_magnitudes``: no two have the same absolute value; all
    magnitudes are then equally likely. InputError if the grid has too few values for that.
    """

    name: str
    shape: tuple[int, ...]
    grid: Grid
    distinct: bool = True
    distinct_magnitudes: bool = False

    def __post_init__(self) -> None:
        kind = "magnitudes" if self.distinct_magnitudes else "values"
        choices = len(self.table())
        if self.without_replacement and choices < self.entries:
            raise InputError(
                f"expected at least {self.entries} different {kind}, {self.grid} has {choices}; "
                "widen the range or allow more decimals",
                where=self.name,
            )

    @property
    def entries(self) -> int:
        """How many numbers the quantity has."""
        return math.prod(self.shape)

    @property
    def without_replacement(self) -> bool:
        """Whether a number that was drawn is out of the running for the other entries."""
        return self.distinct or self.distinct_magnitudes

    def table(self) -> Array:
        """The values to choose from, a row for each choice and a column for each sign that is drawn afterwards."""
        return _table(self.grid, self.distinct_magnitudes)

    def ranges(self) -> list[int]:
        """For each number to be drawn for one candidate, how many outcomes it has."""
        choices, signs = self.table().shape
        ranks = [choices - taken if self.without_replacement else choices for taken in range(self.entries)]
        return ranks + [signs] * self.entries if self.distinct_magnitudes else ranks


def candidates(
    seed: bytes, slots: Sequence[Slot], first: int, count: int, *, squeeze: Squeeze = shake
) -> dict[str, Array]:
    """The numbers of ``count`` candidates from ``first`` on: for each slot an array of shape ``shape + (count,)``.

    However candidates are grouped in blocks, each has the same numbers. Slots have different names. ``squeeze`` is
    there so that a test can bring about the rejections that nature hardly ever does.
    """
    if len({slot.name for slot in slots}) < len(slots):
        raise ValueError("two slots have the same name, so they would get the same numbers")
    return {slot.name: _drawn(seed, slot, first, count, squeeze) for slot in slots}


def integers(seed: bytes, tag: str, n: int, count: int, *, squeeze: Squeeze = shake) -> list[int]:
    """``count`` numbers below ``n`` for choices of structure; other tags and other ``n`` have streams of their own.

    A longer list begins with the shorter one.
    """
    if not 1 <= n <= WORDS:
        raise ValueError(f"n is from 1 to 2**32, not {n}")
    stream = squeeze(_fields(seed, "integers", tag, n), 4 * count)
    words = [int.from_bytes(stream[start : start + 4], "little") for start in range(0, 4 * count, 4)]
    replacement = _fields(seed, "integers again", tag, n)
    return [_accepted(word, n, replacement + _fields(index), squeeze) % n for index, word in enumerate(words)]


def _drawn(seed: bytes, slot: Slot, first: int, count: int, squeeze: Squeeze) -> Array:
    table, entries = slot.table(), slot.entries
    draws = _draws(seed, slot, first, count, squeeze)
    rows = _still_free(draws[:entries]) if slot.without_replacement else draws[:entries]
    if slot.distinct_magnitudes:
        rows = rows * 2 + draws[entries:]
    return np.take(table, rows).reshape(*slot.shape, count)


def _draws(seed: bytes, slot: Slot, first: int, count: int, squeeze: Squeeze) -> NDArray[np.uint32]:
    """A number below each of the slot's ranges for each candidate; shape (ranges, count)."""
    ranges = slot.ranges()
    words = _words(seed, slot.name, len(ranges), first, count, squeeze)
    divisors = np.array(ranges, dtype=np.uint32)[:, np.newaxis]
    largest = np.array([_largest(n) for n in ranges], dtype=np.uint32)[:, np.newaxis]
    for row, column in np.argwhere(words > largest).tolist():
        replacement = _fields(seed, "candidates again", slot.name, row, first + column)
        words[row, column] = _accepted(int(words[row, column]), ranges[row], replacement, squeeze)
    return words % divisors


def _words(seed: bytes, name: str, rows: int, first: int, count: int, squeeze: Squeeze) -> NDArray[np.uint32]:
    """The words of candidates ``first`` on; shape (rows, count)."""
    chunks = range(first // CHUNK, (first + count - 1) // CHUNK + 1)
    stream = b"".join(squeeze(_fields(seed, "candidates", name, chunk), 4 * rows * CHUNK) for chunk in chunks)
    table = np.frombuffer(stream, dtype="<u4").reshape(len(chunks), rows, CHUNK)
    start = first - chunks.start * CHUNK
    return table.transpose(1, 0, 2).reshape(rows, len(chunks) * CHUNK)[:, start : start + count].astype(np.uint32)


def _largest(n: int) -> int:
    """The largest word that draws a number below ``n`` fairly."""
    return WORDS // n * n - 1


def _accepted(word: int, n: int, replacement: bytes, squeeze: Squeeze) -> int:
    """``word``, or the first of its replacements, that is not above ``_largest(n)``."""
    attempt = 0
    while word > _largest(n):
        attempt += 1
        word = int.from_bytes(squeeze(replacement + _fields(attempt), 4), "little")
    return word


def _still_free(ranks: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Row k holds ranks among the values that rows 0 to k - 1 left free; the values they mean, counted from 0.

    From the last row but one backwards, each row makes room for its value among the rows after it: those at or above it
    move up by one.
    """
    values = ranks.astype(np.int32)
    for row in range(len(values) - 2, -1, -1):
        after = values[row + 1 :]
        after += after >= values[row]
    return values
