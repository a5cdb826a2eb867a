"""Room: gradsheet. The option by which a teacher names a policy: a preset or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
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
