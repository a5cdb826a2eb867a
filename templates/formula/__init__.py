"""Room: templates. Five printers of one expression; each takes it in a notation, with or without numbers put in."""

from __future__ import annotations

from collections.abc import Callable

from exercises.notation import Notation
from templates.formula import latex, mathml, speech, typst, unicode
from templates.formula.common import Numbers, Printer, Table

__all__ = ["PRINTERS", "Numbers", "Printer", "Table"]

PRINTERS: dict[str, Callable[[Notation], Printer]] = {
    "latex": latex.printer,
    "typst": typst.printer,
    "mathml": mathml.printer,
    "speech": speech.printer,
    "unicode": unicode.printer,
}
