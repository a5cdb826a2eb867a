"""Room: gradsheet. The option by which a teacher names a policy: a preset or a file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from exercises.specification import Exercise
    from grader.policy import Policy

policy_option = click.option(
    "--policy",
    default="exam",
    show_default=True,
    help="What verdicts earn: exam, practice, strict, or a TOML file.",
)


def policy_of(name: str) -> Policy:
    """The preset of that name, or the policy in the file of that name."""
    from grader.policy import PRESETS, parse_policy, preset_named

    path = Path(name)
    if name in PRESETS or not (path.suffix or path.exists()):
        return preset_named(name)
    return parse_policy(path.read_text(encoding="utf-8-sig"), name)


def policy_for(name: str, exercises: Sequence[Exercise]) -> Policy:
    """As ``policy_of``; weights that change no marks of these exercises are told on stderr, a line each."""
    policy = policy_of(name)
    for line in idle_weights(policy, name, exercises):
        click.echo(f"gradsheet: {line}", err=True)
    return policy


ALIKE = 0.75
"""How like a name another must be to be what was meant: dJ/dw is dJ/dW, but dJ/dW is no df/dx."""


def _meant(name: str, known: Sequence[str]) -> str:
    """The known name that is most like one that may have been mistyped; empty where none is."""
    folded = {each.casefold(): each for each in known}
    for form in (name.casefold(), name.partition("[")[0].casefold()):
        if close := difflib.get_close_matches(form, folded, n=1, cutoff=ALIKE):
            return folded[close[0]]
    return ""


def idle_weights(policy: Policy, name: str, exercises: Sequence[Exercise]) -> Iterator[str]:
    """What is to be said of each weight that names nothing asked; one policy may serve sets that ask for other things,
    so that is no error.
    """
    from exercises.names import stem

    asked = [(exercise.number, cell) for exercise in exercises for cell in exercise.answers]
    quantities = {cell.partition("[")[0] for _, cell in asked}
    known = sorted({*(cell for _, cell in asked), *quantities, *map(stem, quantities)})
    for weight in policy.idle(asked):
        close = _meant(weight.rpartition(":")[2], known)
        hint = f'; did you mean "{close}"?' if close else ""
        yield f'{name}, weights: "{weight}" names nothing that is asked here, so it changes no marks{hint}'
