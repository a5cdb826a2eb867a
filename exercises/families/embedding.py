"""Room: exercises. Embeddings: rows of a table looked up by the numbers of tokens, put together, and a layer behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

import numpy as np

from exercises.anatomy import bottom
from exercises.errors import InputError
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.families.family import Drawn, Family, FamilyOptions, Goal
from exercises.families.losses import Loss
from exercises.families.mlp_draw import check_targets
from exercises.families.optimizers import Optimizer
from exercises.families.usual import (
    activated,
    affine,
    checked_activation,
    checked_count,
    checked_rounds,
    finished,
    settled_rate,
    usual_asks,
    usual_loss,
    usual_numbers,
)
from exercises.mistaken import Instead, Misconception
from exercises.operations.row import Array, Mask
from exercises.operations.tensor import add_up
from exercises.program import Given, Part, Program, Role, Step
from exercises.reasons import counted
from exercises.stream import Grid, Slot
from exercises.telling import Letter, Telling

TOKENS = "the tokens"
MOST_TOKENS, MOST_WORDS, MOST_UNITS = 5, 6, 4


class EmbeddingOptions(FamilyOptions, kw_only=True, frozen=True):
    tokens: tuple[int, ...] = (2, 1, 2)
    vocabulary: int = 3
    width: int = 2
    outputs: int = 2
    lookup: Literal["row", "one_hot"] = "row"
    combine: Literal["sum", "mean", "join"] = "sum"
    output_activation: str = "softmax"
    bias: bool = True
    loss: str | None = None
    optimizer: Optimizer | None = None
    rounds: int = 1


def build(options: EmbeddingOptions) -> Program:
    """Tokens looked up, put together, one layer, the loss; only the rows that were looked up get a gradient."""
    _check(options)
    givens, steps = _forward(options)
    return finished(givens, steps, chosen_loss(options), _telling(options), options.optimizer, options.rounds)


def _check(options: EmbeddingOptions) -> None:
    checked_count(len(options.tokens), 1, MOST_TOKENS, "tokens")
    checked_count(options.vocabulary, 2, MOST_WORDS, "vocabulary")
    checked_count(options.width, 1, MOST_UNITS, "width")
    checked_count(options.outputs, 1, MOST_UNITS, "outputs")
    checked_rounds(options.rounds, options.optimizer)
    checked_activation(options.output_activation, "output_activation")
    if outside := [token for token in options.tokens if not 1 <= token <= options.vocabulary]:
        raise InputError(f"expected tokens from 1 to {options.vocabulary}, found {outside[0]}", where="tokens")


def chosen_loss(options: EmbeddingOptions) -> Loss:
    return usual_loss(options.loss, options.output_activation)


def _forward(options: EmbeddingOptions) -> tuple[list[Given], list[Step]]:
    n, d = options.vocabulary, options.width
    E = Symbol("E", (n, d))
    places = range(1, len(options.tokens) + 1)
    one_hot = [Symbol(f"k{t}", (n,)) for t in places] if options.lookup == "one_hot" else []
    givens = [Given(k.name, k.shape, Role.MASK) for k in one_hot] + [Given("E", E.shape, Role.WEIGHT)]
    rows: list[Expression] = [E.T @ k for k in one_hot]
    if options.lookup == "row":
        rows = [_row(E, token - 1) for token in options.tokens]
    steps = [Step(f"e{t}", row, Part.FORWARD, Role.LINE) for t, row in zip(places, rows, strict=True)]
    s = Step("s", _together(options, [Symbol(step.name, (d,)) for step in steps]), Part.FORWARD, Role.INPUT)
    k, m = options.outputs, s.shape[0]
    W, b, z = Symbol("W", (k, m)), Symbol("b", (k,)), Symbol("z", (k,))
    parameters, weighted = affine("z", W, b, Symbol("s", s.shape), bias=options.bias)
    output = Step("a", activated(options.output_activation, z), Part.FORWARD, Role.ACTIVATION)
    return [*givens, *parameters], [*steps, s, weighted, output]


def _row(E: Symbol, row: int) -> Expression:
    return apply("reshape", apply("gather", E, parameters=((row,),)), parameters=(E.shape[1:],))


def _together(options: EmbeddingOptions, found: list[Symbol]) -> Expression:
    if options.combine == "join" and len(found) > 1:
        return apply("concatenate", *found)
    total = add_up(found)
    if options.combine == "mean" and len(found) > 1:
        return Constant(Fraction(1, len(found))) * total
    return total if len(found) > 1 else apply("identity", found[0])


def _telling(options: EmbeddingOptions) -> Telling:
    count = len(options.tokens)
    middle = (count - 1) / 2
    places: dict[str, tuple[float, float]] = {f"e{t}": (1, t - 1) for t in range(1, count + 1)}
    places |= {f"k{t}": (0, t - 1) for t in range(1, count + 1)} if options.lookup == "one_hot" else {"E": (0, middle)}
    places |= {"s": (2, middle), "a": (3, middle), "J": (4, middle), "y": (5, middle)}
    how = {"sum": "added up", "mean": "averaged", "join": "put one after the other"}[options.combine]
    numbers = ", ".join(map(str, options.tokens))
    which = f"the tokens are {numbers}" if options.lookup == "row" else "each token comes as a one-hot vector"
    reasons = {
        f"e{t}": f"Token number {token}: row {token} of {{E}}." for t, token in enumerate(options.tokens, start=1)
    }
    one_hot = {"e": "The 1 in the one-hot vector picks a row of {E}; all other rows are multiplied by 0."}
    return Telling(
        description=f"{counted(count, 'token').capitalize()} of a vocabulary of {options.vocabulary}, each with an "
        f"embedding of {counted(options.width, 'number')}; these are {how}, and a layer with "
        f"{counted(options.outputs, 'output')} comes behind; {which}.",
        counts=TOKENS,
        letters={"E": Letter("E"), "a": Letter("y", hat=True)},
        legend=(
            "{E} has a row for each token of the vocabulary; {e1} is the row of the first token.",
            f"{{s}} is what the embeddings make together: they are {how}.",
            "{a} is what the network puts out, {y} what it should put out.",
        ),
        reasons={**(reasons if options.lookup == "row" else one_hot), "s": f"The embeddings are {how}."},
        places=places,
    )


def draws(options: EmbeddingOptions, program: Program) -> Drawn:
    """Numbers as for any network; one-hot tokens that are equal where those of the options are."""
    masks = [given for given in program.givens if given.role is Role.MASK and given.name not in options.given]
    taken = {*options.given, *settled_rate(options.optimizer), *(mask.name for mask in masks)}
    drawn = usual_numbers(
        program,
        taken,
        {"z": options.output_activation},
        output_activation=options.output_activation,
        loss=chosen_loss(options).name,
        difficulty=options.difficulty,
    )
    words = Grid(0, options.vocabulary - 1, 0, excluded=())
    slots = [Slot(mask.name, (), words, distinct=False) for mask in masks]
    one_hot = {**drawn.one_hot, **{mask.name: options.vocabulary for mask in masks}}
    every = len(masks) == len(options.tokens)
    return Drawn((*drawn.slots, *slots), drawn.within, one_hot, {}, (_as_often(options),) if masks and every else ())


def _as_often(options: EmbeddingOptions) -> Goal:
    def met(values: Mapping[str, Array]) -> Mask:
        words = [values[f"k{t}"].argmax(axis=0) for t in range(1, len(options.tokens) + 1)]
        same = [
            (words[first] == words[second]) == (options.tokens[first] == options.tokens[second])
            for first in range(len(words))
            for second in range(first)
        ]
        return np.asarray(np.all(same, axis=0)) if same else np.ones(words[0].shape, dtype=bool)

    return Goal("tokens", "tokens don't come as often as on the other sheets", met)


def asks(program: Program) -> tuple[str, ...]:
    """What is usually asked of a network, and what the embeddings make together."""
    usual = usual_asks(program)
    return tuple(step.name for step in program.steps if step.name in usual or step.name.partition("@")[0] == "s")


def settled(options: EmbeddingOptions) -> Mapping[str, float]:
    return settled_rate(options.optimizer)


def check(options: EmbeddingOptions, given: Mapping[str, Array]) -> None:
    """InputError for targets that the loss can't read, and for tokens that are no one-hot vectors."""
    check_targets(chosen_loss(options).name, given)
    for name, array in given.items():
        if name.startswith("k") and not (((array == 0) | (array == 1)).all() and (array.sum(axis=0) == 1).all()):
            raise InputError("expected one 1 and else 0, a one-hot vector", where=name)


