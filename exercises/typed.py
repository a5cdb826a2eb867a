"""Room: exercises. A TOML table as a typed struct, with complaints a teacher understands."""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from exercises.errors import InputError, unknown

S = TypeVar("S", bound=msgspec.Struct)

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table { … }",
    "null": "nothing",
    "date": "a date",
}
_MISMATCH = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<found>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?")
_NO_SUCH_CHOICE = re.compile(r"Invalid enum value (?P<found>.+?)(?: - at `\$\.?(?P<path>[^`]*)`)?", re.DOTALL)


def typed(kind: type[S], table: Mapping[str, Any], *, known: Collection[str] = ()) -> S:
    """The table as a struct of ``kind``; InputError names the key, what was expected and what was found.

    ``known`` are keys that other readers of the same table take; suggested for a slip of the pen, but not read.
    """
    check_keys(kind, table, known=known)
    try:
        return msgspec.convert(dict(table), kind)
    except msgspec.ValidationError as error:
        raise _in_house_words(kind, str(error)) from error


def fields_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The keys a struct takes."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


def check_keys(kind: type[msgspec.Struct], table: Mapping[str, Any], *, known: Collection[str] = ()) -> None:
    """InputError for a key that the struct, or a struct inside it, doesn't have; it suggests the nearest."""
    hints = get_type_hints(kind)
    for key, value in table.items():
        if key not in hints:
            raise InputError(unknown("key", key, [*fields_of(kind), *known]))
        inner = next((option for option in _options(hints[key]) if _is_struct(option)), None)
        if inner is not None and isinstance(value, Mapping):
            try:
                check_keys(inner, value)
            except InputError as error:
                raise error.at(key) from error
    for field in msgspec.structs.fields(kind):
        if field.required and field.encode_name not in table:
            raise InputError(f'expected a key "{field.encode_name}", found none; add it')


def _options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the type alone."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _in_house_words(kind: type[msgspec.Struct], message: str) -> InputError:
    if mismatch := _MISMATCH.fullmatch(message):
        expected = " or ".join(_KINDS.get(name, name) for name in mismatch["expected"].split(" | ") if name != "null")
        found = _KINDS.get(mismatch["found"], mismatch["found"])
        instead = _as_table(kind, mismatch["path"] or "") if mismatch["found"] == "str" else ""
        return InputError(f"expected {expected}, found {found}{instead}", where=_place(mismatch["path"]))
    if choice := _NO_SUCH_CHOICE.fullmatch(message):
        path = choice["path"] or ""
        return InputError(unknown("choice", choice["found"].strip("'"), _choices(kind, path)), where=_place(path))
    return InputError(message)


def _as_table(kind: type[msgspec.Struct], path: str) -> str:
    """How a name alone is written where a table with a name is wanted; empty elsewhere."""
    hint = get_type_hints(kind).get(path)
    wanted = next((option for option in _options(hint) if _is_struct(option)), None)
    return f'; write {path} = {{ name = "…" }}' if wanted is not None and "name" in fields_of(wanted) else ""


def _place(path: str | None) -> str:
    """``layers[1]`` counted from one, as everywhere in what users see."""
    return re.sub(r"\[(\d+)\]", lambda index: f"[{int(index[1]) + 1}]", path or "")


def _choices(kind: Any, path: str) -> list[str]:
    """The words a key may hold, found by walking down the path."""
    hint = kind
    for name in path.split("."):
        holders = [option for option in _options(hint) if _is_struct(option)]
        hint = get_type_hints(holders[0])[name.split("[")[0]]
    words = [word for option in _options(hint) if get_origin(option) is Literal for word in get_args(option)]
    return [str(word) for word in words] + (["true", "false"] if bool in _options(hint) else [])
