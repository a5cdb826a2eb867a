"""Room: gradsheet. The front door of a house of four rooms; exercises, templates and grader stand beside it.

Their names are common ones, so importing gradsheet first makes sure that no stranger of the same name stands before
them on the path (docs/decisions/0001-layout.md). This module is loaded for every command: keep it light.
"""

from __future__ import annotations

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


_require_our_rooms()
