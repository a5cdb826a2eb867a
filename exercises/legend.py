"""Room: exercises. What the symbols of a solution mean: each is introduced, and none that isn't used."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from exercises.chains import Chains
from exercises.definitions import defined, factors_of, places_of, written_nodes
from exercises.expression import Apply, Expression
from exercises.names import cell_ids, parse_cell
from exercises.notation import ONES, Derivative, Glyph, Network, Sign
from exercises.operations import OPERATIONS
from exercises.program import Role, Step
from exercises.reasons import SENTENCES, Sentence, filled, ids_in, say
from exercises.repetition import Repetition, is_one_number_repeated, is_place_by_place, repetitions
from exercises.states import share_of, sort_of
from exercises.telling import Telling
from exercises.writing import (
    Function,
    MatrixProduct,
    OuterProduct,
    Product,
    Root,
    Total,
    Transposed,
    summed_over,
)


def legend_of(chains: Chains, steps: Sequence[Step], shown: Sequence[Expression]) -> tuple[Sentence, ...]:
    """The sentences that introduce what ``steps`` are written with, in the order in which a reader needs them;
    ``shown`` are the formulas that stand there.
    """
    return (
        *_indices(chains, steps, shown),
        *_roles(chains, steps),
        *_functions(chains, shown),
        *dict.fromkeys(_signs(chains, shown)),
        *_derivatives(chains, steps),
        *_marks(chains, steps),
    )


def _first(chains: Chains, quantity: str) -> Sign:
    return chains.notation.sign(cell_ids(quantity, chains.program.shapes[quantity])[0])


def _indices(chains: Chains, steps: Sequence[Step], shown: Sequence[Expression]) -> Iterable[Sentence]:
    """What the numbers above and below a symbol count."""
    network = chains.notation.network
    if chains.notation.style.code:
        yield say("counted-from-zero")
        yield say("typed")
    if network is None:
        yield from _told(chains, steps, shown)
        return
    yield from _weight(chains, network)
    if network.examples is not None:
        yield say("examples")


def _told(chains: Chains, steps: Sequence[Step], shown: Sequence[Expression]) -> Iterable[Sentence]:
    """What a family says of its symbols and functions, as far as they occur; and how the rows and columns of a matrix
    are counted.
    """
    program, telling, sign = chains.program, chains.program.telling, chains.notation.sign
    if telling is None:
        return
    used = {name for step in steps for name in (step.name, *step.reads)}
    signs = [sign(name) for name in program.shapes if name in used]
    if telling.counts and any(isinstance(each, Glyph) and each.layer for each in signs):
        yield say("counted", counted=telling.counts)
    unused = _NAMES - {_name(node) for expression in shown for node in places_of(expression)}
    for sentence in telling.legend:
        about_unused = sentence.partition(" ")[0] in unused
        if not about_unused and {parse_cell(each).quantity for each in ids_in(sentence)} <= used:
            yield filled(sentence, sign)
    matrix = next((each for each in program.quantities if each.name in used and len(each.shape) == 2), None)
    if matrix is not None and not chains.notation.style.code and math.prod(matrix.shape) > 1:
        row, column = matrix.shape
        cell = sign(f"{matrix.name}[{row},{column}]")
        yield say("rows", w=cell, row=str(row), column=str(column), W=sign(matrix.name))


def _name(node: Apply) -> str:
    """What a function is called, or "" for what is written with signs."""
    written = OPERATIONS[node.operation].written
    return written.name if isinstance(written, Function) else ""


_NAMES = {row.written.name for row in OPERATIONS.values() if isinstance(row.written, Function)}


def _weight(chains: Chains, network: Network) -> Iterable[Sentence]:
    """Where a weight leads from and to, and where it stands in its matrix."""
    sign = chains.notation.sign
    layer, row, column = network.last, network.sizes[-1], network.sizes[-2]
    weight = sign(f"W{layer}[{row},{column}]")
    if not isinstance(weight, Glyph) or chains.notation.style.code:
        return
    tail = "]" if network.examples is None else ",1]"
    before = f"a{layer - 1}[{column}{tail}" if layer > 1 else f"x[{column}{tail}"
    if weight.layer:
        yield say("layers", w=weight, start=sign(before), end=sign(f"z{layer}[{row}{tail}"))
    if weight.layer and row * column > 1 and not chains.notation.style.by_component:
        yield say("rows", w=weight, row=str(row), column=str(column), W=sign(f"W{layer}"))


def _roles(chains: Chains, steps: Sequence[Step]) -> Iterable[Sentence]:
    """Symbols whose letters don't speak for themselves."""
    network = chains.notation.network
    if network is None:
        return
    x = _first(chains, "x")
    if isinstance(x, Glyph) and x.base not in ("x", "inputs"):
        yield say("inputs-are", h=x)
    output = f"a{network.last}"
    bases = {sign.base for step in steps if isinstance(sign := _first(chains, step.name), Glyph)}
    if "net" in bases:
        yield say("net-and-out")
    if output in chains.program.shapes and any(step.name == output for step in steps):
        yield say("output-is", a=_first(chains, output), y=_first(chains, "y"))


