"""A reader of a worked solution who has met no symbol before: what is shown has to be introduced first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exercises.expression import Expression, Symbol, walk
from exercises.names import cell_ids
from exercises.notation import Derivative, Glyph, Notation, plain
from exercises.reasons import Sentence
from exercises.solution import Line, Solution
from templates.formula import PRINTERS
from templates.stages import sentence


def glyphs(words: Sentence) -> Iterator[Glyph]:
    for word in words:
        if isinstance(word, Derivative):
            yield from (word.top, word.bottom, *((word.via,) if word.via else ()))
        elif isinstance(word, Glyph):
            yield word


def signs_in(expression: Expression, notation: Notation) -> Iterator[Glyph | Derivative]:
    yield from (notation.sign(node.name) for node in walk(expression) if isinstance(node, Symbol))


class Introduced:
    """What a reader has met so far."""

    def __init__(self, solution: Solution) -> None:
        self.notation = solution.notation
        self.seen: set[object] = set()
        self.text = " ".join(sentence(words, PRINTERS["unicode"](solution.notation)) for words in solution.legend)
        self.derivatives = [word for words in solution.legend for word in words if isinstance(word, Derivative)]
        if solution.notation.program.telling is not None:  # a family's own sentences say what its letters are
            self.seen |= {glyph for words in solution.legend for glyph in glyphs(words)}
        for given in solution.given:
            self.seen |= {sign for _, sign, _ in given.entries} | ({given.whole[0]} if given.whole else set())

    def check(self, sign: Glyph | Derivative, where: object) -> None:
        if isinstance(sign, Derivative):
            assert any((d.total, d.local) == (sign.total, sign.local) for d in self.derivatives), (sign, where)
            assert sign.via is None or "via" in self.text
            self.check(sign.top, where)
            self.check(sign.bottom, where)
        else:
            known = sign in self.seen or sign.base.startswith(("d", "local_d"))
            assert known or self.is_whole(sign), (plain(sign), where)

    def is_whole(self, sign: Glyph) -> bool:
        """Whether it means all of what has been met by its numbers, and the legend says so."""
        cells = {(each.base, each.layer, each.hat) for each in self.seen if isinstance(each, Glyph)}
        return "without an index" in self.text and (sign.base, sign.layer, sign.hat) in cells

    def meet(self, sign: Glyph | Derivative) -> None:
        self.seen.add(sign)


def every_symbol_is_introduced(solution: Solution) -> None:
    """Before it stands in a formula, a chain of derivatives or a sentence."""
    reader = Introduced(solution)
    for section in solution.sections:
        for block in section.blocks:
            lines = (() if block.matrix is None else (block.matrix,)) + block.lines
            for line in lines:
                for sign in signs_in(line.expression, solution.notation):
                    reader.check(sign, line.cells)
            for line in lines:
                reader.meet(line.sign)
                _meet_cells(reader, line, solution.notation)
            for line in block.lines:
                for product in (*line.chain, line.whole):
                    for factor in product:
                        reader.check(factor.sign, line.cells)
            for glyph in glyphs(block.reason):
                reader.check(glyph, block.quantity)


def _meet_cells(reader: Introduced, line: Line, notation: Notation) -> None:
    """A whole introduces its cells (the sheet says how they are counted), and a merged one its twin."""
    for name in line.cells:
        if name in notation.program.shapes:
            for cell in cell_ids(name, notation.program.shapes[name]):
                reader.meet(notation.sign(cell))


def every_function_and_sign_is_explained(solution: Solution) -> None:
    text = Introduced(solution).text
    shown = [line for section in solution.sections for block in section.blocks for line in block.lines]
    shown += [block.matrix for section in solution.sections for block in section.blocks if block.matrix]
    printer = PRINTERS["unicode"](solution.notation)
    printed = " ".join(printer.expression(line.expression) for line in shown)
    symbols = {plain(sign) for line in shown for sign in signs_in(line.expression, solution.notation)}
    called = set(re.findall(r"(?<![\w.])([A-Za-zσ]\w*)\(", printed))
    functions = {name for name in called if name.removesuffix("ᵀ") not in symbols} - {"outer"}  # a(b − c) is a product
    for name in functions:
        assert re.search(rf"(?<!\w){name}(?!\w)", text), f"{name} is used, but not introduced: {text}"
    for sign in "⊙ᵀΣ@*δ⁺ⁿ{":
        if sign in printed + " ".join(plain(line.sign) for line in shown):
            assert sign in text, f"{sign} is used, but not introduced"
