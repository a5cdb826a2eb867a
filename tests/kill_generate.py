"""Long: `generate` killed 200 times at random moments and once at each write and rename, and on disks that are full.

Run by make kill; a short share is in tests/test_generate_killed.py.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_generate_killed as short
from front_door import names, tree, with_secret
from killing import TEXT, make, moments_of

unbroken, _shards_as_they_were = short.unbroken, short._shards_as_they_were

KILLS = int(os.environ.get("KILLS", "200"))
CLASS, JOBS = 400, 2
COMMAND = [sys.executable, "-m", "gradsheet", "generate", "killed.toml", "--count", str(CLASS), "--jobs", str(JOBS)]


@pytest.mark.parametrize("before", [short.nothing, short.an_older_set])
def test_killed_at_every_write_and_rename(tmp_path: Path, unbroken: dict[str, bytes], before: object) -> None:
    assert callable(before)
    count = moments_of(tmp_path / "counted" / "set", lambda: before(tmp_path / "counted" / "set"))
    for at in range(1, count + 1):
        short.killed_once(tmp_path / str(at) / "set", at, before, unbroken)
    print(f"killed at each of {count} moments")


@pytest.mark.parametrize("before", [short.nothing, short.an_older_set])
def test_full_at_every_write_and_rename(
    tmp_path: Path, unbroken: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, before: object
) -> None:
    monkeypatch.setattr(short, "STEP", 1)
    short.test_a_full_disk_leaves_what_was_there(tmp_path, unbroken, before)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    (tmp_path / "killed.toml").write_text(TEXT)
    with_secret(tmp_path)
    begun = time.monotonic()
    subprocess.run([*COMMAND, "--out", "unbroken"], cwd=tmp_path, check=True, capture_output=True)
    whole = time.monotonic() - begun
    wanted, kills, ends = tree(tmp_path / "unbroken"), 0, 0
    dice = random.Random(6)
    while kills < KILLS:
        shutil.rmtree(tmp_path / "set", ignore_errors=True)
        while True:
            run = subprocess.Popen(
                [*COMMAND, "--out", "set"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            try:
                said = run.communicate(timeout=dice.uniform(0.0, whole))[1]
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                kills += 1
                assert _whole(tmp_path / "set", wanted)
                continue
            assert (run.returncode, said) == (0, b"")
            break
        ends += 1
        assert tree(tmp_path / "set") == wanted
        assert [name for name in names(tmp_path) if name.startswith(".")] == []
    print(f"{kills} kills at random moments, {ends} sets the same as an unbroken one; a whole run takes {whole:.1f} s")


def _whole(folder: Path, wanted: dict[str, bytes]) -> bool:
    """Whether there is no set yet, or the whole of it, or one whose two folders were just being moved."""
    seen = {name: content for name, content in tree(folder).items() if not name.startswith(".gradsheet-")}
    return seen in ({}, wanted) or (folder / ".gradsheet-unfinished" / "old").is_dir()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of memory; its size is set by mounting it again."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and not _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", place)
    if not mounted:
        pytest.skip("only root may mount a small disk, and not in every container")
    yield place
    subprocess.run(["umount", str(place)], check=False)


def _mount(*arguments: object) -> int:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode


def test_on_a_small_disk(small_disk: Path, unbroken: dict[str, bytes]) -> None:
    """A disk of every size up to one that holds the set: the command says so in a line, and leaves what was there."""
    refused = 0
    for pages in range(3, 400):
        assert _mount("-o", f"remount,size={4 * pages}k", small_disk) == 0
        code = short.forked(lambda: _made_or_full(small_disk / "set"))
        if code == 0:
            assert tree(small_disk / "set") == unbroken
            break
        assert code == 9
        refused += 1
        assert names(small_disk) == []
    else:
        pytest.fail("no disk was large enough")
    assert refused > 20
    print(f"{refused} sizes of a disk that was too small")


def _made_or_full(folder: Path) -> None:
    try:
        make(folder)
    except OSError as error:
        os._exit(9 if error.errno == 28 else 1)
