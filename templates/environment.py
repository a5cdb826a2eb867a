"""Room: templates. Templates found, filled, and complained about: ours, or a teacher's own in place of some of them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from exercises.errors import InputError, unknown

OURS = Path(__file__).parent

KINDS = ("markdown", "html", "typst")
"""The folders that templates lie in, ours and a teacher's."""

SUFFIXES = (".j2", ".css", ".typ")

FILTERS: dict[str, dict[str, Callable[..., Any]]] = {kind: {} for kind in KINDS}
"""What the templates of a kind may put behind a bar; the module that fills them says so."""


@dataclass(frozen=True)
class Templates:
    """Where templates come from: a teacher's folder first, where there is one, then ours."""

    folder: Path | None = None
    environments: dict[str, jinja2.Environment] = field(default_factory=dict, compare=False)

    def environment(self, kind: str) -> jinja2.Environment:
        """The environment that fills the templates of a kind; names that a template hasn't are errors."""
        if kind not in self.environments:
            self.environments[kind] = _environment(kind, self.folder)
        return self.environments[kind]

    def filled(self, kind: str, name: str, values: Mapping[str, object]) -> str:
        """A template with its places filled.

        InputError names template, line and what is missing where a teacher's template asks for something else.
        """
        try:
            return self.environment(kind).get_template(name).render(values)
        except jinja2.TemplateError as error:
            raise _complaint(error, name, kind) from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Raised by a line of a template it is the template's fault; raised by code of ours it is a defect of ours.
            if self.folder is None or not _raised_by_template(error):
                raise
            raise _complaint(error, name, kind) from error


@cache
def ours() -> Templates:
    """The templates that come along."""
    return Templates()


def templates_in(folder: Path | None) -> Templates:
    """A teacher's templates, ours for those that aren't there; InputError where the folder holds none at all."""
    if folder is None:
        return ours()
    if not folder.is_dir():
        raise InputError(
            "expected a folder of templates, found none; make one: gradsheet templates export DIR", where=str(folder)
        )
    known = {path.relative_to(OURS).as_posix() for path in template_files()}
    if not any((folder / name).is_file() for name in known):
        raise InputError(
            f"expected templates such as {' or '.join(f'{kind}/…' for kind in KINDS)}, found none; "
            "gradsheet templates export DIR writes ours out to edit",
            where=str(folder),
        )
    return Templates(folder)


def template_files() -> tuple[Path, ...]:
    """Our templates, all that can be written out to edit."""
    return tuple(path for kind in KINDS for path in sorted((OURS / kind).glob("*")) if path.name.endswith(SUFFIXES))


def _environment(kind: str, folder: Path | None) -> jinja2.Environment:
    loaders = [OURS / kind] if folder is None else [folder / kind, OURS / kind]
    # Templates from elsewhere lay out what they are handed, and nothing else: they are run in a sandbox.
    make = jinja2.Environment if folder is None else ImmutableSandboxedEnvironment
    environment = make(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(place) for place in loaders]),
        undefined=Missing,
        autoescape=kind == "html",
        keep_trailing_newline=True,
        trim_blocks=kind == "html",
        lstrip_blocks=kind == "html",
    )
    environment.filters |= FILTERS[kind]
    return environment


class Missing(jinja2.StrictUndefined):
    """A name that a template asks for and isn't handed: any use is an error, which suggests the nearest name."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        thing = self._undefined_obj
        if name.startswith("_"):
            return f'the name "{name}" is none that templates may use'
        if thing is jinja2.utils.missing:
            return f'unknown name "{name}"'
        known = [each for each in dir(thing) if not each.startswith("_")] if not isinstance(thing, dict) else thing
        return unknown("name", name, known) if known else f'unknown name "{name}"'


def _complaint(error: Exception, name: str, kind: str) -> InputError:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return InputError(f"{error.message}", where=f"{kind}/{error.name or name}, line {error.lineno}")
    if isinstance(error, jinja2.TemplateNotFound):
        return InputError(f'there is no template "{error.message}" here', where=f"{kind}/{name}")
    place = _place_in_template(error)
    where = f"{kind}/{name}" if place is None else f"{kind}/{place[0]}, line {place[1]}"
    return InputError(str(error) or type(error).__name__, where=where)


def _place_in_template(error: Exception) -> tuple[str, int] | None:
    """The innermost template and its line; the engine gives frames of templates their own names and lines."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(SUFFIXES)]
    return (Path(frames[-1].filename).name, frames[-1].lineno or 0) if frames else None


def _raised_by_template(error: Exception) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.endswith(SUFFIXES)
