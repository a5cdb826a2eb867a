"""Room: exercises. A worked solution as data: a program, its values and a notation, without markup."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from exercises.chains import Product
from exercises.expression import Expression, symbols
from exercises.names import cell_ids
from exercises.notation import Notation, Sign
from exercises.operations.row import Array
from exercises.outline import Bare, Outline, outline, round_of
from exercises.precision import Precision
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import Sentence, say
from exercises.shown import Shown, Table

__all__ = [
    "HEADINGS",
    "Block",
    "GivenLine",
    "Line",
    "Section",
    "Solution",
    "Table",
    "all_filled_in",
    "filled_in",
    "solve",
]


BLANK = "□"
"""Stands for a number that is left out, to be filled in; see ``exercises.fading``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity or cell: its symbol, the chain it stands for, the formula, what is put in, and what comes out.

    ``cells`` are all ids whose value this is (two where the notation has one symbol for both). ``whole`` is the chain
    written back to the loss, where it is longer than ``chain``, a sum of products. ``numbers`` maps the ids in
    ``expression`` to what is put in for them. ``cut`` says that digits of the result were cut off. A ``blank`` line
    shows only what it is of: its result is ``BLANK``. ``shapes`` is what stands in the margin of a matrix line where
    there are no lines of cells below it (see ``exercises.shapes``), or empty.
    """

    cells: tuple[str, ...]
    sign: Sign
    whole: Product
    chain: tuple[Product, ...]
    expression: Expression
    numbers: Mapping[str, Table]
    result: Table
    cut: bool
    blank: bool = False
    shapes: str = ""

    @property
    def margin(self) -> str:
        """The shapes, where they don't tell what is to be filled in."""
        return "" if self.blank else self.shapes


@dataclass(frozen=True, slots=True)
class Block:
    """What belongs to one step: why it is so, the line of the whole tensor where wished, and those of its cells."""

    quantity: str
    role: Role
    reason: Sentence
    matrix: Line | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of one round."""

    part: Part
    round: int
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> str:
        return HEADINGS[self.part]


HEADINGS = {
    Part.GIVEN: "Given",
    Part.FORWARD: "Forward pass",
    Part.LOSS: "Error",
    Part.BACKWARD: "Backward pass",
    Part.UPDATE: "Update",
}


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A quantity that is handed out: the whole of it where the notation has a symbol for it, and its cells."""

    quantity: str
    role: Role
    whole: tuple[Sign, Table] | None
    entries: tuple[tuple[str, Sign, str], ...]


@dataclass(frozen=True)
class Solution:
    """A worked solution: what is given, what the symbols mean, and the sections in the order of work.

    ``question`` is the legend of a sheet without working. ``asked`` are cells; ``texts`` holds every cell's value to
    its places.
    """

    notation: Notation
    precision: Precision
    given: tuple[GivenLine, ...]
    legend: tuple[Sentence, ...]
    question: tuple[Sentence, ...]
    rounding: Sentence
    sections: tuple[Section, ...]
    asked: tuple[str, ...]
    texts: Mapping[str, str]

    @cached_property
    def rounds(self) -> int:
        return max((section.round for section in self.sections), default=1)


def solve(
    program: Program,
    values: Mapping[str, Array],
    notation: Notation,
    precision: Precision,
    *,
    detail: str = "component",
    asked: Collection[str] | None = None,
    variant: int = 0,
) -> Solution:
    """The worked solution of one variant.

    ``values`` maps the ids of givens and steps to arrays with the variants axis last. ``asked`` are cell ids: only what
    they need is worked out (everything where left out). InputError for an unknown detail.
    """
    return filled_in(outline(program, notation, detail=detail, asked=asked), values, precision, variant)


def filled_in(told: Outline, values: Mapping[str, Array], precision: Precision, variant: int = 0) -> Solution:
    """An outline with the numbers of one variant."""
    own = {name: array[..., [min(variant, array.shape[-1] - 1)]] for name, array in values.items()}
    return all_filled_in(told, own, precision, 1)[0]


