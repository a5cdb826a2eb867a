"""The front door: quick help, one clear line for what the user can mend, a traceback for what is our fault."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import gradsheet
from exercises.errors import InputError
from gradsheet import cli

ROOT = Path(gradsheet.__file__).resolve().parents[1]
HEAVY = ("numpy", "jinja2", "msgspec", "exercises", "templates", "grader")
posix = pytest.mark.skipif(os.name == "nt", reason="signals, pipes and devices as POSIX has them")


def python(
    code: str, *flags: str, cwd: Path = ROOT, path: tuple[Path, ...] = (ROOT,), **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own that finds our packages on ``path``."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **settings}
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return python(
        f"import sys; from gradsheet.__main__ import main; sys.exit(main({list(arguments)}))", cwd=cwd, **settings
    )


def a_command_that_raises(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)


# --- what there is ---


def test_the_table_and_the_modules_are_the_same() -> None:
    modules = {path.stem for path in (ROOT / "gradsheet" / "commands").glob("*.py")} - {"__init__"}
    assert set(cli.SUMMARIES) == modules


@pytest.mark.parametrize("name", cli.SUMMARIES)
def test_every_command_explains_itself_and_ends_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = import_module(f"gradsheet.commands.{name}").command
    assert command.help
    assert cli.main([name, "--help"]) == 0
    page = capsys.readouterr().out
    closing = page[page.index("Example:") :].splitlines()[1:]
    assert closing
    assert all(line.strip().startswith(f"gradsheet {name}") for line in closing if line.strip())


def test_help_lists_every_command_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    page = capsys.readouterr().out
    for name, summary in cli.SUMMARIES.items():
        assert any(line.split() == [name, *summary.split()] for line in page.splitlines()), name
    assert cli.main(["--help"]) == 0
    assert capsys.readouterr().out == page


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"gradsheet {gradsheet.__version__}\n"


def test_help_loads_nothing_heavy() -> None:
    listed = python(
        "import sys; from gradsheet.__main__ import main; main(['--help'])\n"
        "print('LOADED', *sys.modules, file=sys.stderr)"
    )
    assert listed.returncode == 0
    loaded = listed.stderr.split("LOADED")[1].split()
    assert "gradsheet.cli" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY or name.startswith("gradsheet.commands.")] == []


# --- our rooms, or a stranger's ---


@pytest.mark.parametrize("room", gradsheet.ROOMS)
def test_a_package_that_hides_a_room_is_named(tmp_path: Path, room: str) -> None:
    stranger = tmp_path / "site" / room
    stranger.mkdir(parents=True)
    (stranger / "__init__.py").write_text("raise SystemExit('imported a stranger')")
    result = python("import gradsheet", cwd=tmp_path, path=(tmp_path / "site", ROOT))
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith(
        f'ImportError: gradsheet needs its own package "{room}" in {ROOT}, but {stranger} hides it; '
    )
    assert "pipx install gradsheet" in last


def test_a_room_that_is_missing_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "gradsheet", tmp_path / "gradsheet")
    result = python("import gradsheet", "-S", cwd=tmp_path, path=(tmp_path,))  # -S: nothing installed counts
    assert 'package "exercises" is missing' in result.stderr.splitlines()[-1]


def test_folders_of_the_same_names_hide_nothing(tmp_path: Path) -> None:
    for room in gradsheet.ROOMS:
        (tmp_path / room).mkdir()
    assert run("--version", cwd=tmp_path).returncode == 0


def test_a_path_by_way_of_a_link_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ROOT)
    result = python("import gradsheet", cwd=tmp_path, path=(tmp_path / "link", ROOT))
    assert (result.returncode, result.stderr) == (0, "")


# --- complaints ---


def complaint_of(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The single line on stderr of a command line that the user must mend."""
    assert cli.main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gradsheet: ")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    return err.removeprefix("gradsheet: ").rstrip("\n")