def _last_occurrence_only(program: Program, step: Step) -> Iterator[Instead]:
    """The rows' gradients overwritten instead of added up: where a token comes again, only the last one counts."""
    uses = [program.by_name[name] for name in step.reads if program.roles[name] is Role.PATH]
    telling = program.telling
    if telling is None or telling.counts != TOKENS or len(uses) < 2:
        return
    rows = [_looked_up(program.by_name[use.through]) for use in uses]
    last = [use for place, use in enumerate(uses) if rows[place] is None or rows[place] not in rows[place + 1 :]]
    if len(last) == len(uses) or None in rows:
        return
    kept = add_up([program.symbol(use.name) for use in last])
    yield Instead(kept, {"result": step.name, "table": bottom(step), "last": last[-1].through})


def _looked_up(step: Step) -> object:
    """Which row of the table a token's embedding is."""
    gathered = getattr(step.expression, "arguments", (None,))[0]
    return getattr(gathered, "parameters", None) or None


LAST_OCCURRENCE_ONLY = Misconception(
    code="last-occurrence-only",
    sentence="A token that comes twice has used its row of {table} twice, so {result} adds up what comes from both; "
    "only the last one, {last}, has been counted.",
    instead=_last_occurrence_only,
    seen_at="Deep Learning from Scratch 2, chapter 4, sets dW[idx] = dout first and then mends it, since the gradient "
    "of a word that occurs twice would be overwritten.",
)

FAMILY = Family(
    "embedding",
    "tokens looked up in a table of embeddings, put together, and a layer behind",
    EmbeddingOptions,
    build,
    draws,
    asks,
    settled=settled,
    check=check,
    misconceptions=(LAST_OCCURRENCE_ONLY,),
    examples=(
        {},
        {"lookup": "one_hot", "combine": "mean"},
        {
            "tokens": [3, 1],
            "combine": "join",
            "outputs": 1,
            "output_activation": "sigmoid",
            "optimizer": {"name": "sgd"},
        },
        {"tokens": [1, 1, 2], "vocabulary": 2, "width": 3, "bias": False, "output_activation": "tanh"},
    ),
)
