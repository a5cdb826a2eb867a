"""Room: exercises. The chain of partial derivatives behind a cell of a backward step, found by who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from exercises.components import componentwise
from exercises.names import cell_ids, parse_cell
from exercises.notation import Notation, Sign
from exercises.notation.reading import read_derivative
from exercises.program import Program, Role, Step

LONGEST_WHOLE = 12
"""Factors of a chain that is written back to the loss; a longer one is no help."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One partial derivative; ``cell`` is its own id where the program has a step for it."""

    sign: Sign
    cell: str = ""


Product = tuple[Factor, ...]


@dataclass(frozen=True)
class Chains:
    """Chains of one program; ``program`` is the tensor program, its cells are spelled out here."""

    program: Program
    notation: Notation

    @cached_property
    def cells(self) -> Program:
        return componentwise(self.program)

    @cached_property
    def quantity(self) -> dict[str, Step]:
        """Cell -> the step it belongs to."""
        return {cell: step for step in self.program.steps for cell in cell_ids(step.name, step.shape)}

    @cached_property
    def _gradients(self) -> dict[tuple[str, str], str]:
        """What is differentiated, and by which quantity -> the step that says so."""
        gradients = [step for step in self.program.steps if step.role is Role.GRADIENT]
        ends = [read_derivative(step, (), self.program.shapes) for step in gradients]
        return {(end.top, end.bottom): step.name for end, step in zip(ends, gradients, strict=True)}

    def bottom(self, cell: str) -> str:
        """The cell that the gradient's cell is taken by."""
        step = self.quantity[cell]
        return step.chain[-1].bottom + _index(cell) if step.chain else ""

    def consumers(self, cell: str) -> tuple[str, ...]:
        """The cells of the forward step gone back through that read the bottom of this gradient's cell."""
        step, bottom = self.quantity[cell], self.bottom(cell)
        if not step.through:
            return ()
        through = self.program.by_name[step.through]
        return tuple(each for each in cell_ids(through.name, through.shape) if bottom in self.cells.by_name[each].reads)

    def leads_from_some(self, step: Step) -> bool:
        """Whether a path leads on from some numbers of what is differentiated by only, as from the rows of a table
        that are looked up: nothing can then be said of the first of them that holds for all.
        """
        return len(step.chain) > 1 and not all(self.consumers(cell) for cell in cell_ids(step.name, step.shape))

    def chain(self, cell: str) -> tuple[Product, ...]:
        """The sum of products of partial derivatives that the cell stands for; empty where it is a single one."""
        step = self.quantity[cell]
        if step.role not in (Role.GRADIENT, Role.PATH):
            return ()
        if not step.through:
            return tuple(product for path in self.paths(step) for product in self._along(path + _index(cell)))
        if len(step.chain) < 2:
            return ()
        bottom = self.bottom(cell)
        return tuple(
            (self._upstream(step, consumer), Factor(self.notation.partial(consumer, bottom)))
            for consumer in self.consumers(cell)
        )

    def _along(self, path: str) -> tuple[Product, ...]:
        """What one path contributes. One that leads straight into the result is a single partial derivative; where
        the whole derivative is written with the same sign, the path's own sign tells the two apart.
        """
        step = self.quantity[path]
        if len(step.chain) > 1:
            return self.chain(path)
        slope = self.notation.partial(step.chain[0].top, self.bottom(path))
        total = self.notation.sign(step.name.rpartition(".")[0] + _index(path))
        return ((Factor(self.notation.sign(path), path) if slope == total else Factor(slope),),)

    def paths(self, step: Step) -> tuple[str, ...]:
        """The steps whose sum a gradient is, where it is one."""
        return tuple(name for name in step.reads if name in self.program.by_name)

    def _upstream(self, step: Step, consumer: str) -> Factor:
        cell = self._gradients[step.chain[0].top, parse_cell(consumer).quantity] + _index(consumer)
        return Factor(self.notation.sign(cell), cell)

    def whole(self, cell: str) -> Product:
        """The chain written back to the loss as one product; empty where it forks on the way or is no longer."""
        products = self.chain(cell)
        if len(products) != 1:
            return ()
        product = products[0]
        while (before := self._before(product[0])) and len(product) < LONGEST_WHOLE:
            if len(before) != 1:
                return ()
            product = (*before[0], *product[1:])
        return product if len(product) > len(products[0]) else ()

    def _before(self, factor: Factor) -> tuple[Product, ...]:
        return self.chain(factor.cell) if factor.cell else ()


def _index(cell: str) -> str:
    at = cell.find("[")
    return "" if at < 0 else cell[at:]
