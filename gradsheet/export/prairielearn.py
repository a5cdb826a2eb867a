"""Room: gradsheet. PrairieLearn: a question an exercise, with variants and marker, in a zip for a course's folder.

A question's numbers stand in `data/variants.json`: the plan as a practice page has it, and for each variant what is
given, the places, the key. What is written is read back by the very code that will mark with it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import product
from math import prod
from typing import Any

import numpy as np

from exercises.components import by_cell
from exercises.names import cell_ids, parse_cell
from exercises.plan import run
from exercises.plan_data import PlanData
from exercises.specification import Exercise
from grader.judging import Verdict
from grader.policy import EXAM
from gradsheet.export.items import refuse
from gradsheet.export.prairielearn_marking import Question, earning, question_from
from gradsheet.export.prairielearn_modules import marker_zip
from gradsheet.export.sets import Drawn
from gradsheet.papers import papers_of, places_of
from gradsheet.practice_data import marking_data, numbers_data
from gradsheet.results import PAID, UNDECIDABLE
from templates.export.item import Item
from templates.export.prairielearn.question import Input, as_dollars, html_of, info, labels, page
from templates.export.stem import Formulas, stem_of
from templates.render import solution_of

ENDING = "-prairielearn.zip"
PLACE = "unpack it in the course's folder, then sync the course"
NOTES = (
    "PrairieLearn picks a set of numbers by the variant's seed, so nobody gets a certain sheet.",
    "A text that can't be read makes PrairieLearn hand the whole submission back, without marking it or counting it.",
)

SAID = {
    "correct": "Right.",
    "carried": "Right, given your earlier value.",
    "wrong": "Not right.",
    "missing": "Left blank.",
    "unreadable": "",
    "undecidable": UNDECIDABLE,
    "paid": PAID,
}

SAME = 1e-12
"""Part of a key by which the plan may miss it: sums are added up in another order."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FLAGS = ("recognised", "convention", "paid")


def prairielearn_zip(drawn: Drawn) -> bytes:
    """The zip to be unpacked in a course's folder; InputError for what can't be asked number by number."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for variants in drawn.exercises:
            folder = folder_of(drawn, variants[0])
            for name, content in _files(drawn, variants).items():
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", _EPOCH), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def folder_of(drawn: Drawn, exercise: Exercise) -> str:
    """Where a question lies in the course; its name there is what follows ``questions/``."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", drawn.specification.name).strip("-") or "gradsheet"
    return f"questions/{name}" + (f"/exercise-{exercise.number}" if len(drawn.exercises) > 1 else "")


def _files(drawn: Drawn, variants: Sequence[Exercise]) -> dict[str, bytes | str]:
    refuse(variants[0])
    stems = [stem_of(exercise, "") for exercise in variants]
    inputs = inputs_of(variants[0])
    drawings: dict[str, str] = {}
    data = question_data(variants, stems, inputs, drawings)
    title = drawn.specification.title or drawn.specification.name
    number = f", exercise {variants[0].number}" if len(drawn.exercises) > 1 else ""
    return {
        "info.json": info(folder_of(drawn, variants[0]), title + number, len(variants) > 1),
        "question.html": page(inputs, bool(drawings)),
        "server.py": server(),
        "marker.zip": marker_zip(),
        "data/variants.json": json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")),
        **{f"clientFilesQuestion/{name}": svg for svg, name in drawings.items()},
    }


def server() -> str:
    """The text of ``server.py``."""
    return files("templates").joinpath("export/prairielearn/server.py").read_text(encoding="utf-8")


def inputs_of(exercise: Exercise) -> list[Input]:
    """A table for each vector or matrix that is asked as a whole and has a symbol as a whole; a field for each number
    else.
    """
    notation = solution_of(exercise).notation
    formulas, found = Formulas(notation), []
    for place, quantity in enumerate(dict.fromkeys(parse_cell(cell).quantity for cell in exercise.asked), start=1):
        shape = exercise.program.shapes[quantity]
        cells = [cell for cell in cell_ids(quantity, shape) if cell in exercise.asked]
        places = places_of(exercise).of(quantity)
        whole = len(cells) == prod(shape) > 1 and len(shape) <= 2 and not notation.style.by_component
        if whole:
            rows, columns = (*shape, 1)[:2]
            found.append(Input(f"q{place}_", formulas.symbol(quantity), places, tuple(cells), rows, columns))
        else:
            for number, cell in enumerate(cells, start=1):
                found.append(Input(f"q{place}_{number}", formulas.symbol(cell), places, (cell,)))
    return found


def question_data(
    variants: Sequence[Exercise], stems: Sequence[Item], inputs: Sequence[Input], drawings: dict[str, str]
) -> dict[str, Any]:
    """What a question knows; ``drawings`` gets the pictures of the variants, with their names."""
    paper = papers_of(variants[:1])[0]
    marking = marking_data(paper, EXAM)
    formulas = Formulas(solution_of(variants[0]).notation)
    plan = marking["plan"]
    told = {name for row in plan["mistakes"] for places in row["sites"].values() for name in places.values() if name}
    quantities = {parse_cell(name).quantity for name in (*plan["cells"], *plan["givens"])}
    return {
        "plan": plan,
        "asked": marking["asked"],
        "worth": marking["worth"],
        "once": EXAM.repeat == "once",
        "credit": _credit(),
        "twins": [[one, other] for one, other in paper.twins.items()],
        "said": SAID,
        "symbols": {name: as_dollars(formulas.symbol(name)) for name in sorted({*plan["cells"], *quantities, *told})},
        "names": {name: formulas.symbol(name).text for name in sorted(quantities)},
        "labels": labels(inputs),
        "inputs": [
            {
                "name": one.name,
                "cells": list(one.cells),
                "boxes": one.boxes,
                "rows": one.rows,
                "columns": one.columns,
            }
            for one in inputs
        ],
        "variants": [
            {**numbers_data(paper, each.given, places_of(each)), **_key(each), **_shown(stem, drawings)}
            for each, stem in zip(variants, stems, strict=True)
        ],
    }


