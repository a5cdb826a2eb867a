"""Room: grader. Which rule went wrong: what the search found, as explanations that can be told.

Nothing is said without a witness; with one witness only an explanation is tentative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from exercises.misconceptions.slips import Slip
from exercises.mistaken import Kind
from exercises.names import parse_cell
from exercises.operations.row import Array
from exercises.program import Program
from grader.advice import separating_cell
from grader.evidence import Pile
from grader.fewer_places import AsWorked, as_worked
from grader.gathering import pile_of
from grader.judging import Entries, Judged, Task, Verdict, only
from grader.replays import Made, Replay, Replays, zone
from grader.search import SURE_WITNESSES, Found, Search, Told

BLOCK = 4_000
"""Scripts at a time."""

MOST_RIVALS = 3
"""Readings of the same cells that are told; more would be no help to anybody."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reading of some cells.

    ``sites`` are the steps at which the rule went wrong, where it began first; ``cells`` the wrong cells it accounts
    for. Explanations with the same ``alternative`` are rival readings of the same cells. ``places`` fill the sentence:
    name -> id. With ``cancels`` the cells are right all the same: the mistake makes up for an earlier one. A ``slip``
    of the pen is no wrong rule.
    """

    code: str
    kind: Kind
    sentence: str
    places: Mapping[str, str]
    sites: tuple[str, ...]
    cells: tuple[str, ...]
    alternative: int
    tentative: bool
    cancels: bool = False
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is said of one script, and the further cell that would separate the rival readings (None without rivals).

    ``short`` are wrong cells that are right as far as they go: they have fewer places than asked.
    """

    explanations: tuple[Explanation, ...]
    advice: str | None = None
    short: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Examiner:
    """An exercise's mistakes made ready for replaying; make it once for all scripts."""

    program: Program
    task: Task

    @cached_property
    def replays(self) -> Replays:
        return Replays(self.program, self.task.lines)

    def diagnose(
        self, given: Mapping[str, Array], entries: Entries, judged: Mapping[str, Judged]
    ) -> dict[int, Diagnosis]:
        """What is known by script; scripts without a wrong cell, and those nothing is known of, are left out."""
        wrong = np.zeros(int(next(iter(judged.values())).verdict.shape[0]), dtype=bool)
        for cell in self.task.lines.root:
            wrong |= judged[cell].verdict == Verdict.WRONG
        found: dict[int, Diagnosis] = {}
        places = np.flatnonzero(wrong)
        for start in range(0, len(places), BLOCK):
            some = places[start : start + BLOCK]
            own = {cell: one[some] for cell, one in judged.items()}
            for part in as_worked(self.task, only(given, some), entries[some], own):
                scripts = some[part.scripts]
                found |= {int(scripts[script]): diagnosis for script, diagnosis in self._diagnosed(part)}
        return found

    def _diagnosed(self, part: AsWorked) -> Iterator[tuple[int, Diagnosis]]:
        """Scripts that are read at the same places; what is only short of places bears witness of nothing."""
        everyone = np.arange(len(part.scripts))
        pile = pile_of(part.task, part.given, part.entries, part.judged, some=everyone, but_for=part.short)
        short: dict[int, list[str]] = {}
        for cell, mask in part.short.items():
            for script in np.flatnonzero(mask).tolist():
                short.setdefault(script, []).append(cell)
        for script, diagnosis in _diagnoses(pile, Search(self.replays, pile).made()):
            yield script, replace(diagnosis, short=frozenset(short.pop(script))) if script in short else diagnosis
        for script, cells in short.items():
            yield script, Diagnosis((), short=frozenset(cells))


def _diagnoses(pile: Pile, told: Told) -> Iterator[tuple[int, Diagnosis]]:
    """Scripts of which the same was found, with the same cells left blank, are told the same."""
    patterns = _patterns(pile)
    known: dict[tuple[tuple[Found, ...], bytes], Diagnosis] = {}
    for script, found in enumerate(told):
        if found:
            key = found, patterns[script]
            if key not in known:
                known[key] = Diagnosis(tuple(_explanations(pile, script, found)))
            said = known[key]
            rivals = next((one for one in found if len(_rivals(one)) > 1 and not one.cancels), None)
            yield (
                script,
                said if rivals is None else Diagnosis(said.explanations, separating_cell(pile, script, rivals)),
            )


