"""Room: exercises. The shapes in the margin of a matrix line: what is put together, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exercises.expression import Apply, Expression, Shape
from exercises.operations import OPERATIONS
from exercises.repetition import Repetition, repetition
from exercises.writing import (
    Difference,
    Function,
    MatrixProduct,
    OuterProduct,
    Product,
    Quotient,
    Repeated,
    Sum,
    Total,
    Transposed,
)

ARROW = " → "


def shapes_of(expression: Expression, *, typed: bool = False) -> str:
    """``(2×1)(1×3) → 2×3`` for δ aᵀ; only ``2×3`` where all parts have the shape of the result.

    Scalars are passed over; a vector is a column, n×1. ``typed`` shapes are NumPy's: ``(2, 3) @ (3,) → (2,)``.
    """
    reading = _Reading(typed)
    found, result = reading.part(expression), reading.shape(expression.shape)
    return result if found.text in ("", result) else f"{found.text}{ARROW}{result}"


@dataclass(frozen=True, slots=True)
class _Part:
    """What a piece of a formula says of shapes, and whether that are several shapes joined by a sign."""

    text: str
    joined: bool = False


_NOTHING = _Part("")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One walk through an expression."""

    typed: bool

    def shape(self, shape: Shape) -> str:
        if self.typed:
            return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
        return "×".join(map(str, (*shape, 1) if len(shape) == 1 else shape))

    def part(self, node: Expression) -> _Part:
        """Of a node: nothing for scalars, else its shape or how it comes about."""
        if not isinstance(node, Apply):
            return _Part(self.shape(node.shape)) if node.shape else _NOTHING
        written = OPERATIONS[node.operation].written
        if isinstance(written, MatrixProduct | OuterProduct):
            return self._product(node, outer=isinstance(written, OuterProduct))
        if isinstance(written, Repeated):
            return self._repeated(node)
        if isinstance(written, Transposed):
            return _Part(self.shape(node.shape))
        if isinstance(written, Total):
            return self._total(node)
        if isinstance(written, Sum | Difference | Product | Quotient):
            return self._side_by_side(node, (_TYPED if self.typed else _SIGNS)[type(written)])
        return self._made_by(node, written)

    def _product(self, node: Apply, *, outer: bool) -> _Part:
        if self.typed:
            texts = [self._held(self.part(one)) for one in node.arguments]
            return _Part(f"outer({', '.join(texts)})") if outer else _Part(" @ ".join(texts), joined=True)
        return _Part("".join(self._factors(one, row=outer and place == 1) for place, one in enumerate(node.arguments)))

    def _factors(self, node: Expression, *, row: bool = False) -> str:
        if isinstance(node, Apply) and isinstance(OPERATIONS[node.operation].written, MatrixProduct):
            return self._product(node, outer=False).text
        return f"({self.shape((1, *node.shape) if row else node.shape)})"

    def _held(self, part: _Part) -> str:
        return f"({part.text})" if part.joined else part.text

    def _repeated(self, node: Apply) -> _Part:
        """Of a vector the product with ones, or typed the column that NumPy repeats."""
        way, (inner,) = repetition(node), node.arguments
        if way not in (Repetition.COLUMNS, Repetition.ROWS):
            return self.part(inner)
        rows, columns = node.shape
        if not self.typed:
            return _Part(f"({rows}×1)(1×{columns})")
        return _Part(self.shape((rows, 1))) if way is Repetition.COLUMNS else self.part(inner)

    def _total(self, node: Apply) -> _Part:
        (inner,) = node.arguments
        if not inner.shape:
            return _NOTHING
        return _Part(f"{'sum' if self.typed else 'Σ'}({self.part(inner).text})")

    def _side_by_side(self, node: Apply, sign: str) -> _Part:
        """Of parts that are all alike one is said."""
        parts = [part for one in node.arguments if (part := self.part(one)).text]
        if len({part.text for part in parts}) <= 1:
            return parts[0] if parts else _NOTHING
        return _Part(f" {sign} ".join(self._apart(parts, sign)), joined=True)

    def _apart(self, parts: Sequence[_Part], sign: str) -> list[str]:
        return [part.text if sign == "+" else self._held(part) for part in parts]

    def _made_by(self, node: Apply, written: object) -> _Part:
        """Of a function its arguments, with its name where it makes another shape of them."""
        parts = [part for one in node.arguments if (part := self.part(one)).text]
        same = all(one.shape in ((), node.shape) for one in node.arguments)
        if len(parts) == 1 and (same or not isinstance(written, Function)):
            return parts[0]
        if same and len({part.text for part in parts}) <= 1:
            return parts[0] if parts else _NOTHING
        name = written.name if isinstance(written, Function) else ""
        return _Part(f"{name}({', '.join(part.text for part in parts)})")


_SIGNS: dict[type, str] = {Sum: "+", Difference: "−", Product: "⊙", Quotient: "/"}
_TYPED: dict[type, str] = {Sum: "+", Difference: "-", Product: "*", Quotient: "/"}
