"""A run of `generate` that is killed, finds the disk full or meets another run: nothing lost, nothing half made."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, made_set, names, tree, with_secret
from killing import Moments, die, find_no_room, forked, make, moments_of, order_of

from exercises.errors import InputError
from gradsheet import generation, orders, shards
from gradsheet.journal import JOURNAL, Journal
from gradsheet.staging import BUILT, LOCK, sheltered

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs fork")

STEP = 37
"""Of all the moments at which a run may be killed, so many apart are tried here; make kill tries all."""


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("unbroken") / "set"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "SHARD", 2)
        patch.setattr(shards, "SHARD", 2)
        generation.generate(order_of(), folder)
    return tree(folder)


@pytest.fixture(autouse=True)
def _shards_as_they_were() -> Iterator[None]:
    before = orders.SHARD
    yield
    orders.SHARD = shards.SHARD = before  # type: ignore[misc]


def an_older_set(folder: Path) -> None:
    """Of fewer students, with results beside it that are left alone."""
    make(folder, order_of(2))
    (folder / "results").mkdir()
    (folder / "results" / "results.json").write_text("{}")


def nothing(folder: Path) -> None:
    """There is no folder yet."""


@pytest.mark.parametrize("before", [nothing, an_older_set])
def test_killed_at_any_write_or_rename_a_second_run_ends_as_an_unbroken_one(
    tmp_path: Path, unbroken: dict[str, bytes], before: object
) -> None:
    assert callable(before)
    count = moments_of(tmp_path / "counted" / "set", lambda: before(tmp_path / "counted" / "set"))
    assert count > 60
    for at in range(1, count + 1, STEP):
        killed_once(tmp_path / str(at) / "set", at, before, unbroken)


def killed_once(folder: Path, at: int, before: object, unbroken: dict[str, bytes]) -> None:
    assert callable(before)
    before(folder)
    old = tree(folder)

    def killed() -> None:
        Moments(folder.parent, at, die)
        make(folder)

    assert forked(killed) == -signal.SIGKILL, f"not killed at moment {at}"
    seen = {name for name in tree(folder) if not name.startswith(".")}
    kept = {name for name in old if name.startswith("results")}
    whole = (set(old), set(unbroken) | kept)
    half_moved = (folder / ".gradsheet-unfinished" / "old").is_dir()
    assert seen in whole or half_moved, f"killed at moment {at}"
    assert forked(lambda: make(folder)) == 0
    assert tree(folder) == unbroken | {name: old[name] for name in kept}, f"killed at moment {at}"
    assert names(folder.parent) == ["set"]
    shutil.rmtree(folder.parent)


@pytest.mark.parametrize("before", [nothing, an_older_set])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, unbroken: dict[str, bytes], before: object) -> None:
    assert callable(before)
    count = moments_of(tmp_path / "counted" / "set", lambda: before(tmp_path / "counted" / "set"))
    for at in range(2, count + 1, STEP):
        folder = tmp_path / str(at) / "set"
        before(folder)
        old = tree(folder)

        def full(folder: Path = folder, at: int = at) -> None:
            Moments(folder.parent, at, find_no_room, removals=False)  # for these there is always room
            try:
                make(folder)
            except OSError as error:
                os._exit(9 if error.errno == errno.ENOSPC else 1)

        code = forked(full)
        assert code in (0, 9)
        if code == 9:
            assert tree(folder) == old, f"full at moment {at}"
            assert not (folder.parent / "set").exists() or names(folder.parent) == ["set"]
        else:  # what can't be tidied up after the set is in place is no failure
            assert {name: text for name, text in tree(folder).items() if name in unbroken} == unbroken
        shutil.rmtree(folder.parent, ignore_errors=True)


def test_a_finished_shard_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, made = tmp_path / "set", []

    def killed() -> None:
        monkeypatch.setattr(Journal, "note", lambda journal, entry: (note(journal, entry), entry.number == 1 and die()))
        make(folder)

    note, work = Journal.note, shards._made
    assert forked(killed) == -signal.SIGKILL
    assert not folder.exists()
    monkeypatch.setattr(
        shards, "_made", lambda job, shard, sheets: (made.append(shard.number), work(job, shard, sheets))[1]
    )
    make(folder)
    assert made == [2]


@pytest.mark.parametrize("damage", ["changed", "gone", "journal"])
def test_what_a_power_cut_took_is_made_again(
    tmp_path: Path, unbroken: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folder = tmp_path / "set"

    def killed() -> None:
        monkeypatch.setattr(generation, "_write_teachers", lambda *_: die())
        make(folder)

    assert forked(killed) == -signal.SIGKILL
    (shelter,) = tmp_path.glob(".gradsheet-*")
    lost = shelter / BUILT / "students" / "003.md"
    if damage == "changed":
        lost.write_bytes(bytes(lost.stat().st_size))
    elif damage == "gone":
        lost.unlink()
    else:
        (shelter / JOURNAL).write_bytes(b"no database" * 99)
    make(folder)
    assert tree(folder) == unbroken
    assert names(tmp_path) == ["set"]


@pytest.mark.parametrize(
    "other",
    [{"attempt": 2}, {"secret": bytes(32)}, {"formats": ("md", "html")}, {"students": order_of(4).students}],
)
def test_another_order_begins_anew(tmp_path: Path, other: dict[str, object]) -> None:
    folder = tmp_path / "set"

    def killed() -> None:
        Moments(tmp_path, 50, die)
        make(folder)

    assert forked(killed) == -signal.SIGKILL
    make(folder, order_of(**other))  # type: ignore[arg-type]
    make(tmp_path / "alone", order_of(**other))  # type: ignore[arg-type]
    assert tree(folder) == tree(tmp_path / "alone")


def test_of_two_runs_at_a_time_the_second_is_turned_away(tmp_path: Path, terminal: Terminal) -> None:
    made_set(tmp_path, NETWORK)
    command = ["generate", tmp_path / "sheet.toml", "--count", 3, "--secret", tmp_path / "gradsheet.secret", "--out"]
    for folder in (tmp_path / "set", tmp_path / "new"):
        before = tree(folder)
        with sheltered(folder, marker="teacher/set.json") as shelter:
            terminal.capsys.readouterr()
            assert "another run is making this set" in terminal.refused(*command, folder)
            (shelter.built / "students").mkdir()
        assert not before or (folder / "teacher").is_dir()


def test_the_lock_of_a_dead_process_is_no_obstacle(tmp_path: Path, unbroken: dict[str, bytes]) -> None:
    folder = tmp_path / "set"

    def killed() -> None:
        with sheltered(folder, marker="teacher/set.json"):
            die()

    assert forked(killed) == -signal.SIGKILL
    (shelter,) = tmp_path.glob(".gradsheet-*")
    assert (shelter / LOCK).is_file()
    make(folder)
    assert tree(folder) == unbroken


def test_a_run_that_was_interrupted_goes_on_where_much_was_done(
    tmp_path: Path, unbroken: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "set"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(generation, "SHARD", 2)
        patch.setattr(generation, "_write_teachers", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(folder)
    assert not folder.exists()
    monkeypatch.setattr(shards, "made", None)  # nothing is left to make
    make(folder)
    assert tree(folder) == unbroken


def test_the_number_of_processes_changes_no_byte(tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "many").mkdir()
    order = order_of(60)
    generation.generate(order, tmp_path / "alone" / "set")
    generation.generate(order, tmp_path / "many" / "set", workers=generation.Workers(2))
    assert tree(tmp_path / "alone") == tree(tmp_path / "many")


def test_a_complaint_from_a_worker_reaches_the_teacher(tmp_path: Path, terminal: Terminal) -> None:
    (tmp_path / "own" / "markdown").mkdir(parents=True)
    (tmp_path / "own" / "markdown" / "key.md.j2").write_text("{{ header.titel }}")
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    command = ["generate", tmp_path / "sheet.toml", "--count", 51, "--secret", with_secret(tmp_path), "--jobs", 2]
    said = terminal.refused(*command, "--templates", tmp_path / "own", "--out", tmp_path / "set")
    assert 'unknown name "titel"; did you mean "title"?' in said
    assert not (tmp_path / "set").exists()


def test_a_folder_that_can_only_be_read_is_told_in_one_line(tmp_path: Path, terminal: Terminal) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder = tmp_path / "shut"
    folder.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    command = ["generate", tmp_path / "sheet.toml", "--count", 3, "--secret", with_secret(tmp_path)]
    assert "permission denied" in terminal.refused(*command, "--out", folder / "set")
    assert names(folder) == []


def test_workers_end_with_their_master(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom gradsheet.executors import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(2) as pool:\n"
        "        print(pool.submit(__import__('os').getpid).result(), flush=True)\n"
        "        pool.submit(time.sleep, 60)\n        time.sleep(60)\n"
    )
    (tmp_path / "master.py").write_text(script)
    master = subprocess.Popen([sys.executable, str(tmp_path / "master.py")], stdout=subprocess.PIPE, text=True)
    assert master.stdout is not None
    worker = int(master.stdout.readline())
    master.kill()
    master.wait()
    master.stdout.close()
    for _ in range(100):
        if not _alive(worker):
            return
        signal.sigtimedwait([], 0.1)
    pytest.fail("a worker outlived its master")


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_foreign_folder_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="didn't make"):
        make(tmp_path)
    assert names(tmp_path) == ["mine.txt"]
