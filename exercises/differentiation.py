"""Room: exercises. The backward pass: steps derived from the forward ones through the table of local derivatives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from exercises.expression import Apply, Constant, Expression, Symbol, symbols
from exercises.operations import OPERATIONS
from exercises.operations.row import Jacobian, Partials
from exercises.operations.tensor import add_up, total
from exercises.program import Part, Partial, Program, Role, Step
from exercises.tidy import tidy

LocalName = Callable[[Step, str], str | None]
"""The id of a step's local derivative by one of its arguments, or None where it is no quantity of its own."""


def pull_back(expression: Expression, g: Expression, out: Expression | None = None) -> dict[str, Expression]:
    """Carry the gradient ``g`` of an expression back to its symbols.

    ``out`` is the symbol that holds the expression's value, where there is one, so that σ' can be written from the
    output. A symbol read more than once gets the sum. Shapes: each gradient has its symbol's shape.
    """
    found: dict[str, list[Expression]] = {}
    _collect(expression, g, out, found)
    return {name: tidy(add_up(parts)) for name, parts in found.items()}


def _collect(expression: Expression, g: Expression, out: Expression | None, found: dict[str, list[Expression]]) -> None:
    if isinstance(expression, Symbol):
        found.setdefault(expression.name, []).append(g)
    if not isinstance(expression, Apply):
        return
    gradients = _to_arguments(expression, g, out if out is not None else expression)
    for argument, gradient in zip(expression.arguments, gradients, strict=True):
        if symbols(argument):
            _collect(argument, gradient, None, found)


def _to_arguments(node: Apply, g: Expression, out: Expression) -> list[Expression]:
    derivative = OPERATIONS[node.operation].derivative
    if isinstance(derivative, Partials):
        partials = derivative.rule(out, *node.arguments, *node.parameters)
        flows = [g * partial for partial in partials]
        return [
            total(flow) if flow.shape and not argument.shape else flow
            for flow, argument in zip(flows, node.arguments, strict=True)
        ]
    return list(derivative.rule(g, out, *node.arguments, *node.parameters))


def local_derivatives(step: Step) -> dict[str, Expression]:
    """∂step/∂argument for each symbol of a place-by-place step, or its Jacobian where each output reads every input."""
    expression, out = step.expression, Symbol(step.name, step.shape)
    if isinstance(expression, Apply) and len(expression.size) == 1:
        derivative = OPERATIONS[expression.operation].derivative
        if isinstance(derivative, Jacobian):
            return {step.reads[0]: derivative.matrix(out)}
    return pull_back(expression, Constant(Fraction(1), step.shape), out)


def activation_local(step: Step, argument: str) -> str | None:
    """The layered families' rule: the slope of a function of one quantity is a quantity of its own, ``da1/dz1``."""
    expression = step.expression
    if not isinstance(expression, Apply) or len(expression.arguments) != 1:
        return None
    derivative = OPERATIONS[expression.operation].derivative
    direct = isinstance(expression.arguments[0], Symbol)
    slope = isinstance(derivative, Partials) or (isinstance(derivative, Jacobian) and len(step.shape) == 1)
    return f"d{step.name}/d{argument}" if direct and slope else None


def every_local(step: Step, argument: str) -> str | None:
    """The circuits' rule: each line has a local derivative by each of its arguments, ``f|x``."""
    return f"{step.name}|{argument}"


@dataclass(frozen=True, slots=True)
class Path:
    """What one consuming step contributes to a gradient."""

    consumer: str
    expression: Expression
    chain: tuple[Partial, ...]


