"""Random hand-ins for the practice page, and what its modules say of them in Node."""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from students import any_habits, work

from exercises.components import by_cell, componentwise
from exercises.operations.row import Array
from exercises.program import Program, in_order_of_need
from exercises.specification import Exercise, parse_specification
from exercises.variants import draw, practice_seed
from grader.diagnosis import Explanation
from grader.fewer_places import coarser
from grader.numbers import is_blank
from grader.policy import EXAM, Policy
from grader.resolution import Paper
from grader.scripts import ScriptResult, mark_scripts
from gradsheet.papers import papers_of, places_of
from gradsheet.practice_data import marking_data, numbers_data

NODE = shutil.which("node")
NO_NODE = "there is no node on this machine, which the page's own modules are run by"
SCRIPT = Path(__file__).with_name("practice_node.mjs")

RELATIVE = 1e-9
"""How far numbers of the two may lie apart: another processor's exp, carried through a few lines."""

SHEETS: Mapping[str, str] = {
    "2-2-1": 'family = "mlp"\nlayers = [2, 2, 1]\nloss = "half_squared_error"\n'
    'activations = ["sigmoid", "identity"]\nbias = false\nnotation = "numbered"\n'
    'optimizer = { name = "sgd", learning_rate = 0.05 }\ndecimals = 4',
    "2-2-2": 'family = "mlp"\nlayers = [2, 2, 2]\nactivations = "sigmoid"\nloss = "squared_error"\n'
    'optimizer = { name = "sgd", learning_rate = 0.3 }\ndecimals = 5',
    "2-3-2 softmax": 'family = "mlp"\nlayers = [2, 3, 2]\nactivations = ["tanh", "softmax"]\nloss = "cross_entropy"\n'
    "decimals = 4",
    "3-2-1 relu": 'family = "mlp"\nlayers = [3, 2, 1]\nactivations = ["relu", "sigmoid"]\n'
    'loss = "binary_cross_entropy"\noptimizer = { name = "sgd", learning_rate = 0.2 }\ndecimals = 3\n'
    'notation = "delta"',
    "circuit": 'family = "circuit"\nlines = ["q = x + y", "f = q * z"]\ndecimals = 3\n'
    "given = { x = -2, y = 5, z = -4 }",
    "formula": 'family = "circuit"\nexpression = "log(2 + cos(x)) ^ 2 / sqrt(exp(y)) - reciprocal(3 + tanh(x))"\n'
    "given = { x = 1.37, y = 0.42 }\ndecimals = 4",
    "significant": 'family = "circuit"\n'
    'expression = "sigmoid(x * y + x ^ 3) * max(x, y) + relu(x) + leaky_relu(y) + softplus(x * y)"\n'
    'given = { x = 1.37, y = 0.42 }\ndecimals = "3 significant"',
}


