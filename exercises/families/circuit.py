"""Room: exercises. Circuits: a formula taken apart into single operations, each a line with local derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exercises.differentiation import differentiate, every_local
from exercises.errors import InputError, unknown
from exercises.expression import Apply, Expression, Symbol, symbols
from exercises.families.circuit_draw import drawn_circuit, random_lines
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.families.formula_language import MOST_OPERATIONS, Line, checked_name, parse_expression, parse_line
from exercises.program import Given, Part, Program, Role, Step

OUTPUT, SIZE, STRUCTURE = "f", 4, 1
"""What an expression's result is called; how many operations a random circuit has, and which of them it is."""


class CircuitOptions(FamilyOptions, kw_only=True, frozen=True):
    lines: tuple[str, ...] | None = None
    expression: str | None = None
    output: str | None = None
    size: int | None = None
    structure: int | None = None


def build(options: CircuitOptions) -> Program:
    """One step an operation, one local derivative for each of its arguments, and the gradients along all paths."""
    lines = _lines(options)
    steps = _steps(lines)
    known = {step.name for step in steps}
    leaves = dict.fromkeys(name for step in steps for name in step.reads if name not in known)
    _check_given(options, leaves, known)
    givens = tuple(Given(name, (), Role.VARIABLE) for name in leaves)
    return differentiate(Program(givens, steps, lines[-1].name), local_name=every_local)


def _lines(options: CircuitOptions) -> Sequence[Line]:
    _check_wishes(options)
    if options.expression is not None:
        name = OUTPUT if options.output is None else checked_name(options.output, "output")
        return [Line(name, parse_expression(options.expression, "expression"), "expression")]
    if options.lines is not None:
        if not options.lines:
            raise InputError('expected at least one line such as "f = x * y", found none', where="lines")
        if len(options.lines) > MOST_OPERATIONS:
            raise InputError(f"expected at most {MOST_OPERATIONS} lines, found {len(options.lines)}", where="lines")
        return [parse_line(text, number) for number, text in enumerate(options.lines, start=1)]
    size = SIZE if options.size is None else options.size
    structure = STRUCTURE if options.structure is None else options.structure
    texts = random_lines(size, structure, by_head=options.difficulty == "no-calculator")
    return [parse_line(text, number) for number, text in enumerate(texts, start=1)]


def _check_wishes(options: CircuitOptions) -> None:
    """InputError for wishes that exclude each other; none is read and forgotten."""
    if options.lines is not None and options.expression is not None:
        raise InputError('expected either "lines" or "expression", found both; leave one out')
    if options.output is not None and options.expression is None:
        raise InputError(
            "only an expression's result needs a name; elsewhere the last line is the output", where="output"
        )
    if options.lines is None and options.expression is None:
        return
    for key, wish in (("size", options.size), ("structure", options.structure)):
        if wish is not None:
            raise InputError('only a random circuit has it; leave it out, or "lines" and "expression"', where=key)


def _steps(lines: Sequence[Line]) -> tuple[Step, ...]:
    taking_apart = _TakingApart()
    for number, line in enumerate(lines, start=1):
        taking_apart.line(line, {later.name for later in lines[number - 1 :]})
    if len(taking_apart.steps) > MOST_OPERATIONS:
        raise InputError(
            f"expected at most {MOST_OPERATIONS} operations, found {len(taking_apart.steps)}", where=lines[0].where
        )
    return tuple(taking_apart.steps)


class _TakingApart:
    """Expressions taken apart into steps of one operation; inner ones are named in the order they are worked out.

    What reads no quantity (``exp(1)``) stays where it is written: there is nothing to differentiate by.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.unnamed = 0
        self.read: set[str] = set()

    def line(self, line: Line, not_yet: set[str]) -> None:
        where = line.where
        if any(step.name == line.name for step in self.steps) or line.name in self.read:
            raise InputError(
                f'"{line.name}" is assigned after it has been given or read; a name is assigned once', where=where
            )
        used = {symbol.name for symbol in symbols(line.expression)}
        if line.name in used:
            raise InputError(f'"{line.name}" is worked out from itself', where=where)
        if early := sorted(used & (not_yet - {line.name})):
            raise InputError(f'"{early[0]}" is read before the line that assigns it; put that line first', where=where)
        if not used:
            raise InputError(f'"{line.name}" reads no quantity, so there is nothing to differentiate', where=where)
        self.read |= used
        self.step(line.name, line.expression)

    def step(self, name: str, expression: Expression) -> Symbol:
        if isinstance(expression, Apply):
            expression = replace(expression, arguments=tuple(map(self.part, expression.arguments)))
        self.steps.append(Step(name, expression, Part.FORWARD, Role.LINE))
        return Symbol(name)

    def part(self, expression: Expression) -> Expression:
        """An argument: what is inside becomes a line of its own, with the next free u; numbers and names stay."""
        if not isinstance(expression, Apply) or not symbols(expression):
            return expression
        whole = replace(expression, arguments=tuple(map(self.part, expression.arguments)))
        self.unnamed += 1
        symbol = Symbol(f"u{self.unnamed}")
        self.steps.append(Step(symbol.name, whole, Part.FORWARD, Role.LINE))
        return symbol


def _check_given(options: CircuitOptions, leaves: dict[str, None], known: set[str]) -> None:
    for name in options.given:
        if name in known:
            raise InputError(f'"{name}" is worked out by a line, so it can\'t be given', where="given")
        if name not in leaves:
            raise InputError(unknown("quantity", name, leaves), where="given")


def asks(program: Program) -> tuple[str, ...]:
    """Every line's value and the gradient by every line and every given; paths and local derivatives are working."""
    wanted = (Role.LINE, Role.GRADIENT)
    return tuple(step.name for step in program.steps if step.role in wanted)


def draws(options: CircuitOptions, program: Program) -> Drawn:
    """Every variable not given, one or two figures long."""
    return drawn_circuit(program, options.given, by_head=options.difficulty == "no-calculator")


FAMILY = Family(
    "circuit",
    "a formula as a circuit of single operations, with forks, max and products",
    CircuitOptions,
    build,
    draws,
    asks,
    examples=(
        {},
        {"expression": "log(2 + cos(x))"},
        {"lines": ["a = x + y", "b = max(y, z)", "f = a * b"]},
        {"expression": "exp(x * y) / sqrt(3 + z ^ 2) - tanh(x)"},
    ),
)
