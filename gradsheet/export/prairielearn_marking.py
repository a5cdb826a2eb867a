"""Room: gradsheet. Marking a question from its data alone: the plan read back, and the examiner over it.

It travels with a PrairieLearn question, beside those modules of `exercises` and `grader` that it needs, and imports
nothing but them and NumPy. The plan is the one that a practice page has (`exercises/plan_data.py`); no formula is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from html import escape
from typing import Any, cast

import numpy as np

from exercises.expression import Constant, Expression, Symbol, apply
from exercises.mistaken import Instead, Kind, Misconception, Mistake
from exercises.names import parse_cell
from exercises.operations.row import Array
from exercises.plan_data import CONSTANT
from exercises.precision import Places, Precision
from exercises.program import Given, Part, Program, Role, Step
from grader.charging import UNKNOWN, Standing, standings
from grader.diagnosis import Diagnosis, Examiner, Explanation
from grader.judging import Entries, Judged, Task, Verdict, task_of
from grader.marking import mark
from grader.messages import UNREADABLE
from grader.numbers import Unreadable, is_blank, read_number
from grader.replays import Made, Replay, Replays
from gradsheet.examination import advice_of, readings_of

_NOTHING = Diagnosis(())


def earning(verdict: str, *flags: str) -> str:
    """The name under which the data say what a verdict earns, given what is known of its mistake."""
    return " ".join([verdict, *flags])


def number_of(text: str) -> tuple[float | None, str]:
    """The number in a text, None where it holds none; and why it can't be read, empty for a blank."""
    if is_blank(text):
        return None, ""
    read = read_number(text)
    return (None, UNREADABLE[read.code]) if isinstance(read, Unreadable) else (read, "")


# --- the plan read back -----------------------------------------------------------------------------------------------


class _Expressions:
    """The nodes of a plan as expressions, among them those of wrong lines."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.kinds = plan["kinds"]
        self.nodes: list[list[Any]] = list(plan["nodes"])
        self.names = dict(enumerate(plan["givens"]))
        self.names |= {line[3]: cell for cell, line in zip(plan["cells"], plan["lines"], strict=True)}

    def at(self, place: int) -> Expression:
        if place in self.names:
            return Symbol(self.names[place])
        kind, *rest = self.nodes[place]
        if kind == CONSTANT:
            return Constant(Fraction(rest[0]))
        row = self.kinds[kind]
        return apply(row["op"], *map(self.at, rest), parameters=tuple(map(Fraction, row["with"])))

    def of_line(self, nodes: Sequence[list[Any]]) -> Expression:
        """The expression of a wrong line, whose nodes are numbered on from the plan's."""
        start = len(self.nodes)
        self.nodes += nodes
        found = self.at(len(self.nodes) - 1)
        del self.nodes[start:]
        return found


def _program(plan: Mapping[str, Any], expressions: _Expressions) -> Program:
    """The program cell by cell; what its quantities are to a reader isn't told."""
    steps = tuple(
        Step(cell, expressions.at(line[2]), Part.FORWARD, Role.LINE)
        for cell, line in zip(plan["cells"], plan["lines"], strict=True)
    )
    return Program(tuple(Given(name, (), Role.VARIABLE) for name in plan["givens"]), steps, plan["cells"][-1])


@dataclass(frozen=True)
class _Examiner(Examiner):
    """An examiner whose catalogue is the mistakes of the data."""

    mistakes: Sequence[Mapping[str, Any]]
    expressions: _Expressions

    @cached_property
    def replays(self) -> Replays:
        return _Replays(self.program, self.task, self.mistakes, self.expressions)


class _Replays(Replays):
    """The replays of the data's wrong lines; a site is the quantity whose cells are wrong."""

    def __init__(
        self, program: Program, task: Task, mistakes: Sequence[Mapping[str, Any]], expressions: _Expressions
    ) -> None:
        super().__init__(program, task.lines)
        self.mistakes, self.expressions = mistakes, expressions

    @cached_property
    def singles(self) -> tuple[Replay, ...]:
        return tuple(map(self._single, self.mistakes))

    def _single(self, data: Mapping[str, Any]) -> Replay:
        row = Misconception(data["code"], data["sentence"], lambda program, step: (), "", Kind(data["kind"]))
        cells = list(self.lines.root)
        wrong = {cells[cell]: Instead(self.expressions.of_line(nodes)) for cell, nodes, _ in data["wrong"]}
        told = {
            site: Instead(Symbol(site), {place: name or site for place, name in places.items()})
            for site, places in data["sites"].items()
        }
        lines = tuple(self._wrong_lines(Mistake(row, 1, wrong)))
        return Replay([Made(Mistake(row, 1, told), tuple(told))], self.lines, lines)

    @cached_property
    def _sites(self) -> tuple[Mapping[str, frozenset[str]], ...]:
        return tuple(
            {
                site: frozenset(cell for cell in self.lines.root if parse_cell(cell).quantity == site)
                for site in replay.made[0].sites
            }
            for replay in self.singles
        )


# --- marking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marked:
    """One cell: ``verdict`` as in the JSON of ``check``, the share of its full mark, what it is worth, why it can't be
    read, and the quantity at which its mistake has been charged.
    """

    cell: str
    verdict: str
    share: Fraction
    worth: Fraction
    trouble: str
    undecidable: bool
    paid_at: str | None


