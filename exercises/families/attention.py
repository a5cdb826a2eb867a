"""Room: exercises. One head of scaled dot-product attention: softmax(Q Kᵀ / √dₖ) V, and the way back to Q, K and V."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exercises.differentiation import differentiate
from exercises.expression import Expression, Symbol, apply
from exercises.families.by_head import checked_by_head
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.losses import LOSSES
from exercises.families.mlp_draw import slot_for
from exercises.families.normalisation import OMIT_SCALE
from exercises.families.updates import Optimizer, fine_places, trained
from exercises.families.usual import checked_count, checked_rounds, settled_rate
from exercises.operations.tensor import spread, total
from exercises.precision import Places
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling

MOST_TOKENS, MOST_WIDTH = 4, 4
"""Scores grow with the square of the tokens."""


class AttentionOptions(FamilyOptions, kw_only=True, frozen=True):
    tokens: int = 2
    width: int = 2
    keys: int = 2
    causal: bool = False
    jacobian: bool = False
    optimizer: Optimizer | None = None
    rounds: int = 1


def build(options: AttentionOptions) -> Program:
    """Queries, keys, values, scores, weights, output; half the squared error of it; and all the way back."""
    tokens = checked_count(options.tokens, 2, MOST_TOKENS, "tokens")
    width = checked_count(options.width, 1, MOST_WIDTH, "width")
    keys = checked_count(options.keys, 1, MOST_WIDTH, "keys")
    checked_rounds(options.rounds, options.optimizer)
    X, Y = Symbol("X", (tokens, width)), Symbol("Y", (tokens, keys))
    Q, K, V = (Symbol(name, (tokens, keys)) for name in "QKV")
    A, out = Symbol("A", (tokens, tokens)), Symbol("O", Y.shape)
    weights = [Given(f"W{letter}", (width, keys), Role.WEIGHT) for letter in "qkv"]
    projections = [_line(f"{given.name[1].upper()}", X @ Symbol(given.name, given.shape)) for given in weights]
    scores = _line("S", (Q @ K.T) / apply("sqrt", Symbol("dk")) if keys > 1 else Q @ K.T)  # √1 scales nothing
    loss = Step("J", LOSSES["half_squared_error"].of(out, Y), Part.LOSS, Role.LOSS)
    steps = (*projections, scores, *_weighting(options), _line("O", A @ V), loss)
    givens = [Given("X", X.shape, Role.INPUT, laid_out=True), *weights]
    givens += [Given("dk", (), Role.COEFFICIENT)] if keys > 1 else []
    givens += [Given("M", A.shape, Role.MASK)] if options.causal else []
    givens += [Given("Y", Y.shape, Role.TARGET, laid_out=True)]
    forward = Program(tuple(givens), steps, "J", _telling(options))
    program = differentiate(forward, constant={"Y", "dk", "M"})
    if options.causal:
        program = _from_the_output(program)
    return trained(program, options.optimizer, options.rounds)


def _from_the_output(program: Program) -> Program:
    """The scores' gradient from E as it stands there instead of M · exp(S), as derivatives are taken everywhere."""
    upstream, E = (Symbol(name, program.shapes[name]) for name in (f"d{program.output}/dE", "E"))
    back = f"d{program.output}/dS"
    steps = tuple(replace(step, expression=upstream * E) if step.name == back else step for step in program.steps)
    return replace(program, steps=steps)


def _line(name: str, expression: Expression) -> Step:
    return Step(name, expression, Part.FORWARD, Role.LINE)


def _weighting(options: AttentionOptions) -> list[Step]:
    """From scores to weights: at once, with what is ahead masked, or a token at a time with its own softmax."""
    n = options.tokens
    S = Symbol("S", (n, n))
    if options.causal:
        E, r = Symbol("E", S.shape), Symbol("r", (n,))
        return [
            _line("E", Symbol("M", S.shape) * apply("exp", S)),
            _line("r", total(E, (1,))),
            _line("A", E / spread(r, (1,), (n,))),
        ]
    if not options.jacobian:
        return [Step("A", apply("softmax", S, parameters=(1,)), Part.FORWARD, Role.LINE)]
    steps: list[Step] = []
    for row in range(n):
        scores = apply("reshape", apply("gather", S, parameters=((row,),)), parameters=((n,),))
        steps.append(_line(f"s{row + 1}", scores))
        softmax = apply("softmax", Symbol(f"s{row + 1}", (n,)), parameters=(0,))
        steps.append(Step(f"p{row + 1}", softmax, Part.FORWARD, Role.ACTIVATION))
    rows = [apply("reshape", Symbol(f"p{row + 1}", (n,)), parameters=((1, n),)) for row in range(n)]
    return [*steps, _line("A", apply("concatenate", *rows))]


