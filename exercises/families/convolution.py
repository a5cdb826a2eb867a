"""Room: exercises. A small convolutional network: kernel, activation, pooling, a dense layer; in line or plane."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from exercises.differentiation import differentiate
from exercises.errors import InputError
from exercises.expression import Apply, Expression, Shape, Symbol, apply
from exercises.families.by_head import checked_by_head, slot_by_head
from exercises.families.convolution_mistakes import POOL_SPREAD_EVENLY, UNFLIPPED_KERNEL
from exercises.families.family import Drawn, Family, FamilyOptions, Goal
from exercises.families.losses import LOSSES
from exercises.families.mlp_draw import LIVELY, SATURATING, slot_for
from exercises.families.updates import Optimizer, fine_places, trained
from exercises.families.usual import (
    activated,
    checked_activation,
    checked_count,
    checked_rounds,
    loss_step,
    settled_rate,
)
from exercises.operations.row import Array, Mask
from exercises.operations.tensor import add_up, mean, total
from exercises.operations.windows import convolve
from exercises.precision import Places
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling

MOST_SIZE, MOST_KERNEL, MOST_CELLS = 12, 4, 36
"""Nobody lays a kernel on more by hand."""

ACTIVATIONS = ("identity", "relu", "sigmoid", "tanh")

AHEAD = 0.1
"""By how much the largest number of a window leads, so that rounding can't make another one the largest."""


