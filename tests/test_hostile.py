"""Every hostile input of tests/hostile: turned away with a code and a place, or read and made harmless, under guard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hostile_cases import Case, cases, content, repeated
from hostile_inbox import guard
from hostile_page import PAGE, page
from test_submissions import VALID

from exercises.errors import InputError
from grader.gradebook import harmless
from grader.messages import REJECTED, UNREADABLE
from gradsheet.roster import read_roster, unsafe_because

ROOT = Path(__file__).parent.parent
ALL = [case for _, case in cases()]
FILES = [case for case in ALL if "file" in case or "folder" in case]
MEGABYTES = 150
"""What hostile hand-ins may take beyond the program itself; the greediest takes about half of it."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and links are those of Linux")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every case, read by one guarded program."""
    inbox = tmp_path_factory.mktemp("inbox")
    for ending, data in VALID.items():
        laid_out(inbox / f"warm-up-{ending}", {"ann" + ending: data})
        laid_out(inbox / f"case-sound{ending}", {"ann" + ending: data})
    for encoding in ("utf-8-sig", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        laid_out(inbox / f"warm-up-{encoding}", {"ann.csv": "z1[1],–1\n".encode(encoding)})
    laid_out(inbox / "warm-up-class", {"class.zip": content({"members": [{"name": "ann.csv", "text": "J,1"}]})})
    for number, case in enumerate(FILES):
        folder = inbox / f"case-{number}"
        if "folder" in case:
            laid_out(folder / "class", {name: text.encode() for name, text in case["folder"].items()})
        else:
            laid_out(folder, {case["file"]: content(case)})
    command = [sys.executable, str(ROOT / "tests" / "hostile_inbox.py"), str(inbox), str(MEGABYTES)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def laid_out(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, data in files.items():
        if data.startswith(b"-> "):
            (folder / name).symlink_to(data[3:].decode())
        else:
            (folder / name).write_bytes(data)


@pytest.mark.parametrize("number", range(len(FILES)), ids=lambda number: FILES[number]["what"])
def test_what_comes_of_a_hand_in(read: dict[str, Any], number: int) -> None:
    case, found = FILES[number], read["outcomes"][f"case-{number}"]
    if "code" in case:
        place = case.get("place")
        assert found == {"code": case["code"], "place": found.get("place"), "lines": 1}
        assert found["place"].endswith(f", {place}" if place else "")
    elif "students" in case:
        assert found == {"students": case["students"]}
    else:
        assert found == {"reads": case["reads"], "unreadable": case.get("unreadable", {})}


@pytest.mark.parametrize("ending", VALID)
def test_every_format_is_read_under_guard(read: dict[str, Any], ending: str) -> None:
    """What is turned away may never come to the line that would do what is forbidden."""
    assert read["outcomes"][f"case-sound{ending}"]["reads"]


def test_nothing_is_run_and_nothing_opened_elsewhere(read: dict[str, Any]) -> None:
    assert read["violations"] == []


def test_the_guard_would_notice(tmp_path: Path) -> None:
    violations: list[str] = []
    hook = guard(tmp_path, violations)
    hook("open", (str(tmp_path / "ann.csv"), "r", 0))
    assert violations == []
    elsewhere = tmp_path / "link"
    elsewhere.symlink_to("/etc/passwd")
    forbidden: list[tuple[str, tuple[object, ...]]] = [
        ("open", ("/etc/passwd", "r", 0)),
        ("open", (f"{tmp_path}/../x", "r", 0)),
        ("open", (str(elsewhere), "r", 0)),
        ("exec", ("code",)),
        ("import", ("os",)),
        ("compile", ("1", "x")),
        ("subprocess.Popen", ("ls",)),
        ("os.system", ("ls",)),
        ("socket.connect", ("x",)),
    ]
    for event, arguments in forbidden:
        with pytest.raises(PermissionError):
            hook(event, arguments)
    assert len(violations) == len(forbidden)


@pytest.mark.parametrize("case", [case for case in ALL if "identity" in case], ids=lambda case: case["what"])
def test_ids_of_the_roster(case: Case) -> None:
    assert (unsafe_because(repeated(case | {"text": case["identity"]})) or "") == case["because"]


@pytest.mark.parametrize("case", [case for case in ALL if "roster" in case], ids=lambda case: case["what"])
def test_rosters(case: Case, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(case["roster"], encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_roster(tmp_path / "roster.csv")
    assert case["because"] in str(caught.value)


@pytest.mark.parametrize("case", [case for case in ALL if "output" in case], ids=lambda case: case["what"])
def test_texts_that_go_into_tables_of_ours(case: Case) -> None:
    assert harmless(case["output"]) == case["written"]


def test_there_are_eighty_and_every_code_has_one() -> None:
    assert len(ALL) >= 80
    shown = {case["code"] for case in ALL if "code" in case}
    shown |= {code for case in ALL for code in case.get("students", {}).values()}
    by_other_tests = {"no-id", "no-student", "not-readable", "too-much"}
    assert shown - {"read"} | by_other_tests == set(REJECTED)
    assert {code for case in ALL for code in case.get("unreadable", {}).values()} <= set(UNREADABLE)


def test_the_page_is_made_of_the_tables() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "run: python -m tests.hostile_page > docs/hostile-inputs.md"
