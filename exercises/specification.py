"""Room: exercises. The TOML a teacher writes, read, typed and checked; and written again with all numbers filled in."""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from exercises.errors import InputError, nearest
from exercises.fading import Fade, FadeWish, fades, left_blank
from exercises.families import family_named
from exercises.families.family import Drawn, Family, FamilyOptions
from exercises.given import as_written, given_arrays
from exercises.lessons import Lesson, course_file, course_files
from exercises.merging import twins
from exercises.notation import Notation, notation_for
from exercises.operations.row import Array
from exercises.planted import ANSWERS, FIND, Mode, labels_of
from exercises.precision import Places, Precision, parse_places, written
from exercises.program import Program
from exercises.quantities import asked_cells, quantity_named
from exercises.toml_text import toml_line
from exercises.typed import fields_of, typed

PUBLISHED = Path(__file__).parent / "published"

LARGEST_FILE = 1_000_000
"""Characters. The largest network there is has its weights listed in less."""

MOST_EXERCISES = 50

LONGEST_PATH = 250
"""Characters; what operating systems refuse with an error of their own is longer."""

LONGEST_MESSAGE = 500

Detail = Literal["matrix", "component", "both"]
Paper = Literal["a4", "us-letter"]
Space = Literal["boxes", "lines", "none"]


class ExerciseKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of an exercise whatever its family."""

    family: str
    notation: str = "layered"
    decimals: int | str | dict[str, int | str] | None = None
    ask: tuple[str, ...] | None = None
    fade: FadeWish = None
    detail: Detail = "both"
    mode: Mode = "solve"
    mistake: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a worked example that people know comes from, and what its author got wrong."""

    source: str
    description: str
    erratum: str = ""


class SetKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of the whole set."""

    exercise: list[dict[str, Any]]
    name: str | None = None
    title: str = ""
    course: str = ""
    date: str = ""
    note: str = ""
    paper: Paper = "a4"
    space: Space = "boxes"
    logo: str = ""
    published: Published | None = None
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """One exercise: its program, the numbers that are fixed (shape + (1,)), and what is asked to which places.

    ``precision`` is None where the teacher leaves the decimals open; ``own_places`` are those of single quantities.
    ``asked`` are cell ids in the program's order; ``drawn`` says where open numbers come from. ``worked`` are the cells
    that the working leads to: those asked, and in a faded exercise also those that are shown. ``keys`` is the table as
    it was written, of a series that of this one exercise. ``mode`` and ``mistake``: see ``exercises.planted``; the
    mistake is a wished code until numbers are drawn, then the label of the one planted.
    """

    number: int
    family: Family
    options: FamilyOptions
    program: Program
    given: Mapping[str, Array]
    notation: str
    precision: Precision | None
    own_places: Mapping[str, Places]
    asked: tuple[str, ...]
    detail: Detail
    drawn: Drawn
    worked: tuple[str, ...]
    fade: Fade | None
    keys: Mapping[str, Any] = field(repr=False)
    mode: Mode = "solve"
    mistake: str = ""

    @property
    def finding(self) -> bool:
        """Whether a mistake is to be found in printed working, instead of numbers worked out."""
        return self.mode == FIND

    @property
    def answers(self) -> tuple[str, ...]:
        """The ids of what is handed in: the cells asked, or what is said of the mistake."""
        return ANSWERS if self.finding else self.asked

    @property
    def open_names(self) -> tuple[str, ...]:
        """The quantities whose numbers are still to be drawn."""
        return tuple(given.name for given in self.program.givens if given.name not in self.given)

    @property
    def difficulty(self) -> str:
        """``standard`` or ``no-calculator``."""
        return self.options.difficulty

    def filled(self, given: Mapping[str, Array], precision: Precision) -> Exercise:
        """The same exercise with every number and the places fixed; the arrays have the shape + (1,)."""
        nothing_open = replace(self.drawn, slots=(), one_hot={})
        return replace(self, given=dict(given), precision=precision, drawn=nothing_open)


@dataclass(frozen=True, slots=True, eq=False)
class Specification:
    """A set of exercises; ``where`` is what the user called the file, ``name`` goes into the seeds of its numbers.

    ``space`` is the room to write that is printed; ``logo`` is an SVG file, named from where the specification is.
    """

    where: str
    name: str
    title: str
    course: str
    date: str
    note: str
    exercises: tuple[Exercise, ...]
    published: Published | None = None
    paper: Paper = "a4"
    space: Space = "boxes"
    logo: str = ""
    lesson: Lesson | None = None


def read_specification(path_or_name: str | Path) -> Specification:
    """Read a file, the published example of that name, or a sheet of the course (``course/03``); InputError where there
    is none, or what it says is wrong.
    """
    name = str(path_or_name)
    path = Path(name)
    if len(name) <= LONGEST_PATH and "\0" not in name:
        if path.is_file():
            return parse_specification(_text(path, name), name)
        if path.is_dir():
            raise InputError("expected a TOML file, found a folder", where=name)
    included = included_file(name)
    if included is not None:
        return parse_specification(_text(included, name), included.name)
    close = nearest(name, (*published_names(), *course_files()))
    hint = f'; did you mean "{close}"?' if close else '; "gradsheet list published" names the examples there are'
    raise InputError(f"no such file, nor a published example of that name{hint}", where=name[:LONGEST_PATH])


def included_file(name: str) -> Path | None:
    """The file of what comes along under a name: a published example, or a sheet of the course."""
    return PUBLISHED / f"{name}.toml" if name in published_names() else course_file(name)


def published_names() -> tuple[str, ...]:
    """The worked examples that come along, by name."""
    return tuple(sorted(path.stem for path in PUBLISHED.glob("*.toml")))


def _text(path: Path, where: str) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE * 4:
            raise InputError(f"expected at most {LARGEST_FILE} characters; this is no exercise sheet", where=where)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("expected text in UTF-8; save the file as UTF-8", where=where) from error
    except OSError as error:
        raise InputError(f"can't be read ({error.strerror}); check its permissions", where=where) from error


def parse_specification(text: str, where: str) -> Specification:
    """The set of exercises that a TOML text describes; InputError names file, exercise, key and remedy."""
    if len(text) > LARGEST_FILE:
        raise InputError(f"expected at most {LARGEST_FILE} characters, found {len(text)}", where=where)
    try:
        return _specification(_tables(text), where)
    except InputError as error:
        raise InputError(_one_line(error.message), where=error.where).at(where) from error


def _one_line(message: str) -> str:
    """What a file brings into a message may be long and have line ends in it."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", message)
    return plain if len(plain) <= LONGEST_MESSAGE else plain[: LONGEST_MESSAGE - 1] + "…"


