"""Room: exercises. The numbers a teacher writes, as arrays that fit the program; and back to what a teacher writes.

In TOML ``x`` and ``y`` list one vector or a list of examples; in the program examples are columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from exercises.errors import InputError, unknown
from exercises.operations.row import Array
from exercises.program import Given, Program, Role

EXAMPLES_ARE_ROWS = (Role.INPUT, Role.TARGET)
"""What is listed example by example."""


def given_arrays(program: Program, raw: Mapping[str, Any], settled: Mapping[str, Any]) -> dict[str, Array]:
    """Each given quantity as an array of its shape and a variants axis of length 1, in the program's order.

    ``settled`` are numbers that other options fix (the learning rate). InputError for an unknown name, a shape that
    doesn't fit, and whatever is no finite number.
    """
    known = {given.name: given for given in program.givens}
    for name in raw:
        _check_name(name, program, known, settled)
    arrays = {name: read_array(known[name], value) for name, value in raw.items()}
    arrays |= {
        name: _everywhere(known[name], value) if _is_number(value) else read_array(known[name], value)
        for name, value in settled.items()
        if name in known
    }
    return {name: arrays[name] for name in known if name in arrays}


def _everywhere(given: Given, value: float) -> Array:
    return np.full((*given.shape, 1), _finite(value, given.name))


def _check_name(name: str, program: Program, known: Mapping[str, Given], settled: Mapping[str, Any]) -> None:
    if name in program.by_name:
        raise InputError(f'"{name}" is worked out by the exercise, so it can\'t be given', where="given")
    if name in settled:
        raise InputError(
            f"{name} is settled elsewhere in the exercise ({_short(settled[name])}); leave it out", where="given"
        )
    if name not in known:
        raise InputError(unknown("quantity", name, known), where="given")


def read_array(given: Given, value: Any, *, examples: bool = False) -> Array:
    """The array of one quantity; InputError says which rows and numbers were expected and which were found."""
    shape = given.shape
    if _by_examples(given):
        by_row = Given(given.name, shape[::-1], Role.VARIABLE)
        return read_array(by_row, _column(value, shape), examples=True).swapaxes(0, 1)
    if isinstance(value, list) and shape and shape[0] == 1 and len(shape) == 2 and not any(_lists(value)):
        value = [value]  # the one row of a layer with one unit
    if not isinstance(value, list) and math.prod(shape) == 1:
        number = _finite(value, given.name)
        if given.role is Role.RATE and number < 0:
            raise InputError(f"expected a number from 0 on, found {_short(value)}", where=given.name)
        return np.full((*shape, 1), number)
    found = _shape_of(value)
    if found != shape:
        which = ", a row for each example" if examples else ""
        raise InputError(f"expected {_described(shape)}{which}, found {_found(value, found)}", where=given.name)
    flat = [_finite(number, given.name) for number in _flat(value)]
    return np.array(flat, dtype=np.float64).reshape(*shape, 1)


def _by_examples(given: Given) -> bool:
    return len(given.shape) == 2 and given.role in EXAMPLES_ARE_ROWS and not given.laid_out


def _column(value: Any, shape: tuple[int, ...]) -> Any:
    """Targets of a single output may be listed without a list around each."""
    single = shape[0] == 1 and isinstance(value, list) and not any(_lists(value))
    return [[number] for number in value] if single else value


def _lists(value: list[Any]) -> list[bool]:
    return [isinstance(item, list) for item in value]


def _flat(value: Any) -> list[Any]:
    return [number for item in value for number in _flat(item)] if isinstance(value, list) else [value]


def _shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of nested lists; None where rows differ."""
    if not isinstance(value, list):
        return ()
    inner = {_shape_of(item) for item in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(inner.pop() if inner else ())) if value else (0,)  # type: ignore[misc]


def _described(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "rows of different lengths"
    if not shape:
        return "one number"
    numbers = f"{shape[-1]} number{'s' if shape[-1] != 1 else ''}"
    if len(shape) == 1:
        return f"a list of {numbers}"
    return f"{shape[0]} row{'s' if shape[0] != 1 else ''} of {numbers}" if len(shape) == 2 else "deeper lists"


def _found(value: Any, shape: tuple[int, ...] | None) -> str:
    return _described(shape) if isinstance(value, list) or _is_number(value) else _short(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _finite(value: Any, where: str) -> float:
    if not _is_number(value):
        raise InputError(f"expected a number, found {_short(value)}", where=where)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"expected a finite number, found {_short(value)}", where=where)
    return number


def _short(value: Any) -> str:
    text = "a table" if isinstance(value, dict) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def as_written(given: Given, array: Array) -> Any:
    """The number or lists a teacher would write for one variant's array; whole numbers without a point."""
    numbers = array[..., 0]
    if _by_examples(given):
        numbers = numbers.T
    return _plain(numbers.tolist())


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
