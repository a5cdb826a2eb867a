"""Room: templates. One exercise as paper shows it: what is given, the sections, and the table of answers in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from exercises.notation import Notation
from exercises.solution import Solution
from exercises.specification import Exercise
from templates.drawing import key_picture, sheet_picture
from templates.formula.typst import quoted
from templates.paper_figure import Figure, paper_figure
from templates.planted import ACROSS, NamedLine, Revealed, named_lines, revealed
from templates.render import cell_of, description, finding_rows, short_places, shown_working, solution_of
from templates.same import Same
from templates.typst_page import Display, PaperSection, TypstPage
from templates.typst_symbols import TypstSymbols, in_markup

MOST_ROWS = 30
"""Rows of one column that fit on a page."""

MOST_COLUMNS = 3

PAGE, BETWEEN = 459.0, 8.0
"""Points: the width of the text, and the space between two tables side by side."""

ID_LETTER, PADDING, VALUE_DIGIT, NARROWEST_VALUE = 4.3, 8.5, 4.8, 44.0
"""Points: a letter of an id, what a cell has beside its text, a digit of a value, and the least room to write one."""

PLACES_LETTER, PLACES_HEAD, SHORTEST, SYMBOL_SIZE = 3.9, 21.0, 27.0, 0.92
"""Points: a letter of the places, their heading, and the head of another column; and the size of symbols, with some
room for what their estimate may miss."""

LISTED_SIZE, BESIDE, APART = 0.82, 4.5, 6.3
"""In the list of lines: the size of symbols, and points from a symbol to its id, and from there to the next symbol."""

WORDS_LETTER = 4.6
"""Points of a letter in words that stand in a symbol's place."""

