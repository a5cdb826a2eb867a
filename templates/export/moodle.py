"""Room: templates. Moodle XML: a category an exercise, a cloze question a variant; numerical where one number is asked.

A further answer is a wrong number that a known mistake leads to, with its sentence; one that follows rightly from a
mistake before has the full mark, as the grader would give it. Moodle takes the first answer that fits.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from templates.export.body import as_latex, plain, printable, remark, said, text_of
from templates.export.decimals import written
from templates.export.item import Accepted, AskedCell, Item, ItemSet, Known
from templates.export.reference import reference, shown

FIGURE = "drawing.svg"
LONGEST_NAME = 250

NOTES = (
    "Moodle marks each number by itself, without the student's earlier ones: a half-width holds for everybody who "
    "rounds every line, so it is wider than on the sheet.",
    "Marks are carried on only after the mistakes that are listed as further answers; after any other slip they are "
    "not. Hand-ins marked by gradsheet check or grade are carried in full.",
)


def moodle_xml(items: ItemSet) -> bytes:
    """The file that Moodle's question bank imports as "Moodle XML format"."""
    quiz = Element("quiz")
    before = 0
    for item in items.items:
        if item.exercise != before:
            quiz.append(_category(items, item.exercise))
            before = item.exercise
        quiz.append(_question(items, item))
    ElementTree.indent(quiz, " ")
    text: str = ElementTree.tostring(quiz, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _category(items: ItemSet, exercise: int) -> Element:
    question = Element("question", type="category")
    # A slash would begin another category; written twice it is one.
    path = f"$course$/top/{(items.title or items.name).replace('/', '//')}/Exercise {exercise}"
    _text(SubElement(question, "category"), path)
    _text(SubElement(question, "info", format="html"), "".join(f"<p>{escape(note)}</p>" for note in NOTES))
    return question


def name_of(items: ItemSet, item: Item) -> str:
    """The question's name in the question bank."""
    parts = [items.title or items.name, f"exercise {item.exercise}" if items.several else "", item.label]
    return printable(", ".join(part for part in parts if part))[:LONGEST_NAME]


def _question(items: ItemSet, item: Item) -> Element:
    alone = len(item.cells) == 1
    question = Element("question", type="numerical" if alone else "cloze")
    _text(SubElement(question, "name"), name_of(items, item))
    asked = _asked(item.cells[0]) if alone else _table(item.cells)
    body = text_of(item, as_latex, f"@@PLUGINFILE@@/{FIGURE}")
    questiontext = SubElement(question, "questiontext", format="html")
    _text(questiontext, f"{body}\n{asked}\n{shown(reference(items, item))}")
    if item.figure is not None:
        file = SubElement(questiontext, "file", name=FIGURE, path="/", encoding="base64")
        file.text = base64.b64encode(item.figure.svg.encode()).decode()
    _text(SubElement(question, "generalfeedback", format="html"), "")
    if alone:
        SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "penalty").text = "0"
    SubElement(question, "hidden").text = "0"
    question.extend(_answers(item.cells[0]) if alone else ())
    return question


def _asked(cell: AskedCell) -> str:
    return f"<p>{as_latex(cell.symbol)} to {cell.places}:</p>"


def _answers(cell: AskedCell) -> Iterator[Element]:
    for share, accepted, feedback in (
        (100, cell.right, ""),
        *((share_of(known), known.accepted, _remark(known)) for known in cell.known),
    ):
        answer = Element("answer", fraction=str(share), format="moodle_auto_format")
        SubElement(answer, "text").text = written(accepted.value)
        SubElement(answer, "tolerance").text = written(accepted.half_width)
        _text(SubElement(answer, "feedback", format="html"), feedback)
        yield answer


def share_of(known: Known) -> int:
    """Per cent of the mark: all of it where the cell's own rule was kept."""
    return 100 if known.carried else 0


def _remark(known: Known) -> str:
    return f"<p>{said(remark(known.sentences, known.carried), as_latex)}</p>"


def _table(cells: Iterable[AskedCell]) -> str:
    rows = "\n".join(
        f"<tr><td>{as_latex(cell.symbol)}</td><td>{gap(cell)}</td><td>to {cell.places}</td></tr>" for cell in cells
    )
    return f"<table>\n<tbody>\n{rows}\n</tbody>\n</table>"


def gap(cell: AskedCell) -> str:
    """The cell in Moodle's cloze language: ``{1:NUMERICAL:=0.35:0.001~%0%0.7:0.001#sentence}``."""
    answers = [f"={_numbers(cell.right)}"]
    for known in cell.known:
        # The bubble in which this is shown sets no formulas.
        sentence = plain(remark(known.sentences, known.carried))
        answers.append(f"%{share_of(known)}%{_numbers(known.accepted)}#{escaped(sentence)}")
    return "{1:NUMERICAL:" + "~".join(answers) + "}"


def _numbers(accepted: Accepted) -> str:
    return f"{written(accepted.value)}:{written(accepted.half_width)}"


def without_signs(sentence: str) -> str:
    """A sentence with signs that look like those which Moodle's cloze language has no way to write."""
    return printable(sentence).replace("~", "∼").replace("\\", "∖")


def escaped(sentence: str) -> str:
    """A sentence as cloze feedback: what would end it is written with a backslash.

    Moodle decodes feedback before it takes it for HTML, so it is escaped twice.
    """
    html = escape(escape(without_signs(sentence), quote=False), quote=False)
    return re.sub(r"([}#])", r"\\\1", html)


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = printable(text)
