"""Room: exercises. A program flattened once to instructions, and run over all variants at a time.

The variants axis is last and worked through in blocks whose buffers stay in a core's second-level cache.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from exercises.execution import BLOCK, Call, Group, Instruction, Schedule, aligned, schedule
from exercises.expression import Apply, Constant, Expression, Symbol
from exercises.operations.row import Array
from exercises.program import Program, Step, in_order_of_need

__all__ = ["BLOCK", "Plan", "Values", "flatten", "run"]

Values = Mapping[str, Array]


@dataclass(frozen=True)
class Plan:
    """The instructions of a program in order of need, in groups: one group works out one step.

    ``inputs`` says in which slot each given stands, a group in which its step; ``constants`` are filled in beforehand;
    ``shapes`` are those of givens and steps, without the variants axis.
    """

    inputs: Mapping[str, int]
    constants: Mapping[int, Array]
    groups: tuple[Group, ...]
    size: int
    shapes: Mapping[str, tuple[int, ...]]
    steps: frozenset[str]
    schedules: dict[Call, Schedule] = field(default_factory=dict, repr=False, compare=False)

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
        names = self.steps if wanted is None else frozenset(wanted)
        if strangers := {*pins, *names} - self.steps if pins or wanted else ():
            raise KeyError(f"no steps of this program: {', '.join(sorted(strangers))}")
        inputs = {name: given[name] for name in self.inputs}
        variants = self._variants(inputs, pins)
        work = self._schedule(inputs, pins, names)
        arrays = aligned([(*self.shapes[name], variants) for name in work.results])
        results = dict(zip(work.results, arrays, strict=True))
        placed = {**self.constants, **{self.inputs[name]: array for name, array in inputs.items()}}
        placed.update((slot, pins[name]) for name, slot in work.pins.items())
        placed.update((slot, results[name]) for name, slot in work.results.items())
        with np.errstate(all="ignore"):  # readers ask isfinite; nothing is caught into a mark
            work.run(placed, variants)
        return results

    def _variants(self, given: Values, pins: Values) -> int:
        """How many variants there are; every array has to be of that many, or of one."""
        counts = {1}
        for name, array in (*given.items(), *pins.items()):
            *shape, count = array.shape
            if tuple(shape) != self.shapes[name]:
                raise ValueError(f"{name} has shape {self.shapes[name]}, not {tuple(shape)} (variants last)")
            counts.add(count)
        if len(counts) > 2:
            raise ValueError(f"arrays of {sorted(counts - {1})} variants can't be run together")
        return max(counts)

    def _schedule(self, inputs: Values, pins: Values, names: frozenset[str]) -> Schedule:
        wide = frozenset(self.inputs[name] for name, array in inputs.items() if array.shape[-1] > 1)
        call = Call(names, wide, frozenset((name, pin.shape[-1] > 1) for name, pin in pins.items()))
        if call not in self.schedules:
            self.schedules[call] = schedule(self.groups, call, self.size)
        return self.schedules[call]


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
            instruction = Instruction(expression.operation, slot, arguments, expression.parameters, expression.shape)
            instructions.append(instruction)
        elif isinstance(expression, Constant):
            slot = self.new_slot()
            self.constants[slot] = np.full((*expression.shape, 1), float(expression.value))
            self.constants[slot].flags.writeable = False  # a result may be this very array
        else:
            raise KeyError(f"{expression} is neither given nor worked out before")
        self.seen[expression] = slot
        return slot

    def step(self, step: Step) -> Group:
        """A step gets a slot of its own even where it repeats another's expression: it may be pinned alone."""
        instructions: list[Instruction] = []
        source = self.slot(step.expression, instructions)
        result = self.seen[Symbol(step.name, step.shape)] = self.new_slot()
        return Group(step.name, step.shape, source, result, tuple(instructions))


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
    names = frozenset(group.step for group in groups)
    return Plan(builder.inputs, builder.constants, groups, builder.size, program.shapes, names)


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
