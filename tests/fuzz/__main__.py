"""Coverage-guided fuzzing by atheris: python tests/fuzz TARGET [SECONDS], or python tests/fuzz all [SECONDS].

``all`` runs every target, each in a process of its own, and prints a table. A crash leaves its input in
``output/fuzz``, and what was found to reach new code in ``output/fuzz/corpus``, where the next run begins. atheris has
wheels for Linux and some versions of Python only; it is installed in an environment of its own (make fuzz-atheris).
"""

from __future__ import annotations

import re
import subprocess
import sys
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


def figures(name: str, seconds: int) -> tuple[str, str, str, str]:
    """Run one target in a process of its own: its name, inputs tried, code reached, what came of it."""
    done = subprocess.run(
        [sys.executable, __file__, name, str(seconds)], capture_output=True, text=True, errors="replace", check=False
    )
    told = done.stdout + done.stderr
    tried = re.findall(r"number_of_executed_units: (\d+)", told)
    reached = re.findall(r"cov: (\d+)", told)
    outcome = "nothing found" if done.returncode == 0 else f"found something (exit {done.returncode})"
    if done.returncode:
        PLACE.mkdir(parents=True, exist_ok=True)
        (PLACE / f"{name}.log").write_text(told, encoding="utf-8")
    return name, f"{int(tried[-1]):,}" if tried else "?", reached[-1] if reached else "?", outcome


def all_of_them(seconds: int) -> int:
    from targets import TARGETS

    print("| target | inputs | places reached | |\n|:--|--:|--:|:--|", flush=True)
    rows = []
    for name in TARGETS:
        rows.append(figures(name, seconds))
        print(f"| {' | '.join(rows[-1])} |", flush=True)
    return int(any(row[-1] != "nothing found" for row in rows))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    wished = int(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    if sys.argv[1] == "all":
        raise SystemExit(all_of_them(wished))
    fuzz(sys.argv[1], wished)
