"""Room: gradsheet. What a marking changes, told: as JSON, and in lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from grader.gradebook import number
from gradsheet.audit import TOTAL, Audit, StudentChange, cells_named
from gradsheet.audit_reasons import CellChange, shown


def json_pieces(told: Audit, written: Callable[[Any], str], more: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The students that change, with every cell that does, as JSON; exact fractions as text.

    ``written`` puts a value into JSON, its lines indented by one; ``more`` stands behind the changes. It comes in
    pieces: what changes for a large class doesn't fit the memory.
    """
    head = {
        "students": told.students,
        "changed": told.changed,
        "up": told.up,
        "down": told.down,
        "rules": list(told.rules),
        "out_of": None if told.out_of is None else {"old": str(told.out_of[0]), "new": str(told.out_of[1])},
        "changes": [],
    }
    before, empty, after = written({**head, **(more or {})}).rpartition('"changes": []')
    yield before + empty[:-1]
    between = ""
    for chunk in told.changes.chunks():
        for line in chunk.splitlines():
            yield between + "\n  " + written(msgspec.json.decode(line)).replace("\n", "\n  ")
            between = ","
    yield ("\n ]" if between else "]") + after


MOST_LINES = 6
"""Of a student listed on a terminal; the audit has all."""


def table(told: Audit) -> list[str]:
    """What a teacher reads: who changes, by how much, and why; those who lose marks first."""
    lines = []
    for one in told.first:
        lines.append(f"{_who(one)}  {_scores(one)}")
        lines += [f"    {line}" for line in _reasons(one)]
    if told.changed > len(told.first):
        lines.append(f"… and {told.changed - len(told.first)} more students")
    lines += [""] if lines else []
    lines += [f"rules: {rule}" for rule in told.rules]
    if told.out_of is not None:
        before, after = map(number, told.out_of)
        lines.append(f"out of: the full mark was {before}, is {after}; up and down are told by percent")
    same, alike = told.students - told.changed, "score" if told.out_of is None else "percentage"
    lines.append(
        f"{told.students} students: {told.up} up, {told.down} down, "
        f"{told.changed - told.up - told.down} with other cells and the same {alike}, {same} as before"
    )
    return lines


def _who(one: StudentChange) -> str:
    return f"{one.id}  {one.name}" if one.name else one.id


def _scores(one: StudentChange) -> str:
    """Before and now; with the full mark and percents where the full mark is another."""
    sign = "+" if one.difference > 0 else ""
    if not one.other_full or one.before.out_of is None or one.after.out_of is None:
        return f"{number(one.before.final)} → {number(one.after.final)} ({sign}{number(one.difference)})"
    olds, news = (f"{number(each.final)} of {number(each.out_of or Fraction(0))}" for each in (one.before, one.after))
    return f"{olds} → {news} ({one.before.percent} % → {one.after.percent} %)"


def _reasons(one: StudentChange) -> Sequence[str]:
    if not one.cells:
        return [one.why]
    alike: dict[tuple[Fraction | None, Fraction | None, str], list[CellChange]] = {}
    for cell in sorted(one.cells, key=lambda cell: cell.old == cell.new):  # those that cost or earn something first
        alike.setdefault((cell.old, cell.new, cell.said), []).append(cell)
    lines = [
        f"{cells_named(cells)}  {shown(old)} → {shown(new)}{' each' * (len(cells) > 1)}  {said}"
        for (old, new, said), cells in alike.items()
    ]
    left = sum(len(cells) for cells in list(alike.values())[MOST_LINES:])
    lines = lines[:MOST_LINES] + [f"… and {left} more cells"] * bool(left)
    return lines + [TOTAL] * one.otherwise_settled
