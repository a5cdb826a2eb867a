"""Coverage-guided fuzzing by atheris: python tests/fuzz TARGET [SECONDS], or python tests/fuzz all [SECONDS [AT_ONCE]].

``all`` runs every target, each in a process of its own and AT_ONCE of them side by side, and prints a table: the
seconds are the clock's, and since processes share the cores, the table also has what each got of a processor. A crash
leaves its input in ``output/fuzz``, and what was found to reach new code in ``output/fuzz/corpus``, where the next run
begins. atheris has wheels for Linux and some versions of Python only; it is installed in an environment of its own
(make fuzz-atheris).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "output" / "fuzz"
SECONDS = 1_800
MEGABYTES = 1_000
"""More than that for one input of some thousand bytes is a defect."""

SLOWEST = 25
"""Seconds for one input; a busy machine gets some of them."""

OURS = ["exercises", "grader", "gradsheet", "targets", "tomllib", "yaml"]
"""What is watched for code reached for the first time."""

sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests"), str(ROOT)]


def fuzz(name: str, seconds: int) -> None:
    """Run one target; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=OURS):
        from targets import TARGETS
    if name not in TARGETS:
        raise SystemExit(f"no target {name}; there are {', '.join(TARGETS)}")
    target = TARGETS[name]
    corpus = PLACE / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(target.seeds):
        (corpus / f"seed-{place}").write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": target.longest,
        "rss_limit_mb": MEGABYTES,
        "timeout": SLOWEST,
        "print_final_stats": 1,
        "verbosity": 1,
        "artifact_prefix": f"{PLACE}/{name}-",
    }
    atheris.Setup([name, *(f"-{option}={value}" for option, value in options.items()), str(corpus)], target.parse)
    atheris.Fuzz()


def figures(name: str, seconds: int) -> tuple[str, ...]:
    """Run one target in a process of its own: its name, minutes of processor, inputs tried, code reached, outcome."""
    log = PLACE / f"{name}.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(
            [sys.executable, __file__, name, str(seconds)], stdout=stream, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    told = log.read_text(encoding="utf-8", errors="replace")
    tried = re.findall(r"number_of_executed_units: (\d+)", told)
    reached = re.findall(r"cov: (\d+)", told)
    return (
        name,
        f"{(used.ru_utime + used.ru_stime) / 60:.1f}",
        f"{int(tried[-1]):,}" if tried else "?",
        reached[-1] if reached else "?",
        f"found something (exit {child.returncode})" if child.returncode else "nothing found",
    )


def all_of_them(seconds: int, at_once: int) -> int:
    from targets import TARGETS

    PLACE.mkdir(parents=True, exist_ok=True)
    print("| target | minutes of processor | inputs | places reached | |\n|:--|--:|--:|--:|:--|", flush=True)
    sound = True
    with ThreadPoolExecutor(at_once) as several:
        for row in several.map(lambda name: figures(name, seconds), TARGETS):
            print(f"| {' | '.join(row)} |", flush=True)
            sound = sound and row[-1] == "nothing found"
    return int(not sound)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    wished = int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    if sys.argv[1] == "all":
        raise SystemExit(all_of_them(wished, int(sys.argv[3]) if len(sys.argv) > 3 else 1))
    fuzz(sys.argv[1], wished)
