"""Room: exercises. What a worked solution says whatever its numbers are; all variants of an exercise share it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from exercises.chains import Chains, Product
from exercises.errors import InputError
from exercises.expression import Expression
from exercises.legend import legend_of
from exercises.merging import merged, twins
from exercises.names import cell_ids
from exercises.notation import Notation, Sign
from exercises.program import Part, Program, Role, Step
from exercises.reasons import Sentence
from exercises.shapes import shapes_of
from exercises.why import reason_of

DETAILS = ("component", "matrix", "both")


@dataclass(frozen=True, slots=True)
class Bare:
    """A line without its numbers; see ``exercises.solution.Line``."""

    cells: tuple[str, ...]
    sign: Sign
    whole: Product
    chain: tuple[Product, ...]
    expression: Expression
    shapes: str = ""


@dataclass(frozen=True)
class Outline:
    """A program as one notation tells it, to the detail wished, as far as the asked cells need it."""

    program: Program
    notation: Notation
    detail: str
    asked: tuple[str, ...]

    @cached_property
    def twins(self) -> dict[str, str]:
        """Quantities that share another's symbol -> that one."""
        return twins(self.program) if self.notation.style.merged else {}

    @cached_property
    def told(self) -> Program:
        """The program without what the notation doesn't tell apart."""
        return merged(self.program) if self.notation.style.merged else self.program

    @cached_property
    def chains(self) -> Chains:
        return Chains(self.told, self.notation)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        own = {quantity_of(cell) for cell in self.asked}
        wanted = {self.twins.get(quantity, quantity) for quantity in own}
        return needed_steps(self.told, wanted | self._differentiated(wanted))

    def _differentiated(self, wanted: Collection[str]) -> set[str]:
        """What is differentiated, in every round with a way back: nobody can do that without knowing its formula."""
        back = [step for step in needed_steps(self.told, wanted) if step.part is Part.BACKWARD]
        rounds = {round_of(step.name) for step in back}
        return {self.told.output if number == 1 else f"{self.told.output}@{number}" for number in rounds}

    @cached_property
    def legend(self) -> tuple[Sentence, ...]:
        return legend_of(self.chains, self.steps, self._formulas(self.steps))

    @cached_property
    def question(self) -> tuple[Sentence, ...]:
        """The legend of a sheet, where nothing of the way back stands but what is asked of it: to say what sin is where
        the slope of cos is to be found would tell the answer."""
        asked = {self.twins.get(quantity_of(cell), quantity_of(cell)) for cell in self.asked}
        steps = [step for step in self.steps if step.part is not Part.BACKWARD or step.name in asked]
        stated = [step for step in steps if step.part is not Part.BACKWARD]
        return legend_of(self.chains, steps, self._formulas(stated))

    def _formulas(self, steps: Sequence[Step]) -> tuple[Expression, ...]:
        """The formulas that stand there: of each step its line as a whole, its cells' lines, or both."""
        found: list[Expression] = []
        for step in steps:
            whole = self.matrix(step)
            if whole is None or self.detail != "matrix":
                found += [self.chains.cells.by_name[cell].expression for cell in cell_ids(step.name, step.shape)]
            if whole is not None:
                found.append(whole.expression)
        return tuple(found)

    @cached_property
    def reasons(self) -> dict[str, Sentence]:
        return {step.name: reason_of(self.chains, step) for step in self.steps}

    @cached_property
    def lines(self) -> dict[str, Bare]:
        """The line of every cell that is told."""
        return {cell: self._line(cell) for step in self.steps for cell in cell_ids(step.name, step.shape)}

    def _line(self, cell: str) -> Bare:
        expression = self.notation.arranged(self.chains.cells.by_name[cell].expression)
        whole = self.chains.whole(cell) if self._of_parameter(cell) else ()
        return Bare(self._same_value(cell), self.notation.sign(cell), whole, self.chains.chain(cell), expression)

    def _of_parameter(self, cell: str) -> bool:
        bottom = self.chains.bottom(cell)
        role = self.told.roles.get(quantity_of(bottom)) if bottom else None
        return role in (Role.WEIGHT, Role.BIAS, Role.UPDATED, Role.VARIABLE)

    def _same_value(self, cell: str) -> tuple[str, ...]:
        quantity = quantity_of(cell)
        others = [name for name, twin in self.twins.items() if twin == quantity]
        return (cell, *(cell.replace(quantity, other, 1) for other in others))

    def matrix(self, step: Step) -> Bare | None:
        """The line of the whole tensor, where it is wished and the notation tells it from its cell."""
        cells = cell_ids(step.name, step.shape)
        alone = len(cells) == 1 and self.notation.sign(cells[0]) == self.notation.sign(step.name)
        if self.detail == "component" or alone:
            return None
        shapes = shapes_of(step.expression, typed=self.notation.style.code) if self.detail == "matrix" else ""
        return Bare((step.name,), self.notation.sign(step.name), (), (), step.expression, shapes)


def outline(
    program: Program, notation: Notation, *, detail: str = "component", asked: Collection[str] | None = None
) -> Outline:
    """The outline for the asked cells, or for all; InputError for an unknown detail."""
    if detail not in DETAILS:
        raise InputError(f'expected "component", "matrix" or "both", found "{detail}"', where="detail")
    everything = tuple(cell for step in program.steps for cell in cell_ids(step.name, step.shape))
    wanted = everything if asked is None else tuple(asked)
    return Outline(program, notation, "component" if notation.style.by_component else detail, wanted)


def quantity_of(cell: str) -> str:
    """The quantity of a cell's canonical id."""
    return cell.partition("[")[0]


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
    _, _, turn = quantity_of(quantity).partition("@")
    return int(turn) if turn else 1
