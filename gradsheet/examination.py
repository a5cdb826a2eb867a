"""Room: gradsheet. What the examiner found, in the sheet's own symbols: for programs, terminals and feedback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import Formatter
from typing import TYPE_CHECKING, Any

from exercises.mistaken import Kind
from exercises.names import Cell, cell_ids, parse_cell
from grader.diagnosis import Explanation

if TYPE_CHECKING:  # sentences travel with exported questions, hand-ins and notations don't
    from exercises.notation import Notation
    from grader.diagnosis import Diagnosis
    from grader.scripts import ScriptResult

Write = Callable[[str], str]
"""How an id is written: in plain Unicode, or as a formula."""

Call = Callable[[str, str], str]
"""Which id stands for a quantity where one cell is spoken of: the whole quantity's, or that of a cell of it."""

MOST_CELLS = 6
"""Cells listed one by one; of more their number is said."""

CANCELS = "This makes up for the mistake before, so that the numbers are right all the same."
ADVICE = "Which of these it was, {cell} would tell: write it down as well."

LEADS = {
    "rival": "Or else:",
    "mistake": "",
    "convention": "Another convention:",
    "perhaps": "Perhaps:",
    "perhaps convention": "Perhaps another convention:",
}
"""What stands before a sentence, so that nobody takes a guess for a verdict, or a convention for a mistake."""


def whole(quantity: str, _cell: str) -> str:
    """The quantity itself."""
    return quantity


def called_in(notation: Notation) -> Call:
    """How sentences about one cell call a quantity: by its own cell there, where there is no symbol for the whole."""
    if not notation.style.by_component:
        return whole
    shapes = notation.program.shapes
    givens = frozenset(given.name for given in notation.program.givens)

    def call(quantity: str, cell: str) -> str:
        if quantity not in shapes or quantity in givens:
            return quantity
        own = str(Cell(quantity, parse_cell(cell).index))
        return own if own in cell_ids(quantity, shapes[quantity]) else quantity

    return call


@dataclass(frozen=True, slots=True)
class Reading:
    """One explanation in words: how sure it is, the rule, and where it began."""

    lead: str
    sentence: str
    where: str


def readings_of(script: ScriptResult, symbol: Write, escaped: Write = str, call: Call = whole) -> list[Reading]:
    """The explanations of one script, by where they show first; ``symbol`` writes ids, ``escaped`` the words around
    them, and ``call`` chooses the ids of what a sentence names.
    """
    found = []
    order = {cell.cell: place for place, cell in enumerate(script.cells)}
    different = [list(rivals) for _, rivals in groupby(script.explanations, key=lambda one: one.alternative)]
    # What makes up for a mistake is told after it.
    different.sort(key=lambda rivals: (rivals[0].cancels, min(order[cell] for cell in rivals[0].cells)))
    for rivals in different:
        for place, one in enumerate(rivals):
            sentence = filled(one.sentence, _named(one, call), symbol, escaped)
            sentence += escaped(f" {CANCELS}") if one.cancels else ""
            found.append(Reading(lead_of(one, place), sentence, _where(one, symbol, escaped, call)))
    return found


def filled(sentence: str, places: Mapping[str, str], symbol: Write, escaped: Write = str) -> str:
    """A catalogue's sentence with symbols in its places."""
    parts = Formatter().parse(sentence)
    return "".join(escaped(words) + (symbol(places[name]) if name else "") for words, name, _, _ in parts)


def _named(one: Explanation, call: Call) -> dict[str, str]:
    """What fills the places of the sentence; a slip names its cell already."""
    return {place: call(name, one.cells[0]) for place, name in one.places.items()}


def lead_of(one: Explanation, place: int) -> str:
    """What stands before the sentence of an explanation, the ``place``-th of its rivals."""
    if place:
        return LEADS["rival"]
    if one.kind is Kind.CONVENTION:
        return LEADS["perhaps convention" if one.tentative else "convention"]
    return LEADS["perhaps" if one.tentative else "mistake"]


def _where(one: Explanation, symbol: Write, escaped: Write, call: Call) -> str:
    """Where it began and how many numbers it accounts for; nothing for a slip, which names its cell."""
    if one.slip:
        return ""
    cells = [symbol(cell) for cell in one.cells]
    listed = ", ".join(cells) if len(cells) <= MOST_CELLS else f"{len(cells)} {escaped('of your numbers')}"
    if len(cells) <= MOST_CELLS and {parse_cell(cell).quantity for cell in one.cells} == {one.sites[0]}:
        return f"{escaped('It shows in')} {listed}."
    began = symbol(call(one.sites[0], one.cells[0]))
    return f"{escaped('It began at')} {began}{escaped(' and shows in')} {listed}."


def advice_of(script: ScriptResult, symbol: Write, escaped: Write = str) -> str:
    """What else to write down, where that would tell rival readings apart; else empty."""
    return "" if script.advice is None else filled(ADVICE, {"cell": script.advice}, symbol, escaped)


def as_lines(script: ScriptResult, symbol: Write, call: Call = whole) -> Iterator[str]:
    """The explanations for a terminal, one paragraph each."""
    for reading in readings_of(script, symbol, call=call):
        yield " ".join(part for part in (reading.lead, reading.sentence, reading.where) if part)
    if advice := advice_of(script, symbol):
        yield advice


def as_json(
    script: ScriptResult | Diagnosis, symbol: Write, prefix: str, first: int, call: Call = whole
) -> list[dict[str, Any]]:
    """The contract of ``check --json``; ``prefix`` is the exercise's number before an id where there are several,
    alternatives count on from ``first``.
    """
    return [
        {
            "code": one.code,
            "kind": "slip" if one.slip else one.kind.value,
            "sentence": filled(one.sentence, _named(one, call), symbol),
            "sites": [prefix + site for site in one.sites],
            "cells": [prefix + cell for cell in one.cells],
            "alternative": first + one.alternative,
            "tentative": one.tentative,
            "cancels": one.cancels,
            "advice": prefix + script.advice if script.advice and not one.slip else None,
        }
        for one in script.explanations
    ]


def alternatives(scripts: Sequence[ScriptResult]) -> list[int]:
    """How many alternatives the scripts before each one have."""
    counts = [max((one.alternative for one in script.explanations), default=0) for script in scripts]
    return [sum(counts[:place]) for place in range(len(counts))]
