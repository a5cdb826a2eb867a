"""Room: templates. Sheets, keys, answer forms and teacher's notes: exercises in, text out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Protocol

import numpy as np

from exercises.fading import faded
from exercises.notation import Notation, notation_for
from exercises.outline import Outline, outline
from exercises.plan import Plan, flatten
from exercises.precision import Places, Precision
from exercises.program import Program
from exercises.reasons import count, say
from exercises.solution import Solution, all_filled_in, filled_in
from exercises.specification import Exercise, Specification
from templates.drawing import key_picture, sheet_picture, svg_of, words_of
from templates.environment import FILTERS, Templates, ours
from templates.fillable import page_text
from templates.handing_in import handing_in
from templates.markdown_page import MarkdownPage, code, escaped, escaped_words, page_of, symbol
from templates.planted import in_rows, named_lines, planted_working, revealed, right_answers
from templates.same import Same
from templates.set_exercise import AnswerRow, Drawn, SetExercise
from templates.set_exercise import Header as Header

# Texts of users are values, never templates; what Markdown would make of them is prevented by `escaped`.
FILTERS["markdown"] |= {"escaped": escaped, "code": code, "in_rows": in_rows}


class NoteLike(Protocol):
    """What the teacher should know of a sheet's numbers; ``str`` says it."""

    def __str__(self) -> str: ...


def markdown_text(template: str, templates: Templates | None = None, /, **values: object) -> str:
    """A template for Markdown filled; blank lines are never more than one."""
    text = (templates or ours()).filled("markdown", template, values)
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"


@lru_cache(maxsize=64)
def _prepared(program: Same[Program], style: str, detail: str, asked: tuple[str, ...]) -> tuple[Plan, Outline]:
    """What all students' variants of an exercise share."""
    told = outline(program.it, notation_for(style, program.it), detail=detail, asked=asked)
    return flatten(program.it), told


def solution_of(exercise: Exercise, *, detail: str | None = None, notation: str | None = None) -> Solution:
    """An exercise with all its numbers, worked out; ValueError where some, or the places, are still open."""
    return replace(_worked(exercise, detail, notation), asked=exercise.asked)


def _worked(exercise: Exercise, detail: str | None, notation: str | None) -> Solution:
    same = Same(exercise)
    ready = _AHEAD.get(same) if detail is None and notation is None else None
    return _worked_out(same, detail, notation) if ready is None else ready


_AHEAD: dict[Same[Exercise], Solution] = {}
"""Solutions of the sheets that are about to be set; see ``work_ahead``."""


def work_ahead(exercises: Sequence[Exercise]) -> None:
    """Work out variants of one exercise together, which is much cheaper than one by one, for whoever sets them next.

    They take the place of those worked out ahead before, but for the other exercises of the same sheets.
    """
    first = exercises[0]
    if first.precision is None or any(one.open_names or one.precision is not first.precision for one in exercises):
        return  # worked out one by one, or complained of, when they are set
    plan, told = _prepared(Same(first.program), first.notation, first.detail, first.worked)
    given = {name: np.concatenate([one.given[name] for one in exercises], axis=-1) for name in first.given}
    worked = all_filled_in(told, {**given, **plan.run(given)}, first.precision, len(exercises))
    _AHEAD.update(zip(map(Same, exercises), worked, strict=True))


def forget_ahead() -> None:
    """Let go of what was worked out ahead."""
    _AHEAD.clear()


@lru_cache(maxsize=16)
def _worked_out(same: Same[Exercise], detail: str | None, notation: str | None) -> Solution:
    """Worked out once for the sheet and the key, in all formats."""
    exercise = same.it
    if exercise.open_names or exercise.precision is None:
        raise ValueError(f"exercise {exercise.number} still has open numbers or places")
    style, wished = notation or exercise.notation, detail or exercise.detail
    plan, told = _prepared(Same(exercise.program), style, wished, exercise.worked)
    return filled_in(told, {**exercise.given, **plan.run(exercise.given)}, exercise.precision)


def shown_working(exercise: Exercise) -> Solution | None:
    """What a sheet shows of the working: with blanks for what is asked, or with a mistake in it; None where nothing."""
    if exercise.finding:
        return planted_working(exercise)
    if exercise.fade is None or len(exercise.asked) == len(exercise.worked):
        return None
    return faded(_worked(exercise, None, None), exercise.asked)


def _set(exercise: Exercise, several: bool, worked: bool, name: str) -> SetExercise:
    solution = solution_of(exercise)
    page = page_of(solution.notation)
    shown = None if worked else shown_working(exercise)
    write = partial(symbol, solution.notation)
    return SetExercise(
        exercise.number,
        description(solution.notation),
        _drawn(exercise, solution, shown, several, worked, name) if name else None,
        tuple(page.given(given) for given in solution.given),
        page.outline(solution),
        _legend(page, solution, shown, worked),
        page.sections(solution) if worked else (),
        () if shown is None else page.sections(shown),
        answer_rows(exercise, solution, several),
        named_lines(exercise, write) if exercise.finding else (),
        revealed(exercise, write, escaped_words) if exercise.finding and worked else None,
    )


