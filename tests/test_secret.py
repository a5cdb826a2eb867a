"""The course secret: made once, private, and read back exactly."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

import pytest

from exercises.errors import InputError
from gradsheet.secret import DEMO_SECRET, create_secret, read_secret

posix = pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(content: bytes, path: str = "gradsheet.secret") -> None:
    Path(path).write_bytes(content)
    Path(path).chmod(0o600)


def test_a_secret_is_32_new_bytes_that_read_back() -> None:
    first, second = create_secret(Path("one")), create_secret(Path("two"))
    assert len(read_secret(first)) == 32
    assert read_secret(first) == read_secret(first)
    assert read_secret(first) != read_secret(second)
    assert len(DEMO_SECRET) == 32


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_can_read_it_whatever_the_umask(umask: int) -> None:
    before = os.umask(umask)
    try:
        place = create_secret()
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_secret_in_use_is_never_overwritten() -> None:
    put(b"whatever")
    with pytest.raises(InputError, match=r"^gradsheet\.secret: this file is there already"):
        create_secret()
    assert Path("gradsheet.secret").read_bytes() == b"whatever"


@posix
def test_a_link_that_leads_nowhere_is_not_followed() -> None:
    Path("gradsheet.secret").symlink_to("elsewhere")
    with pytest.raises(InputError, match="there already"):
        create_secret()
    assert not Path("elsewhere").exists()


def test_half_a_secret_is_taken_away_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as raised:
        create_secret()
    assert raised.value.filename == "gradsheet.secret"
    assert os.listdir() == []


def test_the_option_goes_before_the_environment_and_that_before_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(["gradsheet.secret", "course", "named"]):
        put(b'secret = "%s"\n' % (b"%02d" % number * 32), name)
    assert read_secret() == bytes.fromhex("00" * 32)
    monkeypatch.setenv("GRADSHEET_SECRET_FILE", "course")
    assert read_secret() == bytes.fromhex("01" * 32)
    assert read_secret(Path("named")) == bytes.fromhex("02" * 32)
    monkeypatch.setenv("GRADSHEET_SECRET_FILE", "")
    assert read_secret() == bytes.fromhex("00" * 32)


def test_a_missing_secret_says_how_to_make_one() -> None:
    with pytest.raises(InputError, match=r"gradsheet\.secret: there is no course secret here; run gradsheet init once"):
        read_secret()


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o666])
def test_a_secret_that_others_can_reach_is_refused(mode: int) -> None:
    create_secret().chmod(mode)
    with pytest.raises(InputError, match=re.escape(f"(mode {mode:04o}); run: chmod 600 gradsheet.secret")):
        read_secret()


@pytest.mark.parametrize(
    "content, where",
    [
        (b"", "gradsheet.secret"),
        (b"# a comment only\n", "gradsheet.secret"),
        (b"0123456789abcdef\n", "gradsheet.secret, line 1"),
        (b'# c\nsecret = "' + b"a" * 63 + b'"\n', "gradsheet.secret, line 2"),
        (b'secret = "' + b"A" * 64 + b'"\n', "gradsheet.secret, line 1"),
        (b'secret = "' + b"a" * 64 + b'"\nsecret = "' + b"b" * 64 + b'"\n', "gradsheet.secret, line 1"),
        (b"\xff\xfe\x00\n", "gradsheet.secret, line 1"),
        (b"x" * 100_000, "gradsheet.secret, line 1"),
    ],
)
def test_a_file_of_another_form_is_refused(content: bytes, where: str) -> None:
    put(content)
    with pytest.raises(InputError, match=f"^{re.escape(where)}: expected a course secret"):
        read_secret()


def test_windows_line_ends_and_blank_lines_change_nothing() -> None:
    put(b'\r\n# copied through a mail\r\n\r\nsecret = "' + b"0f" * 32 + b'"  \r\n\r\n')
    assert read_secret() == bytes.fromhex("0f" * 32)


@posix
def test_a_folder_or_a_device_is_no_secret() -> None:
    with pytest.raises(IsADirectoryError):
        read_secret(Path())
    with pytest.raises(InputError, match="a device or a pipe"):
        read_secret(Path(os.devnull))