def _functions(chains: Chains, shown: Sequence[Expression]) -> Iterable[Sentence]:
    """Every function that is written by its name: what it is, in terms of what a calculator has."""
    telling = chains.program.telling
    seen: dict[str, Apply] = {}
    for expression in shown:
        _collect(expression, seen)
    for operation, node in seen.items():
        meaning, written = defined(node), OPERATIONS[operation].written
        if telling is not None and isinstance(written, Function) and _introduces(telling, written.name):
            continue
        if meaning is not None:
            yield say("definition", function=node, meaning=meaning)
        elif operation == "softmax" and node.shape and len(node.shape) > 1:
            yield say("softmax-of-rows" if node.parameters == (1,) else "softmax-of-columns")
        elif operation in SENTENCES:
            yield say(operation)
        elif isinstance(written, Function):
            yield say("named", name=written.name, spoken=written.spoken)


def _introduces(telling: Telling, name: str) -> bool:
    """Whether a sentence of the family begins with a function's name, and so says what it is."""
    return any(sentence.startswith(f"{name} ") for sentence in telling.legend)


def _collect(expression: Expression, seen: dict[str, Apply]) -> None:
    """The first use of each named function, and of those in its meaning."""
    for node in places_of(expression):
        if isinstance(OPERATIONS[node.operation].written, Function) and node.operation not in seen:
            seen[node.operation] = node
            meaning = defined(node)
            if meaning is not None:
                _collect(meaning, seen)


def _signs(chains: Chains, shown: Sequence[Expression]) -> Iterable[Sentence]:
    """Signs that stand between vectors and matrices, and what is typed for signs in code."""
    nodes = [node for expression in shown for node in written_nodes(expression)]
    kinds = {type(OPERATIONS[node.operation].written) for node in nodes if _between_tensors(node)}
    for kind, maths, typed in _EXPLAINED:
        if kind in kinds and (code := typed if chains.notation.style.code else maths):
            yield say(code)
    yield from _repetitions(shown, typed=chains.notation.style.code)
    if not chains.notation.style.code and Total in kinds:
        network = chains.notation.network
        examples = network is not None and network.examples is not None
        totals = [node for node in nodes if isinstance(OPERATIONS[node.operation].written, Total)]
        for over in dict.fromkeys(_along(node, examples) for node in totals):
            yield say(f"sum-{over}" if over else "sum")


_EXPLAINED: tuple[tuple[type, str, str], ...] = (
    (MatrixProduct, "", "products-typed"),
    (Product, "place-by-place", ""),
    (OuterProduct, "transposed", "outer-typed"),
    (Transposed, "transposed", "transposed-typed"),
    (Total, "", "sum-typed"),
    (Root, "", "root-typed"),
)
"""What is written, and the sentences that explain it where it is set and where it is typed."""


def _repetitions(shown: Sequence[Expression], *, typed: bool) -> Iterable[Sentence]:
    """What repeats numbers to fill a larger shape."""
    ways = set[Repetition]().union(*map(repetitions, shown))
    if Repetition.WINDOWS in ways:
        yield say("windows")
    if typed:
        yield from (say("columns-typed") for way in ways if way is Repetition.COLUMNS)
        return
    if ways & {Repetition.COLUMNS, Repetition.ROWS}:
        yield say("transposed")
    codes = [code for way, code in _ONES.items() if way in ways]
    codes += ["ones-alone"] if any(map(is_one_number_repeated, shown)) else []
    yield from (say(code, one=ONES) for code in codes)


_ONES = {Repetition.COLUMNS: "ones-columns", Repetition.ROWS: "ones-rows"}


def _between_tensors(node: Apply) -> bool:
    """Whether its sign means something else than between numbers."""
    product = isinstance(OPERATIONS[node.operation].written, Product)
    return not product or is_place_by_place(factors_of(node))


def _along(node: Apply, examples: bool) -> str:
    """What a sum over some axes only goes over."""
    axes = node.parameters[0] if isinstance(OPERATIONS[node.operation].written, Total) else ()
    return summed_over(axes, len(node.arguments[0].shape), examples) if isinstance(axes, tuple) and axes else ""


