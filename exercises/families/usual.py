"""Room: exercises. What families of networks have in common: units, the loss at their end, numbers, and what is asked.

A family's module says its forward pass; whatever is as in any network it takes from here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from exercises.differentiation import differentiate
from exercises.errors import InputError, unknown
from exercises.expression import Apply, Constant, Expression, Symbol, apply
from exercises.families.by_head import checked_by_head, slot_by_head
from exercises.families.family import Difficulty, Drawn
from exercises.families.losses import LOSSES, Loss
from exercises.families.mlp_draw import KINKED, LIVELY, SATURATING, slot_for
from exercises.families.optimizers import Optimizer, settled
from exercises.families.updates import trained
from exercises.operations.tensor import add_up
from exercises.program import Given, Part, Program, Role, Step
from exercises.telling import Telling

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax")


MOST_ROUNDS = 10
"""Nobody goes through more by hand."""


def checked_activation(name: str, where: str, among: Sequence[str] = ACTIVATIONS) -> str:
    """The name, or InputError with the nearest there is."""
    if name not in among:
        raise InputError(unknown("activation", name, among), where=where)
    return name


def checked_count(value: int, least: int, most: int, where: str) -> int:
    """The number, or InputError with what was expected."""
    if not least <= value <= most:
        raise InputError(f"expected {least} to {most}, found {value}", where=where)
    return value


def checked_rounds(rounds: int, optimizer: Optimizer | None) -> int:
    """Several rounds need an optimizer, which makes one differ from the next."""
    return checked_count(rounds, 1, 1 if optimizer is None else MOST_ROUNDS, "rounds")


def activated(name: str, z: Expression, leaky_slope: float = 0.01) -> Expression:
    """What an activation function makes of ``z``."""
    if name == "softmax":
        return apply("softmax", z, parameters=(0,))
    if name == "leaky_relu":
        if not 0 <= leaky_slope < 1:
            raise InputError(f"expected a slope from 0 to 1, found {leaky_slope}", where="leaky_slope")
        return apply("leaky_relu", z, parameters=(Fraction(str(leaky_slope)),))
    return apply(name, z)


def affine(name: str, W: Symbol, b: Symbol, before: Symbol, *, bias: bool) -> tuple[list[Given], Step]:
    """A layer's parameters, and its weighted sums ``W before + b``; ``b`` is left out without a bias."""
    givens = [Given(W.name, W.shape, Role.WEIGHT)] + ([Given(b.name, b.shape, Role.BIAS)] if bias else [])
    return givens, Step(name, W @ before + b if bias else W @ before, Part.FORWARD, Role.PREACTIVATION)


def usual_loss(wished: str | None, output_activation: str) -> Loss:
    """The loss asked for, or the usual one; InputError where it isn't defined for the output's activation."""
    name = wished or ("cross_entropy" if output_activation == "softmax" else "half_squared_error")
    if name not in LOSSES:
        raise InputError(unknown("loss", name, LOSSES), where="loss")
    loss = LOSSES[name]
    if loss.needs and output_activation not in loss.needs:
        raise InputError(
            f"{name} takes logarithms of the outputs, so the last layer must be {' or '.join(loss.needs)}, "
            f"not {output_activation}",
            where="loss",
        )
    return loss


def scaled(scale: Fraction, expression: Expression) -> Expression:
    """The expression times a number that is left out where it is 1."""
    return expression if scale == 1 else Constant(scale) * expression


