"""Room: templates. A sketch that is too long for the page, cut into bands under one another, as text is into lines.

What a band takes over from an earlier one stands in it again, so that no edge has to run back across the page.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from templates.diagram.sketch_reading import Edge, Sketch

APART = 1.0
"""From the lowest row of a band to the highest of the next, in rows."""

BAND = 32.0
CARRIED, ELSE, BACKWARD = 4.0, 40.0, 400.0
"""What a band costs beside the square of its length in columns, and a node that stands again: one of a kind with which
the drawing begins, such as the state that a time step hands to the next; any other; one that follows what it makes.
"""

Place = tuple[float, float]


def in_bands(sketch: Sketch, most: float) -> Sketch:
    """The sketch with bands of at most ``most`` columns; itself where it is no longer than that."""
    columns = sorted({column for column, _ in sketch.places.values()})
    cuts = _cuts(sketch, columns, most)
    if not cuts:
        return sketch
    band_of = {name: sum(cut < column for cut in cuts) for name, (column, _) in sketch.places.items()}
    return _stacked(_repeated(sketch, band_of), len(cuts) + 1)


# --- where to cut -----------------------------------------------------------------------------------------------------


def _cuts(sketch: Sketch, columns: Sequence[float], most: float) -> tuple[float, ...]:
    """Between which columns: few bands, which are about as long, and take little over from each other."""
    if columns[-1] - columns[0] <= most:
        return ()
    best: list[tuple[float, tuple[float, ...]] | None] = [(0.0, ())]
    for end in range(1, len(columns) + 1):
        ways = []
        for start in range(end):
            before = best[start]
            length = columns[end - 1] - columns[start] + (1.0 if start else 0.0)
            if before is not None and (length <= most or end - start == 1):
                cut = (columns[start - 1] + columns[start]) / 2 if start else None
                price, cuts = before
                price += BAND + length**2 + _price(sketch, cut)
                ways.append((price, cuts if cut is None else (*cuts, cut)))
        best.append(min(ways, default=None))
    last = best[-1]
    return last[1] if last is not None else ()


def _price(sketch: Sketch, cut: float | None) -> float:
    if cut is None:
        return 0.0
    at = {name: column > cut for name, (column, _) in sketch.places.items()}
    over = {edge.source for edge in sketch.edges if at[edge.target] and not at[edge.source]}
    back = {edge.source for edge in sketch.edges if at[edge.source] and not at[edge.target]}
    first = min(column for column, _ in sketch.places.values())
    begins = {_kind(name) for name, (column, _) in sketch.places.items() if column == first}
    return sum(CARRIED if _kind(name) in begins else ELSE for name in over) + BACKWARD * len(back)


# --- what stands again ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Banded:
    """A sketch whose nodes have columns and rows within their bands."""

    sketch: Sketch
    band_of: Mapping[str, int]


def _repeated(sketch: Sketch, band_of: Mapping[str, int]) -> _Banded:
    """Every node that another band reads stands there again: at its start, or below what gathers several of a kind."""
    places, bands, again = dict(sketch.places), dict(band_of), dict[str, str]()
    edges: list[Edge] = []
    for edge in sketch.edges:
        band = band_of[edge.target]
        if band_of[edge.source] == band:
            edges.append(edge)
            continue
        gathers = _gathers(sketch, edge)
        key = f"{edge.source} for {edge.target}" if gathers else f"{edge.source} in band {band + 1}"
        if key not in places:
            again[key], bands[key] = edge.source, band
            wished = _below(sketch, edge.target) if gathers else _at_start(sketch, edge.source, band_of, band)
            places[key] = _free(wished, (places[name] for name in places if bands[name] == band))
        edges.append(replace(edge, source=key))
    return _Banded(replace(sketch, places=places, edges=tuple(edges), again=again), bands)


def _gathers(sketch: Sketch, edge: Edge) -> bool:
    """Whether a node is made of several of a kind, as a loss is of the states of all time steps."""
    kind = _kind(edge.source)
    return sum(other.target == edge.target and _kind(other.source) == kind for other in sketch.edges) > 1


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


def _below(sketch: Sketch, target: str) -> Place:
    column, row = sketch.places[target]
    return column, row + 1.0


def _at_start(sketch: Sketch, name: str, band_of: Mapping[str, int], band: int) -> Place:
    """One column before the band's own nodes, on the row on which the first of its kind begins the drawing."""
    first = min(column for column, _ in sketch.places.values())
    own = min(sketch.places[node][0] for node, its in band_of.items() if its == band)
    begins = [row for node, (column, row) in sketch.places.items() if column == first and _kind(node) == _kind(name)]
    return own - 1.0, begins[0] if begins else sketch.places[name][1]


def _free(wished: Place, taken: Iterable[Place]) -> Place:
    """The place, or the nearest free one below it."""
    others = list(taken)
    column, row = wished
    while any(abs(column - x) < 0.6 and abs(row - y) < 0.6 for x, y in others):
        row += 1.0
    return column, row


# --- one under the other ----------------------------------------------------------------------------------------------


def _stacked(banded: _Banded, count: int) -> Sketch:
    """Every band starts on the left, below the one before."""
    sketch, places, top = banded.sketch, dict[str, Place](), 0.0
    for band in range(count):
        own = {name: place for name, place in sketch.places.items() if banded.band_of[name] == band}
        left, high = (min(place[axis] for place in own.values()) for axis in (0, 1))
        places |= {name: (column - left, row - high + top) for name, (column, row) in own.items()}
        top = max(row for _, row in itertools.islice(reversed(places.values()), len(own))) + APART
    return replace(sketch, places=places)
