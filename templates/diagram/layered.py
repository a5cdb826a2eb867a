"""Room: templates. A layered layout: ranks by longest path, few crossings by barycentres, places by least squares.

Abstract: an item lies on a rank and has a place across it. The drawing decides which way ranks run on the page.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

SWEEPS = 12
"""Back and forth over the ranks; orders settle after a handful."""

SETTLED = 0.05
"""In points: places that move by less than this have been found."""

TURNS = 6
"""Beginnings of the search for an order with few crossings."""

BEND_ROOM = (2.0, 2.0)

STRAIGHT = 8.0
"""How much more it matters that a long edge runs straight than that an item lies in the middle of its neighbours."""


@dataclass(frozen=True, slots=True)
class Item:
    """What lies on a rank; ``room`` is what it takes across the rank, before and after its middle."""

    name: str
    rank: int
    room: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from an earlier to a later item; ``port`` orders those that come into one item, -1 to 1."""

    source: str
    target: str
    port: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """``ranks`` list items in order across, ``place`` says where; ``chains`` are each link's items with its ends."""

    ranks: tuple[tuple[str, ...], ...]
    rank_of: Mapping[str, int]
    place: Mapping[str, float]
    chains: tuple[tuple[str, ...], ...]


def longest_path(items: Sequence[str], links: Sequence[Link], *, late_leaves: bool) -> dict[str, int]:
    """Every item one rank after the last it needs; leaves all come first, or with ``late_leaves`` just before use.

    ``items`` are in an order in which each comes after what it needs.
    """
    needs: dict[str, list[str]] = {item: [] for item in items}
    for link in links:
        needs[link.target].append(link.source)
    rank: dict[str, int] = {}
    for item in sorted(items, key=lambda item: bool(needs[item])):
        rank[item] = 1 + max((rank[need] for need in needs[item]), default=-1)
    if late_leaves:
        for item in items:
            used = [rank[link.target] for link in links if link.source == item]
            if not needs[item] and used:
                rank[item] = min(used) - 1
    return rank


@dataclass(slots=True)
class _Arrangement:
    rank_of: dict[str, int]
    ranks: list[list[str]]
    before: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    after: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    bends: set[str] = field(default_factory=set)

    def join(self, source: str, target: str, port: float) -> None:
        self.before.setdefault(target, []).append((source, port))
        self.after.setdefault(source, []).append((target, port))

    def crossings(self) -> int:
        return sum(map(self._crossings_before, self.ranks[1:]))

    def _crossings_before(self, rank: Sequence[str]) -> int:
        above = self.ranks[self.rank_of[rank[0]] - 1]
        index = {item: number for number, item in enumerate(above)}
        ends = [
            (index[source], number + 0.3 * port)
            for number, item in enumerate(rank)
            for source, port in self.before.get(item, ())
        ]
        return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for k, a in enumerate(ends) for b in ends[:k])


@lru_cache(maxsize=256)
def arrange(items: tuple[Item, ...], links: tuple[Link, ...], gap: float, port_width: float) -> Layout:
    """Put items in order on their ranks and give each a place.

    Links over several ranks get bends, which are items of their own that take hardly any room. ``port_width`` is how
    far the outermost ports lie from the middle of an item.
    """
    arrangement, chains = _with_bends(items, links)
    arrangement.ranks[:] = map(list, _in_order(tuple(replace(item, room=BEND_ROOM) for item in items), links))
    rooms = {item.name: item.room for item in items}

    def room(item: str) -> tuple[float, float]:
        return rooms.get(item, BEND_ROOM)

    place = _places(arrangement, room, gap, port_width)
    ranks = tuple(map(tuple, arrangement.ranks))
    return Layout(ranks, arrangement.rank_of, place, chains)


def _with_bends(items: Sequence[Item], links: Sequence[Link]) -> tuple[_Arrangement, tuple[tuple[str, ...], ...]]:
    rank_of = {item.name: item.rank for item in items}
    ranks: list[list[str]] = [[] for _ in range(1 + max(rank_of.values()))]
    arrangement = _Arrangement(dict(rank_of), ranks)
    for item in items:
        ranks[item.rank].append(item.name)
    chains = []
    for number, link in enumerate(links):
        chain = [link.source]
        for rank in range(rank_of[link.source] + 1, rank_of[link.target]):
            bend = f"\0{number}.{rank}"  # no id begins with NUL
            arrangement.rank_of[bend] = rank
            arrangement.bends.add(bend)
            ranks[rank].append(bend)
            arrangement.join(chain[-1], bend, 0.0)
            chain.append(bend)
        arrangement.join(chain[-1], link.target, link.port)
        chains.append((*chain, link.target))
    return arrangement, tuple(chains)


@lru_cache(maxsize=256)
def _in_order(items: tuple[Item, ...], links: tuple[Link, ...]) -> tuple[tuple[str, ...], ...]:
    """Every rank's items in the order of fewest crossings; how much room they take doesn't matter here."""
    arrangement, _ = _with_bends(items, links)
    _order(arrangement)
    return tuple(map(tuple, arrangement.ranks))


def _order(arrangement: _Arrangement) -> None:
    """Sweeps from several beginnings, and the order of fewest crossings among all that were met."""
    first = [list(rank) for rank in arrangement.ranks]
    best, fewest = first, arrangement.crossings()
    for turned in range(TURNS):
        arrangement.ranks[:] = [_turned(rank, turned) for rank in first]
        before: list[list[str]] = []
        for sweep in range(SWEEPS):
            if sweep % 2 == 0 and before == arrangement.ranks:
                break
            before = [list(rank) for rank in arrangement.ranks] if sweep % 2 == 0 else before
            _sweep(arrangement, forwards=(sweep + turned) % 2 == 0)
            _swap_neighbours(arrangement)
            found = arrangement.crossings()
            if found < fewest:
                best, fewest = [list(rank) for rank in arrangement.ranks], found
            if not fewest:
                arrangement.ranks[:] = best
                return
    arrangement.ranks[:] = best


