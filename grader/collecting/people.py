"""Room: grader. Whose a hand-in is: what a platform says of its owner, held against the roster. Never a guess.

In this order, and the first that says anything decides: an id of the roster; a column of the roster that the teacher
names, against the platform's own numbers and addresses; the name. Where that points to two students, nobody is taken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.collecting.shape import Claim


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nobody is taken: a code of ``messages.QUARANTINED``, and the places of those who might be meant."""

    code: str
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True)
class People:
    """The roster by place: ids, names, and further columns that identify a student; ``key`` makes ids comparable."""

    ids: Sequence[str]
    names: Sequence[str]
    columns: Sequence[Sequence[str]] = ()
    key: Callable[[str], str] = str.casefold

    def find(self, claim: Claim) -> int | Doubt:
        """The place of the one student that is meant, or why there is none."""
        found = {self._by_id[key] for key in map(self.key, claim.ids) if key in self._by_id}
        if not found and self.columns:
            texts = (*claim.ids, *claim.marks)
            found = {place for text in texts for place in self._by_column.get(self.key(text.strip()), ())}
        if not found:
            found = {place for name in claim.names for place in self._by_name.get(squeezed(name), ())}
        if len(found) == 1:
            return found.pop()
        return Doubt("several-students" if found else "not-on-roster", tuple(sorted(found)))

    @cached_property
    def _by_id(self) -> Mapping[str, int]:
        return {self.key(identity): place for place, identity in enumerate(self.ids)}

    @cached_property
    def _by_column(self) -> Mapping[str, tuple[int, ...]]:
        return _gathered(
            (self.key(text.strip()), place)
            for column in self.columns
            for place, text in enumerate(column)
            if text.strip()
        )

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[int, ...]]:
        """By every rotation of the name's words, since platforms put the family name first or last."""
        return _gathered((turned, place) for place, name in enumerate(self.names) for turned in rotations(name))


def _gathered(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for key, place in pairs:
        before = found.get(key, ())
        if place not in before:
            found[key] = (*before, place)
    return found


def rotations(name: str) -> Iterator[str]:
    """The name squeezed, with each of its words first in turn: Jan van der Berg gives vanderbergjan among others."""
    words = [word for word in map(squeezed, name.replace(",", " ").split()) if word]
    for first in range(len(words)):
        yield "".join([*words[first:], *words[:first]])


def squeezed(name: str) -> str:
    """Letters and digits alone, without case and accents, as platforms write names into file names."""
    if name.isascii():
        return "".join(filter(str.isalnum, name)).casefold()
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in unicodedata.normalize("NFKD", apart) if char.isalnum())
