"""Every key of a specification as a page: docs/specification.md, made of the types that read them.

python -m tests.specification_page > docs/specification.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from exercises.families import FAMILIES
from exercises.families.family import Family
from exercises.families.optimizers import SETTINGS, USUAL, Optimizer
from exercises.specification import ExerciseKeys, SetKeys

PAGE = Path(__file__).parent.parent / "docs" / "specification.md"

HEAD = """\
# What a specification can say

A specification is TOML: a few keys of the whole set, then an `[[exercise]]` for each exercise. Only `family` must be
said; what is left open has the value in the tables, or is drawn. A key that nobody knows is an error that names the
nearest one.

This page is made from the types that read specifications, and a test holds it to them:

    python -m tests.specification_page > docs/specification.md
"""

OF_SET = {
    "exercise": "the exercises, each an `[[exercise]]`",
    "name": "what the set is called in seeds and file names; the file's own name where it is left out",
    "title": "the heading of every sheet",
    "course": "stands above the heading",
    "date": "as it is to be printed",
    "note": "a sentence or two for students, at the head of every sheet",
    "paper": "for PDF and for printing web pages",
    "space": "room to write on PDF sheets",
    "logo": "an SVG file beside the specification, for the head of sheets",
}

OF_EXERCISE = {
    "family": "which kind of exercise; see below",
    "notation": "how quantities are written: `layered`, `delta`, `adventures`, `numbered` or `code`",
    "decimals": "places asked: `3`, `'3 significant'`, or a table such as `{ default = 4, v = '3 significant' }`; "
    "means of squares (`v`, `v̂`) keep three significant figures beside a number of decimals unless named; left out, "
    "the smallest number of places at which good numbers are found",
    "ask": "what is asked: cells (`dJ/dW1[1,2]`), ids (`dJ/dW1`) or stems that mean all layers (`dJ/dW`)",
    "fade": "leaves steps blank: `'forward'`, `'backward'`, a share, or a list of shares for a series "
    "([faded examples](faded-examples.md))",
    "detail": "lines for single numbers, for whole matrices (with shapes in the margin), or both",
    "mode": "`find-the-mistake` prints working with a mistake in it ([find the mistake](find-the-mistake.md))",
    "mistake": "which mistake is planted; chosen for each student where it is left out",
}

OPTIONS = {
    "given": "numbers that are fixed, by id: `{ x = [2, 3], W1 = [[0.11, 0.21]] }`; the rest is drawn",
    "difficulty": "`no-calculator` draws small numbers that come out by head: circuits of + − × / ^, square, max and "
    "relu; networks (mlp, neuron, chain, residual, dropout, convolution, embedding) of identity and relu units; "
    "maxout; sgd, momentum or nesterov; elsewhere, and where no such numbers are found, it is refused",
    "layers": "the number of inputs, then of the units of each layer",
    "activations": "one for all layers, or a list: identity, sigmoid, tanh, relu, leaky_relu, softplus, softmax",
    "activation": "of hidden units",
    "output_activation": "of the last layer",
    "bias": "`true`, `false`, and in networks of layers `'shared'`: one number a layer",
    "update_bias": "`false` leaves biases as they are",
    "loss": "half_squared_error, squared_error, mean_squared_error, binary_cross_entropy, cross_entropy; left out, "
    "what goes with the output",
    "reduction": "over several training examples",
    "optimizer": "a table, see below; without one there is no update",
    "rounds": "how often forward pass, backward pass and update are gone through",
    "examples": "how many training examples; left out, one",
    "fused": "`false` goes the long way through the last activation instead of p − y",
    "leaky_slope": "of leaky_relu below 0",
    "lines": "the formula, a line an operation or more: `['q = x + y', 'f = q * z']`",
    "expression": "the formula in one line: `'log(2 + cos(x))'`",
    "output": "the line that is differentiated; the last one where it is left out",
    "size": "in a circuit: how many operations a random one has; in a convolution: numbers in a line, or rows and "
    "columns; of an optimiser: how many weights",
    "structure": "another number, another random circuit",
    "time_steps": "how often the cell is gone through",
    "inputs": "numbers that come in",
    "hidden": "hidden units",
    "outputs": "numbers that come out",
    "initial": "whether the state before the first step is 0 or given",
    "loss_at": "whether there is a target at every time step",
    "blocks": "blocks with a skip",
    "width": "units of a block, numbers of an embedding or of a token",
    "rate": "share of hidden units that are dropped",
    "tokens": "which rows are looked up; in attention, how many tokens there are",
    "vocabulary": "rows of the table",
    "lookup": "by row, or as a product with a one-hot matrix",
    "combine": "how the embeddings are put together",
    "units": "maxout units",
    "over": "what mean and variance are taken over",
    "features": "numbers of an example; one with a batch, three with a layer where it is left out",
    "epsilon": "what keeps the spread off 0",
    "keys": "numbers of a query and a key",
    "causal": "a token sees itself and what comes before it",
    "jacobian": "the softmax of each token by itself, with its table of slopes",
    "kernel": "numbers of a kernel, as many axes as `size`",
    "channels": "of the input, one or two",
    "filters": "kernels side by side, one or two",
    "stride": "how far windows are apart",
    "padding": "zeros around the input",
    "pool": "what is kept of each window of the map",
    "window": "how wide a pooling window is",
    "dense": "outputs of a dense layer behind; none where 0",
    "steps": "steps of the optimiser",
}

OF_OPTIMIZER = {
    "name": "sgd, momentum, nesterov, rmsprop, adam, adamw",
    "learning_rate": "drawn where it is left out",
    "momentum": "share of the old velocity that is kept",
    "decay": "share of the old mean of squares that is kept",
    "beta1": "share of the old mean of gradients that is kept",
    "beta2": "share of the old mean of squares that is kept",
    "epsilon": "keeps what is divided by off 0",
    "weight_decay": "draws weights, never biases, towards 0; added to the gradient, in adamw beside it",
}


def page() -> str:
    return "\n".join([HEAD, *_common(), *_families(), *_optimizer()]) + "\n"


def _table(rows: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    yield "| key | left out | what it says |\n|---|---|---|"
    yield from (f"| `{key}` | {usual} | {words} |" for key, usual, words in rows)
    yield ""


def _common() -> Iterator[str]:
    hidden = ("published", "lesson")  # what comes along says them, teachers don't
    for title, struct, words in (("The set", SetKeys, OF_SET), ("Every exercise", ExerciseKeys, OF_EXERCISE)):
        fields = [field for field in msgspec.structs.fields(struct) if field.name not in hidden]
        yield f"## {title}\n"
        yield from _table((field.name, _usual(field), _said(field, words[field.name])) for field in fields)
    shared = [field for field in msgspec.structs.fields(FAMILIES["mlp"].options) if field.name in _SHARED]
    yield "Every family also takes:\n"
    yield from _table((field.name, _usual(field), _said(field, OPTIONS[field.name])) for field in shared)


_SHARED = ("given", "difficulty")


def _families() -> Iterator[str]:
    yield "## Families\n"
    for family in FAMILIES.values():
        yield f"### `{family.name}`\n\n{family.summary[:1].upper()}{family.summary[1:]}."
        if family.preset:
            preset = ", ".join(f"`{key} = {_toml(value)}`" for key, value in family.preset.items())
            yield f"Options are those of `mlp`, with {preset}.\n"
            continue
        yield ""
        yield from _table(_options(family))


def _options(family: Family) -> Iterator[tuple[str, str, str]]:
    for field in msgspec.structs.fields(family.options):
        if field.name not in _SHARED:
            yield field.name, _usual(field), _said(field, OPTIONS[field.name])


def _optimizer() -> Iterator[str]:
    yield '## Optimizers\n\n`optimizer = { name = "adam", learning_rate = 0.1 }`\n'
    names = [field.name for field in msgspec.structs.fields(Optimizer)]
    yield from _table((name, _setting(name), OF_OPTIMIZER[name]) for name in names)


def _setting(name: str) -> str:
    if name not in USUAL:
        return '`"sgd"`' if name == "name" else "–"
    users = [one for one, settings in SETTINGS.items() if name in settings]
    return f"`{USUAL[name]:g}` ({', '.join(users)})"


def _usual(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT:
        made = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None
        return f"`{_toml(made)}`" if made else "–"
    return "–" if field.default in (None, "") else f"`{_toml(field.default)}`"


def _said(field: msgspec.structs.FieldInfo, words: str) -> str:
    choices = list(_choices(field.type))
    listed = ", ".join(f"`{choice}`" for choice in choices if choice not in words)
    return f"{words} ({listed})" if listed else words


def _choices(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (choice for choice in get_args(kind) if isinstance(choice, str))
        return
    for part in get_args(kind):
        if not inspect.isclass(part):
            yield from _choices(part)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Optimizer):
        return f'{{ name = "{value.name}" }}'
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.stdout.write(page())
