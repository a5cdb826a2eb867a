"""Room: exercises. A program: the straight-line list of steps that everything else reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from exercises.expression import Expression, Shape, Symbol, substitute, symbols
from exercises.telling import Telling


class Part(Enum):
    """Where a quantity stands in the worked solution."""

    GIVEN = "given"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class Role(Enum):
    """What a quantity is to its reader."""

    INPUT = "input"
    TARGET = "target"
    WEIGHT = "weight"
    BIAS = "bias"
    RATE = "rate"
    COEFFICIENT = "coefficient"
    STATE = "state"
    VARIABLE = "variable"
    MASK = "mask"
    PREACTIVATION = "preactivation"
    ACTIVATION = "activation"
    LOSS = "loss"
    LINE = "line"
    LOCAL = "local"
    PATH = "path"
    GRADIENT = "gradient"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Given:
    """A quantity that the exercise hands out.

    Where an input or a target has two axes, the second counts training examples, and a teacher lists them one by one;
    ``laid_out`` says that it doesn't (a picture, a row for each word), and is listed row by row as it stands.
    """

    name: str
    shape: Shape
    role: Role
    laid_out: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """∂top/∂bottom, as it stands in a chain of partial derivatives; both are ids."""

    top: str
    bottom: str


@dataclass(frozen=True, slots=True)
class Step:
    """One quantity and the expression that gives it.

    ``chain`` is the product of partial derivatives that a backward step stands for, ``through`` the forward step
    which it goes back through; both are empty on forward steps.
    """

    name: str
    expression: Expression
    part: Part
    role: Role
    chain: tuple[Partial, ...] = ()
    through: str = ""

    @property
    def shape(self) -> Shape:
        return self.expression.shape

    @property
    def reads(self) -> tuple[str, ...]:
        """The ids of the quantities that the expression needs."""
        return tuple(symbol.name for symbol in symbols(self.expression))


@dataclass(frozen=True)
class Program:
    """What is given, and the steps that follow from it; every step reads givens or other steps, without cycles.

    ``telling`` is what a family other than layered networks and circuits says of it.
    """

    givens: tuple[Given, ...]
    steps: tuple[Step, ...]
    output: str
    telling: Telling | None = field(default=None, compare=False)

    @cached_property
    def quantities(self) -> tuple[Given | Step, ...]:
        """Givens, then steps, in the program's order."""
        return (*self.givens, *self.steps)

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every quantity, in the program's order."""
        return {quantity.name: quantity.shape for quantity in self.quantities}

    @cached_property
    def by_name(self) -> Mapping[str, Step]:
        return {step.name: step for step in self.steps}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        return {quantity.name: quantity.role for quantity in self.quantities}

    def symbol(self, name: str) -> Symbol:
        return Symbol(name, self.shapes[name])

    def with_steps(self, more: Iterable[Step], givens: Iterable[Given] = ()) -> Program:
        return replace(self, givens=(*self.givens, *givens), steps=(*self.steps, *more))


def in_order_of_need(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps so ordered that each comes after those it reads; the given order is kept where it can be.

    A wrong step may read what the right one doesn't (the updated weights, say), so a program with a step replaced needs
    this before it is run. Raises ValueError where steps need each other in a circle.
    """
    waiting = {step.name: step for step in steps}
    ordered: dict[str, Step] = {}
    open_names: set[str] = set()

    def place(step: Step) -> None:
        if step.name in ordered:
            return
        if step.name in open_names:
            raise ValueError(f"{step.name} needs itself")
        open_names.add(step.name)
        for name in step.reads:
            if name in waiting:
                place(waiting[name])
        ordered[step.name] = step

    for step in waiting.values():
        place(step)
    return tuple(ordered.values())


def renamed(step: Step, names: Mapping[str, str], shapes: Mapping[str, Shape]) -> Step:
    """The same step with quantities called by other ids, in its own name, its expression and its chain."""
    symbols_for: dict[str, Expression] = {old: Symbol(new, shapes[old]) for old, new in names.items() if old in shapes}
    chain = tuple(Partial(names.get(link.top, link.top), names.get(link.bottom, link.bottom)) for link in step.chain)
    return replace(
        step,
        name=names.get(step.name, step.name),
        expression=substitute(step.expression, symbols_for),
        chain=chain,
        through=names.get(step.through, step.through),
    )
