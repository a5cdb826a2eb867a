"""Room: templates. A picture as plain data: shapes with places and sizes, for whichever writer sets them.

Lengths are printer's points, x grows to the right and y downwards, as on the page and in SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

Point = tuple[float, float]


class Level(Enum):
    """Where a run stands."""

    NORMAL = "normal"
    SUB = "sub"
    SUPER = "super"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters set in one style."""

    text: str
    level: Level = Level.NORMAL
    italic: bool = False
    bold: bool = False


Label = tuple[Run, ...]
"""How a quantity is written; a sub run next to a super run stands right below it."""


class Ink(Enum):
    """What a stroke or a text is for; the writer chooses colours, and never says anything by colour alone."""

    MAIN = "main"
    FAINT = "faint"
    VALUE = "value"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its sides along the axes."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, point: Point) -> bool:
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True, slots=True)
class Node:
    """A frame with round ends (a circle where it is as wide as high); ``of`` is the id of what it stands for."""

    of: str
    box: Box
    ink: Ink = Ink.MAIN
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A label centred on ``x`` with its baseline at ``y``; ``box`` is the room that it takes at most."""

    of: str
    x: float
    y: float
    label: Label
    size: float
    box: Box
    ink: Ink = Ink.MAIN


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through two points, or a cubic curve through the first and last of four; arrows end at the last."""

    points: tuple[Point, ...]
    ink: Ink = Ink.MAIN
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A filled triangle: the head of an arrow."""

    corners: tuple[Point, Point, Point]
    ink: Ink = Ink.MAIN


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle: where one value goes several ways, or one of the three dots for what is left out."""

    x: float
    y: float
    radius: float
    ink: Ink = Ink.MAIN


Shape = Node | Text | Stroke | Head | Dot


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ``width`` by ``height`` from (0, 0), and the words that say the same."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str
    description: str

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(shape for shape in self.shapes if isinstance(shape, Node))

    @property
    def texts(self) -> tuple[Text, ...]:
        return tuple(shape for shape in self.shapes if isinstance(shape, Text))


def literal(name: str) -> Label:
    """A quantity written as its id."""
    return (Run(name),)


@dataclass(frozen=True, slots=True)
class Lettering:
    """What is written into a drawing; every key is the id of a cell (``W1[1,2]``, ``q``, ``df/dq``).

    ``label`` is how a quantity is written, ``spoken`` how it is said in the text alternative; ``numbers`` are printed
    as they come; for the ids in ``room`` without a number a dotted line is left to write on.
    """

    label: Callable[[str], Label] = literal
    spoken: Callable[[str], str] = str
    numbers: Mapping[str, str] = field(default_factory=dict)
    room: Collection[str] = ()

    def number(self, name: str) -> str | None:
        """The number as printed, with a true minus sign; empty where room is left for it, None where it isn't drawn."""
        if name in self.numbers:
            return self.numbers[name].replace("-", "−")
        return "" if name in self.room else None
