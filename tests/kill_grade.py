"""The long campaign of test_grade_killed.py: each moment of a grading, and kills at random ones (``make kill``)."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from front_door import tree
from killing import die, find_no_room
from test_grade_killed import Graded, ends_whole, first, grade, graded

__all__ = ["first", "graded"]

KILLS = int(os.environ.get("GRADSHEET_KILLS", "200"))

COMMAND = """\
import sys; from pathlib import Path; sys.path[:0] = sys.argv[3:]
from test_grade_killed import grade
print("begun", flush=True); grade(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("then", [die, find_no_room], ids=["killed", "disk full"])
def test_each_moment(graded: Graded, then: object) -> None:
    tried: list[int] = []

    def every(moments: int) -> list[int]:
        tried.extend(range(1, moments + 1))
        return tried

    assert callable(then)
    ends_whole(graded, then, every)
    print(f"{len(tried)} moments")


def test_random_moments(graded: Graded) -> None:
    folder, hand_ins, before, after = graded
    here = Path(__file__).parent
    command = [sys.executable, "-c", COMMAND, str(folder), str(hand_ins), str(here), str(here.parent)]

    def started() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == b"begun\n"
        return process

    process, begun = started(), time.monotonic()
    assert process.wait() == 0
    whole = time.monotonic() - begun
    chance, ends = random.Random(1), {"old": 0, "new": 0}
    for number in range(KILLS):
        grade(folder, folder.parent / "old")
        process = started()
        time.sleep(chance.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = tree(folder / "results")
        assert found in (before, after), f"kill {number}"
        ends["old" if found == before else "new"] += 1
        grade(folder, hand_ins)
        assert tree(folder / "results") == after
    print(f"{KILLS} kills: {ends}")


def test_a_small_file_system(graded: Graded) -> None:
    """A real one in memory, a page larger each time, until the new results fit beside the old ones."""
    folder, hand_ins, before, after = graded
    place = folder.parent / "small"
    place.mkdir()
    if not _mounted("-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)):
        pytest.skip("no file system may be mounted here")
    try:
        own = Path(shutil.copytree(folder, place / "set", symlinks=True))
        told = os.statvfs(place)
        used, pages, full = told.f_blocks - told.f_bfree, 0, 0
        while tree(own / "results") == before:
            assert _mounted("-o", f"remount,size={(used + pages) * told.f_frsize}", str(place))
            if _is_full(lambda: grade(own, hand_ins)):
                assert tree(own / "results") == before, f"{pages} pages free"
                full += 1
            pages += 1
        assert tree(own / "results") == after and full > 1
        print(f"full with 0 to {full - 1} free pages of {told.f_frsize} bytes; room enough with {pages - 1}")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _is_full(action: Callable[[], None]) -> bool:
    try:
        action()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return True
        raise
    return False


def _mounted(*arguments: str) -> bool:
    if shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
