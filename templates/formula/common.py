"""Room: templates. What the five printers share: when to use parentheses, signs and dots; what it looks like is theirs.

An expression is printed by the ``written`` column of its operation alone; no operation is known here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from exercises import writing
from exercises.definitions import factors_of
from exercises.expression import Apply, Constant, Expression, Symbol
from exercises.notation import ONES, Derivative, Notation, Sign
from exercises.operations import OPERATIONS
from exercises.repetition import (
    UPSAMPLE,
    Repetition,
    is_laid_out,
    is_one_number_repeated,
    is_place_by_place,
    repetition,
)


class Level(IntEnum):
    """How tightly a piece of print holds together; looser pieces are put in parentheses inside tighter ones."""

    CASES = 0
    SUM = 1
    PRODUCT = 2
    FRACTION = 3
    CALL = 4
    ATOM = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Printed text, and how tightly it holds together."""

    text: str
    level: Level
    minus: bool = False
    """Whether it begins with a minus sign."""
    short: bool = False
    """Whether it is a letter or a constant, after which a dot can be left out."""
    opens: bool = False
    """Whether it is a letter or begins with a bracket, before which a dot can be left out."""


_SIMPLE = (2, 3, 4)
"""Denominators of fractions that are written as such rather than as decimals, where they can be stacked."""

Numbers = Mapping[str, "Table"]
Table = str | tuple["Table", ...]
"""A number as text, or rows of them."""


class Setter(Protocol):
    """What a target has to know: how each way of writing looks."""

    @property
    def stacked(self) -> bool:
        """Whether fractions are set one above the other, so that what is in them needs no parentheses."""
        ...

    @property
    def repeats(self) -> bool:
        """Whether what is too small for its place is repeated without a sign, as in NumPy."""
        ...

    def sign(self, sign: Sign) -> str: ...
    def number(self, text: str) -> str: ...
    def constant(self, value: Fraction) -> Piece | None: ...
    def table(self, rows: Sequence[Table]) -> str: ...
    def parentheses(self, inner: str) -> str: ...
    def added(self, terms: Sequence[str]) -> str: ...
    def subtracted(self, x: str, y: str) -> str: ...
    def negative(self, x: str) -> str: ...
    def times(self, factors: Sequence[str]) -> str: ...
    def beside(self, factors: Sequence[str]) -> str: ...
    def outer(self, u: str, v: str) -> str: ...
    def place_by_place(self, factors: Sequence[str]) -> str: ...
    def fraction(self, x: str, y: str) -> str: ...
    def power(self, x: str, exponent: str) -> str: ...
    def root(self, x: str) -> str: ...
    def transposed(self, x: str) -> str: ...
    def call(self, function: writing.Function, arguments: Sequence[str]) -> str: ...
    def cases(self, above: str, below: str, x: str, tie_above: bool) -> str: ...
    def total(self, x: str, over: str) -> str: ...
    def equal(self, sides: Sequence[str]) -> str: ...


@dataclass(frozen=True)
class Printer:
    """One target for one exercise; every method returns the target's markup."""

    setter: Setter
    notation: Notation

    def expression(self, expression: Expression, numbers: Numbers | None = None) -> str:
        """An expression in symbols, or with ``numbers`` (id -> text or rows of texts) put in for some of them."""
        reading = _Reading(self.setter, self.notation, numbers or {})
        if is_one_number_repeated(expression) and not self.setter.repeats:
            return self.setter.times([reading.text(expression, Level.PRODUCT, leading=True), self.setter.sign(ONES)])
        return reading.piece(expression, leading=True).text

    def sign(self, sign: Sign) -> str:
        return self.setter.sign(sign)

    def symbol(self, name: str) -> str:
        """How the quantity or cell of that id is written."""
        return self.setter.sign(self.notation.sign(name))

    def number(self, value: Table) -> str:
        return _number(self.setter, value)

    def chain(self, products: Sequence[Sequence[Sign]]) -> str:
        """A sum of products of partial derivatives."""
        terms = [self._product([self.setter.sign(sign) for sign in product]) for product in products]
        return terms[0] if len(terms) == 1 else self.setter.added(terms)

    def _product(self, factors: Sequence[str]) -> str:
        return factors[0] if len(factors) == 1 else self.setter.times(factors)

    def equal(self, sides: Sequence[str]) -> str:
        return self.setter.equal(sides)


