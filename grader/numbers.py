"""Room: grader. Text to number, or the reason why not; never a guess, never an exception.

A comma alone is a decimal comma, so ``1,234`` is 1.234; what would need a thousands separator to make sense
(``1,234.5``, ``1.234.567``) is unreadable, since which sign is which depends on where the writer went to school.
The sentences that belong to the codes are in ``messages.UNREADABLE``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

LONGEST_NUMBER = 100
"""Characters. A printed double has at most 24; what is longer than this is not looked at, so that it costs nothing."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is no number: a code of ``messages.UNREADABLE``, and the offset of the character in the way."""

    code: str
    position: int


_MINUS = "−‐‑‒–—﹣－"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# One character for one, so that offsets stay true.
_LOOK_ALIKES = (
    {ord(sign): "-" for sign in _MINUS}
    | {ord(sign): " " for sign in _INVISIBLE}
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in _MINUS}
    | str.maketrans({"⁄": "/", "∕": "/", "∗": "*", "✕": "×", "⨯": "×", "⋅": "·", "∙": "·"})
)

_DIGITS = r"(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)"
_SIGNED = rf"([+-]?)\s*({_DIGITS})"
_PLAIN = re.compile(r"-?[0-9]+\.[0-9]+")
_DECIMAL = re.compile(rf"{_SIGNED}(?:[eE]([+-]?[0-9]+))?")
_TIMES_POWER = re.compile(rf"{_SIGNED}\s*[*·×xX]\s*10\s*(?:\^|\*\*)\s*(?:([+-]?[0-9]+)|\(([+-]?[0-9]+)\))")
_FRACTION = re.compile(r"([+-]?)\s*([0-9]+)\s*/\s*([0-9]+)")
_PLACEHOLDER = re.compile(rf"_+|-+|[{_MINUS}]+|…+|\.{{3,}}|")

_THREES = r"(?:,[0-9]{3}){2,}(?![0-9,])|(?:\.[0-9]{3}){2,}(?![0-9.])"

# Tried in order where no form fits; the first that is found names the trouble.
_TROUBLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("formula", r"\A[=@]"),
        ("date", r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])"),
        ("not-finite", r"\A[+-]?\s*(?:s?nan|inf|infinity|∞)\Z"),
        ("other-digits", r"[^\D0-9]"),
        ("superscript", r"[⁰¹²³⁴-⁹⁺⁻₀-₉]"),
        ("fraction-sign", r"[¼-¾⅐-⅞↉]"),
        ("percent", r"[%‰٪]"),
        ("underscore", r"(?<=[0-9])_"),
        ("other-base", r"(?<=0)[xbo][0-9a-f]+\Z"),
        ("two-separators", r"(?<=[0-9])(?:,(?=[0-9]*\.)|\.(?=[0-9]*,))"),
        (
            "grouped",
            r"(?<=[0-9])(?<!\b0)(?:[\s'’][0-9]{3}(?![0-9])|(?:,[0-9]{3}){2,}(?![0-9,])|(?:\.[0-9]{3}){2,}(?![0-9.]))",
        ),
        ("several-signs", r"(?<=[0-9])(?:,(?=[0-9]+,)|\.(?=[0-9]+\.[0-9]))"),
        ("arithmetic", r"(?<=[0-9.,)])\s*[-+*/^·×÷:(](?=\s*[-+(]*\s*[0-9.,])"),
    )
)


def read_number(text: str) -> float | Unreadable:
    """The double nearest to what is written: a decimal, with exponent or ``·10^n``, or a quotient of two whole numbers.

    White space around it, a plus, look-alike minus signs and full-width forms are forgiven. Ask ``is_blank`` first:
    a blank is not unreadable, it is missing. Never raises; takes bounded time, however long the text.
    """
    if len(text) > LONGEST_NUMBER:
        return Unreadable("too-long", LONGEST_NUMBER)
    if _PLAIN.fullmatch(text):
        return float(text)
    same_length = text.translate(_LOOK_ALIKES)
    body = same_length.strip()
    start = len(same_length) - len(same_length.lstrip())
    if match := _DECIMAL.fullmatch(body) or _TIMES_POWER.fullmatch(body):
        return _decimal(match, start)
    if match := _FRACTION.fullmatch(body):
        return _quotient(match, start)
    return _trouble(body, start)


def is_blank(text: str) -> bool:
    """Whether nothing was answered: white space, or only a placeholder such as ``-``, ``…`` or a row of underscores."""
    return _PLACEHOLDER.fullmatch(text.strip(_INVISIBLE + " \t\r\n\f\v\u00a0\u202f\u3000")) is not None


def _decimal(match: re.Match[str], start: int) -> float | Unreadable:
    sign, digits, *exponents = match.groups()
    exponent = next((found for found in exponents if found is not None), "0")
    value = float(f"{sign}{digits.replace(',', '.')}e{exponent}")
    if math.isinf(value):
        return Unreadable("too-large", start)
    if value == 0 and digits.strip("0.,"):
        return Unreadable("too-small", start)
    return value


def _quotient(match: re.Match[str], start: int) -> float | Unreadable:
    sign, above, below = match.groups()
    if int(below) == 0:
        return Unreadable("division-by-zero", start + match.start(3))
    # Python divides whole numbers with one correct rounding, and LONGEST_NUMBER digits stay below 1e100.
    value = int(above) / int(below)
    return -value if sign == "-" else value


def _trouble(body: str, start: int) -> Unreadable:
    for code, pattern in _TROUBLES:
        if match := pattern.search(body):
            return Unreadable(code, start + match.start())
    readable = _DECIMAL.match(body)
    return Unreadable("not-a-number", start + (readable.end() if readable else 0))
