"""Sheets a second as Markdown, HTML and PDF; PDF beside the bare ``typst`` compiler on sources of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from benchmarks import press
from benchmarks.harness import MEDIANS, Contender, Effort, Table, duration, machine, paired, rate, ratios
from benchmarks.peers import version_of
from benchmarks.press import HEADER, bare_compiler, each
from exercises.specification import Exercise
from templates.html import key_html, sheet_html
from templates.render import key_files, render_answer_form, sheet_files


def tables(effort: Effort) -> list[Table]:
    """Every call takes the next student's exercise: Typst remembers what it has set before."""
    exercises = press.drawn(effort.few(400, 24))
    found = [_texts(exercises, effort)]
    if version_of("typst"):
        found.append(_pdf(exercises, effort))
    return [*found, press.rates(effort), press.memory(effort)]


def _texts(exercises: Sequence[Exercise], effort: Effort) -> Table:
    def everything(exercise: Exercise) -> tuple[object, ...]:
        one = (exercise,)
        return sheet_files(HEADER, one, "ada"), key_files(HEADER, one, "ada"), render_answer_form(one)

    makers: dict[str, Callable[[Exercise], object]] = {
        "Markdown: sheet": lambda one: sheet_files(HEADER, (one,), "ada"),
        "Markdown: key, worked out": lambda one: key_files(HEADER, (one,), "ada"),
        "Markdown: sheet, key and answer form": everything,
        "HTML: sheet": lambda one: sheet_html(HEADER, (one,)),
        "HTML: key, worked out": lambda one: key_html(HEADER, (one,)),
    }
    # Each has students of its own, or one would find worked out what another has just worked out.
    share = len(exercises) // len(makers)
    timings = paired(
        [
            Contender(name, each(make, exercises[place * share : (place + 1) * share]))
            for place, (name, make) in enumerate(makers.items())
        ],
        effort,
    )
    rows = tuple((one.name, rate(one.rate), duration(one.median)) for one in timings)
    remark = machine({"numpy": version_of("numpy") or "", "jinja2": version_of("jinja2") or ""}) + MEDIANS
    return Table("A 2-2-1 network to 4 decimals, with its drawing", ("", "a second", "each"), rows, (remark,))


def _pdf(exercises: Sequence[Exercise], effort: Effort) -> Table:
    from templates.layout import Layout
    from templates.pdf import Script, key_pdf, paper_source, sheet_pdf

    layout, bare = Layout(), bare_compiler()
    half = len(exercises) // 2

    def script(exercise: Exercise) -> list[Script]:
        return [Script(HEADER, (exercise,))]

    contenders = []
    for what, kind, made in (("sheet", "sheet", sheet_pdf), ("key, worked out", "key", key_pdf)):
        sources = cycle([paper_source(script(exercise), layout, kind) for exercise in exercises[half:]])
        contenders += [
            Contender(what, each(lambda exercise, made=made: made(script(exercise), layout), exercises[:half])),
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