@pytest.mark.parametrize(
    "arguments, parts",
    [
        (["inti"], ['unknown command "inti"; did you mean "init"?', "try: gradsheet --help"]),
        (["--frobnicate"], ["no such option", "--frobnicate", "try: gradsheet --help"]),
        (["init", "--sceret", "x"], ["no such option", "--secret", "try: gradsheet init --help"]),
        (["init", "stray"], ["unexpected extra argument (stray)", "try: gradsheet init --help"]),
        (["init", "--secret"], ["--secret", "requires an argument", "try: gradsheet init --help"]),
    ],
)
def test_a_wrong_command_line(arguments: list[str], parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint_of(*arguments, capsys=capsys)
    assert [part for part in parts if part not in line] == []


@pytest.mark.parametrize(
    "error, line",
    [
        (
            InputError("expected 1, came 2; write 1", where="a.toml, line 3"),
            "a.toml, line 3: expected 1, came 2; write 1",
        ),
        (InputError("a\nb \x1b[31m\u202e"), r"a b \x1b[31m\u202e"),
        (
            OSError(errno.ENOENT, "gone", "roster.csv"),
            "roster.csv: no such file or folder; check how the name is spelled",
        ),
        (OSError(errno.EROFS, "ro", "out"), "out: this place can only be read; name another"),
        (OSError(errno.EACCES, "no", b"out"), "out: permission denied; change who may use it, or name another place"),
        (OSError(errno.ENOSPC, "full", "a.md"), "a.md: the disk is full; make room and run the command again"),
        (OSError(errno.ENOSPC, "full"), "the disk is full; make room and run the command again"),
        (OSError(errno.EBUSY, "Device busy", "a.md"), "a.md: Device busy; name another place"),
        (click.FileError("a.toml", "is odd"), "Could not open file 'a.toml': is odd"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_command_that_raises(error, monkeypatch)
    assert complaint_of("init", capsys=capsys) == line


@pytest.mark.parametrize(
    "defect",
    [ZeroDivisionError("x"), EOFError("short"), KeyError("W1"), OSError("no number"), OSError(errno.EBADF, "bad")],
)
def test_a_defect_shows_its_traceback(defect: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    a_command_that_raises(defect, monkeypatch)
    with pytest.raises(type(defect)) as raised:
        cli.main(["init"])
    assert raised.value is defect


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_is_quiet(
    interruption: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_command_that_raises(interruption, monkeypatch)
    assert cli.main(["init"]) == 130
    assert capsys.readouterr() == ("", "")


@posix
def test_a_reader_that_leaves_early_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [sys.executable, "-m", "gradsheet", "--help"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_behind_the_output_is_told() -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "gradsheet", "--help"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (result.returncode, result.stderr) == (
        2,
        b"gradsheet: the disk is full; make room and run the command again\n",
    )


@posix
@pytest.mark.parametrize("encoding", ["latin-1", "cp437"])
def test_a_terminal_without_the_letters_gets_their_numbers(tmp_path: Path, encoding: str) -> None:
    result = run("init", "--secret", "ж/x", cwd=tmp_path, PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    assert result.returncode == 2
    assert result.stderr == "gradsheet: \\u0436/x: no such file or folder; check how the name is spelled\n"


# --- init ---


def test_init_says_where_the_secret_is_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["init"]) == 0
    said = capsys.readouterr().out
    assert "gradsheet.secret" in said
    assert "Keep a copy" in said
    assert "Next: gradsheet generate" in said
    secret = (tmp_path / "gradsheet.secret").read_text().split('"')[1]
    assert secret not in said
    assert complaint_of("init", capsys=capsys).startswith("gradsheet.secret: this file is there already")
    assert cli.main(["init", "--secret", "other"]) == 0
    assert "--secret other" in capsys.readouterr().out


def test_init_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "absent" / "s"
    assert complaint_of("init", "--secret", str(place), capsys=capsys).startswith(f"{place}: no such file or folder")
    if os.path.isdir("/sys/kernel") and os.uname().sysname == "Linux":  # refuses even root
        line = complaint_of("init", "--secret", "/sys/kernel/s", capsys=capsys)
        assert line.startswith(("/sys/kernel/s: permission denied", "/sys/kernel/s: this place can only be read"))
