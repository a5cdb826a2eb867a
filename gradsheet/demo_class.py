"""Room: gradsheet. The demo's class: six students, and what they hand in, slips included.

Nobody here exists. Their work is read off the program: a student who slips goes on from the slipped number, which is
a run of the exercise with that cell pinned; one who has a rule wrong works a program with that step replaced.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from exercises.components import componentwise
from exercises.expression import Expression, Symbol
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.precision import Precision
from exercises.program import Program, Role, Step
from gradsheet.roster import Student

SPECIFICATION = """\
title = "Backpropagation by hand"
course = "Demo course"

[[exercise]]
family = "mlp"
layers = [2, 2, 1]
activations = "sigmoid"
bias = false
optimizer = { name = "sgd" }
decimals = 4
"""

STUDENTS = tuple(Student(name.lower(), name) for name in ("Ada", "Ben", "Chloe", "Dan", "Eva", "Finn"))


def roster_csv() -> str:
    """The roster as a teacher would have it."""
    return "id,name\n" + "".join(f"{student.id},{student.name}\n" for student in STUDENTS)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One student's exercise: the program by cells, its numbers, the places and cells asked."""

    program: Program
    given: Mapping[str, Array]
    precision: Precision
    asked: tuple[str, ...]

    def work(
        self, pinned: Mapping[str, float] | None = None, wrong: Mapping[str, Expression] | None = None
    ) -> dict[str, str]:
        """The asked cells, worked through with some numbers slipped or some lines wrong, as written down."""
        pins = {cell: np.array([value]) for cell, value in (pinned or {}).items()}
        values = flatten(self.program, wrong).run(self.given, pinned=pins)
        return {
            cell: self.precision.of(cell).text(pinned[cell] if pinned and cell in pinned else float(values[cell][0]))
            for cell in self.asked
        }


HandIn = tuple[str, str]
"""The file's ending and its text."""


def _csv(answers: Mapping[str, str]) -> str:
    return "id,value\n" + "".join(f'"{cell}",{text}\n' for cell, text in answers.items())


def flawless(sitting: Sitting) -> HandIn:
    """Everything right, rounded as asked."""
    return ".csv", _csv(sitting.work())


def slipped(sitting: Sitting) -> HandIn:
    """Two digits of the first z swapped, and everything after it worked consistently from there."""
    right = sitting.work()
    cell = next(cell for cell in sitting.asked if cell.startswith("z1"))
    whole, _, digits = right[cell].partition(".")
    swapped = f"{whole}.{digits[1]}{digits[0]}{digits[2:]}" if digits[0] != digits[1] else f"{whole}.9{digits[1:]}"
    return ".csv", _csv(sitting.work(pinned={cell: float(swapped)}))


def wrong_sign(sitting: Sitting) -> HandIn:
    """Goes up the slope instead of down: the update is added."""
    wrong = {step.name: _ascent(step) for step in sitting.program.steps if step.role is Role.UPDATED}
    return ".json", json.dumps({"answers": sitting.work(wrong=wrong)}, indent=1) + "\n"


def _ascent(step: Step) -> Expression:
    parameter, change = step.expression.arguments  # type: ignore[attr-defined]
    return parameter + change  # type: ignore[no-any-return]


def hasty(sitting: Sitting) -> HandIn:
    """Decimal commas, two cells left blank, one with a formula in it."""
    answers = {cell: text.replace(".", ",") for cell, text in sitting.work().items()}
    first, second, *_, last = answers
    answers |= {first: "", second: "=0.1*0.2", last: ""}
    return ".csv", "id;value\n" + "".join(f"{cell};{text}\n" for cell, text in answers.items())


def without_slope(sitting: Sitting) -> HandIn:
    """Forgets the slope of the activation on the way back: dJ/dz is taken to be dJ/da."""
    wrong: dict[str, Expression] = {
        step.name: Symbol(f"dJ/d{step.through}[{step.name.split('[')[1]}")
        for step in sitting.program.steps
        if step.role is Role.GRADIENT and step.name.startswith("dJ/dz")
    }
    return ".csv", _csv(sitting.work(wrong=wrong))


HAND_INS: Mapping[str, Callable[[Sitting], HandIn]] = {
    "ada": flawless,
    "ben": slipped,
    "chloe": wrong_sign,
    "dan": hasty,
    "eva": without_slope,
}
"""Finn hands in nothing."""


def sitting_of(program: Program, given: Mapping[str, Array], precision: Precision, asked: tuple[str, ...]) -> Sitting:
    """A student's exercise made ready for working; ``given`` by cell."""
    return Sitting(componentwise(program), given, precision, asked)


def student_named(students: tuple[Student, ...], name: str) -> int:
    return next(place for place, student in enumerate(students) if student.id == name)
