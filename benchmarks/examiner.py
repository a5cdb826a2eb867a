"""The examiner's campaign: simulated students with planted mistakes on generated sheets. ``make campaign``"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np

from tests.planted import (
    Class,
    Tally,
    every_line_rounded,
    exercise_of,
    flawless,
    one_mistake,
    random_numbers,
    two_mistakes,
)
from tests.students import any_habits

UPDATED = 'optimizer = { name = "sgd" }\n'

NETWORKS = {
    "2-2-1": exercise_of(UPDATED),
    "2-2-2": exercise_of(UPDATED + "layers = [2, 2, 2]"),
    "3-3-1": exercise_of(UPDATED + "layers = [3, 3, 1]"),
    "chain": exercise_of(UPDATED, "chain"),
    "circuit": exercise_of("", "circuit"),
}

SOME = 0.6
"""Chance of each cell to be handed in where only some are."""


def row(name: str, what: str, tally: Tally, seconds: float) -> str:
    named = f"{100 * tally.share:.2f} %"
    return f"| {name} | {what} | {tally.scripts} | {tally.wrong} | {named} | {tally.scripts / seconds:.0f} |"


def campaign(name: str, count: int) -> Iterator[str]:
    rng = np.random.default_rng(5)
    start = time.perf_counter()
    some = Class.drawn(NETWORKS[name], count)
    noted = sum(map(bool, some.noted))
    yield (
        f"\n{name}: {some.count} sheets to {some.precision.default} in {time.perf_counter() - start:.0f} s, {noted} with "
        f"a note; {len(some.mistakes)} mistakes, never seen here: {', '.join(sorted(some.listed)) or 'none'}"
    )
    for what, manner in (("every line rounded", every_line_rounded), ("rounded anyhow", any_habits)):
        start = time.perf_counter()
        tally = one_mistake(some, rng, manner)
        seconds = time.perf_counter() - start
        yield (
            f"  one mistake, {what}: {tally.wrong} wrong, {100 * tally.share:.2f} % named ({tally.sure} surely), "
            f"{tally.rivals:.3f} readings; right: {tally.right_and_listed} in the notes, "
            f"{sum(tally.right_unlisted.values())} not {dict(tally.right_unlisted)}; missed {dict(tally.missed)}; "
            f"{seconds:.1f} s"
        )
    for what, share in (("all cells", 1.0), ("some cells", SOME)):
        start = time.perf_counter()
        tally = two_mistakes(some, rng, share)
        yield (
            f"  two mistakes, {what}: {tally.wrong} show both, {100 * tally.share:.2f} % both named, another one surely in "
            f"{tally.others}, one leaves no trace in {tally.traceless}; missed {tally.missed.most_common(4)}; {time.perf_counter() - start:.1f} s"
        )
    for carried in (True, False):
        tally = random_numbers(some, rng, carried=carried)
        yield (
            f"  a random number{' carried on' if carried else ''}: {tally.wrong} wrong, {tally.sure} confident, "
            f"{100 * tally.share:.2f} % tentative {tally.missed.most_common(4)}"
        )
    tally = flawless(some, rng, any_habits)
    yield f"  flawless: {tally.scripts}, {tally.wrong} with a wrong cell, {tally.named} accused"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[*NETWORKS, []], default=[])
    parser.add_argument("--scripts", type=int, default=10_000)
    wishes = parser.parse_args()
    for name in wishes.networks or NETWORKS:
        for line in campaign(name, wishes.scripts):
            print(line, flush=True)


if __name__ == "__main__":
    main()
