"""Room: grader. Mistakes made ready for replaying: the lines of an exercise with wrong ones in place of right ones.

A replay shares all lines of the exercise but its own few wrong ones, which stand behind them; so what it changes can be
worked out alone, on top of what has been worked out for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from exercises.components import componentwise
from exercises.lines import Lines, Node, lines_of
from exercises.misconceptions import mistakes
from exercises.mistaken import Mistake
from exercises.names import cell_ids
from exercises.program import Given, Program

_WRONG = "wrong "
"""Before the name of a step while its wrong line is made: the right one goes on to mean what was handed in."""

MOST_PARTS = 6
"""Sites of a mistake up to which each is tried alone too, where several lie between the numbers handed in."""


class WrongLine(NamedTuple):
    """The wrong line of one cell; arguments from ``start`` on count its own ``nodes``, those below the exercise's."""

    cell: str
    nodes: tuple[Node, ...]
    start: int
    reads: tuple[str, ...]

    def moved(self, start: int) -> Iterator[Node]:
        shift = start - self.start
        for node in self.nodes:
            yield node._replace(arguments=tuple(k + shift if k >= self.start else k for k in node.arguments))


@dataclass(frozen=True, slots=True)
class Made:
    """A mistake made at some of its sites."""

    mistake: Mistake
    sites: tuple[str, ...]


class Replay:
    """An exercise worked with one or two mistakes in it.

    ``lines`` are the exercise's with the wrong ones behind them, ``changed`` the cells whose lines are wrong.
    """

    def __init__(self, made: Sequence[Made], base: Lines, wrong: Sequence[WrongLine]) -> None:
        self.made, self.base, self.wrong = tuple(made), base, tuple(wrong)
        self.changed = frozenset(line.cell for line in wrong)
        self.codes = tuple(one.mistake.row.code for one in made)
        self._routes: dict[tuple[frozenset[str], frozenset[str]], tuple[str, ...]] = {}

    @cached_property
    def lines(self) -> Lines:
        nodes = list(self.base.nodes)
        root, span, reads = dict(self.base.root), dict(self.base.span), dict(self.base.reads)
        for line in self.wrong:
            start = len(nodes)
            nodes += line.moved(start)
            root[line.cell], span[line.cell], reads[line.cell] = len(nodes) - 1, range(start, len(nodes)), line.reads
        return replace(self.base, nodes=tuple(nodes), root=root, span=span, reads=reads)

    @cached_property
    def _reads(self) -> Mapping[str, tuple[str, ...]]:
        return {**self.base.reads, **{line.cell: line.reads for line in self.wrong}}

    def route(self, blank: frozenset[str], shown: frozenset[str]) -> tuple[str, ...]:
        """The cells that have to be worked out anew, in order of need.

        ``blank`` are the cells whose own value may be carried on (others are pinned to what was handed in), ``shown``
        those that somebody handed in. Empty where nothing shown can change, or where two mistakes need each other in
        a circle.
        """
        key = (blank, shown)
        if key not in self._routes:
            self._routes[key] = self._ordered(self._reached(blank), blank, shown)
        return self._routes[key]

    def _reached(self, blank: frozenset[str]) -> set[str]:
        readers: dict[str, list[str]] = {}
        for cell, names in self._reads.items():
            for name in names:
                readers.setdefault(name, []).append(cell)
        reached, waiting = set(self.changed), list(self.changed)
        while waiting:
            cell = waiting.pop()
            if cell in blank:
                fresh = [reader for reader in readers.get(cell, ()) if reader not in reached]
                reached.update(fresh)
                waiting += fresh
        return reached

    def _ordered(self, reached: set[str], blank: frozenset[str], shown: frozenset[str]) -> tuple[str, ...]:
        ordered: list[str] = []
        done: dict[str, bool] = {}
        try:
            for cell in self.base.root:
                if cell in reached and cell in shown:
                    self._place(cell, reached, blank, done, ordered)
        except _CircleError:
            return ()
        return tuple(ordered)

    def _place(
        self, cell: str, reached: set[str], blank: frozenset[str], done: dict[str, bool], ordered: list[str]
    ) -> None:
        if cell in done:
            if not done[cell]:
                raise _CircleError
            return
        done[cell] = False
        for name in self._reads[cell]:
            if name in reached and name in blank:
                self._place(name, reached, blank, done, ordered)
        done[cell] = True
        ordered.append(cell)


