"""Large classes, by the commands as they are run: sheets, PDFs, hand-ins graded from one archive, copies found.

``python -m benchmarks scale`` takes a quarter of an hour. ``python -m benchmarks.scale --most 100000`` writes sheets
for 30,000 and 100,000 too; ``--most 3000`` leaves out what is larger. Every command is a process of its own, watched
from outside; memory is the most that any one process had.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Effort, Table, duration, keep, machine, rate
from benchmarks.marking import Class
from benchmarks.peers import version_of
from exercises.components import componentwise
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.precision import Places, Precision
from exercises.specification import Specification, parse_specification
from grader.identity import RATE, Answers, look_alikes
from gradsheet.course_set import NUMBERS, RECORD, TEACHER, numbers_line, record_of, record_text
from gradsheet.papers import by_cell, places_of
from gradsheet.roster import numbered_students

SHEET = """\
title = "Scale"
name = "scale"

[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = "sigmoid"
decimals = 4
optimizer = { name = "sgd", learning_rate = 0.3 }
"""
PLANTED = 100
"""Copies among the scripts."""

CORES = 2
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds by the clock and by processors, the most memory of a process in MB, what it printed."""

    seconds: float
    processor: float
    memory: float
    printed: str


def watched(*command: str) -> Run:
    """Run a command to its end, looking at the memory of all its processes ten times a second."""
    before, start = _processor_of_children(), time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True) as process:
        peaks: dict[int, float] = {}
        while process.poll() is None:
            for pid in _family(process.pid):
                peaks[pid] = max(peaks.get(pid, 0.0), _peak(pid))
            time.sleep(0.1)
        printed = process.stdout.read() if process.stdout else ""
    if sys.stderr.isatty():
        print(f"{time.perf_counter() - start:7.1f} s  {' '.join(command)[:100]}", file=sys.stderr)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    taken = time.perf_counter() - start
    return Run(taken, _processor_of_children() - before, max(peaks.values(), default=0.0) / MEGABYTE, printed)


def _processor_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            numbers = children.read_text().split()
        except OSError:  # it has ended meanwhile
            continue
        for number in numbers:
            yield from _family(int(number))


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0.0)


# ------------------------------------------------------------------------------------------------------ sheets and keys


def sheets(place: Path, sizes: Sequence[int], jobs: int) -> Table:
    """Markdown sheets, keys, answer forms and all that goes with them; by one process, and by ``jobs``."""
    rows = []
    for count in sizes:
        for processes in sorted({1, jobs}):
            out = place / f"sheets-{count}"
            run = watched("gradsheet", *_generate(place, count, "md", out, processes))
            files = sum(len(names) for _, _, names in os.walk(out))
            shutil.rmtree(out)
            rows.append(
                (
                    f"{count:,} students, {processes} process{'es' * (processes > 1)}",
                    duration(run.seconds),
                    rate(count / run.seconds),
                    duration(run.processor),
                    duration(run.processor / count),
                    f"{run.memory:.0f} MB",
                    f"{files:,}",
                )
            )
    told = (
        "A 2-2-1 network with its update to 4 decimals, in Markdown, by gradsheet generate, leak scan and all. The "
        "clock tells what else the machine was doing; processor time hardly."
    )
    columns = ("", "time", "students/s", "processor", "a student", "largest process", "files")
    return Table("Sheets, keys and answer forms", columns, tuple(rows), (told, _machine()))


def _generate(place: Path, count: int, formats: str, out: Path, jobs: int) -> list[str]:
    sheet, secret = place / "sheet.toml", place / "gradsheet.secret"
    sheet.write_text(SHEET, encoding="utf-8")
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(f'secret = "{"5ca1ab1e" * 8}"\n')
    what = ["generate", str(sheet), "--count", str(count), "--format", formats, "--out", str(out)]
    return [*what, "--secret", str(secret), "--jobs", str(jobs)]


# ------------------------------------------------------------------------------------------------------------- hand-ins


