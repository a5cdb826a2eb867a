"""Room: gradsheet. Work handed out: in this process, to processes of this machine, or to a cluster's.

Anything that submits calls as ``concurrent.futures`` does will do. Nothing here decides what is made: results are the
same wherever they are worked out, and in whatever order they come.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol, TypeVar

from exercises.errors import InputError
from gradsheet.staging import Interrupted

T = TypeVar("T")
R = TypeVar("R")

RARELY = 200_000, 10, 10
"""New objects between two searches for cycles. A large class is a million objects that stay, and hardly any cycles; to
search them as often as usual took a tenth of the time.
"""

AHEAD = 2
"""Calls handed out for each worker: one at work, and one waiting so that none stands idle."""


class Executor(Protocol):
    """What hands calls out, as ``concurrent.futures.Executor`` does."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any) -> Future[Any]: ...


class Here:
    """An executor that works a call out at once, in this process."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(call(*arguments))
        return future


@contextmanager
def searched_rarely() -> Iterator[None]:
    """A stretch of work on a large class in this process."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """So many processes of this machine; this one where it is one."""
    if count == 1:
        yield Here()
        return
    # Started afresh everywhere: a copy of this process would hold its locks, and threads of its libraries half-way.
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_as_worker)
    try:
        yield pool
    except BrokenExecutor as error:
        raise Interrupted(
            "a worker process was ended from outside, perhaps for want of memory; run the command again, it goes on "
            "where it was (--jobs 1 needs the least)"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _as_worker() -> None:
    """Leave Ctrl-C to the process that hands out the work, and end when it has ended, however it did."""
    gc.set_threshold(*RARELY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask scheduler, and how many there are; InputError where none can be reached."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "this needs Dask's distributed; install it: pip install 'gradsheet[cluster]'", where="--cluster"
        ) from error
    try:
        client = Client(address, timeout=CONNECT)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers there ({str(error).splitlines()[0]}); "
            "check the address, such as tcp://127.0.0.1:8786",
            where=f"--cluster {address}",
        ) from error
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise InputError(
                "this scheduler has no workers yet; start some and try again", where=f"--cluster {address}"
            )
        yield client.get_executor(), workers


CONNECT = 10
"""Seconds to wait for a scheduler."""


def finished(executor: Executor, workers: int, call: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """The results of ``call`` for each of the tasks, as they come.

    Never more than ``AHEAD`` for each worker are under way, whatever the number of tasks. The first exception is
    raised, and what is waiting then is not begun.
    """
    source = iter(tasks)
    at_once = 1 if isinstance(executor, Here) else AHEAD * workers
    running = {executor.submit(call, task) for task in islice(source, at_once)}
    try:
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                running |= {executor.submit(call, task) for task in islice(source, 1)}
    finally:
        for future in running:
            future.cancel()
