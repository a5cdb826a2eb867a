"""Room: grader. Hand-ins to results: texts to numbers, numbers to verdicts, verdicts to marks, all scripts at a
time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exercises.operations.row import Array
from grader.marked import MarkedPile
from grader.marking import Entries, mark
from grader.policy import EXAM, Policy
from grader.resolution import Paper
from grader.rounding import Tolerance
from grader.script_results import CellResult, ScriptResult, exact_sum
from grader.written import written

__all__ = ["CellResult", "ScriptResult", "exact_sum", "mark_pile", "mark_scripts"]


def mark_scripts(
    paper: Paper,
    given: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    *,
    tolerance: Tolerance | None = None,
    policy: Policy = EXAM,
) -> list[ScriptResult]:
    """The results of many scripts on one exercise; ``given`` maps cells to (V,) or (1,) arrays, ``texts`` has V
    entries. What verdicts earn is the policy's to say.
    """
    pile = mark_pile(paper, given, texts, tolerance=tolerance, policy=policy)
    return [pile.script(at) for at in range(pile.count)]


def mark_pile(
    paper: Paper,
    given: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    *,
    tolerance: Tolerance | None = None,
    policy: Policy = EXAM,
) -> MarkedPile:
    """The same as columns, which cost a fraction of what the objects do."""
    handed_in = {cell for script in texts for cell in script}
    columns = {cell: written([script.get(cell) for script in texts]) for cell in sorted(handed_in)}
    values = {cell: column.values for cell, column in columns.items()}
    entries = Entries(values, {cell: column.unreadable for cell, column in columns.items() if column.troubles})
    judged = mark(paper.task, given, entries, tolerance=tolerance)
    told = paper.examiner.diagnose(given, entries, judged) if paper.examiner is not None else {}
    return MarkedPile(paper, policy, len(texts), columns, judged, told)
