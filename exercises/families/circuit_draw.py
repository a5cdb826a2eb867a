"""Room: exercises. The shape of a random circuit: the same for a whole class, so that its sheets are equally hard."""

from __future__ import annotations

from exercises.errors import InputError
from exercises.stream import integers

LARGEST = 12
SMALLEST = 2

_BINARY = ("{0} * {1}", "{0} + {1}", "{0} * {1}", "{0} - {1}", "max({0}, {1})")
_UNARY = ("sigmoid({0})", "tanh({0})", "square({0})", "exp({0})", "sin({0})")

_STRUCTURE_SEED = b"gradsheet circuit structure".ljust(32, b".")
"""Structures are no secret: the teacher chooses one by its number, the students' numbers come from the course secret."""


def random_lines(size: int, structure: int) -> list[str]:
    """``size`` lines of one operation each, every line used, at least one quantity read twice."""
    if not SMALLEST <= size <= LARGEST:
        raise InputError(f"expected {SMALLEST} to {LARGEST} operations, found {size}", where="size")
    if not 1 <= structure <= 10**6:
        raise InputError(f"expected a structure's number from 1 to 1000000, found {structure}", where="structure")
    choose = _Chooser(f"{size} {structure}")
    lines: list[str] = []
    free = ["x", "y"]
    leaves = iter("zvwstpqrmn")
    for number in range(1, size + 1):
        name = "f" if number == size else f"g{number}"
        lines.append(f"{name} = {_operation(number, size, free, leaves, choose)}")
        free.append(name)
    return lines


class _Chooser:
    """Draws one after another from one stream."""

    def __init__(self, tag: str) -> None:
        self.tag, self.drawn = tag, 0

    def __call__(self, n: int) -> int:
        self.drawn += 1
        return integers(_STRUCTURE_SEED, f"{self.tag} {self.drawn}", n, 1)[0]


def _operation(number: int, size: int, free: list[str], leaves: object, choose: _Chooser) -> str:
    """Use up what is not used yet; the second line reads x again, so that there is a fork."""
    if number == 1:
        return _BINARY[choose(len(_BINARY) - 1)].format(free.pop(0), free.pop(0))
    if number == 2:
        return _BINARY[choose(3)].format(free.pop(), "x")
    if number < size and choose(2):
        return _UNARY[choose(len(_UNARY))].format(free.pop())
    other = next(leaves)  # type: ignore[call-overload]
    return str(_BINARY[choose(len(_BINARY))].format(free.pop(), other))
