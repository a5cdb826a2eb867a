"""Room: grader. Which students a teacher might talk to, and why: values and codes, no words."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from grader.statistics import Told

LOW = 0.5
"""Part of the full mark below which a score may be among the lowest worth a talk."""

LOWEST_PART = 0.1
"""Part of the class that counts as the lowest; at least ``FEWEST_LOWEST``."""

FEWEST_LOWEST = 3

MANY_UNEXPLAINED = 3
"""Wrong cells that no known mistake explains; one or two are slips."""


class Reason(Enum):
    """Why a talk may help."""

    LOWEST = "lowest"
    UNEXPLAINED = "unexplained"
    TENTATIVE = "tentative"


@dataclass(frozen=True, slots=True)
class Work:
    """What one student's hand-in came to: its share of the full mark, its wrong cells, and what is said of it."""

    student: str
    share: float
    wrong: tuple[str, ...]
    told: tuple[Told, ...]

    @property
    def unexplained(self) -> int:
        """Wrong cells that no explanation accounts for."""
        explained = {cell for one in self.told for cell in one.cells}
        return sum(cell not in explained for cell in self.wrong)

    @property
    def only_tentative(self) -> bool:
        return bool(self.wrong and self.told) and not any(one.sure for one in self.told)


@dataclass(frozen=True, slots=True)
class Concern:
    """A student to talk to, and why."""

    work: Work
    reasons: tuple[Reason, ...]


def to_talk_to(class_work: Iterable[Work]) -> list[Concern]:
    """Students with a reason, those with most reasons and then the lowest scores first."""
    shares, perhaps = array("d"), []
    for work in class_work:  # of a large class most have no reason, and aren't kept
        shares.append(work.share)
        if _reasons(work, LOW):
            perhaps.append(work)
    number = max(FEWEST_LOWEST, int(LOWEST_PART * len(shares)))
    bar = sorted(shares)[min(number, len(shares)) - 1] if shares else 0.0
    concerns = [Concern(work, reasons) for work in perhaps if (reasons := _reasons(work, bar))]
    return sorted(concerns, key=lambda each: (-len(each.reasons), each.work.share, each.work.student))


def _reasons(work: Work, bar: float) -> tuple[Reason, ...]:
    holds = {
        Reason.LOWEST: work.share <= bar and work.share < LOW,
        Reason.UNEXPLAINED: work.unexplained >= MANY_UNEXPLAINED,
        Reason.TENTATIVE: work.only_tentative,
    }
    return tuple(reason for reason, there in holds.items() if there)
