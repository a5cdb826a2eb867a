"""Room: exercises. How an operation is written, without markup.

A row of the operations table carries one of these; each printer knows how to set every kind. A new operation that is
written like an existing one (any named function, say) therefore needs no change in any printer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms joined by plus signs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """x − y."""


@dataclass(frozen=True, slots=True)
class Product:
    """x · y, or x ⊙ y where both are tensors."""


@dataclass(frozen=True, slots=True)
class MatrixProduct:
    """A x, side by side."""


@dataclass(frozen=True, slots=True)
class OuterProduct:
    """u vᵀ."""


@dataclass(frozen=True, slots=True)
class Transposed:
    """Aᵀ."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """x over y."""


@dataclass(frozen=True, slots=True)
class Negative:
    """−x."""


@dataclass(frozen=True, slots=True)
class Raised:
    """x to a power: the fixed one named here, or the second argument."""

    exponent: int | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """The square root of x."""


@dataclass(frozen=True, slots=True)
class Reciprocal:
    """1 over x."""


@dataclass(frozen=True, slots=True)
class Same:
    """The argument itself (identity; another layout that the notation leaves unsaid)."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The argument repeated along further axes: x 𝟏ᵀ; see ``exercises.repetition``."""


@dataclass(frozen=True, slots=True)
class Function:
    """A named function of its arguments; ``name`` is a Greek letter or an upright word, ``spoken`` is said aloud.

    One that is ``nested`` in itself is written once, with all arguments: max(a, b, c).
    """

    name: str
    spoken: str
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """One number where the argument is positive, another where it is not."""


@dataclass(frozen=True, slots=True)
class Total:
    """Σ over the entries (over the named axes where not over all)."""


def summed_over(axes: tuple[int, ...], rank: int, examples: bool) -> str:
    """What stands at a Σ over some axes: nothing where it is over all; ``examples`` are the columns where there are
    several.
    """
    if len(axes) == rank:
        return ""
    names = ("units", "examples") if examples else ("rows", "columns")
    return names[axes[0]] if rank == len(names) else "some"


Written = (
    Sum
    | Difference
    | Product
    | MatrixProduct
    | OuterProduct
    | Transposed
    | Quotient
    | Negative
    | Raised
    | Root
    | Reciprocal
    | Same
    | Repeated
    | Function
    | Cases
    | Total
)
