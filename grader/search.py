"""Room: grader. The search for mistakes through a pile of scripts: local replays, pairs, whole scripts, slips.

Each stage looks only at the scripts in which the one before has left something unexplained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exercises.misconceptions.slips import SLIPS, Slip
from exercises.operations.row import Mask
from grader.acquittal import acquit
from grader.cover import cover
from grader.evidence import Evidence, Pile, Scripts
from grader.gathering import gather
from grader.replays import Replay, Replays
from grader.rounding import ByRounding
from grader.slips import slip_evidence

SURE_WITNESSES = 2
"""Cells that a mistake has to account for before it is told as more than a guess."""


class Found(NamedTuple):
    """Rival readings of the same cells of one script: replays, or slips of the pen.

    ``whole``: replayed from what was given, not from the student's own numbers. ``cancels``: the cells are right, since
    the mistake makes up for an earlier one.
    """

    readings: tuple[Replay | Slip, ...]
    cells: tuple[str, ...]
    whole: bool = False
    cancels: bool = False


FEW_MISTAKES = 5
"""Mistakes an exercise allows up to which a pair of them may rest on one witness: there are ten pairs at most, and one
falls on a random number as seldom as a single mistake of a larger exercise does.
"""

TOGETHER = 500
"""Scripts for which pairs are tried at once: hundreds of pairs on hundreds of cells make large tables."""

Told = list[tuple[Found, ...]]
"""For each script of a pile, what was found; empty where nothing was."""


@dataclass
class Search:
    """One pile, searched stage by stage."""

    replays: Replays
    pile: Pile

    def __post_init__(self) -> None:
        self.open = self.pile.open.copy()
        self.told: Told = [()] * self.pile.count

    def made(self) -> Told:
        singles = self.replays.singles
        self._try_singles((*singles, *self.replays.parts(self.pile.zones)))
        self._try_pairs()
        if len(left := self._left(SURE_WITNESSES)):
            self._stage(left, self.pile.only(left, from_own_numbers=False), singles, least=SURE_WITNESSES, whole=True)
        if len(left := self._left(1)):
            self._take(left, self.slips.only(left), SLIPS)
        self._find_cancelling()
        return self.told

    @cached_property
    def slips(self) -> Evidence:
        return slip_evidence(self.pile)

    def _try_singles(self, replays: Sequence[Replay]) -> None:
        """A rule that only one wrong cell bears witness of, and a right one beside it speaks against, gives way to a
        slip of the pen.
        """
        evidence = gather(self.pile, replays, split_up=True)
        weak = (evidence.explained.sum(axis=1) == 1)[:, None, :] & evidence.split
        if weak.any():
            evidence.explained[weak & self.slips.explained.any(axis=0)] = False
        self._take(np.arange(self.pile.count), evidence, replays)

    def _left(self, at_least: int) -> Scripts:
        """Scripts with so many wrong cells that nothing explains yet."""
        return np.flatnonzero(self.open.sum(axis=0) >= at_least)

    def _stage(
        self, some: Scripts, pile: Pile, replays: Sequence[Replay], *, least: int = 1, whole: bool = False
    ) -> None:
        if replays:
            evidence = gather(pile, replays, lambda _: least)
            if whole:
                acquit(pile, evidence, replays)
            self._take(some, evidence, replays, least=least, whole=whole)

    def _take(
        self,
        some: Scripts,
        evidence: Evidence,
        readings: Sequence[Replay | Slip],
        *,
        least: int = 1,
        whole: bool = False,
    ) -> None:
        cells = self.pile.cells
        for group in cover(evidence, self.open[:, some], least):
            scripts = some[group.scripts]
            self.open[:, scripts] = group.left[:, None]
            found = tuple(
                Found(tuple(readings[row] for row in finding.rows), tuple(cells[k] for k in finding.cells), whole)
                for finding in group.findings
            )
            self._tell(scripts, found)

    def _tell(self, scripts: Scripts, found: tuple[Found, ...]) -> None:
        if found:
            for script in scripts.tolist():
                self.told[script] += found

    # --- two mistakes at once ----------------------------------------------------------------------------------------

    @property
    def _few(self) -> bool:
        return len(self.replays.singles) <= FEW_MISTAKES

    def _try_pairs(self) -> None:
        """Two mistakes at once need two cells that bear witness of them; one will do where one of the two is known, or
        where so few can be made that chance hardly meets a pair of them.
        """
        codes = [_codes(found) for found in self.told]
        open_cells = self.open.sum(axis=0)
        known = np.array([bool(each) for each in codes], dtype=bool)
        known |= self._few
        left = np.flatnonzero((open_cells >= SURE_WITNESSES) | ((open_cells > 0) & known))
        for start in range(0, len(left), TOGETHER):
            self._try_pairs_on(left[start : start + TOGETHER], codes)

    def _try_pairs_on(self, left: Scripts, codes: Sequence[frozenset[str]]) -> None:
        pile = replace(self.pile.only(left), open=self.open[:, left])
        pairs = self.replays.pairs(pile.zones)
        if not pairs:
            return
        told = [codes[script] for script in left.tolist()]

        def least(pair: Replay) -> NDArray[np.intp]:
            known = [self._few or not each.isdisjoint(pair.codes) for each in told]
            return np.where(known, 1, SURE_WITNESSES)

        evidence = gather(pile, pairs, least)
        enough = np.stack([least(pair) for pair in pairs])
        evidence.explained[
            np.broadcast_to((evidence.explained.sum(axis=1) < enough)[:, None], evidence.explained.shape)
        ] = False
        self._take(left, evidence, pairs)

    # --- two mistakes that cancel -----------------------------------------------------------------------------------

    def _find_cancelling(self) -> None:
        """Cells that are right, but don't follow from what the student wrote before: where a second mistake makes them
        of it, the working shows that two mistakes cancel.
        """
        some = np.array([script for script, found in enumerate(self.told) if _codes(found)], dtype=np.intp)
        cells = self._astray(some) if len(some) else {}
        if not cells:
            return
        masks = np.stack(list(cells.values()))
        kept = np.flatnonzero(masks.sum(axis=0) >= SURE_WITNESSES)
        if not len(kept):
            return
        some, part = some[kept], self.pile.only(some[kept])
        pile = Pile(part.task, part.given, part.entries, part.judged, tuple(cells), masks[:, kept])
        singles = self.replays.singles
        evidence = gather(pile, singles)
        left = pile.open & ~self._known_rules(evidence, some)
        for group in cover(evidence, left, SURE_WITNESSES):
            found = tuple(
                Found(tuple(singles[row] for row in one.rows), tuple(pile.cells[k] for k in one.cells), cancels=True)
                for one in group.findings
            )
            self._tell(some[group.scripts], found)

    def _known_rules(self, evidence: Evidence, some: Scripts) -> NDArray[np.bool_]:
        """Cells (cells, V) that follow by a rule which is known already: it has been kept to, and cancels nothing."""
        codes = [_codes(self.told[script]) for script in some.tolist()]
        rows = self.replays.singles
        known = np.array([[not own.isdisjoint(replay.codes) for own in codes] for replay in rows], dtype=bool)
        return np.asarray((evidence.explained & known[:, None, :]).any(axis=0))

    def _astray(self, some: Scripts) -> dict[str, Mask]:
        """By cell, in which scripts a right number isn't what follows from the student's own."""
        pile = self.pile.only(some)
        found: dict[str, Mask] = {}
        for cell, right in pile.right.items():
            judged, written = pile.judged[cell], pile.written[cell]
            expected = pile.base.nominal[pile.task.lines.root[cell]]
            off = np.abs(written - expected)
            suspect = right & (off > judged.allowed + pile.task.unit(cell, expected))
            if suspect.any():
                suspect &= off > ByRounding().allowed(pile.base, cell, expected)
            if suspect.any():
                found[cell] = suspect
        return found


@lru_cache(maxsize=4096)
def _codes(found: tuple[Found, ...]) -> frozenset[str]:
    """The wrong rules found in a script."""
    replays = [reading for one in found for reading in one.readings if isinstance(reading, Replay)]
    return frozenset(code for replay in replays for code in replay.codes)
