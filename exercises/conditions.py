"""Room: exercises. What numbers have to be like for a sheet to be worth solving, in order of importance.

A condition looks at a whole batch of candidates at once. It binds drawn numbers; of given ones it can only say what is
the matter with them. Where no candidate meets all, the last ones are let go first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exercises.batches import Batch, Condition, Judged, Truths
from exercises.families.family import Goal
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.program import Given, Role

TIE_GUARD = 1e-6
"""Units around a rounding tie. Processors' exp differ by some 1e-16 of a value; up to 100 and at six places, after the
few dozen operations of a sheet, that stays below a millionth of a unit."""

KINK_MARGIN = 10
"""Units by which a unit stays on its side of a kink. Rounding by hand moves a pre-activation by half a unit for each
product and each number read: up to 10 for layers as wide as anyone works by hand."""

VISIBLE = 20
"""Units an asked value has at least: two figures that count, so that a wrong rule can be told from rounding."""

HARDLY_VISIBLE = 5
"""Units an asked value should still have where it can't have that many."""

BOTH_BOUNDS = 2
"""Units within which a gradient with its factor is like the one without: for both, half a unit for its own rounding and
half a unit for that of the gradient before it. The half unit of the factor comes on top, times that gradient."""

MOVES = 5
"""Units an update moves at least: more than rounding, so that a step in the wrong direction is seen."""

LARGEST = 100.0
"""What can still be written and multiplied in one line."""

MOST_DECIMALS_BY_HEAD = 2
"""Decimals of every number on a sheet for which no calculator is needed."""

NOUGHT = 1e-12
"""Below this a value is an exact zero that rounding in the computer has touched."""


def _cells(batch: Batch, names: list[str]) -> tuple[tuple[str, ...], Array]:
    """The cells of some quantities and their values, shape (cells, V)."""
    count = batch.rows.shape[1]
    places = tuple(cell for name in names for cell in cell_ids(name, batch.frame.program.shapes[name]))
    arrays = [batch.values[name].reshape(-1, batch.values[name].shape[-1]) for name in names]
    wide = [np.broadcast_to(array, (array.shape[0], count)) for array in arrays]
    return places, np.concatenate(wide) if wide else np.empty((0, count))


def _all_steps(batch: Batch) -> tuple[tuple[str, ...], Array]:
    return _cells(batch, [step.name for step in batch.frame.program.steps])


def _asked_names(batch: Batch) -> tuple[str, ...]:
    return tuple(cell for cell, _, _ in batch.frame.asked)


def _defined(batch: Batch) -> Judged:
    places, values = _all_steps(batch)
    return Judged(places, np.isfinite(values))


def _moderate(batch: Batch) -> Judged:
    places, values = _all_steps(batch)
    return Judged(places, np.abs(values) <= LARGEST)


def _short(batch: Batch) -> Judged:
    places, values = _all_steps(batch)
    digits = min(batch.frame.precision.default.digits, MOST_DECIMALS_BY_HEAD)
    units = values * 10.0**digits
    return Judged(places, np.abs(units - np.round(units)) < TIE_GUARD)


def _off_kinks(batch: Batch) -> Judged:
    margin = KINK_MARGIN * 10.0**-batch.frame.precision.default.digits
    beyond = _kinks_beyond(batch, margin)
    return beyond._replace(met=beyond.met | (_exact(batch) & _kinks_beyond(batch, NOUGHT).met))


def _off_kinks_by_head(batch: Batch) -> Judged:
    return _kinks_beyond(batch, NOUGHT)


def _kinks_beyond(batch: Batch, margin: float) -> Judged:
    count = batch.rows.shape[1]
    places = tuple(name for names in batch.frame.kinks.values() for name in names)
    met = [
        np.abs(np.broadcast_to(array.reshape(-1, array.shape[-1]), (len(names), count))) > margin
        for kink, names in batch.frame.kinks.items()
        for array in (batch.values[kink],)
    ]
    return Judged(places, np.concatenate(met) if met else np.ones((0, count), dtype=bool))


def _off_ties(batch: Batch) -> Judged:
    units = np.abs(batch.rows) / batch.units
    return Judged(_asked_names(batch), ~(np.abs(units - np.floor(units) - 0.5) < TIE_GUARD))


def _some_units_off(batch: Batch) -> Judged:
    """As many entries below zero as agreed, column by column where there are several examples."""
    wanted = batch.frame.negative
    met = [
        (batch.values[name] < 0).sum(axis=0).reshape(-1, batch.rows.shape[1]) == count for name, count in wanted.items()
    ]
    each = [np.all(columns, axis=0, keepdims=True) for columns in met]
    return Judged(tuple(wanted), np.concatenate(each) if each else np.ones((0, batch.rows.shape[1]), dtype=bool))