def _drawn(
    exercise: Exercise, solution: Solution, shown: Solution | None, several: bool, worked: bool, name: str
) -> Drawn | None:
    picture = key_picture(solution) if worked else sheet_picture(solution, shown)
    if picture is None:
        return None
    return Drawn(drawing_file(name, exercise, several), words_of(picture), svg_of(picture))


def drawing_file(name: str, exercise: Exercise, several: bool) -> str:
    """A drawing is called like its sheet; numbered where there are several, all of them, so that no other sheet's
    drawing can have the same name."""
    return f"{name}-{exercise.number}.svg" if several else f"{name}.svg"


def _legend(page: MarkdownPage, solution: Solution, shown: Solution | None, worked: bool) -> tuple[str, ...]:
    """What the symbols mean; of working with a mistake in it too, which may need others."""
    if not worked and shown is None:
        return page.question(solution)
    more = () if shown is None else page.legend(shown)
    return tuple(dict.fromkeys((*page.legend(solution), *more, page.said(solution.rounding))))


def answer_rows(exercise: Exercise, solution: Solution, several: bool) -> tuple[AnswerRow, ...]:
    """The asked cells with their values; ids carry the exercise's number where there are several."""
    if exercise.finding:
        return finding_rows(exercise, solution, several)
    number = exercise.number if several else 0
    heads = _row_heads(Same(solution.notation), Same(solution.precision), exercise.asked, number)
    texts = solution.texts
    return tuple([AnswerRow(*head, texts[cell]) for head, cell in zip(heads, exercise.asked, strict=True)])


@lru_cache(maxsize=64)
def _row_heads(
    notation: Same[Notation], precision: Same[Precision], asked: tuple[str, ...], number: int
) -> tuple[tuple[str, str, str], ...]:
    """Id, symbol and places of each asked cell, which all sheets of a class share."""
    return tuple(
        (f"{number}:{cell}" if number else cell, symbol(notation.it, cell), str(precision.it.of(cell)))
        for cell in asked
    )


def finding_rows(exercise: Exercise, solution: Solution, several: bool) -> tuple[AnswerRow, ...]:
    """The line and its value; the places are those of all lines, so that they give no line away."""
    places = dict.fromkeys(str(solution.precision.of(line.id)) for line in named_lines(exercise, str))
    value_places = " or ".join(places) + (", as printed" if len(places) > 1 else "")
    wanted = (("the first wrong line", "its id"), ("its right value", value_places))
    return tuple(
        AnswerRow(cell_of(exercise, name, several), words, form, text)
        for (name, text), (words, form) in zip(right_answers(exercise).items(), wanted, strict=True)
    )


def short_places(places: Places) -> str:
    """Below a heading that says "places": the number of decimals, or of significant figures, which say so."""
    return f"{places.digits} sig." if places.significant else str(places.digits)


def cell_of(exercise: Exercise, cell: str, several: bool) -> str:
    """A cell's id as a hand-in names it."""
    return f"{exercise.number}:{cell}" if several else cell


def description(notation: Notation) -> str:
    """The exercise in words."""
    network, telling = notation.network, notation.program.telling
    if telling is not None:
        return telling.description
    if network is None:
        operations = sum("|" not in step.name and not step.chain for step in notation.program.steps)
        return _plain(say("circuit", count=_counted(operations, "operation")))
    hidden = [_counted(size, "unit") for size in network.sizes[1:-1]]
    return _plain(
        say(
            "network" if hidden else "network-without-hidden",
            inputs=_counted(network.sizes[0], "input"),
            hidden=" and ".join(hidden),
            layers="a hidden layer" if len(hidden) == 1 else f"{count(len(hidden))} hidden layers",
            outputs=_counted(network.outputs, "output"),
            examples="" if network.examples is None else f", with {_counted(network.examples, 'training example')}",
        )
    )


