"""Room: gradsheet. What the examiner found about one cell, for places that show a line a cell."""

from __future__ import annotations

from exercises.notation import Notation
from grader.scripts import ScriptResult
from gradsheet.examination import called_in, filled

MOST_RIVALS = 3


def sentences_about(script: ScriptResult, cell: str, notation: Notation) -> str:
    """The explanations that account for a cell, named as that cell names things; rivals behind "Or else"."""
    call = called_in(notation)
    told = [
        filled(one.sentence, {place: call(name, cell) for place, name in one.places.items()}, notation.text)
        for one in script.explanations
        if cell in one.cells
    ]
    return " Or else: ".join(dict.fromkeys(told[:MOST_RIVALS]))
