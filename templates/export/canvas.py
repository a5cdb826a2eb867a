"""Room: templates. Canvas (QTI 1.2, classic quizzes): a quiz a set of numbers, a numerical question a cell.

Canvas keeps four decimals of what is typed, so a number with more is asked times a power of ten. It knows no wrong
answers for numerical questions: what known mistakes lead to is listed in the comment on a wrong answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

from templates.export.body import as_mathml, printable, remark, said, text_of
from templates.export.decimals import written
from templates.export.item import Accepted, AskedCell, Item, ItemSet
from templates.export.package import Resource, packaged
from templates.export.reference import reference, shown

KEPT = -4
"""Power of ten of the last digit that Canvas keeps of what is typed."""

NOTES = (
    "Canvas marks each number by itself, without the student's earlier ones: a half-width holds for everybody who "
    "rounds every line, so it is wider than on the sheet, and no marks are carried on.",
    "Canvas can't tell one wrong number from another: what known mistakes lead to stands in the comment on wrong "
    "answers, for students to compare.",
)

ADVICE = "<p><em>Each number is marked by itself: work on with your calculator's digits, or round every line.</em></p>"

_NAMESPACE = 'xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"'
_BOX = (
    '\n<response_str ident="response1" rcardinality="Single"><render_fib fibtype="Decimal">'
    '<response_label ident="answer1"/></render_fib></response_str></presentation>'
)
_SCORE = '<outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>'


def power_of(cell: AskedCell) -> int:
    """The smallest power of ten by which a cell is asked so that no digit is lost; 0 for up to four decimals."""
    return max(0, KEPT - cell.unit.adjusted())


def canvas_package(items: ItemSet) -> bytes:
    """The zip that Canvas imports as "QTI .zip file"."""
    files: dict[str, str] = {}
    resources = []
    for label in items.labels:
        ident = _ident(items.name, label)
        files[f"{ident}/{ident}.xml"] = _assessment(items, label, ident, files)
        resources.append(Resource(ident, "imsqti_xmlv1p2", f"{ident}/{ident}.xml"))
    resources += [Resource(_ident(name), "webcontent", name) for name in files if name.endswith(".svg")]
    return packaged(_ident(items.name), files, resources)


def _assessment(items: ItemSet, label: str, ident: str, files: dict[str, str]) -> str:
    title = " · ".join(part for part in (items.title or items.name, label) if part)
    asked = "\n".join(_exercise(items, item, ident, files) for item in items.of(label))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<questestinterop {_NAMESPACE}>\n'
        f"<assessment ident={quoteattr(ident)} title={quoteattr(printable(title))}>\n"
        f"<qticomment>{xml(' '.join(NOTES))}</qticomment>\n"
        f'<section ident="root_section">\n{asked}\n</section>\n</assessment>\n</questestinterop>\n'
    )


def _exercise(items: ItemSet, item: Item, ident: str, files: dict[str, str]) -> str:
    picture = ""
    if item.figure is not None:
        name = f"drawings/{ident}-{item.exercise}.svg"
        files[f"web_resources/{name}"] = item.figure.svg
        picture = f"$IMS-CC-FILEBASE$/{name}"
    heading = f"Exercise {item.exercise}" if items.several else "The exercise"
    stem = _item(
        f"{ident}-{item.exercise}", heading, "text_only_question", 0, text_of(item, as_mathml, picture) + ADVICE
    )
    return "\n".join((stem, *_questions(items, item, ident)))


def _questions(items: ItemSet, item: Item, ident: str) -> Iterator[str]:
    before = f"{item.exercise}:" if items.several else ""
    for place, cell in enumerate(item.cells, start=1):
        power = power_of(cell)
        text = f"<p>{as_mathml(cell.symbol)} to {escape(cell.places)}</p>"
        if power:
            times = f"<strong>times 10<sup>{power}</sup></strong>"
            text += f"<p>Write this number {times}: move its decimal point {power} places to the right.</p>"
        text += shown(f"{reference(items, item)}.{place}")
        right = Accepted(cell.right.value.scaleb(power), cell.right.half_width.scaleb(power))
        comment = _comment(cell, power)
        rest = _BOX + _processing(right, bool(comment)) + _feedback(comment)
        name = f"{ident}-{item.exercise}-{place}"
        yield _item(name, before + cell.id, "numerical_question", 1, text, rest)


def _item(ident: str, title: str, kind: str, points: int, text: str, rest: str = "</presentation>") -> str:
    fields = "".join(
        f"<qtimetadatafield><fieldlabel>{name}</fieldlabel><fieldentry>{value}</fieldentry></qtimetadatafield>"
        for name, value in (("question_type", kind), ("points_possible", points))
    )
    return (
        f"<item ident={quoteattr(ident)} title={quoteattr(printable(title))}>\n"
        f"<itemmetadata><qtimetadata>{fields}</qtimetadata></itemmetadata>\n"
        f"<presentation>{_material(text)}{rest}\n</item>"
    )


def _processing(right: Accepted, comment: bool) -> str:
    def number(tag: str, value: Decimal) -> str:
        return f'<{tag} respident="response1">{written(value)}</{tag}>'

    # Both bounds included: a "greater than" that ends in 5 would be read again as so many significant digits.
    bounds = number("vargte", right.low) + number("varlte", right.high)
    fits = f"<or>{number('varequal', right.value)}<and>{bounds}</and></or>"
    wrong = '<displayfeedback feedbacktype="Response" linkrefid="general_incorrect_fb"/>'
    otherwise = f'<respcondition continue="Yes"><conditionvar><other/></conditionvar>{wrong}</respcondition>'
    scored = f'<conditionvar>{fits}</conditionvar><setvar action="Set" varname="SCORE">100</setvar>'
    first = f'<respcondition continue="No">{scored}</respcondition>'
    return f"\n<resprocessing>{_SCORE}{first}{otherwise if comment else ''}</resprocessing>"


def _comment(cell: AskedCell, power: int) -> str:
    """What known mistakes lead to, in the order of size."""
    lines = [
        f"<li>{number}: {said(remark(known.sentences, known.carried), as_mathml)}</li>"
        for known in cell.known
        for number in (written(known.accepted.value.quantize(cell.unit).scaleb(power)),)
    ]
    return f"<p>If you have one of these numbers, look here:</p><ul>{''.join(lines)}</ul>" if lines else ""


def _feedback(comment: str) -> str:
    if not comment:
        return ""
    return f'\n<itemfeedback ident="general_incorrect_fb"><flow_mat>{_material(comment)}</flow_mat></itemfeedback>'


def _material(html: str) -> str:
    return f'<material><mattext texttype="text/html">{xml(printable(html))}</mattext></material>'


def _ident(*parts: str) -> str:
    return "g" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
