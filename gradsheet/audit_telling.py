"""Room: gradsheet. What a marking changes, told: as JSON, and in lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.gradebook import number
from gradsheet.audit import Audit, StudentChange
from gradsheet.audit_reasons import shown


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


MOST_CELLS = 6
"""Of a student listed on a terminal; the audit has all."""


def table(told: Audit) -> list[str]:
    """What a teacher reads: who changes, by how much, and why; those who lose marks first."""
    lines = []
    for one in told.first:
        sign = "+" if one.difference > 0 else ""
        scores = f"{number(one.before.final)} → {number(one.after.final)} ({sign}{number(one.difference)})"
        lines.append(f"{_who(one)}  {scores}")
        lines += [f"    {line}" for line in _reasons(one)]
    if told.changed > len(told.first):
        lines.append(f"… and {told.changed - len(told.first)} more students")
    lines += [""] if lines else []
    lines += [f"rules: {rule}" for rule in told.rules]
    same = told.students - told.changed
    lines.append(
        f"{told.students} students: {told.up} up, {told.down} down, "
        f"{told.changed - told.up - told.down} with other cells and the same score, {same} as before"
    )
    return lines


def _who(one: StudentChange) -> str:
    return f"{one.id}  {one.name}" if one.name else one.id


def _reasons(one: StudentChange) -> Sequence[str]:
    if not one.cells:
        return [one.why]
    cells = sorted(one.cells, key=lambda cell: cell.old == cell.new)  # those that cost or earn something first
    lines = [f"{cell.id}  {shown(cell.old)} → {shown(cell.new)}  {cell.said}" for cell in cells[:MOST_CELLS]]
    return lines + [f"… and {len(cells) - MOST_CELLS} more cells"] * (len(cells) > MOST_CELLS)
