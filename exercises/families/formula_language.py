"""Room: exercises. The small language of circuits: ``q = x + y``, ``log(2 + cos(x))``.

Names, ASCII numbers, ``+ - * / ^``, unary minus, parentheses and the table's functions. Nothing is ever executed: a
line becomes a tree of operations or an InputError that points at the place. Arithmetic of numbers alone is a number:
``x^(1/2)`` is one power, with nothing to differentiate in its exponent.

    line   = name "=" sum          sum   = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed = "-" signed | power    power = atom ["^" signed]
    atom   = number | name | function "(" sum {"," sum} ")" | "(" sum ")"
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exercises.errors import InputError, nearest
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.operations import CALLABLE

LONGEST_LINE = 2_000
DEEPEST = 60
"""Nesting that no exercise needs, well below what recursion allows."""

LONGEST_NAME = 40

MOST_OPERATIONS = 200
"""A circuit of more lines is no exercise; and it bounds what a specification can make us work out."""

LARGEST_NUMBER = 10**12
MOST_DIGITS = 30

LARGEST_EXACT_POWER = 64
"""Numbers to higher powers are left to floating point."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|[-+*/^(),=]))"
)
_ALTERNATIVES = str.maketrans({"·": "*", "×": "*", "−": "-", "÷": "/"})
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]*")
_TAKEN = re.compile(r"u[0-9]+")
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a circuit: the name it gives, the tree of operations, and where it was written."""

    name: str
    expression: Expression
    where: str


def parse_line(text: str, number: int) -> Line:
    """Read ``name = expression``; InputError names line and column."""
    where = f"lines[{number}]"
    name, equals, rest = text.partition("=")
    if not equals:
        raise InputError(f'expected "name = expression", found "{_short(text)}"', where=where)
    return Line(checked_name(name.strip(), where), parse_expression(rest, where, offset=len(name) + 1), where)


def checked_name(name: str, where: str) -> str:
    """The name, or InputError where it can't be the id of a quantity."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f'expected a name that starts with a letter and goes on with letters, digits or _, found "{_short(name)}"',
            where=where,
        )
    if len(name) > LONGEST_NAME:
        raise InputError(f"expected a name of at most {LONGEST_NAME} characters, found {len(name)}", where=where)
    if _TAKEN.fullmatch(name):
        raise InputError(
            f'"{name}" can\'t be used: u1, u2, … name the unnamed inner results; choose another', where=where
        )
    if name in CALLABLE:
        raise InputError(f'"{name}" is the name of a function; choose another', where=where)
    if "_new" in name or (name.startswith("d") and "_d" in name):
        raise InputError(f'"{name}" looks like a derivative or an update; choose another', where=where)
    return name


def parse_expression(text: str, where: str, *, offset: int = 0) -> Expression:
    """Read an expression; its names become scalar symbols."""
    if len(text) > LONGEST_LINE:
        raise InputError(f"expected at most {LONGEST_LINE} characters, found {len(text)}", where=where)
    parser = _Parser(text.translate(_ALTERNATIVES), where, offset)
    expression = parser.sum()
    parser.expect_end()
    return expression


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