FEW = 8
"""Fewer answers than this are not worth a second column."""


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """One asked cell: its id, its symbol as code, its places, and its value."""

    id: str
    symbol: str
    places: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Answers that fit on a page, in ``columns`` of those that the page has ``across``: few answers leave one free.

    ``widths`` are the points that ids and symbols take, and places where each row has its own; the rest is to write in.
    """

    columns: int
    across: int
    widths: tuple[float, ...]
    rows: tuple[PaperAnswer, ...]


@dataclass(frozen=True, slots=True)
class PaperExercise:
    """Everything of one exercise as code; ``places`` is a sentence.

    ``given`` are equations; where all that is given are scalars, they stand in ``given_in_text`` alone. A
    ``faded`` sheet shows working with blanks in it. Where a mistake is to be found in it instead, ``lines`` are all
    lines by name, of which ``across`` fit side by side, and ``revealed`` is what the key says, its sentence as markup.
    """

    number: int
    words: str
    figure: Figure | None
    given: tuple[str, ...]
    given_in_text: tuple[tuple[str, ...], ...]
    outline: Display
    legend: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    faded: bool
    places: str
    answers: tuple[AnswerTable, ...]
    lines: tuple[NamedLine, ...] = ()
    revealed: Revealed | None = None
    across: int = 1


def paper_exercise(
    exercise: Exercise,
    *,
    several: bool,
    worked: bool,
    with_room: bool,
    detail: str | None = None,
    notation: str | None = None,
) -> PaperExercise:
    """An exercise with all its numbers, set for paper: ``worked``, or with room to work where that is wished."""
    solution = solution_of(exercise, detail=detail, notation=notation)
    symbols = symbols_of(solution.notation)
    page = TypstPage(solution, symbols)
    across = _across(exercise, solution, symbols) if exercise.finding else 1
    shown = None if worked else shown_working(exercise)
    return PaperExercise(
        exercise.number,
        description(solution.notation),
        _figure(solution, shown, worked=worked),
        page.given(),
        page.given_in_text(),
        page.outline(),
        _legend(page, shown, worked=worked),
        _sections(page, shown, worked=worked, with_room=with_room, every=exercise.finding),
        shown is not None,
        "" if exercise.finding else _places_sentence(exercise, solution),
        _answers(exercise, solution, symbols, several),
        named_lines(exercise, symbols.symbol, across) if exercise.finding else (),
        _revealed(exercise, symbols) if exercise.finding and worked else None,
        across,
    )


def _across(exercise: Exercise, solution: Solution, symbols: TypstSymbols) -> int:
    """How many lines, each a symbol and its id, fit side by side."""
    lines = named_lines(exercise, str)
    widest = max(symbols.width(solution.notation.sign(line.id)) for line in lines) * LISTED_SIZE
    pair = widest + max(len(line.id) for line in lines) * ID_LETTER + BESIDE + APART
    return max(1, min(ACROSS, int((PAGE + APART) // pair)))


def _revealed(exercise: Exercise, symbols: TypstSymbols) -> Revealed:
    told = revealed(exercise, lambda cell: in_markup(symbols.symbol(cell)), lambda words: in_markup(quoted(words)))
    return replace(told, symbol=symbols.symbol(told.id))


def _legend(page: TypstPage, shown: Solution | None, *, worked: bool) -> tuple[str, ...]:
    """What the symbols mean; of working that is shown too, which with a mistake in it may need others."""
    if not worked and shown is None:
        return page.question()
    more = () if shown is None else TypstPage(shown, page.symbols).legend()
    return tuple(dict.fromkeys((*page.legend(), *more, page.symbols.said(page.solution.rounding))))


def _figure(solution: Solution, shown: Solution | None, *, worked: bool) -> Figure | None:
    picture = key_picture(solution) if worked else sheet_picture(solution, shown)
    return None if picture is None else paper_figure(picture)


def _sections(
    page: TypstPage, shown: Solution | None, *, worked: bool, with_room: bool, every: bool
) -> tuple[PaperSection, ...]:
    """``every``: lines that go alike are shown too, since one of them may be wrong."""
    if shown is not None:
        return TypstPage(shown, page.symbols, every=every).sections(worked=True)
    return page.sections(worked=worked) if worked or with_room else ()


def symbols_of(notation: Notation) -> TypstSymbols:
    """The symbols of a notation, printed once for all sheets."""
    return _symbols(Same(notation))


@lru_cache(maxsize=64)
def _symbols(same: Same[Notation]) -> TypstSymbols:
    return TypstSymbols(same.it)


def _places_sentence(exercise: Exercise, solution: Solution) -> str:
    places = {str(solution.precision.of(cell)) for cell in exercise.asked}
    return f"Each value to {places.pop()}." if len(places) == 1 else ""


def _answers(exercise: Exercise, solution: Solution, symbols: TypstSymbols, several: bool) -> tuple[AnswerTable, ...]:
    if exercise.finding:
        said = finding_rows(exercise, solution, several)
        rows = tuple(PaperAnswer(row.id, quoted(row.symbol), row.places, row.value) for row in said)
        return _tables(rows, max(len(row.symbol) for row in said) * WORDS_LETTER)
    widest = max((symbols.width(solution.notation.sign(cell)) for cell in exercise.asked), default=0.0)
    return _tables(_rows(exercise, solution, symbols, several), widest)


def _rows(exercise: Exercise, solution: Solution, symbols: TypstSymbols, several: bool) -> tuple[PaperAnswer, ...]:
    return tuple(
        PaperAnswer(
            cell_of(exercise, cell, several),
            symbols.symbol(cell),
            short_places(solution.precision.of(cell)),
            solution.texts[cell],
        )
        for cell in exercise.asked
    )


def _tables(rows: Sequence[PaperAnswer], widest_symbol: float) -> tuple[AnswerTable, ...]:
    if not rows:
        return ()
    widths = _widths(rows, widest_symbol)
    value = max(NARROWEST_VALUE, *(len(row.value) * VALUE_DIGIT + PADDING for row in rows), 0.0)
    fitting = int((PAGE + BETWEEN) // (sum(widths) + value + BETWEEN))
    columns = max(1, min(MOST_COLUMNS, fitting, -(-len(rows) // FEW)))
    most, across = columns * MOST_ROWS, max(columns, min(fitting, 2))
    return tuple(AnswerTable(columns, across, widths, tuple(rows[k : k + most])) for k in range(0, len(rows), most))


def _widths(rows: Sequence[PaperAnswer], widest_symbol: float) -> tuple[float, ...]:
    """Points that ids, symbols and (where they differ) places take, their padding included."""
    ids = max(max(len(row.id) for row in rows) * ID_LETTER, SHORTEST)
    symbols = max(widest_symbol * SYMBOL_SIZE, SHORTEST)
    widest = max(len(row.places) for row in rows) * PLACES_LETTER
    places = [max(widest, PLACES_HEAD)] if len({row.places for row in rows}) > 1 else []
    return tuple(round(width + PADDING, 1) for width in (ids, symbols, *places))
