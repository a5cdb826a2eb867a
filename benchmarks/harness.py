"""Paired timing and tables: contenders take turns, so that a busy machine slows all of them alike.

A round gives every contender one slice of time after the other. What is reported are medians over rounds, and ratios
taken within each round, with the spread of the middle half: on a shared machine rates wander, ratios hardly do.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

LONGEST = 60.0
"""Seconds that the rounds of one table may take, if that leaves the fewest."""

FEWEST = 5

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done: ``quick`` shows that everything runs, and its numbers mean nothing."""

    quick: bool = False

    @property
    def rounds(self) -> int:
        return 2 if self.quick else 21

    @property
    def slice_seconds(self) -> float:
        return 0.0 if self.quick else 0.05

    def few(self, usual: int, quick: int) -> int:
        return quick if self.quick else usual


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to time; one call of ``run`` does ``work`` units."""

    name: str
    run: Callable[[], object]
    work: int = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a unit took in each round, and the processor time of all cores together that it took on the average."""

    name: str
    seconds: tuple[float, ...]
    processor: float

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def rate(self) -> float:
        return 1 / self.median


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the middle half around it."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def spread(numbers: Sequence[float]) -> Spread:
    low, middle, high = quantiles(numbers, n=4, method="inclusive")
    return Spread(low, middle, high)


def paired(contenders: Sequence[Contender], effort: Effort) -> list[Timing]:
    """Time contenders in turns, after each had one slice to warm up; fewer rounds where one takes long."""
    start = time.perf_counter()
    calls = [_calls(one, effort.slice_seconds) for one in contenders]
    rounds = max(min(effort.rounds, FEWEST), min(effort.rounds, int(LONGEST / (time.perf_counter() - start))))
    seconds: list[list[float]] = [[] for _ in contenders]
    busy = [0.0 for _ in contenders]
    for number in range(rounds):
        order = range(len(contenders)) if number % 2 == 0 else reversed(range(len(contenders)))
        for place in order:
            one = contenders[place]
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(calls[place]):
                one.run()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            seconds[place].append(wall / calls[place] / one.work)
            busy[place] += cpu / calls[place] / one.work
    return [
        Timing(one.name, tuple(taken), cpu / rounds) for one, taken, cpu in zip(contenders, seconds, busy, strict=True)
    ]


def _calls(one: Contender, slice_seconds: float) -> int:
    """How many calls fill a slice of time."""
    start, done = time.perf_counter(), 0
    while done == 0 or time.perf_counter() - start < slice_seconds:
        one.run()
        done += 1
    return done


def ratios(ours: Timing, other: Timing) -> Spread:
    """How many times as fast ours is, round by round."""
    return spread([theirs / own for own, theirs in zip(ours.seconds, other.seconds, strict=True)])


@dataclass(frozen=True, slots=True)
class Table:
    """What a benchmark found; ``rows`` of text, ``remarks`` below them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        rule = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
        lines = [_line(self.columns, widths), f"|{'|'.join(rule)}|", *(_line(row, widths) for row in self.rows)]
        return "\n".join([f"### {self.title}\n", *lines, *(f"\n{remark}" for remark in self.remarks)]) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *rest])} |"


def rate(per_second: float) -> str:
    """A rate with three digits: 18.2 M, 951, 0.42."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if per_second >= size:
            return f"{per_second / size:.3g}{letter}"
    return f"{per_second:.3g}"


def duration(seconds: float) -> str:
    """Seconds with three digits in a unit that fits."""
    for size, letter in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{seconds / size:.3g} {letter}"
    return f"{seconds / 1e-9:.3g} ns"


MEDIANS = " Medians; in brackets the middle half of the rounds."


def machine(versions: Mapping[str, str]) -> str:
    """One line on where a table was made."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    with_versions = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Python {platform.python_version()}, {with_versions}; {platform.machine()}, {os.cpu_count()} cores, "
        f"load {load:.1f} at the end."
    )


def keep(name: str, tables: Sequence[Table]) -> Path:
    """Write a benchmark's tables to ``benchmarks/results``."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.md"
    path.write_text("\n".join(map(str, tables)), encoding="utf-8")
    return path
