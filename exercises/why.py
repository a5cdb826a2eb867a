"""Room: exercises. Why a step is as it is: one sentence, chosen and filled by what the program says of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from exercises.anatomy import bottom
from exercises.chains import Chains
from exercises.definitions import is_constant
from exercises.differentiation import pull_back
from exercises.expression import Apply, Constant, Symbol
from exercises.names import cell_ids, parse_cell, stem
from exercises.notation import Sign
from exercises.operations import OPERATIONS
from exercises.program import Role, Step
from exercises.reasons import Sentence, count, filled, listed, say
from exercises.states import letter_of, share_of, sort_of
from exercises.writing import Function

FEW = 3
"""Outputs that a sentence names one by one."""


def reason_of(chains: Chains, step: Step) -> Sentence:
    """The sentence for a step, told of its first cell; the others go in the same way. The family's own comes first."""
    cell = cell_ids(step.name, step.shape)[0]
    telling = chains.program.telling
    plain = step.name.partition("@")[0]
    own = telling and (telling.reasons.get(plain) or telling.reasons.get(stem(plain)))
    if own:
        return filled(own, lambda each: _sign(chains, each or cell))
    return _BY_ROLE.get(step.role, _line)(chains, step, cell)


def _sign(chains: Chains, cell: str) -> Sign:
    return chains.notation.sign(cell)


def _signs(chains: Chains, step: Step, cell: str) -> dict[str, Sign]:
    """The ends of the last link: what is differentiated, and by what."""
    top, below = step.chain[-1].top, chains.bottom(cell)
    return {"a": _sign(chains, top + _index_for(chains, top, cell)), "z": _sign(chains, below)}


def _index_for(chains: Chains, quantity: str, cell: str) -> str:
    shape = chains.program.shapes[quantity]
    index = parse_cell(cell).index[: len(shape)]
    return f"[{','.join(map(str, index))}]" if index else ""


def _preactivation(chains: Chains, step: Step, cell: str) -> Sentence:
    biased = any(
        chains.program.roles.get(name) in (Role.BIAS, Role.UPDATED) and name.startswith("b") for name in step.reads
    )
    return say("weighted-sum-and-bias" if biased else "weighted-sum", z=_sign(chains, cell))


def _activation(chains: Chains, step: Step, cell: str) -> Sentence:
    written = _function(step)
    first = chains.cells.by_name[cell].reads[0]
    if written is None:
        return say("no-activation", a=_sign(chains, cell), z=_sign(chains, first))
    if len(chains.cells.by_name[cell].reads) > 1:
        return say("outputs-add-up")
    return say("activation", a=_sign(chains, cell), z=_sign(chains, first), function=_called(chains, written))


def _called(chains: Chains, function: Function) -> str:
    """A function's name in the sheet's writing: code has no Greek letters."""
    typed = chains.notation.style.code and not function.name.isascii()
    return function.spoken if typed else function.name


def _function(step: Step) -> Function | None:
    expression = step.expression
    written = OPERATIONS[expression.operation].written if isinstance(expression, Apply) else None
    return written if isinstance(written, Function) else None


def _loss(chains: Chains, step: Step, cell: str) -> Sentence:
    roles = chains.program.roles
    outputs = [name for name in step.reads if roles[name] is not Role.TARGET]
    targets = [name for name in step.reads if roles[name] is Role.TARGET]
    if not outputs or not targets:
        return say("line", inputs=listed([_sign(chains, name) for name in step.reads]))
    both = tuple(
        [cell for name in names for cell in cell_ids(name, chains.program.shapes[name])] for names in (outputs, targets)
    )
    a, y = (_named(chains, cells) for cells in both)
    return say("loss-of-several" if len(both[0]) > 1 else "loss", a=a, y=y)


def _named(chains: Chains, cells: list[str]) -> Sentence:
    """All of a few numbers by their symbols; of many the first and the last."""
    signs = [_sign(chains, cell) for cell in cells]
    return listed(signs) if len(signs) <= FEW else (signs[0], ", …, ", signs[-1])


def _line(chains: Chains, step: Step, cell: str) -> Sentence:
    return say("line", inputs=listed([_sign(chains, name) for name in step.reads]))


def _local(chains: Chains, step: Step, cell: str) -> Sentence:
    signs = _signs(chains, step, cell)
    above = chains.program.by_name[step.through]
    if above.role is not Role.ACTIVATION:
        return say("local", **signs)
    function = _function(above)
    if function is None:
        return say("slope-one", **signs)
    if step.shape != above.shape:
        return say("slope-table")
    from_output = above.name in step.reads
    return say("slope-from-output" if from_output else "slope", function=_called(chains, function), **signs)


def _path(chains: Chains, step: Step, cell: str) -> Sentence:
    whole = chains.leads_from_some(step)
    places = {"w": _sign(chains, bottom(step) if whole else chains.bottom(cell)), "J": _sign(chains, step.chain[0].top)}
    if len(step.chain) == 1:
        return say("path-direct", **places)
    return say("path", z=_sign(chains, step.through) if whole else _consumer(chains, cell), **places)


def _consumer(chains: Chains, path: str) -> Sign:
    """What a path leads through: one number, or all of a quantity where it leads through several of its numbers."""
    consumers = chains.consumers(path)
    return _sign(chains, consumers[0] if len(consumers) == 1 else chains.quantity[path].through)


