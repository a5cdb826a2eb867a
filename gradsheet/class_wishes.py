"""Room: gradsheet. How a class is to be marked, as `grade` and `regrade` are told: the same options for both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gradsheet.cli import chosen_formats
from gradsheet.policies import policy_for, policy_option
from gradsheet.tolerances import Wishes, tolerance_of, tolerance_options

if TYPE_CHECKING:
    from exercises.specification import Exercise
    from gradsheet.class_marking import Attempts, Rules
    from gradsheet.feedback import Reveal

FORMATS = ("md", "html", "pdf")

Command = TypeVar("Command", bound=Callable[..., Any])

format_option = click.option(
    "--format", "formats", default="md", show_default=True, help="What feedback comes as: md, html, pdf, or several."
)
reveal_option = click.option(
    "--reveal",
    type=click.Choice(["verdict", "hint", "solution"]),
    default="solution",
    show_default=True,
    help="How much feedback tells.",
)

_OPTIONS = (
    format_option,
    click.option(
        "--feedback",
        type=click.Choice(["all", "none"]),
        help="Whom to make feedback for: all (up to 1,000 students), none (beyond; see gradsheet feedback).",
    ),
    reveal_option,
    policy_option,
    click.option("--late", type=click.Path(path_type=Path), help="A CSV, columns student and days: who was late."),
    click.option(
        "--attempts",
        type=click.Choice(["latest", "best", "first"]),
        default="latest",
        show_default=True,
        help="Which of several hand-ins counts.",
    ),
    click.option(
        "--layout",
        type=click.Choice(["auto", "plain", "moodle", "canvas", "gradescope"]),
        default="auto",
        show_default=True,
        help="How the platform names the files.",
    ),
    click.option("--roster", type=click.Path(path_type=Path), help="A CSV with the set's ids, and what --match names."),
    click.option(
        "--match",
        metavar="COLUMN",
        multiple=True,
        help="A column of --roster by which the platform knows students; without a roster, one of a class's own table.",
    ),
    click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes to mark with."),
    tolerance_options,
)


def class_options(command: Command) -> Command:
    """Add the options that say how a class is marked; their values make a ``ClassWishes``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class ClassWishes:
    """What the options say; feedback is made in ``formats``, for all or none as ``feedback`` says."""

    formats: tuple[str, ...]
    feedback: str | None
    reveal: Reveal
    policy: str
    late: Path | None
    attempts: Attempts
    layout: str
    roster: Path | None
    match: tuple[str, ...]
    jobs: int
    tolerance: Mapping[str, Wishes]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> ClassWishes:
        """From a command's arguments; UsageError for a format there isn't."""
        from gradsheet.feedback import Reveal

        plain = {name: said[name] for name in cls.__slots__ if name in said}
        tolerance = {name: value for name, value in said.items() if name not in plain}
        made = {"formats": chosen_formats(said["formats"], FORMATS), "reveal": Reveal(said["reveal"])}
        return cls(**plain | made, tolerance=tolerance)

    def rules(self, exercises: Sequence[Exercise]) -> Rules:
        """How these exercises are marked; what is idle in the policy is told on stderr."""
        from gradsheet.class_marking import Rules

        policy, tolerance = policy_for(self.policy, exercises), tolerance_of(self.tolerance)
        return Rules(tolerance, policy, self.late, self.attempts, self.layout, self.roster, self.match)

    def formats_for(self, students: Collection[object]) -> tuple[str, ...]:
        """The formats that feedback is made in; none for a large class, unless it is wished for all."""
        from gradsheet.results_folder import LARGE_CLASS

        left_out = self.feedback == "none" or (self.feedback is None and len(students) > LARGE_CLASS)
        return () if left_out else self.formats
