"""Room: gradsheet. Sheets and keys on paper: what a specification says of its pages, and print files for a class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exercises.errors import InputError
from exercises.specification import Exercise, Specification
from gradsheet.files import write_atomically
from templates.environment import Templates
from templates.pdf import Layout, Script, check_layout, key_pdf, sheet_pdf, solution_pdf
from templates.render import Header

TOGETHER, CELLS_TOGETHER = 50, 2000
"""Sheets in one print file, and cells that they ask for: a class is one file, and a course of thousands, or one of
large networks, is printed in memory of one size (about 430 MB)."""

LARGEST_LOGO = 1_000_000
"""Bytes; every sheet carries it."""


def layout_of(specification: Specification, templates: Templates | None = None, fonts: Path | None = None) -> Layout:
    """How the set's pages look; InputError where its logo can't be read or isn't SVG, or ``fonts`` is no folder."""
    if fonts is not None and not fonts.is_dir():
        raise InputError("expected a folder of fonts, found none; check the path", where=f"--fonts {fonts}")
    logo = _logo(Path(specification.where).parent / specification.logo) if specification.logo else ""
    layout = Layout(specification.paper, specification.space, logo, fonts, templates)
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


def as_pdf(
    specification: Specification,
    exercises: Sequence[Exercise],
    *,
    detail: str | None = None,
    notation: str | None = None,
    templates: Templates | None = None,
) -> bytes:
    """The worked solutions as one PDF, on the paper that the specification wishes."""
    title = specification.title or specification.name
    layout = Layout(specification.paper, templates=templates)
    return solution_pdf(title, exercises, layout, detail=detail, notation=notation)


class Press:
    """Prints a set as sheets come: each as PDFs of its own, or as print files of a class, or both.

    The print files are ``DIR/teacher/print/sheets-1.pdf``, ``sheets-2.pdf``, …, for up to ``TOGETHER`` students.
    """

    def __init__(self, layout: Layout, *, single: bool, booklet: bool) -> None:
        self.layout, self.single, self.booklet = layout, single, booklet
        self._waiting: list[Script] = []
        self._files = 0

    def print(self, name: str, header: Header, exercises: Sequence[Exercise], students: Path, teacher: Path) -> None:
        script = Script(header, exercises)
        if self.single:
            write_atomically(students / f"{name}.pdf", sheet_pdf([script], self.layout))
            write_atomically(teacher / "keys" / f"{name}.pdf", key_pdf([script], self.layout))
        if self.booklet:
            self._waiting.append(script)
            asked = sum(len(one.asked) for waiting in self._waiting for one in waiting.exercises)
            if len(self._waiting) == TOGETHER or asked >= CELLS_TOGETHER:
                self.finish(teacher)

    def finish(self, teacher: Path) -> None:
        """Write the print file of what is still waiting."""
        if not self._waiting:
            return
        folder = teacher / "print"
        folder.mkdir(exist_ok=True)
        self._files += 1
        write_atomically(folder / f"sheets-{self._files}.pdf", sheet_pdf(self._waiting, self.layout))
        self._waiting = []