def _gradient(chains: Chains, step: Step, cell: str) -> Sentence:
    if not step.chain:
        below, top = cell.split("/d")[1], cell.split("/d")[0].removeprefix("d")
        return say("unreached", w=_sign(chains, below), J=_sign(chains, top))
    places = {"w": _sign(chains, chains.bottom(cell)), "J": _sign(chains, step.chain[0].top)}
    if not step.through:
        return _added(chains, step, cell, places)
    consumers = chains.consumers(cell)
    if len(step.chain) == 1:
        return _last_link(chains, step, cell, places)
    if chains.leads_from_some(step):
        return say("only-through", w=_sign(chains, bottom(step)), J=places["J"], z=_sign(chains, step.through))
    if len(consumers) > 1:
        return _several("paths", [_sign(chains, each) for each in consumers], places)
    return _one_path(chains, step, cell, places)


def _added(chains: Chains, step: Step, cell: str, places: dict[str, Sign]) -> Sentence:
    paths = [chains.program.by_name[name] for name in chains.paths(step)]
    whole = any(chains.leads_from_some(path) for path in paths)
    places = {**places, "w": _sign(chains, bottom(step))} if whole else places
    index = cell.removeprefix(step.name)
    longer = [
        _sign(chains, path.through) if whole else _consumer(chains, path.name + index)
        for path in paths
        if len(path.chain) > 1
    ]
    code = "paths-added" if len(longer) == len(paths) else "paths-and-direct"
    return say(code, count=count(len(paths)), through=listed(longer), **places)


def _several(code: str, signs: list[Sign], places: dict[str, Sign]) -> Sentence:
    return say(code, count=count(len(signs)), through=listed(signs), **places)


def _last_link(chains: Chains, step: Step, cell: str, places: dict[str, Sign]) -> Sentence:
    """Into the loss itself: directly, or past the last activation where its slope cancels."""
    if chains.bottom(cell) in chains.cells.by_name.get(step.through, step).reads:
        local = chains.program.roles[step.through] is Role.LINE
        return say("straight" if local else "direct", a=places["w"], **places)
    return say("fused")


def _one_path(chains: Chains, step: Step, cell: str, places: dict[str, Sign]) -> Sentence:
    consumer, below = chains.consumers(cell)[0], chains.bottom(cell)
    forward = chains.cells.by_name[consumer]
    z = _sign(chains, consumer)
    if forward.role is Role.ACTIVATION:
        return say("through-activation", z=places["w"], J=places["J"], a=z)
    if forward.role is not Role.PREACTIVATION:
        return say("only-through", z=z, **places)
    slope = pull_back(forward.expression, Constant(Fraction(1)), Symbol(consumer))[below]
    partial = chains.notation.partial(consumer, below)
    if is_constant(slope, 1):
        return say("as-it-is", z=z, local=partial, **places)
    return say("factor", z=z, h=slope, local=partial, **places)


def _updated(chains: Chains, step: Step, cell: str) -> Sentence:
    """A step of an optimizer: what is taken off, and what its length depends on."""
    read = _read_by_update(chains, cell)
    if not {"rate", "slope"} <= read.keys() and not {"rate", "velocity"} <= read.keys():
        return _line(chains, step, cell)
    places = {name: _sign(chains, each) for name, each in read.items()}
    slope, rate = places.get("slope", ""), places["rate"]
    if "squares" in read:
        said = say("update-divided", gradient=slope, squares=places["squares"], rate=rate)
    elif "velocity" in read:
        code = "update-ahead" if slope else "update-kept"
        said = say(code, gradient=slope, kept=places["velocity"], rate=rate)
    else:
        said = _down_the_slope(chains, read["slope"], rate)
    if "share" not in read:
        return said
    return said + say("update-decoupled", rate=rate, share=places["share"], w=places["parameter"])


def _read_by_update(chains: Chains, cell: str) -> dict[str, str]:
    """What an update reads, by the part that it plays: the parameter stands first, what is kept is told by its id."""
    parts: dict[str, str] = {}
    names = chains.cells.by_name[cell].reads
    for name in names:
        quantity = parse_cell(name).quantity
        role = chains.program.roles[quantity]
        if role is Role.RATE:
            parts["rate"] = name
        elif quantity == "weight_decay":
            parts["share"] = name
        elif role is Role.GRADIENT:
            parts["slope"] = name
        elif role is Role.STATE:
            parts[_KEPT.get(letter_of(quantity)) or sort_of(chains.program.by_name[quantity])] = name
    return {"parameter": names[0], **parts}


_KEPT = {"r": "slope", "mhat": "slope", "vhat": "squares"}
"""What plays the gradient's part in an update, or its size's; a v may be a velocity or a mean of squares."""


def _down_the_slope(chains: Chains, gradient: str, rate: Sign) -> Sentence:
    places = {"rate": rate, "gradient": _sign(chains, gradient)}
    made = chains.program.by_name.get(parse_cell(gradient).quantity)
    if made is None or made.role is not Role.GRADIENT:  # it is given, or weight decay has changed it
        return say("update-plain", **places)
    return say("update", J=_sign(chains, made.chain[0].top), **places)


def _state(chains: Chains, step: Step, cell: str) -> Sentence:
    """What an optimizer keeps from step to step."""
    share = share_of(chains.program, step)
    places = {"share": _sign(chains, share)} if share else {}
    reads = chains.cells.by_name[cell].reads
    return say(sort_of(step), w=_sign(chains, reads[-1]), **places)


_BY_ROLE: dict[Role, Callable[[Chains, Step, str], Sentence]] = {
    Role.PREACTIVATION: _preactivation,
    Role.ACTIVATION: _activation,
    Role.LOSS: _loss,
    Role.LOCAL: _local,
    Role.PATH: _path,
    Role.GRADIENT: _gradient,
    Role.UPDATED: _updated,
    Role.STATE: _state,
}
