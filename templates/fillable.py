"""Room: templates. Markdown pages laid out by their template once, then filled for each sheet that differs in numbers.

A template lays out what it is handed. Two sheets that have as many lines, with the same words around them, are laid out
alike; so the template is given marks in place of numbers, formulas and names, and what comes out is kept. The first
page is laid out both ways and compared; where that differs, all are laid out by the template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from templates.markdown_page import Paragraph, SetSection, code, escaped
from templates.set_exercise import AnswerRow, Drawn, Header, SetExercise

MOST_KEPT = 64
"""Layouts; a class has two for each exercise's page, more where lines are left blank or broken."""

_MARK = re.compile("gap([0-9]{6})x")


@dataclass(frozen=True, slots=True)
class Layout:
    """A page with places for texts: which of them stands at each."""

    text: str
    order: tuple[int, ...]

    def filled(self, texts: Sequence[str]) -> str:
        return self.text % tuple([texts[place] for place in self.order])


Lay = Callable[[Header, Sequence[SetExercise]], str]
_kept: dict[Hashable, Layout | None] = {}


def page_text(template: str, header: Header, exercises: Sequence[SetExercise], lay: Lay) -> str:
    """What ``lay`` makes of a page by ``template``, which must be one of ours."""
    texts = [escaped(header.student), code(header.sheet), code(header.form)]
    for exercise in exercises:
        texts += _texts(exercise)
    if any(exercise.revealed or exercise.lines for exercise in exercises) or not all(map(_in_one_line, texts[3:])):
        return lay(header, exercises)
    own = (bool(header.student), bool(header.sheet), bool(header.form))
    said = (header.title, header.course, header.date, header.note, *own)
    key = (template, said, *map(_fixed, exercises))
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = _laid_out(header, exercises, texts, lay)
    layout = _kept[key]
    return lay(header, exercises) if layout is None else layout.filled(texts)


def _in_one_line(text: str) -> bool:
    return bool(text) and not text[-1].isspace() and "\n" not in text


def _laid_out(header: Header, exercises: Sequence[SetExercise], texts: Sequence[str], lay: Lay) -> Layout | None:
    marks = iter([f"gap{place:06}x" for place in range(len(texts))])
    student, sheet, form = next(marks), next(marks), next(marks)
    marked = replace(
        header,
        student=student if header.student else "",
        sheet=sheet if header.sheet else "",
        form=form if header.form else "",
    )
    page = lay(marked, [_with(exercise, marks) for exercise in exercises])
    page = page.replace(code(sheet), sheet).replace(code(form), form)
    text = "%s".join(part.replace("%", "%%") for part in _MARK.split(page)[::2])
    layout = Layout(text, tuple(int(place) for place in _MARK.findall(page)))
    return layout if layout.filled(texts) == lay(header, exercises) else None


def _texts(exercise: SetExercise) -> Iterator[str]:
    """What may differ from sheet to sheet, as it stands on the page."""
    if exercise.drawn is not None:
        yield exercise.drawn.link
        yield escaped(exercise.drawn.words)
    yield from exercise.given
    for section in (*exercise.sections, *exercise.shown):
        for paragraph in section.paragraphs:
            yield from paragraph.formulas
            yield from paragraph.typed
    for row in exercise.answers:
        yield row.value


def _fixed(exercise: SetExercise) -> Hashable:
    """What must be the same for the layout to be the same."""
    rows = tuple([(row.id, row.symbol, row.places) for row in exercise.answers])
    parts = (_shape(exercise.sections), _shape(exercise.shown), rows, exercise.outline, exercise.legend)
    return (exercise.number, exercise.words, exercise.drawn is None, len(exercise.given), *parts)


def _shape(sections: Sequence[SetSection]) -> Hashable:
    return tuple(
        [
            (one.heading, tuple([(each.reason, len(each.formulas), len(each.typed)) for each in one.paragraphs]))
            for one in sections
        ]
    )


def _with(exercise: SetExercise, marks: Iterator[str]) -> SetExercise:
    """The exercise with marks in place of its texts, in the order in which they are told."""
    drawn = exercise.drawn and Drawn(next(marks), next(marks), "")
    given = _as_many(exercise.given, marks)
    sections = tuple(_section_with(section, marks) for section in exercise.sections)
    shown = tuple(_section_with(section, marks) for section in exercise.shown)
    answers = tuple(AnswerRow(row.id, row.symbol, row.places, next(marks)) for row in exercise.answers)
    return replace(exercise, drawn=drawn, given=given, sections=sections, shown=shown, answers=answers)


def _section_with(section: SetSection, marks: Iterator[str]) -> SetSection:
    paragraphs = tuple(
        Paragraph(each.reason, _as_many(each.formulas, marks), _as_many(each.typed, marks))
        for each in section.paragraphs
    )
    return SetSection(section.heading, paragraphs)


def _as_many(texts: Sequence[str], marks: Iterator[str]) -> tuple[str, ...]:
    return tuple(next(marks) for _ in texts)
