"""Room: grader. Marks carried forward: compare each number with what follows from the student's own, then carry it on.

Nothing is authored per question: what follows is read off the program. Arrays hold one number a script, shape (V,);
scripts on the same exercise are marked together, whatever each has handed in, and none minds the others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exercises.bounds import Reading
from exercises.operations.row import Array
from grader.carried import Slipped
from grader.judging import Cell, Entries, Judged, Scripts, Task, Verdict, only, task_of
from grader.rounding import ByRounding, Tolerance

__all__ = ["Entries", "Judged", "Task", "Verdict", "mark", "task_of"]

BLOCK = 8_000
"""Scripts at a time. Blocks of 2,000 took 1.2 to 1.6 times as long; larger ones are a little faster still, and take the
more memory the more cells an exercise has.
"""


def mark(
    task: Task, given: Mapping[str, Array], entries: Entries, *, tolerance: Tolerance | None = None
) -> dict[str, Judged]:
    """Judge every cell of the program that is handed in, in all scripts.

    ``given`` maps cells to (V,) or (1,) arrays. Cells nobody handed in are judged ABSENT, with their expected value.
    """
    rule = tolerance or ByRounding()
    variants = max((array.shape[0] for array in (*given.values(), *entries.values.values())), default=1)
    results = {cell: _blank(variants) for cell in task.lines.root}
    for start in range(0, variants, BLOCK):
        part = slice(start, min(start + BLOCK, variants))
        numbers = {name: array[part] if array.shape[0] > 1 else array for name, array in given.items()}
        for cell, judged in _mark_block(task, numbers, entries[part], rule, part.stop - start).items():
            _write(results[cell], part, judged)
    return results


def _blank(variants: int) -> Judged:
    numbers = [np.full(variants, np.nan) for _ in range(3)]
    return Judged(np.zeros(variants, dtype=np.int8), *numbers)


def _write(into: Judged, part: Scripts, judged: Judged) -> None:
    into.verdict[part] = judged.verdict
    into.expected[part], into.allowed[part], into.key[part] = judged.expected, judged.allowed, judged.key


def _mark_block(
    task: Task, given: Mapping[str, Array], entries: Entries, rule: Tolerance, variants: int
) -> dict[str, Judged]:
    """First everybody by their own numbers; then those with a slip once more, with what a slip allows."""
    key = task.plan.run(given)
    results: dict[str, Judged] = {}
    slipped = np.zeros(variants, dtype=bool)
    own = Reading.start(task.lines, given, task.unit)
    for cell in task.lines.root:
        judged = Cell.read(cell, entries, variants).by_own_numbers(own, rule, key[cell])
        slipped |= (judged.verdict == Verdict.WRONG) | (judged.verdict == Verdict.UNREADABLE)
        results[cell] = judged
    if slipped.any():
        some = np.flatnonzero(slipped)
        judge = Slipped(task, only(given, some), rule, own, some, {cell: results[cell][some] for cell in results})
        for cell, judged in judge.judge(entries[some]).items():
            _write(results[cell], some, judged)
    return results
