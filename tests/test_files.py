"""Files and folders appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from exercises.errors import InputError
from gradsheet.files import private_folder, staged_folder, write_atomically

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file can be written, but none moved to its place."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "rename", refuse)


@pytest.mark.parametrize("durable", [False, True])
def test_text_is_utf8_with_its_own_newlines(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "sheet.md"
    write_atomically(path, "∂J\nσ\n", durable=durable)
    assert path.read_bytes() == "∂J\nσ\n".encode()
    write_atomically(path, b"\x00\xff", durable=durable)
    assert path.read_bytes() == b"\x00\xff"
    assert os.listdir(tmp_path) == ["sheet.md"]


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path: Path, full_disk: None) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("old")
    with pytest.raises(OSError, match="No space") as raised:
        write_atomically(path, "new")
    assert raised.value.filename == str(path)
    assert raised.value.errno == errno.ENOSPC
    assert tree(tmp_path) == {"marks.csv": "old"}


def test_a_write_that_breaks_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "marks.csv", "new", durable=True)
    assert os.listdir(tmp_path) == []


def test_errors_name_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        write_atomically(tmp_path / "absent" / "a.csv", "")
    assert missing.value.filename == str(tmp_path / "absent" / "a.csv")
    with pytest.raises(IsADirectoryError) as folder:
        write_atomically(tmp_path, "")
    assert folder.value.filename == str(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        write_atomically(tmp_path / "file" / "a.csv", "")


@posix
def test_a_name_as_long_as_can_be_is_written(tmp_path: Path) -> None:
    name = "n" * os.pathconf(tmp_path, "PC_NAME_MAX")
    write_atomically(tmp_path / name, "x")
    assert tree(tmp_path) == {name: "x"}


@posix
def test_a_link_is_followed_and_a_device_refused(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_atomically(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="a device or a pipe"):
        write_atomically(tmp_path / "pipe", "x")


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o377])
def test_the_teachers_folder_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = private_folder(tmp_path / "teacher")
        assert mode(folder) == 0o700
        folder.chmod(0o755)
        assert mode(private_folder(folder)) == 0o700
    finally:
        os.umask(before)


def test_a_set_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "sets" / "week1"
    with staged_folder(target) as built:
        (built / "students").mkdir()
        (built / "students" / "001.md").write_text("sheet")
        assert not target.exists()
    assert tree(tmp_path) == {"sets/week1/students/001.md": "sheet"}


@posix
def test_nobody_looks_in_while_a_set_is_built_and_later_the_umask_rules(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with staged_folder(tmp_path / "week1") as built:
            assert mode(built.parent) == 0o700
            private_folder(built / "teacher")
        assert mode(tmp_path / "week1") == 0o755
        assert mode(tmp_path / "week1" / "teacher") == 0o700
    finally:
        os.umask(before)


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_set_that_fails_leaves_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    def build() -> None:
        with staged_folder(tmp_path / "sets" / "week1") as built:
            (built / "sheet.md").write_text("x")
            raise failure

    with pytest.raises(failure):
        build()
    assert os.listdir(tmp_path) == []


def old_set(folder: Path) -> dict[str, str]:
    (folder / "teacher").mkdir(parents=True)
    (folder / "students").mkdir()
    (folder / "teacher" / "set.json").write_text("old record")
    (folder / "students" / "gone.md").write_text("old sheet")
    (folder / "notes.txt").write_text("the teacher's own")
    return tree(folder)


def build_set(target: Path) -> None:
    with staged_folder(target, marker="teacher/set.json") as built:
        (built / "teacher").mkdir()
        (built / "students").mkdir()
        (built / "teacher" / "set.json").write_text("new record")
        (built / "students" / "001.md").write_text("new sheet")


def test_an_earlier_set_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    old_set(tmp_path / "week1")
    build_set(tmp_path / "week1")
    assert tree(tmp_path / "week1") == {
        "notes.txt": "the teacher's own",
        "students/001.md": "new sheet",
        "teacher/set.json": "new record",
    }
    assert sorted(os.listdir(tmp_path / "week1")) == ["notes.txt", "students", "teacher"]


@pytest.mark.parametrize("moves_that_work", range(4))
def test_a_replacement_that_fails_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves_that_work: int
) -> None:
    before = old_set(tmp_path / "week1")
    rename, moves = os.rename, []

    def fail_once(source: Path, destination: Path) -> None:
        moves.append(destination)
        if len(moves) == moves_that_work + 1:
            raise OSError(errno.EIO, "Input/output error", str(source))
        rename(source, destination)

    monkeypatch.setattr(os, "rename", fail_once)
    with pytest.raises(OSError, match="Input/output") as raised:
        build_set(tmp_path / "week1")
    assert raised.value.filename == str(tmp_path / "week1")
    assert tree(tmp_path / "week1") == before
    assert sorted(os.listdir(tmp_path / "week1")) == ["notes.txt", "students", "teacher"]


def test_a_folder_of_somebody_elses_files_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "thesis.md").write_text("years of work")
    with pytest.raises(InputError, match="gradsheet didn't make; choose another"):
        build_set(tmp_path)
    assert tree(tmp_path) == {"thesis.md": "years of work"}
    with pytest.raises(NotADirectoryError):
        build_set(tmp_path / "thesis.md")


def test_an_empty_folder_and_what_a_power_cut_left_behind_are_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".gradsheet-0123456789ab.tmp").mkdir()
    build_set(tmp_path)
    assert (tmp_path / "teacher" / "set.json").read_text() == "new record"
