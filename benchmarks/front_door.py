"""Starting up: ``gradsheet --help`` beside a bare ``import click``, and a whole ``gradsheet check`` as a process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.harness import MEDIANS, Contender, Effort, Table, duration, machine, paired, ratios
from benchmarks.peers import version_of

RUN = "from gradsheet.__main__ import main; raise SystemExit(main({}))"


def tables(effort: Effort) -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.csv"
        answers.write_text("id,value\nz1[1],0.3775\n", encoding="utf-8")
        timings = paired(
            [
                Contender("python -c 'import click'", partial(_process, "import click")),
                Contender("gradsheet --help", partial(_process, RUN.format(["--help"]))),
                Contender("gradsheet list", partial(_process, RUN.format(["list"]))),
                Contender(
                    "gradsheet check mazur answers.csv", partial(_process, RUN.format(["check", "mazur", str(answers)]))
                ),
                Contender("gradsheet solve mazur", partial(_process, RUN.format(["solve", "mazur"]))),
            ],
            effort,
        )
    bare = timings[0]
    rows = tuple((one.name, duration(one.median), "" if one is bare else str(ratios(bare, one))) for one in timings)
    remark = machine({"click": version_of("click") or "", "numpy": version_of("numpy") or ""}) + MEDIANS
    return [Table("Starting up", ("", "a process", "times a bare import click"), rows, (remark,))]


def _process(source: str) -> None:
    subprocess.run([sys.executable, "-c", source], check=True, stdout=subprocess.DEVNULL)
