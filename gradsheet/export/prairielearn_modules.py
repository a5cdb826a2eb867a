"""Room: gradsheet. The marker that travels with a PrairieLearn question: our own modules, as they are, in one zip.

A question marks with the very code that `check` marks with, so the two can't come apart. What a module imports is read
off its text; nothing is listed by hand. Of the catalogue of mistakes only the slips of the pen travel: its wrong lines
stand in the question's data.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOMS = ("exercises", "grader", "gradsheet")
MARKER = "gradsheet.export.prairielearn_marking"

INSTEAD = {
    "gradsheet": '"""Room: gradsheet. The part of gradsheet that marks; the whole is a package of its own."""\n',
    "exercises.misconceptions": (
        '"""Room: exercises. The wrong lines of known mistakes stand in the data of the question."""\n\n\n'
        "def mistakes(program: object) -> tuple[()]:\n    return ()\n"
    ),
}
"""Packages whose own text would bring everything along, and what stands in its place."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def marker_zip() -> bytes:
    """The zip that Python imports from; the same bytes on every machine and day."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(_texts().items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def foreign() -> set[str]:
    """What the marker imports that is neither ours nor Python's."""
    names = {name.partition(".")[0] for text in _texts().values() for name in _imported(text)}
    return names - set(ROOMS) - sys.stdlib_module_names


def _texts() -> dict[str, str]:
    """Every file of the marker by its name in the zip."""
    found: dict[str, str] = {}
    waiting = [MARKER]
    while waiting:
        module = waiting.pop()
        file = _file(module)
        if file is None:
            continue  # a name within a module
        name = "/".join([*module.split("."), "__init__.py"]) if file.name == "__init__.py" else _path(module)
        if name in found:
            continue
        found[name] = INSTEAD.get(module) or file.read_text(encoding="utf-8")
        waiting += [each for each in _imported(found[name]) if each.partition(".")[0] in ROOMS]
        waiting += [module.rpartition(".")[0]] if "." in module else []
    return found


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _file(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _imported(text: str) -> Iterator[str]:
    """The modules that a module needs when it is run, and perhaps names within them."""
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)
