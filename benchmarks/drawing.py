"""Sheets drawn: how long one takes, how many meet every condition, and which conditions are loosened."""

from __future__ import annotations

import time
from collections import Counter

from benchmarks.harness import Effort, Table, duration, machine, rate
from benchmarks.peers import version_of
from exercises.specification import Exercise, parse_specification
from exercises.stream import seed
from exercises.variants import draw, draw_many, practice_seed

UPDATED = 'optimizer = { name = "sgd" }\n'
EXERCISES = {
    "2-2-1": ("mlp", UPDATED + "layers = [2, 2, 1]"),
    "2-2-2": ("mlp", UPDATED + "layers = [2, 2, 2]"),
    "3-3-1": ("mlp", UPDATED + "layers = [3, 3, 1]"),
    "5-5-5": ("mlp", UPDATED + "layers = [5, 5, 5]"),
    "chain": ("chain", UPDATED),
    "circuit": ("circuit", ""),
}
PLACES = (3, 4)
SHEETS = 1_000
TOGETHER = 64
"""Sheets drawn in one go, as ``gradsheet generate`` draws them."""


def tables(effort: Effort) -> list[Table]:
    count = effort.few(SHEETS, 2)
    rows = [_row(name, digits, count) for name in EXERCISES for digits in PLACES]
    return [
        Table(
            f"Sheets drawn, {count:,} of each",
            ("", "decimals", "all conditions met", "a sheet", "sheets/s", "first sheet", "loosened"),
            tuple(rows),
            (
                "Sigmoid networks with biases, half squared error and one update; a random circuit of the usual size. "
                "The first sheet includes what is prepared once an exercise. Loosened conditions are notes to the "
                "teacher; they are named by code.",
                machine({"numpy": version_of("numpy") or ""}),
            ),
        )
    ]


def exercise_of(name: str, digits: int) -> Exercise:
    family, keys = EXERCISES[name]
    return parse_specification(f'[[exercise]]\nfamily = "{family}"\ndecimals = {digits}\n{keys}', name).exercises[0]


def _row(name: str, digits: int, count: int) -> tuple[str, ...]:
    exercise = exercise_of(name, digits)
    start = time.perf_counter()
    draw(exercise, practice_seed("benchmark", 1))
    first = time.perf_counter() - start
    seeds = [
        seed(b"the benchmark's secret", set_name=name, exercise=1, student=str(number), attempt=1)
        for number in range(count)
    ]
    notes: Counter[str] = Counter()
    met = 0
    start = time.perf_counter()
    for place in range(0, count, TOGETHER):
        for variant in draw_many(exercise, seeds[place : place + TOGETHER]):
            met += not variant.notes
            notes.update(note.code for note in variant.notes)
    each = (time.perf_counter() - start) / count
    loosened = ", ".join(f"{code} {times}" for code, times in notes.most_common()) or "none"
    return name, str(digits), f"{met / count:.1%}", duration(each), rate(1 / each), duration(first), loosened
