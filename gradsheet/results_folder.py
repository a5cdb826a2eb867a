"""Room: gradsheet. What `grade` writes: DIR/results with gradebook, results, what was set aside, and feedback.

gradebook.csv     a row a student
gradebook.xlsx    the same, for those who open it in a spreadsheet
results.json      each student's result as ``check --json`` gives it, a student a line; the ledger; the rules
quarantine.csv    hand-ins of nobody on the roster for sure: owner, files, why; the files stay where they are
feedback/ID.md    what a student reads; without it, ``gradsheet feedback DIR ID`` makes it
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from grader.collecting import Quarantined
from grader.gradebook import Ledger, LostHandIn, Tally, gradebook_heading, harmless
from grader.gradebook_workbook import Workbook
from gradsheet.class_marking import Sitting
from gradsheet.class_parts import Made, Recipe, parts_made
from gradsheet.class_rows import asked, full_marks
from gradsheet.class_summary import SMALL_CLASS, Graded
from gradsheet.course_set import MARKER as SET_MARKER
from gradsheet.course_set import RESULTS
from gradsheet.feedback import Reveal
from gradsheet.marking_record import rules_json
from gradsheet.renewal import Renewal, locked, renewed

MARKER, WORKBOOK = "gradebook.csv", "gradebook.xlsx"
RECORD = "results.json"
QUARANTINE = "quarantine.csv"
FEEDBACK = "feedback"

REPORTS = ("report.html", "report.csv", "gradebook-*.csv")
"""What ``gradsheet report`` writes here: of an earlier grading, so it would tell old scores."""

BUSY = "this class is being graded at the moment; wait for the other run to end"

LARGE_CLASS = 1_000
"""Students up to whom feedback is made unless it is wished otherwise; that of more takes minutes, and much room."""


class Output(Protocol):
    """What results are written to as they come."""

    def write(self, data: bytes) -> object: ...


@dataclass(frozen=True, slots=True)
class Head:
    """What the files say besides the students: the set's name, rules, full marks, asked cells, who is set aside."""

    name: str
    rules: dict[str, Any]
    heading: str
    quarantined: tuple[Quarantined, ...]
    roster: int
    handed_in: int | None = None
    """Students of the roster of whom there is a hand-in, known before any was read; None where nobody counted."""

    def ledger(self, tally: Tally) -> Ledger:
        """Reconciled with the roster, and with how many have handed in; LostHandIn where it doesn't add up."""
        strays = sorted(each.owner for each in self.quarantined)
        ledger = tally.ledger(self.roster, strays, len(self.quarantined))
        if self.handed_in is not None and ledger.graded + ledger.rejected != self.handed_in:
            raise LostHandIn(f"{self.handed_in} students have handed in, but: {ledger.account}")
        return ledger


def head_of(desk: Sitting) -> Head:
    """What is known before the first hand-in is read."""
    return Head(
        desk.course.specification.name,
        rules_json(desk.rules),
        gradebook_heading(full_marks(desk), asked(desk)),
        desk.hand_ins.quarantined,
        len(desk.course.students),
        len(desk.hand_ins.sources) + len(desk.hand_ins.contested),
    )


def grade_to_folder(
    desk: Sitting,
    formats: Collection[str] = ("md",),
    reveal: Reveal = Reveal.SOLUTION,
    *,
    jobs: int = 1,
    progress: Callable[[int], object] = lambda _: None,
    seen: Callable[[bytes], object] = lambda _: None,
    settled: Callable[[], bool] = lambda: True,
    afresh: bool = False,
) -> Graded:
    """Mark a class and write DIR/results: all of it or nothing, and nothing where it is there already.

    ``seen`` gets the students' results as they come; ``settled`` is asked at the end, before anything takes the place
    of what is there, whether it shall. ``afresh``: feedback that isn't made now doesn't stay.

    Memory doesn't grow with the class but for what is known of each hand-in before it is read. InputError while another
    run grades the same set.
    """
    recipe = Recipe(tuple(formats), reveal, len(desk.course.students) <= SMALL_CLASS)
    folder = desk.course.folder / RESULTS
    with locked(desk.course.folder / SET_MARKER, BUSY), renewed(folder, MARKER) as renewal:
        written = _write(renewal, head_of(desk), _counted(parts_made(desk, recipe, jobs), progress, seen))
        # Without feedback here, what was made on demand stays for as long as it is true.
        anew = formats or afresh
        changed = settled() and renewal.finish(*(((FEEDBACK,), REPORTS) if anew else ((), (*REPORTS, FEEDBACK))))
    return _graded(written, desk, folder, changed=changed, feedback=bool(formats))