class ConvolutionOptions(FamilyOptions, kw_only=True, frozen=True):
    size: tuple[int, ...] = (4, 4)
    kernel: tuple[int, ...] = (2, 2)
    channels: int = 1
    filters: int = 1
    stride: int = 1
    padding: int = 0
    bias: bool = True
    activation: str = "relu"
    pool: Literal["max", "average", "none"] = "none"
    window: int = 2
    dense: int = 0
    loss: Literal["half_squared_error", "squared_error", "weighted_sum"] = "half_squared_error"
    optimizer: Optimizer | None = None
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Shapes: of one map of features, and of what pooling leaves of it."""

    map: Shape
    pooled: Shape


def layout(options: ConvolutionOptions) -> Layout:
    """InputError for sizes that don't fit each other."""
    if len(options.size) not in (1, 2) or len(options.kernel) != len(options.size):
        raise InputError(
            f"expected one size for a line or two for a plane, and as many for the kernel; found size = "
            f"{list(options.size)}, kernel = {list(options.kernel)}",
            where="kernel",
        )
    for name, most in (("size", MOST_SIZE), ("kernel", MOST_KERNEL)):
        for size in getattr(options, name):
            checked_count(size, 1, most, name)
    for name, least, most in (("channels", 1, 2), ("filters", 1, 2), ("stride", 1, 3), ("padding", 0, 2)):
        checked_count(getattr(options, name), least, most, name)
    checked_count(options.dense, 0, 3, "dense")
    checked_rounds(options.rounds, options.optimizer)
    checked_activation(options.activation, "activation", ACTIVATIONS)
    room = [n + 2 * options.padding - k for n, k in zip(options.size, options.kernel, strict=True)]
    if min(room) < 0 or prod(options.size) > MOST_CELLS:
        raise InputError(
            f"a kernel of {_by(options.kernel)} doesn't fit on {_by(options.size)}"
            if min(room) < 0
            else f"expected at most {MOST_CELLS} numbers in, found {_by(options.size)}",
            where="kernel" if min(room) < 0 else "size",
        )
    mapped = tuple(left // options.stride + 1 for left in room)
    return Layout(mapped, _pooled(options, mapped))


def _pooled(options: ConvolutionOptions, mapped: Shape) -> Shape:
    if options.pool == "none":
        return mapped
    checked_count(options.window, 2, 3, "window")
    if any(size % options.window for size in mapped):
        raise InputError(
            f"windows of {options.window} don't fill a map of {_by(mapped)}; choose another size, stride or padding",
            where="window",
        )
    return tuple(size // options.window for size in mapped)


def _by(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


def _numbers(count: int) -> tuple[str, ...]:
    """What tells channels or filters apart in an id; nothing where there is one."""
    return ("",) if count == 1 else tuple(str(number) for number in range(1, count + 1))


def build(options: ConvolutionOptions) -> Program:
    """Maps of features, what is pooled of them, a dense layer, the loss; gradients by kernels and by the input."""
    shapes = layout(options)
    channels, filters = _numbers(options.channels), _numbers(options.filters)
    givens = [Given(f"x{c}", options.size, Role.INPUT, laid_out=True) for c in channels]
    givens += [Given(f"K{f}{c}", options.kernel, Role.WEIGHT) for f, c in itertools.product(filters, channels)]
    givens += [Given(f"b{f}", (), Role.BIAS) for f in filters] if options.bias else []
    steps = [step for f in filters for step in _one_filter(options, shapes, f, channels)]
    parts = [Symbol(f"{'a' if options.pool == 'none' else 'p'}{f}", shapes.pooled) for f in filters]
    if options.dense:
        more, dense = _dense(options, parts)
        givens, steps, parts = [*givens, *more], [*steps, *dense], [Symbol("o", (options.dense,))]
    outputs = [next(step for step in steps if step.name == part.name) for part in parts]
    targets = [Symbol(f"y{f}", part.shape) for f, part in zip(filters if len(parts) > 1 else ("",), parts, strict=True)]
    givens += [Given(y.name, y.shape, Role.TARGET, laid_out=True) for y in targets]
    forward = Program(tuple(givens), (*steps, _loss(options, outputs, targets)), "J", _telling(options))
    program = differentiate(forward, constant={y.name for y in targets})
    return trained(program, options.optimizer, options.rounds)


def _one_filter(options: ConvolutionOptions, shapes: Layout, f: str, channels: Sequence[str]) -> Iterator[Step]:
    """One map: the kernel laid on every channel, bias, activation, pooling."""
    laid = [
        convolve(Symbol(f"x{c}", options.size), Symbol(f"K{f}{c}", options.kernel), options.stride, options.padding)
        for c in channels
    ]
    z = add_up([*laid, Symbol(f"b{f}")]) if options.bias else add_up(laid)
    yield Step(f"z{f}", z, Part.FORWARD, Role.LINE)  # no layer of units, whose rules say what to do with a matrix
    a = Symbol(f"a{f}", shapes.map)
    yield Step(a.name, activated(options.activation, Symbol(f"z{f}", shapes.map)), Part.FORWARD, Role.ACTIVATION)
    if options.pool != "none":
        yield Step(f"p{f}", _pooling(options, a), Part.FORWARD, Role.LINE)


def _pooling(options: ConvolutionOptions, a: Symbol) -> Expression:
    """Windows side by side: an axis for their number and one for the place within, of which the second goes."""
    w = options.window
    cut = apply("reshape", a, parameters=(tuple(part for size in a.size for part in (size // w, w)),))
    within = tuple(range(1, 2 * len(a.size), 2))
    return apply("largest", cut, parameters=(within,)) if options.pool == "max" else mean(cut, within)


def _dense(options: ConvolutionOptions, parts: Sequence[Symbol]) -> tuple[list[Given], list[Step]]:
    """All that is left, as one vector, into a dense layer without activation."""
    flat = [apply("reshape", part, parameters=((prod(part.shape),),)) for part in parts]
    size = sum(part.shape[0] for part in flat)
    V, c = Symbol("V", (options.dense, size)), Symbol("c", (options.dense,))
    f = Symbol("f", (size,))
    join = apply("concatenate", *flat) if len(flat) > 1 else flat[0]
    return (
        [Given("V", V.shape, Role.WEIGHT), Given("c", c.shape, Role.BIAS)],
        [
            Step("f", join, Part.FORWARD, Role.LINE),
            Step("o", V @ f + c, Part.FORWARD, Role.LINE),
        ],
    )


def _loss(options: ConvolutionOptions, outputs: Sequence[Step], targets: Sequence[Symbol]) -> Step:
    if options.loss == "weighted_sum":  # whatever comes from further on: its gradient is y
        terms = [total(y * Symbol(step.name, step.shape)) for step, y in zip(outputs, targets, strict=True)]
        return Step("J", add_up(terms), Part.LOSS, Role.LOSS)
    step, _ = loss_step(LOSSES[options.loss], outputs, targets)
    return step


def _telling(options: ConvolutionOptions) -> Telling:
    plane = "plane" if len(options.size) == 2 else "line"
    filters = _numbers(options.filters)
    first, k = filters[0], f"K{filters[0]}{_numbers(options.channels)[0]}"
    x = f"x{_numbers(options.channels)[0]}"
    y, given = f"y{'' if options.dense else first}", options.loss == "weighted_sum"
    moves = f", {options.stride} places on each time" if options.stride > 1 else ""
    edge = f"; {'a row' if plane == 'plane' else 'a place'} of zeros is put around {{{x}}} first" * bool(
        options.padding
    )
    numbered = {f"K{f}{c}": Letter("K", f"{f}{c}", numbered=False) for f in filters for c in _numbers(options.channels)}
    return Telling(
        description=f"A convolution in a {plane}: {_by(options.size)} numbers, {counted(options.channels, 'channel')}, "
        f"{counted(options.filters, 'kernel')} of {_by(options.kernel)}{_FURTHER[options.pool]}"
        f"{', and a dense layer' if options.dense else ''}.",
        letters={**numbered, "p": Letter("p"), "o": Letter("y", hat=True), "c": Letter("c")},
        legend=(
            f"conv lays {{{k}}} on {{{x}}} window by window{moves}, multiplies place by place and adds up{edge}.",
            *_counted_below(options),
            f"spread hands each number back to all places of its window, times {{{k}}}.",
            f"{{z{first}}} is what the kernel finds, window by window: a map of features.",
            f"{{p{first}}} is what pooling makes of each window of {_by((options.window,) * len(options.size))}.",
            "argmax is 1 at the largest place of each window, and 0 at all others.",
            "{f} is all that is left, place after place; {o} is what the network puts out.",
            f"{{{y}}} is {'the gradient that comes back from further on' if given else 'the target'}.",
        ),
        reasons=_REASONS | {"p": _POOLED[options.pool]} | ({"J": _GIVEN_ON} if given else {}),
        places=_places(options),
    )


def _counted_below(options: ConvolutionOptions) -> tuple[str, ...]:
    """What the first numbers below a kernel's letter count, where there are several kernels or channels."""
    count = {"kernel": options.filters, "channel": options.channels}
    several = [name for name in count if count[name] > 1]
    if not several:
        return ()
    cell = f"K{_numbers(options.filters)[0]}{_numbers(options.channels)[0]}[{','.join('1' * len(options.kernel))}]"
    first = "first two count the kernel and the channel" if len(several) == 2 else f"first counts the {several[0]}s"
    together = " What comes of all channels is added up." if options.channels > 1 else ""
    return (f"Of the numbers below {{{cell}}} the {first}, the rest its places.{together}",)


_REASONS = {
    "z": "The kernel lies on each window in turn; products are added up.",
    "f": "The numbers that are left, one after the other.",
    "o": "Each number of {f} is multiplied by its weight; the products and the bias are added up.",
    "dJ/dK": "Every window has used the kernel, so each adds a product of its gradient and the number underneath.",
    "dJ/dx": "Every window that a number lies in hands a share back to it, by the kernel's number over it.",
}

_FURTHER = {"max": ", max pooling", "average": ", average pooling", "none": ""}

_GIVEN_ON = "It stands for whatever comes further on: each number times what is known to come back to it, added up."

_POOLED = {
    "max": "Of each window the largest number is kept.",
    "average": "Of each window the mean is kept.",
    "none": "",
}


def _places(options: ConvolutionOptions) -> dict[str, tuple[float, float]]:
    channels, filters = _numbers(options.channels), _numbers(options.filters)
    apart = 1.6 if len(channels) * len(filters) > 1 else 1.0
    first = (len(filters) - len(channels)) / 2
    found: dict[str, tuple[float, float]] = {f"x{c}": (0, apart * (first + row)) for row, c in enumerate(channels)}
    for row, f in enumerate(filters):
        found |= {f"z{f}": (2, apart * row), f"a{f}": (3.2, apart * row)}
        if options.pool != "none":
            found[f"p{f}"] = (4.4, apart * row)
    column, middle = 3.2 if options.pool == "none" else 4.4, apart * (len(filters) - 1) / 2
    if options.dense:
        found |= {"f": (column + 1.1, middle), "o": (column + 2.7, middle)}
        column += 2.7
    return found | {"J": (column + 1.1, middle)}


def draws(options: ConvolutionOptions, program: Program) -> Drawn:
    """Kernels and inputs of both signs; where pooling takes the largest, it leads."""
    taken = {*options.given, *settled_rate(options.optimizer)}
    by_head = options.difficulty == "no-calculator"
    if by_head:
        checked_by_head(program)
    slot = _slot_by_head if by_head else _slot
    slots = tuple(slot(given) for given in program.givens if given.name not in taken)
    within = {f"z{f}": LIVELY for f in _numbers(options.filters)} if options.activation in SATURATING else {}
    goals = (_ahead(options),) if options.pool == "max" else ()
    off = {f"z{f}": 1 for f in _numbers(options.filters)} if options.activation == "relu" else {}
    if by_head and off:  # few whole numbers give maps of which a certain share is off
        return Drawn(slots, goals=(_some_off(tuple(off)), *goals))
    return Drawn(slots, within=within, negative=off, goals=goals)


def _some_off(maps: Sequence[str]) -> Goal:
    """Of every map that is rectified a number or two are off, and never most of them."""

    def met(values: Mapping[str, Array]) -> Mask:
        shares = [(values[z] < 0).reshape(-1, values[z].shape[-1]).mean(axis=0) for z in maps]
        fine: Mask = np.all([(share > 0) & (share <= 1 / 2) for share in shares], axis=0)
        return fine

    return Goal("off", "no number of a map of features is switched off, or most are", met)


def _slot(given: Given) -> Slot:
    if given.role in (Role.INPUT, Role.TARGET):
        return Slot(given.name, given.shape, Grid("0.1", "1.9", 1, signed=True), distinct=prod(given.shape) <= 16)
    return slot_for(given, "identity", "half_squared_error")


def _slot_by_head(given: Given) -> Slot:
    """Smaller than in other networks: a gradient of the kernel adds up a product for every window."""
    entries = prod(given.shape)
    if given.role in (Role.INPUT, Role.TARGET):
        grid = Grid(2, 5, 0, signed=True)
        return Slot(given.name, given.shape, grid, distinct=entries <= grid.size)
    if given.role is Role.WEIGHT:
        grid = Grid("0.5", 2, 1, 5, signed=True)
        return Slot(given.name, given.shape, grid, distinct=entries <= grid.size)
    return slot_by_head(given)


def _ahead(options: ConvolutionOptions) -> Goal:
    """The largest of every window leads by enough, or all of them are alike (a window that ReLU has emptied)."""
    w = options.window
    names = [f"a{f}" for f in _numbers(options.filters)]

    def met(values: Mapping[str, Array]) -> Mask:
        fine = np.ones(values[names[0]].shape[-1], dtype=bool)
        for name in names:
            a = values[name]
            cut = a.reshape(*(part for size in a.shape[:-1] for part in (size // w, w)), a.shape[-1])
            windows = np.moveaxis(cut, range(1, 2 * (a.ndim - 1), 2), range(a.ndim - 1))
            ranked = np.sort(windows.reshape(w ** (a.ndim - 1), -1, a.shape[-1]), axis=0)
            fine &= (ranked[-1] - ranked[-2] >= AHEAD).all(axis=0)
        return fine

    return Goal("pool-tie", "two numbers of a window are so near each other that rounding may swap them", met)


def settled(options: ConvolutionOptions) -> Mapping[str, float]:
    return settled_rate(options.optimizer)


def asks(program: Program) -> tuple[str, ...]:
    """Every line that isn't a mere copy, and the gradient of each quantity as a whole."""
    wanted = (Role.ACTIVATION, Role.LINE, Role.LOSS, Role.GRADIENT, Role.UPDATED)
    return tuple(step.name for step in program.steps if step.role in wanted and not _copies(step))


def _copies(step: Step) -> bool:
    return isinstance(step.expression, Apply) and step.expression.operation in ("identity", "reshape", "concatenate")


def places(options: ConvolutionOptions, program: Program) -> dict[str, Places]:
    return fine_places(options.optimizer, program)


FAMILY = Family(
    "convolution",
    "convolution in a line or a plane, one or two channels and kernels, stride, padding, pooling, a dense layer",
    ConvolutionOptions,
    build,
    draws,
    asks,
    settled=settled,
    places=places,
    misconceptions=(UNFLIPPED_KERNEL, POOL_SPREAD_EVENLY),
    examples=(
        {"size": [3, 3]},
        {"size": [5], "kernel": [2], "pool": "max", "activation": "tanh", "dense": 1},
        {"size": [4], "kernel": [3], "channels": 2, "padding": 1, "activation": "tanh", "optimizer": {"name": "sgd"}},
        {"size": [5], "kernel": [2], "filters": 2, "pool": "average", "activation": "sigmoid", "dense": 2},
        {"size": [4, 4], "kernel": [2, 2], "stride": 2, "activation": "identity", "loss": "weighted_sum"},
        {"size": [5, 5], "kernel": [2, 2], "activation": "identity", "pool": "max"},
    ),
)