def _number(setter: Setter, value: Table) -> str:
    return setter.number(value) if isinstance(value, str) else setter.table(value)


@dataclass(frozen=True)
class _Reading:
    """One walk through an expression. ``leading``: nothing stands before, so a minus needs no parentheses."""

    setter: Setter
    notation: Notation
    numbers: Numbers
    laid_out: bool = False
    """Whether it goes on inside something that is laid out anew."""

    def piece(self, expression: Expression, leading: bool = False) -> Piece:
        if isinstance(expression, Symbol):
            return self._symbol(expression.name, leading)
        if isinstance(expression, Constant):
            return self._constant(expression.value, leading)
        if not isinstance(expression, Apply):
            raise TypeError(f"{expression!r} is no expression")
        written = OPERATIONS[expression.operation].written
        return _WAYS[type(written)](self, written, expression, leading)

    def text(self, expression: Expression, least: Level, leading: bool = False) -> str:
        """The expression, in parentheses where it holds together less than that, or begins with a minus inside."""
        return self.held(expression, least, leading).text

    def held(self, expression: Expression, least: Level, leading: bool = False) -> Piece:
        piece = self.piece(expression, leading)
        return piece if piece.level >= least else self.bracketed(expression)

    def bracketed(self, expression: Expression) -> Piece:
        return Piece(self.setter.parentheses(self.inside(expression)), Level.ATOM, opens=True)

    def inside(self, expression: Expression) -> str:
        """The expression where brackets or a line hold it together already."""
        return self.piece(expression, leading=True).text

    def _symbol(self, name: str, leading: bool) -> Piece:
        if name in self.numbers:
            return self._number(self.numbers[name], leading)
        sign = self.notation.sign(name)
        if isinstance(sign, Derivative):
            return Piece(self.setter.sign(sign), Level.FRACTION)
        letter = len(sign.base) == 1 and not self.notation.style.code
        return Piece(self.setter.sign(sign), Level.CALL if sign.raised else Level.ATOM, short=letter, opens=letter)

    def _number(self, value: Table, leading: bool) -> Piece:
        text = _number(self.setter, value)
        if not isinstance(value, str) or not value.startswith(("-", "−")):
            return Piece(text, Level.ATOM)
        return Piece(text, Level.PRODUCT, minus=True) if leading else Piece(self.setter.parentheses(text), Level.ATOM)

    def _constant(self, value: Fraction, leading: bool) -> Piece:
        if value < 0:
            positive = self._constant(-value, leading=True)
            text = self.setter.negative(positive.text)
            piece = Piece(text, Level.PRODUCT, minus=True)
            return piece if leading else Piece(self.setter.parentheses(text), Level.ATOM)
        special = self.setter.constant(value)
        if special is not None:
            return special
        decimal = _decimal(value)
        if decimal is not None and not (self.setter.stacked and value.denominator in _SIMPLE):
            return Piece(self.setter.number(decimal), Level.ATOM, short=True)
        top, bottom = self.setter.number(str(value.numerator)), self.setter.number(str(value.denominator))
        return Piece(self.setter.fraction(top, bottom), self._fraction_level(), short=self.setter.stacked)

    def _fraction_level(self) -> Level:
        return Level.FRACTION if self.setter.stacked else Level.PRODUCT

    def sum(self, written: object, node: Apply, leading: bool) -> Piece:
        first, *rest = node.arguments
        head = self.piece(first, leading)
        terms = [head.text if head.level > Level.CASES else self.setter.parentheses(head.text)]
        terms += [self.text(term, Level.SUM) for term in rest]
        return Piece(self.setter.added(terms), Level.SUM, head.minus)

    def difference(self, written: object, node: Apply, leading: bool) -> Piece:
        x, y = node.arguments
        head = self.piece(x, leading)
        left = head.text if head.level > Level.CASES else self.setter.parentheses(head.text)
        return Piece(self.setter.subtracted(left, self.text(y, Level.PRODUCT)), Level.SUM, head.minus)

    def negative(self, written: object, node: Apply, leading: bool) -> Piece:
        text = self.setter.negative(self.text(node.arguments[0], Level.PRODUCT))
        if leading:
            return Piece(text, Level.PRODUCT, minus=True)
        return Piece(self.setter.parentheses(text), Level.ATOM)

    def product(self, written: object, node: Apply, leading: bool) -> Piece:
        """Factors from left to right; a product of tensors place by place is marked as one."""
        factors = factors_of(node)
        pieces = [self.factor(factor, leading and place == 0) for place, factor in enumerate(factors)]
        minus = pieces[0].minus
        if is_place_by_place(factors):
            return Piece(self._place_by_place(factors, pieces), Level.PRODUCT, minus)
        if self._tight(pieces):
            return Piece(self.setter.beside([piece.text for piece in pieces]), Level.PRODUCT, minus)
        return Piece(self.setter.times([piece.text for piece in pieces]), Level.PRODUCT, minus)

    def _place_by_place(self, factors: Sequence[Expression], pieces: Sequence[Piece]) -> str:
        """Numbers first, as they come, then vectors or matrices."""
        alone = [not factor.shape or is_one_number_repeated(factor) for factor in factors]
        numbers = [piece.text for piece, one in zip(pieces, alone, strict=True) if one]
        rest = self.setter.place_by_place([piece.text for piece, one in zip(pieces, alone, strict=True) if not one])
        return self.setter.times([*numbers, rest])

    def factor(self, factor: Expression, leading: bool) -> Piece:
        piece = self.piece(factor, leading)
        if piece.level >= Level.FRACTION or (piece.minus and piece.level is Level.PRODUCT):
            return piece
        return self.bracketed(factor)

    def _tight(self, pieces: Sequence[Piece]) -> bool:
        """x₁w₁, ½(a − y)² and a(1 − a) are written without dots in the textbooks of networks; all else has them."""
        if not self.notation.lettered:
            return False
        return all(left.short and right.opens for left, right in pairwise(pieces))

    def matrix_product(self, written: object, node: Apply, leading: bool) -> Piece:
        factors = [self.text(argument, Level.FRACTION) for argument in node.arguments]
        return Piece(self.setter.beside(factors), Level.PRODUCT)

    def outer_product(self, written: object, node: Apply, leading: bool) -> Piece:
        u, v = node.arguments
        return Piece(self.setter.outer(self.text(u, Level.FRACTION), self.text(v, Level.ATOM)), Level.PRODUCT)

    def transposed(self, written: object, node: Apply, leading: bool) -> Piece:
        return Piece(self.setter.transposed(self.text(node.arguments[0], Level.ATOM)), Level.CALL)

    def quotient(self, written: object, node: Apply, leading: bool) -> Piece:
        x, y = node.arguments
        if self.setter.stacked:
            return Piece(self.setter.fraction(self.inside(x), self.inside(y)), Level.FRACTION)
        head = self.piece(x, leading)
        top = head.text if head.level >= Level.PRODUCT else self.setter.parentheses(self.inside(x))
        return Piece(self.setter.fraction(top, self.text(y, Level.CALL)), Level.PRODUCT, head.minus)

    def reciprocal(self, written: object, node: Apply, leading: bool) -> Piece:
        return self.quotient(written, Apply("", (Constant(Fraction(1)), *node.arguments), (), node.size), leading)

    def raised(self, written: object, node: Apply, leading: bool) -> Piece:
        assert isinstance(written, writing.Raised)
        base = self.held(node.arguments[0], Level.ATOM)
        fixed = written.exponent
        exponent = self.inside(node.arguments[1]) if fixed is None else self.setter.number(str(fixed))
        return Piece(self.setter.power(base.text, exponent), Level.CALL, opens=base.opens)

    def root(self, written: object, node: Apply, leading: bool) -> Piece:
        return Piece(self.setter.root(self.inside(node.arguments[0])), Level.CALL)

    def same(self, written: object, node: Apply, leading: bool) -> Piece:
        inside = replace(self, laid_out=True) if is_laid_out(node) else self
        return inside.piece(node.arguments[0], leading)

    def repeated(self, written: object, node: Apply, leading: bool) -> Piece:
        """A vector times the transposed vector of ones; a single number is repeated unsaid."""
        (x,), way = node.arguments, repetition(node, laid_out=self.laid_out)
        if way is Repetition.UNSAID or (way is Repetition.ROWS and self.setter.repeats):
            return self.piece(x, leading)
        if way is Repetition.WINDOWS:
            return Piece(self.setter.call(UPSAMPLE, [self.inside(x)]), Level.CALL)
        if self.setter.repeats:
            return Piece(f"{self.text(x, Level.ATOM)}[:, None]", Level.CALL)
        held = self.held(x, Level.FRACTION if way is Repetition.COLUMNS else Level.ATOM)
        ones, factor = self.setter.sign(ONES), (self.bracketed(x) if _is_total(x) else held).text
        sides = (factor, ones) if way is Repetition.COLUMNS else (ones, factor)
        return Piece(self.setter.outer(*sides), Level.PRODUCT)

    def function(self, written: object, node: Apply, leading: bool) -> Piece:
        assert isinstance(written, writing.Function)
        if node.operation in ("gather", "scatter"):
            written = _of_rows(written, node.parameters[0])
        arguments = _unnested(node) if written.nested else node.arguments
        return Piece(self.setter.call(written, [self.inside(argument) for argument in arguments]), Level.CALL)

    def cases(self, written: object, node: Apply, leading: bool) -> Piece:
        levels = [parameter for parameter in node.parameters if isinstance(parameter, Fraction)]
        above, below, at_zero = levels
        texts = [self._constant(level, leading=True).text for level in (above, below)]
        x = self.piece(node.arguments[0], leading=True).text
        text = self.setter.cases(texts[0], texts[1], x, at_zero == above)
        return Piece(text, Level.CASES) if self.setter.stacked else Piece(self.setter.parentheses(text), Level.ATOM)

    def total(self, written: object, node: Apply, leading: bool) -> Piece:
        """Σ over everything, or over what the operation names."""
        (x,) = node.arguments
        axes = node.parameters[0]
        assert isinstance(axes, tuple)  # a sum names its axes
        network = self.notation.network
        over = writing.summed_over(axes, len(x.shape), network is not None and network.examples is not None)
        least = Level.CALL if self.setter.stacked else Level.ATOM  # Σ(x)² in a line could mean either
        return Piece(self.setter.total(self.text(x, least), over), Level.FRACTION)


