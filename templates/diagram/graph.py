"""Room: templates. What depends on what, read off a program: a layered network, or a graph of single operations."""

from __future__ import annotations

from dataclasses import dataclass, field

from exercises.expression import Apply, Constant, Expression, Symbol, walk
from exercises.names import Cell
from exercises.operations import OPERATIONS
from exercises.program import Part, Program, Role, Step
from exercises.writing import Repeated, Same
from templates.diagram.shapes import Label
from templates.diagram.signs import COPIED, is_ordered, sign


@dataclass(frozen=True, slots=True)
class Layer:
    """The units of one layer: ``quantity`` holds what they give on; ``weights`` lead into it from the layer before."""

    quantity: str
    units: int
    weights: str = ""
    bias: str = ""
    shared_bias: bool = False

    def unit(self, number: int) -> str:
        """The id of a unit's output, counted from 1."""
        return str(Cell(self.quantity, (number,)))

    def weight(self, to: int, source: int) -> str:
        return str(Cell(self.weights, (to, source)))

    def bias_of(self, number: int) -> str:
        return self.bias if self.shared_bias or not self.bias else str(Cell(self.bias, (number,)))


@dataclass(frozen=True, slots=True)
class Network:
    """Layers from the inputs to the outputs, and the loss that compares these with the target (ids, or empty).

    ``examples`` is how many go through it together, or None where there is one, without a number.
    """

    layers: tuple[Layer, ...]
    loss: str
    target: str
    examples: int | None = None

    def target_of(self, number: int) -> str:
        return str(Cell(self.target, (number,)))


def read_network(program: Program) -> Network | None:
    """The layers of a program in which every weight matrix is applied to the layer before it; None for any other."""
    matrices = [given for given in program.givens if given.role is Role.WEIGHT]
    inputs = [given for given in program.givens if given.role is Role.INPUT and given.shape]
    if not matrices or len(inputs) != 1:
        return None
    layers = [Layer(inputs[0].name, inputs[0].shape[0])]
    for matrix in matrices:
        layer = _layer(program, matrix.name, layers[-1].quantity)
        if layer is None:
            return None
        layers.append(layer)
    loss = program.by_name[program.output]
    targets = [name for name in loss.reads if program.roles[name] is Role.TARGET]
    if layers[-1].quantity not in loss.reads or len(targets) != 1:
        return None
    examples = inputs[0].shape[1] if len(inputs[0].shape) > 1 else None
    return Network(tuple(layers), loss.name, targets[0], examples)


def _layer(program: Program, weights: str, source: str) -> Layer | None:
    """The layer that the one step which reads ``weights`` in the forward pass leads to, if it comes from ``source``."""
    readers = [step for step in _forward(program) if weights in step.reads]
    if len(readers) != 1 or not _applies(readers[0].expression, weights, source):
        return None
    z = readers[0]
    biases = [name for name in z.reads if program.roles[name] is Role.BIAS]
    after = [step for step in _forward(program) if step.role is Role.ACTIVATION and step.reads == (z.name,)]
    quantity = after[0].name if after else z.name
    shared = bool(biases) and not program.shapes[biases[0]]
    return Layer(quantity, z.shape[0], weights, biases[0] if biases else "", shared)


def _applies(expression: Expression, weights: str, source: str) -> bool:
    return any(
        isinstance(node, Apply)
        and node.operation == "matmul"
        and [getattr(argument, "name", "") for argument in node.arguments] == [weights, source]
        for node in walk(expression)
    )


def _forward(program: Program) -> list[Step]:
    """The forward pass of the first round, up to the output."""
    return [step for step in program.steps if step.part in (Part.FORWARD, Part.LOSS) and "@" not in step.name]


# --- graphs of single operations ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vertex:
    """A given (no sign) or an operation. ``name`` is the quantity's id, empty for an inner result without a name."""

    key: str
    name: str
    sign: Label = ()
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """One argument: ``port`` counts the target's from 0; ``path`` is the id of what flows back along it alone."""

    source: str
    target: str
    port: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Vertices with what they need before them; the last one is ``output``."""

    vertices: tuple[Vertex, ...]
    wires: tuple[Wire, ...]
    output: str

    def gradient(self, name: str) -> str:
        return f"d{self.output}/d{name}"


@dataclass(slots=True)
class _Reading:
    paths: dict[tuple[str, str], str]
    vertices: dict[str, Vertex] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)

    def vertex_of(self, expression: Expression, step: Step, name: str) -> str:
        """The key of the vertex whose value an expression has; operations inside it get vertices of their own."""
        if isinstance(expression, Symbol) and name:
            self.wires.append(Wire(expression.name, name, 0, self.paths.get((expression.name, name), "")))
            self.vertices[name] = Vertex(name, name, COPIED)
            return name
        if isinstance(expression, Symbol):
            return expression.name
        if not isinstance(expression, Apply):
            raise TypeError(f"{expression!r} is neither a quantity nor an operation")
        incoming = [argument for argument in expression.arguments if not isinstance(argument, Constant)]
        if not name and isinstance(OPERATIONS[expression.operation].written, Same | Repeated):
            return self.vertex_of(incoming[0], step, "")  # a repetition that nobody writes
        sources = [self.vertex_of(argument, step, "") for argument in incoming]
        key = name or f"{step.name}#{len(self.vertices)}"
        for port, source in enumerate(sources):
            self.wires.append(Wire(source, key, port, self.paths.get((source, step.name), "")))
        self.vertices[key] = Vertex(key, name, sign(expression), is_ordered(expression))
        return key


def read_graph(program: Program) -> Graph:
    """The forward pass as operations and the edges between them, with the ids of the gradients that flow back."""
    reading = _Reading(_paths(program))
    for step in _forward(program):
        for name in step.reads:
            reading.vertices.setdefault(name, Vertex(name, name))
        reading.vertex_of(step.expression, step, step.name)
    return Graph(tuple(reading.vertices.values()), tuple(reading.wires), program.output)


def _paths(program: Program) -> dict[tuple[str, str], str]:
    """(quantity, consuming step) -> id of the path's share in the gradient, where there are several paths."""
    return {
        (step.chain[-1].bottom, step.through): step.name
        for step in program.steps
        if step.role is Role.PATH and "@" not in step.name and step.chain
    }
