"""The hostile inputs as a page: docs/hostile-inputs.md, made of the tables that the tests read.

python -m tests.hostile_page > docs/hostile-inputs.md
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

from hostile_cases import Case, cases

from grader.messages import REJECTED, UNREADABLE

PAGE = Path(__file__).parent.parent / "docs" / "hostile-inputs.md"
NUMBERS = Path(__file__).parent / "hostile_numbers.toml"

HEAD = """\
# Hostile inputs

What an inbox may hold that nobody should hand in, and what gradsheet makes of it. A hand-in that can't be read is
turned away with a code and a place, and costs its student alone; a cell that can't be read is unreadable, never wrong.
In the tests all of it is read under guard: nothing is executed, no program started, no connection opened, no file
opened outside the inbox, and memory stays within 150 MB of what the program itself takes.

This page is made from `tests/hostile/` and `tests/hostile_numbers.toml`, and a test holds it to them:

    python -m tests.hostile_page > docs/hostile-inputs.md
"""

_SHORTEST = 60


def page() -> str:
    return "\n".join([HEAD, *_tables(), *_numbers(), *_codes()]) + "\n"


def _tables() -> Iterator[str]:
    for title, rows in groupby(cases(), key=lambda row: row[0]):
        yield f"## {title}\n\n| input | what comes of it |\n|---|---|"
        yield from (_row(case["what"], _outcome(case)) for _, case in rows)
        yield ""


def _numbers() -> Iterator[str]:
    table = tomllib.loads(NUMBERS.read_text(encoding="utf-8"))["number"]
    yield "## Numbers\n\nTexts of one cell that are no number; the forms that are read stand in the same table.\n"
    yield "| text | code |\n|---|---|"
    for case in table:
        if "code" in case:
            times = f" {case['times']:,} times" if "times" in case else ""
            yield _row(_code(case["text"]) + times, _code(case["code"]))
    yield ""


def _codes() -> Iterator[str]:
    table = tomllib.loads(NUMBERS.read_text(encoding="utf-8"))["number"]
    of_numbers = {case["code"] for case in table if "code" in case}
    of_cells = {code: sentence for code, sentence in UNREADABLE.items() if code in of_numbers}
    for title, sentences in (("Codes of a hand-in", REJECTED), ("Codes of a cell", of_cells)):
        yield f"## {title}\n\n| code | what is said |\n|---|---|"
        yield from (_row(_code(code), sentence.format(detail="…")) for code, sentence in sentences.items())
        yield ""


def _outcome(case: Case) -> str:
    if "code" in case:
        return _code(case["code"]) + (f" at {case['place']}" if "place" in case else "")
    if "students" in case:
        return ", ".join(f"{_shown(name)}: {_code(came)}" for name, came in case["students"].items())
    if "reads" in case:
        return ", ".join(
            f"{cell} is {_code(text)}"
            + (f", {_code(case['unreadable'][cell])}" if cell in case.get("unreadable", {}) else "")
            for cell, text in case["reads"].items()
        )
    return f"written {_code(case['written'])}" if "written" in case else case["because"] or "taken as it is"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    """As code, whatever is in it; what isn't seen is written as an escape."""
    shown = _shown(text)
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _shown(text: str) -> str:
    short = text if len(text) <= _SHORTEST else text[:_SHORTEST] + "…"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in short)


if __name__ == "__main__":
    sys.stdout.write(page())
