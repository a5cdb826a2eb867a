"""Room: gradsheet. The front door of a house of four rooms; exercises, templates and grader stand beside it.

Their names are common ones, so importing gradsheet first makes sure that no stranger of the same name stands before
them on the path (docs/decisions/0001-layout.md). This module is loaded for every command: keep it light.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, without its import
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from gradsheet.notebook import Sheet

__all__ = ["sheet"]
__version__ = "0.1.0"

ROOMS = ("exercises", "templates", "grader")


def _require_our_rooms() -> None:
    """Raise ImportError, saying where, if a room is missing or another package hides it; imports none of them."""
    import os
    from importlib.util import find_spec

    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for room in ROOMS:
        spec = find_spec(room)
        origin = spec.origin if spec is not None else None
        if origin is None:
            raise ImportError(f'gradsheet\'s own package "{room}" is missing from {home}; install gradsheet again')
        found = os.path.dirname(os.path.abspath(origin))
        if os.path.realpath(os.path.dirname(found)) != os.path.realpath(home):
            raise ImportError(
                f'gradsheet needs its own package "{room}" in {home}, but {found} hides it; '
                "install gradsheet in an environment of its own (pipx install gradsheet), or take that one off the path"
            )


def sheet(source: str | os.PathLike[str] | Mapping[str, Any], *, variant: int = 1) -> Sheet:
    """A sheet to work on in a notebook: of a published example's name, a file, TOML text, or the same as a mapping.

    Where numbers are left open, ``variant`` 1, 2, … have practice numbers, each the same for everybody.
    """
    from gradsheet import notebook  # NumPy and all the rooms behind it

    return notebook.sheet(source, variant=variant)


_require_our_rooms()
