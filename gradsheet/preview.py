"""Room: gradsheet. What `generate` would make: as data for programs, and in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from exercises.difficulty import effort
from exercises.specification import Exercise
from exercises.variants import Variant
from gradsheet.course_set import MARKER
from gradsheet.files import refuse_foreign
from gradsheet.orders import Order, refuse_other_set, settled_places, sheets


def preview(order: Order, folder: Path) -> dict[str, Any]:
    """What would come out, seen by the first sheet; nothing is written. Refuses what ``generate`` would refuse."""
    refuse_foreign(folder, folder, MARKER)
    refuse_other_set(order, folder)
    order = replace(order, specification=settled_places(order.specification))
    first = next(sheets(order))
    return {
        "folder": str(folder),
        "name": order.specification.name,
        "attempt": order.attempt,
        "students": len(order.students),
        "written": False,
        "exercises": [
            _exercise(exercise, variant)
            for exercise, variant in zip(order.specification.exercises, first.variants, strict=True)
        ],
    }


def _exercise(exercise: Exercise, variant: Variant) -> dict[str, Any]:
    work = effort(exercise.program, exercise.asked)
    return {
        "id": exercise.number,
        "family": exercise.family.name,
        "asked": len(exercise.asked),
        "places": str(variant.precision.default),
        "operations": work.count,
        "minutes": work.minutes,
        "drawn": list(exercise.open_names),
        "notes": [str(note) for note in variant.notes],
    }


def in_words(planned: dict[str, Any]) -> str:
    """The preview as a teacher reads it."""
    lines = [f"{planned['name']}: {_count(planned['students'], 'sheet')} in {planned['folder']}"]
    for exercise in planned["exercises"]:
        lines.append(
            f"  exercise {exercise['id']} ({exercise['family']}): {_count(exercise['asked'], 'cell')} asked to "
            f"{exercise['places']}, {_count(exercise['operations'], 'operation')} by hand, about "
            f"{_count(exercise['minutes'], 'minute')}"
        )
        lines += [f"    note: {note}" for note in exercise["notes"]]
    if not any(exercise["drawn"] for exercise in planned["exercises"]):
        lines.append(f"  {ALL_ALIKE}")
    return "\n".join([*lines, "Nothing was written (--dry-run)."])


ALL_ALIKE = "All numbers are given, so everybody gets the same ones; leave some out to have them drawn."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
