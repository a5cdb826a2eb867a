"""Room: gradsheet. A class's sheets made: in shards, by one worker or many, the folder put in place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from exercises.errors import InputError
from exercises.ground import indistinct
from gradsheet.course_set import MARKER, NUMBERS, RECORD, TEACHER, record_of, record_text
from gradsheet.executors import Executor, cluster, finished, processes
from gradsheet.files import private_folder, replaced_file, write_part
from gradsheet.heads import header_of, sheet_name
from gradsheet.journal import Entry, Journal
from gradsheet.leaks import require_none
from gradsheet.orders import Order, advised_places, job_of, key_of, refuse_other_set, settled_places, shards_of, sheets
from gradsheet.secret import fingerprint
from gradsheet.shards import (
    SHARD,
    Job,
    Shard,
    folders,
    is_there,
    made_there,
    packed,
    span_for,
    spans,
    write,
    written_here,
    written_there,
)
from gradsheet.staging import Shelter, sheltered
from templates.environment import templates_in
from templates.render import render_notes

__all__ = [
    "Order",
    "Workers",
    "generate",
    "header_of",
    "refuse_other_set",
    "settled_places",
    "sheet_name",
    "sheets",
]

Watch = Callable[[str, int], None]
"""Called with what is being done, and the number of students for whom it has just been done."""


def unseen(doing: str, count: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who makes the sheets: so many processes of this machine, or the workers of a Dask scheduler at ``address``."""

    jobs: int = 1
    address: str = ""


ALONE = Workers()
MAKING, CHECKING = "Sheets", "Checking"


def generate(order: Order, folder: Path, *, workers: Workers = ALONE, watch: Watch = unseen) -> None:
    """Write the whole set into ``folder``: all of it, or nothing; the same bytes whoever the workers are.

    A run that was killed goes on where it was, if it is asked for the same again. InputError where no numbers can be
    found, where another run is at work, and where something else lies in the folder: files that aren't ours, or another
    set, whose sheets may be in students' hands. LeakFound where students would see what they must not.
    """
    refuse_other_set(order, folder)
    _refuse_far_folders(order, workers)
    templates_in(order.templates)
    job = job_of(order)
    with sheltered(folder, marker=MARKER) as shelter:
        refuse_other_set(order, folder)  # again, now that a set which was only half in place is whole
        with closing(Journal(shelter.path, key_of(order, job))) as journal, processes(workers.jobs) as executor:
            before = _finished_before(journal, shelter, job)
            watch(MAKING, sum(before.values()))
            rest = (shard for shard in shards_of(order) if shard.number not in before)
            for entry in _entries(workers, executor, job, shelter, rest, len(order.students)):
                journal.note(entry)
                shelter.keep = len(order.students) > SHARD  # what takes a second is no work to go on with
                watch(MAKING, len(entry.notes))
            _write_teachers(order, job, journal, shelter)
            require_none(
                order, job, journal.entries(), shelter.built, (executor, workers.jobs), partial(watch, CHECKING)
            )


def _refuse_far_folders(order: Order, workers: Workers) -> None:
    named = {"--templates": order.templates, "--fonts": order.fonts}
    for option, folder in named.items():
        if workers.address and folder is not None:
            raise InputError(
                "the machines of a cluster don't see this folder; leave it out, or leave --cluster out",
                where=f"{option} {folder}",
            )


def _entries(
    workers: Workers, executor: Executor, job: Job, shelter: Shelter, shards: Iterable[Shard], students: int
) -> Iterator[Entry]:
    """The shards' entries as they are finished, their files written; ``students`` are all of the class."""
    if workers.address:
        with cluster(workers.address) as (far, count):
            tasks = spans(shards, span_for(job, students, count))
            for some in finished(far, count, partial(made_there, packed(job)), tasks):
                yield from (write(made, shelter.built, shelter.parts) for made in some)
        return
    tasks = spans(shards, span_for(job, students, workers.jobs))
    if workers.jobs > 1:
        call = partial(written_there, packed(job), shelter.built, shelter.parts)
        yield from chain.from_iterable(finished(executor, workers.jobs, call, tasks))
    else:
        here = partial(written_here, job, shelter.built, shelter.parts)
        yield from chain.from_iterable(finished(executor, 1, here, tasks))


def _finished_before(journal: Journal, shelter: Shelter, job: Job) -> dict[int, int]:
    """The shards that an earlier run has finished, and how many students each has; nothing else is left of it."""
    found = [(entry.number, len(entry.notes), is_there(entry, shelter.built)) for entry in journal.entries()]
    for number, _, there in found:
        if not there:
            journal.forget(number)
    before = {number: count for number, count, there in found if there}
    if not before:
        shelter.emptied()
    for folder in folders(job):
        place = shelter.built / folder
        (private_folder if folder == TEACHER else partial(Path.mkdir, exist_ok=True))(place)
    return before


def _write_teachers(order: Order, job: Job, journal: Journal, shelter: Shelter) -> None:
    """What stands in the teacher's folder once for the class: the record, everybody's numbers, and notes."""
    teacher = shelter.built / TEACHER
    notes: list[tuple[str, list[list[str]]]] = []
    students = iter(order.students)
    with replaced_file(teacher / NUMBERS, shelter.parts) as numbers:
        for entry in journal.entries():
            numbers.write(entry.numbers.encode())
            notes += [(next(students).id, own) for own in entry.notes]
    told = list(map(indistinct, job.specification.exercises))
    poor = {place for _, own in notes for place, said in enumerate(own) if said}
    asked = enumerate(order.specification.exercises)
    advice = [advised_places(exercise) if place in poor else None for place, exercise in asked]
    text = render_notes(job.specification, notes, templates_in(order.templates), told, advice)
    write_part(teacher / "notes.md", text.encode(), shelter.parts)
    write_part(teacher / RECORD, _record(order, job).encode(), shelter.parts)


def _record(order: Order, job: Job) -> str:
    precisions = [exercise.precision for exercise in job.specification.exercises if exercise.precision]
    drawn_from = fingerprint(order.secret)
    return record_text(
        record_of(job.specification, order.text, precisions, order.attempt, drawn_from, len(order.students))
    )
