"""Room: gradsheet. By which rules a class was marked, kept with its results, to mark a student again.

Written are the rules that verdicts and marks depend on; who was late and what was decided on appeal stand with each
student.
"""

from __future__ import annotations

from typing import Any

from exercises.errors import InputError
from exercises.precision import Places
from exercises.toml_text import toml_line
from grader.policy import Policy, parse_policy
from grader.rounding import ByDistance, ByPlaces, ByRounding, Tolerance
from gradsheet.class_marking import Rules


def rules_json(rules: Rules) -> dict[str, Any]:
    """The rules for programs; the policy as the TOML that gives it."""
    return {
        "tolerance": _tolerance_json(rules.tolerance),
        "policy": policy_text(rules.policy),
        "attempts": rules.attempts,
    }


def rules_of(told: Any, where: str) -> Rules:
    """The rules that were written down; InputError where they can't be read."""
    if not isinstance(told, dict) or not isinstance(told.get("policy"), str):
        raise InputError("its rules of marking are missing; grade the class again", where=where)
    return Rules(_tolerance(told.get("tolerance")), parse_policy(told["policy"], where))


def _tolerance_json(tolerance: Tolerance | None) -> dict[str, Any] | None:
    if isinstance(tolerance, ByDistance):
        return {"atol": tolerance.atol, "rtol": tolerance.rtol}
    if isinstance(tolerance, ByPlaces):
        places = tolerance.places
        return {"significant" if places.significant else "decimals": places.digits}
    if tolerance is None or isinstance(tolerance, ByRounding):
        return None
    raise TypeError(f"no way to write {tolerance!r} down")


def _tolerance(told: Any) -> Tolerance | None:
    if not told:
        return None
    if "atol" in told:
        return ByDistance(told["atol"], told["rtol"])
    (name,) = told
    return ByPlaces(Places(int(told[name]), significant=name == "significant"))


def policy_text(policy: Policy) -> str:
    """A policy as the TOML that a teacher would write for it, every point of it said."""
    table = {
        "carried": str(policy.carried),
        "method": str(policy.method),
        "convention": str(policy.convention),
        "repeat": policy.repeat,
        "late": {"per_day": str(policy.late.per_day), "at_most": str(policy.late.at_most)},
        "total": {"step": str(policy.total.step), "towards": policy.total.towards},
        "weights": {name: str(weight) for name, weight in policy.weights.items()},
    }
    return "".join(f"{toml_line(key, value)}\n" for key, value in table.items())
