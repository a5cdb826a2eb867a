"""Room: templates. Formulas for the practice page: each symbol set once, and numbers put in where the learner's are.

What depends on a learner's numbers is printed here with room for them. Whether a number needs parentheses where it is
negative is found out by printing the line with positive and with negative numbers, so that no rule is written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from re import Match
from re import compile as pattern
from typing import Any, NamedTuple

from exercises.expression import Expression, symbols
from exercises.notation import Notation, Sign
from templates.formula import Printer, unicode
from templates.formula.mathml import MathMl
from templates.html_formula import TALL, Breakable, whole

MARK = "`"
"""Before and after the number of a symbol in the table of signs; no formula has it otherwise."""

ROOM = "¦"
"""Around the id of a number to put in; after the id a sign says how a negative one stands."""

BARE, BRACKETED = "-", "("

_DIGITS = "8080"
"""Before the place of a number while a line is printed; nobody's constant looks like that."""

_SIGN = pattern(f"{MARK}(\\d+){MARK}")
_SMALL = pattern(r'<(msub|msup|msubsup)>(?:(?!<\1>).)*?</\1>|<mo [a-z]+="[a-z]+">.</mo>')


@dataclass
class Slots(Breakable):
    """MathML whose symbols are numbers of a table, in which each stands once."""

    known: dict[Sign, int] = field(default_factory=dict)
    signs: list[str] = field(default_factory=list)

    def sign(self, sign: Sign) -> str:
        if sign not in self.known:
            self.known[sign] = len(self.signs)
            self.signs.append(Breakable().sign(sign))
        return f"{MARK}{self.known[sign]}{MARK}"

    def parentheses(self, inner: str) -> str:
        """They grow around what is tall, also where that is a symbol."""
        if any(tall in self.expanded(inner) for tall in TALL):
            return MathMl.parentheses(self, whole(inner))
        return super().parentheses(inner)

    def expanded(self, text: str) -> str:
        """The text with its symbols in it."""
        return _SIGN.sub(lambda found: self.signs[int(found[1])], text)


class Packed:
    """Markup in which each letter with its indices stands once, and each sign: a table, and numbers in their places."""

    def __init__(self, signs: Sequence[str]) -> None:
        self.table = list(signs)
        self._known: dict[str, int] = {}
        self.table[: len(signs)] = [self.text(sign) for sign in signs]

    def text(self, markup: str) -> str:
        return _SMALL.sub(self._number, markup)

    def everywhere(self, data: Any) -> Any:
        """The same in all texts of lists and tables."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, dict):
            return {key: self.everywhere(value) for key, value in data.items()}
        return [self.everywhere(value) for value in data] if isinstance(data, list) else data

    def _number(self, found: Match[str]) -> str:
        if ROOM in found[0]:  # a learner's number squared: it is put in before letters are
            return found[0]
        if found[0] not in self._known:
            self._known[found[0]] = len(self.table)
            self.table.append(found[0])
        return f"{MARK}{self._known[found[0]]}{MARK}"


class Ways(NamedTuple):
    """How a number is set: above 0, below 0, and below 0 with parentheses."""

    positive: str
    negative: str
    bracketed: str


@dataclass
class PracticePrinter:
    """One notation's formulas for the practice page; ``code`` where it is a programmer's, without markup."""

    notation: Notation
    slots: Slots = field(default_factory=Slots)

    @property
    def code(self) -> bool:
        return self.notation.style.code

    @property
    def printer(self) -> Printer:
        return unicode.printer(self.notation) if self.code else Printer(self.slots, self.notation)

    def expression(self, expression: Expression) -> str:
        return self.printer.expression(expression)

    def sign(self, sign: Sign) -> str:
        return self.printer.sign(sign)

    def chain(self, products: Sequence[Sequence[Sign]]) -> str:
        return self.printer.chain(products)

    def with_room(self, expression: Expression) -> str:
        """The line with room for every number that is put in: ``ROOM``, its id, ``BARE`` or ``BRACKETED``, ``ROOM``."""
        names = [symbol.name for symbol in symbols(expression)]
        texts = {name: f"{_DIGITS}{place}.5" for place, name in enumerate(names)}
        above = self.printer.expression(expression, texts)
        below = self.printer.expression(expression, {name: f"-{text}" for name, text in texts.items()})
        ways = {name: self._ways(text) for name, text in texts.items()}
        return _aligned(above, below, ways)

    def _ways(self, text: str) -> Ways:
        setter = self.printer.setter
        negative = setter.number(f"-{text}")
        return Ways(setter.number(text), negative, setter.parentheses(negative))


def _aligned(above: str, below: str, ways: dict[str, Ways]) -> str:
    """The print with positive numbers, with room in their places; ``below`` says where parentheses are needed."""
    made, place = [], 0
    while above:
        found = [(above.find(way.positive), name) for name, way in ways.items() if way.positive in above]
        if not found:
            break
        start, name = min(found)
        way = ways[name]
        between, above = above[:start], above[start + len(way.positive) :]
        place = _passed(below, place, between)
        bracketed = below.startswith(way.bracketed, place)
        place = _passed(below, place, way.bracketed if bracketed else way.negative)
        made += [between, f"{ROOM}{name}{BRACKETED if bracketed else BARE}{ROOM}"]
    _passed(below, place, above)
    return "".join((*made, above))


def _passed(text: str, place: int, part: str) -> int:
    if not text.startswith(part, place):
        raise ValueError(f"negative numbers change more than their own places: {text[place : place + 80]!r}")
    return place + len(part)
