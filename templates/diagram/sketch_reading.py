"""Room: templates. What a sketch shows, read off a program: which quantities are nodes, and what leads into each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exercises.expression import Apply, Expression, symbols, walk
from exercises.program import Part, Program, Role, Step
from templates.diagram.layered import Item, Link, arrange, longest_path

ROW = 62.0
"""From row to row, in points."""

PARAMETERS = (Role.WEIGHT, Role.BIAS)
HIDDEN = (*PARAMETERS, Role.RATE)


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node to one that is made of it; ``weights`` are the parameters it is multiplied by on the way."""

    source: str
    target: str
    weights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Nodes with their columns and rows, edges, and the parameters that are only added at a node.

    A node goes by its quantity's id; one that stands ``again`` has a key of its own, which leads to that id.
    """

    places: Mapping[str, tuple[float, float]]
    edges: tuple[Edge, ...]
    added: Mapping[str, tuple[str, ...]]
    dashed: frozenset[str]
    again: Mapping[str, str] = field(default_factory=dict)

    def quantity(self, node: str) -> str:
        """The id of what a node stands for."""
        return self.again.get(node, node)


def read_sketch(program: Program) -> Sketch:
    """What is drawn of a program's first forward pass."""
    wished = program.telling.places if program.telling is not None else {}
    tables = [given.name for given in program.givens if given.role in HIDDEN and given.name in wished]
    nodes = tables + [name for name in _drawable(program) if not wished or name in wished]
    found = [_into(program, name, frozenset(nodes)) for name in nodes if name in program.by_name]
    edges = tuple(edge for edges, _ in found for edge in edges)
    steps = [name for name in nodes if name in program.by_name]
    added = {name: extra for name, (_, extra) in zip(steps, found, strict=True) if extra}
    places = {name: wished[name] for name in nodes} if wished else _ranked(nodes, edges)
    targets = frozenset(name for name in nodes if program.roles[name] is Role.TARGET)
    return Sketch(places, edges, added, targets)


def _drawable(program: Program) -> list[str]:
    """Whatever is no parameter: givens that the forward pass reads, then its steps; of an optimizer by itself, which
    has no forward pass, its own.
    """
    steps = [step for step in program.steps if step.part in (Part.FORWARD, Part.LOSS) and "@" not in step.name]
    steps = steps or list(program.steps)
    read = {name for step in steps for name in step.reads}
    givens = [given.name for given in program.givens if given.role not in HIDDEN and given.name in read]
    return givens + [step.name for step in steps]


def _into(program: Program, node: str, nodes: frozenset[str]) -> tuple[list[Edge], tuple[str, ...]]:
    """The edges that lead into a node, through steps that are folded into it, and what else is added on the way."""
    weights: dict[str, list[str]] = {}
    used: list[str] = []
    added: list[str] = []

    def gather(step: Step) -> None:
        parameters = [name for name in step.reads if program.roles[name] in PARAMETERS and name not in nodes]
        for name in step.reads:
            if name in parameters:
                continue
            of = [weight for weight in _multiplied(step.expression, name) if weight in parameters]
            used.extend(of)
            if name in nodes:
                weights.setdefault(name, []).extend(of)
            elif name in program.by_name:
                gather(program.by_name[name])
        added.extend(name for name in parameters if name not in used)

    gather(program.by_name[node])
    edges = [Edge(source, node, tuple(dict.fromkeys(of))) for source, of in weights.items()]
    return edges, tuple(dict.fromkeys(name for name in added if name not in used))


def _multiplied(expression: Expression, name: str) -> Iterator[str]:
    """The symbols that the named one is multiplied by: as matrices, place by place, or window by window."""
    for each in walk(expression):
        if isinstance(each, Apply) and each.operation in ("matmul", "multiply", "convolve"):
            reads = [[symbol.name for symbol in symbols(argument)] for argument in each.arguments]
            for mine, other in ((reads[0], reads[1]), (reads[1], reads[0])):
                if name in mine:
                    yield from other


def _ranked(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Each node a column after those it is made of, with few crossings."""
    links = tuple(Link(edge.source, edge.target) for edge in edges)
    if not nodes:
        return {}
    rank = longest_path(nodes, links, late_leaves=True)
    room = ROW / 2
    layout = arrange(tuple(Item(name, rank[name], (room, room)) for name in nodes), links, 0.0, 0.0)
    return {name: (float(rank[name]), layout.place[name] / ROW) for name in nodes}
