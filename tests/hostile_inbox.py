"""Reads the hand-ins of a folder under guard, as a program of its own: python tests/hostile_inbox.py INBOX MEGABYTES

Each subfolder of INBOX is one case and holds one hand-in (``ann.csv``), a class (``class.zip``, ``class.csv``) or a
folder ``class``. What comes of each is printed as JSON, with all that was done and is forbidden: to execute or compile,
to start programs, to connect, to open anything outside the inbox. Memory beyond that of the warmed-up program is
limited to MEGABYTES.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from inboxes import attempts

from grader.collecting import Reader
from grader.numbers import Unreadable, is_blank, read_number
from grader.submissions import Rejected, Submission, read_class_table, read_submission
from grader.submissions.class_table import row_answers

FORBIDDEN = (
    "exec",
    "compile",
    "import",
    "os.",
    "subprocess.",
    "socket.",
    "shutil.",
    "pty.",
    "ctypes.",
    "pickle.",
    "tempfile.",
)
LOOKING = ("os.scandir", "os.listdir", "os.walk")
SECONDS = 120
"""Of the processor, for all cases together; a reader that takes quadratic time takes more for one."""

Outcome = dict[str, object]


def outcome(place: Path) -> Outcome:
    """What comes of the case in one subfolder."""
    (found,) = place.iterdir()
    try:
        if found.name == "class.csv":
            return {"students": dict(_rows(found))}
        if found.stem == "class":
            return {"students": dict(_each(found))}
        return _cells(read_submission(found.name, found.read_bytes()))
    except Rejected as trouble:
        return {"code": trouble.code, "place": trouble.place, "lines": str(trouble).count("\n") + 1}
    except Exception:  # noqa: BLE001 - a defect of one reader shouldn't hide what the others do
        return {"crash": traceback.format_exc()}


def _each(found: Path) -> list[tuple[str, str]]:
    outcomes = []
    with Reader() as reader:
        for student, attempt in attempts(found):
            try:
                outcomes.append((student, _short(attempt.read(reader))))
            except Rejected as trouble:
                outcomes.append((student, trouble.code))
    return outcomes


def _rows(found: Path) -> list[tuple[str, str]]:
    table = read_class_table(found.name, found.read_bytes())
    outcomes = []
    for row in table.rows:
        try:
            outcomes.append((row.texts[0], _short(row_answers(table.name, row, list(enumerate(table.columns))[1:]))))
        except Rejected as trouble:
            outcomes.append((row.texts[0], trouble.code))
    return outcomes


def _short(_: Submission) -> str:
    return "read"


def _cells(submission: Submission) -> Outcome:
    numbers = {answer.id_text: read_number(answer.text) for answer in submission.answers if not is_blank(answer.text)}
    return {
        "reads": {answer.id_text: answer.text for answer in submission.answers},
        "unreadable": {name: found.code for name, found in numbers.items() if isinstance(found, Unreadable)},
    }


def guard(inbox: Path, violations: list[str]) -> Callable[[str, tuple[object, ...]], None]:
    """An audit hook that records and forbids what reading a hand-in needs not."""
    inside = str(inbox.resolve()) + "/"

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            # What is opened by number was opened by name before; no name is no file.
            name = arguments[0]
            bad = not isinstance(name, int) and name != "" and not os.path.realpath(str(name)).startswith(inside)
        elif event == "compile":
            # To parse is to compile as far as a tree; running one would be another event, and forbidden.
            bad = sys._getframe(1).f_code is not ast.parse.__code__
        else:
            bad = event.startswith(FORBIDDEN) and event not in LOOKING
        if bad:
            violations.append(f"{event} {str(arguments)[:200]}")
            raise PermissionError(f"forbidden while hand-ins are read: {event}")

    return hook


def main(inbox: Path, megabytes: int) -> None:
    for place in sorted(inbox.glob("warm-up-*")):  # brings in the libraries and codecs that are imported late
        outcome(place)
    violations: list[str] = []
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + megabytes * 1_000_000,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.addaudithook(guard(inbox, violations))
    outcomes = {place.name: outcome(place) for place in sorted(inbox.glob("case-*"))}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"violations": violations, "outcomes": outcomes, "peak": peak}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