def _few_noughts(batch: Batch) -> Judged:
    noughts = (np.abs(batch.rows) < NOUGHT).sum(axis=0, keepdims=True)
    return Judged(("zeros",), noughts <= batch.frame.noughts)


def _lively(batch: Batch) -> Judged:
    names = list(batch.frame.within)
    places, values = _cells(batch, names)
    bounds = [batch.frame.within[name] for name in names for _ in cell_ids(name, batch.frame.program.shapes[name])]
    low, high = np.array(bounds).reshape(-1, 2, 1).swapaxes(0, 1)
    return Judged(places, (np.abs(values) >= low) & (np.abs(values) <= high))


def _visible(batch: Batch) -> Judged:
    return _at_least(batch, VISIBLE)


def _hardly_visible(batch: Batch) -> Judged:
    return _at_least(batch, HARDLY_VISIBLE)


def _at_least(batch: Batch, count: int) -> Judged:
    size = np.abs(batch.rows)
    seen = (size >= count * batch.units) | batch.figures | (size < NOUGHT) | _exact(batch)
    return Judged(_asked_names(batch), seen)


def _exact(batch: Batch) -> Truths:
    """Candidates of which no answer needs rounding, so that nothing can hide in it; shape (V,)."""
    units = batch.rows / batch.units
    return np.asarray((np.abs(units - np.round(units)) < TIE_GUARD).all(axis=0))


def _moving(batch: Batch) -> Judged:
    program = batch.frame.program
    rows = [row for row, (_, name, _) in enumerate(batch.frame.asked) if program.by_name[name].role is Role.UPDATED]
    if not rows:
        return Judged((), np.ones((0, batch.rows.shape[1]), dtype=bool))
    before = np.stack([_before(batch, row) for row in rows])
    moved = np.abs(batch.rows[rows] - before)
    units = batch.units[rows]
    places = tuple(batch.frame.asked[row][0] for row in rows)
    return Judged(places, (moved >= MOVES * units) | (moved < NOUGHT))


def _before(batch: Batch, row: int) -> Array:
    """What an asked update starts from: the first quantity that it reads."""
    _, name, index = batch.frame.asked[row]
    array = batch.values[batch.frame.program.by_name[name].reads[0]]
    return np.broadcast_to(array.reshape(-1, array.shape[-1])[index], batch.rows.shape[1:])


def _downhill(batch: Batch) -> Judged:
    """The loss falls with every update, the last one included, after which no sheet works it out."""
    names, after = batch.frame.descent, batch.frame.after
    if after is None:
        return Judged((), np.ones((0, batch.rows.shape[1]), dtype=bool))
    found = {**batch.values, **after.run(batch.values, wanted=names[-1:])}
    losses = np.stack([np.broadcast_to(found[name], batch.rows.shape[1:]) for name in names])
    return Judged(names[:-1], losses[1:] < losses[:-1])


def _different(batch: Batch) -> Judged:
    """Neighbours in order of size are a unit apart or copies; exact zeros of units that are off don't count."""
    rows = list(batch.frame.varied)
    values = np.where(np.abs(batch.rows[rows]) < NOUGHT, np.nan, batch.rows[rows])
    order = np.argsort(values, axis=0)
    gaps = np.diff(np.take_along_axis(values, order, axis=0), axis=0)
    near = gaps < 10.0**-batch.frame.precision.default.digits * (1 - TIE_GUARD)
    met = np.ones(values.shape, dtype=bool)
    np.put_along_axis(met, order[1:], ~near | batch.frame.copies[order[1:], order[:-1]], axis=0)
    return Judged(tuple(batch.frame.asked[row][0] for row in rows), met)


def _plain(batch: Batch) -> Judged:
    names = [
        given.name for given in batch.frame.program.givens if given.role in (Role.WEIGHT, Role.INPUT, Role.VARIABLE)
    ]
    places, values = _cells(batch, names)
    return Judged(places, ~np.isin(values, (-1.0, 0.0, 1.0)))


def _unequal(batch: Batch) -> Judged:
    """Within a matrix or vector; the single numbers of a circuit count as one vector."""
    givens = batch.frame.program.givens
    groups = [[given.name] for given in givens if given.role in (Role.WEIGHT, Role.INPUT) and _entries(given)]
    groups.append([given.name for given in givens if given.role is Role.VARIABLE])
    judged = [_without_equals(batch, names) for names in groups if names]
    places = tuple(place for one in judged for place in one.places)
    return Judged(places, np.concatenate([np.ones((0, batch.rows.shape[1]), dtype=bool), *(one.met for one in judged)]))


