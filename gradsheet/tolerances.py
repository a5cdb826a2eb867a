"""Room: gradsheet. The options by which a teacher picks another tolerance than that of rounding by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from grader.rounding import Tolerance

Wishes = float | int | None
Command = TypeVar("Command", bound=Callable[..., Any])


class _Distance(click.FloatRange):
    """A finite number from 0 on: with nan nothing would be accepted, with infinity everything."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"expected a number such as 0.001, found {value}", param, ctx)
        return number


_OPTIONS = (
    click.option("--atol", type=_Distance(min=0), help="Accept within this distance: |v - e| ≤ max(atol, rtol·|e|)."),
    click.option("--rtol", type=_Distance(min=0), help="Accept within this share of the expected value."),
    click.option("--decimals", type=click.IntRange(0, 12), help="Accept what agrees to so many decimals."),
    click.option(
        "--significant", type=click.IntRange(1, 12), help="Accept what agrees to so many significant figures."
    ),
)


def tolerance_options(command: Command) -> Command:
    """Add --atol, --rtol, --decimals and --significant to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def tolerance_of(wishes: Mapping[str, Wishes]) -> Tolerance | None:
    """The tolerance asked for; None where none is. A usage error where two are."""
    from exercises.precision import Places
    from grader.rounding import ByDistance, ByPlaces

    named = {name: value for name, value in wishes.items() if value is not None}
    distance = {"atol", "rtol"} & named.keys()
    if len(named) > 1 and len(distance) != len(named):
        raise click.UsageError(f"--{' and --'.join(named)} don't go together; choose one")
    if distance:
        return ByDistance(atol=float(named.get("atol", 0.0)), rtol=float(named.get("rtol", 0.0)))
    for name, value in named.items():
        return ByPlaces(Places(int(value), significant=name == "significant"))
    return None