class _Parser:
    """Recursive descent over one expression; ``position`` is where the next token is looked for."""

    def __init__(self, text: str, where: str, offset: int) -> None:
        self.text, self.where, self.offset = text, where, offset
        self.position = 0
        self.depth = 0
        self.operations = 0

    def peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.position)

    def take_sign(self, *signs: str) -> str | None:
        token = self.peek()
        if token is None or token["sign"] not in signs:
            return None
        self.position = token.end()
        return token["sign"]

    @property
    def here(self) -> str:
        column = self.offset + len(self.text) - len(self.text[self.position :].lstrip()) + 1
        return f"{self.where}, column {column}"

    def complain(self, expected: str) -> InputError:
        rest = self.text[self.position :].strip()
        found = f'"{_short(rest)}"' if rest else "the end"
        return InputError(f"expected {expected}, found {found}", where=self.here)

    def operate(self, operation: Callable[..., Expression], *arguments: Expression) -> Expression:
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise self.complain(f"at most {MOST_OPERATIONS} operations")
        return operation(*arguments)

    def joined(self, left: Expression, sign: str, right: Expression) -> Expression:
        if isinstance(left, Constant) and isinstance(right, Constant):
            exact = _exact(left.value, sign, right.value)
            if exact is not None:
                return Constant(exact)
        return self.operate(_ARITHMETIC[sign], left, right)

    def expect_end(self) -> None:
        if self.text[self.position :].strip():
            raise self.complain("an operation (+ - * / ^) or the end")

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.complain(f"at most {DEEPEST} levels of parentheses")
        left = self.product()
        while sign := self.take_sign("+", "-"):
            left = self.joined(left, sign, self.product())
        self.depth -= 1
        return left

    def product(self) -> Expression:
        left = self.signed()
        while sign := self.take_sign("*", "/"):
            place, right = self.here, self.signed()
            if sign == "/" and isinstance(right, Constant) and right.value == 0:
                raise InputError("a division by 0 has no value; change the divisor", where=place)
            left = self.joined(left, sign, right)
        return left

    def signed(self) -> Expression:
        negative = False
        while self.take_sign("-"):
            negative = not negative
        value = self.power()
        if not negative:
            return value
        return Constant(-value.value) if isinstance(value, Constant) else self.operate(operator.neg, value)

    def power(self) -> Expression:
        base = self.atom()
        if not self.take_sign("^", "**"):
            return base
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.complain(f"at most {DEEPEST} powers in each other")
        exponent = self.signed()
        self.depth -= 1
        return self.joined(base, "^", exponent)

    def atom(self) -> Expression:
        token = self.peek()
        if token is None:
            raise self.complain("a number, a name or a parenthesis")
        if token["number"]:
            return self.number(token)
        if token["name"]:
            return self.named(token)
        if self.take_sign("(") is None:
            raise self.complain("a number, a name or a parenthesis")
        inner = self.sum()
        if self.take_sign(")") is None:
            raise self.complain('")"')
        return inner

    def number(self, token: re.Match[str]) -> Expression:
        if len(token["number"]) > MOST_DIGITS or Fraction(token["number"]) > LARGEST_NUMBER:
            raise self.complain(f"a number of at most 10^12 and at most {MOST_DIGITS} digits")
        self.position = token.end()
        return Constant(Fraction(token["number"]))

    def named(self, token: re.Match[str]) -> Expression:
        name = token["name"]
        after = _TOKEN.match(self.text, token.end())
        if after is None or after["sign"] != "(":
            if name in CALLABLE:
                raise self.complain(f'"(" after the function {name}')
            name = checked_name(name, self.here)
            self.position = token.end()
            return Symbol(name)
        if name not in CALLABLE:
            close = nearest(name, CALLABLE)
            hint = f'did you mean "{close}"?' if close else f"known: {', '.join(CALLABLE)}"
            raise self.complain(f"a known function ({hint})")
        self.position = after.end()
        return self.call(name)

    def call(self, name: str) -> Expression:
        arguments = [self.sum()]
        while self.take_sign(","):
            arguments.append(self.sum())
        if self.take_sign(")") is None:
            raise self.complain('")"')
        if name == "max":
            if len(arguments) < 2:
                raise self.complain("max of at least two numbers")
            result = arguments[0]
            for argument in arguments[1:]:
                result = self.operate(functools.partial(apply, "maximum"), result, argument)
            return result
        if len(arguments) != 1:
            raise self.complain(f"one argument of {name}")
        parameters = (Fraction(1, 100),) if name == "leaky_relu" else ()
        return self.operate(functools.partial(apply, CALLABLE[name], parameters=parameters), arguments[0])


def _exact(a: Fraction, sign: str, b: Fraction) -> Fraction | None:
    """The value of two numbers' arithmetic, where it is a fraction of moderate size."""
    if sign == "^" and (b.denominator != 1 or abs(b) > LARGEST_EXACT_POWER or (a == 0 and b <= 0)):
        return None
    value = Fraction(_ARITHMETIC[sign](a, b))
    return value if max(abs(value.numerator), value.denominator) <= LARGEST_NUMBER else None