def _is_total(expression: Expression) -> bool:
    """Whether what stands behind it would seem to be added up too."""
    return isinstance(expression, Apply) and isinstance(OPERATIONS[expression.operation].written, writing.Total)


def entries(row: Sequence[Table]) -> list[str]:
    """The numbers of a matrix's row for printers whose targets set the minus themselves."""
    return [entry.replace("−", "-") if isinstance(entry, str) else " ".join(entries(entry)) for entry in row]


def _decimal(value: Fraction) -> str | None:
    """The value as a decimal of at most 12 digits, or None where it has no such."""
    for digits in range(13):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            whole = str(scaled.numerator).rjust(digits + 1, "0")
            return f"{whole[: len(whole) - digits]}.{whole[len(whole) - digits :]}" if digits else whole
    return None


_WAYS: dict[type, Callable[..., Piece]] = {
    writing.Sum: _Reading.sum,
    writing.Difference: _Reading.difference,
    writing.Product: _Reading.product,
    writing.MatrixProduct: _Reading.matrix_product,
    writing.OuterProduct: _Reading.outer_product,
    writing.Transposed: _Reading.transposed,
    writing.Quotient: _Reading.quotient,
    writing.Negative: _Reading.negative,
    writing.Raised: _Reading.raised,
    writing.Root: _Reading.root,
    writing.Reciprocal: _Reading.reciprocal,
    writing.Same: _Reading.same,
    writing.Repeated: _Reading.repeated,
    writing.Function: _Reading.function,
    writing.Cases: _Reading.cases,
    writing.Total: _Reading.total,
}
"""Every kind of writing and how it is set; a new kind that isn't here fails the test that prints every row."""


def _unnested(node: Apply) -> tuple[Expression, ...]:
    """The arguments of an operation and of those of its kind inside it."""
    found: list[Expression] = []
    for argument in node.arguments:
        nested = isinstance(argument, Apply) and argument.operation == node.operation
        found += _unnested(argument) if nested and isinstance(argument, Apply) else (argument,)
    return tuple(found)


def _of_rows(written: writing.Function, rows: object) -> writing.Function:
    """Which rows are chosen, counted from 1: row 2, rows 2, 1."""
    numbers = [row + 1 for row in rows] if isinstance(rows, tuple) else []
    name = written.name if len(numbers) != 1 else written.name.removesuffix("s")
    return writing.Function(
        f"{name} {', '.join(map(str, numbers))}", f"{written.spoken} {', '.join(map(str, numbers))}"
    )
