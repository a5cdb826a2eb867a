"""Room: grader. Which students a teacher might talk to, and why: values and codes, no words."""

from __future__ import annotations

from collections.abc import Sequence
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


def to_talk_to(class_work: Sequence[Work]) -> list[Concern]:
    """Students with a reason, those with most reasons and then the lowest scores first."""
    number = max(FEWEST_LOWEST, int(LOWEST_PART * len(class_work)))
    ranked = sorted(work.share for work in class_work)
    bar = ranked[min(number, len(ranked)) - 1] if ranked else 0.0
    concerns = [Concern(work, _reasons(work, bar)) for work in class_work]
    found = [concern for concern in concerns if concern.reasons]
    return sorted(found, key=lambda each: (-len(each.reasons), each.work.share, each.work.student))


def _reasons(work: Work, bar: float) -> tuple[Reason, ...]:
    holds = {
        Reason.LOWEST: work.share <= bar and work.share < LOW,
        Reason.UNEXPLAINED: work.unexplained >= MANY_UNEXPLAINED,
        Reason.TENTATIVE: work.only_tentative,
    }
    return tuple(reason for reason, there in holds.items() if there)
