"""Room: exercises. The maxout unit: the larger of two weighted sums, place by place, and an output behind it."""

from __future__ import annotations

from exercises.differentiation import differentiate
from exercises.expression import Symbol, apply
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.usual import checked_count, loss_step, usual_asks, usual_loss, usual_numbers
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.telling import Letter, Telling


class MaxoutOptions(FamilyOptions, kw_only=True, frozen=True):
    inputs: int = 2
    units: int = 2
    loss: str | None = None


def build(options: MaxoutOptions) -> Program:
    """h = max(W1 x + b1, W2 x + b2), o = Wy h + by, and the loss; of each pair only the larger sum gets a gradient."""
    n, m = checked_count(options.inputs, 1, 6, "inputs"), checked_count(options.units, 1, 6, "units")
    x, h, y = Symbol("x", (n,)), Symbol("h", (m,)), Symbol("y", (1,))
    givens, steps = [Given("x", (n,), Role.INPUT)], list[Step]()
    for name, number, size, before in (("z1", "1", m, x), ("z2", "2", m, x), ("o", "y", 1, h)):
        W, b = Symbol(f"W{number}", (size, *before.shape)), Symbol(f"b{number}", (size,))
        givens += [Given(W.name, W.shape, Role.WEIGHT), Given(b.name, b.shape, Role.BIAS)]
        steps.append(Step(name, W @ before + b, Part.FORWARD, Role.PREACTIVATION))
    larger = apply("maximum", Symbol("z1", (m,)), Symbol("z2", (m,)))
    steps.insert(2, Step("h", larger, Part.FORWARD, Role.ACTIVATION))
    steps.append(Step("a", apply("identity", Symbol("o", (1,))), Part.FORWARD, Role.ACTIVATION))
    loss, fused = loss_step(usual_loss(options.loss, "identity"), steps[-1:], [y])
    telling = Telling(
        description=f"{counted(m, 'maxout unit').capitalize()} on {counted(n, 'input')}, and an output behind.",
        counts="the sums to choose from",
        letters={"Wy": Letter("W", "y"), "by": Letter("b", "y"), "a": Letter("y", hat=True)},
        legend=("{h} is what the units put out, {a} what the network does, {y} what it should.",),
        reasons={"h": "Of the two sums the larger one goes on; the other one plays no part, on the way back either."},
        places={"x": (0, 0), "z1": (1, -0.6), "z2": (1, 0.6), "h": (2, 0), "a": (3, 0), "J": (4, 0), "y": (5, 0)},
    )
    forward = Program((*givens, Given("y", (1,), Role.TARGET)), (*steps, loss), "J", telling)
    return differentiate(forward, constant={"y"}, fused=fused)


def draws(options: MaxoutOptions, program: Program) -> Drawn:
    return usual_numbers(
        program,
        options.given,
        {},
        output_activation="identity",
        loss=options.loss or "",
        difficulty=options.difficulty,
    )


FAMILY = Family(
    "maxout",
    "maxout units: the larger of two weighted sums, and an output behind",
    MaxoutOptions,
    build,
    draws,
    usual_asks,
    examples=({}, {"inputs": 3, "units": 1}, {"loss": "squared_error"}),
)
