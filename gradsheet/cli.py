"""Room: gradsheet. The command line: which commands there are, and how a complaint reaches the user.

Nothing heavy is imported here: `gradsheet --help` costs hardly more than click itself. A command's module is loaded
when the command is run, or its own help is asked for.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from gradsheet import __version__

SUMMARIES: dict[str, str] = {
    # name of the command, and of its module in gradsheet/commands: what it does
    "demo": "Make a small class, from roster to gradebook.",
    "list": "Say what there is: families, notations, misconceptions, examples.",
    "course": "A course in twelve sheets, from the chain rule to attention.",
    "solve": "Work an exercise out, step by step.",
    "init": "Make the course secret, once.",
    "practice": "Make a page to practise on, which marks by itself.",
    "generate": "Make sheets, keys and answer forms for a class.",
    "check": "Mark one hand-in, with feedback.",
    "grade": "Mark a class: gradebook and feedback.",
    "feedback": "Make feedback for single students of a graded class.",
    "regrade": "Mark a class again, and show what that changes first.",
    "verify": "Work every key out anew, and say what does not agree.",
    "report": "Show how a class did: plots, items, mistakes.",
    "export": "Write a set as questions for Moodle, Canvas and other platforms.",
    "responses": "Mark a platform's responses again, and show what changes.",
    "templates": "Write out the templates, to make them yours.",
}

USAGE_ERROR = 2
INTERRUPTED = 130  # what shells report for a program ended by Ctrl-C
BROKEN_PIPE = 141  # and for one whose reader has gone, as in `gradsheet list | head`

REMEDIES: dict[int, str] = {
    errno.ENOENT: "no such file or folder; check how the name is spelled",
    errno.EACCES: "permission denied; change who may use it, or name another place",
    errno.EPERM: "permission denied; change who may use it, or name another place",
    errno.EROFS: "this place can only be read; name another",
    errno.EISDIR: "this is a folder; name a file",
    errno.ENOTDIR: "a file stands where a folder is needed; name another place",
    errno.EEXIST: "this is there already; move it away, or name another place",
    errno.ENOTEMPTY: "this folder isn't empty; move it away, or name another place",
    errno.ENOSPC: "the disk is full; make room and run the command again",
    errno.EDQUOT: "your share of the disk is used up; make room and run the command again",
    errno.ENAMETOOLONG: "this name is too long; choose a shorter one",
    errno.ELOOP: "this link leads back to itself; name the file it should lead to",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n) and run the command again",
    errno.EIO: "the disk couldn't be read or written; check it, or name another place",
}


def example(*lines: str) -> str:
    """An epilog that shows a command in use: each line stays a line.

    Give it to ``click.command(epilog=example("gradsheet init"))``; every command has one.
    """
    # \b at the head of a paragraph keeps click from filling it.
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def chosen_formats(wished: str, known: Sequence[str]) -> tuple[str, ...]:
    """The formats of a list such as ``md,html``; UsageError for any that a command doesn't write."""
    names = tuple(dict.fromkeys(name.strip() for name in wished.split(",") if name.strip()))
    if not names or any(name not in known for name in names):
        raise click.UsageError(f'expected formats out of {", ".join(known)}, found "{wished}"')
    return names


class LazyGroup(click.Group):
    """A group that knows its commands' names and summaries, and loads one's module when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table, which is the order of a teacher's work."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None; an error inside its module shows as it is."""
        if cmd_name not in SUMMARIES:
            return None
        command = import_module(f"gradsheet.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but an unknown name brings the nearest known one."""
        name = args[0]
        if name not in SUMMARIES and not name.startswith("-"):
            from exercises.errors import unknown

            raise click.UsageError(unknown("command", name, SUMMARIES), ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """As click does it, but an option without its value is an error of the command, not of nobody."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            name = ctx.invoked_subcommand
            command = self.get_command(ctx, name) if error.ctx is None and name is not None else None
            if command is not None:
                error.ctx = click.Context(command, parent=ctx, info_name=name)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table; click's own way would load every module for its summary."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("gradsheet init"),
)
@click.version_option(__version__, prog_name="gradsheet", message="%(prog)s %(version)s")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Exercises in backpropagation: made, worked out in full, printed, and marked.

    Each command tells more with --help.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 done; 2 the user can mend it (one line on stderr says how); 130 Ctrl-C; 141 the reader of our output has gone.
    An exception that is a defect of ours comes through with its traceback.
    """
    if "_GRADSHEET_COMPLETE" in os.environ:  # a shell that asks for completions: click's business
        commands.main(prog_name="gradsheet")
    try:
        _print_what_the_terminal_can_show()
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()  # a full disk or a closed pipe behind stdout is noticed here, not after the end
        return code
    except BrokenPipeError:
        _silence_stdout()
        return BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except Exception as error:
        line = complaint(error)
        if line is None:
            raise
        if isinstance(error, OSError) and error.filename is None:
            _silence_stdout()  # what couldn't be written would be tried again on the way out
        click.echo(f"gradsheet: {line}", err=True)
        return USAGE_ERROR


def _run(arguments: list[str]) -> int:
    # Not click's main(): it reports an EOFError, say from a truncated archive, as if the user had pressed Ctrl-C.
    try:
        with commands.make_context("gradsheet", arguments) as ctx:
            commands.invoke(ctx)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return 0


def complaint(error: Exception) -> str | None:
    """The one line that tells the user what to mend, or None where the error is a defect of ours."""
    from exercises.errors import InputError, one_line

    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, click.UsageError):
        return one_line(f"{_clause(error.format_message())}; try: {_help_of(error.ctx)}")
    if isinstance(error, click.ClickException):
        return one_line(error.format_message())
    if isinstance(error, OSError) and error.errno is not None:
        return _about_file(error, error.errno)
    encoding = sys.getfilesystemencoding()
    if isinstance(error, UnicodeEncodeError) and error.encoding == encoding != "utf-8":
        # A POSIX system without a language: Python can't hand it the name of such a file.
        name = os.path.basename(error.object)
        remedy = "set PYTHONUTF8=1 and run the command again"
        return one_line(f"file names are limited to {encoding} here, and {name!a} isn't; {remedy}")
    return None


def _about_file(error: OSError, number: int) -> str | None:
    from exercises.errors import one_line

    remedy = REMEDIES.get(number)
    if error.filename is None:
        # Of a stream without a name (stdout, say) only a full disk can be explained.
        return remedy if number in (errno.ENOSPC, errno.EDQUOT, errno.EIO) else None
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else str(error.filename)
    return one_line(f"{name}: {remedy or f'{error.strerror}; name another place'}")


def _clause(sentence: str) -> str:
    # Click's messages are sentences; ours go on.
    text = sentence.strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _help_of(ctx: click.Context | None) -> str:
    return f"{ctx.command_path if ctx is not None else 'gradsheet'} --help"


def _print_what_the_terminal_can_show() -> None:
    # A terminal or pipe that isn't UTF-8 gets \u2202 for ∂ rather than a traceback.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _silence_stdout() -> None:
    # The interpreter flushes stdout once more on its way out, and would complain there.
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
