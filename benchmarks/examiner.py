"""The examiner's campaign: simulated students with planted mistakes on generated sheets. ``make campaign``"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from benchmarks.harness import Table, keep, machine, rate
from exercises.operations.row import Array
from grader.marking import Entries, Verdict, mark
from tests.planted import (
    Class,
    Tally,
    exercise_of,
    flawless,
    one_mistake,
    one_place_fewer,
    random_numbers,
    two_mistakes,
)
from tests.students import any_habits

UPDATED = 'optimizer = { name = "sgd" }\n'

NETWORKS = {
    "mlp 2-2-1": exercise_of(UPDATED),
    "mlp 2-2-2": exercise_of(UPDATED + "layers = [2, 2, 2]"),
    "mlp 3-3-1": exercise_of(UPDATED + "layers = [3, 3, 1]"),
    "chain": exercise_of(UPDATED, "chain"),
    "circuit": exercise_of("", "circuit"),
}

SOME = 0.6
"""Chance of each cell to be handed in where only some are."""


@dataclass(frozen=True)
class Campaign:
    """What came of one exercise's class."""

    name: str
    some: Class
    one: Tally
    both: Tally
    partly: Tally
    carried: Tally
    slip: Tally
    flawless: Tally
    fewer: Tally


def fought(name: str, count: int) -> Campaign:
    rng = np.random.default_rng(20_262)
    some = Class.drawn(NETWORKS[name], count, secret=b"campaign: sheets on which nothing was tuned")
    return Campaign(
        name,
        some,
        one_mistake(some, rng, any_habits),
        two_mistakes(some, rng),
        two_mistakes(some, rng, SOME),
        random_numbers(some, rng, carried=True),
        random_numbers(some, rng, carried=False),
        flawless(some, rng, any_habits),
        one_place_fewer(some, rng, any_habits),
    )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "–"


def one_table(found: list[Campaign]) -> Table:
    rows = [
        (
            each.name,
            str(each.some.precision.default.digits),
            str(len(each.some.mistakes)),
            str(each.one.scripts),
            str(each.one.right_and_listed),
            str(sum(each.one.right_unlisted.values())),
            percent(each.one.named, each.one.wrong),
            percent(each.one.sure, each.one.wrong),
            f"{each.one.rivals:.3f}",
        )
        for each in found
    ]
    columns = (
        "exercise", "decimals", "mistakes", "scripts", "right, in the notes", "right, not in them", "named", "surely",
        "readings",
    )  # fmt: skip
    return Table(
        "One mistake, worked on consistently",
        columns,
        tuple(rows),
        (
            "Every misconception and variant that the exercise allows, planted in turn on generated sheets; students "
            "round each line or each operation, or keep the calculator's digits, as it comes. All asked cells are "
            "handed in. *right, in the notes*: marked right, and listed in the teacher's notes as not to be seen. "
            "*readings*: rival explanations of the same cells, the right one included.",
        ),
    )


def two_table(found: list[Campaign]) -> Table:
    rows = [(each.name, *(text for tally in (each.both, each.partly) for text in _two(tally))) for each in found]
    columns = (
        "exercise", "all cells: both show", "both named", "one would do", "accused of another", "some cells: both show",
        "both named", "one would do", "accused of another",
    )  # fmt: skip
    missed = sum((each.both.missed + each.partly.missed for each in found), Counter[str]())
    return Table(
        "Two mistakes in one script",
        columns,
        tuple(rows),
        (
            f"Pairs at different steps; every line rounded; *some cells*: each is handed in with the chance {SOME:g}. "
            "*both show*: each has a wrong cell that was worked out through its wrong lines. *one would do*: of those "
            "not both named, where one of the two accounts for every wrong number by itself; they count as missed. "
            "*accused of another*: a third rule is named with confidence, not as a rival of one "
            "of the two.",
            "Most often missed: " + ", ".join(f"{code} ({count})" for code, count in missed.most_common(5)) + ".",
        ),
    )


