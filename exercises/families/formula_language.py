"""Room: exercises. The small language of circuits: ``q = x + y``, ``log(2 + cos(x))``.

Names, ASCII numbers, ``+ - * / ^``, unary minus, parentheses and the table's functions. Nothing is ever executed: a line
becomes a tree of operations or an InputError that points at the place.

    line   = name "=" sum          sum   = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed = "-" signed | power    power = atom ["^" signed]
    atom   = number | name | function "(" sum {"," sum} ")" | "(" sum ")"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from exercises.errors import InputError, nearest
from exercises.expression import Constant, Expression, Symbol, apply
from exercises.operations import CALLABLE

LONGEST_LINE = 2_000
DEEPEST = 60
"""Nesting that no exercise needs, well below what recursion allows."""

LARGEST_NUMBER = 10**12

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|[-+*/^(),=]))"
)
_ALTERNATIVES = str.maketrans({"·": "*", "×": "*", "−": "-", "÷": "/"})
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]*")
_TAKEN = re.compile(r"u[0-9]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a circuit: the name it gives, and the tree of operations."""

    name: str
    expression: Expression


def parse_line(text: str, number: int) -> Line:
    """Read ``name = expression``; InputError names line and column."""
    where = f"lines[{number}]"
    name, equals, rest = text.partition("=")
    if not equals:
        raise InputError(f'expected "name = expression", found "{_short(text)}"', where=where)
    return Line(checked_name(name.strip(), where), parse_expression(rest, where, offset=len(name) + 1))


def checked_name(name: str, where: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f'expected a name of letters, digits and _ before "=", found "{_short(name)}"', where=where)
    if _TAKEN.fullmatch(name):
        raise InputError(f'"{name}" can\'t be used: u1, u2, … name the unnamed inner results', where=where)
    if name in CALLABLE:
        raise InputError(f'"{name}" is the name of a function; choose another', where=where)
    if "_new" in name or (name.startswith("d") and len(name) > 1 and "_d" in name):
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

    def peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.position)

    def take_sign(self, *signs: str) -> str | None:
        token = self.peek()
        if token is None or token["sign"] not in signs:
            return None
        self.position = token.end()
        return token["sign"]

    def complain(self, expected: str) -> InputError:
        rest = self.text[self.position :].strip()
        found = f'"{_short(rest)}"' if rest else "the end"
        column = self.offset + len(self.text) - len(self.text[self.position :].lstrip()) + 1
        return InputError(f"expected {expected}, found {found}", where=f"{self.where}, column {column}")

    def expect_end(self) -> None:
        if self.text[self.position :].strip():
            raise self.complain("an operation (+ - * / ^) or the end")

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.complain(f"at most {DEEPEST} levels of parentheses")
        left = self.product()
        while sign := self.take_sign("+", "-"):
            right = self.product()
            left = left + right if sign == "+" else left - right
        self.depth -= 1
        return left

    def product(self) -> Expression:
        left = self.signed()
        while sign := self.take_sign("*", "/"):
            right = self.signed()
            left = left * right if sign == "*" else left / right
        return left

    def signed(self) -> Expression:
        negative = False
        while self.take_sign("-"):
            negative = not negative
        value = self.power()
        if not negative:
            return value
        return Constant(-value.value) if isinstance(value, Constant) else -value

    def power(self) -> Expression:
        base = self.atom()
        if not self.take_sign("^", "**"):
            return base
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.complain(f"at most {DEEPEST} powers in each other")
        exponent = self.signed()
        self.depth -= 1
        return base**exponent

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
        value = Fraction(token["number"]) if len(token["number"]) <= 30 else Fraction(LARGEST_NUMBER + 1)
        if value > LARGEST_NUMBER:
            raise self.complain("a number of at most 10^12")
        self.position = token.end()
        return Constant(value)

    def named(self, token: re.Match[str]) -> Expression:
        name = token["name"]
        after = _TOKEN.match(self.text, token.end())
        if after is None or after["sign"] != "(":
            if name in CALLABLE:
                raise self.complain(f'"(" after the function {name}')
            if _TAKEN.fullmatch(name):
                raise self.complain("a name other than u1, u2, … (they name the unnamed inner results)")
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
                result = apply("maximum", result, argument)
            return result
        if len(arguments) != 1:
            raise self.complain(f"one argument of {name}")
        parameters = (Fraction(1, 100),) if name == "leaky_relu" else ()
        return apply(CALLABLE[name], arguments[0], parameters=parameters)