def _turned(rank: list[str], by: int) -> list[str]:
    """The same items in another order to begin with: as they are, backwards, or with some moved to the end."""
    turned = rank if by % 2 == 0 else rank[::-1]
    cut = (by // 2) % max(1, len(turned))
    return [*turned[cut:], *turned[:cut]]


def _sweep(arrangement: _Arrangement, *, forwards: bool) -> None:
    """Every rank ordered by the mean position of its neighbours on the rank gone through before."""
    neighbours = arrangement.before if forwards else arrangement.after
    numbers = range(1, len(arrangement.ranks)) if forwards else range(len(arrangement.ranks) - 2, -1, -1)
    for number in numbers:
        fixed = arrangement.ranks[number - 1 if forwards else number + 1]
        index = {item: float(position) for position, item in enumerate(fixed)}
        rank = arrangement.ranks[number]
        keys = {}
        for position, item in enumerate(rank):
            near = [
                index[other] + (0.0 if forwards else 0.3 * port)
                for other, port in neighbours.get(item, ())
                if other in index
            ]
            keys[item] = sum(near) / len(near) if near else float(position)
        rank.sort(key=lambda item: keys[item])


def _swap_neighbours(arrangement: _Arrangement) -> None:
    """Two items next to each other change places where that saves a crossing."""
    for number, rank in enumerate(arrangement.ranks):
        ends = _ends(arrangement, number)
        for k in range(len(rank) - 1):
            one, other = rank[k], rank[k + 1]
            if _inversions(ends[one], ends[other]) > _inversions(ends[other], ends[one]):
                rank[k], rank[k + 1] = other, one


Ends = tuple[list[float], list[float]]
"""Where an item's edges end on the rank before and on the rank after."""


def _ends(arrangement: _Arrangement, number: int) -> dict[str, Ends]:
    index: dict[str, float] = {}
    for rank in arrangement.ranks[max(number - 1, 0) : number + 2]:
        index.update({item: float(position) for position, item in enumerate(rank)})
    return {
        item: (
            [index[source] for source, _ in arrangement.before.get(item, ())],
            [index[target] + 0.3 * port for target, port in arrangement.after.get(item, ())],
        )
        for item in arrangement.ranks[number]
    }


def _inversions(first: Ends, second: Ends) -> int:
    """Crossings of two items' edges where the first lies before the second."""
    return sum(a > b for one, other in zip(first, second, strict=True) for a in one for b in other)


# --- places across a rank -----------------------------------------------------------------------------------------


def _places(
    arrangement: _Arrangement, room: Callable[[str], tuple[float, float]], gap: float, port_width: float
) -> dict[str, float]:
    place: dict[str, float] = {}
    offsets = {tuple(rank): _offsets(rank, room, gap) for rank in arrangement.ranks}
    for rank in arrangement.ranks:
        steps = offsets[tuple(rank)]
        for item, step in zip(rank, steps, strict=True):
            place[item] = step - steps[-1] / 2
    for sweep in range(4 * SWEEPS):
        before = dict(place)
        order = arrangement.ranks if sweep % 2 == 0 else arrangement.ranks[::-1]
        for rank in order:
            wished = [_wish(item, arrangement, place, port_width) for item in rank]
            steps = offsets[tuple(rank)]
            free = [want - step for (want, _), step in zip(wished, steps, strict=True)]
            settled = never_falling(free, [weight for _, weight in wished])
            for item, value, step in zip(rank, settled, steps, strict=True):
                place[item] = value + step
        if all(abs(place[item] - before[item]) < SETTLED for item in place):
            break
    return place


def _offsets(rank: Sequence[str], room: Callable[[str], tuple[float, float]], gap: float) -> list[float]:
    """The least distance of each item from the first of its rank."""
    steps = [0.0]
    for one, other in itertools.pairwise(rank):
        steps.append(steps[-1] + room(one)[1] + gap + room(other)[0])
    return steps


def _wish(item: str, arrangement: _Arrangement, place: Mapping[str, float], port_width: float) -> tuple[float, float]:
    """The weighted mean of where an item's edges would lead straight, and how much that matters."""
    total = weight = 0.0
    for other, port in arrangement.before.get(item, ()):
        pull = _pull(item, other, arrangement)
        total, weight = total + pull * (place[other] - port * port_width), weight + pull
    for other, port in arrangement.after.get(item, ()):
        pull = _pull(item, other, arrangement)
        total, weight = total + pull * (place[other] + port * port_width), weight + pull
    return (total / weight, weight) if weight else (place[item], 0.1)


def _pull(item: str, other: str, arrangement: _Arrangement) -> float:
    """A long edge leaves its source level and turns only before its target; what has one source lies level with it."""
    earlier, later = sorted((item, other), key=lambda key: arrangement.rank_of[key])
    if later in arrangement.bends:
        return STRAIGHT if earlier in arrangement.bends else STRAIGHT / 2
    if earlier in arrangement.bends:
        return 0.01
    return STRAIGHT / 2 if len(arrangement.before[later]) == 1 else 1.0


def never_falling(wished: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The never falling numbers nearest to the wished ones, by least squares: neighbours that fall are pooled."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(wished, weights, strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, wa, na), (b, wb, nb) = pools[-2:]
            pools[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    return [value for value, _, count in pools for _ in range(count)]
