"""Sheets made on other machines: whoever submits calls as concurrent.futures does will do, and no byte changes.

With Dask's distributed on the path (make cluster) also on a real scheduler with two workers on this machine.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from front_door import Terminal, names, tree
from killing import order_of

from exercises.errors import InputError
from gradsheet import executors, generation, shards
from gradsheet.executors import Executor
from gradsheet.generation import Workers, generate

CLASS = 120  # three shards


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("alone") / "set"
    generate(order_of(CLASS), folder)
    return tree(folder)


class Far:
    """Workers that share no memory with whoever asks: calls and results travel as bytes; which travel is kept."""

    def __init__(self) -> None:
        self.pool, self.sent, self.under_way, self.most = ThreadPoolExecutor(2), b"", 0, 0

    def submit(self, call: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        parcel = pickle.dumps((call, arguments))
        self.sent += parcel
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        return self.pool.submit(self._there, parcel)

    def _there(self, parcel: bytes) -> Any:
        call, arguments = pickle.loads(parcel)
        result = pickle.loads(pickle.dumps(call(*arguments)))
        self.under_way -= 1
        return result


def through(monkeypatch: pytest.MonkeyPatch, far: Far) -> None:
    @contextmanager
    def cluster(address: str) -> Iterator[tuple[Executor, int]]:
        yield far, 1

    monkeypatch.setattr(generation, "cluster", cluster)


def test_any_executor_makes_the_same_set(
    tmp_path: Path, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Far()
    through(monkeypatch, far)
    generate(order_of(CLASS), tmp_path / "set", workers=Workers(address="far"))
    assert tree(tmp_path / "set") == alone
    assert far.most <= executors.AHEAD, "whatever the class, few shards are under way"


def test_the_course_secret_stays_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far, order = Far(), order_of(3)
    through(monkeypatch, far)
    generate(order, tmp_path / "set", workers=Workers(address="far"))
    assert far.sent and order.secret not in far.sent and order.secret.hex().encode() not in far.sent


def test_another_version_on_a_worker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    job = shards.packed(shards.Job(order_of().specification, 1, ("md",), False, None, shards.Layout(), version="0.0"))
    with pytest.raises(InputError, match=r"a worker has gradsheet \S+, and 0\.0 is asked for"):
        shards.made_there(job, (shards.Shard(0, (), ()),))


def test_a_folder_that_other_machines_do_not_see_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own" / "markdown").mkdir(parents=True)
    (tmp_path / "own" / "markdown" / "sheet.md.j2").write_text("x")
    order = order_of(3, templates=tmp_path / "own")
    with pytest.raises(InputError, match="the machines of a cluster don't see this folder"):
        generate(order, tmp_path / "set", workers=Workers(address="far"))
    assert names(tmp_path) == ["own"]


def test_without_distributed_the_teacher_is_told_what_to_install(
    tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'gradsheet\[cluster\]'"), executors.cluster("tcp://127.0.0.1:1"):
        pytest.fail("there is no such cluster")


@pytest.mark.filterwarnings("ignore")
def test_a_real_scheduler_with_two_workers(tmp_path: Path, alone: dict[str, bytes]) -> None:
    distributed = pytest.importorskip("distributed", reason="make cluster installs it")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        generate(order_of(CLASS), tmp_path / "set", workers=Workers(address=cluster.scheduler_address))
        assert tree(tmp_path / "set") == alone


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="make cluster installs it")
    monkeypatch.setattr(executors, "CONNECT", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        generate(order_of(3), tmp_path / "set", workers=Workers(address="tcp://127.0.0.1:9"))
    assert names(tmp_path) == []
