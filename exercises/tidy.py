"""Room: exercises. Derived expressions brought into the form students are taught: ½·2(a − y) becomes a − y.

Only what the rules derive is tidied; what an author wrote (``x*1``) stays as written.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from exercises.expression import Apply, Constant, Expression, Shape, apply

ZERO, ONE = Fraction(0), Fraction(1)


def tidy(expression: Expression) -> Expression:
    """An expression of the same shape and value with constants folded and empty steps removed."""
    if not isinstance(expression, Apply):
        return expression
    arguments = tuple(tidy(argument) for argument in expression.arguments)
    rule = _RULES.get(expression.operation)
    tidied = rule(expression, *arguments) if rule else None
    if tidied is not None and tidied.shape == expression.size:
        return tidied
    return Apply(expression.operation, arguments, expression.parameters, expression.size)


def _is(expression: Expression, value: Fraction) -> bool:
    return isinstance(expression, Constant) and expression.value == value


def _split(expression: Expression) -> tuple[Fraction, Expression | None]:
    """The constant factor, and the rest (None where there is no more)."""
    if isinstance(expression, Constant):
        return expression.value, None
    if isinstance(expression, Apply) and expression.operation == "negate":
        factor, rest = _split(expression.arguments[0])
        return -factor, rest
    if isinstance(expression, Apply) and expression.operation == "multiply":
        first, second = expression.arguments
        if isinstance(first, Constant) and second.shape == expression.size:
            return first.value, second
    return ONE, expression


def _scaled(factor: Fraction, rest: Expression | None, size: Shape) -> Expression | None:
    """``factor · rest``; it may have another shape than asked for, and then the caller keeps what it had."""
    if rest is None or factor == 0:
        return Constant(factor if rest is None else ZERO, size)
    if factor == 1:
        return rest
    return apply("negate", rest) if factor == -1 else Constant(factor) * rest


def _multiply(whole: Apply, x: Expression, y: Expression) -> Expression | None:
    (a, rest_x), (b, rest_y) = _split(x), _split(y)
    if rest_x is None or rest_y is None:
        rest = rest_x if rest_y is None else rest_y
    elif isinstance(rest_y, Apply) and rest_y.operation == "divide" and _is(rest_y.arguments[0], ONE):
        rest = rest_x / rest_y.arguments[1]
    else:
        rest = rest_x * rest_y
    return _scaled(a * b, rest, whole.size)


def _divide(whole: Apply, x: Expression, y: Expression) -> Expression | None:
    (a, rest_x), (b, rest_y) = _split(x), _split(y)
    if b == 0:
        return None
    if rest_y is None:
        return _scaled(a / b, rest_x, whole.size)
    if rest_x is None:
        size = _over(abs(a), abs(b), rest_y)
        return apply("negate", size) if a / b < 0 else size
    return _scaled(a / b, rest_x / rest_y, whole.size)


def _over(a: Fraction, b: Fraction, rest: Expression) -> Expression:
    """a / (b · rest): 1 / (2√x) is taught so, and not as ½ / √x."""
    if (a / b).denominator == 1 or b == 1:
        return Constant(a / b) / rest
    return Constant(a) / (Constant(b) * rest)


def _add(whole: Apply, *terms: Expression) -> Expression | None:
    flat: list[Expression] = []
    for term in terms:
        flat += term.arguments if isinstance(term, Apply) and term.operation == "add" else (term,)
    constant = sum((term.value for term in flat if isinstance(term, Constant)), ZERO)
    rest = [term for term in flat if not isinstance(term, Constant)]
    if not rest:
        return Constant(constant, whole.size)
    if len(rest) > 1 and len(set(rest)) == 1:  # x + x, the slope of x·x
        rest = [Constant(Fraction(len(rest))) * rest[0]]
    if constant:
        rest.append(Constant(constant))
    if len(rest) == 2 and isinstance(rest[1], Apply) and rest[1].operation == "negate":
        result = rest[0] - rest[1].arguments[0]
    else:
        result = rest[0] if len(rest) == 1 else apply("add", *rest)
    return result


def _subtract(whole: Apply, x: Expression, y: Expression) -> Expression | None:
    if isinstance(x, Constant) and isinstance(y, Constant):
        return Constant(x.value - y.value, whole.size)
    if _is(y, ZERO):
        return x
    if _is(x, ZERO):
        return apply("negate", y)
    if isinstance(y, Apply) and y.operation == "negate":
        return x + y.arguments[0]
    return None


def _negate(whole: Apply, x: Expression) -> Expression | None:
    factor, rest = _split(x)
    return _scaled(-factor, rest, whole.size)


def _power(whole: Apply, x: Expression, n: Expression) -> Expression | None:
    if _is(n, ONE):
        return x
    if _is(n, ZERO):
        return Constant(ONE, whole.size)
    return apply("square", x) if _is(n, Fraction(2)) else None


def _spread(whole: Apply, x: Expression) -> Expression | None:
    return Constant(x.value, whole.size) if isinstance(x, Constant) else None


def _identity(whole: Apply, x: Expression) -> Expression | None:
    return x


def _transpose(whole: Apply, x: Expression) -> Expression | None:
    """(Aᵀ B)ᵀ is Bᵀ A, which is how the gradient by a factor that is transposed in the forward pass is taught."""
    if not isinstance(x, Apply):
        return None
    if x.operation == "transpose":
        return x.arguments[0]
    left = x.arguments[0]
    if x.operation == "matmul" and isinstance(left, Apply) and left.operation == "transpose" and len(x.size) == 2:
        return x.arguments[1].T @ left.arguments[0]
    return None


_RULES: dict[str, Callable[..., Expression | None]] = {
    "multiply": _multiply,
    "divide": _divide,
    "add": _add,
    "subtract": _subtract,
    "negate": _negate,
    "power": _power,
    "spread": _spread,
    "identity": _identity,
    "transpose": _transpose,
}