def hand_ins(place: Path, sizes: Sequence[int], jobs: int) -> Table:
    """Hand-ins graded from one archive to the gradebook, beside the bare cost of reading them."""
    rows = []
    for count in sizes:
        folder, archive = class_of(place, count)
        bare = watched("benchmarks.scale", "bare", str(archive))
        read = float(json.loads(bare.printed)["seconds"])
        for processes in sorted({1, jobs}):
            shutil.rmtree(folder / "results", ignore_errors=True)
            arguments = ["grade", str(folder), str(archive), *FEEDBACK_ON_DEMAND, "--jobs", str(processes)]
            run = watched("gradsheet", *arguments)
            rows.append(
                (
                    f"{count:,} hand-ins, {processes} process{'es' * (processes > 1)}",
                    duration(run.seconds),
                    rate(count / run.seconds),
                    duration(run.processor / count),
                    duration(read),
                    f"{run.processor / read:.1f}",
                    f"{run.memory:.0f} MB",
                )
            )
        shutil.rmtree(folder)
        archive.unlink()
    told = (
        "JSON hand-ins of the same exercise in one zip archive, two thirds right and the others with mistakes of the "
        "catalogue, by gradsheet grade without feedback files: read, marked, diagnosed, gradebook and results written. "
        "Bare: all members of the archive unpacked and decoded by msgspec, one process; it and the ratio are processor "
        "time, which a busy machine changes little."
    )
    columns = ("", "time", "hand-ins/s", "processor each", "bare reading", "times bare", "largest process")
    return Table("Hand-ins graded from one archive", columns, tuple(rows), (told, _machine()))


FEEDBACK_ON_DEMAND = ("--feedback", "none")


def class_of(place: Path, count: int) -> tuple[Path, Path]:
    """A set's record and an archive of everybody's hand-ins, by the kernel in one go; conditions play no part here."""
    specification = parse_specification(SHEET, "sheet.toml")
    (exercise,) = specification.exercises
    one = Class(exercise, count, whole=False)
    students = numbered_students(count)
    folder = place / f"class-{count}"
    (folder / TEACHER).mkdir(parents=True)
    _write_record(folder / TEACHER, specification, one)
    archive = place / f"class-{count}.zip"
    columns = {cell: values.tolist() for cell, values in one.third_wrong().items()}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        for at, student in enumerate(students):
            answers = {cell: f"{values[at]:.4f}" for cell, values in columns.items()}
            members.writestr(f"{student.id}.json", json.dumps({"answers": answers}))
    return folder, archive


def _write_record(teacher: Path, specification: Specification, one: Class) -> None:
    (exercise,) = specification.exercises
    precision = places_of(exercise)
    wide = {name: np.broadcast_to(array, (*array.shape[:-1], one.scripts)) for name, array in one.tensors.items()}
    with (teacher / NUMBERS).open("w", encoding="utf-8") as lines:
        for at, student in enumerate(numbered_students(one.scripts)):
            own = exercise.filled({name: array[..., at : at + 1] for name, array in wide.items()}, precision)
            lines.write(numbers_line(student, [own]))
    record = record_of(specification, SHEET, [precision], 1, "0" * 16, one.scripts)
    (teacher / RECORD).write_text(record_text(record), encoding="utf-8")


def bare(archive: str) -> dict[str, float]:
    """Every member unpacked and decoded, and nothing else."""
    start = time.process_time()
    decoder = msgspec.json.Decoder()
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            decoder.decode(members.read(member))
    return {"seconds": time.process_time() - start}


# ---------------------------------------------------------------------------------------------------------------- paper


