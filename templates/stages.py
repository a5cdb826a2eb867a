"""Room: templates. A line of a solution as the stages a reader goes through: chain, formula, numbers, result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from exercises.expression import Constant, Expression
from exercises.notation import Derivative, Glyph
from exercises.reasons import Sentence
from exercises.solution import Line
from templates.formula import Printer
from templates.same import Kept


@dataclass(frozen=True, slots=True)
class Stages:
    """``left`` equals each of ``right`` in turn; ``nearly`` says that the last one is rounded."""

    left: str
    right: tuple[str, ...]
    nearly: bool


def stages(line: Line, printer: Printer, kept: Kept | None = None) -> Stages:
    """The line set in the printer's target; what would only repeat the stage before is left out. ``kept`` is what the
    printer has made of lines before.
    """
    texts = all_stages(line, printer, kept)
    return Stages(texts[0], tuple(texts[place] for place in kept_stages(line, texts)), line.cut)


def all_stages(line: Line, printer: Printer, kept: Kept | None = None) -> tuple[str, ...]:
    """What the line is of, then all that it equals: chains, formula, numbers put in, and last the result."""
    if line.blank:
        return printer.sign(line.sign), printer.number(line.result)
    numbers = printer.expression(line.expression, line.numbers)
    before = symbolic_stages(line, printer) if kept is None else _once(line, printer, kept)
    return (*before, numbers, printer.number(line.result))


def _once(line: Line, printer: Printer, kept: Kept) -> tuple[str, ...]:
    """The stages without numbers, which all sheets of a class share; those of a line with another chain are others."""
    first, texts = kept.once("stages", line.expression, lambda: (line, symbolic_stages(line, printer)))
    same = first.whole is line.whole and first.chain is line.chain and first.sign == line.sign
    return texts if same else symbolic_stages(line, printer)


def symbolic_stages(line: Line, printer: Printer) -> tuple[str, ...]:
    """The stages without numbers: what the line is of, chains, formula."""
    if line.blank:
        return (printer.sign(line.sign),)
    texts = [printer.sign(line.sign)]
    texts += [printer.chain([[factor.sign for factor in line.whole]])] if line.whole else []
    texts += [printer.chain([[factor.sign for factor in product] for product in line.chain])] if line.chain else []
    return (*texts, printer.expression(line.expression))


def kept_stages(line: Line, texts: Sequence[str]) -> tuple[int, ...]:
    """The places in ``texts``, all stages in one target, that are worth showing beside the first."""
    left, *_, result = texts
    pairs = enumerate(pairwise(texts[:-1]), start=1)
    kept = [place for place, (before, text) in pairs if text not in (left, before)]
    last = len(texts) - 1
    if kept and (texts[kept[-1]] == result or _is_number(line)):
        last = kept.pop()
    return (*kept, last)


def _is_number(line: Line) -> bool:
    """Whether the formula of a single cell is a number already: 1 needs no "= 1.000" behind it."""
    return isinstance(line.expression, Constant) and isinstance(line.result, str) and not line.cut


def symbolic(line: Line, printer: Printer, kept: Kept | None = None) -> str:
    """The line's formula without numbers."""
    texts = symbolic_stages(line, printer) if kept is None else _once(line, printer, kept)
    return printer.equal([texts[0], texts[-1]])


def as_it_is(text: str) -> str:
    return text


def sentence(
    words: Sentence, printer: Printer, text: Callable[[str], str] = as_it_is, formula: Callable[[str], str] = as_it_is
) -> str:
    """A sentence with its symbols and small formulas set; ``text`` and ``formula`` put each into the line."""
    return "".join(text(word) if isinstance(word, str) else formula(_set(word, printer)) for word in words)


def _set(word: Glyph | Derivative | Expression, printer: Printer) -> str:
    return printer.expression(word) if isinstance(word, Expression) else printer.sign(word)
