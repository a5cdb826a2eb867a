"""Room: exercises. The order of work for one way of calling a plan: only what is wanted, in buffers used again.

Which slots hold one number and which a whole block depends on what is given, so a schedule is made for each such
pattern, once. A buffer goes back after the last instruction that reads it; the few that are left stay in cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from exercises.expression import Parameters, Shape
from exercises.operations import OPERATIONS
from exercises.operations.row import Array, Partials

BLOCK = 16_384
"""The most variants worked through at a time; longer blocks gain nothing on any program measured."""

LEAST_BLOCK = 1_024
"""Below this a NumPy call takes longer to make than to work its numbers out."""

CACHE = 1 << 20
"""Bytes of buffers that stay in a core's second-level cache with what streams through it; blocks are cut to that."""

LINE = 8
"""Numbers in a cache line, and in the widest register: arrays that start at one are worked through twice as fast."""


class Instruction(NamedTuple):
    """Work out one node: ``slots[out] = operate(*(slots[k] for k in arguments), *parameters)``."""

    operation: str
    out: int
    arguments: tuple[int, ...]
    parameters: Parameters
    shape: Shape


class Group(NamedTuple):
    """The instructions that work out one step: its value comes to stand in ``source``, others read it in ``result``."""

    step: str
    shape: Shape
    source: int
    result: int
    instructions: tuple[Instruction, ...]


class Call(NamedTuple):
    """What a schedule is made for: the steps wanted, inputs a whole block wide, and pins (True where a block wide)."""

    wanted: frozenset[str]
    wide: frozenset[int]
    pins: frozenset[tuple[str, bool]]


class Work(NamedTuple):
    """One call: into the array that stands in slot ``out`` where it ``fills``, else what it returns is put there."""

    operate: Callable[..., Array]
    arguments: tuple[int, ...]
    parameters: Parameters
    out: int
    fills: bool


