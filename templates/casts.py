"""Room: templates. Lines of which only the numbers differ from sheet to sheet: cast once, and filled for each sheet.

What a line looks like doesn't depend on its digits. It does depend on signs, since a negative number inside a formula
stands in parentheses, so each line is looked at with positive and with negative numbers before it is cast. Lines for
which that isn't enough are set anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from exercises.solution import BLANK, GivenLine, Line, Table
from templates.formula import Printer
from templates.stages import all_stages

MARK = 0xE000
"""The first of the characters that stand for numbers; no formula holds any of them."""

MOST_NUMBERS = 4_000
MOST_CASTS = 20_000
"""More are not kept; a class has as many lines as its sheet, times a few for blanks and digits cut off."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A text with places for numbers: which one stands at each, and what is put around it there if it is negative."""

    text: str
    places: tuple[tuple[int, bool], ...]
    parentheses: tuple[str, str]

    def filled(self, numbers: Sequence[str]) -> str:
        opening, closing = self.parentheses
        return self.text % tuple(
            [
                f"{opening}{numbers[place]}{closing}" if bracketed and numbers[place][0] == "-" else numbers[place]
                for place, bracketed in self.places
            ]
        )


class Casts:
    """The casts of one printer; ``of_line`` and ``of_given`` give what ``make`` would."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        opening, closing = printer.setter.parentheses(chr(MARK)).split(chr(MARK))
        self.parentheses = opening, closing
        self._made: dict[object, tuple[object, Cast | None]] = {}

    def of_line(self, line: Line, make: Callable[[Line], str]) -> str:
        numbers = _numbers(line)
        key = (id(line.expression), id(line.whole), id(line.chain), id(line.sign), line.shapes, line.cut, line.blank)
        if BLANK in numbers:
            key += tuple(place for place, text in enumerate(numbers) if text == BLANK)  # type: ignore[assignment]
        found = self._made.get(key)
        if found is None:
            cast = None if self._copies(line) else self._cast(numbers, lambda texts: make(_with(line, texts)))
            found = self._keep(key, line, cast)
        return make(line) if found[1] is None else found[1].filled(numbers)

    def of_given(self, given: GivenLine, make: Callable[[GivenLine], str]) -> str:
        numbers = [text for _, _, text in given.entries]
        found = self._made.get(given.quantity)
        if found is None:
            cast = self._cast(numbers, lambda texts: make(_given_with(given, texts)))
            found = self._keep(given.quantity, given, cast)
        return make(given) if found[1] is None else found[1].filled(numbers)

    def _keep(self, key: object, it: object, cast: Cast | None) -> tuple[object, Cast | None]:
        """Keep a cast, and the line too, so that no other comes to have its id."""
        if len(self._made) < MOST_CASTS:
            self._made[key] = it, cast
        return it, cast

    def _cast(self, numbers: Sequence[str], make: Callable[[Sequence[str]], str]) -> Cast | None:
        """The cast, None where signs or digits change more than they may."""
        if len(numbers) > MOST_NUMBERS:
            return None
        marks = [text if text == BLANK else chr(MARK + place) for place, text in enumerate(numbers)]
        positive = make(marks)
        negative = make([mark if mark == BLANK else f"-{mark}" for mark in marks])
        places = self._places(positive, negative)
        if places is None:
            return None
        cast = Cast("%s".join(part.replace("%", "%%") for part in _parts(positive)), places, self.parentheses)
        return cast if cast.filled(numbers) == make(numbers) else None

    def _places(self, positive: str, negative: str) -> tuple[tuple[int, bool], ...] | None:
        """Which number stands at each place, and whether in parentheses where it is negative."""
        opening, closing = self.parentheses
        places, at = [], 0
        first, *rest = _parts(positive)
        marks = [letter for letter in positive if _is_mark(letter)]
        for before, mark in zip((first, *rest), marks, strict=False):
            forms = (f"{before}-{mark}", f"{before}{opening}-{mark}{closing}")
            form = next((form for form in forms if negative.startswith(form, at)), None)
            if form is None:
                return None
            places.append((ord(mark) - MARK, form is forms[1]))
            at += len(form)
        return tuple(places) if negative[at:] == (rest or [first])[-1] else None

    def _copies(self, line: Line) -> bool:
        """Whether the numbers put in may be all that comes out; then digits decide whether they are shown twice."""
        if line.blank:
            return False
        *_, put_in, result = all_stages(line, self.printer)
        return _bare(put_in, line) == _bare(result, line)


def _numbers(line: Line) -> list[str]:
    """All numbers of a line, those put in and those that come out, as they are told row by row."""
    return flat((*line.numbers.values(), line.result))


def flat(tables: Sequence[Table]) -> list[str]:
    """The texts of tables, row by row."""
    if tuple not in map(type, tables):
        return list(tables)  # type: ignore[arg-type]
    found: list[str] = []
    for table in tables:
        if isinstance(table, str):
            found.append(table)
        else:
            found += flat(table)
    return found


def _with(line: Line, texts: Sequence[str]) -> Line:
    """The line with other numbers."""
    source = iter(texts)
    numbers = {name: _shaped(table, source) for name, table in line.numbers.items()}
    return replace(line, numbers=numbers, result=_shaped(line.result, source))


def _given_with(given: GivenLine, texts: Sequence[str]) -> GivenLine:
    entries = tuple((cell, sign, text) for (cell, sign, _), text in zip(given.entries, texts, strict=True))
    whole = None if given.whole is None else (given.whole[0], _shaped(given.whole[1], iter(texts)))
    return replace(given, whole=whole, entries=entries)


def _shaped(table: Table, source: Iterator[str]) -> Table:
    return next(source) if isinstance(table, str) else tuple(_shaped(row, source) for row in table)


def _is_mark(letter: str) -> bool:
    return MARK <= ord(letter) < MARK + MOST_NUMBERS


def _parts(text: str) -> list[str]:
    """What stands before, between and after the marks."""
    parts = [""]
    for letter in text:
        if _is_mark(letter):
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _bare(text: str, line: Line) -> str:
    """A stage without its numbers."""
    for number in sorted(set(_numbers(line)), key=len, reverse=True):
        text = text.replace(number.removeprefix("-"), "#")
    return text.replace("-", "")