def paper(place: Path, count: int, rounds: int) -> Table:
    """PDFs on two cores, beside the bare compiler on sources of the same kind, in turns."""
    sources = _sources(count)
    context = get_context("spawn")
    ours, theirs, memory = [], [], 0.0
    with ProcessPoolExecutor(CORES, context) as pool:
        list(pool.map(_compile, sources[: 2 * CORES]))
        for turn in range(rounds):
            out = place / f"paper-{turn}"
            run = watched("gradsheet", *_generate(place, count, "pdf", out, CORES))
            shutil.rmtree(out)
            ours.append(run.seconds)
            memory = max(memory, run.memory)
            start = time.perf_counter()
            list(pool.map(_compile, sources, chunksize=8))
            theirs.append(time.perf_counter() - start)
    pdfs = 2 * count
    shares = [floor / whole for whole, floor in zip(ours, theirs, strict=True)]
    rows = (
        (
            f"gradsheet generate, {pdfs:,} PDFs",
            duration(median(ours)),
            rate(pdfs / median(ours)),
            f"{median(shares):.0%}",
            f"{memory:.0f} MB",
        ),
        (f"bare typst, {pdfs:,} PDFs", duration(median(theirs)), rate(pdfs / median(theirs)), "", ""),
    )
    told = (
        f"A sheet and a key for each of {count:,} students, tagged, on {CORES} cores; medians of {rounds} rounds in "
        "turns. Ours includes starting up, drawing the numbers, working them out and writing the files."
    )
    columns = ("", "time", "PDFs/s", "of bare", "largest process")
    return Table("Paper", columns, rows, (told, _machine("typst")))


def _sources(count: int) -> list[tuple[bytes, str]]:
    from templates.pdf import Layout, Script, paper_source
    from templates.render import Header

    (exercise,) = parse_specification(SHEET, "sheet.toml").exercises
    one = Class(exercise, count, whole=False)
    layout, found = Layout(), []
    wide = {name: np.broadcast_to(array, (*array.shape[:-1], count)) for name, array in one.tensors.items()}
    for at in range(count):
        own = exercise.filled({name: array[..., at : at + 1] for name, array in wide.items()}, places_of(exercise))
        script = [Script(Header(title="Scale", student=f"{at:03}"), (own,))]
        found += [paper_source(script, layout, "sheet"), paper_source(script, layout, "key")]
    return found


def _compile(source: tuple[bytes, str]) -> int:
    return len(_compiler()(*source))  # type: ignore[arg-type]


@cache
def _compiler() -> Callable[[bytes, str], object]:
    from benchmarks.press import bare_compiler

    return bare_compiler()


# --------------------------------------------------------------------------------------------------------------- copies


def copies(place: Path, sizes: Sequence[int]) -> Table:
    """Planted copies among simulated scripts; each class is made by one process and looked through by another."""
    rows = []
    for count in sizes:
        made = json.loads(watched("benchmarks.scale", "scripts", str(count), str(place)).printed)
        run = watched("benchmarks.scale", "copies", made["copied"])
        found = json.loads(run.printed)
        without = watched("benchmarks.scale", "copies", made["honest"])
        pairs = {tuple(pair) for pair in found["pairs"]}
        right = pairs & {tuple(pair) for pair in made["planted"]}
        rows.append(
            (
                f"{count:,} scripts",
                f"{len(right)} of {len(made['planted'])}",
                str(len(pairs - right)),
                str(len(json.loads(without.printed)["pairs"])),
                duration(found["seconds"]),
                duration(found["seconds"] / count),
                f"{max(run.memory, without.memory):.0f} MB",
            )
        )
    told = (
        "Students who hand in another's numbers throughout, in a class of which two fifths slip somewhere and go on "
        f"from there. False reports stay below {RATE:g} a class by design; the last class has no copies at all."
    )
    columns = ("", "copies found", "others reported", "in a class without", "processor", "each", "memory")
    return Table("Answers that fit another's sheet", columns, tuple(rows), (told, _machine()))