def _credit() -> dict[str, str]:
    """What each verdict earns of a mark, as the policy says, by what is known of the mistake."""
    found = {}
    for verdict, held in product((Verdict.CORRECT, Verdict.CARRIED, Verdict.WRONG), product((False, True), repeat=3)):
        known = dict(zip(_FLAGS, held, strict=True))
        name = earning(verdict.name.lower(), *(flag for flag in _FLAGS if known[flag]))
        found[name] = str(EXAM.credit(verdict, **known))
    return found


def _key(exercise: Exercise) -> dict[str, Any]:
    values = _values(exercise)
    texts = solution_of(exercise).texts
    return {
        "key": {cell: values[cell] for cell in exercise.asked},
        "shown": {cell: texts[cell] for cell in exercise.asked},
    }


def _values(exercise: Exercise) -> dict[str, float]:
    """The key by the program of tensors."""
    cells = by_cell(exercise.program.shapes, run(exercise.program, exercise.given))
    return {cell: float(np.ravel(value)[0]) for cell, value in cells.items()}


def _shown(stem: Item, drawings: dict[str, str]) -> dict[str, str]:
    found = {"text": html_of(stem)}
    if stem.figure is not None:
        found["drawing"] = drawings.setdefault(stem.figure.svg, f"drawing-{len(drawings) + 1}.svg")
        found["alt"] = stem.figure.words
    return found


# --- read back --------------------------------------------------------------------------------------------------------


def exported(drawn: Drawn) -> tuple[bytes, int]:
    """The file's bytes, and how many numbers were read back from them; AssertionError where one was lost."""
    data = prairielearn_zip(drawn)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        count = 0
        for variants in drawn.exercises:
            text = archive.read(f"{folder_of(drawn, variants[0])}/data/variants.json").decode()
            question = question_from(json.loads(text))
            wanted, found = list(_wanted(variants)), list(_found(question))
            for one, other in zip(wanted, found, strict=True):
                assert same(one, other), f"the file doesn't say what it should: {one} has become {other}"
            count += len(found)
    return data, count


Number = tuple[str, object]


def same(one: Number, other: Number) -> bool:
    """Whether a number is the one it should be: keys give or take the noise of doubles, all others exactly."""
    if one[0] != other[0] or not one[0].startswith("key"):
        return one == other
    wanted, found = float(str(one[1])), float(str(other[1]))
    return abs(wanted - found) <= SAME * max(1.0, abs(wanted))


def _wanted(variants: Sequence[Exercise]) -> Iterator[Number]:
    """All that the marker has to know, from the exercises."""
    paper = papers_of(variants[:1])[0]
    yield "plan", marking_data(paper, EXAM)["plan"]
    for place, exercise in enumerate(variants):
        given = by_cell(exercise.program.shapes, exercise.given)
        yield from _of_variant(place, ((name, float(given[name][0])) for name in paper.task.lines.givens), "given")
        places = places_of(exercise)
        yield from _of_variant(place, ((cell, str(places.of(cell))) for cell in paper.task.lines.root), "places")
        yield from _of_variant(place, ((cell, _values(exercise)[cell]) for cell in exercise.asked), "key")
        yield f"marked {place}", ["correct"] * len(exercise.asked)


def _found(question: Question) -> Iterator[Number]:
    """The same, from the file: the plan written anew from what was read, the key worked out by it."""
    yield "plan", _plan_again(question)
    for place, variant in enumerate(question.data["variants"]):
        given, places = question.given(place), question.examiner(place).task.precision
        key = question.task.plan.run(given)
        yield from _of_variant(place, ((name, float(value[0])) for name, value in given.items()), "given")
        yield from _of_variant(place, ((cell, str(places.of(cell))) for cell in question.task.lines.root), "places")
        yield from _of_variant(place, ((cell, float(key[cell][0])) for cell in question.asked), "key")
        yield f"marked {place}", [one.verdict for one in question.mark(place, variant["shown"])[0]]


def _of_variant(place: int, numbers: Iterable[tuple[str, object]], what: str) -> Iterator[Number]:
    yield from ((f"{what} {place} {name}", value) for name, value in numbers)


def _plan_again(question: Question) -> Mapping[str, Any]:
    plan = PlanData(question.task.lines)
    data = plan.written()
    data["mistakes"] = [
        {
            **mistake,
            "wrong": [
                [plan.number(line.cell), plan.nodes(line.nodes), plan.reads(line.reads)] for line in replay.wrong
            ],
        }
        for mistake, replay in zip(question.data["plan"]["mistakes"], question.examiner(0).replays.singles, strict=True)
    ]
    return data
