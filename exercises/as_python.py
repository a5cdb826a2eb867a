"""Room: exercises. A program as runnable NumPy, in the names of the sheet; another reading of the same steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from exercises.components import componentwise
from exercises.expression import Apply, Constant, Expression, Parameters, Shape, Symbol
from exercises.merging import merged, twins
from exercises.names import parse_cell
from exercises.notation import Notation
from exercises.numpy_spelling import ATOM, NUMPY, PRODUCT, SUM
from exercises.operations.row import Array
from exercises.outline import needed_steps, round_of
from exercises.program import Part, Program
from exercises.solution import HEADINGS


def as_python(
    program: Program, given: Mapping[str, Array], notation: Notation, asked: Collection[str], *, title: str = ""
) -> str:
    """Python source that works the exercise out with NumPy alone and prints the asked cells.

    ``given`` maps ids to arrays with the variants axis last; the first variant is written out. A notation without
    symbols for whole matrices gets one line a cell.
    """
    whole = merged(program) if notation.style.merged else program
    by_component = notation.style.by_component
    writer = _Writer(notation)
    needed = replace(whole, steps=needed_steps(whole, {_quantity(cell, program, notation) for cell in asked}))
    shown = componentwise(needed) if by_component else needed
    body = [*_given_lines(program, given, writer, by_component), *_step_lines(shown, writer)]
    helpers = [helper for step in shown.steps for helper in writer.helpers(step.expression)]
    prints = _print_lines(program, notation, writer, asked)
    head = ([f"# {' '.join(title.split())}"] if title else []) + ["import numpy as np", ""]
    defined = [line for helper in dict.fromkeys(helpers) for line in (*helper.splitlines(), "", "")]
    return "\n".join([*head, *defined, *body, "", *prints]) + "\n"


@dataclass(frozen=True)
class _Writer:
    """Expressions as Python, with a name for every quantity and cell."""

    notation: Notation

    @property
    def names(self) -> Mapping[str, str]:
        return self.notation.identifiers

    def typed(self, expression: Expression) -> str:
        return self._piece(self.notation.arranged(expression))[0]

    def helpers(self, expression: Expression) -> Iterator[str]:
        if isinstance(expression, Apply):
            if NUMPY[expression.operation].helper:
                yield NUMPY[expression.operation].helper
            for argument in expression.arguments:
                yield from self.helpers(argument)

    def _piece(self, expression: Expression) -> tuple[str, int]:
        """The text, and how tightly it holds together."""
        if isinstance(expression, Symbol):
            return self.names[expression.name], ATOM
        if isinstance(expression, Constant):
            return _constant(expression.value, expression.shape)
        if not isinstance(expression, Apply):
            raise TypeError(f"{expression!r} is no expression")
        row = NUMPY[expression.operation]
        pieces = [self._piece(argument) for argument in expression.arguments]
        texts = [text if level >= row.inner else f"({text})" for text, level in pieces]
        if row.join:
            texts = [row.join.join(texts)]
        text = row.text.format(*texts, p=_parameters(expression.parameters), shape=expression.shape)
        return text, row.level or pieces[0][1]


def _parameters(parameters: Parameters) -> tuple[object, ...]:
    return tuple(_number(value) if isinstance(value, Fraction) else value for value in parameters)


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def _constant(value: Fraction, shape: Shape) -> tuple[str, int]:
    if shape:
        return f"np.full({shape}, {_number(value)}, dtype=float)", ATOM
    simple = value.denominator == 1 or Fraction(repr(float(value))) == value
    if not simple:
        return f"{value.numerator} / {value.denominator}", SUM if value < 0 else PRODUCT
    return _number(value), SUM if value < 0 else ATOM


def _given_lines(program: Program, given: Mapping[str, Array], writer: _Writer, by_component: bool) -> Iterator[str]:
    yield f"# {HEADINGS[Part.GIVEN]}"
    for each in program.givens:
        array = given[each.name][..., 0]
        if not by_component:
            yield f"{writer.names[each.name]} = {_literal(array)}"
            continue
        for index in np.ndindex(*each.shape):
            cell = each.name + (f"[{','.join(str(k + 1) for k in index)}]" if index else "")
            yield f"{writer.names[cell]} = {float(array[index])!r}"


def _literal(array: Array) -> str:
    return f"np.array({array.tolist()})" if array.shape else repr(float(array))


def _step_lines(program: Program, writer: _Writer) -> Iterator[str]:
    several = any(round_of(step.name) > 1 for step in program.steps)
    before = None
    for step in program.steps:
        place = (step.part, round_of(step.name))
        if place != before:
            yield ""
            yield f"# {HEADINGS[step.part]}" + (f", round {place[1]}" if several else "")
            before = place
        yield f"{writer.names[step.name]} = {writer.typed(step.expression)}"


def _quantity(cell: str, program: Program, notation: Notation) -> str:
    """The quantity that holds a cell's value in this notation."""
    quantity = parse_cell(cell).quantity
    return twins(program).get(quantity, quantity) if notation.style.merged else quantity


def _print_lines(program: Program, notation: Notation, writer: _Writer, asked: Collection[str]) -> Iterator[str]:
    for cell in asked:
        parsed, quantity = parse_cell(cell), _quantity(cell, program, notation)
        if notation.style.by_component:
            name = writer.names[cell.replace(parsed.quantity, quantity, 1)]
        else:
            index = f"[{', '.join(str(k - 1) for k in parsed.index)}]" if parsed.index else ""
            name = writer.names[quantity] + index
        yield f'print("{cell} =", {name})'
