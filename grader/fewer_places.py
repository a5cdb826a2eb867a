"""Room: grader. Scripts with fewer places than asked: what is right as far as it goes bears witness of no wrong rule.

How many places somebody works with is read off the numbers, not off their texts: spreadsheets leave noughts out at the
end, and others write them where they worked with fewer. One number in ten ends in a nought by chance; so a good
part of a script's numbers have to, before it is read as one that was worked with fewer places. Of any other script a
number alone is looked at: whether the right one, rounded to the places it has, is it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exercises.operations.row import Array, Mask
from exercises.precision import Places, Precision
from grader.judging import Entries, Judged, Task, Verdict, only
from grader.marking import mark

FEWEST_ALONE = 2
"""Places that a single number must still have, or one less than asked: to one place nearly any number is right."""

ENOUGH = ((3, 3 / 5), (4, 1 / 3))
"""How many numbers must have fewer places, and what part of those that could have more, for a script to be read so. Of
five numbers three end in a nought by chance in one script of a hundred, of ten numbers four.
"""

ON_GRID = 1e-6
"""Units by which a number may miss the grid of its places: above double noise, below a digit."""


@dataclass(frozen=True)
class AsWorked:
    """Some scripts of a pile, read at the places they are worked with.

    ``scripts`` are places in the pile; ``entries`` and ``judged`` are theirs alone, ``short`` (V,) by cell where a
    number that is wrong at the places asked is right at fewer.
    """

    task: Task
    scripts: NDArray[np.intp]
    given: Mapping[str, Array]
    entries: Entries
    judged: Mapping[str, Judged]
    short: Mapping[str, Mask]


def as_worked(
    task: Task, given: Mapping[str, Array], entries: Entries, judged: Mapping[str, Judged]
) -> Iterator[AsWorked]:
    """The scripts of a pile, apart by the places they are worked with; each once, in no order."""
    count = next(iter(judged.values())).verdict.shape[0]
    fewer = _fewer_throughout(task, entries, judged, count)
    as_asked = fewer == 0
    for left_off in sorted(set(fewer[~as_asked].tolist())):
        some = np.flatnonzero(fewer == left_off)
        found = _throughout(task, left_off, some, only(given, some), entries[some], _of(judged, some))
        told = np.any(list(found.short.values()) or [np.zeros(len(some), dtype=bool)], axis=0)
        as_asked[some[~told]] = True
        if told.any():
            yield _some(found, np.flatnonzero(told))
    some = np.flatnonzero(as_asked)
    if len(some):
        own = entries if len(some) == count else entries[some]
        theirs = judged if len(some) == count else _of(judged, some)
        yield AsWorked(task, some, only(given, some), own, theirs, _alone(task, own, theirs))


def _of(judged: Mapping[str, Judged], some: NDArray[np.intp]) -> dict[str, Judged]:
    return {cell: one[some] for cell, one in judged.items()}


def _some(found: AsWorked, some: NDArray[np.intp]) -> AsWorked:
    return replace(
        found,
        scripts=found.scripts[some],
        given=only(found.given, some),
        entries=found.entries[some],
        judged=_of(found.judged, some),
        short={cell: mask[some] for cell, mask in found.short.items()},
    )


def coarser(precision: Precision, fewer: int) -> Precision:
    """So many places fewer of every quantity, one at least."""
    return Precision(
        _coarser(precision.default, fewer), {name: _coarser(each, fewer) for name, each in precision.own.items()}
    )


def _coarser(places: Places, fewer: int) -> Places:
    return replace(places, digits=max(places.digits - fewer, min(places.digits, 1)))


def _on_grid(values: Array, places: Places) -> Mask:
    """Whether numbers have no more places than these."""
    with np.errstate(invalid="ignore", over="ignore"):
        units = values / places.unit(values)
        return np.asarray(np.abs(units - np.rint(units)) <= ON_GRID)


def _fewer_throughout(task: Task, entries: Entries, judged: Mapping[str, Judged], count: int) -> Array:
    """With how many places fewer than asked each script is worked, where enough of its numbers say so; else 0."""
    fewer = np.zeros(count, dtype=int)
    precision = task.precision
    most = max(each.digits for each in (precision.default, *precision.own.values()))
    for left_off in range(1, most):
        having, could = np.zeros(count), np.zeros(count)
        for cell, values in entries.values.items():
            asked = precision.of(cell)
            if asked.digits - left_off < 1:
                continue
            places, expected = _coarser(asked, left_off), judged[cell].expected
            with np.errstate(invalid="ignore", over="ignore"):
                unit = asked.unit(expected)
                ends = _on_grid(np.rint(expected / unit) * unit, places)
            telling = ~np.isnan(values) & np.isfinite(expected) & ~ends
            could += telling
            having += telling & _on_grid(values, places)
        for least, part in ENOUGH:
            fewer[(having >= least) & (having >= part * could)] = left_off
    return fewer


def _throughout(
    task: Task,
    left_off: int,
    some: NDArray[np.intp],
    given: Mapping[str, Array],
    entries: Entries,
    judged: Mapping[str, Judged],
) -> AsWorked:
    """Read as if fewer places had been asked."""
    worked = replace(task, precision=coarser(task.precision, left_off))
    again = mark(worked, given, entries)
    short = {
        cell: (judged[cell].verdict == Verdict.WRONG)
        & ((again[cell].verdict == Verdict.CORRECT) | (again[cell].verdict == Verdict.CARRIED))
        & _on_grid(values, worked.precision.of(cell))
        for cell, values in entries.values.items()
    }
    return AsWorked(worked, some, given, entries, again, short)


def _alone(task: Task, entries: Entries, judged: Mapping[str, Judged]) -> dict[str, Mask]:
    """Wrong numbers that are the right one rounded to fewer places."""
    found = {}
    for cell, values in entries.values.items():
        one, asked = judged[cell], task.precision.of(cell)
        wrong = (one.verdict == Verdict.WRONG) & (values != 0)
        if not wrong.any():
            continue
        short, left = np.zeros_like(wrong), wrong.copy()
        for digits in range(asked.digits):
            places = replace(asked, digits=digits)
            has = left & _on_grid(values, places)
            left &= ~has
            if digits >= max(min(FEWEST_ALONE, asked.digits - 1), 1) and has.any():
                short |= has & _near(values, one, asked, places)
        if short.any():
            found[cell] = short
    return found


def _near(values: Array, judged: Judged, asked: Places, places: Places) -> Mask:
    """Whether what is expected, with all that may be off in it, comes to these values when it is rounded."""
    with np.errstate(invalid="ignore", over="ignore"):
        more = np.maximum(judged.allowed - asked.unit(judged.expected) / 2, 0.0)
        near = np.abs(values - judged.expected) <= places.unit(judged.expected) * (0.5 + ON_GRID) + more
    return np.asarray(near & np.isfinite(judged.allowed))
