"""Room: gradsheet. What a teacher wants made: for whom, from which secret, in which formats; and what is refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from exercises.errors import InputError
from exercises.ground import places_chosen
from exercises.specification import Exercise, Specification
from exercises.stream import seed
from exercises.variants import draw, practice_seed
from gradsheet import __version__
from gradsheet.course_set import MARKER, RESULTS, Record, read_record, read_set
from gradsheet.graded import FILE
from gradsheet.layouts import layout_of
from gradsheet.roster import Student
from gradsheet.secret import fingerprint
from gradsheet.shards import SHARD, Job, Shard, Sheet, drawn
from templates.layout import Layout

ROOMS = ("exercises", "templates", "gradsheet")


@dataclass(frozen=True)
class Order:
    """What is to be made: the set, for whom, and from which secret."""

    specification: Specification
    text: str
    students: Sequence[Student]
    secret: bytes
    attempt: int = 1
    formats: tuple[str, ...] = ("md",)
    booklet: bool = False
    templates: Path | None = None
    fonts: Path | None = None


@lru_cache(maxsize=4)
def settled_places(specification: Specification) -> Specification:
    """The same set with the places of every exercise fixed, which don't depend on the roster: a late student's sheet
    has the same digits as everybody's."""
    try:
        return replace(specification, exercises=tuple(map(_settled, specification.exercises)))
    except InputError as error:
        raise error.at(specification.where) from error


def _settled(exercise: Exercise) -> Exercise:
    return replace(exercise, precision=draw(exercise, practice_seed("", exercise.number)).precision)


def advised_places(exercise: Exercise) -> tuple[int, int] | None:
    """The decimals that a teacher asks for, and those that would be chosen, where these are more."""
    asked = exercise.precision
    if asked is None or asked.default.significant:
        return None
    chosen = places_chosen(exercise)
    return (asked.default.digits, chosen) if chosen > asked.default.digits else None


def job_of(order: Order) -> Job:
    """What is made for each student; InputError where the set's logo or fonts can't be had."""
    specification = settled_places(order.specification)
    paged = order.booklet or not {"html", "pdf"}.isdisjoint(order.formats)
    layout = layout_of(specification, order.fonts) if paged else Layout()
    return Job(specification, order.attempt, order.formats, order.booklet, order.templates, layout)


def shards_of(order: Order) -> Iterator[Shard]:
    """The class in the roster's order, with the seeds of everybody's numbers."""
    for number, start in enumerate(range(0, len(order.students), SHARD)):
        students = tuple(order.students[start : start + SHARD])
        yield Shard(number, students, tuple(seeds_of(order, student) for student in students))


def seeds_of(order: Order, student: Student) -> tuple[bytes, ...]:
    """A student's seeds, one for each exercise."""
    set_name = order.specification.name
    return tuple(
        seed(order.secret, set_name=set_name, exercise=one.number, student=student.id, attempt=order.attempt)
        for one in order.specification.exercises
    )


def sheets(order: Order) -> Iterator[Sheet]:
    """Every student's sheet in the roster's order; the same secret gives the same sheets for ever."""
    for shard in shards_of(order):
        yield from drawn(order.specification, shard)


def refuse_other_set(order: Order, folder: Path) -> None:
    """InputError where the folder holds a set that this order wouldn't make again: another one, another attempt, one
    drawn from another secret, or a graded one with other exercises or without some of its students."""
    if not (folder / MARKER).is_file():
        return
    found = read_record(folder)
    if (found.name, found.attempt) != (order.specification.name, order.attempt):
        what = f'the set "{found.name}", attempt {found.attempt}, is here'
    elif found.drawn_from != fingerprint(order.secret):
        what = "this set is here already, drawn from another course secret"
    elif not (what := _lost_to_results(order, folder, found)):
        return
    raise InputError(
        f"{what}, and its sheets may be in use; name another folder with --out, or move it away", where=str(folder)
    )


def _lost_to_results(order: Order, folder: Path, found: Record) -> str:
    """What the results of a graded set would no longer fit; empty where nothing is lost.

    Before a set has been graded it may be made again with any roster: a student's sheet is the same at any time.
    """
    if not (folder / RESULTS / FILE).is_file():
        return ""
    if tomllib.loads(found.specification).get("exercise") != tomllib.loads(order.text).get("exercise"):
        return "this set has been graded with other exercises (gradsheet regrade --corrected mends a graded set)"
    staying = {student.id for student in order.students}
    gone = [student.id for student in read_set(folder).students if student.id not in staying]
    if not gone:
        return ""
    are = "is" if len(gone) == 1 else "are"
    return f"this set has been graded, and {len(gone)} of its students ({gone[0]} first) {are} not on this roster"


def key_of(order: Order, job: Job) -> str:
    """What tells an order from any other that could give other files, so that a run goes on only with its own work.

    It covers the text, the roster, the secret, all that is wished, a teacher's templates and fonts, and the program.
    """
    said = sha256()
    layout = (job.layout.paper, job.layout.space, job.layout.logo)
    wishes = [order.text, order.specification.name, order.specification.where, fingerprint(order.secret)]
    parts = [__version__, np.__version__, SHARD, *wishes, order.attempt, order.formats, order.booklet, layout]
    said.update(json.dumps(parts).encode())
    for student in order.students:
        said.update(json.dumps([student.id, student.name]).encode())
    here = Path(__file__).resolve().parent.parent
    for folder in (order.templates, order.fonts, *(here / room for room in ROOMS)):
        said.update(json.dumps([] if folder is None else _stamps(folder)).encode())
    return said.hexdigest()


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    """The files of a folder by name, size and time of change."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return [(path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