def simulated(count: int, place: Path) -> dict[str, object]:
    """Write down a class with copies and the same without, given numbers and scripts; who has copied from whom."""
    rng = np.random.default_rng(count)
    (exercise,) = parse_specification(SHEET, "sheet.toml").exercises
    plan = flatten(componentwise(exercise.program))
    given = by_cell(exercise.program.shapes, Class(exercise, count, whole=False).tensors)
    right = plan.run(given)
    planted = min(PLANTED, count // 10)
    some = rng.choice(count, 2 * planted, replace=False)
    copiers, sources = some[:planted], some[planted:]
    slips = _slips(rng, exercise.asked, right, count, honest=sources)
    worked = plan.run(given, pinned=slips)
    answers: dict[str, Array] = {
        cell: np.asarray(np.round(np.where(np.isnan(slips[cell]), worked[cell], slips[cell]), 4), dtype=np.float64)
        for cell in exercise.asked
    }
    honest, copied = place / f"honest-{count}.npz", place / f"copied-{count}.npz"
    np.savez(honest, allow_pickle=False, **_named(given, answers))
    for column in answers.values():
        column[copiers] = column[sources]
    np.savez(copied, allow_pickle=False, **_named(given, answers))
    pairs = list(zip(copiers.tolist(), sources.tolist(), strict=True))
    return {"honest": str(honest), "copied": str(copied), "planted": pairs}


GIVEN, HANDED_IN = "given ", "handed in "


def _named(given: Mapping[str, Array], answers: Mapping[str, Array]) -> dict[str, Array]:
    # A file in an archive can't have a cell's slash in its name.
    every = {GIVEN + name: array for name, array in given.items()}
    every |= {HANDED_IN + cell: array for cell, array in answers.items()}
    return {name.replace("/", "|"): array for name, array in every.items()}


def looked_through(path: str) -> dict[str, object]:
    """The students of a class whose numbers fit another's variant, with that other one, and how long it took."""
    (exercise,) = parse_specification(SHEET, "sheet.toml").exercises
    plan = flatten(componentwise(exercise.program))
    with np.load(path) as file:
        arrays = {name.replace("|", "/"): file[name] for name in file.files}
    given, answers = (
        {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
        for kind in (GIVEN, HANDED_IN)
    )
    start = time.process_time()
    found = look_alikes([Answers(plan, Precision(Places(4)), given, answers)])
    return {"pairs": [(one.student, one.other) for one in found], "seconds": time.process_time() - start}


def _slips(
    rng: np.random.Generator, cells: Sequence[str], right: Mapping[str, Array], count: int, honest: NDArray[np.intp]
) -> dict[str, Array]:
    """Two fifths of the class have one or two wrong numbers, from which they go on; those copied from have none."""
    slips = {cell: np.full(count, np.nan) for cell in cells}
    careless = rng.random(count) < 0.4
    careless[honest] = False
    for _ in range(2):
        chosen = rng.integers(0, len(cells), count)
        size = rng.uniform(0.01, 0.4, count) * rng.choice([-1, 1], count)
        for place, cell in enumerate(cells):
            here = careless & (chosen == place)
            slips[cell][here] = np.broadcast_to(right[cell], (count,))[here] + size[here]
        careless = careless & (rng.random(count) < 0.5)
    return slips


# ------------------------------------------------------------------------------------------------------------- together


def _machine(*more: str) -> str:
    return machine({name: version_of(name) or "" for name in ("numpy", "msgspec", *more)})


SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
MOST_WRITTEN, MOST_HANDED_IN = 10_000, 100_000
"""Students, unless it is wished otherwise: a sheet and a key take much longer to write than a hand-in to mark."""


def tables(effort: Effort, *, most: int | None = None) -> list[Table]:
    written = tuple(size for size in SIZES if size <= (most or MOST_WRITTEN))
    handed_in, jobs = tuple(size for size in SIZES if size <= (most or MOST_HANDED_IN)), CORES
    if effort.quick:
        written, handed_in, jobs = (3,), (30,), 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = [sheets(place, written, jobs), hand_ins(place, handed_in, jobs), copies(place, handed_in)]
        if version_of("typst") and not effort.quick:
            found.append(paper(place, 300, 3))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Large classes.")
    parser.add_argument("what", nargs="?", choices=["bare", "scripts", "copies"], help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, help="the largest class, of 1,000 to 100,000")
    parser.add_argument("--keep", action="store_true", help="also write the tables to benchmarks/results")
    wishes = parser.parse_args()
    if wishes.what == "scripts":
        count, place = wishes.arguments
        print(json.dumps(simulated(int(count), Path(place))))
        return
    if wishes.what:
        print(json.dumps({"bare": bare, "copies": looked_through}[wishes.what](*wishes.arguments)))
        return
    made = tables(Effort(), most=wishes.most)
    print("\n".join(map(str, made)))
    if wishes.keep:
        print(f"kept in {keep('scale', made)}")


if __name__ == "__main__":
    main()
