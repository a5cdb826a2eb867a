"""Room: exercises. A worked solution as data: a program, its values and a notation, without markup."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exercises.chains import Chains, Product
from exercises.errors import InputError
from exercises.expression import Apply, Constant, Expression, Symbol, symbols
from exercises.legend import legend_of
from exercises.merging import merged, twins
from exercises.names import cell_ids, parse_cell
from exercises.notation import Notation, Sign
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.precision import MOST, Places, Precision
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import Sentence, say
from exercises.why import reason_of

MOST_MORE = 6
"""Digits put in beyond those shown, at most; double arithmetic has no more to give."""

DETAILS = ("component", "matrix", "both")

Table = str | tuple["Table", ...]
"""A number as text, or rows of them."""

READABLE = 20
"""A value of fewer units of its last place than this is shown with significant figures where its places are free."""

SIGNIFICANT = Places(3, significant=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity or cell: its symbol, the chain it stands for, the formula, what is put in, and what comes out.

    ``cells`` are all ids whose value this is (two where the notation has one symbol for both). ``whole`` is the chain
    written back to the loss, where it is longer than ``chain``, a sum of products. ``numbers`` maps the ids in
    ``expression`` to what is put in for them. ``cut`` says that digits of the result were cut off.
    """

    cells: tuple[str, ...]
    sign: Sign
    whole: Product
    chain: tuple[Product, ...]
    expression: Expression
    numbers: Mapping[str, Table]
    result: Table
    cut: bool


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

    ``asked`` are cells; ``texts`` holds every cell's value to its places.
    """

    notation: Notation
    precision: Precision
    given: tuple[GivenLine, ...]
    legend: tuple[Sentence, ...]
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
    if detail not in DETAILS:
        raise InputError(f'expected "component", "matrix" or "both", found "{detail}"', where="detail")
    wanted = tuple(asked) if asked is not None else _all_cells(program)
    return _Solver(
        program, _Numbers(program, values, variant, precision, frozenset(wanted)), notation, detail, wanted
    ).solution()


def _all_cells(program: Program) -> tuple[str, ...]:
    return tuple(cell for step in program.steps for cell in cell_ids(step.name, step.shape))


@dataclass(frozen=True)
class _Numbers:
    """Values as texts: what is given in full, what is worked out to its places."""

    program: Program
    values: Mapping[str, Array]
    variant: int
    precision: Precision
    asked: frozenset[str]

    @cached_property
    def cells(self) -> dict[str, float]:
        return {
            cell: float(value)
            for name, shape in self.program.shapes.items()
            for cell, value in zip(cell_ids(name, shape), self._places(name), strict=True)
        }

    def _places(self, name: str) -> Array:
        array = self.values[name]
        return array[..., min(self.variant, array.shape[-1] - 1)].reshape(-1)

    @cached_property
    def given(self) -> frozenset[str]:
        return frozenset(given.name for given in self.program.givens)

    def text(self, cell: str, more: int = 0) -> str:
        """The value of a cell as it is shown, with so many digits more than that."""
        value = self.cells[cell]
        if parse_cell(cell).quantity in self.given:
            return shortest(value)
        places = self.places(cell)
        return Places(min(places.digits + more, MOST), places.significant).text(value)

    def places(self, cell: str) -> Places:
        """The places asked; significant ones where nobody asked and the value is too small to be seen in them."""
        places, value = self.precision.of(cell), self.cells[cell]
        short = differs(places.text(value), value) and abs(value) < READABLE * float(places.unit(np.array(value)))
        return SIGNIFICANT if short and not places.significant and cell not in self.asked else places

    def put_in(self, line: Expression, cell: str) -> dict[str, str]:
        """What is put in for the line's symbols: as many digits as it takes for a calculator to show the result."""
        texts: dict[str, str] = {}
        places, shown = self.places(cell), self.text(cell)
        for more in range(MOST_MORE + 1):
            texts = {symbol.name: self.text(symbol.name, more) for symbol in symbols(line)}
            value = evaluated(line, {name: float(text) for name, text in texts.items()})
            if math.isfinite(value) and places.text(value) == shown:
                break
        return texts

    def cut(self, cell: str) -> bool:
        """Whether the text leaves digits out (beyond the noise of double arithmetic)."""
        return differs(self.text(cell), self.cells[cell])

    def table(self, name: str) -> Table:
        """A whole quantity: a text, or rows of texts."""
        shape = self.program.shapes[name]
        texts = [self.text(cell) for cell in cell_ids(name, shape)]
        for size in reversed(shape[1:]):
            texts = [tuple(texts[k : k + size]) for k in range(0, len(texts), size)]  # type: ignore[misc]
        return tuple(texts) if shape else texts[0]


NOISE = 1e-12
"""Relative difference that double arithmetic may leave between a decimal and the sum or product that should give it."""


def differs(text: str, value: float) -> bool:
    """Whether a text leaves out digits of the value."""
    return abs(float(text) - value) > NOISE * max(1.0, abs(value))


def evaluated(line: Expression, numbers: Mapping[str, float]) -> float:
    """The value of a component's line."""
    if isinstance(line, Symbol):
        return numbers[line.name]
    if isinstance(line, Constant):
        return float(line.value)
    if not isinstance(line, Apply):
        raise TypeError(f"{line!r} is no expression")
    arguments = [np.array([evaluated(argument, numbers)]) for argument in line.arguments]
    with np.errstate(all="ignore"):  # a value that isn't finite reproduces nothing, and that is asked
        return float(OPERATIONS[line.operation].value(*arguments, *line.parameters)[0])