def _two(tally: Tally) -> tuple[str, str, str, str]:
    shares = (percent(count, tally.wrong) for count in (tally.named, tally.traceless, tally.others))
    return str(tally.wrong), *shares


def nothing_table(found: list[Campaign]) -> Table:
    rows = [
        (
            each.name,
            str(each.carried.wrong),
            str(each.carried.sure),
            percent(each.carried.named - each.carried.sure, each.carried.wrong),
            str(each.slip.sure),
            percent(each.slip.named - each.slip.sure, each.slip.wrong),
            str(each.flawless.scripts),
            str(each.flawless.wrong),
            str(each.flawless.named),
            str(each.fewer.wrong),
            str(each.fewer.sure),
            percent(each.fewer.named - each.fewer.sure, each.fewer.wrong),
        )
        for each in found
    ]
    columns = (
        "exercise", "a random number", "confident", "tentative", "not carried on: confident", "tentative", "flawless",
        "a cell wrong", "accused", "one place fewer", "confident", "tentative",
    )  # fmt: skip
    remark = (
        "A random number of up to twice the right one's size in one cell, carried on or not; and no mistake at all. "
        "*One place fewer*: no mistake either, but worked, or only written, with one place fewer than asked; those "
        "with a number that is too coarse."
    )
    return Table("Nothing to find", columns, tuple(rows), (remark,))


# --- how fast ---------------------------------------------------------------------------------------------------------

TEN = exercise_of('bias = false\ndecimals = 4\nask = ["z", "a2", "J", "dJ/dz", "dJ/dW2"]')


def speed_table(count: int) -> Table:
    """Marking with diagnosis, hand-ins of ten cells that arrive at once; a third of them with something wrong."""
    rng = np.random.default_rng(0)
    some = Class.drawn(TEN, count)
    entries = Entries(_a_third_wrong(some, rng))
    some.examine({cell: values[:100] for cell, values in entries.values.items()}, slice(0, 100))
    marking, both = [], []
    for _ in range(7):
        start = time.perf_counter()
        judged = mark(some.task, some.given, entries)
        marking.append(time.perf_counter() - start)
        told = some.examiner.diagnose(some.given, entries, judged)
        both.append(time.perf_counter() - start)
    wrong = int(np.any([judged[cell].verdict == Verdict.WRONG for cell in some.asked], axis=0).sum())
    row = (
        str(len(some.asked)), str(count), str(wrong), str(len(told)), rate(count / float(np.median(marking))),
        rate(count / float(np.median(both))),
    )  # fmt: skip
    columns = ("cells", "scripts", "with a wrong cell", "explained", "marked a second", "marked and diagnosed a second")
    return Table("Speed on one core", columns, (row,), (machine({"NumPy": np.__version__}),))


def _a_third_wrong(some: Class, rng: np.random.Generator) -> dict[str, Array]:
    """Of three hand-ins one has a mistake worked on consistently or, now and then, a random number in one cell."""
    seen = [[mistake] for mistake in some.mistakes if not some.in_notes(mistake, 0)]
    wrong, _ = some.written_by(seen, rng)
    right = some.write((), slice(0, some.count), rng)
    kind, cell = rng.integers(0, 12, some.count), rng.integers(0, len(some.asked), some.count)
    number = np.round(rng.uniform(-1, 1, some.count), 4)
    return {
        name: np.where(kind < 3, wrong[name], np.where((kind == 3) & (cell == row), number, right[name]))
        for row, name in enumerate(some.asked)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", metavar="EXERCISE", help=f"of {', '.join(NETWORKS)}; all if none")
    parser.add_argument("--scripts", type=int, default=10_000)
    parser.add_argument("--keep", action="store_true", help="also write the tables to benchmarks/results")
    wishes = parser.parse_args()
    found = []
    for name in wishes.networks or NETWORKS:
        start = time.perf_counter()
        found.append(fought(name, wishes.scripts))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    tables = [one_table(found), two_table(found), nothing_table(found), speed_table(10_000)]
    print("\n".join(map(str, tables)))
    if wishes.keep:
        print(f"kept in {keep('examiner', tables)}")


if __name__ == "__main__":
    main()
