"""What is shipped: the wheel, installed into a clean environment, run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

import gradsheet
from gradsheet.cli import SUMMARIES

ROOT = Path(gradsheet.__file__).resolve().parents[1]
PACKAGES = ("exercises", "templates", "grader", "gradsheet")
SHIPPED = {".py", ".js", ".toml", ".j2", ".md", ".svg", ".css", ".typ", ".woff2", ".txt"}
DEPENDENCIES = ("click", "jinja2", "markupsafe", "msgspec", "numpy")

pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="only a checkout can be built")


def call(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRADSHEET"))}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the hatchling that is here: no network, no isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment with the wheel in it; it borrows our dependencies, not ourselves."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    layout = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", scheme="venv", vars=layout))
    commands = Path(sysconfig.get_path("scripts", scheme="venv", vars=layout))
    python = commands / Path(sys.executable).name
    call(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    # A folder that a .pth file adds is searched, but .pth files inside it (our editable install) don't count.
    borrowed = {str(Path(spec.origin).parents[1]) for name in DEPENDENCIES if (spec := find_spec(name)) and spec.origin}
    (site / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n", encoding="utf-8")
    return commands


def test_the_wheel_holds_the_four_packages_with_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = archive.read(f"gradsheet-{gradsheet.__version__}.dist-info/METADATA").decode()
    here = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in SHIPPED
    }
    assert here - names == set()
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    assert "Requires-Python: >=3.11" in metadata


def test_the_installed_command_works_from_another_folder(clean: Path, tmp_path: Path) -> None:
    said = call(clean / "gradsheet", "--version", cwd=tmp_path).stdout
    assert said == f"gradsheet {gradsheet.__version__}\n"
    call(clean / "gradsheet", "init", cwd=tmp_path)
    assert os.listdir(tmp_path) == ["gradsheet.secret"]
    for name in SUMMARIES:
        assert "Example:" in call(clean / "gradsheet", name, "--help", cwd=tmp_path).stdout


def test_the_installed_packages_are_the_wheels(clean: Path, tmp_path: Path) -> None:
    code = "import exercises, templates, grader, gradsheet\n" + "".join(
        f"print({name}.__file__)\n" for name in PACKAGES
    )
    places = call(clean / Path(sys.executable).name, "-c", code, cwd=tmp_path).stdout.splitlines()
    home = clean.parent.resolve()
    assert len(places) == len(PACKAGES)
    assert [place for place in places if home not in Path(place).resolve().parents] == []
