"""Room: gradsheet. Bars on the terminal: how far a long run has come, how fast it is, and how long it will take."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

BAR_FROM = 30
"""Students; fewer are done before a bar could be read."""


class Bars:
    """One bar after another, each for the same number of students; none where nobody watches on a terminal."""

    def __init__(self, length: int, *, quiet: bool) -> None:
        self.length = length
        self.hidden = quiet or length < BAR_FROM or not sys.stderr.isatty()
        self._label = ""
        self._bar: ProgressBar[int] | None = None
        self._begun = 0.0

    def __enter__(self) -> Bars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def advance(self, label: str, count: int) -> None:
        """Say that so many more students are done with what ``label`` names."""
        if self.hidden:
            return
        if label != self._label:
            self._close()
            self._begin(label)
        if self._bar is not None and count:
            self._bar.update(count)

    def _begin(self, label: str) -> None:
        self._label, self._begun = label, time.monotonic()
        self._bar = click.progressbar(
            length=self.length, label=label, file=sys.stderr, show_pos=True, item_show_func=self._rate
        )
        self._bar.__enter__()

    def _rate(self, _: object) -> str:
        done = 0 if self._bar is None else self._bar.pos
        return f"{done / max(time.monotonic() - self._begun, 0.1):.0f}/s"

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
