"""Room: gradsheet. What of results/results.json is read back, as it stands there; whatever else there is is let be."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

EXACT = r"^-?\d+(/[1-9]\d*)?$"
Exact = Annotated[str, msgspec.Meta(pattern=EXACT)]
"""A fraction as text."""


class CellRecord(msgspec.Struct, frozen=True):
    """One cell of one hand-in; ``marks`` and ``worth`` are exact fractions, None for a cell that wasn't asked.

    Whether they are fractions is looked at by who reads them: a class has few different ones, and to match each took
    more than half of the time.
    """

    id: str
    verdict: Literal["correct", "carried", "wrong", "unreadable", "missing"]
    value: float | None = None
    marks: str | None = None
    worth: str | None = None


class ExplanationRecord(msgspec.Struct, frozen=True):
    """One explanation of one hand-in, as ``check --json`` has it."""

    code: str
    sentence: str = ""
    kind: str = "mistake"
    sites: list[str] = []
    cells: list[str] = []
    alternative: int = 0
    tentative: bool = False


class StudentRecord(msgspec.Struct, frozen=True):
    """One student; cells and scores only where the hand-in was graded."""

    id: str
    name: str
    status: str
    remark: str = ""
    score: Exact = "0"
    final_score: Exact | None = None
    out_of: Exact = "0"
    cells: list[CellRecord] = []
    explanations: list[ExplanationRecord] = []


class LedgerRecord(msgspec.Struct, frozen=True):
    """The ledger as grade wrote it down."""

    roster: int
    graded: int
    missing: int
    rejected: int
    strays: list[str] = []
    quarantined: int = 0
