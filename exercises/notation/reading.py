"""Room: exercises. What an id means to a notation: its letters, layer, index and round, and the network around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from exercises.expression import Apply, Shape
from exercises.names import parse_cell
from exercises.program import Program, Role, Step

_NAME = re.compile(r"(?P<letters>.*?)_?(?P<number>[0-9]*)(?P<new>_new)?(?:@(?P<round>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity or cell that is no derivative: ``W1_new@2[1,2]`` is W, number 1, new, round 2, index (1, 2)."""

    written: str
    letters: str
    number: int | None
    new: bool
    round: int
    index: tuple[int, ...]
    shape: Shape
    """The shape of the quantity (not of the cell)."""

    @property
    def whole(self) -> bool:
        """Whether all cells are meant, of a quantity that has several."""
        return not self.index and bool(self.shape)

    def joined(self, index: tuple[int, ...] | None = None) -> str:
        """The index as a subscript: ``12``, or ``10,2`` where a number may have two digits."""
        parts = self.index if index is None else index
        return ("" if all(size < 10 for size in self.shape) else ",").join(map(str, parts))


def read_name(quantity: str, index: tuple[int, ...], shape: Shape) -> Name:
    match = _NAME.fullmatch(quantity)
    assert match is not None  # the pattern takes any text
    number = int(match["number"]) if match["number"] else None
    written = quantity.partition("@")[0]
    return Name(written, match["letters"], number, bool(match["new"]), int(match["round"] or 1), index, shape)


@dataclass(frozen=True, slots=True)
class Network:
    """The facts of a layered network that its symbols depend on; ``sizes`` starts with the inputs."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    shared_bias: bool
    examples: int | None

    @property
    def last(self) -> int:
        return len(self.activations)

    @property
    def outputs(self) -> int:
        return self.sizes[-1]

    def units_before(self, layer: int) -> int:
        """Hidden units in the layers before this one."""
        return sum(self.sizes[1:layer])

    def weights_before(self, layer: int) -> int:
        return sum(self.sizes[k - 1] * self.sizes[k] for k in range(1, layer))


def network_of(program: Program) -> Network | None:
    """The network, or None where the program isn't one: its forward pass must be x, then z1 a1 z2 a2 … with W1 W2 …

    A family that has a telling of its own is none, whatever its steps are called.
    """
    if program.telling is not None:
        return None
    forward = [step for step in program.steps if step.role in (Role.PREACTIVATION, Role.ACTIVATION)]
    layers = sum(step.name == f"z{number + 1}" for number, step in enumerate(forward[::2]))
    expected = [name for number in range(1, layers + 1) for name in (f"z{number}", f"a{number}")]
    first_round = [step.name for step in forward if "@" not in step.name]
    if not layers or first_round != expected or not {"x", "y", "W1"} <= program.shapes.keys():
        return None
    shapes = program.shapes
    sizes = (shapes["x"][0], *(shapes[f"z{number}"][0] for number in range(1, layers + 1)))
    activations = tuple(_operation(program.by_name[f"a{number}"]) for number in range(1, layers + 1))
    examples = shapes["x"][1] if len(shapes["x"]) == 2 else None
    return Network(sizes, activations, shapes.get("b1") == (), examples)


def _operation(step: Step) -> str:
    return step.expression.operation if isinstance(step.expression, Apply) else "identity"


@dataclass(frozen=True, slots=True)
class DerivativeName:
    """A derivative by its ends, each an id with its own index; ``path`` is the consuming step of a single path."""

    top: str
    bottom: str
    local: bool
    path: str = ""


def read_derivative(step: Step, index: tuple[int, ...], shapes: Mapping[str, Shape]) -> DerivativeName:
    """The ends of a derivative's cell. A gradient's index is its bottom's; a table of slopes splits it between both."""
    top, bottom = (step.chain[0].top, step.chain[-1].bottom) if step.chain else _ends(step.name)
    local = step.role is Role.LOCAL
    path = step.through if step.role is Role.PATH else ""
    if not index:
        return DerivativeName(top, bottom, local, path)
    above: tuple[int, ...] = ()
    if local:
        same = step.shape == shapes[bottom] == shapes[top]
        above, index = (index, index) if same else _split(index, len(shapes[top]))
    return DerivativeName(top + _brackets(above), bottom + _brackets(index), local, path)


def _ends(name: str) -> tuple[str, str]:
    cell = parse_cell(name)
    stem, _, turn = cell.quantity.partition("@")
    top, bottom = (part.removeprefix("d") for part in stem.split("/"))
    suffix = f"@{turn}" if turn else ""
    return top + suffix, bottom


def _split(index: tuple[int, ...], at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return index[:at], index[at:]


def _brackets(index: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, index))}]" if index else ""
