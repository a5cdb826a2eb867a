"""A grading that is killed, or finds the disk full, at any moment: the old results are there or the new, never both.

A share of the moments is tried here; all of them, and random ones, in kill_grade.py (``make kill``).
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from front_door import NETWORK, as_csv, flawless, made_set, tree
from killing import die, find_no_room, forked

from gradsheet import renewal
from gradsheet.class_marking import Rules, sitting
from gradsheet.course_set import read_set
from gradsheet.results_folder import grade_to_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied")

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "ctypes.dlopen")


class Moments:
    """Counts what changes a file, and does ``then`` at one of these moments; it stays with its process."""

    def __init__(self, at: int, then: Callable[[], None]) -> None:
        self.at, self.then, self.count = at, then, 0
        sys.addaudithook(self._heard)
        write = renewal.write_new

        def halved(path: Path, data: bytes) -> None:
            write(path, data[: len(data) // 2])
            self.passed()
            path.unlink()
            write(path, data)

        renewal.write_new = halved

    def passed(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.then()

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if opened or event in CHANGES:
            self.passed()


Graded = tuple[Path, Path, dict[str, bytes], dict[str, bytes]]


def grade(folder: Path, hand_ins: Path) -> None:
    grade_to_folder(sitting(read_set(folder), hand_ins, Rules()))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A graded set, other hand-ins for it, and the results before and after those are graded."""
    home = tmp_path_factory.mktemp("first")
    folder, old, new = made_set(home, NETWORK), home / "old", home / "new"
    for place, students in ((old, ("ada", "ben")), (new, ("ben", "cid"))):
        place.mkdir()
        for student in students:
            answers = flawless(folder / f"teacher/sheets/{student}.toml") | {"J": str(len(place.name))}
            (place / f"{student}.csv").write_text(as_csv(answers))
    (new / "zoe.csv").write_text("J,1")
    grade(folder, new)
    after = tree(folder / "results")
    grade(folder, old)
    (folder / "results/my notes.txt").write_text("keep")
    before = tree(folder / "results")
    return folder, new, before, after | {"my notes.txt": b"keep"}


@pytest.fixture
def graded(first: Graded, tmp_path: Path) -> Graded:
    """A copy of one's own, to be broken."""
    folder, new, before, after = first
    shutil.copytree(folder.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / folder.name, tmp_path / new.name, before, after


def moments_of(folder: Path, hand_ins: Path, back: Path) -> int:
    reading, writing = os.pipe()

    def counted() -> None:
        moments = Moments(0, die)
        grade(folder, hand_ins)
        os.write(writing, str(moments.count).encode())

    assert forked(counted) == 0
    found = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    grade(folder, back)
    return found


def run(folder: Path, hand_ins: Path, at: int, then: Callable[[], None]) -> int:
    def watched() -> None:
        Moments(at, then)
        grade(folder, hand_ins)

    return forked(watched)


def share_of(moments: int) -> list[int]:
    """The first, some between, and the last, where the folders change places."""
    every = list(range(1, moments + 1))
    return sorted({*every[:1], *every[1:-5:24], *every[-5:]})


@pytest.mark.parametrize("then", [die, find_no_room], ids=["killed", "disk full"])
def test_at_any_moment_there_are_the_old_results_or_the_new(graded: Graded, then: Callable[[], None]) -> None:
    ends_whole(graded, then, share_of)


def ends_whole(graded: Graded, then: Callable[[], None], share: Callable[[int], list[int]]) -> None:
    """Whatever happens at these moments, results are whole, and the next run ends as an unbroken one."""
    folder, hand_ins, before, after = graded
    moments = moments_of(folder, hand_ins, folder.parent / "old")
    assert moments > 10
    seen = set()
    for at in share(moments):
        ended = run(folder, hand_ins, at, then)
        found = tree(folder / "results")
        assert found in (before, after), f"a mixture at moment {at}"
        assert ended != 0 or found == after
        seen.add(found == after)
        grade(folder, hand_ins)
        assert tree(folder / "results") == after, f"moment {at}"
        assert not (folder / renewal.STAGE).exists()
        grade(folder, folder.parent / "old")
        assert tree(folder / "results") == before
    assert seen == {False, True}


def test_two_at_the_same_time(graded: Graded) -> None:
    folder, hand_ins, before, _ = graded
    with renewal.locked(folder / "teacher/set.json", "busy"):

        def second() -> None:
            try:
                grade(folder, hand_ins)
            except Exception as error:  # noqa: BLE001 - told by the exit code
                os._exit(7 if "is being graded at the moment" in str(error) else 1)

        assert forked(second) == 7
    assert tree(folder / "results") == before


def test_where_names_cannot_be_exchanged(graded: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, hand_ins, _, after = graded
    monkeypatch.setattr(renewal, "_exchanged", lambda *_: False)
    grade(folder, hand_ins)
    assert tree(folder / "results") == after
    assert sorted(os.listdir(folder)) == ["results", "students", "teacher"]


def test_killed_where_names_cannot_be_exchanged(graded: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, hand_ins, _, after = graded
    monkeypatch.setattr(renewal, "_exchanged", lambda *_: False)
    os.rename(folder / "results", folder / renewal.ASIDE)  # as a kill between the two renames leaves it
    grade(folder, hand_ins)
    assert tree(folder / "results") == after
    assert sorted(os.listdir(folder)) == ["results", "students", "teacher"]


def test_where_files_cannot_be_linked(graded: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, hand_ins, _, after = graded

    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "not here")

    monkeypatch.setattr(os, "link", refuses)
    grade(folder, hand_ins)
    assert tree(folder / "results") == after


def stamps(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def test_the_same_again_writes_nothing(graded: Graded) -> None:
    folder, hand_ins, _, _ = graded
    grade(folder, hand_ins)
    before = stamps(folder)
    os.utime(hand_ins / "ben.csv")
    grade(folder, hand_ins)
    assert stamps(folder) == before
    same = (folder / "results/feedback/ben.md").stat().st_mtime_ns
    (hand_ins / "cid.csv").unlink()
    grade(folder, hand_ins)
    assert not (folder / "results/feedback/cid.md").exists()
    assert (folder / "results/feedback/ben.md").stat().st_mtime_ns == same
