"""Room: gradsheet. `gradsheet feedback`: one student's feedback, for a class that was graded without."""

from __future__ import annotations

from pathlib import Path

import click

from gradsheet.class_wishes import FORMATS, format_option, reveal_option
from gradsheet.cli import chosen_formats, example


@click.command(epilog=example("gradsheet feedback spring/ ada", "gradsheet feedback spring/ ada ben --format html,pdf"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("students", metavar="STUDENT...", nargs=-1, required=True)
@format_option
@reveal_option
def command(folder: Path, students: tuple[str, ...], formats: str, reveal: str) -> None:
    """Make feedback for single students of a class that has been graded: DIR/results/feedback/STUDENT.md.

    Feedback for a class of a hundred thousand is seldom read; what was handed in and how it was marked stands in
    DIR/results, and from that it is made when somebody asks. The hand-ins themselves are not needed.
    """
    from gradsheet.feedback import Reveal
    from gradsheet.feedback_on_demand import write_feedback

    for path in write_feedback(folder, students, chosen_formats(formats, FORMATS), Reveal(reveal)):
        click.echo(path)
