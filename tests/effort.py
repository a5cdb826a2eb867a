"""How much work something is, told without a clock on the wall: a machine busy with other things counts the same."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENOUGH = 20
"""Seconds of the processor, not of the clock; a hundred times what anything that is watched takes, or more."""


class TooMuchWork(AssertionError):
    """Stopped, since it would go on and on."""


def calls_of(action: Callable[[], object], most: int) -> int:
    """How many functions it calls, Python's own included; stopped beyond ``most``.

    What one call does inside a regular expression isn't seen: for that see ``processor_limit``.
    """
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")
        if count > most:
            sys.setprofile(None)
            raise TooMuchWork(f"more than {most:,} calls")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def processor_limit(seconds: float = ENOUGH) -> Iterator[None]:
    """Stops what keeps the processor that long, a regular expression too: instead of a test that never ends.

    Without such a timer (Windows) nothing is stopped.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooMuchWork(f"more than {seconds:g} s of the processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
