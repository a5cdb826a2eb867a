"""Room: gradsheet. What a practice page needs to mark as `gradsheet check` marks, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from exercises.misconceptions.slips import SLIPS
from exercises.names import cell_ids
from exercises.operations.row import Array
from exercises.plan_data import PlanData
from exercises.precision import Precision
from grader.messages import UNREADABLE
from grader.policy import Policy
from grader.replays import Replay
from grader.resolution import Paper


def marking_data(paper: Paper, policy: Policy) -> dict[str, Any]:
    """One exercise for the page's examiner, whatever its numbers are."""
    if paper.examiner is None:
        raise ValueError(f"exercise {paper.number} has no examiner")
    lines = paper.task.lines
    plan = PlanData(lines)
    data = plan.written()
    data["mistakes"] = [_mistake(replay, plan) for replay in paper.examiner.replays.singles]
    return {
        "plan": data,
        "slips": [{"code": slip.code, "sentence": slip.sentence} for slip in SLIPS],
        "policy": policy_data(policy),
        "asked": [plan.number(cell) for cell in paper.asked],
        "worth": [_fraction(policy.weight(cell, paper.number)) for cell in lines.root],
    }


def numbers_data(paper: Paper, given: Mapping[str, Array], precision: Precision) -> dict[str, Any]:
    """One variant: the numbers handed out (``given`` in shape + (1,)) in the plan's order, and the places of cells."""
    values = {
        cell: float(value)
        for name, array in given.items()
        for cell, value in zip(cell_ids(name, array.shape[:-1]), array.reshape(-1), strict=True)
    }
    places = [precision.of(cell) for cell in paper.task.lines.root]
    return {
        "given": [values[cell] for cell in paper.task.lines.givens],
        "places": [[each.digits, each.significant] for each in places],
    }


def policy_data(policy: Policy) -> dict[str, Any]:
    """What verdicts earn; lateness and rounded totals are no matter of practice."""
    return {
        "carried": _fraction(policy.carried),
        "method": _fraction(policy.method),
        "convention": _fraction(policy.convention),
        "once": policy.repeat == "once",
    }


def trouble_sentences() -> dict[str, str]:
    """Why a text is no number, by code."""
    return dict(UNREADABLE)


def _fraction(number: Fraction) -> list[int]:
    return [number.numerator, number.denominator]


def _mistake(replay: Replay, plan: PlanData) -> dict[str, Any]:
    """One mistake; where a sentence names the site itself, its place is left empty."""
    (made,) = replay.made
    row = made.mistake.row
    return {
        "code": row.code,
        "kind": row.kind.value,
        "sentence": row.sentence,
        "sites": {
            site: {place: "" if name == site else name for place, name in instead.places.items()}
            for site, instead in made.mistake.sites.items()
        },
        "wrong": [[plan.number(line.cell), plan.nodes(line.nodes), plan.reads(line.reads)] for line in replay.wrong],
    }
