"""Room: gradsheet. Gradescope: an autograder in which gradsheet itself marks, with a class's numbers and no secret.

setup.sh run_autograder failed.json    what Gradescope runs (templates/export/gradescope)
packages/                              the four packages of the running installation, as source
requirements.txt                       what marking imports besides, in the versions that are installed here
set/teacher/                           record of the set, and each student's numbers
policy.toml settings.json              how it marks; by what else than the set's ids Gradescope knows students
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import msgspec

import exercises
import grader
import gradsheet
import templates
from exercises.errors import InputError
from grader.policy import PRESETS
from gradsheet.course_set import NUMBERS, TEACHER, CourseSet, read_record, read_set, record_text
from gradsheet.course_set import RECORD as SET_RECORD
from gradsheet.export.gradescope_marking import POLICY, SET, SETTINGS, Reveal, Settings, full_mark
from gradsheet.hand_ins import people_of
from gradsheet.policies import idle_weights, policy_of

PACKAGES = (exercises, templates, grader, gradsheet)

LIBRARIES = ("click", "msgspec", "numpy", "pyyaml")
"""What is imported on the way from a hand-in to its marks; each in the version that marks here."""

SCRIPTS = Path(str(templates.__file__)).parent / "export" / "gradescope"
EXECUTABLE = ("setup.sh", "run_autograder")

_EPOCH = (1980, 1, 1, 0, 0, 0)
_RUN, _READ = 0o755, 0o644


@dataclass(frozen=True, slots=True)
class Autograder:
    """The zip, the students it knows, and the full mark that the assignment has to have; ``idle`` are complaints about
    weights that change no marks.
    """

    data: bytes
    students: int
    full_mark: Fraction
    idle: tuple[str, ...] = ()


def autograder(
    folder: Path, policy: str, reveal: Reveal, roster: Path | None = None, match: Sequence[str] = ()
) -> Autograder:
    """The zip that Gradescope takes as an autograder for a generated set.

    ``policy`` is a preset's name or a file. ``match`` names columns of ``roster`` by which Gradescope knows students,
    besides id and name. Raises InputError where the folder is no set, or the roster lacks a column.
    """
    course = read_set(folder)
    settings = Settings(reveal, tuple(tuple(column) for column in people_of(course, roster, match).columns))
    files: dict[str, str | bytes] = {
        **{name: (SCRIPTS / name).read_bytes() for name in (*EXECUTABLE, "failed.json")},
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in LIBRARIES),
        POLICY: _policy(policy),
        SETTINGS: json.dumps(msgspec.to_builtins(settings), ensure_ascii=False) + "\n",
        **_numbers(folder, course),
        **dict(_sources()),
    }
    marks = policy_of(policy)
    idle = tuple(idle_weights(marks, policy, course.exercises))
    return Autograder(_zipped(files), len(course.students), full_mark(course, marks), idle)


def _policy(name: str) -> str:
    """The policy's TOML, read once so that a fault in it shows here and not at the first hand-in."""
    policy_of(name)
    return f'preset = "{name}"\n' if name in PRESETS else Path(name).read_text(encoding="utf-8-sig")


def _numbers(folder: Path, course: CourseSet) -> dict[str, str | bytes]:
    # Nothing that comes of the secret but the numbers themselves; nobody draws again from here.
    record = msgspec.structs.replace(read_record(folder), drawn_from="")
    lines = (folder / TEACHER / NUMBERS).read_bytes()
    if len(course.students) != record.students:
        raise InputError("the record doesn't fit its students; generate the set again", where=str(folder))
    return {f"{SET}/{TEACHER}/{SET_RECORD}": record_text(record), f"{SET}/{TEACHER}/{NUMBERS}": lines}


def _sources() -> Iterator[tuple[str, bytes]]:
    for package in PACKAGES:
        home = Path(str(package.__file__)).parent
        for path in sorted(home.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"packages/{home.name}/{path.relative_to(home).as_posix()}", path.read_bytes()


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (_RUN if name in EXECUTABLE else _READ) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
