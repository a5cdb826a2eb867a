"""``python -m benchmarks [NAME …] [--quick] [--keep]``: print the tables, and keep them where wished."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from benchmarks import drawing, front_door, kernel, marking, papers, practice, scale
from benchmarks.harness import Effort, Table, keep

BENCHMARKS: dict[str, Callable[[Effort], Sequence[Table]]] = {
    "kernel": kernel.tables,
    "drawing": drawing.tables,
    "marking": marking.tables,
    "front-door": front_door.tables,
    "papers": papers.tables,
    "practice": practice.tables,
    "scale": scale.tables,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast gradsheet is.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all where none is named")
    parser.add_argument("--quick", action="store_true", help="only show that everything runs; the numbers mean nothing")
    parser.add_argument("--keep", action="store_true", help="also write the tables to benchmarks/results")
    wishes = parser.parse_args(arguments)
    if strangers := set(wishes.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(strangers))}; there are {', '.join(BENCHMARKS)}")
    if wishes.quick and wishes.keep:
        parser.error("numbers of a quick run mean nothing; leave out --keep or --quick")
    for name in wishes.names or BENCHMARKS:
        tables = BENCHMARKS[name](Effort(wishes.quick))
        print("\n".join(map(str, tables)), flush=True)
        if wishes.keep:
            print(f"kept in {keep(name, tables)}\n")


if __name__ == "__main__":
    main()
