"""Room: exercises. The catalogue of misconceptions, and all the mistakes that can be made in a program."""

from __future__ import annotations

from exercises.families import FAMILIES
from exercises.misconceptions import activation, chain, forward, loss, update, wiring
from exercises.misconceptions.slips import SLIPS, Slip
from exercises.misconceptions.visible import Candidate, telling
from exercises.mistaken import Instead, Kind, Misconception, Mistake
from exercises.program import Program

__all__ = ["CATALOGUE", "SLIPS", "Instead", "Kind", "Misconception", "Mistake", "Slip", "misconception", "mistakes"]

_BROUGHT_ALONG = tuple(dict.fromkeys(row for family in FAMILIES.values() for row in family.misconceptions))

CATALOGUE: tuple[Misconception, ...] = (
    *loss.ROWS,
    *activation.ROWS,
    *wiring.ROWS,
    *forward.ROWS,
    *chain.ROWS,
    *update.ROWS,
    *_BROUGHT_ALONG,
)
"""The rules that hold in any program, and then those that families bring along."""

_BY_CODE = {row.code: row for row in CATALOGUE}


def misconception(code: str) -> Misconception:
    """The row of that code; KeyError where there is none."""
    return _BY_CODE[code]


def mistakes(program: Program) -> tuple[Mistake, ...]:
    """Every misconception in every variant that can be made in this program, each with all its sites.

    Left out are sites where the wrong expression has the right one's value whatever the numbers are, and variants that
    differ nowhere from an earlier one of the same row; where a family has a row of its own for the same wrong line, it
    is told in its words.
    """
    candidates = [
        Candidate(row, step.name, instead)
        for row in CATALOGUE
        for step in program.steps
        for instead in row.instead(program, step)
        if instead.expression.shape == step.shape  # nobody takes a vector for a matrix
    ]
    candidates = _in_the_familys_words(candidates)
    grouped: dict[tuple[str, int], dict[str, Instead]] = {}
    for candidate in telling(program, candidates):
        key = candidate.row.code, candidate.instead.variant
        grouped.setdefault(key, {})[candidate.step] = candidate.instead
    made = (Mistake(_BY_CODE[code], variant, sites) for (code, variant), sites in grouped.items())
    return tuple(sorted(made, key=lambda mistake: (CATALOGUE.index(mistake.row), mistake.variant)))


def _in_the_familys_words(candidates: list[Candidate]) -> list[Candidate]:
    own = {
        (candidate.step, candidate.instead.expression) for candidate in candidates if candidate.row in _BROUGHT_ALONG
    }
    return [
        candidate
        for candidate in candidates
        if candidate.row in _BROUGHT_ALONG or (candidate.step, candidate.instead.expression) not in own
    ]