@dataclass(slots=True)
class _Backward:
    """The bookkeeping of one backward pass: contributions found so far, and consumers still to come."""

    output: str
    active: Mapping[str, tuple[int, ...]]
    position: Mapping[str, int]
    waiting: dict[str, int]
    roles: Mapping[str, Role]
    paths: dict[str, list[Path]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def gradient(self, name: str) -> str:
        return f"d{self.output}/d{name}"

    def rank(self, name: str) -> int:
        """Textbooks' order: a layer's weights and biases first, then its input, then further back."""
        return 2 if name in self.position else int(self.roles[name] is Role.INPUT)

    def upstream(self, step: Step) -> Symbol | None:
        return None if step.name == self.output else Symbol(self.gradient(step.name), step.shape)

    def contribute(self, name: str, path: Path) -> None:
        self.paths.setdefault(name, []).append(path)

    def settle(self, name: str) -> None:
        """Write the gradient of a quantity whose last consumer has been gone through."""
        paths = sorted(self.paths.get(name, []), key=lambda path: self.position[path.consumer])
        gradient, shape = self.gradient(name), self.active[name]
        if len(paths) == 1:
            self._add(gradient, paths[0].expression, Role.GRADIENT, paths[0].chain, paths[0].consumer)
            return
        if not paths:
            self._add(gradient, Constant(Fraction(0), shape), Role.GRADIENT, (), "")
            return
        for number, path in enumerate(paths, start=1):
            self._add(f"{gradient}.{number}", path.expression, Role.PATH, path.chain, path.consumer)
        parts = [Symbol(f"{gradient}.{number}", shape) for number in range(1, len(paths) + 1)]
        self._add(gradient, add_up(parts), Role.GRADIENT, (Partial(self.output, name),), "")

    def _add(self, name: str, expression: Expression, role: Role, chain: tuple[Partial, ...], through: str) -> None:
        self.steps.append(Step(name, expression, Part.BACKWARD, role, chain, through))


def differentiate(
    program: Program,
    *,
    constant: Collection[str] = (),
    local_name: LocalName = activation_local,
    fused: Mapping[str, Mapping[str, Expression]] | None = None,
) -> Program:
    """The program with its backward pass: the gradient of its output by every quantity not held constant.

    ``constant`` names what is no path (targets, the learning rate, a step taken as it stands). ``fused`` maps a step to
    the quantities its gradient goes straight back to, each with the expression of it (softmax with cross-entropy:
    ``{"J": {"z2": a2 - y}}``). A path is one consuming step, numbered in forward order.
    """
    shortcuts = dict(fused or {})
    bypassed = _bypassed(program, shortcuts)
    active = {
        name: shape
        for name, shape in program.shapes.items()
        if name not in constant and name != program.output and name not in bypassed
    }
    gone_through = [step for step in program.steps if step.name not in bypassed and step.name not in constant]
    consumers = {step.name: _arguments(step, shortcuts, active) for step in gone_through}
    waiting = {name: sum(name in arguments for arguments in consumers.values()) for name in active}
    position = {step.name: number for number, step in enumerate(program.steps)}
    backward = _Backward(program.output, active, position, waiting, program.roles)
    for step in reversed(gone_through):
        if step.name in active and not backward.paths.get(step.name):
            backward.settle(step.name)
        _go_back(step, consumers[step.name], backward, local_name, shortcuts)
    for given in program.givens:
        if given.name in active and given.name not in backward.paths:
            backward.settle(given.name)
    return program.with_steps(backward.steps)


def _bypassed(program: Program, shortcuts: Mapping[str, Mapping[str, Expression]]) -> set[str]:
    """Steps that a shortcut jumps over: read by the shortcut's step, not its target, and read by nothing else."""
    over: set[str] = set()
    for name, targets in shortcuts.items():
        for argument in program.by_name[name].reads:
            read_by = [step.name for step in program.steps if argument in step.reads]
            if argument in program.by_name and argument not in targets and read_by == [name]:
                over.add(argument)
    return over


def _arguments(
    step: Step, shortcuts: Mapping[str, Mapping[str, Expression]], active: Collection[str]
) -> tuple[str, ...]:
    reads = tuple(shortcuts.get(step.name, step.reads))
    return tuple(name for name in reads if name in active)


def _go_back(
    step: Step,
    arguments: tuple[str, ...],
    backward: _Backward,
    local_name: LocalName,
    shortcuts: Mapping[str, Mapping[str, Expression]],
) -> None:
    """Add what one forward step contributes to each of its arguments, and settle those that wait for no more."""
    if step.name in shortcuts:
        flows = dict(shortcuts[step.name])
    else:
        flows = _flows(step, arguments, backward, local_name)
    for name in sorted(arguments, key=backward.rank):
        link = Partial(step.name, name)
        chain = (link,) if step.name == backward.output else (Partial(backward.output, step.name), link)
        backward.contribute(name, Path(step.name, flows[name], chain))
        backward.waiting[name] -= 1
        if backward.waiting[name] == 0:
            backward.settle(name)


def _flows(step: Step, arguments: tuple[str, ...], backward: _Backward, local_name: LocalName) -> dict[str, Expression]:
    upstream = backward.upstream(step)
    g = upstream if upstream is not None else Constant(Fraction(1), step.shape)
    names = {name: local_name(step, name) for name in arguments}
    if not any(names.values()):
        return pull_back(step.expression, g, Symbol(step.name, step.shape))
    locals_ = local_derivatives(step)
    flows: dict[str, Expression] = {}
    for name in arguments:
        local = Symbol(names[name] or "", locals_[name].shape)
        backward.steps.append(
            Step(local.name, locals_[name], Part.BACKWARD, Role.LOCAL, (Partial(step.name, name),), step.name)
        )
        flows[name] = _through_local(upstream, local, step)
    return flows


def _through_local(upstream: Symbol | None, local: Symbol, step: Step) -> Expression:
    if upstream is None:
        return local
    return local.T @ upstream if len(local.size) == 2 and len(step.shape) == 1 else upstream * local