def _tables(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no TOML: {_lower(str(error))}") from error
    except ValueError as error:
        raise InputError("expected numbers of sensible length, found one of thousands of digits") from error
    except RecursionError as error:
        raise InputError("lists or tables are nested too deeply") from error


def _lower(message: str) -> str:
    """tomllib's message, with the line in front of what is wrong there."""
    place = re.fullmatch(r"(.*) \(at (.*)\)", message, re.DOTALL)
    what, at = (place[1], f"{place[2]}: ") if place else (message, "")
    return at + what[:1].lower() + what[1:]


def _specification(table: dict[str, Any], where: str) -> Specification:
    if "exercise" not in table:
        raise InputError(
            "expected at least one exercise, found none; put a line [[exercise]] before what is said of it"
        )
    if isinstance(table["exercise"], dict):
        raise InputError(
            "expected a list of exercises, found one table; write [[exercise]], in double brackets, before each",
            where="exercise",
        )
    if isinstance(table.get("date"), datetime.date):  # TOML has dates of its own, unquoted
        table["date"] = table["date"].isoformat()
    keys = typed(SetKeys, table)
    if not 1 <= len(keys.exercise) <= MOST_EXERCISES:
        raise InputError(f"expected 1 to {MOST_EXERCISES} exercises, found {len(keys.exercise)}", where="exercise")
    exercises: list[Exercise] = []
    for number, one in enumerate(keys.exercise, start=1):
        try:
            exercises += _series(len(exercises) + 1, one)
        except InputError as error:
            raise error.at(f"exercise {number}") from error
    if len(exercises) > MOST_EXERCISES:
        raise InputError(f"expected 1 to {MOST_EXERCISES} exercises, found {len(exercises)}", where="exercise")
    name = keys.name if keys.name is not None else slug(keys.title) or slug(Path(where).stem) or "set"
    return Specification(
        where,
        name,
        keys.title,
        keys.course,
        keys.date,
        keys.note,
        tuple(exercises),
        keys.published,
        keys.paper,
        keys.space,
        keys.logo,
        keys.lesson,
    )


def slug(text: str) -> str:
    """Small letters, digits and hyphens; the accents go."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _series(first: int, table: Mapping[str, Any]) -> list[Exercise]:
    """The exercises that a table makes: several where it fades in several shares, each with numbers of its own."""
    wish = typed(ExerciseKeys, {"family": "", **{key: table[key] for key in ("fade",) if key in table}}).fade
    wished = fades(wish)
    made = [_exercise(first + place, table, fade) for place, fade in enumerate(wished)]
    if len(made) > 1 and not made[0].open_names:
        raise InputError(
            f"{len(made)} shares make {len(made)} exercises with numbers of their own, but all numbers are given; "
            "leave some out, or name one share",
            where="fade",
        )
    return made


def _exercise(number: int, table: Mapping[str, Any], fade: Fade | None) -> Exercise:
    if not isinstance(table.get("family"), str):
        typed(ExerciseKeys, {key: value for key, value in table.items() if key == "family"})
    family = family_named(table["family"])
    common = fields_of(ExerciseKeys)
    of_family = {key: value for key, value in table.items() if key not in common}
    options = typed(family.options, {**family.preset, **of_family}, known=common)
    keys = typed(ExerciseKeys, {key: value for key, value in table.items() if key in common})
    program = family.build(options)
    given = given_arrays(program, options.given, family.settled(options))
    family.check(options, given)
    default, own = _places(keys, program, family.places(options, program))
    precision = None if default is None else Precision(default, own)
    asked = asked_cells(program, family.asks(program) if keys.ask is None else keys.ask, number)
    notation = notation_for(keys.notation, program)
    detail = _detail(keys, table, program)
    return Exercise(
        number,
        family,
        options,
        program,
        given,
        keys.notation,
        precision,
        own,
        asked if fade is None else left_blank(fade, asked, _same(notation)),
        detail,
        family.draws(options, program),
        asked,
        fade,
        dict(table) if fade is None else {**table, "fade": fade.written()},
        keys.mode,
        keys.mistake,
    )


def _detail(keys: ExerciseKeys, table: Mapping[str, Any], program: Program) -> Detail:
    """How the working is told; InputError where that, or the mistake wished, doesn't go with the mode."""
    if keys.mode != FIND:
        if keys.mistake:
            raise InputError(f'a mistake is planted where mode = "{FIND}"; add that, or leave it out', where="mistake")
        return keys.detail
    if table.get("detail", "component") != "component":
        raise InputError(f'{FIND} prints a line for each number; write "component" or leave it out', where="detail")
    if keys.fade is not None:
        raise InputError(f"{FIND} prints all of the working; leave fade or mode out", where="fade")
    labels_of(program, keys.mistake)
    return "component"


def _same(notation: Notation) -> dict[str, str]:
    """Quantities that are written with the symbol of another."""
    return twins(notation.program) if notation.style.merged else {}


def _places(
    keys: ExerciseKeys, program: Program, usual: Mapping[str, Places]
) -> tuple[Places | None, dict[str, Places]]:
    """The places of all quantities, where said, and those of single ones. A number of decimals leaves means of squares
    their significant figures, where all of it would be 0.0000; one of significant figures means all quantities.
    """
    wished = keys.decimals
    if wished is None:
        return None, dict(usual)
    if not isinstance(wished, dict):
        default = parse_places(wished, "decimals")
        return default, {} if default.significant else dict(usual)
    own = dict(usual) | {
        quantity_named(name, program, where="decimals"): parse_places(value, f'decimals, "{name}"')
        for name, value in wished.items()
        if name != "default"
    }
    return parse_places(wished["default"], "decimals, default") if "default" in wished else None, own


def to_toml(specification: Specification) -> str:
    """The specification as TOML with all its numbers written out; reading it gives the same exercises again.

    The logo is left out, since its name holds only beside the specification it was written in.
    Every exercise must be filled: raises ValueError where a number or the places are still open.
    """
    lines = [
        toml_line(key, value)
        for key in ("name", "title", "course", "date", "note", "paper", "space")
        if (value := getattr(specification, key)) != _USUAL.get(key, "")
    ]
    if specification.published is not None:
        lines += ["", "[published]"]
        lines += [
            toml_line(key, value) for key, value in msgspec.structs.asdict(specification.published).items() if value
        ]
    for exercise in specification.exercises:
        lines += ["", "[[exercise]]", *_exercise_lines(exercise)]
    return "\n".join(lines) + "\n"


_USUAL = {"paper": "a4", "space": "boxes"}
"""What is so where nobody says otherwise, and needs no line."""


def _exercise_lines(exercise: Exercise) -> list[str]:
    if exercise.open_names or exercise.precision is None:
        raise ValueError(f"exercise {exercise.number} still has open numbers or places")
    settled = set(exercise.family.settled(exercise.options))
    numbers = {
        given.name: as_written(given, exercise.given[given.name])
        for given in exercise.program.givens
        if given.name not in settled
    }
    table = {key: value for key, value in exercise.keys.items() if key not in ("given", "decimals")}
    table["decimals"] = written(exercise.precision)
    table["given"] = numbers
    if exercise.finding and exercise.mistake:
        table["mistake"] = exercise.mistake
    return [toml_line(key, value) for key, value in table.items()]
