"""Sheets a second in one process and in two, beside bare ``typst``, and the memory that a thousand of them take."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.drawing import exercise_of
from benchmarks.harness import Effort, Table, duration, machine, rate
from benchmarks.peers import version_of
from exercises.specification import Exercise
from exercises.stream import seed
from exercises.variants import draw_many
from templates.html import sheet_html
from templates.layout import Layout
from templates.render import Header, sheet_files

HEADER = Header(title="Backpropagation by hand", course="A course", student="A student", sheet="set-1")

ROUNDS, SLICE = 7, 1.0
"""Seconds that each way to make sheets has in a round."""

OTHERS = (
    "R/exams is not installed here; measured elsewhere it takes 0.44 s a PDF and 0.12 s an HTML page of such a sheet."
)

MARKS = (10, 100, 500, 1_000)
"""Sheets after which memory is looked at."""

PDF = "PDF"

Make = Callable[[], object]
Submit = Callable[..., Future[Any]]


def drawn(count: int) -> list[Exercise]:
    """A 2-2-1 network to 4 decimals, with numbers for so many students."""
    seeds = [
        seed(b"the benchmark's secret", set_name="papers", exercise=1, student=str(number), attempt=1)
        for number in range(count)
    ]
    return [variant.exercise for variant in draw_many(exercise_of("2-2-1", 4), seeds)]


def each(make: Callable[[Exercise], object], exercises: Sequence[Exercise]) -> Make:
    """Every call takes the next student's exercise, since Typst remembers what it has set before."""
    following: Iterator[Exercise] = cycle(exercises)
    return lambda: make(next(following))


def _makers(exercises: list[Exercise], only: str = "") -> dict[str, Make]:
    """Ways to make one more sheet; ``only`` leaves out what another one needs beside it."""
    found = {
        "Markdown and its drawing": each(lambda one: sheet_files(HEADER, (one,), "ada"), exercises),
        "HTML": each(lambda one: sheet_html(HEADER, (one,)), exercises),
    }
    if version_of("typst") and only in ("", PDF):
        from templates.pdf import Script, paper_source, sheet_pdf

        layout = Layout()
        found[PDF] = each(lambda one: sheet_pdf([Script(HEADER, (one,))], layout), exercises)
        if not only:
            others = exercises[len(exercises) // 2 :] + exercises[: len(exercises) // 2]
            sources = cycle([paper_source([Script(HEADER, (one,))], layout, "sheet") for one in others])
            bare = bare_compiler()
            found[f"{PDF}: bare typst compile"] = lambda: bare(*next(sources))
    return found


def bare_compiler() -> Callable[[bytes, str], object]:
    """The compiler by itself, told the same as ours."""
    import typst

    from templates.pdf import FONTS

    compiler = typst.Compiler(root=_empty_folder(), font_paths=[str(FONTS)], ignore_system_fonts=True)
    return lambda source, data: compiler.compile(
        input=source, format="pdf", pdf_standards="ua-1", sys_inputs={"data": data}
    )


@cache
def _empty_folder() -> str:
    """A folder that is put away when this process ends."""
    folder = tempfile.mkdtemp(prefix="gradsheet-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def _workers(count: int, effort: Effort) -> Iterator[Submit]:
    """Processes of their own; a quick run does the work here, one task after the other."""
    if effort.quick:
        yield lambda call, *arguments: _done(call(*arguments))
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as workers:
        yield workers.submit


def _done(result: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(result)
    return future


@cache
def _ready(count: int) -> dict[str, Make]:
    """What a worker makes sheets with, once each has been made to warm up."""
    makers = _makers(drawn(count))
    for make in makers.values():
        make()
    return makers


def _made_in(seconds: float, name: str, count: int) -> float:
    """How many sheets a second a worker makes."""
    make = _ready(count)[name]
    start, made = time.perf_counter(), 0
    while made == 0 or time.perf_counter() - start < seconds:
        make()
        made += 1
    return made / (time.perf_counter() - start)


def rates(effort: Effort) -> Table:
    """One process and two, turn by turn."""
    count, rounds, seconds = effort.few(300, 4), effort.few(ROUNDS, 1), SLICE * (not effort.quick)
    names = list(_ready(count))
    found: dict[tuple[str, int], list[float]] = {}
    with _workers(2, effort) as submit:
        for turn in range(rounds + 1):
            for name in names:
                for processes in (1, 2):
                    tasks = [submit(_made_in, seconds, name, count) for _ in range(processes)]
                    speed = sum(task.result() for task in tasks)
                    if turn or effort.quick:  # in the first turn workers get ready
                        found.setdefault((name, processes), []).append(speed)
    rows = tuple(_row(name, found[name, 1], found[name, 2]) for name in names)
    remark = machine({"typst": version_of("typst") or "", "numpy": version_of("numpy") or ""})
    return Table(
        "Sheets a second, by processes",
        ("", "one process", "two processes", "times one"),
        rows,
        (OTHERS, remark + f" Medians of {rounds} turns; what else ran on the machine took its share of both cores."),
    )


def _row(name: str, one: Sequence[float], two: Sequence[float]) -> tuple[str, ...]:
    return name, rate(median(one)), rate(median(two)), f"{median(b / a for a, b in zip(one, two, strict=True)):.2f}"


# --- memory -------------------------------------------------------------------------------------------------------


def memory(effort: Effort) -> Table:
    """The most memory a process has taken by then, in a fresh process for each format."""
    marks = [effort.few(mark, place) for place, mark in enumerate(MARKS, start=1)]
    rows = []
    for name in [name for name in _ready(effort.few(300, 4)) if "bare" not in name]:
        with _workers(1, effort) as submit:
            peaks, seconds = submit(_peaks, name, marks).result()
        rows.append((name, *(f"{peak / 1e6:.0f} MB" for peak in peaks), duration(seconds / marks[-1])))
    columns = ("", *(f"after {mark:,}" for mark in marks), "a sheet")
    return Table("Peak memory of one process, a sheet for each student", columns, tuple(rows))


def _peaks(name: str, marks: Sequence[int]) -> tuple[list[int], float]:
    make = _makers(drawn(marks[-1]), name)[name]
    start, peaks = time.perf_counter(), list[int]()
    for made in range(1, marks[-1] + 1):
        make()
        if made in marks:
            peaks.append(_peak())
    return peaks, time.perf_counter() - start


def _peak() -> int:
    """Bytes. A process that was started by another one counts that one's in ``getrusage``, but not here."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
