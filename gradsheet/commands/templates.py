"""Room: gradsheet. `gradsheet templates export`: the templates written out, for a teacher to edit."""

from __future__ import annotations

from pathlib import Path

import click

from gradsheet.cli import example


@click.group(invoke_without_command=True, epilog=example("gradsheet templates export mine/"))
@click.pass_context
def command(ctx: click.Context) -> None:
    """The templates that sheets, keys, solutions and feedback are laid out with: change them to your liking."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command(
    epilog=example(
        "gradsheet templates export mine/",
        "gradsheet generate sheet.toml --count 3 --templates mine/",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write the templates into DIR, to be edited.

    Delete what you leave as it is: for a template that isn't in DIR ours is used. The language is Jinja's; a name that
    a template doesn't have is an error that says where it stands.
    """
    from gradsheet.files import staged_folder, write_atomically
    from templates.environment import OURS, template_files

    with staged_folder(folder) as place:
        for path in template_files():
            target = place / path.relative_to(OURS)
            target.parent.mkdir(exist_ok=True)
            write_atomically(target, path.read_bytes())
    click.echo(
        f"Wrote {len(template_files())} templates into {folder}\n"
        f"Next: edit some, delete the others, and add --templates {folder} to gradsheet generate or solve"
    )
