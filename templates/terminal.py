"""Room: templates. A worked solution as plain Unicode text, for the width of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from exercises.reasons import Sentence
from exercises.solution import Block, GivenLine, Line, Section, Solution
from templates.formula import Printer, unicode
from templates.stages import Stages, sentence, stages

NARROWEST = 30
"""Columns below which lines are not broken any further: words would fall apart."""


def render_text(solution: Solution, *, width: int = 80, heading: str = "") -> str:
    """The worked solution, every line within ``width`` where it has a place to break."""
    page = _Page(unicode.printer(solution.notation), max(width, NARROWEST))
    lines = [heading, "=" * len(heading), ""] if heading else []
    lines += [*page.given(solution), ""]
    for section in solution.sections:
        lines += page.section(section, several_rounds=solution.rounds > 1)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


class _Page:
    """One printer, one width."""

    def __init__(self, printer: Printer, width: int) -> None:
        self.printer, self.width = printer, width

    def heading(self, text: str) -> list[str]:
        return [text, "-" * len(text)]

    def given(self, solution: Solution) -> list[str]:
        lines = self.heading("Given")
        for given in solution.given:
            lines += self.wrapped(self.given_line(given))
        lines.append("")
        for words in (*solution.legend, solution.rounding):
            lines += self.said(words)
        return lines

    def given_line(self, given: GivenLine) -> str:
        if given.whole is not None:
            sign, table = given.whole
            return self.printer.equal([self.printer.sign(sign), self.printer.number(table)])
        pairs = [
            self.printer.equal([self.printer.sign(sign), self.printer.number(text)]) for _, sign, text in given.entries
        ]
        return ",  ".join(pairs)

    def section(self, section: Section, several_rounds: bool) -> Iterator[str]:
        yield from self.heading(f"{section.heading}, round {section.round}" if several_rounds else section.heading)
        for block in section.blocks:
            yield from self.block(block)
            yield ""

    def block(self, block: Block) -> Iterator[str]:
        yield from self.said(block.reason)
        lines = (() if block.matrix is None else (block.matrix,)) + block.lines
        for line in lines:
            yield from self.line(line)

    def line(self, line: Line) -> list[str]:
        return laid_out(stages(line, self.printer), self.width, line.margin)

    def said(self, words: Sentence) -> list[str]:
        return self.wrapped(sentence(words, self.printer))

    def wrapped(self, text: str) -> list[str]:
        return textwrap.wrap(text, self.width, break_long_words=False, break_on_hyphens=False) or [""]


INDENT = 2

GAP = 3
"""Columns between a formula and what stands in the margin beside it."""


def laid_out(staged: Stages, width: int, margin: str = "") -> list[str]:
    """All stages on one line where they fit, else one below the other with the signs of equality aligned; ``margin``
    stands at the right end of the first line, or where there is no room, of a line of its own.
    """
    lines = _laid_out(staged, width)
    if not margin:
        return lines
    room = width - GAP - len(margin)
    if len(lines[0]) > room:
        lines = _laid_out(staged, room)
    if len(lines[0]) > room:
        return [*lines, margin.rjust(width)]
    return [lines[0] + margin.rjust(width - len(lines[0])), *lines[1:]]


def _laid_out(staged: Stages, width: int) -> list[str]:
    signs = ["="] * (len(staged.right) - 1) + ["≈" if staged.nearly else "="]
    head = " " * INDENT + staged.left
    whole = head + "".join(f" {sign} {right}" for sign, right in zip(signs, staged.right, strict=True))
    if len(whole) <= width:
        return [whole]
    column = len(head) if len(head) <= width // 3 else INDENT + 2
    lines = [] if column == len(head) else [head]
    for place, (sign, right) in enumerate(zip(signs, staged.right, strict=True)):
        before = head if not place and column == len(head) else " " * column
        lines += unicode.fold(f"{before} {sign} {right}", width, column + 3)
    return lines