def shortest(value: float) -> str:
    """A given number as its author wrote it: the shortest decimal that is this number, without an exponent."""
    return np.format_float_positional(value, trim="-")


class _Solver:
    """Puts a solution together from its program; ``self.program`` is what the notation tells apart."""

    def __init__(
        self, program: Program, numbers: _Numbers, notation: Notation, detail: str, asked: tuple[str, ...]
    ) -> None:
        self.numbers, self.notation, self.asked = numbers, notation, asked
        self.twins = twins(program) if notation.style.merged else {}
        self.program = merged(program) if notation.style.merged else program
        self.detail = "component" if notation.style.by_component else detail
        self.chains = Chains(self.program, notation)
        self.needed = needed_steps(self.program, {self._own(parse_cell(cell).quantity) for cell in asked})

    def _own(self, quantity: str) -> str:
        return self.twins.get(quantity, quantity)

    def solution(self) -> Solution:
        steps = self.needed
        used = {name for step in steps for name in step.reads}
        given = tuple(self._given(each) for each in self.program.givens if each.name in used)
        sections = self._sections(steps)
        legend = legend_of(self.chains, steps, self.detail)
        precision = self.numbers.precision
        rounding = say("rounded", places=str(precision.default))
        return Solution(self.notation, precision, given, legend, rounding, sections, self.asked, self._texts())

    def _texts(self) -> dict[str, str]:
        return {cell: self.numbers.text(cell) for cell in self.numbers.cells}

    def _given(self, given: Given) -> GivenLine:
        cells = cell_ids(given.name, given.shape)
        entries = tuple((cell, self.notation.sign(cell), self.numbers.text(cell)) for cell in cells)
        has_whole = given.shape and not self.notation.style.by_component
        whole = (self.notation.sign(given.name), self.numbers.table(given.name)) if has_whole else None
        return GivenLine(given.name, given.role, whole, entries)

    def _sections(self, steps: tuple[Step, ...]) -> tuple[Section, ...]:
        parts = (Part.FORWARD, Part.LOSS, Part.BACKWARD, Part.UPDATE)
        rounds = sorted({round_of(step.name) for step in steps})
        found = [
            Section(part, turn, tuple(self._block(s) for s in steps if s.part is part and round_of(s.name) == turn))
            for turn in rounds
            for part in parts
        ]
        return tuple(section for section in found if section.blocks)

    def _block(self, step: Step) -> Block:
        lines = tuple(self._line(cell) for cell in cell_ids(step.name, step.shape))
        matrix = self._matrix(step) if self.detail != "component" else None
        shown = lines if self.detail != "matrix" or matrix is None else ()
        return Block(step.name, step.role, reason_of(self.chains, step), matrix, shown)

    def _line(self, cell: str) -> Line:
        line = self.notation.arranged(self.chains.cells.by_name[cell].expression)
        numbers: dict[str, Table] = dict(self.numbers.put_in(line, cell))
        return Line(
            self._same_value(cell),
            self.notation.sign(cell),
            self.chains.whole(cell) if self._of_parameter(cell) else (),
            self.chains.chain(cell),
            line,
            numbers,
            self.numbers.text(cell),
            self.numbers.cut(cell),
        )

    def _of_parameter(self, cell: str) -> bool:
        bottom = self.chains.bottom(cell)
        role = self.program.roles.get(parse_cell(bottom).quantity) if bottom else None
        return role in (Role.WEIGHT, Role.BIAS, Role.UPDATED, Role.VARIABLE)

    def _same_value(self, cell: str) -> tuple[str, ...]:
        quantity = parse_cell(cell).quantity
        others = [name for name, twin in self.twins.items() if twin == quantity]
        return (cell, *(cell.replace(quantity, other, 1) for other in others))

    def _matrix(self, step: Step) -> Line | None:
        """The line of the whole tensor, where that says more than its cells do."""
        read = symbols(step.expression)
        sizes = {int(np.prod(symbol.shape)) for symbol in (*read, Symbol(step.name, step.shape))}
        if sizes <= {1}:
            return None
        numbers: dict[str, Table] = {symbol.name: self.numbers.table(symbol.name) for symbol in read}
        cut = any(self.numbers.cut(cell) for cell in cell_ids(step.name, step.shape))
        result = self.numbers.table(step.name)
        return Line((step.name,), self.notation.sign(step.name), (), (), step.expression, numbers, result, cut)


def needed_steps(program: Program, wanted: Collection[str]) -> tuple[Step, ...]:
    """The steps that are wanted or that a wanted one needs, in the program's order."""
    waiting, needed = list(wanted), set[str]()
    while waiting:
        name = waiting.pop()
        if name in program.by_name and name not in needed:
            needed.add(name)
            waiting += program.by_name[name].reads
    return tuple(step for step in program.steps if step.name in needed)


def round_of(quantity: str) -> int:
    """The round that a quantity or cell belongs to; the first is written without a number."""
    _, _, turn = quantity.partition("[")[0].partition("@")
    return int(turn) if turn else 1