def loss_step(
    loss: Loss, outputs: Sequence[Step], targets: Sequence[Symbol], *, fused: bool = True
) -> tuple[Step, dict[str, dict[str, Expression]]]:
    """J for activations ``a = f(z)`` against their targets, added up; and what ``differentiate`` is to fuse."""
    terms: list[Expression] = []
    shortcuts: dict[str, Expression] = {}
    for step, y in zip(outputs, targets, strict=True):
        a = Symbol(step.name, step.shape)
        over = step.shape[0] if loss.over_outputs and step.shape else 1
        terms.append(scaled(Fraction(1, over), loss.of(a, y)))
        shortcut = loss.fused.get(step.expression.operation) if isinstance(step.expression, Apply) else None
        if fused and shortcut is not None:
            shortcuts[step.reads[0]] = scaled(Fraction(1, over), shortcut(a, y))
    return Step("J", add_up(terms), Part.LOSS, Role.LOSS), {"J": shortcuts} if shortcuts else {}


def finished(
    givens: Sequence[Given],
    steps: Sequence[Step],
    loss: Loss,
    telling: Telling,
    optimizer: Optimizer | None,
    rounds: int,
) -> Program:
    """A network whose last step is its output: the targets ``y`` and the loss behind it, the way back, the update.

    Masks are held constant, as targets are.
    """
    y = Symbol("y", steps[-1].shape)
    last, fused = loss_step(loss, steps[-1:], [y])
    forward = Program((*givens, Given(y.name, y.shape, Role.TARGET)), (*steps, last), "J", telling)
    held = {given.name for given in forward.givens if given.role in (Role.TARGET, Role.MASK)}
    return trained(differentiate(forward, constant=held, fused=fused), optimizer, rounds)


def usual_asks(program: Program) -> tuple[str, ...]:
    """The forward pass, the loss, the errors before each activation, the gradients by parameters, and the update."""
    wanted = {Role.PREACTIVATION, Role.ACTIVATION, Role.LOSS, Role.UPDATED}
    parameters = {given.name for given in program.givens if given.role in (Role.WEIGHT, Role.BIAS)}
    return tuple(
        step.name
        for step in program.steps
        if (step.role in wanted and not _copies(step))
        or step.name.split("@")[0].partition("/d")[2] in parameters
        or (step.role is Role.GRADIENT and step.chain and _is_preactivation(program, step.chain[-1].bottom))
    )


def _copies(step: Step) -> bool:
    """a = z of an identity layer: nothing to work out."""
    return isinstance(step.expression, Apply) and step.expression.operation == "identity"


def _is_preactivation(program: Program, name: str) -> bool:
    return program.roles.get(name) is Role.PREACTIVATION


def usual_numbers(
    program: Program,
    given: Collection[str],
    activations: Mapping[str, str],
    *,
    output_activation: str,
    loss: str,
    difficulty: Difficulty = "standard",
) -> Drawn:
    """Slots for what is not ``given``, by roles; ``activations`` maps pre-activations to the functions they go into.

    Targets (their role) suit the loss; units that saturate are kept lively; of several rectified ones one is off.
    InputError for what is to be worked out by head and can't be.
    """
    by_head = difficulty == "no-calculator"
    if by_head:
        checked_by_head(program)
    slot = slot_by_head if by_head else slot_for
    slots = tuple(slot(each, output_activation, loss) for each in program.givens if each.name not in given)
    open_targets = [each for each in program.givens if each.role is Role.TARGET and each.name not in given]
    return Drawn(
        slots,
        within={z: LIVELY for z, name in activations.items() if name in SATURATING},
        one_hot={each.name: each.shape[0] for each in open_targets} if loss == "cross_entropy" else {},
        negative={z: 1 for z, name in activations.items() if name in KINKED and _is_hidden(program, z)},
    )


def _is_hidden(program: Program, z: str) -> bool:
    """Several units that don't go straight into the loss: one of them is off, so that the slope matters."""
    ends = program.by_name[program.output].reads
    read_by = [step.name for step in program.steps if step.role is Role.ACTIVATION and z in step.reads]
    return program.shapes[z][0] > 1 and not set(read_by) & set(ends)


def settled_rate(optimizer: Optimizer | None) -> dict[str, float]:
    """The learning rate, where the optimizer names one, and its other settings."""
    return settled(optimizer)
