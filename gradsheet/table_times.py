"""Room: gradsheet. When the rows of a class's table were sent, and from which address, as form tools write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

_TIME = re.compile(
    r"(?P<one>[0-9]{1,4})(?P<sign>[-/.])(?P<two>[0-9]{1,2})(?P=sign)(?P<three>[0-9]{2,4})"
    r"(?:(?:,? |T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?:Z|(?:GMT|UTC)?(?P<away>[+-][0-9]{1,2})(?::?(?P<more>[0-5][0-9]))?|GMT|UTC))?)?"
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_CENTURY = 2000
"""Of a year that is written with two digits."""

_YEAR, _MONTH, _DAY = range(3)
_ORDERS = ((_YEAR, _MONTH, _DAY), (_DAY, _MONTH, _YEAR), (_MONTH, _DAY, _YEAR))


def times(texts: Sequence[str]) -> list[datetime | None] | None:
    """The time of each row, None where it has none; None altogether where the column holds anything else, or where
    days and months can't be told apart.
    """
    matches = [_TIME.fullmatch(text) for text in texts if text]
    if not matches or None in matches:
        return None
    readings = [found for order in _ORDERS if (found := _read([match for match in matches if match], order))]
    if len(readings) != 1:
        return None
    told = iter(readings[0])
    return [next(told) if text else None for text in texts]


def _read(matches: Sequence[re.Match[str]], order: tuple[int, int, int]) -> list[datetime] | None:
    if any((len(match["one"]) == 4) != (order[0] == _YEAR) for match in matches):
        return None
    try:
        return [_time(match, order) for match in matches]
    except ValueError:
        return None


def _time(match: re.Match[str], order: tuple[int, int, int]) -> datetime:
    """Raises ValueError where there is no such day or hour."""
    parts = dict(zip(order, (int(match[name]) for name in ("one", "two", "three")), strict=True))
    year = parts[_YEAR] if parts[_YEAR] >= 100 else parts[_YEAR] + _CENTURY
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + 12 * (match["half"] in "Pp")
    away = int(match["away"] or 0)
    minutes = int(match["more"] or 0)
    zone = timezone(timedelta(hours=away, minutes=-minutes if (match["away"] or "").startswith("-") else minutes))
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    return datetime(year, parts[_MONTH], parts[_DAY], hour, minute, second, tzinfo=zone)


def addresses(texts: Sequence[str]) -> bool:
    """Whether a column holds addresses and nothing else."""
    told = [text for text in texts if text]
    return bool(told) and all(_ADDRESS.fullmatch(text) for text in told)
