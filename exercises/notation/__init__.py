"""Room: exercises. How quantities are written: the table of styles, and a style applied to one program.

A notation turns a canonical id (``z1``, ``dJ/dW1@2[1,2]``, ``learning_rate``) into a glyph without markup, and what is
written on paper (``w5``, ``∂J/∂w₅``) back into the id of a cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from exercises.errors import InputError, unknown
from exercises.expression import Apply, Expression, Symbol
from exercises.merging import twins
from exercises.names import Cell, cell_ids, parse_cell
from exercises.notation import adventures, code, delta, layered, numbered
from exercises.notation.glyphs import ONES, Derivative, Glyph, Kind, Sign, identifier, plain
from exercises.notation.reading import Network, network_of, read_derivative, read_name
from exercises.notation.spelling import spelled, spellings
from exercises.notation.style import Style
from exercises.program import Program, Role
from exercises.states import LETTERS, coefficient_glyph, kept_of, state_glyph

__all__ = [
    "ONES",
    "STYLES",
    "Derivative",
    "Glyph",
    "Kind",
    "Network",
    "Notation",
    "Sign",
    "Style",
    "notation_for",
    "plain",
    "serving",
    "style_named",
]

STYLES: dict[str, Style] = {
    style.name: style for style in (layered.STYLE, delta.STYLE, adventures.STYLE, numbered.STYLE, code.STYLE)
}

DEFAULT = "layered"

_DERIVED = (Role.LOCAL, Role.PATH, Role.GRADIENT)


@dataclass(frozen=True)
class Notation:
    """One style for one program. Ids are canonical, of quantities or of cells; another program's ids are KeyErrors."""

    style: Style
    program: Program

    @cached_property
    def network(self) -> Network | None:
        return network_of(self.program)

    @property
    def lettered(self) -> bool:
        """Whether quantities are called by single letters, as in textbooks, so that products need no dots."""
        return not self.style.code and (self.network is not None or self.program.telling is not None)

    @cached_property
    def _totals(self) -> bool:
        """Whether there are derivatives along all paths beside local ones of the same look."""
        return any("|" in step.name for step in self.program.steps)

    @cached_property
    def _look_alikes(self) -> frozenset[str]:
        """A circuit's names that differ by an underscore only, so that they must be written as they are."""
        if self.network is not None or self.program.telling is not None:
            return frozenset()
        counts = Counter(name.replace("_", "") for name in self.program.shapes)
        return frozenset(name for name in self.program.shapes if counts[name.replace("_", "")] > 1)

    @cached_property
    def _signs(self) -> dict[str, Sign]:
        return {}

    def sign(self, name: str) -> Sign:
        """How a quantity or a cell is written."""
        if name not in self._signs:
            self._signs[name] = self._sign(parse_cell(name))
        return self._signs[name]

    def _sign(self, cell: Cell) -> Sign:
        step = self.program.by_name.get(cell.quantity)
        if step is None or step.role not in _DERIVED:
            return self.glyph(cell)
        ends = read_derivative(step, cell.index, self.program.shapes)
        top, bottom = self.glyph(parse_cell(ends.top)), self.glyph(parse_cell(ends.bottom))
        via = self.glyph(parse_cell(ends.path)) if ends.path else None
        return self.style.derivative(
            Derivative(top, bottom, total=self._totals and not ends.local, local=self._totals and ends.local, via=via)
        )

    def glyph(self, cell: Cell) -> Glyph:
        """How a quantity that is no derivative is written."""
        shape = self.program.shapes[cell.quantity]
        if cell.quantity in self._look_alikes:
            return Glyph(cell.quantity, Kind.WORD)
        if self.program.roles[cell.quantity] is Role.COEFFICIENT and cell.quantity in LETTERS and not self.style.code:
            return coefficient_glyph(cell.quantity)
        if (parameter := kept_of(self.program, cell)) is not None:
            return state_glyph(cell.quantity, self.glyph(parameter))
        name, telling = read_name(cell.quantity, cell.index, shape), self.program.telling
        if telling is not None and self.style.told is not None:
            return self.style.told(telling, name)
        return self.style.quantity(self.network, name)

    def partial(self, top: str, bottom: str) -> Sign:
        """∂top/∂bottom of two ids that need no step of its own: the slope of one step."""
        above, below = self.glyph(parse_cell(top)), self.glyph(parse_cell(bottom))
        return self.style.derivative(Derivative(above, below, local=self._totals))

    def text(self, name: str) -> str:
        """The quantity or cell in plain Unicode."""
        return plain(self.sign(name))

    def arranged(self, line: Expression) -> Expression:
        """A component's line with the factors in the style's order: x₁w₁ where the input comes first."""
        if not isinstance(line, Apply) or not self.style.input_first:
            return line
        arguments = tuple(self.arranged(argument) for argument in line.arguments)
        if line.operation == "multiply" and self._is_weight(arguments[0]) and isinstance(arguments[1], Symbol):
            arguments = arguments[::-1]
        return Apply(line.operation, arguments, line.parameters, line.size)

    def _is_weight(self, factor: Expression) -> bool:
        if not isinstance(factor, Symbol):
            return False
        quantity = parse_cell(factor.name).quantity
        role = self.program.roles.get(quantity)
        return role is Role.WEIGHT or (role is Role.UPDATED and quantity.startswith("W"))

    @cached_property
    def identifiers(self) -> dict[str, str]:
        """A Python name for every quantity and cell, in the sheet's own letters; no two quantities share one."""
        return _distinct({name: identifier(self.sign(name)) for name in self._names()}, self._twins)

    def _names(self) -> list[str]:
        shapes = self.program.shapes
        return [name for quantity, shape in shapes.items() for name in (quantity, *cell_ids(quantity, shape))]

    @cached_property
    def _twins(self) -> dict[str, str]:
        """Quantities that share another's symbol because they are always equal to it."""
        return twins(self.program) if self.style.merged else {}

    def aliases(self) -> dict[str, str]:
        """Every spelling of a cell on paper -> its canonical id: as printed, and in the plain form ``spelled`` makes.

        What is printed comes first; of the other spellings those are left out that could mean two different cells, or
        another quantity's id.
        """
        cells = [cell for quantity, shape in self.program.shapes.items() for cell in cell_ids(quantity, shape)]
        printed = _unambiguous(((self.text(cell), cell) for cell in cells), self._twins)
        other = ((way, cell) for cell in cells for way in spellings(self.sign(cell), self._loss_of(cell)))
        ids = {spelled(name): name for name in self._names()}
        free = ((way, cell) for way, cell in other if not way.isascii() or ids.get(spelled(way), cell) == cell)
        return _unambiguous(free, self._twins) | printed

    def cell(self, text: str) -> str | None:
        """The id of the cell that is meant by what was written (an id, or this notation's symbol), or None."""
        if text in self._cells:
            return self._cells[text]
        found = self._aliases.get(text.strip(" \t\n`"))
        if found is None:
            plainest = spelled(text)
            found = self._cells.get(plainest) or self._aliases.get(plainest)
        return found

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return self.aliases()

    @cached_property
    def _cells(self) -> dict[str, str]:
        """Ids of cells, as they are and spelled plainly; a quantity of one number is meant by its own id too."""
        found: dict[str, str] = {}
        for quantity, shape in self.program.shapes.items():
            cells = cell_ids(quantity, shape)
            found |= {spelled(cell): cell for cell in cells} | {cell: cell for cell in cells}
            if len(cells) == 1:
                found[spelled(quantity)] = cells[0]
        return found

    def _loss_of(self, cell: str) -> str:
        """The loss by its id where the cell is a gradient of it: ``dJ/dw5`` is understood on every sheet."""
        step = self.program.by_name.get(parse_cell(cell).quantity)
        if step is None or step.role is not Role.GRADIENT:
            return ""
        _, _, turn = step.name.partition("@")
        return f"{self.program.output}{{{turn}}}" if turn else self.program.output


