"""Room: gradsheet. The practice page of a specification: numbers from a public seed, marking as in `check`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exercises.errors import InputError
from exercises.specification import Exercise, Specification, to_toml
from exercises.variants import drawn_for_practice
from grader.messages import UNREADABLE
from grader.policy import EXAM, Policy
from grader.resolution import Paper
from gradsheet.examination import ADVICE, CANCELS, LEADS
from gradsheet.papers import papers_of, places_of
from gradsheet.practice_data import marking_data, numbers_data
from gradsheet.results import PAID, SHORT, UNDECIDABLE
from templates.environment import Templates
from templates.practice_page import practice_html
from templates.render import Header


def practice_page(
    specification: Specification, variants: int, *, policy: Policy = EXAM, templates: Templates | None = None
) -> str:
    """The page; InputError for exercises that can't be practised. Where no number is open there is one variant."""
    sets = [_whole(exercises) for exercises in _sets(specification, variants)]
    papers = papers_of(sets[0])
    marking = [_marking(paper, policy, [one[place] for one in sets]) for place, paper in enumerate(papers)]
    sheets = [to_toml(replace(specification, exercises=tuple(one))) for one in sets]
    title = specification.title or specification.name
    common = {
        "sheet": title,
        "memory": hashlib.sha256("\n".join(sheets).encode()).hexdigest()[:16],
        "sheets": sheets,
        "said": {
            "troubles": UNREADABLE,
            "cancels": CANCELS,
            "leads": LEADS,
            "advice": ADVICE,
            "undecidable": UNDECIDABLE,
            "paid": PAID,
            "short": SHORT.format(places="more places"),
        },
    }
    header = Header(title, specification.course, specification.date, specification.note)
    return practice_html(header, sets, marking, common, templates=templates)


def _sets(specification: Specification, count: int) -> list[tuple[Exercise, ...]]:
    """The exercises with numbers drawn for practice; no course's secret has a part in them."""
    for exercise in specification.exercises:
        if exercise.finding:
            raise InputError(
                'a practice page has numbers to be worked out, not mistakes to be found; take mode = "solve"',
                where=f"{specification.where}, exercise {exercise.number}",
            )
    drawn = any(exercise.open_names for exercise in specification.exercises)
    return [drawn_for_practice(specification, attempt) for attempt in range(1, (count if drawn else 1) + 1)]


def _whole(exercises: Sequence[Exercise]) -> tuple[Exercise, ...]:
    """Faded exercises with everything asked that they lead to: the page itself works some of it out for the learner."""
    return tuple(
        exercise if exercise.fade is None else replace(exercise, asked=exercise.worked) for exercise in exercises
    )


def _marking(paper: Paper, policy: Policy, variants: Sequence[Exercise]) -> dict[str, Any]:
    number = {cell: place for place, cell in enumerate(paper.task.lines.root)}
    return {
        **marking_data(paper, policy),
        "variants": [numbers_data(paper, exercise.given, places_of(exercise)) for exercise in variants],
        "twins": [[number[one], number[other]] for one, other in paper.twins.items() if one in number],
    }
