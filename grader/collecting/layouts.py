"""Room: grader. The table of layouts, and which of them a download is in. A new platform is one module and one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exercises.errors import InputError, unknown
from grader.collecting import canvas, gradescope, moodle, plain
from grader.collecting.shape import Entry, Layout

LAYOUTS: Mapping[str, Layout] = {
    gradescope.NAME: gradescope,
    moodle.NAME: moodle,
    canvas.NAME: canvas,
    plain.NAME: plain,
}
"""The most telling first: one list of submissions says more than any file's name."""

AUTOMATIC = "auto"

ENOUGH = 0.5
"""Part of the files that must be named as a platform names them; teachers lay a file or two beside a download."""


def layout_of(entries: Sequence[Entry], wished: str = AUTOMATIC) -> Layout:
    """The layout that is wished, or the first in the table that more than half of the files are named by."""
    if wished != AUTOMATIC:
        if wished not in LAYOUTS:
            raise InputError(unknown("layout", wished, (AUTOMATIC, *LAYOUTS)), where="--layout")
        return LAYOUTS[wished]
    return next((each for each in LAYOUTS.values() if each.share(entries) > ENOUGH), LAYOUTS[plain.NAME])
