"""Room: exercises. Misconceptions about the chain rule itself: inner derivatives, and the sum over several paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from exercises.anatomy import bottom, gone_through, parameter_role, read, resized, rows, unit_of, upstream
from exercises.differentiation import pull_back
from exercises.expression import Apply, Constant, Expression, Symbol, substitute
from exercises.misconceptions.wiring import further_back
from exercises.mistaken import Instead, Misconception
from exercises.program import Program, Role, Step

# --- several paths ------------------------------------------------------------------------------------------------


def _paths(program: Program, step: Step) -> list[tuple[str, Expression]]:
    """What the step adds up, path by path, each with the id it comes through; at most one where it adds nothing up."""
    if found := further_back(program, step):
        W, g = found
        layer = program.by_name[step.through]
        return [(unit_of(layer, unit), _by_unit(step, W, g, unit)) for unit in range(g.shape[0])]
    if step.role is Role.LOCAL:
        return _repeated_reads(program, step)
    terms = [program.by_name[name] for name in step.reads if program.roles[name] is Role.PATH]
    return [(term.through, program.symbol(term.name)) for term in terms]


def _of_shared_parameter(program: Program, step: Step) -> bool:
    """Whether the paths are the uses of one parameter: which of them is left out is for the family to say."""
    return bool(step.chain) and parameter_role(program, bottom(step)) in (Role.WEIGHT, Role.BIAS)


def _by_unit(step: Step, W: Symbol, g: Symbol, unit: int) -> Expression:
    return resized(step.expression, {W: rows(W, (unit,)), g: rows(g, (unit,))})


def _repeated_reads(program: Program, step: Step) -> list[tuple[str, Expression]]:
    """x + x and x · x read x twice: the derivative by each alone."""
    forward, x = program.by_name[step.through], bottom(step)
    if forward.role is not Role.LINE or not isinstance(forward.expression, Apply):
        return []
    arguments, symbol, alone = forward.expression.arguments, program.symbol(x), Symbol(f"{x} alone")
    found = []
    for place, argument in enumerate(arguments):
        if argument == symbol:
            one = replace(forward.expression, arguments=(*arguments[:place], alone, *arguments[place + 1 :]))
            flow = pull_back(one, Constant(Fraction(1)), program.symbol(forward.name))[alone.name]
            found.append((forward.name, substitute(flow, {alone.name: symbol})))
    return found


def _one_path_only(program: Program, step: Step) -> Iterator[Instead]:
    paths = _paths(program, step)
    if len(paths) > 1 and not _of_shared_parameter(program, step):
        for variant, (through, expression) in enumerate(paths, start=1):
            yield Instead(expression, {"result": step.name, "path": through}, variant)


ONE_PATH_ONLY = Misconception(
    code="one-path-only",
    sentence="{result} is a sum over all the paths that lead back to it; only one of them, through {path}, has been "
    "taken.",
    instead=_one_path_only,
    seen_at="dy/dx of y = x + x comes out as 1 in programs that overwrite a gradient instead of adding to it (Deep "
    "Learning from Scratch 3, step 14, mends it); y in f = (x + y) max(y, z) of CS224n forks.",
)


def _average_paths(program: Program, step: Step) -> Iterator[Instead]:
    paths = _paths(program, step)
    if len(paths) > 1:
        yield Instead(Constant(Fraction(1, len(paths))) * step.expression, {"result": step.name})


AVERAGE_PATHS = Misconception(
    code="average-paths",
    sentence="What comes to {result} along several paths is added up, not averaged.",
    instead=_average_paths,
    seen_at="Mean and sum are mixed up at forks as they are at losses; no printed example is known to us.",
)

# --- inner and outer ----------------------------------------------------------------------------------------------


def _omit_inner_derivative(program: Program, step: Step) -> Iterator[Instead]:
    g, local = upstream(program, step), read(program, step, Role.LOCAL)
    if g and local and gone_through(program, step, Role.LINE):
        yield Instead(g, {"result": step.name, "upstream": g.name, "local": local.name})


OMIT_INNER_DERIVATIVE = Misconception(
    code="omit-inner-derivative",
    sentence="{result} is {upstream} times the derivative of what is inside, {local}; that factor is missing.",
    instead=_omit_inner_derivative,
    seen_at="The commonest slip with the chain rule in any calculus course: 1 / (2 + cos x) for the derivative of "
    "log(2 + cos x).",
)


def _outer_at_inner_argument(program: Program, step: Step) -> Iterator[Instead]:
    """f'(x) for f'(g(x)), at each quantity between x and g(x), and f'(g'(x))."""
    if step.role is not Role.LOCAL:
        return
    outer, inside = program.by_name[step.through], program.by_name.get(bottom(step))
    if inside is None or outer.role is not Role.LINE or outer.reads != (inside.name,):
        return
    for variant, name in enumerate(_inner(program, inside), start=1):
        inner = program.symbol(name)
        again = substitute(outer.expression, {inside.name: inner})
        wrong = substitute(step.expression, {inside.name: inner, outer.name: again})
        yield Instead(wrong, {"result": step.name, "argument": inside.name, "inner": name}, variant)


def _inner(program: Program, line: Step | None) -> list[str]:
    """What lies inside a line, each quantity made of the next and of no other; at the end the first slope that isn't a
    mere number.
    """
    within: list[str] = []
    slopes: list[str] = []
    while line is not None and len(line.reads) == 1:
        within += line.reads
        slope = program.by_name[f"{line.name}|{within[-1]}"]
        slopes += [slope.name] if slope.reads else []
        line = program.by_name.get(within[-1])
    return within + slopes[:1]


OUTER_AT_INNER_ARGUMENT = Misconception(
    code="outer-at-inner-argument",
    sentence="{result} is the derivative of the outer function taken at {argument}, not at {inner}.",
    instead=_outer_at_inner_argument,
    seen_at="f'(x) g'(x) for f'(g(x)) g'(x) in calculus courses; 1 / (−sin x) is among the wrong answers noted for "
    "log(2 + cos x).",
)

ROWS = (ONE_PATH_ONLY, AVERAGE_PATHS, OMIT_INNER_DERIVATIVE, OUTER_AT_INNER_ARGUMENT)