def _counted(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def _plain(words: Sequence[object]) -> str:
    return "".join(map(str, words))


def render_sheet(header: Header, exercises: Sequence[Exercise], templates: Templates | None = None) -> str:
    """What a student works on, as Markdown: what is given, what is asked, and an answer table to fill in."""
    return _text("sheet.md.j2", header, _pages(exercises, worked=False), templates)


def render_key(header: Header, exercises: Sequence[Exercise], templates: Templates | None = None) -> str:
    """The worked solutions with a table of all asked values, as Markdown."""
    return _text("key.md.j2", header, _pages(exercises, worked=True), templates)


def sheet_files(
    header: Header, exercises: Sequence[Exercise], name: str, templates: Templates | None = None
) -> dict[str, str]:
    """What a student works on, by names of files: ``name.md``, and the drawings it shows, ``name.svg``.

    Of several exercises the drawings are ``name-1.svg``, ``name-2.svg``, …
    """
    return _files("sheet.md.j2", header, _pages(exercises, worked=False, name=name), name, templates)


def key_files(
    header: Header, exercises: Sequence[Exercise], name: str, templates: Templates | None = None
) -> dict[str, str]:
    """The worked solutions, by names of files as ``sheet_files`` has them."""
    return _files("key.md.j2", header, _pages(exercises, worked=True, name=name), name, templates)


def _pages(exercises: Sequence[Exercise], *, worked: bool, name: str = "") -> list[SetExercise]:
    return [_set(each, len(exercises) > 1, worked, name) for each in exercises]


def _text(template: str, header: Header, pages: Sequence[SetExercise], templates: Templates | None) -> str:
    def lay(head: Header, exercises: Sequence[SetExercise]) -> str:
        told = handing_in(head.form, [bool(one.lines) for one in exercises if one.answers], table=True)
        return markdown_text(template, templates, header=head, exercises=exercises, handing_in=told)

    if templates is not None and templates is not ours():
        return lay(header, pages)  # a teacher's template may do with numbers what it likes
    return page_text(template, header, pages, lay)


def _files(
    template: str, header: Header, pages: Sequence[SetExercise], name: str, templates: Templates | None
) -> dict[str, str]:
    drawings = {page.drawn.file: page.drawn.svg for page in pages if page.drawn is not None}
    return {f"{name}.md": _text(template, header, pages, templates), **drawings}


def render_solution(
    exercise: Exercise,
    *,
    detail: str | None = None,
    notation: str | None = None,
    templates: Templates | None = None,
    drawn_in: str = "",
) -> tuple[str, dict[str, str]]:
    """One worked solution as Markdown, and the drawing that it shows by the name of its file, ``drawn_in``; none where
    that is empty.
    """
    solution = solution_of(exercise, detail=detail, notation=notation)
    page = page_of(solution.notation)
    picture = key_picture(solution) if drawn_in else None
    drawn = None if picture is None else Drawn(drawn_in, words_of(picture), svg_of(picture))
    text = markdown_text(
        "solution.md.j2",
        templates,
        drawn=drawn,
        given=[page.given(given) for given in solution.given],
        legend=page.worked_legend(solution),
        sections=page.sections(solution),
        level="##",
    )
    return text, {} if drawn is None else {drawn.file: drawn.svg}


def render_answer_form(exercises: Sequence[Exercise]) -> str:
    """A CSV with the asked cells and an empty column to fill in."""
    form = io.StringIO()
    rows = csv.writer(form, lineterminator="\n")
    rows.writerow(("id", "value"))
    for exercise in exercises:
        rows.writerows((cell_of(exercise, cell, len(exercises) > 1), "") for cell in exercise.answers)
    return form.getvalue()


Notes = Sequence[tuple[str, Sequence[Sequence[NoteLike]]]]
"""For each student's id, the notes of each exercise."""


class IndistinctLike(Protocol):
    """What no numbers can show on an exercise: mistakes that leave every asked value right, and pairs that give the
    same values.
    """

    @property
    def unseen(self) -> Sequence[str]: ...
    @property
    def alike(self) -> Sequence[tuple[str, str]]: ...


def render_notes(
    specification: Specification,
    notes: Notes,
    templates: Templates | None = None,
    indistinct: Sequence[IndistinctLike] = (),
    places: Sequence[tuple[int, int] | None] = (),
) -> str:
    """What the teacher should know, as Markdown: which conditions which sheets don't meet, and for each exercise which
    mistakes no numbers can show. ``places``: the decimals that an exercise asks for, and more that would be better.
    """
    found: dict[tuple[int, str], list[str]] = {}
    for student, by_exercise in notes:
        for exercise, each in enumerate(by_exercise, start=1):
            for note in each:
                found.setdefault((exercise, str(note)), []).append(student)
    rows = [_NoteRow(exercise, sentence, tuple(students)) for (exercise, sentence), students in found.items()]
    return markdown_text(
        "notes.md.j2",
        templates,
        title=specification.title or specification.name,
        students=len(notes),
        rows=sorted(rows, key=lambda row: (row.exercise, -len(row.students))),
        longest=LONGEST_LIST,
        places=[(number, *one) for number, one in enumerate(places, start=1) if one is not None],
        indistinct=[(number, one) for number, one in enumerate(indistinct, start=1) if one.unseen or one.alike],
    )


LONGEST_LIST = 12
"""Students named in one note; of more only their number is said."""


@dataclass(frozen=True, slots=True)
class _NoteRow:
    exercise: int
    sentence: str
    students: tuple[str, ...]