def _patterns(pile: Pile) -> list[bytes]:
    """Which cells each script holds, packed."""
    held = np.packbits(np.stack(list(pile.entered.values())), axis=0)
    return [column.tobytes() for column in np.ascontiguousarray(held.T)]


def _explanations(pile: Pile, script: int, found: Sequence[Found]) -> Iterator[Explanation]:
    """Rival readings share a number; the two mistakes of a pair are different mistakes, each of them told once."""
    number = 0
    told: set[str] = set()
    guess = not any(_is_sure(one) for one in found if not one.cancels)
    for one in found:
        slips = [reading for reading in _rivals(one) if isinstance(reading, Slip)]
        replays = [reading for reading in _rivals(one) if isinstance(reading, Replay)]
        columns = [[_of_slip(slip, one, number + 1) for slip in slips]] if slips else []
        for made in _side_by_side(replays, told):
            column = number + len(columns) + 1
            explanations = [_of_mistake(pile, script, each, one, column) for each in made]
            # What makes up for a guess is a guess: a single number, miscopied and not used, looks the same.
            columns.append(
                [replace(each, tentative=True) for each in explanations] if one.cancels and guess else explanations
            )
        told.update(explanation.code for column in columns for explanation in column)
        number += len(columns)
        yield from (explanation for column in columns for explanation in column)


def _side_by_side(replays: Sequence[Replay], told: Collection[str]) -> list[list[Made]]:
    """The mistakes of rival replays in columns: rivals of each other stand in one, those told already in none."""
    fresh = [
        [made for made in replay.made if made.mistake.row.code not in told] or list(replay.made) for replay in replays
    ]
    columns: list[dict[str, Made]] = []
    for made in fresh:
        for place, each in enumerate(made):
            if place == len(columns):
                columns.append({})
            columns[place].setdefault(each.mistake.row.code, each)
    return [list(column.values()) for column in columns]


def _rivals(found: Found) -> list[Replay | Slip]:
    """The readings to be told: of several that say the same in words, the first."""
    told: dict[tuple[str, ...], Replay | Slip] = {}
    for reading in found.readings:
        told.setdefault((reading.code,) if isinstance(reading, Slip) else reading.codes, reading)
    return list(told.values())[:MOST_RIVALS]


def _is_sure(found: Found) -> bool:
    return len(found.cells) >= SURE_WITNESSES


def _of_slip(slip: Slip, found: Found, number: int) -> Explanation:
    cells = found.cells
    tentative = not _is_sure(found)
    places = {"cell": cells[0]}
    return Explanation(slip.code, Kind.MISTAKE, slip.sentence, places, cells, cells, number, tentative, slip=True)


def _of_mistake(pile: Pile, script: int, made: Made, found: Found, number: int) -> Explanation:
    row, sites = made.mistake.row, _sites(pile, script, made, found)
    tentative = not _is_sure(found)
    places = made.mistake.sites[sites[0]].places
    return Explanation(row.code, row.kind, row.sentence, places, sites, found.cells, number, tentative, found.cancels)


def _sites(pile: Pile, script: int, made: Made, found: Found) -> tuple[str, ...]:
    """The steps of a mistake that the cells come from, through what the script leaves blank; none whose numbers are all
    right, unless the mistake makes up for another.
    """
    innocent = {} if found.cancels else pile.innocent
    blank = [cell for cell, mask in pile.entered.items() if found.whole or not mask[script]]
    reached = {parse_cell(name).quantity for cell in found.cells for name in zone(pile.task.lines, cell, blank)}
    within = tuple(site for site in made.sites if site in reached) or made.sites
    return tuple(site for site in within if site not in innocent or not innocent[site][script]) or within
