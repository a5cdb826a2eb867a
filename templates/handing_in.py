"""Room: templates. How a sheet is handed in, in the same words in all formats: what to fill in, and with what.

Only a sheet that has an answer form beside it says so; what is worked on without one is nobody's to collect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandingIn:
    """What a student is told; between the words ``before`` and ``after`` stands the name of the answer form."""

    before: str
    after: str


def handing_in(form: str, finding: Sequence[bool], *, table: bool = False) -> HandingIn | None:
    """The words; None where there is no ``form``, or nothing to write into it.

    ``finding``: of each exercise that asks for something, whether that is a mistake, which nothing is carried on from.
    ``table``: the sheet is a text file whose own table can be filled in and handed in instead.
    """
    if not form or not finding:
        return None
    instead = ", or into the table in this file," if table else ""
    own = f" {OWN_NUMBERS}" if not all(finding) else ""
    return HandingIn(
        "If you hand in a file: write each value behind its id into ",
        f"{instead} and hand that in; the ids are those of the table above. Decimal point or comma, to the places that "
        f"are asked or more.{own} An empty place earns nothing.",
    )


OWN_NUMBERS = "Enter your own numbers throughout: what follows rightly from a slip still counts."
"""Carried marks, as every policy but a strict one gives them."""
