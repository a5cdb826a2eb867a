"""Room: grader. The numbers of a workbook as its sheet shows them.

A number shown as a date or a percentage becomes that text, as in a CSV saved from the same sheet: the ``1/5`` that a
spreadsheet took for the first of May is then unreadable, and not 45778.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from grader.submissions.answers import cleaned
from grader.submissions.markup import walk

_EXACT_DIGITS = 15
"""What Excel shows of a number; it stores two digits more, 1.1 as 1.1000000000000001."""

_LONGEST = 40
_LARGEST_POWER = 30
"""Of ten, in a number that is written out with all its zeros."""

_QUOTED_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
_DATE_SIGN = re.compile(r"[ymdhs]", re.IGNORECASE)
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_PERCENT_FORMATS = frozenset([9, 10])


def looks_of_styles(content: bytes) -> list[str]:
    """What the numbers of each style are shown as: "date", "percent" or ""; in the order of the styles part."""
    named: dict[str, str] = {}
    looks: list[str] = []
    of_cells = False

    def opened(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal of_cells
        number = attributes.get("numFmtId", "0")
        if name == "numFmt":
            named[number] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            of_cells = True
        elif name == "xf" and of_cells:
            looks.append(_look(number, named.get(number)))

    def closed(name: str, _: str) -> None:
        nonlocal of_cells
        of_cells = of_cells and name != "cellXfs"

    walk(content, opened, closed)
    return looks


def _look(number: str, code: str | None) -> str:
    if code is not None:
        bare = _QUOTED_FORMAT.sub("", code).lower().replace("general", "")
        return "date" if _DATE_SIGN.search(bare) else "percent" if "%" in bare else ""
    known = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0
    return "date" if known in _DATE_FORMATS else "percent" if known in _PERCENT_FORMATS else ""


def shown_number(text: str, look: str, first_day: datetime) -> str:
    """A number of a workbook as the sheet shows it; what is no number stays as it is."""
    try:
        value = Decimal(text) if len(text) < _LONGEST else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        return cleaned(text)
    exact = text if len(value.as_tuple().digits) <= _EXACT_DIGITS else repr(float(text))
    if look and abs(value.adjusted()) > _LARGEST_POWER:
        return f"{exact}%" if look == "percent" else f"{exact} (date)"
    if look == "date":
        return _date(float(value), first_day)
    return f"{(Decimal(exact) * 100).normalize():f}%" if look == "percent" else exact


def _date(days: float, first_day: datetime) -> str:
    try:
        shown = first_day + timedelta(days=days)
    except OverflowError:
        return f"{days} (date)"
    return shown.date().isoformat() if days == int(days) else shown.isoformat(" ", "seconds")