def _derivatives(chains: Chains, steps: Sequence[Step]) -> Iterable[Sentence]:
    """∂, d and δ, with one of the sheet's own as the example."""
    gradients = [step for step in steps if step.role is Role.GRADIENT and step.chain]
    if not gradients:
        return
    example = next((step for step in gradients if _is_parameter(chains, step)), gradients[-1])
    cell = cell_ids(example.name, example.shape)[0]
    top, bottom = example.chain[0].top, chains.bottom(cell)
    glyphs = {"J": chains.notation.sign(top), "w": chains.notation.sign(bottom)}
    yield say("derivative", d=chains.notation.sign(cell), **glyphs)
    local = next((step for step in steps if "|" in step.name), None)
    if local is not None:
        yield say("total-and-local", total=chains.notation.sign(cell), local=chains.notation.sign(local.name), **glyphs)
    yield from _short_letters(chains, gradients)
    path = next((step for step in steps if step.role is Role.PATH), None)
    if path is not None:
        first = cell_ids(path.name, path.shape)[0]
        yield say("via", d=chains.notation.sign(first), z=chains.notation.sign(path.through))
    yield from _slopes(chains, steps)
    several = next((each for each in steps if _told_whole(chains, each)), None)
    if several is not None:
        yield say("whole", z=chains.notation.sign(several.through))


def _slopes(chains: Chains, steps: Sequence[Step]) -> Iterable[Sentence]:
    """What a matrix of slopes is, and how the vector of another activation differs from it."""
    if chains.notation.style.code or chains.notation.style.by_component:
        return
    shapes = chains.program.shapes
    local = [step for step in steps if step.role is Role.LOCAL and step.chain and math.prod(step.shape) > 1]
    matrix = next((step for step in local if len(step.shape) > len(shapes[step.chain[0].top]) > 0), None)
    if matrix is None:
        return
    yield say("jacobian", d=chains.notation.sign(matrix.name))
    vector = next((step for step in local if step.shape == shapes[step.chain[0].top]), None)
    if vector is not None:
        yield say("slopes", d=chains.notation.sign(vector.name))


def _told_whole(chains: Chains, step: Step) -> bool:
    """Whether it is said of a backward step that it goes through all the numbers of a quantity."""
    path = step.role is Role.PATH or (step.role is Role.GRADIENT and step.through and chains.leads_from_some(step))
    return bool(path) and _is_several(chains, step.through)


def _is_several(chains: Chains, quantity: str) -> bool:
    return math.prod(chains.program.shapes[quantity]) > 1


def _is_parameter(chains: Chains, step: Step) -> bool:
    return chains.program.roles.get(step.chain[-1].bottom) in (Role.WEIGHT, Role.VARIABLE)


def _short_letters(chains: Chains, gradients: Sequence[Step]) -> Iterable[Sentence]:
    """A letter that stands for a derivative."""
    for step in gradients:
        cell = cell_ids(step.name, step.shape)[0]
        sign = chains.notation.sign(cell)
        if isinstance(sign, Glyph) and not chains.notation.style.code:
            ends = [chains.notation.glyph(parse_cell(end)) for end in (step.chain[0].top, chains.bottom(cell))]
            yield say("error-letter", d=sign, long=Derivative(ends[0], ends[1]))
            return


def _settings(chains: Chains, steps: Sequence[Step]) -> Iterable[Sentence]:
    """Learning rate and settings of an optimizer, by the letters that stand for them."""
    if chains.notation.style.code:  # where they are called by their names
        return
    used = {name for step in steps for name in step.reads}
    for given in chains.program.givens:
        if given.name in used and given.role is Role.RATE:
            yield say("rate", rate=chains.notation.sign(given.name))
        elif given.name in used and given.role is Role.COEFFICIENT and f"setting-{given.name}" in SENTENCES:
            yield say(f"setting-{given.name}", setting=chains.notation.sign(given.name))


def _marks(chains: Chains, steps: Sequence[Step]) -> Iterable[Sentence]:
    """What marks an updated parameter, and a later round."""
    states = {sort_of(step): step for step in reversed(steps) if step.role is Role.STATE}
    for sort in sorted(states, key=list(states).index, reverse=True):
        share = share_of(chains.program, states[sort])
        places = {"share": chains.notation.sign(share)} if share else {}
        yield say(f"kept-{sort}", s=_first(chains, states[sort].name), **places)
    yield from _settings(chains, steps)
    updated = [step for step in steps if step.role is Role.UPDATED and "_new" in step.name and "@" not in step.name]
    if updated:
        code = "updated-alike" if len(updated) > 1 else "updated"
        name = updated[0].name
        yield say(code, new=_first(chains, name), w=_first(chains, name.split("_new")[0]))
    later = next((step for step in steps if "@" in step.name and step.role is not Role.UPDATED), None)
    if later is not None:
        stem, _, turn = later.name.partition("@")
        yield say("round", z=_first(chains, later.name), first=_first(chains, stem), count=turn)
