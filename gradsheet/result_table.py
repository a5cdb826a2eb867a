"""Room: gradsheet. One hand-in's result as a table for the terminal; its total stands last, where the eye is.

Colour only repeats what a sign and a word say; who prints decides whether it reaches the screen.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from exercises.precision import Places
from exercises.specification import Exercise
from grader.gradebook import number
from grader.marking import Verdict
from grader.resolution import Ignored
from grader.scripts import CellResult, ScriptResult
from gradsheet.examination import as_lines as explained
from gradsheet.examination import called_in
from gradsheet.finding import planted_reading
from gradsheet.papers import notation_of
from gradsheet.results import SAID, SIGNS, HandInResult, expected_text, listed, remarks_on, said

COLOURS = {
    Verdict.CORRECT: "green",
    Verdict.CARRIED: "cyan",
    Verdict.WRONG: "red",
    Verdict.UNREADABLE: "magenta",
    Verdict.MISSING: "yellow",
}
WORDS = {Verdict.CORRECT: ""}
"""The word beside the sign, where it isn't the verdict's name: what is right needs no attention."""

HEADINGS = ("", "cell", "symbol", "yours", "expected", "marks")
YOURS, SYMBOL = 3, 2
FEWEST = {YOURS: 8, SYMBOL: 6}
"""Columns of text that are narrowed where the table is too wide, and how far."""

GAP = "  "
MOST_IGNORED = 10
"""Ignored answers listed one by one; a hand-in for another sheet has hundreds."""


@dataclass(frozen=True, slots=True)
class _Row:
    verdict: Verdict
    texts: tuple[str, ...]


def as_text(result: HandInResult, width: int = 80) -> str:
    """A table of what was written, what was expected and what it earns, every line within ``width`` where it can be."""
    tables = [_rows(result, exercise, script) for exercise, script in _parts(result)]
    widths = _widths([row.texts for rows in tables for row in rows], width)
    lines: list[str] = []
    for (exercise, script), rows in zip(_parts(result), tables, strict=True):
        if len(tables) > 1:
            total = f"{number(script.score)} of {number(script.out_of)} marks"
            lines += [click.style(f"Exercise {exercise.number}: {total}", bold=True), ""]
        lines += [_line(HEADINGS, widths), GAP.join("─" * each for each in widths if each)]
        lines += [click.style(_line(row.texts, widths), fg=COLOURS[row.verdict]) for row in rows]
        lines.append("")
    remarks = [
        *_examined(result, width),
        *_notes(result, width),
        *_hardly_decided(result, width),
        *_ignored(result.ignored, width),
    ]
    return "\n".join([*lines, *remarks, *([""] if remarks else []), _total(result)])


def _parts(result: HandInResult) -> Iterator[tuple[Exercise, ScriptResult]]:
    return zip(result.exercises, result.scripts, strict=True)


def _rows(result: HandInResult, exercise: Exercise, script: ScriptResult) -> list[_Row]:
    notation = notation_of(exercise)
    return [_row(result, exercise, SAID.get(cell.cell) or notation.text(cell.cell), cell) for cell in script.cells]


def _row(result: HandInResult, exercise: Exercise, symbol: str, cell: CellResult) -> _Row:
    sign = f"{SIGNS[cell.verdict]} {WORDS.get(cell.verdict, cell.verdict.name.lower())}".rstrip()
    name = result.id_of(cell)
    marks = "not asked" if cell.marks is None else str(cell.marks)
    yours = "".join(char if char.isprintable() else "�" for char in cell.text)
    # A circuit's names are its symbols.
    shown = "" if symbol == cell.cell else symbol
    return _Row(cell.verdict, (sign, name, shown, yours, expected_text(exercise, cell), marks))


def _widths(rows: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """The width of each column, 0 for one that is empty throughout; long texts give way first."""
    columns = list(zip(*rows, strict=True)) or [()] * len(HEADINGS)
    widths = [max(map(wide, column), default=0) for column in columns]
    widths = [max(each, wide(title)) if each else 0 for each, title in zip(widths, HEADINGS, strict=True)]
    for column, fewest in FEWEST.items():
        used = sum(widths) + len(GAP) * (sum(map(bool, widths)) - 1)
        if used > width and widths[column]:
            widths[column] = max(min(fewest, widths[column]), widths[column] - (used - width))
    return widths


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for column, (text, width) in enumerate(zip(texts, widths, strict=True)):
        if width:
            cells.append(padded(text, width, right=column > SYMBOL))
    return GAP.join(cells).rstrip()


def wide(text: str) -> int:
    """Columns on a terminal: a combining mark takes none, an East Asian letter two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text in a column of that width: cut if it is too long, to the left unless ``right``."""
    shown = _cut(text, width)
    pad = " " * (width - wide(shown))
    return pad + shown if right else shown + pad


def _cut(text: str, width: int) -> str:
    if wide(text) <= width:
        return text
    kept = text[:width]
    while wide(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…"


def _examined(result: HandInResult, width: int) -> Iterator[str]:
    """Which rules went wrong, a paragraph each."""
    for exercise, script in _parts(result):
        notation = notation_of(exercise)
        symbol = notation.text
        if exercise.finding:
            told = planted_reading(exercise, symbol)
            yield from _wrapped(f"• {told.lead} {told.sentence} {told.where}", width)
        for line in explained(script, symbol, called_in(notation)):
            yield from _wrapped(f"• {line}", width)


def _notes(result: HandInResult, width: int) -> Iterator[str]:
    for exercise, script in _parts(result):
        notation = notation_of(exercise)
        for remark, cells in remarks_on(script.cells).items():
            about = listed([result.id_of(cell) for cell in cells])
            sentence = said(remark, notation.text, cell=cells[0].cell, call=called_in(notation))
            yield from _wrapped(f"{about}: {sentence} {remark.words}".rstrip(), width)


def _hardly_decided(result: HandInResult, width: int) -> Iterator[str]:
    """Numbers that count as right, though they are further off than what was expected is large."""
    for exercise, script in _parts(result):
        if exercise.precision is None or exercise.finding:
            continue
        found = [cell for cell in script.cells if _further_off_than_large(cell, exercise.precision.of(cell.cell))]
        for places in dict.fromkeys(str(exercise.precision.of(cell.cell)) for cell in found):
            cells = [cell for cell in found if str(exercise.precision.of(cell.cell)) == places]
            widest = max(cell.allowed or 0.0 for cell in cells)
            about = listed([result.id_of(cell) for cell in cells])
            line = (
                f"{about}: Counted as right, since up to ±{widest:.2g} is allowed here; to {places} a right number is "
                "hardly told from a wrong one. Ask for more."
            )
            yield from _wrapped(line, width)


SURELY_OFF = 2
"""Units: honest rounding of a number that is almost 0 may be as far off as it is large."""


def _further_off_than_large(cell: CellResult, asked: Places) -> bool:
    if cell.verdict not in (Verdict.CORRECT, Verdict.CARRIED) or asked.significant:
        return False
    if cell.value is None or cell.expected is None or cell.undecidable:
        return False
    return abs(cell.value - cell.expected) > max(abs(cell.expected), SURELY_OFF * 10.0**-asked.digits)


def _ignored(ignored: Sequence[Ignored], width: int) -> Iterator[str]:
    for answer in ignored[:MOST_IGNORED]:
        yield from _wrapped(f"ignored: {answer.place}: {reason_ignored(answer)}", width)
    if len(ignored) > MOST_IGNORED:
        yield f"ignored: {len(ignored) - MOST_IGNORED} more"


def reason_ignored(answer: Ignored) -> str:
    """Why an answer wasn't marked, and what may have been meant."""
    shown = _cut(answer.id_text, 40)
    if answer.given:
        return f'"{shown}" stands on the sheet, so it isn\'t marked'
    return f'there is no cell "{shown}"' + (f"; did you mean {answer.nearest}?" if answer.nearest else "")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=GAP, break_on_hyphens=False)


def _total(result: HandInResult) -> str:
    counts = []
    for verdict, sign in SIGNS.items():
        count = sum(cell.verdict is verdict for cell in result.cells)
        if count:
            counts.append(click.style(f"{count} {sign} {verdict.name.lower()}", fg=COLOURS[verdict]))
    total = click.style(f"{number(result.score)} of {number(result.out_of)} marks", bold=True)
    return f"{total}: {', '.join(counts)}" if counts else total
