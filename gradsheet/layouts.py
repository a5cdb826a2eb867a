"""Room: gradsheet. What a specification says of its pages: paper, room to write, the logo; and a teacher's fonts."""

from __future__ import annotations

from pathlib import Path

from exercises.errors import InputError
from exercises.specification import Specification
from templates.layout import Layout

LARGEST_LOGO = 1_000_000
"""Bytes; every sheet carries it."""


def layout_of(specification: Specification, fonts: Path | None = None) -> Layout:
    """How the set's pages look; InputError where its logo can't be read or isn't SVG, or ``fonts`` is no folder."""
    if fonts is not None and not fonts.is_dir():
        raise InputError("expected a folder of fonts, found none; check the path", where=f"--fonts {fonts}")
    logo = _logo(Path(specification.where).parent / specification.logo) if specification.logo else ""
    layout = Layout(specification.paper, specification.space, logo, fonts)
    if logo:
        from templates.pdf import check_layout  # Typst is a large library, and only it can tell

        check_layout(layout, specification.logo)
    return layout


def _logo(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_LOGO:
            raise InputError(f"expected an SVG file of at most {LARGEST_LOGO} bytes; simplify it", where=f"logo {path}")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("expected an SVG file, found no text; export the logo as SVG", where=f"logo {path}") from error
    except OSError as error:
        raise InputError(f"can't be read ({error.strerror}); check the path", where=f"logo {path}") from error
