"""Room: templates. A line of a solution as the stages a reader goes through: chain, formula, numbers, result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from exercises.expression import Constant, Expression
from exercises.notation import Derivative, Glyph
from exercises.reasons import Sentence
from exercises.solution import BLANK, Line
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
    if kept is None:
        numbers, before = printer.expression(line.expression, line.numbers), symbolic_stages(line, printer)
    else:
        numbers, before = _put_in(line, printer, kept), _once(line, printer, kept)
    return (*before, numbers, printer.number(line.result))


def _once(line: Line, printer: Printer, kept: Kept) -> tuple[str, ...]:
    """The stages without numbers, which all sheets of a class share; those of a line with another chain are others."""
    first, texts = kept.once("stages", line.expression, lambda: (line, symbolic_stages(line, printer)))
    same = first.whole is line.whole and first.chain is line.chain and first.sign == line.sign
    return texts if same else symbolic_stages(line, printer)


MOST_SIGNS = 6
"""Numbers put into a line, up to which it is worth keeping what it looks like for each choice of their signs."""

_PLACES = tuple(chr(0xE000 + place) for place in range(MOST_SIGNS))
"""Characters that no formula holds stand for the digits."""


def _put_in(line: Line, printer: Printer, kept: Kept) -> str:
    """The formula with numbers put in: of two sheets whose numbers have the same signs, only the digits differ."""
    texts = [text for text in line.numbers.values() if isinstance(text, str) and text != BLANK]
    if len(texts) > MOST_SIGNS or len(texts) < len(line.numbers):
        return printer.expression(line.expression, line.numbers)
    signs = "".join("-" if text[0] in "-−" else "+" for text in texts)
    digits = {ord(place): text[sign == "-" :] for place, sign, text in zip(_PLACES, signs, texts, strict=False)}

    def pattern() -> str | None:
        marked = {
            name: sign.strip("+") + place for name, sign, place in zip(line.numbers, signs, _PLACES, strict=False)
        }
        found = printer.expression(line.expression, marked)
        return found if found.translate(digits) == printer.expression(line.expression, line.numbers) else None

    found = kept.once(f"put in {signs}", line.expression, pattern)
    return printer.expression(line.expression, line.numbers) if found is None else found.translate(digits)


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