def _unambiguous(pairs: Iterable[tuple[str, str]], twins: dict[str, str]) -> dict[str, str]:
    """The pairs as a table, without keys for two cells that may differ; of equal cells one stands in."""
    meant: dict[str, str] = {}
    double: set[str] = set()
    for way, cell in pairs:
        stand_in = _twin(cell, twins)
        if meant.setdefault(way, stand_in) != stand_in:
            double.add(way)
    return {way: cell for way, cell in meant.items() if way not in double}


def _twin(cell: str, twins: dict[str, str]) -> str:
    quantity = parse_cell(cell).quantity
    return cell.replace(quantity, twins.get(quantity, quantity), 1)


def _distinct(names: dict[str, str], twins: dict[str, str]) -> dict[str, str]:
    """The same names with underscores after those that are taken by another quantity."""
    owner: dict[str, str] = {}
    result: dict[str, str] = {}
    for name, wished in names.items():
        same = _twin(name, twins)
        while owner.setdefault(wished, same) != same:
            wished += "_"
        result[name] = wished
    return result


def serving(program: Program) -> tuple[str, ...]:
    """The styles that can write this program."""
    layered_network = network_of(program) is not None
    told = program.telling is not None
    return tuple(
        name for name, style in STYLES.items() if style.any_program or layered_network or (told and style.told)
    )


def style_named(name: str) -> Style:
    """The style of this name; InputError suggests the nearest."""
    if name not in STYLES:
        raise InputError(unknown("notation", name, STYLES), where="notation")
    return STYLES[name]


def notation_for(style: str, program: Program) -> Notation:
    """The style for the program; InputError for an unknown style, or one that can't write it."""
    wanted = style_named(style)
    able = serving(program)
    if style not in able:
        raise InputError(
            f'"{style}" writes layered networks only; for this exercise choose {" or ".join(able)}', where="notation"
        )
    return Notation(wanted, program)
