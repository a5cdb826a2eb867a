"""Room: exercises. What a step is made of, read off the program: upstream gradient, activation, weight.

Rules of misconceptions are written in these words, so that they hold in every round and for every shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from exercises.expression import Apply, Constant, Expression, Symbol, apply, walk
from exercises.program import Given, Part, Program, Role, Step, renamed

Rule = Callable[[Apply], Expression | None]
"""What stands for a node of the tree, or None where it stays."""


def rewritten(expression: Expression, rule: Rule) -> Expression:
    """The tree with every node that the rule knows replaced, innermost first; shapes must stay what they are."""
    if not isinstance(expression, Apply):
        return expression
    arguments = tuple(rewritten(argument, rule) for argument in expression.arguments)
    node = expression if arguments == expression.arguments else replace(expression, arguments=arguments)
    instead = rule(node)
    return node if instead is None else instead


def operation(expression: Expression) -> str:
    """The name of the outermost operation; empty for a symbol or a number."""
    return expression.operation if isinstance(expression, Apply) else ""


def nodes(expression: Expression, name: str) -> Iterator[Apply]:
    """The nodes of one operation."""
    return (node for node in walk(expression) if isinstance(node, Apply) and node.operation == name)


def read(program: Program, step: Step, *roles: Role) -> Symbol | None:
    """The first quantity of one of these roles that the step reads."""
    for name in step.reads:
        if program.roles[name] in roles:
            return program.symbol(name)
    return None


def upstream(program: Program, step: Step) -> Symbol | None:
    """The gradient that a backward step carries on."""
    return read(program, step, Role.GRADIENT) if step.role in (Role.GRADIENT, Role.PATH) else None


def gone_through(program: Program, step: Step, role: Role) -> Step | None:
    """The forward step that a gradient goes back through, where it has that role."""
    forward = program.by_name.get(step.through)
    if forward is None or forward.role is not role or step.role not in (Role.GRADIENT, Role.PATH):
        return None
    return forward


def bottom(step: Step) -> str:
    """What a backward step differentiates by."""
    return step.chain[-1].bottom


def parameter_role(program: Program, name: str) -> Role:
    """WEIGHT or BIAS for parameters of any round (later ones are updated ones); else the quantity's own role."""
    role = program.roles[name]
    while role is Role.UPDATED:
        name = program.by_name[name].reads[0]  # W_new = W − …: what is updated stands first
        role = program.roles[name]
    return role


def parameter(program: Program, step: Step, role: Role) -> Symbol | None:
    """The weight or the bias that a step reads."""
    names = (name for name in step.reads if parameter_role(program, name) is role)
    return next((program.symbol(name) for name in names), None)


def updated(program: Program, name: str) -> Symbol | None:
    """The parameter as it is after the update of its round, where there is one."""
    stem, _, turn = name.partition("@")
    new = f"{name}_new" if program.roles[name] is not Role.UPDATED else f"{stem}@{int(turn or 1) + 1}"
    return program.symbol(new) if program.roles.get(new) is Role.UPDATED else None


AFTERWARDS = "then "
"""Before the ids of what is worked out once more after the last update."""


def afterwards(program: Program) -> Program | None:
    """The forward pass and the loss once more, with the parameters as the last update leaves them; what isn't updated
    is given. None where nothing is.
    """
    last = {given.name: name for given in program.givens if (name := _last_update(program, given.name)) != given.name}
    forward = [step for step in program.steps if step.part in (Part.FORWARD, Part.LOSS) and "@" not in step.name]
    if not last or not forward:
        return None
    names = {**last, **{step.name: AFTERWARDS + step.name for step in forward}}
    steps = tuple(renamed(step, names, program.shapes) for step in forward)
    made = {step.name for step in steps}
    read_only = dict.fromkeys(name for step in steps for name in step.reads if name not in made)
    givens = tuple(Given(name, program.shapes[name], program.roles[name]) for name in read_only)
    return Program(givens, steps, AFTERWARDS + program.output)


def _last_update(program: Program, name: str) -> str:
    while (new := updated(program, name)) is not None:
        name = new.name
    return name


def needs(program: Program, name: str, other: str) -> bool:
    """Whether a quantity is worked out from another, directly or not."""
    waiting, seen = [name], set[str]()
    while waiting:
        step = program.by_name.get(waiting.pop())
        if step is not None and step.name not in seen:
            seen.add(step.name)
            waiting += step.reads
    return other in seen


def activation_step(program: Program, gradient: Step) -> Step | None:
    """The step a = f(z) of a layer by its ∂J/∂z, which goes back through f or through a loss that takes f along."""
    loss = gone_through(program, gradient, Role.LOSS)
    if loss is None:
        return gone_through(program, gradient, Role.ACTIVATION)
    output = read(program, loss, Role.ACTIVATION)
    step = program.by_name[output.name] if output is not None else None
    return step if step is not None and bottom(gradient) in step.reads else None


def layer_error(program: Program, step: Step) -> tuple[Symbol, Step] | None:
    """∂J/∂z as a step back through z = W a + b reads it, and the step that gives it."""
    g = upstream(program, step) if gone_through(program, step, Role.PREACTIVATION) is not None else None
    return None if g is None else (g, program.by_name[g.name])


def incoming(program: Program, step: Step) -> Symbol | None:
    """What comes into a layer, as z = W a + b or ∂J/∂W reads it: the activation before it, or the inputs."""
    return read(program, step, Role.ACTIVATION, Role.INPUT)


def ones(like: Expression) -> Constant:
    """1 in every place."""
    return Constant(Fraction(1), like.shape)


def unit_of(quantity: Symbol | Step, unit: int) -> str:
    """The id of one unit's cell (zero-based); with several examples, that of the first."""
    return f"{quantity.name}[{unit + 1}{',1' * (len(quantity.shape) - 1)}]"


def rows(x: Expression, chosen: tuple[int, ...]) -> Expression:
    """The rows of these numbers, in this order."""
    return apply("gather", x, parameters=(chosen,))


def resized(expression: Expression, values: dict[Symbol, Expression]) -> Expression:
    """The tree with symbols replaced by expressions of another shape; every node's shape is worked out anew."""
    if isinstance(expression, Symbol):
        return values.get(expression, expression)
    if not isinstance(expression, Apply):
        return expression
    arguments = [resized(argument, values) for argument in expression.arguments]
    return apply(expression.operation, *arguments, parameters=expression.parameters)
