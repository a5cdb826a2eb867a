"""Room: exercises. The order of work for one way of calling a plan: only what is wanted, in buffers used again.

Which slots hold one number and which a whole block depends on what is given, so a schedule is made for each such
pattern, once. A buffer goes back after the last instruction that reads it; the few that are left stay in cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from exercises.expression import Parameters, Shape
from exercises.operations import OPERATIONS
from exercises.operations.row import Array


class Instruction(NamedTuple):
    """Work out one node: ``slots[out] = operate(*(slots[k] for k in arguments), *parameters)``."""

    operation: str
    out: int
    arguments: tuple[int, ...]
    parameters: Parameters
    shape: Shape


class Group(NamedTuple):
    """The instructions that work out one step, and the slot in which its value stands."""

    step: str
    result: int
    instructions: tuple[Instruction, ...]


class Call(NamedTuple):
    """What a schedule is made for: the steps wanted, and the inputs and pins that are a whole block wide."""

    wanted: frozenset[str]
    wide: frozenset[int]
    wide_pins: frozenset[str]


class Work(NamedTuple):
    """An instruction with the place its result goes to: a buffer, or straight into a wanted step's own array."""

    operate: Callable[..., Array]
    out: int
    arguments: tuple[int, ...]
    parameters: Parameters
    buffer: int
    straight: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The work of each step in order; ``buffers`` are the shapes to allocate and whether each is a block wide.

    ``copied`` are the wanted steps whose value doesn't go straight to its place.
    """

    groups: tuple[tuple[str, int, tuple[Work, ...]], ...]
    buffers: tuple[tuple[Shape, bool], ...]
    copied: frozenset[str]

    def pool(self, block: int) -> list[Array]:
        """Buffers for blocks of so many variants."""
        return [np.empty((*shape, block if wide else 1)) for shape, wide in self.buffers]

    def run(
        self, slots: list[Array], pins: Mapping[str, Array], results: Mapping[str, Array], pool: Sequence[Array]
    ) -> None:
        """Work through one block; constants and inputs stand in ``slots``, values wanted end up in ``results``."""
        for name, result, works in self.groups:
            for operate, out, arguments, parameters, buffer, straight in works:
                numbers = [slots[k] for k in arguments]
                if straight:
                    slots[out] = operate(*numbers, *parameters, out=results[straight])
                elif buffer >= 0:
                    slots[out] = operate(*numbers, *parameters, out=pool[buffer])
                else:
                    slots[out] = operate(*numbers, *parameters)
            if name in self.copied:
                np.copyto(results[name], slots[result])
            if name in pins:
                slots[result] = np.where(np.isnan(pins[name]), slots[result], pins[name])


def schedule(groups: Sequence[Group], call: Call) -> Schedule:
    """The order of work for a call: what isn't needed for it is left out."""
    return _Allocation(_needed(groups, call), call).made()


def _needed(groups: Sequence[Group], call: Call) -> list[Group]:
    """The groups that work out something wanted, or something that those read."""
    read: set[int] = set()
    kept: list[Group] = []
    for group in reversed(groups):
        made = {instruction.out for instruction in group.instructions}
        if group.step in call.wanted or read & made:
            kept.append(group)
            for instruction in group.instructions:
                read.update(instruction.arguments)
    return kept[::-1]


class _Allocation:
    """Hands out buffers to the instructions that can fill one, and takes them back after their last reader."""

    def __init__(self, groups: Sequence[Group], call: Call) -> None:
        self.groups, self.call = groups, call
        self.wide = set(call.wide)
        self.order = [instruction for group in groups for instruction in group.instructions]
        self.last = self._last_uses()
        self.straight = dict(self._straight())
        self.buffers: list[tuple[Shape, bool]] = []
        self.free: dict[tuple[Shape, bool], list[int]] = {}
        self.held: dict[int, list[int]] = {}

    def _last_uses(self) -> dict[int, int]:
        """For each slot the number of the last instruction that reads it, or a view of it."""
        last: dict[int, int] = {}
        for number, instruction in reversed(list(enumerate(self.order))):
            until = number if _fills(instruction) else max(number, last.get(instruction.out, number))
            for slot in instruction.arguments:
                last[slot] = max(last.get(slot, -1), until)
        return last

    def _straight(self) -> Iterator[tuple[int, str]]:
        """The slots whose values can be worked out where they are wanted: the source of a step's result, as wide."""
        for group in self.groups:
            if group.step in self.call.wanted and len(group.instructions) > 1:
                source, copy = group.instructions[-2:]
                if copy.arguments == (source.out,) and _fills(source):
                    yield source.out, group.step

    def made(self) -> Schedule:
        copied: set[str] = set()
        groups: list[tuple[str, int, tuple[Work, ...]]] = []
        number = 0
        for group in self.groups:
            works = []
            for instruction in group.instructions:
                works.append(self._work(instruction, number))
                number += 1
            groups.append((group.step, group.result, tuple(works)))
            if group.step in self.call.wide_pins:
                self.wide.add(group.result)
            if group.step in self.call.wanted and not any(work.straight == group.step for work in works):
                copied.add(group.step)
        return Schedule(tuple(groups), tuple(self.buffers), frozenset(copied))

    def _work(self, instruction: Instruction, number: int) -> Work:
        row = OPERATIONS[instruction.operation]
        wide = any(slot in self.wide for slot in instruction.arguments)
        if wide:
            self.wide.add(instruction.out)
        buffer, straight = -1, ""
        if _fills(instruction):
            straight = self.straight.get(instruction.out, "")
            if straight:
                self.wide.add(instruction.out)
            else:
                buffer = self._take((instruction.shape, wide))
                self.held.setdefault(self.last.get(instruction.out, number), []).append(buffer)
        for done in self.held.pop(number, ()):
            self.free.setdefault(self.buffers[done], []).append(done)
        return Work(row.value, instruction.out, instruction.arguments, instruction.parameters, buffer, straight)

    def _take(self, kind: tuple[Shape, bool]) -> int:
        if self.free.get(kind):
            return self.free[kind].pop()
        self.buffers.append(kind)
        return len(self.buffers) - 1


def _fills(instruction: Instruction) -> bool:
    """Whether the operation writes into an array it is handed; others make one, or show their argument's."""
    return OPERATIONS[instruction.operation].fills