def all_filled_in(told: Outline, values: Mapping[str, Array], precision: Precision, count: int) -> list[Solution]:
    """An outline with the numbers of each of ``count`` variants; much cheaper than one after the other."""
    shown = Shown(told.program, values, count, precision, frozenset(told.asked))
    used = {name for step in told.steps for name in step.reads}
    given = _each([_given(told, shown, one) for one in told.told.givens if one.name in used], count)
    texts = zip(*(shown.texts(cell) for cell in shown.cells), strict=True)
    others = _other_places(told, shown)
    return [
        Solution(
            told.notation,
            precision,
            own,
            told.legend,
            told.question,
            _rounding(str(precision.default), rest),
            sections,
            told.asked,
            dict(zip(shown.cells, row, strict=True)),
        )
        for own, sections, row, rest in zip(given, _sections(told, shown), texts, others, strict=True)
    ]


T = TypeVar("T")


def _each(columns: Sequence[Sequence[T]], count: int) -> list[tuple[T, ...]]:
    """Columns with an entry for each variant, as a row for each variant."""
    return list(zip(*columns, strict=True)) if columns else [()] * count


def _other_places(told: Outline, shown: Shown) -> list[tuple[str, ...]]:
    """For each variant the places to which some results are shown, beside those that all the rest have."""
    default = shown.precision.default
    found: list[dict[str, None]] = [{} for _ in range(shown.count)]
    for step in told.steps:
        for cell in cell_ids(step.name, step.shape):
            own = shown.places(cell)
            if any(places != default for places in set(own)):
                for others, places in zip(found, own, strict=True):
                    others |= {str(places): None} if places != default else {}
    return list(map(tuple, found))


@lru_cache(maxsize=64)
def _rounding(places: str, others: tuple[str, ...]) -> Sentence:
    """One sentence for all of a class who see the same places, so that whoever sets it can keep what came of it."""
    if not others:
        return say("rounded", places=places)
    return say("rounded-some", places=places, others=" or ".join(others))


def _given(told: Outline, shown: Shown, given: Given) -> list[GivenLine]:
    sign = told.notation.sign
    cells = cell_ids(given.name, given.shape)
    signs = tuple(map(sign, cells))
    columns = _each([shown.texts(cell) for cell in cells], shown.count)
    entries = [tuple(zip(cells, signs, texts, strict=True)) for texts in columns]
    alone = signs == (sign(given.name),)  # a vector of one number is written as a number
    if not given.shape or told.notation.style.by_component or alone:
        return [GivenLine(given.name, given.role, None, own) for own in entries]
    whole = sign(given.name)
    tables = shown.tables(given.name)
    return [GivenLine(given.name, given.role, (whole, own[0]), own[1]) for own in zip(tables, entries, strict=True)]


def _sections(told: Outline, shown: Shown) -> list[tuple[Section, ...]]:
    parts = (Part.FORWARD, Part.LOSS, Part.BACKWARD, Part.UPDATE)
    grouped: dict[tuple[int, Part], list[list[Block]]] = {}
    for step in told.steps:
        grouped.setdefault((round_of(step.name), step.part), []).append(_blocks(told, shown, step))
    places = sorted(grouped, key=lambda place: (place[0], parts.index(place[1])))
    columns = [
        [Section(part, turn, blocks) for blocks in zip(*grouped[turn, part], strict=True)] for turn, part in places
    ]
    return _each(columns, shown.count)


def _blocks(told: Outline, shown: Shown, step: Step) -> list[Block]:
    bare = told.matrix(step)
    matrices = _matrices(bare, shown, step) if bare is not None else [None] * shown.count
    cells = () if told.detail == "matrix" and bare is not None else cell_ids(step.name, step.shape)
    lines = _each([_lines(told.lines[cell], shown, cell) for cell in cells], shown.count)
    reason = told.reasons[step.name]
    return [Block(step.name, step.role, reason, *own) for own in zip(matrices, lines, strict=True)]


def _lines(bare: Bare, shown: Shown, cell: str) -> list[Line]:
    columns = zip(shown.put_in(bare.expression, cell), shown.texts(cell), shown.cut(cell), strict=True)
    return [Line(bare.cells, bare.sign, bare.whole, bare.chain, bare.expression, *own) for own in columns]


def _matrices(bare: Bare, shown: Shown, step: Step) -> list[Line | None]:
    names = [symbol.name for symbol in symbols(bare.expression)]
    tables = _each([shown.tables(name) for name in names], shown.count)
    numbers = [dict(zip(names, row, strict=True)) for row in tables]
    cut = [any(own) for own in _each([shown.cut(cell) for cell in cell_ids(step.name, step.shape)], shown.count)]
    columns = zip(numbers, shown.tables(step.name), cut, strict=True)
    return [Line(bare.cells, bare.sign, (), (), bare.expression, *own, shapes=bare.shapes) for own in columns]
