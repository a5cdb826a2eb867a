"""Room: templates. What is worked out for one object, looked up by its being that very object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Stands for ``it`` as the key of a cache, where comparing two programs or two drawings would take long.

    The cache keeps the object, so that no other can come to be taken for it.
    """

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it


class Kept:
    """What has been made of objects; what doesn't depend on a sheet's numbers is then made once for a class."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[object, Any]] = {}

    def once(self, what: str, of: object, make: Callable[[], T]) -> T:
        """What was made of this very object before, or is made now. It is kept too, so that its id stays its own."""
        found = self._kept.get((what, id(of)))
        if found is None:
            found = self._kept[what, id(of)] = (of, make())
        made: T = found[1]
        return made
