"""Room: templates. The sign in a node of a computation graph: how the operation's row says that it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from exercises.expression import Apply, Constant
from exercises.operations import OPERATIONS
from exercises.writing import (
    Cases,
    Difference,
    Function,
    MatrixProduct,
    Negative,
    OuterProduct,
    Product,
    Quotient,
    Raised,
    Reciprocal,
    Repeated,
    Root,
    Same,
    Sum,
    Total,
    Transposed,
    Written,
)
from templates.diagram.shapes import Label, Level, Run

HOLE = "(·)"
"""Stands for the value that comes in, where the sign needs a place for it."""

COPIED: Label = (Run("="),)
"""A line that only gives another quantity a new name."""

Inputs = Sequence[str | None]
"""The arguments in order: a constant's digits, or None for what comes in along an edge."""


def sign(node: Apply) -> Label:
    """What stands in the node of an operation; numbers that belong to the formula are part of it (``+1``, ``×2``)."""
    inputs = [_digits(argument.value) if isinstance(argument, Constant) else None for argument in node.arguments]
    return _sign(OPERATIONS[node.operation].written, inputs)


def is_ordered(node: Apply) -> bool:
    """Whether it matters which of two incoming edges is first."""
    incoming = sum(not isinstance(argument, Constant) for argument in node.arguments)
    free = isinstance(OPERATIONS[node.operation].written, (Sum, Product)) or node.operation == "maximum"
    return incoming > 1 and not free


def _digits(value: Fraction) -> str:
    """A rule's own number: as a decimal where it ends after a few places, else as a quotient."""
    short = Fraction(str(float(value))) == value and len(str(float(value))) <= 8
    text = f"{float(value):g}" if short else str(value)
    return text.replace("-", "−")


def _bracketed(digits: str) -> str:
    return f"({digits})" if digits.startswith("−") else digits


def _infix(symbol: str) -> Callable[[Inputs], Label]:
    """``+`` where both come in; ``+1`` where the first does; ``1−(·)`` where the second does."""

    def written(inputs: Inputs) -> Label:
        fixed = [_bracketed(text) for text in inputs if text is not None]
        if inputs[0] is not None and symbol in "−÷":
            return (Run(f"{fixed[0]}{symbol if symbol == '−' else '/'}{HOLE}"),)
        return (Run("".join(symbol + text for text in fixed) or symbol),)

    return written


def _raised(written: Raised, inputs: Inputs) -> Label:
    if written.exponent is not None:
        return Run(HOLE), Run(str(written.exponent), Level.SUPER)
    base, exponent = inputs
    if base is None and exponent is None:
        return Run("x", italic=True), Run("y", Level.SUPER, italic=True)
    return Run(HOLE if base is None else base), Run(HOLE if exponent is None else exponent, Level.SUPER)


def _function(written: Function, inputs: Inputs) -> Label:
    if all(text is None for text in inputs):
        return (Run(written.name),)
    return (Run(f"{written.name}({', '.join(text or '·' for text in inputs)})"),)


_FIXED: dict[type[Written], Label] = {
    MatrixProduct: (Run("matmul"),),
    OuterProduct: (Run("⊗"),),
    Transposed: (Run(HOLE), Run("T", Level.SUPER)),
    Negative: (Run(f"−{HOLE}"),),
    Root: (Run("√"),),
    Reciprocal: (Run(f"1/{HOLE}"),),
    Same: COPIED,
    Repeated: COPIED,
    Cases: (Run("step"),),
    Total: (Run("Σ"),),
}

_INFIX: dict[type[Written], Callable[[Inputs], Label]] = {
    Sum: _infix("+"),
    Difference: _infix("−"),
    Product: _infix("×"),
    Quotient: _infix("÷"),
}


def _sign(written: Written, inputs: Inputs) -> Label:
    if isinstance(written, Function):
        return _function(written, inputs)
    if isinstance(written, Raised):
        return _raised(written, inputs)
    infix = _INFIX.get(type(written))
    return infix(inputs) if infix is not None else _FIXED[type(written)]