def node(request: Mapping[str, Any]) -> Any:
    """The answer of the page's modules."""
    assert NODE is not None, NO_NODE
    text = json.dumps(_plain(request), allow_nan=False)
    run = subprocess.run([NODE, str(SCRIPT)], input=text, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinities: these go as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"number:{'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'}"
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True)
class Desk:
    """One sheet ready for marking, by Python and by the page."""

    exercise: Exercise
    paper: Paper
    policy: Policy

    @property
    def cells(self) -> Program:
        return self.paper.task.cells

    @property
    def given(self) -> dict[str, Array]:
        return by_cell(self.exercise.program.shapes, self.exercise.given)

    def by_python(self, texts: Sequence[Mapping[str, str]]) -> list[ScriptResult]:
        """As `check` marks: one script at a time, blanks left out."""
        held = [{cell: text for cell, text in script.items() if not is_blank(text)} for script in texts]
        return [mark_scripts(self.paper, self.given, [one], policy=self.policy)[0] for one in held]

    def by_page(self, texts: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        number = {cell: place for place, cell in enumerate(self.paper.task.lines.root)}
        numbers = numbers_data(self.paper, self.exercise.given, places_of(self.exercise))
        papers = [{**numbers, "texts": [[number[cell], text] for cell, text in script.items()]} for script in texts]
        answer = node({"what": "check", "data": marking_data(self.paper, self.policy), "papers": papers})
        assert isinstance(answer, list)
        return answer


def desk(name: str, attempt: int = 1, policy: Policy = EXAM) -> Desk:
    exercise = parse_specification(f"[[exercise]]\n{SHEETS[name]}\n", name).exercises[0]
    drawn = draw(exercise, practice_seed(name, 1, attempt)).exercise
    return Desk(drawn, _paper(name, attempt, drawn), policy)


_PAPERS: dict[tuple[str, int], Paper] = {}


def _paper(name: str, attempt: int, drawn: Exercise) -> Paper:
    if (name, attempt) not in _PAPERS:
        _PAPERS[name, attempt] = papers_of([drawn])[0]
    return _PAPERS[name, attempt]


# --- hand-ins ----------------------------------------------------------------------------------------------------

UNREADABLE = ("0,1,2", "1.234,5", "abc", "=1+1", "1/0", "5%", "2 345.6", "0.3 cm", "¼", "nan", "1e999", "0.1+0.2")


def hand_ins(one: Desk, count: int, seed: int) -> list[dict[str, str]]:
    """Flawless, with slips, with one or two misconceptions, with blanks and with texts that are no numbers; half of
    them with fewer places than asked.
    """
    choose = random.Random(seed)
    return [_hand_in(one, choose, np.random.default_rng([seed, number])) for number in range(count)]


def _hand_in(one: Desk, choose: random.Random, rng: np.random.Generator) -> dict[str, str]:
    kind = choose.choice(("flawless", "slips", "rule", "rule", "rules", "rule and slips", "noise"))
    fewer = choose.choice((0, 0, 0, 1, 1, 2))
    cells = _wrongly(one, choose, {"rule": 1, "rules": 2, "rule and slips": 1}.get(kind, 0))
    precision = coarser(places_of(one.exercise), fewer)
    written = work(cells, precision, one.given, any_habits(1, rng), rng).written
    texts = {
        cell: _written(precision.of(cell).text(float(value[0])), choose)
        for cell, value in written.items()
        if np.isfinite(value[0])
    }
    texts = {cell: texts[cell] for cell in one.cells.by_name if cell in texts}
    if kind in ("slips", "rule and slips", "noise"):
        for cell in choose.sample(sorted(texts), min(len(texts), choose.randint(1, 3))):
            texts[cell] = _slipped(texts, cell, choose)
    keep = choose.choice((1.0, 1.0, 0.8, 0.5, 0.3))
    asked = frozenset(one.paper.asked)
    texts = {
        cell: text
        for cell, text in texts.items()
        if choose.random() < keep and (cell in asked or choose.random() < 0.4)
    }
    if choose.random() < 0.25:
        for cell in choose.sample(sorted(texts), min(len(texts), 2)):
            texts[cell] = choose.choice((*UNREADABLE, "", "-", "…"))
    return texts


def _wrongly(one: Desk, choose: random.Random, count: int) -> Program:
    """The program with so many misconceptions in it, by cells."""
    program = one.exercise.program
    assert one.paper.examiner is not None
    known = [replay.made[0].mistake for replay in one.paper.examiner.replays.singles]
    wrong: dict[str, Any] = {}
    for mistake in choose.sample(known, min(count, len(known))):
        wrong |= mistake.replaced
    steps = tuple(replace(step, expression=wrong.get(step.name, step.expression)) for step in program.steps)
    try:
        return componentwise(replace(program, steps=tuple(in_order_of_need(steps))))
    except ValueError:  # two wrong rules that need each other
        return one.cells


def _written(text: str, choose: random.Random) -> str:
    if choose.random() < 0.1:
        text = text.replace(".", ",")
    return text.replace("-", "−") if choose.random() < 0.1 else text


def _slipped(texts: Mapping[str, str], cell: str, choose: random.Random) -> str:
    text = texts[cell]
    digits = [place for place in range(len(text) - 1) if text[place].isdigit() and text[place + 1].isdigit()]
    ways = ["sign", "point", "neighbour", "random", "digit", "zero"] + ["swap"] * bool(digits)
    match choose.choice(ways):
        case "sign":
            return text[1:] if text[0] in "-−" else f"-{text}"
        case "point":
            number = float(text.replace(",", ".").replace("−", "-"))
            return f"{number * choose.choice((10, 0.1, 100)):.6f}"
        case "neighbour":
            return choose.choice(list(texts.values()))
        case "random":
            return f"{choose.uniform(-2, 2):.4f}"
        case "digit":
            return text[:-1] + str(choose.randint(0, 9))
        case "zero":
            return choose.choice(("0", "1", "0.000"))
        case _:
            place = choose.choice(digits)
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


# --- what the two say, side by side ------------------------------------------------------------------------------


def compare(one: Desk, texts: Mapping[str, str], mine: ScriptResult, page: Mapping[str, Any]) -> list[str]:
    """Everything in which the page's result differs from Python's."""
    names = list(one.paper.task.lines.root)
    told = [f"cells {len(mine.cells)} {len(page['cells'])}"] if len(mine.cells) != len(page["cells"]) else []
    for cell, its in zip(mine.cells, page["cells"], strict=False):
        said = {
            "id": (cell.cell, names[its["cell"]]),
            "verdict": (cell.verdict.name.lower(), its["verdict"]),
            "marks": (_fraction(cell.marks), None if its["marks"] is None else tuple(its["marks"])),
            "trouble": ("" if cell.trouble is None else cell.trouble.code, its["trouble"]),
            "paid": (cell.paid_at or "", its["paidAt"]),
            "short": (bool(cell.short), its["short"]),
            "undecidable": (cell.undecidable, its["undecidable"]),
        }
        told += [f"{cell.cell} {name}: {a!r} {b!r}" for name, (a, b) in said.items() if a != b]
        for name in ("value", "expected", "allowed"):
            a, b = getattr(cell, name), its[name]
            if (a is None) != (b is None) or (a is not None and not _close(a, b)):
                told.append(f"{cell.cell} {name}: {a!r} {b!r}")
    a, b = [_told(each) for each in mine.explanations], [_told_by_page(each, names) for each in page["explanations"]]
    if a != b:
        told.append(f"explanations: {a} {b}")
    advice = None if page["advice"] is None else names[page["advice"]]
    return told + ([] if mine.advice == advice else [f"advice: {mine.advice} {advice}"])


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b), 1e-6)


def _fraction(marks: Any) -> tuple[int, int] | None:
    return None if marks is None else (marks.numerator, marks.denominator)


def _told(one: Explanation) -> tuple[Any, ...]:
    kind = "slip" if one.slip else one.kind.value
    return (
        one.code,
        kind,
        one.sentence,
        dict(one.places),
        tuple(one.sites),
        tuple(one.cells),
        one.alternative,
        one.tentative,
        one.cancels,
    )


def _told_by_page(one: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return (
        one["code"],
        one["kind"],
        one["sentence"],
        one["places"],
        tuple(one["sites"]),
        tuple(names[cell] for cell in one["cells"]),
        one["alternative"],
        one["tentative"],
        one["cancels"],
    )


def differing(one: Desk, count: int, seed: int) -> list[str]:
    """What differs between the two on so many random hand-ins."""
    asked = hand_ins(one, count, seed)
    pairs = zip(asked, one.by_python(asked), one.by_page(asked), strict=True)
    return [f"{what} in {script}" for script, mine, its in pairs for what in compare(one, script, mine, its)]