Told = tuple[list[Marked], tuple[Explanation, ...], str | None]


@dataclass(frozen=True)
class Question:
    """One exercise, whatever its numbers are: ``data`` is that of the question's file."""

    data: Mapping[str, Any]
    program: Program
    task: Task
    expressions: _Expressions
    _examiners: dict[int, Examiner] = field(default_factory=dict)

    def given(self, place: int) -> dict[str, Array]:
        """The numbers of one variant."""
        numbers = self.data["variants"][place]["given"]
        return {name: np.array([value]) for name, value in zip(self.data["plan"]["givens"], numbers, strict=True)}

    def examiner(self, place: int) -> Examiner:
        """The exercise with the places of one variant."""
        if place not in self._examiners:
            own = {
                parse_cell(cell).quantity: Places(digits, significant)
                for cell, (digits, significant) in zip(
                    self.task.lines.root, self.data["variants"][place]["places"], strict=True
                )
            }
            task = replace(self.task, precision=Precision(Places(0), own))
            self._examiners[place] = _Examiner(self.program, task, self.data["plan"]["mistakes"], self.expressions)
        return self._examiners[place]

    def mark(self, place: int, texts: Mapping[str, str]) -> Told:
        """Every asked cell of one hand-in, the explanations, and the further cell that would tell rivals apart."""
        examiner, given = self.examiner(place), self.given(place)
        read = {cell: number_of(text) for cell, text in self._with_twins(texts).items()}
        entries = Entries(
            {cell: np.array([np.nan if value is None else value]) for cell, (value, _) in read.items()},
            {cell: np.array([value is None]) for cell, (value, _) in read.items()},
        )
        judged = mark(examiner.task, given, entries)
        told = examiner.diagnose(given, entries, judged).get(0, _NOTHING)
        asked = self.asked
        known = standings(asked, told.explanations, told.short)
        marked = [
            self._marked(cell, judged[cell], read.get(cell, (None, ""))[1], known.get(cell, UNKNOWN)) for cell in asked
        ]
        return marked, told.explanations, told.advice

    @property
    def asked(self) -> list[str]:
        return [self.data["plan"]["cells"][number] for number in self.data["asked"]]

    def _with_twins(self, texts: Mapping[str, str]) -> dict[str, str]:
        """What isn't blank; an asked cell that shares its symbol with an answered one has that answer."""
        held = {cell: text for cell, text in texts.items() if not is_blank(text)}
        pairs = [*self.data["twins"], *([other, one] for one, other in self.data["twins"])]
        asked = self.asked
        return held | {one: held[other] for one, other in pairs if one in asked and one not in held and other in held}

    def _marked(self, cell: str, judged: Judged, trouble: str, standing: Standing) -> Marked:
        verdict = Verdict(int(judged.verdict[0]))
        name = "missing" if verdict is Verdict.ABSENT else verdict.name.lower()
        flags = {
            "recognised": standing.recognised,
            "convention": standing.convention,
            "paid": standing.paid_at is not None,
        }
        share = self.data["credit"].get(earning(name, *(flag for flag, holds in flags.items() if holds)), "0")
        held = verdict in (Verdict.CORRECT, Verdict.CARRIED, Verdict.WRONG)
        return Marked(
            cell,
            name,
            Fraction(share),
            Fraction(*self.data["worth"][self.data["plan"]["cells"].index(cell)]),
            trouble,
            held and bool(judged.allowed[0] == np.inf),
            standing.paid_at if verdict is Verdict.WRONG and self.data["once"] else None,
        )


def question_from(data: Mapping[str, Any]) -> Question:
    """The question that the data describe, ready for marking."""
    expressions = _Expressions(data["plan"])
    program = _program(data["plan"], expressions)
    return Question(data, program, task_of(program, Precision(Places(0))), expressions)


# --- words ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Script:
    """What the sentences of an examination are made of."""

    cells: Sequence[Marked]
    explanations: tuple[Explanation, ...]
    advice: str | None


def explained(question: Question, told: Told) -> list[str]:
    """The explanations as HTML, a sentence or two each, in the order in which the mistakes show."""
    symbols = question.data["symbols"]
    script = cast(Any, _Script(*told))
    readings = readings_of(
        script, lambda name: symbols.get(name, escape(name)), lambda words: escape(words, quote=False)
    )
    lines = [" ".join(part for part in (one.lead, one.sentence, one.where) if part) for one in readings]
    advice = advice_of(script, lambda name: symbols.get(name, escape(name)))
    return [*lines, advice] if advice else lines


def remark(question: Question, marked: Marked, *, html: bool = False) -> str:
    """What is said of one cell: plain words, or HTML with formulas."""
    said = question.data["said"]
    if marked.trouble:
        return escape(marked.trouble, quote=False) if html else marked.trouble
    if marked.undecidable:
        return str(said["undecidable"])
    if marked.paid_at is not None:
        names = question.data["symbols" if html else "names"]
        return str(said["paid"]).format(quantity=names[marked.paid_at])
    return str(said[marked.verdict])
