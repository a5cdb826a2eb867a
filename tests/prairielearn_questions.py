"""PrairieLearn questions unpacked as in a course, their server's functions run as its own runner does, and what check
says of the same hand-in.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from exercises.components import by_cell
from exercises.specification import Exercise
from grader.resolution import Paper, resolve
from grader.scripts import ScriptResult, mark_scripts
from grader.submissions import Answer, Submission
from gradsheet.export import prairielearn, prairielearn_marking
from gradsheet.export.sets import Drawn, drawn_for_practice
from gradsheet.papers import papers_of

Data = dict[str, Any]


@dataclass(frozen=True)
class Unpacked:
    """One question's folder, and the exercise that it came from, a set of numbers a variant."""

    folder: Path
    variants: tuple[Exercise, ...]

    @cached_property
    def known(self) -> Data:
        found: Data = json.loads((self.folder / "data" / "variants.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def server(self) -> Data:
        """The functions of server.py, with only a file name known to it, as PrairieLearn leaves it."""
        names: Data = {"__file__": str(self.folder / "server.py")}
        exec((self.folder / "server.py").read_text(encoding="utf-8"), names)
        names["_marker"] = lambda: _Marker(self.question)
        return names

    @cached_property
    def question(self) -> prairielearn_marking.Question:
        """Read once for many hand-ins."""
        return prairielearn_marking.question_from(self.known)

    @cached_property
    def papers(self) -> list[Paper]:
        return [papers_of([exercise])[0] for exercise in self.variants]

    @cached_property
    def boxes(self) -> Mapping[str, str]:
        """The field of each cell that is asked."""
        return {cell: box for one in self.known["inputs"] for cell, box in zip(one["cells"], one["boxes"], strict=True)}

    def generated(self, seed: int) -> Data:
        data: Data = {"variant_seed": seed, "params": {}, "correct_answers": {}}
        self.server["generate"](data)
        return data

    def typed(self, texts: Mapping[str, str]) -> Data:
        """What arrives when these cells are filled in."""
        return {box: texts.get(cell, "") for cell, box in self.boxes.items()}

    def graded(self, seed: int, texts: Mapping[str, str]) -> Data:
        """A hand-in marked, whether or not all of it can be read."""
        return self.sent(self.generated(seed), self.typed(texts), ("grade",))

    def sent(self, data: Data, typed: Data, phases: tuple[str, ...]) -> Data:
        data |= {"raw_submitted_answers": typed, "submitted_answers": dict(typed)}
        data |= {"format_errors": {}, "partial_scores": {}, "score": 0, "feedback": {}}
        for phase in phases:
            self.server[phase](data)
        json.dumps(data, allow_nan=False)
        return data

    def checked(self, place: int, texts: Mapping[str, str]) -> ScriptResult:
        """What check says of it."""
        exercise = self.variants[place]
        paper = self.papers[place]
        answers = tuple(Answer(cell, text, "") for cell, text in texts.items() if cell in self.boxes)
        held = resolve(Submission(answers), [paper]).texts[paper.number]
        return mark_scripts(paper, by_cell(exercise.program.shapes, exercise.given), [held])[0]


class _Marker:
    """The marker with a question that has been read already."""

    def __init__(self, question: prairielearn_marking.Question) -> None:
        self.question_from = lambda known: question

    def __getattr__(self, name: str) -> Any:
        return getattr(prairielearn_marking, name)


def unpacked(folder: Path, text: str, variants: int = 1) -> list[Unpacked]:
    """The questions of a specification."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "sheet.toml"
    source.write_text(text, encoding="utf-8")
    return in_course(folder, drawn_for_practice(str(source), variants))


def in_course(folder: Path, drawn: Drawn) -> list[Unpacked]:
    data, _ = prairielearn.exported(drawn)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return [
        Unpacked(folder / prairielearn.folder_of(drawn, variants[0]), tuple(variants)) for variants in drawn.exercises
    ]


def differing(question: Unpacked, place: int, written: Mapping[str, str]) -> list[str]:
    """Everything in which the question's marks differ from those of check; cells without a field are left out."""
    texts = {cell: text for cell, text in written.items() if cell in question.boxes}
    wanted = question.checked(place, texts)
    data = question.graded(place, texts)
    (marked, explanations, advice) = question.question.mark(place, texts)
    mine = [(cell.cell, cell.verdict.name.lower(), cell.marks, cell.paid_at) for cell in wanted.cells if cell.worth]
    its = [(cell.cell, cell.verdict, cell.share * cell.worth, cell.paid_at) for cell in marked]
    told = [f"{one} {other}" for one, other in zip(mine, its, strict=True) if one != other]
    a, b = ([_told(one) for one in some] for some in (wanted.explanations, explanations))
    told += [f"{a} {b}"] if a != b or wanted.advice != advice else []
    score = float(wanted.score / wanted.out_of)
    parts = data["partial_scores"].values()
    weighed = sum(one["weight"] * one["score"] for one in parts) / sum(one["weight"] for one in parts)
    if data["score"] != score or abs(weighed - score) > 1e-12:
        told.append(f"score {score} {data['score']} {weighed}")
    return told


def _told(one: Any) -> tuple[Any, ...]:
    places = dict(one.places)
    return one.code, one.kind, one.sentence, places, one.sites, one.cells, one.alternative, one.tentative, one.cancels
