"""Room: grader. What a pile of scripts has written for one cell, read as a column: plain decimals all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from exercises.operations.row import Array, Mask
from grader.numbers import LONGEST_NUMBER, Unreadable, read_number

_OF_DECIMALS = b"0123456789.-\n"


@dataclass(frozen=True, slots=True)
class Written:
    """A cell in all scripts: ``texts`` None where there is nothing, ``values`` NaN where there is no number.

    ``troubles`` says by script why a text is no number. ``plain``: no text holds anything but digits, point and minus.
    """

    texts: Sequence[str | None]
    values: Array
    troubles: Mapping[int, Unreadable] = field(default_factory=dict)
    plain: bool = False

    @property
    def unreadable(self) -> Mask:
        """Where there is a text without a number."""
        mask = np.zeros(len(self.texts), dtype=bool)
        mask[list(self.troubles)] = True
        return mask


def written(texts: Sequence[str | None]) -> Written:
    """Read a column; each text as ``read_number`` reads it."""
    values = np.full(len(texts), np.nan)
    places = [place for place, text in enumerate(texts) if text is not None]
    some = [text for text in texts if text is not None]
    if (numbers := _plain(some)) is not None:
        values[places] = numbers
        return Written(texts, values, plain=True)
    troubles: dict[int, Unreadable] = {}
    for place, text in zip(places, some, strict=True):
        number = read_number(text)
        if isinstance(number, Unreadable):
            troubles[place] = number
        else:
            values[place] = number
    return Written(texts, values, troubles)


def _plain(texts: Sequence[str]) -> list[float] | None:
    """The numbers where all texts are made of digits, point and minus alone, and are numbers.

    Of these signs Python makes a number of the same texts as ``read_number`` does, and the same one.
    """
    joined = "\n".join(texts)
    if not joined.isascii() or joined.encode().translate(None, _OF_DECIMALS) or "\n\n" in f"\n{joined}\n":
        return [] if not texts else None
    if joined.count("\n") != len(texts) - 1 or max(map(len, texts)) > LONGEST_NUMBER:
        return None
    try:
        return list(map(float, texts))
    except ValueError:
        return None