def _telling(options: AttentionOptions) -> Telling:
    own = [(f"p{row + 1}", (5, row)) for row in range(options.tokens)] if options.jacobian else []
    return Telling(
        description=f"One head of {'causal ' if options.causal else ''}attention over "
        f"{counted(options.tokens, 'token')} of {counted(options.width, 'number')} each.",
        letters={
            "Wq": Letter("W", "Q"),
            "Wk": Letter("W", "K"),
            "Wv": Letter("W", "V"),
            "dk": Letter("d", "k"),
        },
        legend=(
            "Each row of {X} is a token; {Q}, {K} and {V} are its query, its key and its value.",
            "{dk} is how many numbers a query and a key have; its root keeps scores from growing with them.",
            "{S} are scores: row by row, how well a token's query fits the keys of all tokens.",
            "{M} is the mask: a token sees itself and what comes before it.",
            "{E} is exp of the scores, and 0 where the mask hides one; {r} adds up its rows.",
            "{s1} is the first row of {S}, {p1} what softmax makes of it.",
            "Each row of {A} adds up to 1 and says how much a token takes of the others' values; {O} is what it gets.",
            "{Y} is what should come out.",
        ),
        reasons=_REASONS,
        places={
            "X": (0, 1),
            "Q": (1, 0),
            "K": (1, 1),
            "V": (1, 2.4),
            "S": (2.3, 0.5),
            **({"M": (2.95, -0.5)} if options.causal else {}),
            **({} if options.jacobian else {"A": (3.6, 0.5)}),
            **dict(own),
            "O": (6 if options.jacobian else 4.8, 1.6),
            "J": (7 if options.jacobian else 5.8, 1.6),
        },
    )


_REASONS = {
    "Q": "A token's query: its row times the weights for queries.",
    "K": "Its key, in the same way.",
    "V": "Its value, in the same way.",
    "S": "Queries times keys: how well they fit each other.",
    "A": "Each row of scores becomes shares that add up to 1.",
    "E": "exp of each score, and 0 where the mask hides it.",
    "r": "The numbers of each row of {E} are added up.",
    "s": "The scores of one token.",
    "O": "Every token takes its shares of all values.",
}


def draws(options: AttentionOptions, program: Program) -> Drawn:
    """Scores that differ enough for shares to be seen, and not so much that one token takes all."""
    if options.difficulty == "no-calculator":
        checked_by_head(program)
    taken = {*options.given, *settled(options)}
    slots = tuple(_slot(given) for given in program.givens if given.name not in taken)
    return Drawn(slots, within={"S": (0.05, 2.0)})


def _slot(given: Given) -> Slot:
    if given.role in (Role.INPUT, Role.TARGET):
        return Slot(given.name, given.shape, Grid("0.2", "1.5", 1, signed=True))
    return slot_for(given, "identity", "half_squared_error")


def settled(options: AttentionOptions) -> Mapping[str, object]:
    """How many places keys have, and the mask: 1 on the diagonal and below it."""
    mask = [[float(column <= row) for column in range(options.tokens)] for row in range(options.tokens)]
    return {"dk": float(options.keys), **({"M": mask} if options.causal else {}), **settled_rate(options.optimizer)}


def asks(program: Program) -> tuple[str, ...]:
    """Every line of the forward pass, and the gradient of each quantity as a whole."""
    wanted = (Role.LINE, Role.ACTIVATION, Role.LOSS, Role.GRADIENT, Role.UPDATED)
    return tuple(step.name for step in program.steps if step.role in wanted)


def places(options: AttentionOptions, program: Program) -> dict[str, Places]:
    return fine_places(options.optimizer, program)


FAMILY = Family(
    "attention",
    "one head of scaled dot-product attention, causal if wished, with the softmax Jacobian written out if wished",
    AttentionOptions,
    build,
    draws,
    asks,
    settled=settled,
    places=places,
    misconceptions=(OMIT_SCALE,),
    examples=(
        {},
        {"causal": True},
        {"jacobian": True, "width": 3},
        {"tokens": 3, "keys": 1, "optimizer": {"name": "sgd"}},
    ),
)
