"""Room: gradsheet. Sheets and checks within a notebook's page: HTML that takes its colours from it, and Markdown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from exercises.notation import Notation
from exercises.specification import Exercise
from grader.gradebook import number
from grader.scripts import ScriptResult
from gradsheet.examination import advice_of, called_in, readings_of
from gradsheet.papers import notation_of, places_of
from gradsheet.result_table import reason_ignored
from gradsheet.results import SAID, SIGNS, HandInResult, expected_text, note_on
from templates import html
from templates.export.body import as_mathml, text_of
from templates.export.item import Formula, Item
from templates.export.stem import Formulas, stem_of
from templates.markdown_page import code, escaped, escaped_words, symbol

TINTS = {"correct": "46, 160, 67", "carried": "31, 136, 190", "wrong": "218, 54, 51", "unreadable": "163, 92, 210"}
"""Red, green and blue behind a verdict; faint enough for light and dark pages. Sign and word say the same."""

_CELL = "padding:.25em .8em;border-bottom:1px solid rgba(128,128,128,.35);"
_LEFT, _RIGHT = f"{_CELL}text-align:left;", f"{_CELL}text-align:right;font-variant-numeric:tabular-nums;"
_TABLE = "border-collapse:collapse;margin:.5em 0"
HEADINGS = (("", _LEFT), ("cell", _LEFT), ("symbol", _LEFT), ("yours", _RIGHT), ("expected", _RIGHT), ("marks", _RIGHT))


def checked_html(result: HandInResult, still: str) -> str:
    """Marks and feedback as an HTML fragment."""
    head = "".join(f'<th scope="col" style="{style}">{name}</th>' for name, style in HEADINGS)
    rows = "".join(map(_html_row, _rows(result, WEB)))
    table = f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    listed = "".join(f"<li>{remark}</li>" for remark in _remarks(result, WEB))
    parts = [table, f"<p><strong>{_total(result)}</strong></p>", f"<ul>{listed}</ul>" if listed else ""]
    return f'<div class="gradsheet">{"".join(parts)}{f"<p>{escape(still)}</p>" if still else ""}</div>'


def _html_row(row: _Row) -> str:
    tint = f' style="background:rgba({TINTS[row.verdict]},.14)"' if row.verdict in TINTS else ""
    cells = "".join(f'<td style="{style}">{text}</td>' for text, (_, style) in zip(row.texts, HEADINGS, strict=True))
    return f"<tr{tint}>{cells}</tr>"


def checked_markdown(result: HandInResult, still: str) -> str:
    """Marks and feedback as Markdown."""
    lines = [f"| {' | '.join(name for name, _ in HEADINGS)} |", "|---|---|---|---:|---:|---:|"]
    lines += [f"| {' | '.join(row.texts)} |" for row in _rows(result, MARKDOWN)]
    remarks = "\n".join(f"- {remark}" for remark in _remarks(result, MARKDOWN))
    parts = ["\n".join(lines), f"**{_total(result)}**", remarks, escaped(still)]
    return "\n\n".join(part for part in parts if part) + "\n"


@dataclass(frozen=True, slots=True)
class _Hand:
    """How symbols, ids, words and numbers are written."""

    symbol: Callable[[Notation, str], str]
    code: Callable[[str], str]
    words: Callable[[str], str]
    text: Callable[[str], str]


WEB = _Hand(html.symbol, lambda text: f"<code>{escape(text)}</code>", escape, escape)
MARKDOWN = _Hand(symbol, code, escaped_words, escaped_words)


@dataclass(frozen=True, slots=True)
class _Row:
    verdict: str
    texts: tuple[str, ...]


def _parts(result: HandInResult) -> Iterator[tuple[Exercise, ScriptResult]]:
    return zip(result.exercises, result.scripts, strict=True)


def _rows(result: HandInResult, hand: _Hand) -> Iterator[_Row]:
    for exercise, script in _parts(result):
        for cell in script.cells:
            verdict = cell.verdict.name.lower()
            said = SAID.get(cell.cell)
            texts = (
                f"{SIGNS[cell.verdict]} {verdict}",
                hand.code(result.id_of(cell)),
                hand.words(said) if said else hand.symbol(notation_of(exercise), cell.cell),
                hand.text(cell.text),
                hand.text(expected_text(exercise, cell).replace("-", "−")),
                "not asked" if cell.marks is None else number(cell.marks),
            )
            yield _Row(verdict, texts)


def _remarks(result: HandInResult, hand: _Hand) -> Iterator[str]:
    """Which rules went wrong, in the sheet's symbols; notes on cells; and what was ignored."""
    for exercise, script in _parts(result):
        notation = notation_of(exercise)
        write = partial(hand.symbol, notation)
        for one in readings_of(script, write, hand.words, called_in(notation)):
            yield " ".join(part for part in (hand.words(one.lead), one.sentence, one.where) if part)
        if advice := advice_of(script, write, hand.words):
            yield advice
    for cell in result.cells:
        if note := note_on(cell):
            yield f"{hand.code(result.id_of(cell))}: {hand.words(note)}"
    for answer in result.ignored:
        yield hand.words(f"Ignored: {answer.place}: {reason_ignored(answer)}")


def _total(result: HandInResult) -> str:
    return f"{number(result.score)} of {number(result.out_of)} marks"


def sheet_html(title: str, exercises: Sequence[Exercise]) -> str:
    """What is given and what is asked."""
    parts = [f"<h3>{escape(title)}</h3>"]
    for exercise in exercises:
        item = stem_of(exercise, "")
        parts += [f"<h4>Exercise {exercise.number}</h4>"] if len(exercises) > 1 else []
        parts += [text_of(item, as_mathml, _picture(item)), f"<p><strong>Asked</strong></p><p>{_asked(exercise)}</p>"]
    return f'<div class="gradsheet">{"".join(parts)}</div>'


def _picture(item: Item) -> str:
    """The drawing within the page."""
    if item.figure is None:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(item.figure.svg.encode()).decode()}"


def _asked(exercise: Exercise) -> str:
    formulas, precision = Formulas(notation_of(exercise)), places_of(exercise)
    if exercise.finding:
        return ", ".join(escape(SAID[name]) for name in exercise.answers)
    places = {str(precision.of(cell)) for cell in exercise.asked}
    said = f", each to {places.pop()}" if len(places) == 1 else ""
    cells = ", ".join(
        f'<span style="white-space:nowrap">{as_mathml(formulas.symbol(cell))} <code>{escape(cell)}</code>'
        f"{'' if said else f' to {precision.of(cell)}'}</span>"
        for cell in exercise.asked
    )
    return f"{cells}{said}"


def sheet_markdown(title: str, exercises: Sequence[Exercise]) -> str:
    """What is given and what is asked, as Markdown."""
    parts = [f"### {escaped(title)}"]
    for exercise in exercises:
        item = stem_of(exercise, "")
        parts += [f"#### Exercise {exercise.number}"] if len(exercises) > 1 else []
        parts += [escaped_words(item.words), f"**Given:** {', '.join(map(_formula, item.given))}"]
        parts += ["\n".join(("**How it is worked out:**", "", *(f"- {_formula(one)}" for one in item.outline)))]
        parts.append("**Asked:** " + ", ".join(code(cell) for cell in exercise.answers))
    return "\n\n".join(part for part in parts if part) + "\n"


def _formula(formula: Formula) -> str:
    return f"${formula.latex}$" if formula.latex else code(formula.text)
