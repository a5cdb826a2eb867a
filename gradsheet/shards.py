"""Room: gradsheet. A class in shards, runs of the roster of one size: what is made of one depends on no other.

A worker gets a job, which is the same for all shards, and a shard: students with the seeds of their numbers. The course
secret is in neither.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from exercises.errors import InputError
from exercises.specification import Exercise, Specification, to_toml
from exercises.variants import Variant, draw_many
from gradsheet import __version__
from gradsheet.course_set import STUDENTS, TEACHER, numbers_line
from gradsheet.files import write_part
from gradsheet.heads import form_name, header_of
from gradsheet.journal import Entry, digest_of
from gradsheet.roster import Student
from templates.environment import Templates, templates_in
from templates.html import key_html, sheet_html
from templates.layout import Layout
from templates.render import forget_ahead, key_files, render_answer_form, sheet_files, work_ahead

if TYPE_CHECKING:
    from gradsheet.printing import Press

SHARD = 50
"""Students in a shard, whatever the class and the number of workers: as many as a print file holds."""

SPAN = 4
"""Shards whose numbers are drawn together: 200 students fill the arrays that NumPy is quick with."""

SHEETS, KEYS, PRINT = f"{TEACHER}/sheets", f"{TEACHER}/keys", f"{TEACHER}/print"


@dataclass(frozen=True)
class Job:
    """What is made for each student; the places of every exercise are settled. ``layout`` has its templates left out,
    which each worker finds in ``templates``."""

    specification: Specification
    attempt: int
    formats: tuple[str, ...]
    booklet: bool
    templates: Path | None
    layout: Layout
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Shard:
    """Students, and for each of them a seed for every exercise; ``number`` counts from 0."""

    number: int
    students: tuple[Student, ...]
    seeds: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True)
class Sheet:
    """One student's exercises with all their numbers, and what had to be loosened to find them."""

    student: Student
    exercises: tuple[Exercise, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a shard: its entry in the journal, and its files' contents in the same order."""

    entry: Entry
    contents: tuple[bytes, ...]


def folders(job: Job) -> tuple[str, ...]:
    """The folders that the files of a job's shards go into, outer ones first."""
    return (STUDENTS, TEACHER, SHEETS, KEYS, *((PRINT,) if job.booklet else ()))


def drawn(specification: Specification, shard: Shard) -> Iterator[Sheet]:
    """The sheets of a shard's students; the same seeds give the same sheets for ever."""
    by_exercise = [
        _drawn(specification, exercise, [own[place] for own in shard.seeds])
        for place, exercise in enumerate(specification.exercises)
    ]
    for student, variants in zip(shard.students, zip(*by_exercise, strict=True), strict=True):
        yield Sheet(student, tuple(variant.exercise for variant in variants), variants)


def _drawn(specification: Specification, exercise: Exercise, seeds: Sequence[bytes]) -> list[Variant]:
    try:
        return draw_many(exercise, seeds, thorough=True)
    except InputError as error:
        raise error.at(specification.where) from error


def worked_ahead(sheets: Sequence[Sheet]) -> None:
    """Have the solutions of all sheets at hand, those of one exercise worked out together."""
    forget_ahead()
    for variants in zip(*(sheet.exercises for sheet in sheets), strict=True):
        work_ahead(variants)


def made(job: Job, shard: Shard) -> Made:
    """All files of a shard's students."""
    (one,) = made_together(job, [shard])
    return one


def made_together(job: Job, shards: Sequence[Shard]) -> Iterator[Made]:
    """All files of some shards, one shard after the other; their numbers are drawn together, which is cheaper."""
    students = tuple(student for shard in shards for student in shard.students)
    seeds = tuple(own for shard in shards for own in shard.seeds)
    sheets = drawn(job.specification, Shard(0, students, seeds))
    return (_made(job, shard, tuple(islice(sheets, len(shard.students)))) for shard in shards)


def _made(job: Job, shard: Shard, sheets: Sequence[Sheet]) -> Made:
    templates = templates_in(job.templates)
    press = _press(job, templates)
    files: dict[str, bytes] = {}
    numbers, notes = [], []
    worked_ahead(sheets)
    for sheet in sheets:
        files |= {name: text.encode() for name, text in _texts(job, sheet, templates)}
        if press is not None:
            head = header_of(job.specification, sheet.student, job.attempt)
            files |= press.printed(sheet.student.id, head, sheet.exercises)
        numbers.append(numbers_line(sheet.student, sheet.exercises))
        notes.append([[str(note) for note in variant.notes] for variant in sheet.variants])
    if press is not None:
        files |= press.bound(shard.number, SHARD)
    contents = tuple(files.values())
    return Made(Entry(shard.number, tuple(files), digest_of(contents), "".join(numbers), notes), contents)


def _texts(job: Job, sheet: Sheet, templates: Templates) -> Iterator[tuple[str, str]]:
    """A student's files other than PDFs: paths in the set, and texts."""
    name, exercises = sheet.student.id, sheet.exercises
    header = header_of(job.specification, sheet.student, job.attempt)
    yield f"{STUDENTS}/{form_name(name)}", render_answer_form(exercises)
    yield f"{SHEETS}/{name}.toml", to_toml(replace(job.specification, exercises=exercises))
    if "md" in job.formats:
        for folder, texts in ((STUDENTS, sheet_files), (KEYS, key_files)):
            yield from ((f"{folder}/{file}", text) for file, text in texts(header, exercises, name, templates).items())
    if "html" in job.formats:
        yield f"{STUDENTS}/{name}.html", sheet_html(header, exercises, templates, job.layout)
        yield f"{KEYS}/{name}.html", key_html(header, exercises, templates, job.layout)


def student_files(job: Job, sheet: Sheet) -> Iterator[tuple[str, bytes]]:
    """What a student gets: paths in the set, and contents."""
    templates = templates_in(job.templates)
    press = _press(job, templates)
    files = {name: text.encode() for name, text in _texts(job, sheet, templates)}
    if press is not None:
        head = header_of(job.specification, sheet.student, job.attempt)
        files |= press.printed(sheet.student.id, head, sheet.exercises)
    return ((name, content) for name, content in files.items() if name.startswith(f"{STUDENTS}/"))


def _press(job: Job, templates: Templates) -> Press | None:
    if "pdf" not in job.formats and not job.booklet:
        return None
    from gradsheet.printing import Press  # Typst is a large library, and Markdown needs none of it

    return Press(replace(job.layout, templates=templates), single="pdf" in job.formats, booklet=job.booklet)


def write(made: Made, built: Path, parts: Path) -> Entry:
    """Put a shard's files into the set that is being built."""
    for name, content in zip(made.entry.files, made.contents, strict=True):
        write_part(built / name, content, parts)
    return made.entry


def is_there(entry: Entry, built: Path) -> bool:
    """Whether the files of a finished shard are all there as they were written."""
    try:
        return digest_of([(built / name).read_bytes() for name in entry.files]) == entry.digest
    except OSError:
        return False


# What workers run: a job travels packed, and is unpacked once by each of them.


@lru_cache(maxsize=2)
def unpacked(job: bytes) -> Job:
    found = pickle.loads(job)
    assert isinstance(found, Job)
    if found.version != __version__:
        raise InputError(
            f"a worker has gradsheet {__version__}, and {found.version} is asked for; install the same everywhere"
        )
    return found


def packed(job: Job) -> bytes:
    return pickle.dumps(job)


Span = tuple[Shard, ...]
"""Shards that a worker is handed at a time."""


def spans(shards: Iterable[Shard], size: int) -> Iterator[Span]:
    """The shards in groups of ``size``."""
    source = iter(shards)
    while span := tuple(islice(source, size)):
        yield span


def span_for(job: Job, students: int, workers: int) -> int:
    """How many shards a worker is handed at a time: few enough that none stands idle at the end for long."""
    if job.booklet or set(job.formats) != {"md"}:
        return 1  # setting a page takes so much longer than drawing its numbers that only equal shares count
    return max(1, min(SPAN, students // (SHARD * workers * 4)))


def made_there(job: bytes, span: Span) -> list[Made]:
    """Some shards' files, for a worker that shares no folder with whoever asks."""
    return list(made_together(unpacked(job), span))


def written_there(job: bytes, built: Path, parts: Path, span: Span) -> list[Entry]:
    """Some shards made, and their files written, by a worker on the same machine."""
    return list(written_here(unpacked(job), built, parts, span))


def written_here(job: Job, built: Path, parts: Path, span: Span) -> Iterator[Entry]:
    """Some shards made, and their files written, one after the other in this process."""
    return (write(one, built, parts) for one in made_together(job, span))
