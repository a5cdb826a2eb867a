"""The examiner on every family: a class on each of its first examples, every mistake planted. ``make families``"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.examiner import percent
from benchmarks.harness import Table, keep
from exercises.families import FAMILIES
from tests.every_family import Example, examples
from tests.planted import Class, Tally, flawless, one_mistake
from tests.students import any_habits

SECRET = b"families: sheets on which nothing was tuned"

ENOUGH = 0.95
"""The least share of scripts with a mistake that has to be named."""


@dataclass(frozen=True)
class Found:
    """What came of one example's classes: one with mistakes, one without."""

    example: Example
    some: Class
    one: Tally
    right: Tally

    @property
    def fine(self) -> bool:
        return not self.one.right_unlisted and self.one.share >= ENOUGH and not self.right.wrong + self.right.named


def examined(example: Example, count: int) -> Found:
    """The same sheets for both classes: numbers that ``generate`` makes."""
    rng = np.random.default_rng(20_268)
    some = Class.drawn(example.exercise(), count, secret=SECRET)
    return Found(example, some, one_mistake(some, rng, any_habits), flawless(some, rng, any_habits))


def table(found: Sequence[Found]) -> Table:
    rows = [
        (
            str(each.example),
            str(each.some.precision.default.digits),
            str(len(each.some.asked)),
            str(len(each.some.mistakes)),
            str(each.one.scripts),
            str(each.one.right_and_listed),
            str(sum(each.one.right_unlisted.values())),
            percent(each.one.named, each.one.wrong),
            percent(each.one.sure, each.one.wrong),
            f"{each.one.rivals:.3f}",
            str(each.right.wrong),
            str(each.right.named),
        )
        for each in found
    ]
    columns = (
        "example", "decimals", "asked", "mistakes", "scripts", "right, in the notes", "right, not in them", "named",
        "surely", "readings", "flawless: a cell wrong", "accused",
    )  # fmt: skip
    missed = sum((each.one.missed for each in found), Counter[str]())
    remarks = (
        "Every misconception and variant that the exercise allows, planted in turn on generated sheets and worked on "
        "consistently; as many students again make no mistake. All of them round each line or each operation, or keep "
        "the calculator's digits, as it comes. *right, in the notes*: marked right, and listed in the teacher's notes "
        "as not to be seen. *readings*: rival explanations of the same cells, the right one included. An example's "
        "number is its place in what its family gives as examples.",
        "Not named: " + (", ".join(f"{code} ({count})" for code, count in missed.most_common()) or "none") + ".",
    )
    return Table("One mistake on every family, worked on consistently", columns, tuple(rows), remarks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"of {', '.join(FAMILIES)}; all if none")
    parser.add_argument("--scripts", type=int, default=2_000)
    parser.add_argument("--examples", type=int, default=2, help="of each family, the first so many")
    parser.add_argument("--keep", action="store_true", help="also write the table to benchmarks/results")
    wishes = parser.parse_args()
    found: list[Found] = []
    for example in [one for name in wishes.families or FAMILIES for one in examples(name)[: wishes.examples]]:
        start = time.perf_counter()
        found.append(examined(example, wishes.scripts))
        one = found[-1]
        fine = "" if one.fine else f", NOT FINE: {dict(one.one.right_unlisted)} right, {dict(one.one.missed)} missed"
        print(f"{example}: {time.perf_counter() - start:.0f} s{fine}", flush=True)
    print(table(found))
    if wishes.keep:
        print(f"kept in {keep('families', [table(found)])}")
    if not all(each.fine for each in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
