"""Sheets a second as Markdown and PDF; PDF beside the bare ``typst`` compiler on sources of the same kind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

from benchmarks.drawing import exercise_of
from benchmarks.harness import MEDIANS, Contender, Effort, Table, duration, machine, paired, rate, ratios
from benchmarks.peers import version_of
from exercises.specification import Exercise
from exercises.stream import seed
from exercises.variants import draw_many
from templates.render import Header, render_answer_form, render_key, render_sheet

HEADER = Header(title="Backpropagation by hand", course="A course", student="A student", sheet="set-1")


def tables(effort: Effort) -> list[Table]:
    """Every call takes the next student's exercise: Typst remembers what it has set before."""
    exercises = _drawn(effort.few(400, 24))
    found = [_markdown(exercises, effort)]
    if version_of("typst"):
        with tempfile.TemporaryDirectory() as folder:
            found.append(_pdf(exercises, effort, _bare(folder)))
    return found


def _drawn(count: int) -> list[Exercise]:
    seeds = [
        seed(b"the benchmark's secret", set_name="papers", exercise=1, student=str(number), attempt=1)
        for number in range(count)
    ]
    return [variant.exercise for variant in draw_many(exercise_of("2-2-1", 4), seeds)]


def _each(make: Callable[[Exercise], object], exercises: Sequence[Exercise]) -> Callable[[], object]:
    following: Iterator[Exercise] = cycle(exercises)
    return lambda: make(next(following))


def _markdown(exercises: Sequence[Exercise], effort: Effort) -> Table:
    def all_three(exercise: Exercise) -> tuple[str, ...]:
        one = (exercise,)
        return render_sheet(HEADER, one), render_key(HEADER, one), render_answer_form(one)

    timings = paired(
        [
            Contender("sheet", _each(lambda exercise: render_sheet(HEADER, (exercise,)), exercises)),
            Contender("key, worked out", _each(lambda exercise: render_key(HEADER, (exercise,)), exercises)),
            Contender("sheet, key and answer form", _each(all_three, exercises)),
        ],
        effort,
    )
    rows = tuple((one.name, rate(one.rate), duration(one.median)) for one in timings)
    remark = machine({"numpy": version_of("numpy") or "", "jinja2": version_of("jinja2") or ""}) + MEDIANS
    return Table("Markdown, a 2-2-1 network to 4 decimals", ("", "a second", "each"), rows, (remark,))


def _pdf(exercises: Sequence[Exercise], effort: Effort, bare: Callable[[bytes, str], object]) -> Table:
    from templates.pdf import Layout, Script, key_pdf, paper_source, sheet_pdf

    layout = Layout()
    half = len(exercises) // 2

    def script(exercise: Exercise) -> list[Script]:
        return [Script(HEADER, (exercise,))]

    contenders = []
    for what, kind, made in (("sheet", "sheet", sheet_pdf), ("key, worked out", "key", key_pdf)):
        sources = cycle([paper_source(script(exercise), layout, kind) for exercise in exercises[half:]])
        contenders += [
            Contender(what, _each(lambda exercise, made=made: made(script(exercise), layout), exercises[:half])),
            Contender(f"{what}: bare typst compile", lambda sources=sources: bare(*next(sources))),
        ]
    timings = paired(contenders, effort)
    rows = []
    for whole, floor in zip(timings[::2], timings[1::2], strict=True):
        rows += [
            (whole.name, rate(whole.rate), duration(whole.median), str(ratios(floor, whole))),
            (floor.name, rate(floor.rate), duration(floor.median), ""),
        ]
    remark = machine({"typst": version_of("typst") or "", "numpy": version_of("numpy") or ""}) + MEDIANS
    return Table("PDF, the same exercise, one process", ("", "a second", "each", "times bare"), tuple(rows), (remark,))


def _bare(folder: str) -> Callable[[bytes, str], object]:
    """The compiler by itself, told the same as ours."""
    import typst

    from templates.pdf import FONTS

    compiler = typst.Compiler(root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True)
    return lambda source, data: compiler.compile(
        input=source, format="pdf", pdf_standards="ua-1", sys_inputs={"data": data}
    )