def grade_only(
    desk: Sitting,
    output: Output | None = None,
    *,
    jobs: int = 1,
    progress: Callable[[int], object] = lambda _: None,
    seen: Callable[[bytes], object] = lambda _: None,
) -> Graded:
    """Mark a class and write nothing but, where wished, its results to ``output``."""
    recipe = Recipe((), everybody=len(desk.course.students) <= SMALL_CLASS)
    made = _counted(parts_made(desk, recipe, jobs), progress, seen)
    written = _write_record(output or _Nowhere(), head_of(desk), made)
    return _graded(written, desk, None, changed=False, feedback=False)


class _Nowhere:
    def write(self, data: bytes) -> object:
        return None


def _counted(
    parts: Iterable[Made], progress: Callable[[int], object], seen: Callable[[bytes], object]
) -> Iterable[Made]:
    for part in parts:
        for block in part.records:
            seen(block)
        yield part
        progress(part.students)


@dataclass(slots=True)
class _Written:
    ledger: Ledger
    shown: list[Any]
    late: int


def _graded(written: _Written, desk: Sitting, folder: Path | None, *, changed: bool, feedback: bool) -> Graded:
    hand_ins = desk.hand_ins
    return Graded(
        written.ledger,
        written.shown,
        folder,
        changed,
        feedback,
        hand_ins.layout,
        written.late,
        hand_ins.quarantined,
    )


def _write(renewal: Renewal, head: Head, parts: Iterable[Made]) -> _Written:
    """All files of the folder, part by part."""
    gradebook, record = renewal.open(MARKER), renewal.open(RECORD)
    gradebook.write(head.heading.encode())
    workbook = Workbook(head.heading)

    def along() -> Iterable[Made]:
        for part in parts:
            gradebook.write(part.gradebook.encode())
            workbook.add(part.gradebook)
            for name, data in part.feedback:
                renewal.put(f"{FEEDBACK}/{name}", data)
            yield part

    written = _write_record(record, head, along())
    renewal.put(WORKBOOK, workbook.finished())
    if head.quarantined:
        renewal.put(QUARANTINE, quarantine_csv(head.quarantined).encode())
    return written


def _write_record(record: Output, head: Head, parts: Iterable[Made]) -> _Written:
    """``results.json``: JSON as a whole, and a student a line."""
    name, rules = msgspec.json.encode(head.name), msgspec.json.encode(head.rules)
    record.write(b'{"set":%b,\n"rules":%b,\n"students":[' % (name, rules))
    written = _Written(Ledger(0, 0, 0, 0, ()), [], 0)
    tally, between = Tally(), b"\n"
    for part in parts:
        for block in part.records:
            record.write(between)
            record.write(block)
            between = b",\n"
        tally.rows += part.tally.rows
        tally.by_status.update(part.tally.by_status)
        written.shown += part.shown
        written.late += part.late
    written.ledger = head.ledger(tally)
    ledger, aside = ledger_json(written.ledger), quarantined_json(head.quarantined)
    record.write(b'\n],\n"ledger":%b,\n"quarantined":%b}\n' % (msgspec.json.encode(ledger), msgspec.json.encode(aside)))
    return written


def ledger_json(ledger: Ledger) -> dict[str, Any]:
    """The ledger for programs."""
    return {
        "roster": ledger.roster,
        "graded": ledger.graded,
        "missing": ledger.missing,
        "rejected": ledger.rejected,
        "quarantined": ledger.quarantined,
        "strays": list(ledger.strays),
    }


def quarantined_json(quarantined: Sequence[Quarantined]) -> list[dict[str, Any]]:
    """Who was set aside, for programs."""
    return [
        {"owner": each.owner, "files": each.files, "code": each.code, "reason": each.reason} for each in quarantined
    ]


def quarantine_csv(quarantined: Sequence[Quarantined]) -> str:
    """Who was set aside: a row a hand-in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["owner", "files", "code", "reason"])
    for each in quarantined:
        writer.writerow([harmless(each.owner), harmless("; ".join(each.files)), each.code, each.reason])
    return text.getvalue()