class Buffer(NamedTuple):
    """An array to allocate, and the slots that it serves one after the other."""

    shape: Shape
    wide: bool
    slots: list[int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The works in order, the buffers to allocate, and the slots in which pins and wanted results stand.

    Of ``size`` slots in all; at most ``block`` variants are worked through at a time.
    """

    works: tuple[Work, ...]
    buffers: tuple[Buffer, ...]
    pins: Mapping[str, int]
    results: Mapping[str, int]
    size: int
    block: int

    def run(self, placed: Mapping[int, Array], variants: int) -> None:
        """Fill in the results. Constants, inputs, pins and the arrays for results are ``placed`` by their slots.

        All blocks are of one width, so that they share their buffers; the last overlaps the one before.
        """
        blocks = -(-variants // self.block)
        width = min(-(-variants // (8 * blocks)) * 8, variants)
        slots = [_NOTHING] * self.size
        pool = aligned([(*one.shape, width if one.wide else 1) for one in self.buffers])
        for one, array in zip(self.buffers, pool, strict=True):
            for slot in one.slots:
                slots[slot] = array
        for slot, array in placed.items():
            slots[slot] = array
        wide = [(slot, array) for slot, array in placed.items() if array.shape[-1] > 1] if blocks > 1 else []
        for number in range(blocks):
            start = min(number * width, variants - width)
            for slot, array in wide:
                slots[slot] = array[..., start : start + width]
            self._work(slots)

    def _work(self, slots: list[Array]) -> None:
        get = slots.__getitem__
        for operate, arguments, parameters, out, fills in self.works:
            if fills:
                operate(*map(get, arguments), *parameters, out=slots[out])
            else:
                slots[out] = operate(*map(get, arguments), *parameters)


_NOTHING = np.empty(0)


def aligned(shapes: Sequence[Shape]) -> list[Array]:
    """Empty arrays of these shapes, cut from one piece of memory, each at the start of a cache line."""
    if all(shape[-1] < LEAST_BLOCK for shape in shapes):
        return [np.empty(shape) for shape in shapes]  # so short that cutting would take longer than it saves
    sizes = [prod(shape) for shape in shapes]
    memory = np.empty(sum(sizes) + (len(sizes) + 1) * LINE)
    start = (-memory.__array_interface__["data"][0] // 8) % LINE
    arrays = []
    for shape, size in zip(shapes, sizes, strict=True):
        arrays.append(memory[start : start + size].reshape(shape))
        start += -(-size // LINE) * LINE
    return arrays


def schedule(groups: Sequence[Group], call: Call, size: int) -> Schedule:
    """The order of work for a call on a plan of ``size`` slots: what isn't needed for it is left out."""
    order = _Drafts(call, size)
    for group in _needed(groups, call):
        order.add(group)
    buffers = _Buffers(order.drafts, set(order.results.values())).made
    row = 8 * sum(prod(one.shape) for one in buffers if one.wide)
    block = max(LEAST_BLOCK, min(BLOCK, CACHE // max(row, 1) // 8 * 8))
    works = tuple(draft.work for draft in order.drafts)
    return Schedule(works, tuple(buffers), order.pins, order.results, order.size, block)


def _needed(groups: Sequence[Group], call: Call) -> list[Group]:
    """The groups that work out something wanted, or something that those read."""
    read: set[int] = set()
    kept: list[Group] = []
    for group in reversed(groups):
        made = {instruction.out for instruction in group.instructions} | {group.result}
        if group.step in call.wanted or read & made:
            kept.append(group)
            read.add(group.source)
            for instruction in group.instructions:
                read.update(instruction.arguments)
    return kept[::-1]


def _copied(value: Array, out: Array) -> Array:
    np.copyto(out, value)
    return out


def _pinned(value: Array, pin: Array, out: Array) -> Array:
    """The pin where it holds a number, else the step's own value."""
    np.copyto(out, pin)
    np.copyto(out, value, where=np.isnan(pin))
    return out


class _Draft(NamedTuple):
    """A work that has no array yet; ``place_by_place``: it may write over an argument that nobody reads any more."""

    work: Work
    shape: Shape
    wide: bool
    place_by_place: bool = False


class _Drafts:
    """All works in a row. Mere copies are left out: a step that isn't pinned is read where its value was worked out."""

    def __init__(self, call: Call, size: int) -> None:
        self.call, self.size = call, size
        self.pinned = dict(call.pins)
        self.wide = set(call.wide)
        self.any_wide = bool(call.wide) or any(self.pinned.values())
        self.stands: dict[int, int] = {}
        self.filled: set[int] = set()
        self.drafts: list[_Draft] = []
        self.pins: dict[str, int] = {}
        self.results: dict[str, int] = {}

    def add(self, group: Group) -> None:
        for one in group.instructions:
            row = OPERATIONS[one.operation]
            arguments = tuple(self.stands.get(slot, slot) for slot in one.arguments)
            work = Work(row.value, arguments, one.parameters, one.out, row.fills)
            self._draft(work, one.shape, isinstance(row.derivative, Partials))
        value = self.stands.get(group.source, group.source)
        if group.step in self.call.wanted:
            self._want(group, value)
        if group.step in self.pinned:
            self._pin(group, value)
        else:
            self.stands[group.result] = value

    def _draft(self, work: Work, shape: Shape, place_by_place: bool = False) -> None:
        wide = not self.wide.isdisjoint(work.arguments)
        if wide:
            self.wide.add(work.out)
        if work.fills:
            self.filled.add(work.out)
        self.drafts.append(_Draft(work, shape, wide, place_by_place))

    def _want(self, group: Group, value: int) -> None:
        """Worked out where it is wanted if it can be: it fills an array, is as wide as results are, and is nobody's."""
        straight = value in self.filled and (value in self.wide) == self.any_wide
        if straight and value not in self.results.values():
            self.results[group.step] = value
        else:
            self.results[group.step] = self._new_slot()
            self._draft(Work(_copied, (value,), (), self.results[group.step], True), group.shape)

    def _pin(self, group: Group, value: int) -> None:
        self.pins[group.step] = pin = self._new_slot()
        if self.pinned[group.step]:
            self.wide.add(pin)
        self._draft(Work(_pinned, (value, pin), (), group.result, True), group.shape)

    def _new_slot(self) -> int:
        self.size += 1
        return self.size - 1


class _Buffers:
    """Arrays for what isn't wanted itself; one is free again after the last draft that reads it."""

    def __init__(self, drafts: Sequence[_Draft], placed: Collection[int]) -> None:
        self.drafts, self.placed = drafts, placed
        self.last = self._last_uses()
        self.made: list[Buffer] = []
        self.free: dict[tuple[Shape, bool], list[Buffer]] = {}
        self.held: dict[int, Buffer] = {}
        self.ending: dict[int, list[int]] = {}
        for number, draft in enumerate(drafts):
            if draft.work.fills and draft.work.out not in placed:
                self._hold(draft, number)
            for slot in self.ending.pop(number, ()):
                if slot in self.held:
                    buffer = self.held.pop(slot)
                    self.free.setdefault((buffer.shape, buffer.wide), []).append(buffer)

    def _last_uses(self) -> dict[int, int]:
        """For each slot the number of the last draft that reads it, or a view of it."""
        last: dict[int, int] = {}
        for number, draft in reversed(list(enumerate(self.drafts))):
            until = number if draft.work.fills else max(number, last.get(draft.work.out, number))
            for slot in draft.work.arguments:
                last[slot] = max(last.get(slot, -1), until)
        return last

    def _hold(self, draft: _Draft, number: int) -> None:
        out = draft.work.out
        buffer = self._over_an_argument(draft, number) or self._free(draft)
        buffer.slots.append(out)
        self.held[out] = buffer
        self.ending.setdefault(self.last.get(out, number), []).append(out)

    def _over_an_argument(self, draft: _Draft, number: int) -> Buffer | None:
        """The buffer of an argument read for the last time: what was just written there is in the nearest cache."""
        if not draft.place_by_place or len(draft.work.arguments) > 2:
            return None  # a third term would be read after the first two are written over
        for slot in draft.work.arguments:
            held = self.held.get(slot)
            if held is not None and self.last[slot] == number and held[:2] == (draft.shape, draft.wide):
                return self.held.pop(slot)
        return None

    def _free(self, draft: _Draft) -> Buffer:
        free = self.free.get((draft.shape, draft.wide))
        if free:
            return free.pop()
        self.made.append(Buffer(draft.shape, draft.wide, []))
        return self.made[-1]
