"""docs/map.md: every module by its first docstring line, so that a newcomer finds the room and the shelf.

After a change: `pytest tests/test_map.py --update-goldens`.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "map.md"
ROOMS = {
    "exercises": "what is asked, and what is right",
    "templates": "how it looks",
    "grader": "what it is worth",
    "gradsheet": "the front door",
}


def summary(module: Path) -> str:
    """What the module says of itself: its docstring's first paragraph, without the room."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring is not None, module
    first = " ".join(docstring.split("\n\n")[0].split())
    room, dot, rest = first.partition(". ")
    assert room.startswith("Room: ") or module.name == "__init__.py", f"{module} doesn't say which room it is in"
    return (rest if dot and room.startswith("Room: ") else first).replace("|", "\\|")


def page() -> str:
    lines = ["# Every module, by what it says of itself", "", "Made by `pytest tests/test_map.py --update-goldens`."]
    for room, purpose in ROOMS.items():
        lines += ["", f"## `{room}/`: {purpose}", "", "| module | holds |", "|---|---|"]
        modules = sorted((ROOT / room).rglob("*.py"), key=lambda path: (len(path.parts), path))
        for module in modules:
            if module.name != "__init__.py":
                lines.append(f"| `{module.relative_to(ROOT / room)}` | {summary(module)} |")
    return "\n".join(lines) + "\n"


def test_the_map_shows_the_house_as_it_is(update_goldens: bool) -> None:
    if update_goldens:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    assert PAGE.read_text(encoding="utf-8") == page()
