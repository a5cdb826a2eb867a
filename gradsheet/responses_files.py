"""Room: gradsheet. A platform's export of responses, told by its heading."""

from __future__ import annotations

from pathlib import Path

from exercises.errors import InputError
from grader.submissions import Rejected
from grader.submissions.answers import shortened
from gradsheet.responses import Exported, read_table
from gradsheet.responses_canvas import is_canvas, read_canvas
from gradsheet.responses_moodle import is_moodle, read_moodle
from templates.export.item import ItemSet

SHOWN_COLUMNS = 6


def read_responses(path: Path, items: ItemSet) -> Exported:
    """The attempts in a file; InputError where it is no export of a platform we know, or of other questions."""
    try:
        table = read_table(str(path), path.read_bytes())
    except Rejected as trouble:
        raise trouble.at(str(path)) from None
    if is_canvas(table):
        return read_canvas(table, items)
    if is_moodle(table):
        return read_moodle(table, items)
    titles = ", ".join(shortened(title) for title in table.heading[:SHOWN_COLUMNS]) or "nothing"
    raise InputError(
        'expected Moodle\'s quiz report "Responses" (columns "Response 1" …) or Canvas\'s "Student Analysis" (columns '
        f'"n correct" …) as CSV, with the platform set to English; found the columns {titles}',
        where=str(path),
    )
