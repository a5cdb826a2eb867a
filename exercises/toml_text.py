"""Room: exercises. Plain tables as TOML text: the standard library reads TOML but doesn't write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_value(value: Any) -> str:
    """One value on one line; raises TypeError for what TOML has no word for (None)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(toml_line(key, item) for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"TOML has no word for {value!r}")


def toml_line(key: str, value: Any) -> str:
    """``key = value``, the key quoted where it has to be (``"W1[1,2]"``)."""
    return f"{key if _BARE.fullmatch(key) else toml_value(key)} = {toml_value(value)}"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character >= " " and character != "\x7f" else f"\\u{ord(character):04x}"
