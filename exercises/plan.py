"""Room: exercises. A program flattened once to instructions, and run over all variants at a time.

The variants axis is last and worked through in blocks that stay in cache: at 2,000 doubles a row an instruction's
operands fit a core's second-level cache, and longer or shorter blocks measured slower.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from exercises.expression import Apply, Constant, Expression, Parameters, Symbol
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.program import Program, Step, in_order_of_need

BLOCK = 2_000

Values = Mapping[str, Array]


class Instruction(NamedTuple):
    """Work out one node: ``slots[out] = operate(*(slots[k] for k in arguments), *parameters)``."""

    operation: str
    operate: Callable[..., Array]
    out: int
    arguments: tuple[int, ...]
    parameters: Parameters


@dataclass(frozen=True)
class Plan:
    """The instructions of a program in order of need, in groups: one group works out one step.

    ``inputs`` says in which slot each given stands, a group in which its step; ``constants`` are filled in beforehand;
    ``shapes`` are those of givens and steps, without the variants axis.
    """

    inputs: Mapping[str, int]
    constants: Mapping[int, Array]
    groups: tuple[tuple[str, int, tuple[Instruction, ...]], ...]
    size: int
    shapes: Mapping[str, tuple[int, ...]]

    def run(
        self, given: Values, *, pinned: Values | None = None, wanted: Collection[str] | None = None
    ) -> dict[str, Array]:
        """Every wanted step's value (all where ``wanted`` isn't said), worked out from what it reads.

        ``given`` and ``pinned`` map ids to arrays with the variants axis last. Where ``pinned`` holds a number, that is
        carried on in place of the step's own value; where it holds NaN, the step's value is. The result is always the
        value worked out, before pinning. Values outside a function's domain come out as NaN or infinite.

        Raises KeyError for a given that is missing and for what is pinned or wanted and is no step, ValueError for an
        array of another shape, or of another number of variants than the rest.
        """
        pins = pinned or {}
        if strangers := {*pins, *(wanted or ())} - {name for name, _, _ in self.groups}:
            raise KeyError(f"no steps of this program: {', '.join(sorted(strangers))}")
        variants = self._variants({name: given[name] for name in self.inputs}, pins)
        names = [name for name, _, _ in self.groups if wanted is None or name in wanted]
        if variants <= BLOCK:
            slots = self._block(given, pins, {})
            return {name: self._wide(slots[name], variants) for name in names}
        results = {name: np.empty((*self.shapes[name], variants)) for name in names}
        for start in range(0, variants, BLOCK):
            part = slice(start, start + BLOCK)
            slots = self._block(_cut(given, part), _cut(pins, part), {})
            for name, result in results.items():
                result[..., part] = slots[name]
        return results

    def _variants(self, given: Values, pins: Values) -> int:
        """How many variants there are; every array has to be of that many, or of one."""
        counts = {1}
        for name, array in (*given.items(), *pins.items()):
            if name in self.shapes and array.shape[:-1] != self.shapes[name]:
                raise ValueError(f"{name} has shape {self.shapes[name]}, not {array.shape[:-1]} (variants last)")
            counts.add(array.shape[-1])
        if len(counts) > 2:
            raise ValueError(f"arrays of {sorted(counts - {1})} variants can't be run together")
        return max(counts)

    def _wide(self, array: Array, variants: int) -> Array:
        return array if array.shape[-1] == variants else np.broadcast_to(array, (*array.shape[:-1], variants))

    def _block(self, given: Values, pins: Values, computed: dict[str, Array]) -> dict[str, Array]:
        slots: list[Array] = [_NOTHING] * self.size
        for slot, constant in self.constants.items():
            slots[slot] = constant
        for name, slot in self.inputs.items():
            slots[slot] = given[name]
        with np.errstate(all="ignore"):  # readers ask isfinite; nothing is caught into a mark
            for name, result, instructions in self.groups:
                for _, operate, out, arguments, parameters in instructions:
                    slots[out] = operate(*[slots[k] for k in arguments], *parameters)
                computed[name] = slots[result]
                if name in pins:
                    slots[result] = np.where(np.isnan(pins[name]), slots[result], pins[name])
        return computed


_NOTHING = np.empty(0)


def _cut(values: Values, part: slice) -> dict[str, Array]:
    return {name: array[..., part] if array.shape[-1] > 1 else array for name, array in values.items()}


class _Builder:
    """Slots handed out to expressions; an expression seen before keeps its slot."""

    def __init__(self) -> None:
        self.inputs: dict[str, int] = {}
        self.constants: dict[int, Array] = {}
        self.seen: dict[Expression, int] = {}
        self.size = 0

    def new_slot(self) -> int:
        self.size += 1
        return self.size - 1

    def slot(self, expression: Expression, instructions: list[Instruction]) -> int:
        if expression in self.seen:
            return self.seen[expression]
        if isinstance(expression, Apply):
            arguments = tuple(self.slot(argument, instructions) for argument in expression.arguments)
            slot = self.new_slot()
            operate = OPERATIONS[expression.operation].value
            instructions.append(Instruction(expression.operation, operate, slot, arguments, expression.parameters))
        elif isinstance(expression, Constant):
            slot = self.new_slot()
            self.constants[slot] = np.full((*expression.shape, 1), float(expression.value))
            self.constants[slot].flags.writeable = False  # a result may be this very array
        else:
            raise KeyError(f"{expression} is neither given nor worked out before")
        self.seen[expression] = slot
        return slot

    def step(self, step: Step) -> tuple[str, int, tuple[Instruction, ...]]:
        """A step gets a slot of its own even where it repeats another's expression: it may be pinned alone."""
        instructions: list[Instruction] = []
        source = self.slot(step.expression, instructions)
        slot = self.new_slot()
        instructions.append(Instruction("identity", _same, slot, (source,), ()))
        self.seen[Symbol(step.name, step.shape)] = slot
        return step.name, slot, tuple(instructions)


def _same(array: Array) -> Array:
    return array


def flatten(program: Program, replaced: Mapping[str, Expression] | None = None) -> Plan:
    """The plan of a program, with some steps' expressions replaced.

    Raises KeyError for a replaced step that the program doesn't have and for an expression of unknown symbols,
    ValueError where a replaced step has another shape or comes to need itself.
    """
    wrong = replaced or {}
    for name, expression in wrong.items():
        if expression.shape != program.by_name[name].shape:
            raise ValueError(f"{name} has shape {program.by_name[name].shape}, what replaces it {expression.shape}")
    steps = tuple(replace(step, expression=wrong[step.name]) if step.name in wrong else step for step in program.steps)
    builder = _Builder()
    for given in program.givens:
        builder.inputs[given.name] = builder.seen[Symbol(given.name, given.shape)] = builder.new_slot()
    groups = tuple(builder.step(step) for step in (in_order_of_need(steps) if wrong else steps))
    return Plan(builder.inputs, builder.constants, groups, builder.size, program.shapes)


def run(
    program: Program,
    given: Values,
    *,
    pinned: Values | None = None,
    replaced: Mapping[str, Expression] | None = None,
    wanted: Collection[str] | None = None,
) -> dict[str, Array]:
    """Flatten and run in one go; keep the plan (``flatten``) where the same program is run again."""
    return flatten(program, replaced).run(given, pinned=pinned, wanted=wanted)
