"""The benchmarks run and print their rows; nothing is timed here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks import front_door, harness
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.by_hand import WithBuffers, as_written, drawn, in_blocks
from benchmarks.harness import Contender, Effort, Table, Timing, duration, paired, rate, ratios

ROWS = {
    "kernel": ("gradsheet", "NumPy by hand, buffers used again", "JAX jit(vmap", "PyTorch", "micrograd"),
    "drawing": ("2-2-1", "2-2-2", "3-3-1", "5-5-5", "chain", "circuit"),
    "marking": ("10 cells, flawless", "47 cells, all slipped", "diagnosed", "hand-in of 47 cells"),
    "front-door": ("import click", "gradsheet --help", "gradsheet check"),
    "papers": (
        "Markdown: sheet, key and answer form",
        "HTML: key",
        "PDF: bare typst compile",
        "R/exams",
        "Peak memory",
    ),
    "practice": ("Practice pages, size", "adventures", "optimiser"),
    "scale": ("3 students, 1 process", "30 hand-ins", "30 scripts"),
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_quick_run_prints_every_row(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_door, "_process", cache(front_door._process))  # each command line is run, once
    main([name, "--quick"])
    printed = capsys.readouterr().out
    assert [row for row in ROWS[name] if row not in printed] == []


@pytest.mark.parametrize("arguments", [["nosuch"], ["--quick", "--keep"]])
def test_what_makes_no_sense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2 and "error:" in capsys.readouterr().err


def test_all_ways_by_hand_are_the_same_sum() -> None:
    given = drawn(50)
    for other in (in_blocks(16), WithBuffers(16)):
        for expected, came in zip(as_written(*given), other(*given), strict=True):
            np.testing.assert_allclose(came, expected, rtol=1e-12)


def test_contenders_take_turns() -> None:
    said: list[str] = []
    timings = paired([Contender(name, lambda name=name: said.append(name)) for name in "ab"], Effort(quick=True))
    assert said == ["a", "b", "a", "b", "b", "a"], "one to warm up each, then a round forwards and a round backwards"
    assert [timing.name for timing in timings] == ["a", "b"]


def test_a_ratio_is_taken_within_each_round() -> None:
    ours, other = Timing("ours", (1.0, 10.0, 2.0), 1.0), Timing("other", (2.0, 20.0, 4.0), 1.0)
    assert str(ratios(ours, other)) == "2.00 (2.00–2.00)"
    assert ours.median == 2 and other.rate == 0.25


@pytest.mark.parametrize(
    "text, said", [(rate(18_234_567), "18.2 M"), (rate(951), "951"), (rate(0.42), "0.42"), (rate(43_210), "43.2 k")]
)
def test_rates_have_three_digits(text: str, said: str) -> None:
    assert text == said


@pytest.mark.parametrize("seconds, said", [(1.5, "1.5 s"), (0.0123, "12.3 ms"), (4.2e-6, "4.2 µs"), (3e-9, "3 ns")])
def test_durations_have_a_unit_that_fits(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_tables_are_kept_as_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path / "results")
    table = Table("Title", ("", "a"), (("long name", "1"), ("x", "22")), ("Remark.",))
    text = harness.keep("some", [table]).read_text(encoding="utf-8")
    assert text == (
        "### Title\n\n|           |  a |\n|:----------|---:|\n| long name |  1 |\n| x         | 22 |\n\nRemark.\n"
    )
