"""Room: gradsheet. The files of a set held against what should stand in them: numbers, then texts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import numpy as np

from exercises.errors import InputError
from exercises.specification import Exercise, parse_specification, to_toml
from grader.submissions import Rejected, read_submission
from gradsheet.course_set import STUDENTS, TEACHER, CourseSet
from gradsheet.heads import form_name, header_of
from gradsheet.roster import Student
from templates.environment import Templates
from templates.html import key_html, sheet_html
from templates.layout import Layout
from templates.render import cell_of, key_files, render_answer_form, sheet_files

MOST_OF_ONE_FILE = 5
"""Numbers of one file that are told one by one."""

LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree: where (a file, a place in it), what stands there, and what should.

    ``students`` counts those concerned. A ``remark`` is nothing wrong with the numbers: a text laid out otherwise, a
    file of nobody on the record.
    """

    kind: str
    where: str
    place: str
    found: str
    expected: str = ""
    students: int = 1
    remark: bool = False

    def __str__(self) -> str:
        place = f"{self.where}, {self.place}" if self.place else self.where
        wanted = f", expected {self.expected}" if self.expected else ""
        many = f" (and {self.students - 1} more students)" if self.students > 1 else ""
        return f"{place}: {self.found}{wanted}{many}"


@dataclass(frozen=True, slots=True)
class StudentPaper:
    """One student's exercise: all numbers filled in, and the answers as a key has to print them, by id."""

    exercise: Exercise
    answers: Mapping[str, str]


@dataclass
class SetFolder:
    """The folder of a set; ``quick`` looks at numbers only, and not at the texts around them."""

    course: CourseSet
    quick: bool = False
    templates: Templates | None = None
    looked_at: int = field(default=0, init=False)
    """Files read so far."""
    values: int = field(default=0, init=False)
    """Values of keys compared so far."""

    @property
    def teacher(self) -> Path:
        return self.course.folder / TEACHER

    @property
    def students(self) -> Path:
        return self.course.folder / STUDENTS

    @cached_property
    def listed(self) -> Mapping[Path, frozenset[str]]:
        """The names in each folder."""
        places = (self.students, self.teacher / "sheets", self.teacher / "keys")
        return {place: frozenset(os.listdir(place)) if place.is_dir() else frozenset() for place in places}

    @cached_property
    def formats(self) -> frozenset[str]:
        """The endings that keys come in: what the set was made as."""
        return frozenset(os.path.splitext(name)[1] for name in self.listed[self.teacher / "keys"])

    @cached_property
    def layout(self) -> Layout:
        """How pages look; a logo isn't on the record, and is passed over where it stands on a page."""
        return Layout(self.course.specification.paper, self.course.specification.space)

    @cached_property
    def form(self) -> str:
        """The answer form, which is the same for all."""
        return render_answer_form(self.course.exercises)

    def unread(self) -> int:
        """Files on paper, whose numbers can't be read back."""
        return sum(name.endswith(".pdf") for names in self.listed.values() for name in names)

    def look_at(self, student: Student, papers: Sequence[StudentPaper]) -> Iterator[Finding]:
        """Everything that doesn't agree in one student's files."""
        exercises = [paper.exercise for paper in papers]
        yield from self._numbers(student, exercises)
        if self.listed[self.students]:
            yield from self._form(self.students / form_name(student.id))
        if ".md" in self.formats:
            yield from self._values(student, papers)
        if not self.quick:
            yield from self._texts(student, exercises)

    def _texts(self, student: Student, exercises: Sequence[Exercise]) -> Iterator[Finding]:
        """Sheets and keys written anew, all of their text."""
        name, header = student.id, header_of(self.course.specification, student, self.course.attempt)
        sheets: dict[str, str] = {}
        keys: dict[str, str] = {}
        if ".md" in self.formats:
            sheets |= sheet_files(header, exercises, name, self.templates)
            keys |= key_files(header, exercises, name, self.templates)
        if ".html" in self.formats:
            sheets[f"{name}.html"] = sheet_html(header, exercises, self.templates, self.layout)
            keys[f"{name}.html"] = key_html(header, exercises, self.templates, self.layout)
        for folder, files in ((self.students, sheets), (self.teacher / "keys", keys)):
            for file, text in files.items() if self.listed[folder] else ():
                yield from self._same(folder / file, text)

    def _numbers(self, student: Student, exercises: Sequence[Exercise]) -> Iterator[Finding]:
        """The student's sheet as a specification: every number of it."""
        path = self.teacher / "sheets" / f"{student.id}.toml"
        text = self._text(path)
        if text is None:
            yield self._missing(path)
        elif text != to_toml(replace(self.course.specification, exercises=tuple(exercises))):
            yield from _other_numbers(self._shown(path), text, exercises)

    def _values(self, student: Student, papers: Sequence[StudentPaper]) -> Iterator[Finding]:
        """The values in the tables of a key, read as a hand-in would be."""
        path = self.teacher / "keys" / f"{student.id}.md"
        text = self._text(path)
        if text is None:
            yield self._missing(path)
            return
        try:
            read = read_submission(path.name, text.encode())
        except Rejected as trouble:
            yield Finding("unreadable", self._shown(path), trouble.place, str(trouble))
            return
        printed = {answer.id_text: answer.text for answer in read.answers}
        for paper in papers:
            for cell, value in paper.answers.items():
                name = cell_of(paper.exercise, cell, len(papers) > 1)
                self.values += 1
                if printed.get(name) != value:
                    yield Finding("key", self._shown(path), name, printed.get(name, "nothing"), value)

    def _form(self, path: Path) -> Iterator[Finding]:
        """The answer form, by the byte: it holds ids, and a wrong one asks for something else."""
        text = self._text(path)
        if text is None:
            yield self._missing(path)
        elif text != self.form:
            pairs = zip_longest(text.split("\n"), self.form.split("\n"), fillvalue="nothing")
            line, (there, here) = next(each for each in enumerate(pairs, start=1) if each[1][0] != each[1][1])
            yield Finding("form", self._shown(path), f"line {line}", _short(there), _short(here))

    def _same(self, path: Path, expected: str) -> Iterator[Finding]:
        text = self._text(path)
        if text is not None and self.course.specification.logo and path.suffix == ".html":
            text, expected = _without_logo(text), _without_logo(expected)
        if text is None:
            yield self._missing(path)
        elif text != expected:
            yield from _other_text(self._shown(path), text, expected)

    def _text(self, path: Path) -> str | None:
        """What stands in a file, None where it isn't there; what is no UTF-8 differs from all that is."""
        try:
            text = path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        self.looked_at += 1
        return text

    def _missing(self, path: Path) -> Finding:
        return Finding("missing", self._shown(path), "", "no such file")

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.course.folder).as_posix()

    def strangers(self) -> Iterator[Finding]:
        """What lies among the students' files and belongs to nobody on the record, and where none lie at all."""
        known = {student.id for student in self.course.students}
        for place, names in self.listed.items():
            if not names:
                yield Finding("missing", self._shown(place), "", "nothing lies here", remark=place == self.students)
            others = sorted(name for name in names if not known & _owners(name))
            if others:
                told = ", ".join(others[:MOST_OF_ONE_FILE]) + (" …" if len(others) > MOST_OF_ONE_FILE else "")
                yield Finding("stranger", self._shown(place), "", f"of nobody on the record: {told}", remark=True)


