"""Room: exercises. The shape of a random circuit, the same for a whole class so that sheets are equally hard.

Two branches read x, so that two paths lead back to it; each grows by a function or by a new leaf, and the last line
joins them. Structures are numbered and stay what they are: a sheet may name one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from exercises.errors import InputError
from exercises.expression import Apply, walk
from exercises.families.by_head import NEED_A_CALCULATOR
from exercises.families.family import Drawn
from exercises.program import Program
from exercises.stream import Grid, Slot, integers

LARGEST = 12
SMALLEST = 2
MOST_STRUCTURES = 10**6

_STARTS = ("{0} * {1}", "{0} + {1}", "{0} - {1}")
_JOINS = ("{0} * {1}", "{0} * {1}", "{0} * {1}", "{0} + {1}", "{0} - {1}")
_WITH_A_LEAF = ("{0} * {1}", "{0} * {1}", "{0} + {1}", "{0} - {1}", "max({0}, {1})")
_FUNCTIONS = ("sigmoid({0})", "tanh({0})", "square({0})", "sin({0})", "exp({0})", "cos({0})")
_BY_HEAD = ("square({0})",)
_LEAVES = "zvwstpqrmn"

_STRUCTURE_SEED = b"gradsheet circuit structure".ljust(32, b".")
"""Structures are no secret: the teacher chooses one by its number, students' numbers come from the course secret."""


def random_lines(size: int, structure: int, *, by_head: bool = False) -> list[str]:
    """``size`` lines of one operation each; every line is used, and x is read twice.

    ``by_head``: of functions only squares.
    """
    if not SMALLEST <= size <= LARGEST:
        raise InputError(f"expected {SMALLEST} to {LARGEST} operations, found {size}", where="size")
    if not 1 <= structure <= MOST_STRUCTURES:
        raise InputError(
            f"expected a structure's number from 1 to {MOST_STRUCTURES}, found {structure}", where="structure"
        )
    return _Growing(f"{size} {structure}", _BY_HEAD if by_head else _FUNCTIONS).lines(size)


class _Growing:
    """A circuit that grows line by line; ``ends`` are the names of the two branches' last lines."""

    def __init__(self, tag: str, functions: tuple[str, ...]) -> None:
        self.tag, self.drawn = tag, 0
        self.leaves: Iterator[str] = iter(_LEAVES)
        self.functions = list(functions)
        self.with_a_leaf = list(_WITH_A_LEAF)
        self.written: list[str] = []

    def choose(self, n: int) -> int:
        self.drawn += 1
        return integers(_STRUCTURE_SEED, f"{self.tag} {self.drawn}", n, 1)[0]

    def write(self, formula: str) -> str:
        name = f"g{len(self.written) + 1}"
        self.written.append(f"{name} = {formula}")
        return name

    def lines(self, size: int) -> list[str]:
        starts = list(_STARTS)
        ends = [self.write(starts.pop(self.choose(3)).format("x", "y")), "x"]
        if size > SMALLEST:
            ends[1] = self.write(starts.pop(self.choose(2)).format("x", next(self.leaves)))
        bent = [False, False]
        for _ in range(size - 3):
            branch = self.choose(2)
            ends[branch], bent[branch] = self.grown(ends[branch], bent[branch])
        join = _JOINS[self.choose(len(_JOINS) if size > SMALLEST else 3)].format(*ends)
        return [*self.written, f"f = {join}"]

    def grown(self, end: str, bent: bool) -> tuple[str, bool]:
        """One line more on a branch: never two functions in a row, each function and the maximum at most once."""
        if not bent and self.functions and self.choose(2):
            return self.write(self.functions.pop(self.choose(len(self.functions))).format(end)), True
        formula = self.with_a_leaf[self.choose(len(self.with_a_leaf))]
        if formula.startswith("max"):
            self.with_a_leaf.remove(formula)
        return self.write(formula.format(end, next(self.leaves))), False


def drawn_circuit(program: Program, given: Collection[str], *, by_head: bool) -> Drawn:
    """A slot for every variable not given: ±0.2 to ±2.9, or whole numbers where no calculator is at hand."""
    if by_head:
        nodes = (node for step in program.steps for node in walk(step.expression))
        used = {node.operation for node in nodes if isinstance(node, Apply)}
        if hard := sorted(used & NEED_A_CALCULATOR):
            raise InputError(
                f'"no-calculator" takes + - * / ^, square, max and relu, found {hard[0]}', where="difficulty"
            )
    grid = Grid(2, 9, 0, signed=True) if by_head else Grid("0.2", "2.9", 1, signed=True)
    return Drawn(tuple(Slot(one.name, (), grid) for one in program.givens if one.name not in given))