class _CircleError(Exception):
    """Two wrong lines need each other."""


class Replays:
    """All the replays of one exercise; make it once for all scripts."""

    def __init__(self, program: Program, lines: Lines) -> None:
        self.program, self.lines = program, lines
        self._pairs: dict[tuple[int, int], Replay] = {}
        self._parts: dict[tuple[int, str], Replay] = {}

    @cached_property
    def _everything_given(self) -> tuple[Given, ...]:
        return tuple(Given(each.name, each.shape, each.role) for each in self.program.quantities)

    @cached_property
    def singles(self) -> tuple[Replay, ...]:
        """Every mistake at all its sites."""
        return tuple(
            Replay([Made(mistake, tuple(mistake.sites))], self.lines, tuple(self._wrong_lines(mistake)))
            for mistake in mistakes(self.program)
        )

    def parts(self, zones: Iterable[frozenset[str]]) -> list[Replay]:
        """Mistakes made at one of their sites only, where more than one of these can show in one cell of ``zones``."""
        within = list(zones)
        found: list[Replay] = []
        for number, sites in enumerate(self._sites):
            several = any(sum(not zone.isdisjoint(cells) for cells in sites.values()) > 1 for zone in within)
            if several and len(sites) <= MOST_PARTS:
                found += [self._part(number, site) for site in sites]
        return found

    @cached_property
    def _sites(self) -> tuple[Mapping[str, frozenset[str]], ...]:
        """For each single replay, the cells of each of its sites."""
        return tuple(
            {site: frozenset(cell_ids(site, self.program.shapes[site])) for site in replay.made[0].sites}
            for replay in self.singles
        )

    def _part(self, number: int, site: str) -> Replay:
        if (number, site) not in self._parts:
            replay, cells = self.singles[number], self._sites[number][site]
            wrong = [line for line in replay.wrong if line.cell in cells]
            self._parts[number, site] = Replay([Made(replay.made[0].mistake, (site,))], self.lines, wrong)
        return self._parts[number, site]

    def pairs(self, zones: Iterable[frozenset[str]]) -> list[Replay]:
        """Two mistakes at once, at different steps, where both can show in one cell: ``zones`` are cells with
        everything that was left blank before them.
        """
        within = list(zones)
        touched = [
            frozenset(number for number, zone in enumerate(within) if replay.changed & zone) for replay in self.singles
        ]
        chosen = [
            (one, other)
            for one, other in combinations(range(len(self.singles)), 2)
            if touched[one] & touched[other] and self._go_together(one, other)
        ]
        return [self._pair(one, other) for one, other in chosen]

    def _go_together(self, one: int, other: int) -> bool:
        first, second = self.singles[one], self.singles[other]
        return first.codes != second.codes and not first.changed & second.changed

    def _pair(self, one: int, other: int) -> Replay:
        if (one, other) not in self._pairs:
            first, second = self.singles[one], self.singles[other]
            wrong = (*first.wrong, *second.wrong)
            self._pairs[one, other] = Replay((*first.made, *second.made), self.lines, wrong)
        return self._pairs[one, other]

    def _wrong_lines(self, mistake: Mistake) -> Iterator[WrongLine]:
        """The wrong lines of a mistake, spelled out by cells, in the exercise's numbering of nodes."""
        steps = tuple(
            replace(self.program.by_name[name], name=_WRONG + name, expression=expression)
            for name, expression in mistake.replaced.items()
        )
        cells = componentwise(Program(self._everything_given, steps, self.program.output))
        small, start = lines_of(cells), len(self.lines.nodes)
        leaf = {place: self._leaf(name) for name, place in small.givens.items()}
        for wrong, span in small.span.items():
            number = leaf | {place: start + k for k, place in enumerate(span)}
            nodes = tuple(
                small.nodes[place]._replace(arguments=tuple(number[k] for k in small.nodes[place].arguments))
                for place in span
            )
            yield WrongLine(wrong.removeprefix(_WRONG), nodes, start, small.reads[wrong])

    def _leaf(self, name: str) -> int:
        return self.lines.givens[name] if name in self.lines.givens else self.lines.carried[name]


def zone(lines: Lines, cell: str, blank: Collection[str]) -> frozenset[str]:
    """A cell, and the blank cells that its number was worked out through."""
    found, waiting = {cell}, [cell]
    while waiting:
        for name in lines.reads[waiting.pop()]:
            if name in blank and name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)
