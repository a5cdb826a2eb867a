"""What the tests of the commands share: a command line run in this process, sets, and students who work them out."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exercises.names import cell_ids
from exercises.plan import run as evaluate
from exercises.specification import Exercise
from gradsheet import cli
from gradsheet.papers import places_of, read_sheet

SECRET = "0123456789abcdef" * 4

NETWORK = """\
title = "Week 1"

[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = "sigmoid"
bias = false
optimizer = { name = "sgd" }
notation = "numbered"
"""

SEVERAL = (
    NETWORK
    + """
[[exercise]]
family = "circuit"
lines = ["q = x + y", "f = q * z"]
"""
)


@dataclass(frozen=True)
class Outcome:
    """What a command line did: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


class Terminal:
    """Runs command lines as the installed command does, without the cost of a process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Outcome:
        code = cli.main([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        return Outcome(code, out, err)

    def refused(self, *arguments: object) -> str:
        """The one line on stderr with which a command line is turned away."""
        outcome = self(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("gradsheet: ") and outcome.err.endswith("\n")
        assert outcome.err.count("\n") == 1 and "Traceback" not in outcome.err
        return outcome.err.removeprefix("gradsheet: ").rstrip("\n")


def with_secret(folder: Path, digits: str = SECRET) -> Path:
    """A course secret in the folder, as init leaves it."""
    path = folder / "gradsheet.secret"
    path.write_text(f'secret = "{digits}"\n')
    path.chmod(0o600)
    return path


def made_set(folder: Path, specification: str, students: str = "id,name\nada,Ada\nben,Ben\ncid,\n") -> Path:
    """A set generated in ``folder/set``, from ``folder/sheet.toml`` and ``folder/roster.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.toml").write_text(specification, encoding="utf-8")
    (folder / "roster.csv").write_text(students, encoding="utf-8")
    place = ["--out", str(folder / "set"), "--secret", str(with_secret(folder))]
    assert cli.main(["generate", str(folder / "sheet.toml"), "--students", str(folder / "roster.csv"), *place]) == 0
    return folder / "set"


def values(exercise: Exercise) -> dict[str, float]:
    """Every cell's value in full, by the program."""
    arrays = {**exercise.given, **evaluate(exercise.program, exercise.given)}
    return {
        cell: float(value)
        for name, shape in exercise.program.shapes.items()
        for cell, value in zip(cell_ids(name, shape), np.ravel(arrays[name][..., 0]), strict=True)
    }


def flawless(sheet: Path | str) -> dict[str, str]:
    """What a student without a slip writes down: every asked cell, by the id that a hand-in names it with."""
    exercises = read_sheet(sheet)
    answers = {}
    for exercise in exercises:
        before = f"{exercise.number}:" if len(exercises) > 1 else ""
        right = values(exercise)
        answers |= {before + cell: places_of(exercise).of(cell).text(right[cell]) for cell in exercise.asked}
    return answers


def as_csv(answers: dict[str, str]) -> str:
    return "id,value\n" + "".join(f'"{cell}",{text}\n' for cell, text in answers.items())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder; temporaries and hidden files too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))
