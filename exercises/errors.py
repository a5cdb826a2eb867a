"""Room: exercises. The one exception that means "the user can mend this", and how it is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Say in one line where the input is wrong, what was expected, what came, and what to do.

    ``where`` is a file name, with line or key where known; it is put before the message. Whatever is quoted of the
    input, a line break in a column's name say, it stays one line.
    The command line prints the line on stderr and exits with 2.
    """

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(one_line(f"{where}: {message}" if where else message))
        self.message = message
        self.where = where

    def at(self, where: str) -> InputError:
        """The same complaint, with a place put before the one it has."""
        return InputError(self.message, where=f"{where}, {self.where}" if self.where else where)


def one_line(text: str) -> str:
    """The text on one line, with what isn't printable (a terminal's control codes in a file name, say) spelled out."""
    return "".join(
        char if char.isprintable() else " " if char in "\n\t" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like ``name``, or None where none comes near; w1 is as near to W1 as can be."""
    folded: dict[str, list[str]] = {}
    for each in known:
        folded.setdefault(each.casefold(), []).append(each)
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return difflib.get_close_matches(name, folded[close[0]], n=1, cutoff=0)[0] if close else None


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """A message for an unknown name: the nearest known one, or all of them where they are few."""
    names = sorted(known)
    close = nearest(name, names)
    hint = f'; did you mean "{close}"?' if close else f"; known: {', '.join(names)}"
    return f'unknown {kind} "{name}"{hint}'
