"""Marking: scripts a second as parsed cells, with and without slips, with diagnosis; and how long one check takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from benchmarks.harness import MEDIANS, Contender, Effort, Table, duration, machine, paired, rate
from benchmarks.peers import version_of
from exercises.misconceptions import mistakes
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.program import Role
from exercises.specification import Exercise, parse_specification
from grader.diagnosis import Examiner
from grader.marking import Entries, Task, Verdict, mark, task_of
from grader.submissions import read_submission
from gradsheet.marking_desk import mark_one
from gradsheet.papers import by_cell

UPDATED = 'decimals = 4\noptimizer = { name = "sgd", learning_rate = 0.3 }\n'
SCRIPTS = 10_000
KINDS = 12
"""Different mistakes among the wrong scripts."""


@dataclass(frozen=True)
class Class:
    """So many students on one exercise, each with numbers of their own; all arrays are (scripts,) by cell."""

    exercise: Exercise
    scripts: int
    whole: bool
    """Whether every cell of the program is handed in, or the asked ones."""

    @cached_property
    def tensors(self) -> dict[str, Array]:
        """Weights to two decimals and inputs to one, as a sheet has them."""
        rng = np.random.default_rng(3)
        found: dict[str, Array] = {}
        for one in self.exercise.program.givens:
            shape = (*one.shape, self.scripts)
            if one.role is Role.INPUT:
                found[one.name] = rng.integers(2, 20, shape) / 10
            elif one.name in self.exercise.given:
                found[one.name] = self.exercise.given[one.name]
            else:
                found[one.name] = rng.integers(11, 90, shape) / 100
        return found

    @cached_property
    def given(self) -> dict[str, Array]:
        return by_cell(self.exercise.program.shapes, self.tensors)

    @cached_property
    def cells(self) -> tuple[str, ...]:
        program = self.exercise.program
        every = tuple(cell for step in program.steps for cell in cell_ids(step.name, step.shape))
        return every if self.whole else tuple(cell for cell in every if cell in self.exercise.asked)

    def flawless(self) -> dict[str, Array]:
        """Everything right, rounded as asked."""
        program = self.exercise.program
        return self._written(flatten(program).run(self.tensors))

    def slipped(self) -> dict[str, Array]:
        """A slip in the first line, and everything after it worked consistently from there."""
        program = self.exercise.program
        first = program.steps[0].name
        right = np.round(flatten(program).run(self.tensors, wanted=[first])[first], 4)
        pins = np.full_like(right, np.nan)
        pins.reshape(-1, self.scripts)[0] = right.reshape(-1, self.scripts)[0] + 0.05
        values = flatten(program).run(self.tensors, pinned={first: pins})
        values[first] = np.where(np.isnan(pins), values[first], pins)
        return self._written(values)

    def third_wrong(self) -> dict[str, Array]:
        """Two thirds right; the rest share out mistakes of the catalogue evenly."""
        program = self.exercise.program
        written = {cell: values.copy() for cell, values in self.flawless().items()}
        made = mistakes(program)[:KINDS]
        for number, mistake in enumerate(made):
            wrong = self._written(flatten(program, mistake.replaced).run(self.tensors))
            for cell, values in written.items():
                values[3 * number :: 3 * len(made)] = wrong[cell][3 * number :: 3 * len(made)]
        return written

    def _written(self, values: Mapping[str, Array]) -> dict[str, Array]:
        cells = by_cell(self.exercise.program.shapes, values)
        return {cell: np.round(cells[cell], 4) for cell in self.cells}


def tables(effort: Effort) -> list[Table]:
    remark = machine({"numpy": version_of("numpy") or ""}) + MEDIANS
    classes = {
        "10 cells": Class(_exercise("neuron", ""), effort.few(SCRIPTS, 60), whole=False),
        "47 cells": Class(_exercise("mlp", "layers = [2, 2, 2]\n"), effort.few(SCRIPTS, 60), whole=True),
    }
    return [_scripts(classes, effort, remark), _single(effort, remark)]


def _exercise(family: str, keys: str) -> Exercise:
    return parse_specification(f'[[exercise]]\nfamily = "{family}"\n{UPDATED}{keys}', family).exercises[0]


def _scripts(classes: Mapping[str, Class], effort: Effort, remark: str) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, one in classes.items():
        kinds = {"flawless": one.flawless(), "all slipped": one.slipped(), "a third wrong": one.third_wrong()}
        contenders = [
            Contender(what, partial(mark, *_ready(one), Entries(written)), one.scripts)
            for what, written in kinds.items()
        ]
        examined = partial(_examined, one, Entries(kinds["a third wrong"]))
        contenders.append(Contender("a third wrong, diagnosed", examined, one.scripts))
        right = [*(f"{_right(one, written):.1%}" for written in kinds.values()), ""]
        rows += [
            (f"{name}, {timing.name}", share, rate(timing.rate), rate(timing.rate * len(one.cells)))
            for timing, share in zip(paired(contenders, effort), right, strict=True)
        ]
    count = next(iter(classes.values())).scripts
    told = (
        "A neuron (its 10 asked cells) and a 2-2-2 network (all 47 cells), both with an update, to 4 decimals, as "
        "parsed cells. A slipped script has one wrong number in its first line and goes on from it; the wrong third "
        f"has {KINDS} mistakes of the catalogue evenly."
    )
    columns = ("", "cells right or carried", "scripts/s", "cells/s")
    return Table(f"Scripts marked, {count:,} at once, one process", columns, tuple(rows), (told, remark))


def _right(one: Class, written: Mapping[str, Array]) -> float:
    judged = mark(*_ready(one), Entries(written))
    verdicts = np.stack([judged[cell].verdict for cell in written])
    return float(np.isin(verdicts, (Verdict.CORRECT, Verdict.CARRIED)).mean())


def _ready(one: Class) -> tuple[Task, dict[str, Array]]:
    precision = one.exercise.precision
    assert precision is not None  # the specification says decimals
    return task_of(one.exercise.program, precision), one.given


def _examined(one: Class, entries: Entries) -> object:
    """Mark and diagnose; the examiner is made anew, as for every class."""
    task, given = _ready(one)
    judged = mark(task, given, entries)
    return Examiner(one.exercise.program, task).diagnose(given, entries, judged)


def _single(effort: Effort, remark: str) -> Table:
    one = Class(_exercise("mlp", "layers = [2, 2, 2]\n"), 1, whole=True)
    exercise = one.exercise.filled(one.tensors, one.exercise.precision)
    contenders = []
    for what, written in (("flawless", one.flawless()), ("slipped", one.slipped())):
        data = "id,value\n" + "".join(f"{cell},{values[0]:.4f}\n" for cell, values in written.items())
        contenders.append(Contender(what, partial(_checked, exercise, data.encode())))
    rows = tuple((timing.name, duration(timing.median)) for timing in paired(contenders, effort))
    return Table("One hand-in of 47 cells, from its CSV to marks, in a running process", ("", "time"), rows, (remark,))


def _checked(exercise: Exercise, data: bytes) -> object:
    result = mark_one((exercise,), read_submission("answers.csv", data))
    assert all(cell.verdict is not Verdict.UNREADABLE for script in result.scripts for cell in script.cells)
    return result
