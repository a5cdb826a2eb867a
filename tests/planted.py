"""Students who get a rule wrong: a mistake of the catalogue planted in a program and worked on consistently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from exercises.components import componentwise
from exercises.misconceptions.row import Mistake
from exercises.operations.row import Array, Mask
from exercises.precision import Precision
from exercises.program import Program, in_order_of_need
from grader.diagnosis import Diagnosis, Examiner
from grader.marking import Entries, Judged, Task, Verdict, mark, task_of
from tests.students import Habits, habits, hand_in, work


def with_mistakes(program: Program, made: Sequence[Mistake]) -> Program | None:
    """The program with wrong steps, spelled out by cells; None where two mistakes need each other in a circle."""
    wrong = {name: expression for mistake in made for name, expression in mistake.replaced.items()}
    steps = [replace(step, expression=wrong.get(step.name, step.expression)) for step in program.steps]
    try:
        return componentwise(replace(program, steps=in_order_of_need(steps)))
    except ValueError:
        return None


@dataclass(frozen=True)
class Marked:
    """Hand-ins with what marking and diagnosis say of them."""

    entries: Entries
    judged: Mapping[str, Judged]
    told: Mapping[int, Diagnosis]

    def wrong(self, cells: Sequence[str]) -> Mask:
        """The scripts with a wrong cell."""
        return np.any([self.judged[cell].verdict == Verdict.WRONG for cell in cells], axis=0)

    def named(self, code: str, *, sure: bool = False) -> set[int]:
        return {
            script
            for script, diagnosis in self.told.items()
            if any(one.code == code and not (sure and one.tentative) for one in diagnosis.explanations)
        }


class Class:
    """Students on one exercise, each with numbers of their own, (V,) or (1,) by cell."""

    def __init__(
        self, program: Program, precision: Precision, given: Mapping[str, Array], asked: Sequence[str]
    ) -> None:
        self.program, self.precision, self.given, self.asked = program, precision, given, tuple(asked)
        self.task: Task = task_of(program, precision)
        self.examiner = Examiner(program, self.task)

    def numbers(self, some: slice) -> dict[str, Array]:
        return {name: array[some] if array.shape[0] > 1 else array for name, array in self.given.items()}

    def write(
        self,
        made: Sequence[Mistake],
        some: slice,
        rng: np.random.Generator,
        manner: Habits | None = None,
    ) -> dict[str, Array] | None:
        """What students with these mistakes write for each asked cell."""
        cells = with_mistakes(self.program, made)
        if cells is None:
            return None
        script = work(cells, self.precision, self.numbers(some), manner or habits(some.stop - some.start), rng)
        return {cell: script.written[cell] for cell in self.asked}

    def examine(self, written: Mapping[str, Array], some: slice) -> Marked:
        """Mark and diagnose; a number that isn't finite is left blank."""
        entries = Entries({cell: np.where(np.isfinite(values), values, np.nan) for cell, values in written.items()})
        given = self.numbers(some)
        judged = mark(self.task, given, entries)
        return Marked(entries, judged, self.examiner.diagnose(given, entries, judged))


__all__ = ["Class", "Marked", "hand_in", "with_mistakes"]
