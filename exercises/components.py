"""Room: exercises. A tensor program spelled out cell by cell: what a person writes, one line a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from exercises.expression import Apply, Constant, Expression, Shape, Symbol, apply
from exercises.names import cell_ids
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.operations.tensor import indexes
from exercises.program import Given, Part, Program, Step
from exercises.tidy import tidy


@lru_cache(maxsize=4096)
def _cells(quantity: str, shape: tuple[int, ...]) -> dict[tuple[int, ...], str]:
    return dict(zip(indexes(shape), cell_ids(quantity, shape), strict=True))


def component(expression: Expression, index: tuple[int, ...]) -> Expression:
    """One component (zero-based index) of an expression, as a scalar expression over cells such as ``W1[1,2]``."""
    if isinstance(expression, Symbol):
        return Symbol(_cells(expression.name, expression.shape)[index])
    if isinstance(expression, Constant):
        return Constant(expression.value)
    if not isinstance(expression, Apply):
        raise TypeError(f"{expression!r} is no expression")
    expand = OPERATIONS[expression.operation].expand
    return _one_sum(expand(index, component, expression.arguments, expression.parameters))


def _one_sum(expression: Expression) -> Expression:
    """Sums of sums as one sum, as they are written."""
    if not isinstance(expression, Apply) or expression.operation != "add":
        return expression
    terms: list[Expression] = []
    for term in expression.arguments:
        terms += term.arguments if isinstance(term, Apply) and term.operation == "add" else (term,)
    return apply("add", *terms)


def componentwise(program: Program) -> Program:
    """The same program with a scalar step for each cell; values equal those of the tensor program cell by cell."""
    givens = [Given(cell, (), given.role) for given in program.givens for cell in cell_ids(given.name, given.shape)]
    steps = [
        replace(step, name=cell, expression=_taught(step, component(step.expression, index)))
        for step in program.steps
        for index, cell in _cells(step.name, step.shape).items()
    ]
    return Program(tuple(givens), tuple(steps), program.output, program.telling)


def _taught(step: Step, line: Expression) -> Expression:
    """Derived lines lose zeros and ones that expansion brings in; a circuit author's own ``x*1`` stays."""
    return line if step.part in (Part.FORWARD, Part.LOSS) else tidy(line)


def by_cell(shapes: Mapping[str, Shape], arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Tensor quantities (shape + (V,)) as one array (V,) for each cell."""
    cells: dict[str, Array] = {}
    for name, array in arrays.items():
        rows = array.reshape(-1, array.shape[-1])
        cells |= dict(zip(cell_ids(name, shapes[name]), (np.ascontiguousarray(row) for row in rows), strict=True))
    return cells
