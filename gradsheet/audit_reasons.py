"""Room: gradsheet. A hand-in marked twice: which cells are marked otherwise, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import msgspec

from grader.gradebook import number
from gradsheet.results import OVERRIDDEN


class Cell(msgspec.Struct, frozen=True):
    """One cell as ``results.json`` has it."""

    id: str
    verdict: str
    text: str = ""
    key: float | None = None
    marks: str | None = None
    worth: str | None = None
    note: str | None = None


WHY = {
    # code: what the audit says; all that apply are said of a cell, in this order
    "text": "handed in was {old_text}, is {new_text}",
    "key": "the key was {old_key}, is {new_key}",
    "decided": "decided by the teacher",
    "verdict": "was {old_verdict}, is {new_verdict}",
    "policy": "{new_verdict} as before, which earned {old_marks} and earns {new_marks}",
    "worth": "the cell was worth {old_worth}, is worth {new_worth}",
    "added": "marked now, and not before",
    "dropped": "marked before, and not now",
}


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is marked otherwise; ``causes`` are codes of ``WHY``, the first one first, ``said`` in words."""

    id: str
    old: Fraction | None
    new: Fraction | None
    causes: tuple[str, ...]
    said: str

    @property
    def difference(self) -> Fraction:
        return (self.new or Fraction(0)) - (self.old or Fraction(0))


def cell_changes(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[CellChange]:
    """The cells of a hand-in that are marked otherwise; ValueError where marks aren't fractions."""
    old = {cell.id: cell for cell in before}
    new = {cell.id: cell for cell in after}
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            found = other or one
            if found is not None and found.marks is not None:
                why = "added" if one is None else "dropped"
                yield CellChange(name, _marks(one), _marks(other), (why,), WHY[why])
        elif (one.marks, one.worth, one.verdict) != (other.marks, other.worth, other.verdict):
            causes, words = tuple(_causes(one, other)), _words(one, other)
            said = ", and ".join(WHY[cause].format(**words) for cause in causes)
            yield CellChange(name, _marks(one), _marks(other), causes, said)


def _marks(cell: Cell | None) -> Fraction | None:
    return None if cell is None or cell.marks is None else _fraction(cell.marks)


SAME_KEY = 1e-9
"""Keys that differ by less are the same, worked out on another machine."""


def _causes(one: Cell, other: Cell) -> Iterator[str]:
    if one.text != other.text:
        yield "text"
    if _key_changed(one.key, other.key):
        yield "key"
    told = [cell.note if cell.note and cell.note.startswith(OVERRIDDEN) else "" for cell in (one, other)]
    if told[0] != told[1]:
        yield "decided"
    if one.verdict != other.verdict:
        yield "verdict"
    elif told[0] == told[1] and _share(one) != _share(other) and None not in (_share(one), _share(other)):
        yield "policy"
    if one.worth != other.worth:
        yield "worth"


def _share(cell: Cell) -> Fraction | None:
    """Which part of its full mark the cell earned."""
    if cell.marks is None or cell.worth is None or not (worth := _fraction(cell.worth)):
        return None
    return _fraction(cell.marks) / worth


def _key_changed(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > SAME_KEY * (1 + abs(other))


def _words(one: Cell, other: Cell) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for when, cell in (("old", one), ("new", other)):
        words[f"{when}_text"] = f'"{cell.text}"' if cell.text else "nothing"
        words[f"{when}_key"] = "none" if cell.key is None else f"{cell.key:.6g}"
        words[f"{when}_worth"] = shown(None if cell.worth is None else _fraction(cell.worth))
        words[f"{when}_marks"] = shown(_marks(cell))
        words[f"{when}_verdict"] = cell.verdict
    return words


@lru_cache(maxsize=1000)  # a class has few different marks
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def shown(marks: Fraction | None) -> str:
    return "–" if marks is None else number(marks)
