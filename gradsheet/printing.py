"""Room: gradsheet. Sheets and keys on paper, and print files for a class."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.specification import Exercise, Specification
from gradsheet.course_set import STUDENTS, TEACHER
from templates.environment import Templates
from templates.layout import Layout
from templates.pdf import Script, key_pdf, sheet_pdf, solution_pdf
from templates.render import Header

TOGETHER, CELLS_TOGETHER = 50, 2000
"""Sheets in one print file, and cells that they ask for: a class is one file, and a course of thousands, or one of
large networks, is printed in memory of one size (about 430 MB)."""


def as_pdf(
    specification: Specification,
    exercises: Sequence[Exercise],
    *,
    detail: str | None = None,
    templates: Templates | None = None,
) -> bytes:
    """The worked solutions as one PDF, on the paper that the specification wishes."""
    title = specification.title or specification.name
    layout = Layout(specification.paper, templates=templates)
    return solution_pdf(title, exercises, layout, detail=detail)


class Press:
    """Prints the sheets of a shard as they come: each as PDFs of its own, or as print files of a class, or both.

    The print files are ``DIR/teacher/print/sheets-1.pdf``, ``sheets-2.pdf``, …, for up to ``TOGETHER`` students.
    """

    def __init__(self, layout: Layout, *, single: bool, booklet: bool) -> None:
        self.layout, self.single, self.booklet = layout, single, booklet
        self._waiting: list[Script] = []

    def printed(self, name: str, header: Header, exercises: Sequence[Exercise]) -> dict[str, bytes]:
        """A student's own PDFs, by their paths in the set."""
        script = Script(header, exercises)
        if self.booklet:
            self._waiting.append(script)
        if not self.single:
            return {}
        return {
            f"{STUDENTS}/{name}.pdf": sheet_pdf([script], self.layout),
            f"{TEACHER}/keys/{name}.pdf": key_pdf([script], self.layout),
        }

    def bound(self, shard: int, size: int) -> dict[str, bytes]:
        """The print files of all sheets so far, by their paths in the set.

        They are those of shard number ``shard``; the shards before it, of ``size`` students each, had as many as their
        students need, since all of a class are asked the same.
        """
        if not self._waiting:
            return {}
        asked = sum(len(one.asked) for one in self._waiting[0].exercises)
        together = min(TOGETHER, -(-CELLS_TOGETHER // max(asked, 1)))
        first = shard * -(-size // together) + 1
        starts = range(0, len(self._waiting), together)
        return {
            f"{TEACHER}/print/sheets-{number}.pdf": sheet_pdf(self._waiting[start : start + together], self.layout)
            for number, start in enumerate(starts, start=first)
        }
