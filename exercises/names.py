"""Room: exercises. Canonical ids of quantities and cells: their grammar, stems and look-alikes.

    cell      = [exercise ":"] quantity ["[" index {"," index} "]"]       2:dJ/dW1@2[1,2]
    quantity  = (name | derivative | local) ["@" round]                   W1_new@2
    derivative = "d" name "/d" name ["." path]                            dJ/dW1, da1/dz1, dJ/dx.1
    local     = name "|" name                                             f|x

Indices, exercises and paths count from 1, rounds from 2 (round 1 is written without its number).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from exercises.errors import InputError, nearest

LONGEST_ID = 200
"""No id of ours comes near; it bounds the work that a hostile one can cause."""

_NAME = r"[^\W\d_]\w*"
_COUNT = r"0*[1-9][0-9]{0,6}"
_ROUND = r"0*(?:[2-9]|[1-9][0-9]{1,6})"
_CELL = re.compile(
    rf"(?:(?P<exercise>{_COUNT}):)?"
    rf"(?P<stem>d{_NAME}/d{_NAME}(?:\.{_COUNT})?|{_NAME}\|{_NAME}|{_NAME})"
    rf"(?:@(?P<round>{_ROUND}))?"
    rf"(?:\[(?P<index>{_COUNT}(?:,{_COUNT}){{0,2}})\])?"
)
_AROUND_PUNCTUATION = re.compile(r"\s*([\[\],:/|.@])\s*")
_LAYER_NUMBER = re.compile(r"(?<=[^\W\d_])[0-9]+(?=_|\b)")
_ID_HEAD = re.compile(r"(?:[^\[\](){},;\t]|\[[^\[\];\t]*\]|\([^();\t]*\)|\{[^{};\t]*\})*+")
_QUOTED = re.compile(r' *"((?:[^"]|"")*+)" *')
_SEPARATORS = ",;\t"
_LOOK_ALIKES = str.maketrans({
    "∂": "d", "𝜕": "d", "⁄": "/", "∕": "/", "∣": "|", "∶": ":", "\u200b": None, "\u2060": None, "\ufeff": None,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a worked exercise; ``quantity`` includes its round (``z1@2``), ``index`` is one-based."""

    quantity: str
    index: tuple[int, ...] = ()
    exercise: int | None = None

    def __str__(self) -> str:
        before = "" if self.exercise is None else f"{self.exercise}:"
        return before + self.quantity + (f"[{','.join(map(str, self.index))}]" if self.index else "")


def parse_cell(text: str) -> Cell:
    """Read the id of a cell or of a whole quantity (no index); spaces, ``∂`` and full-width signs are forgiven.

    Raises InputError where the text is no id by the grammar above; whether the exercise has such a cell is not asked.
    """
    match = _CELL.fullmatch(_plain(text)) if len(text) <= LONGEST_ID else None
    if match is None:
        raise InputError(_what_is_wrong(text))
    quantity = match["stem"] if match["round"] is None else f"{match['stem']}@{int(match['round'])}"
    index = tuple(int(part) for part in match["index"].split(",")) if match["index"] else ()
    return Cell(quantity, index, int(match["exercise"]) if match["exercise"] else None)


def cell_ids(quantity: str, shape: Sequence[int]) -> tuple[str, ...]:
    """The ids of all cells of a quantity in row-major order; a scalar (shape ``()``) has one, its own name."""
    return _cell_ids(quantity, tuple(shape))


@lru_cache(maxsize=4096)
def _cell_ids(quantity: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Asked again and again for every student."""
    if not shape:
        return (quantity,)
    counts = itertools.product(*(range(1, size + 1) for size in shape))
    return tuple(str(Cell(quantity, index)) for index in counts)


def stem(quantity: str) -> str:
    """The name that means all layers: ``dJ/dW1`` -> ``dJ/dW``, ``W1_new@2`` -> ``W_new@2``, ``J`` -> ``J``."""
    return _LAYER_NUMBER.sub("", quantity)


def matches(asked: str, quantity: str) -> bool:
    """Whether ``asked`` is the quantity's id or its stem; a round is only meant where it is written."""
    return asked in (quantity, stem(quantity))


def nearest_id(text: str, known: Iterable[str]) -> str | None:
    """The known id that is most like what was written, or None where none comes near."""
    return nearest(_plain(text[:LONGEST_ID]), known)


def split_id_and_value(row: str) -> tuple[str, str]:
    """Split a row ``id,value`` at its first comma, semicolon or tab that is not inside the id's brackets.

    Either side may stand in double quotes, or the whole row; separators after the value are empty columns and go.
    Both parts come back stripped, as they were written. Raises InputError for an open quote or bracket, and for a
    row that is neither an id alone (then the value is "") nor an id with a separator.
    """
    head, rest = _quoted_head(row) if row.lstrip(" ").startswith('"') else _plain_head(row)
    if not rest and not _is_id(head):
        if head == row or '"' in head:
            raise InputError(
                f"no comma, semicolon or tab between id and value in {_shown(row)}; write it like z1[2],0.35"
            )
        return split_id_and_value(head)
    if rest and not head.strip():
        raise InputError(f"no id before the value in {_shown(row)}; write it like z1[2],0.35")
    return head.strip(), _value(rest[1:])


def _quoted_head(row: str) -> tuple[str, str]:
    quoted = _QUOTED.match(row)
    rest = "" if quoted is None else row[quoted.end() :]
    if quoted is None or (rest and rest[0] not in _SEPARATORS):
        raise InputError(f'quotation marks do not fit in {_shown(row)}; write the row like "W1[1,2]",0.35')
    return quoted[1].replace('""', '"'), rest


def _plain_head(row: str) -> tuple[str, str]:
    head = _ID_HEAD.match(row)
    end = head.end() if head else 0
    if end < len(row) and row[end] not in _SEPARATORS:
        raise InputError(f"a bracket does not fit in {_shown(row)}; write the id like W1[1,2]")
    return row[:end], row[end:]


def _value(rest: str) -> str:
    text = rest.strip()
    if not text.startswith('"'):
        return text.rstrip(_SEPARATORS + " ")
    quoted = _QUOTED.match(text)
    if quoted is None or text[quoted.end() :].strip(_SEPARATORS + " "):
        raise InputError(f"quotation marks do not fit in {_shown(text)}; write the number without them")
    return quoted[1].replace('""', '"').strip()


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST_ID and _CELL.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_LOOK_ALIKES)).strip()
    return _AROUND_PUNCTUATION.sub(r"\1", folded)


def _shown(text: str) -> str:
    short = text.strip()
    return f'"{short}"' if len(short) <= 40 else f'"{short[:39]}…"'


def _what_is_wrong(text: str) -> str:
    if re.search(r"\[(?:[^\]]*,)?\s*0+\s*[,\]]", text[:LONGEST_ID]):
        return f"{_shown(text)}: the rows and columns of cells count from 1"
    return f"{_shown(text)} is not the id of a cell; ids look like z1, W1[1,2], dJ/dW1[1,2] or 2:J"