def _owners(name: str) -> set[str]:
    """Whose file it may be; a drawing beside a sheet may have its exercise's number too."""
    stem, ending = os.path.splitext(name)
    return {stem, stem.rpartition("-")[0]} if ending == ".svg" else {stem}


def _other_numbers(where: str, text: str, exercises: Sequence[Exercise]) -> Iterator[Finding]:
    """Which numbers of a sheet's specification aren't those of the record."""
    try:
        found = parse_specification(text, where).exercises
    except InputError as error:
        yield Finding("unreadable", where, "", error.message)
        return
    if len(found) != len(exercises):
        yield Finding("number", where, "", f"{len(found)} exercises", str(len(exercises)))
        return
    differences = [one for pair in zip(found, exercises, strict=True) for one in _differing(where, *pair)]
    yield from differences
    if not differences:
        yield Finding("text", where, "", "worded otherwise; all its numbers agree", remark=True)


def _differing(where: str, found: Exercise, expected: Exercise) -> Iterator[Finding]:
    for name, array in expected.given.items():
        there = found.given.get(name)
        if there is None or not np.array_equal(there, array):
            shown = "nothing" if there is None else _list(there)
            yield Finding("number", where, f"exercise {expected.number}, {name}", shown, _list(array))
    for what, one, other in (
        ("ask", found.asked, expected.asked),
        ("decimals", found.precision, expected.precision),
        ("mistake", found.mistake, expected.mistake),
    ):
        if one != other:
            yield Finding("number", where, f"exercise {expected.number}, {what}", _short(str(one)), _short(str(other)))


def _list(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return _short(str(array[..., 0].tolist()))


_LOGO = re.compile(r'<img[^>]*src="data:image/svg\+xml[^>]*>')


def _without_logo(page: str) -> str:
    return "\n".join(line for line in _LOGO.sub("", page).split("\n") if line.strip())


_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")


def _other_text(where: str, found: str, expected: str) -> Iterator[Finding]:
    """Which lines hold other numbers; a remark where the numbers are the same in the same order."""
    if _NUMBER.findall(found) == _NUMBER.findall(expected):
        yield Finding("text", where, "", "worded or laid out otherwise; its numbers agree", remark=True)
        return
    ours, theirs = expected.split("\n"), found.split("\n")
    if len(ours) != len(theirs):
        counts = len(_NUMBER.findall(found)), len(_NUMBER.findall(expected))
        what = f"{counts[0]} numbers in {len(theirs)} lines"
        yield Finding("text", where, "", what, f"{counts[1]} in {len(ours)}")
        return
    pairs = [(line, *pair) for line, pair in enumerate(zip(theirs, ours, strict=True), start=1)]
    wrong = [each for each in pairs if _NUMBER.findall(each[1]) != _NUMBER.findall(each[2])]
    for line, there, here in wrong[:MOST_OF_ONE_FILE]:
        yield Finding("text", where, f"line {line}", *_unlike(there, here))
    if len(wrong) > MOST_OF_ONE_FILE:
        yield Finding("text", where, "", f"other numbers in {len(wrong) - MOST_OF_ONE_FILE} more lines")


def _unlike(found: str, expected: str) -> tuple[str, str]:
    """The first number that differs in each of two lines; the lines where they have not the same number of them."""
    one, other = _NUMBER.findall(found), _NUMBER.findall(expected)
    if len(one) == len(other):
        return next(pair for pair in zip(one, other, strict=True) if pair[0] != pair[1])
    return _short(found), _short(expected)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
