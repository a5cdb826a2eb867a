"""Room: exercises. Why a quantity has no value: the operation that can't be done, with the numbers that go into it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exercises.components import by_cell, componentwise
from exercises.expression import Apply, Expression, Symbol, walk
from exercises.operations import OPERATIONS
from exercises.operations.row import Array
from exercises.program import Program
from exercises.shown import evaluated

ABOVE_0 = "a logarithm takes a number above 0"
BY_0 = "nothing can be divided by 0"
TOO_LARGE = "that is too large for a computer"

_FORMS = {
    "log": ("log({0})", ABOVE_0),
    "log10": ("log10({0})", ABOVE_0),
    "sqrt": ("sqrt({0})", "a root takes 0 or a number above it"),
    "divide": ("{0} / {1}", BY_0),
    "reciprocal": ("1 / {0}", BY_0),
    "power": ("{0} ^ {1}", "there is no such power"),
}
"""How the operations that aren't possible with every number are written."""


def why_undefined(program: Program, values: Mapping[str, Array], cell: str) -> str:
    """The impossible operation behind a cell, as ``log(-1) where x = -1; a logarithm takes a number above 0``.

    ``values`` are arrays of quantities (shape + (1,)), the cell's own among them, and it is the first that has none.
    Empty where no single operation is to blame.
    """
    numbers = {name: float(array[0]) for name, array in by_cell(program.shapes, values).items()}
    for node in walk(componentwise(program).by_name[cell].expression):
        if not isinstance(node, Apply) or np.isfinite(evaluated(node, numbers)):
            continue
        arguments = [evaluated(argument, numbers) for argument in node.arguments]
        if np.isfinite(arguments).all():
            form, rule = _form(node, arguments)
            return f"{_written(form, arguments)}{_where(node, numbers)}; {rule}"
    return ""


def _form(node: Apply, arguments: list[float]) -> tuple[str, str]:
    overflow = node.operation in ("divide", "reciprocal") and arguments[-1] != 0
    if node.operation in _FORMS and not overflow:
        return _FORMS[node.operation]
    called = next(iter(OPERATIONS[node.operation].called), node.operation)
    return f"{called}({', '.join(f'{{{place}}}' for place in range(len(arguments)))})", TOO_LARGE


def _written(form: str, arguments: list[float]) -> str:
    """Negative numbers beside a sign of operation stand in parentheses."""
    texts = [_short(argument) for argument in arguments]
    return form.format(*(f"({text})" if text.startswith("-") and "(" not in form else text for text in texts))


def _where(node: Expression, numbers: Mapping[str, float]) -> str:
    names = dict.fromkeys(inner.name for inner in walk(node) if isinstance(inner, Symbol))
    return f" where {' and '.join(f'{name} = {_short(numbers[name])}' for name in names)}" if names else ""


def _short(number: float) -> str:
    return f"{number:.6g}"
