"""Room: templates. What is worked out for one object, looked up by its being that very object."""

from __future__ import annotations

from typing import Generic, TypeVar

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
