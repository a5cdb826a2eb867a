"""Room: gradsheet. What feedback says in whole sentences: how an exercise went, and how a score came about."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.planted import FIRST_WRONG
from grader.gradebook import Row, number
from grader.marking import Verdict
from grader.policy import FULL, Policy
from grader.scripts import CellResult, ScriptResult


def summary_of(script: ScriptResult) -> str:
    """How an exercise went, in a sentence: what is right first."""
    asked = [cell for cell in script.cells if cell.marks is not None]
    if any(cell.cell == FIRST_WRONG for cell in asked):
        return _of_finding(asked)
    counts = {verdict: sum(cell.verdict is verdict for cell in asked) for verdict in Verdict}
    if len(asked) == 1:
        return f"Your number {ALONE[asked[0].verdict]}."
    return _of_numbers(len(asked), counts) if asked else ""


ALONE = {
    Verdict.CORRECT: "is right",
    Verdict.CARRIED: "follows rightly from an earlier slip",
    Verdict.WRONG: "is wrong",
    Verdict.UNREADABLE: "can't be read",
    Verdict.MISSING: "is left blank",
}
"""What is said of a number that is the only one asked for."""


def _of_numbers(asked: int, counts: dict[Verdict, int]) -> str:
    right, carried = counts[Verdict.CORRECT], counts[Verdict.CARRIED]
    if right == asked:
        return f"All {asked} numbers are right."
    for verdict, words in NONE_OF_ALL.items():
        if counts[verdict] == asked:
            return words.format(asked=asked)
    begin = f"{right} of {asked} numbers {_are(right)} right" if right else f"None of the {asked} numbers is right"
    if carried:
        more = f"{carried} more" if right else str(carried)
        begin += f", and {more} {'follows' if carried == 1 else 'follow'} rightly from an earlier slip"
    rest = [
        f"{many} {_are(many)} {how}" if how != UNREADABLE else f"{many} {how}"
        for verdict, how in NOT_RIGHT.items()
        if (many := counts[verdict])
    ]
    return f"{begin}; {_listed(rest)}." if rest else f"{begin}."


NONE_OF_ALL = {
    Verdict.WRONG: "None of the {asked} numbers is right.",
    Verdict.UNREADABLE: "None of the {asked} numbers can be read.",
    Verdict.MISSING: "Nothing is filled in here.",
}
"""What is said where it is the same of all."""


UNREADABLE = "can't be read"
NOT_RIGHT = {Verdict.WRONG: "wrong", Verdict.UNREADABLE: UNREADABLE, Verdict.MISSING: "left blank"}


def _are(many: int) -> str:
    return "is" if many == 1 else "are"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _of_finding(answers: Sequence[CellResult]) -> str:
    line, value = (answer.verdict for answer in answers)
    if line is value is Verdict.MISSING:
        return "Nothing is filled in here."
    if line is Verdict.CORRECT:
        return "You found the line" + {
            Verdict.CORRECT: ", and put it right.",
            Verdict.MISSING: "; what should stand there is left blank.",
        }.get(value, "; something else should stand there.")
    if value is Verdict.CORRECT:
        return "Your value is the right one; the line is another one."
    return "The mistake is still to be found."


def carried_of(script: ScriptResult, policy: Policy) -> str:
    """What "carried" means, where a number is; what it earns is the policy's to say."""
    if not any(cell.verdict is Verdict.CARRIED for cell in script.cells):
        return ""
    meaning = "Carried: right, given an earlier slip. What is expected is worked out from your own earlier numbers"
    if policy.carried == FULL:
        return f"{meaning}, so that a slip is paid for once."
    return f"{meaning}; it earns {number(100 * policy.carried)} % of the marks."


def account_of(row: Row) -> list[str]:
    """How a score comes about that isn't just the sum of the cells' marks."""
    if row.score == row.earned:
        return []
    steps = [f"The cells below earn {number(row.earned)} marks."]
    after = row.earned * row.keeps
    if row.days_late:
        days = "1 day" if row.days_late == 1 else f"{number(row.days_late)} days"
        steps.append(f"Handed in {days} late, of which {number(100 * row.keeps)} % are left: {number(after)} marks.")
    if row.score != after:
        steps.append(f"Rounded to a multiple of {number(row.total.step)}: {number(row.score)} marks.")
    return steps
