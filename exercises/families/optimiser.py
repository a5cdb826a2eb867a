"""Room: exercises. Optimizers by themselves: gradients are given, and what is kept from step to step is worked out."""

from __future__ import annotations

from exercises.errors import InputError
from exercises.expression import Symbol
from exercises.families.by_head import checked_by_head, slot_by_head
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.mlp_draw import slot_for
from exercises.families.optimizers import Move, Optimizer, givens, kept, moved, settled, squares
from exercises.families.updates import SQUARES
from exercises.precision import Places
from exercises.program import Given, Program, Role, Step
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling

MOST_WEIGHTS = 12
MOST_STEPS = 6
"""Nobody follows more of them by hand."""


class OptimiserOptions(FamilyOptions, kw_only=True, frozen=True):
    size: int = 2
    steps: int = 2
    optimizer: Optimizer = Optimizer("adam")


def build(options: OptimiserOptions) -> Program:
    """w0, and a gradient g1, g2, … for each step; then what is kept (m, v) and the weights w1, w2, …"""
    for name, most in (("size", MOST_WEIGHTS), ("steps", MOST_STEPS)):
        if not 1 <= getattr(options, name) <= most:
            raise InputError(f"expected 1 to {most}, found {getattr(options, name)}", where=name)
    shape = (options.size,)
    letters = kept(options.optimizer)
    found = [Given("w0", shape, Role.WEIGHT)]
    found += [Given(f"g{number}", shape, Role.GRADIENT) for number in range(1, options.steps + 1)]
    found += [Given(f"{letter}0", shape, Role.STATE) for letter in letters]
    steps: list[Step] = []
    for number in range(1, options.steps + 1):
        steps += moved(options.optimizer, _move(number, shape, letters))
    return Program((*found, *givens(options.optimizer)), tuple(steps), f"w{options.steps}", _telling(options))


def _move(number: int, shape: tuple[int, ...], letters: tuple[str, ...]) -> Move:
    return Move(
        Symbol(f"w{number - 1}", shape),
        Symbol(f"g{number}", shape),
        f"w{number}",
        named=lambda letter: f"{letter}{number}",
        past={letter: Symbol(f"{letter}{number - 1}", shape) for letter in letters},
        number=number,
        decays=True,
    )


_NAMES = {
    "sgd": "Gradient descent",
    "momentum": "Gradient descent with momentum",
    "nesterov": "Gradient descent with Nesterov's momentum",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
}


def _telling(options: OptimiserOptions) -> Telling:
    return Telling(
        description=f"{_NAMES[options.optimizer.name]}, step by step, with gradients that are given.",
        counts="the steps",
        letters={"w": Letter("w"), "mhat": Letter("m", hat=True), "vhat": Letter("v", hat=True)},
        legend=(
            "{w0} are the weights at the start.",
            "{g1} is the gradient at the first step; here it is given.",
        ),
        places=_places(options.steps, kept(options.optimizer)),
    )


def _places(steps: int, letters: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """A column a step: the weights above, what is kept of them in rows below, and the gradient that comes in lowest.
    Each row stands half a column aside of another, so that no edge runs through a node.
    """
    aside = 0.5 - 0.5 * len(letters)
    found: dict[str, tuple[float, float]] = {}
    for number in range(steps + 1):
        found[f"w{number}"] = (number + 0.5, 0)
        found |= {f"{letter}{number}": (number, row) for row, letter in enumerate(letters, start=1)}
    return found | {f"g{number}": (number + aside, len(letters) + 1) for number in range(1, steps + 1)}


def draws(options: OptimiserOptions, program: Program) -> Drawn:
    """Weights and gradients large enough that every step of them is seen."""
    taken = {*options.given, *settled_numbers(options)}
    by_head = options.difficulty == "no-calculator"
    if by_head:
        checked_by_head(program)
    slot = slot_by_head if by_head else _slot
    return Drawn(tuple(slot(given) for given in program.givens if given.name not in taken))


def _slot(given: Given) -> Slot:
    if given.role is Role.GRADIENT:
        return Slot(given.name, given.shape, Grid("0.2", "1.9", 1, signed=True))
    if given.role is Role.RATE:
        return Slot(given.name, given.shape, Grid("0.05", "0.4", 2, 5), distinct=False)
    return slot_for(given, "identity", "half_squared_error")


def settled_numbers(options: OptimiserOptions) -> dict[str, float]:
    """The optimizer's settings; what is kept starts at 0."""
    starts = {f"{letter}0": 0.0 for letter in kept(options.optimizer) if f"{letter}0" not in options.given}
    return settled(options.optimizer) | starts


def asks(program: Program) -> tuple[str, ...]:
    """Every line: each is needed for the next."""
    return tuple(step.name for step in program.steps)


def places(options: OptimiserOptions, program: Program) -> dict[str, Places]:
    """Means of squares in significant figures."""
    return dict.fromkeys(squares(options.optimizer), SQUARES)


FAMILY = Family(
    "optimiser",
    "steps of SGD with momentum, Nesterov, RMSProp, Adam or AdamW on given gradients",
    OptimiserOptions,
    build,
    draws,
    asks,
    settled=settled_numbers,
    places=places,
    examples=(
        {"optimizer": {"name": "adam"}},
        {"optimizer": {"name": "adamw"}, "steps": 1, "size": 3},
        {"optimizer": {"name": "rmsprop"}},
        {"optimizer": {"name": "momentum", "weight_decay": 0.1}, "steps": 3, "size": 1},
        {"optimizer": {"name": "nesterov"}},
        {"optimizer": {"name": "sgd", "weight_decay": 0.1}},
    ),
)