def _entries(given: Given) -> bool:
    return given.shape != () and given.shape != (1,)


def _without_equals(batch: Batch, names: list[str]) -> Judged:
    places, values = _cells(batch, names)
    order = np.argsort(values, axis=0, kind="stable")
    apart = np.diff(np.take_along_axis(values, order, axis=0), axis=0) != 0
    met = np.ones(values.shape, dtype=bool)
    np.put_along_axis(met, order[1:], apart, axis=0)
    return Judged(places, met)


def _inner_factors(batch: Batch) -> Judged:
    """A slope of about 1 can be left out and nobody sees it; of about −1, and it is taken for a wrong sign."""
    _, made = _cells(batch, [name for name, _ in batch.frame.inner])
    _, before = _cells(batch, [name for _, name in batch.frame.inner])
    gap, size = np.abs(np.abs(made) - np.abs(before)), np.abs(before)
    beyond = gap > (BOTH_BOUNDS + size) * 10.0**-batch.frame.precision.default.digits
    return Judged(tuple(name for name, _ in batch.frame.inner), beyond | (_exact(batch) & (gap > NOUGHT)))


def _told_apart(batch: Batch) -> Judged:
    apart, required = batch.frame.apart, batch.frame.required
    if apart is None or required is None:
        return Judged((), np.ones((0, batch.rows.shape[1]), dtype=bool))
    return Judged(apart.places, apart.met(batch, required))


_DEFINED = Condition("undefined", "a value is not defined for these numbers", _defined)
_MODERATE = Condition("large", f"a value is larger than {LARGEST:g}", _moderate)
_UNITS_OFF = Condition("units-off", "not as many units are switched off as on the other sheets", _some_units_off)
_NOUGHTS = Condition("zeros", "more of the asked values are exactly zero than need be", _few_noughts)
_PLAIN = Condition("plain-numbers", "a weight or an input is 0, 1 or −1, which hides a factor", _plain)
_DOWNHILL = Condition(
    "uphill", "the error is larger after an update than before it: so long a step overshoots", _downhill
)
_UNEQUAL = Condition(
    "equal-numbers", "two numbers of one matrix or vector are equal, so mixing them up isn't seen", _unequal
)
_DIFFERENT = Condition("equal-answers", "two different answers round to nearly the same number", _different)
_INNER = Condition(
    "hidden-factor",
    "an inner derivative is so near 1 or −1 that leaving it out isn't seen, or looks like a wrong sign",
    _inner_factors,
)
_ALIKE = Condition(
    "alike", "rounding hides which of the catalogue's rules went wrong, or whether one did", _told_apart, dear=True
)


def _goal(goal: Goal) -> Condition:
    def look(batch: Batch) -> Judged:
        return Judged((goal.code,), np.broadcast_to(goal.met(batch.values), (1, batch.rows.shape[1])))

    return Condition(goal.code, goal.sentence, look)


def with_goals(conditions: tuple[Condition, ...], goals: Sequence[Goal]) -> tuple[Condition, ...]:
    """The conditions with those that a family adds, which come before what counts zeros: a mask may bring some."""
    place = conditions.index(_NOUGHTS)
    return (*conditions[:place], *map(_goal, goals), *conditions[place:])


STANDARD: tuple[Condition, ...] = (
    _DEFINED,
    _MODERATE,
    Condition("kink", "a unit is so near its kink that rounding may switch it", _off_kinks),
    Condition("tie", "an answer lies on the border between two roundings", _off_ties),
    _UNITS_OFF,
    _NOUGHTS,
    _PLAIN,
    Condition("flat", "a unit is in the flat part of its curve, or so near 0 that its bend isn't seen", _lively),
    Condition("tiny", f"an answer has fewer than {HARDLY_VISIBLE} units of its last place", _hardly_visible, "small"),
    Condition("small", f"an answer has fewer than {VISIBLE} units of its last place", _visible),
    Condition("still", f"an update moves by fewer than {MOVES} units of the last place", _moving),
    _DOWNHILL,
    _UNEQUAL,
    _DIFFERENT,
    _INNER,
    _ALIKE,
)
"""Most important first."""

BY_HEAD: tuple[Condition, ...] = (
    _DEFINED,
    Condition("long-decimals", f"a value has more than {MOST_DECIMALS_BY_HEAD} decimals", _short),
    _MODERATE,
    Condition("kink", "a unit is exactly on its kink", _off_kinks_by_head),
    _UNITS_OFF,
    _NOUGHTS,
    _PLAIN,
    _DOWNHILL,
    _UNEQUAL,
    _DIFFERENT,
    _INNER,
    _ALIKE,
)
"""For sheets without a calculator: everything is exact, so nothing is too small to be seen."""
