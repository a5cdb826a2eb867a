"""Room: gradsheet. The platforms there are: how each is written, what it can't express, how it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from templates.export import canvas, moodle, qti21, qti21_reading, reading
from templates.export.item import ItemSet


@dataclass(frozen=True, slots=True)
class Flavour:
    """One platform.

    ``ending`` follows the set's name in that of the file; ``notes`` say what is expressed another way, or not at all;
    ``found`` are the answers in a file, ``wanted`` those that it has to hold.
    """

    ending: str
    place: str
    notes: Sequence[str]
    write: Callable[[ItemSet], bytes]
    found: Callable[[bytes], Sequence[reading.Read]]
    wanted: Callable[[ItemSet], Sequence[reading.Read]]


FLAVOURS = {
    "moodle": Flavour(
        "-moodle.xml",
        "Question bank, Import, Moodle XML format",
        moodle.NOTES,
        moodle.moodle_xml,
        reading.read_moodle,
        reading.in_moodle,
    ),
    "canvas": Flavour(
        "-canvas.zip",
        "Settings, Import Course Content, QTI .zip file",
        canvas.NOTES,
        canvas.canvas_package,
        reading.read_canvas,
        reading.in_canvas,
    ),
    "qti21": Flavour(
        "-qti21.zip",
        "as a QTI 2.1 test, or into a question bank (OpenOLAT: Authoring, Import; Question bank, Import)",
        qti21.NOTES,
        qti21.qti21_package,
        qti21_reading.read_qti21,
        qti21_reading.in_qti21,
    ),
}


def exported(items: ItemSet, flavour: Flavour) -> tuple[bytes, int]:
    """The file's bytes, and how many answers were read back from them; AssertionError where one was lost."""
    data = flavour.write(items)
    wanted, found = flavour.wanted(items), flavour.found(data)
    if missing := reading.lost(wanted, found):
        raise AssertionError(f"the file doesn't say what it should: {missing}")
    return data, len(found)
